"""The law of distinct items among iid draws, against exact integers, a 60-digit contour, another method."""

import math
from fractions import Fraction
from functools import cache

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import chi2

from softsample_theory.laws import OccupancyLaw
from softsample_theory.laws.contour import unseen_log_pmf, unseen_tails
from softsample_theory.laws.occupancy_moments import distinct_cumulants, distinct_moments
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError

LARGE = [  # (n, D): the balanced case at four sizes, few repeats, nearly all seen, the largest population
    *((10**i, 10**i) for i in (4, 6, 9, 12)),
    *((10**12, 10**11), (10**12, 2 * 10**6), (10**5, 1000), (10**6, 10**7), (10**12, 2 * 10**13)),
    *((2**53, 2**53), (2**53, 2**58), (2**53, 2**30)),
]


@cache
def sequences(n: int, draws: int) -> list[int]:
    """How many sequences of `draws` draws have k distinct items, k = 0, 1, ...: the forward recurrence."""
    row = [1] + [0] * min(n, draws)
    for _ in range(draws):
        row = [0] + [row[k] * k + row[k - 1] * (n - k + 1) for k in range(1, len(row))]
    return row


@cache
def contour(n: int, draws: int, k: int) -> mp.mpf:
    """log P(K = k) to 45 digits: [z^D] (e^z - 1)^k by the trapezoid rule on its saddle circle.

    Aliases are below exp(-2 pi^2/0.4^2) = 1e-53. Digits: 70 carried, 2 log10(1e18) lost.
    """
    with mp.workdps(70):
        N, D, K = mp.mpf(n), mp.mpf(draws), mp.mpf(k)
        r = mp.findroot(lambda r: r / -mp.expm1(-r) - D / K, 2 * (D / K - 1) if D < 2 * K else D / K)
        variance = K * r * (1 / -mp.expm1(-r) - r * mp.exp(-r) / mp.expm1(-r) ** 2)
        points = max(200, 2 * int(mp.ceil(mp.pi * mp.sqrt(variance) / mp.mpf("0.4"))))
        h, total = 2 * mp.pi / points, mp.mpf(1) / 2
        for i in range(1, points // 2 + 1):
            z = r * mp.expj(h * i)
            term = mp.exp(K * mp.log(mp.expm1(z) / mp.expm1(r)) - 1j * D * h * i)
            total += term.real / (2 if 2 * i == points else 1)
            if abs(term) < mp.mpf(10) ** -45:
                break
        counts = mp.loggamma(N + 1) - mp.loggamma(K + 1) - mp.loggamma(N - K + 1) + mp.loggamma(D + 1)
        return counts - D * mp.log(N) + K * mp.log(mp.expm1(r)) - D * mp.log(r) + mp.log(total * h / mp.pi)


def points_at(law: OccupancyLaw, z_values) -> list[int]:
    low, high = law.support()
    near = (round(law.mean() + z * law.std()) for z in z_values)
    return sorted({k for k in near if max(low, 2) <= k < high})


def pmf_error(values, references) -> float:
    return max(float(abs(mp.mpf(float(v)) - r)) for v, r in zip(values, references, strict=True))


# The pmf ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "draws"),
    [
        (2, 2),
        (2, 3),
        (3, 2),
        (5, 4),
        (2, 50),
        (10, 10),
        (10, 100),
        (50, 400),
        (400, 50),
        (365, 23),
        (300, 300),
        (1000, 60),
        (150, 700),
        (2, 1000),
        (2000, 90),
    ],
)
def test_pmf_against_exact_integers(n, draws):
    check_against_integers(n, draws, range(1, min(n, draws) + 1))


def test_pmf_against_exact_integers_at_two_thousand():
    check_against_integers(2000, 2000, [*range(1, 2001, 61), *range(1130, 1400, 9)])


def check_against_integers(n, draws, ks):
    law, total = OccupancyLaw(n, draws), n**draws
    for k, got in zip(ks, law.logpmf(np.array(ks)), strict=True):
        with mp.workdps(40):
            truth = mp.log(sequences(n, draws)[k]) - mp.log(total)
            error = float(abs(mp.mpf(float(got)) - truth))
        allowed = 1e-12 if truth >= math.log(1e-30) else 1e-12 * float(abs(truth))
        assert error <= allowed / 8, (k, error)  # an eighth of the promise: what was seen is 1e-13


def test_the_integers_agree_with_stirling_numbers():
    stirling = [[1]]  # S(D, k) = k S(D-1, k) + S(D-1, k-1)
    for _ in range(12):
        last = [*stirling[-1], 0]
        stirling.append([0] + [k * last[k] + last[k - 1] for k in range(1, len(last))])
    for k in range(1, 8):
        falling = math.perm(7, k)
        assert sequences(7, 12)[k] == falling * stirling[12][k]


@pytest.mark.parametrize(("n", "draws"), LARGE)
def test_pmf_against_a_contour_of_sixty_digits(n, draws):
    law = OccupancyLaw(n, draws)
    inner, outer = points_at(law, [-8, -3, -0.2, 1, 5, 8]), points_at(law, [-20, -13, 12, 20])
    assert len(inner) >= 3
    assert pmf_error(law.logpmf(inner), [contour(n, draws, k) for k in inner]) <= 5e-14
    assert pmf_error(law.logpmf(outer), [contour(n, draws, k) for k in outer]) <= 5e-13


def test_textbook_formulas_would_be_caught():
    n = draws = 10**12
    law = OccupancyLaw(n, draws)
    k = points_at(law, [5])
    reference = [contour(n, draws, k[0])]
    z = (k[0] - law.mean()) / law.std()
    normal = -0.5 * z * z - 0.5 * math.log(2 * math.pi * law.var())  # the usual approximation
    assert pmf_error([normal], reference) > 1e-6
    off_by_one = law.logpmf([k[0] + 1])
    assert pmf_error(off_by_one, reference) > 1e-6


@pytest.mark.parametrize(("n", "draws"), [(10**12, 10**12), (2**53, 10**10), (10**9, 10**10)])
def test_one_more_draw_follows_the_recurrence(n, draws):
    """P_{D+1}(k) = P_D(k) k/n + P_D(k-1) (n-k+1)/n links two laws where no exact value is at hand."""
    now, after = OccupancyLaw(n, draws), OccupancyLaw(n, draws + 1)
    ks = np.array(points_at(now, [-6, -2, 0, 1, 4]))
    expected = now.pmf(ks) * (ks / n) + now.pmf(ks - 1) * ((n - ks + 1) / n)
    np.testing.assert_allclose(after.pmf(ks), expected, rtol=5e-14)


@pytest.mark.parametrize("case", [(10**4, 10**4), (10**9, 10**9), (10**12, 10**12), (10**9, 5 * 10**9)])
def test_agreement_with_the_contour_of_the_subset_law(case):
    """One iid draw is a subset of one: another integral, in another variable, gives the same law."""
    n, draws = case
    law = OccupancyLaw(n, draws)
    for k in points_at(law, [-8, -3, 0.2, 3, 8]):
        log_pmf, accepted = unseen_log_pmf(n, 1, draws, n - k)
        assert accepted
        assert log_pmf == pytest.approx(law.logpmf(k), abs=1e-13)
        fewer_unseen, more_unseen, accepted = unseen_tails(n, 1, draws, n - k)
        assert accepted
        assert more_unseen == pytest.approx(law.cdf(k), rel=2e-13)
        assert fewer_unseen == pytest.approx(law.sf(k), rel=2e-13)


# Tails --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "draws"), [(2, 5), (6, 3), (40, 30), (100, 350), (300, 300), (365, 23)])
def test_tails_against_exact_fractions(n, draws):
    law, counts, total = OccupancyLaw(n, draws), sequences(n, draws), n**draws
    ks = np.arange(0, min(n, draws) + 1)
    below = np.cumsum(np.array(counts, dtype=object))
    for k, cdf, sf in zip(ks, law.cdf(ks), law.sf(ks), strict=True):
        for got, truth in (
            (cdf, Fraction(int(below[k]), total)),
            (sf, Fraction(total - int(below[k]), total)),
        ):
            if truth > Fraction(1, 10**300):
                error = abs(Fraction(float(got)) / truth - 1)
                assert error <= Fraction(1, 10**13 if truth > Fraction(1, 10**30) else 10**12)


@pytest.mark.parametrize(
    ("n", "draws"), [(10**4, 10**4), (10**6, 3 * 10**4), (10**5, 10**5), (10**5, 5 * 10**5), (10**6, 10**6)]
)
def test_tails_by_integral_against_the_sum_of_the_pmf(n, draws):
    law = OccupancyLaw(n, draws)
    low, high = law.support()
    reach = int(12 * law.std()) + 400
    for k in points_at(law, [-20, -12, -7, -4, -1, 0.1, 1.3, 3, 6, 9, 15, 20]):
        if k < law.mean():
            truth, got = math.fsum(law.pmf(np.arange(max(low, k - reach), k + 1))), law.cdf(k)
        else:
            truth, got = math.fsum(law.pmf(np.arange(k + 1, min(high, k + reach) + 1))), law.sf(k)
        assert got == pytest.approx(truth, rel=1e-13)


def test_log_tails_go_on_below_the_least_float():
    law = OccupancyLaw(2000, 2000)
    with mp.workdps(40):
        truth = mp.log(sum(sequences(2000, 2000)[: 600 + 1])) - mp.log(2000**2000)
    assert law.cdf(600) == 0.0
    assert law.logcdf(600) == pytest.approx(float(truth), rel=1e-14)
    assert law.logsf(600) == 0.0


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 300), st.integers(0, 400))
def test_a_law_is_a_law(n, draws):
    law = OccupancyLaw(n, draws)
    low, high = law.support()
    ks = np.arange(low - 1, high + 2)
    pmf, cdf, sf = law.pmf(ks), law.cdf(ks), law.sf(ks)
    assert math.fsum(pmf) == pytest.approx(1.0, abs=1e-13)  # never renormalised
    assert pmf[0] == pmf[-1] == 0.0
    assert np.all(np.diff(cdf) >= -1e-15)
    np.testing.assert_allclose(cdf + sf, 1.0, rtol=2e-16)
    np.testing.assert_allclose(np.cumsum(pmf), cdf, atol=1e-13)
    log_pmf = law.logpmf(np.arange(low, high + 1))
    assert np.all(np.diff(log_pmf, 2) <= 1e-11 * np.abs(log_pmf[1:-1]) + 1e-11)  # log-concave
    assert math.fsum(pmf * ks) == pytest.approx(law.mean(), rel=1e-13)
    assert math.fsum(pmf * (ks - law.mean()) ** 2) == pytest.approx(law.var(), rel=1e-11, abs=1e-13)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.5, 15.9), st.floats(-1.5, 1.2), st.floats(1e-12, 1 - 1e-12), st.booleans())
def test_quantiles_are_exact_brackets(log_n, log_ratio, p, upper):
    n = int(10**log_n)
    law = OccupancyLaw(n, max(1, int(n * 10**log_ratio)))
    check_quantile(law, p, upper)


@pytest.mark.parametrize("n", [3, 98, 1000, 50_000, 10**9, 10**12])
@pytest.mark.parametrize("p", [1e-200, 1e-30, 0.025, 0.5, 0.975, 1 - 1e-10, 1 - 2**-53])
def test_quantiles_at_the_ends(n, p):
    for ratio in (0.4, 3.2):
        for upper in (False, True):
            check_quantile(OccupancyLaw(n, max(1, int(ratio * n))), p, upper)


def check_quantile(law, p, upper):
    if upper:
        q = int(law.isf(p))
        assert law.sf(q) <= p < law.sf(q - 1)
    else:
        q = int(law.ppf(p))
        assert law.cdf(q) >= p > law.cdf(q - 1)


def test_the_upper_quantile_keeps_what_one_minus_p_loses():
    law = OccupancyLaw(10**12, 10**12)
    assert law.isf(1e-30) > law.isf(1e-17) > law.isf(1e-15) > law.median()
    assert law.isf(1e-30) == pytest.approx(law.mean() - law.std() * ndtri(1e-30), abs=30)


# Moments ------------------------------------------------------------------------------------------------


def exact_cumulants(n: int, draws: int) -> list[mp.mpf]:
    """Cumulants of K from the factorial moments (n)_j (1-j/n)^D of the unseen, 250 digits."""
    with mp.workdps(250):
        N, D = mp.mpf(n), mp.mpf(draws)
        f = [mp.ff(N, j) * ((1 - j / N) ** D if j < n else int(draws == 0)) for j in range(1, 5)]
        m1, m2 = f[0], f[1] + f[0]
        m3, m4 = f[2] + 3 * f[1] + f[0], f[3] + 6 * f[2] + 7 * f[1] + f[0]
        fourth = m4 - 4 * m3 * m1 - 3 * m2**2 + 12 * m2 * m1**2 - 6 * m1**4
        return [N - m1, m2 - m1**2, -(m3 - 3 * m2 * m1 + 2 * m1**3), fourth]


def relative_errors(got, truth):
    return [float(abs(mp.mpf(float(g)) / t - 1)) for g, t in zip(got, truth, strict=True) if abs(t) > 1e-290]


@settings(max_examples=150, deadline=None)
@given(st.floats(0.31, 15.95), st.floats(-14.0, 2.6))
def test_moments_at_every_size(log_n, log_ratio):
    n = int(10**log_n)
    draws = min(2**62, max(2, int(n * 10**log_ratio)))
    truth = exact_cumulants(n, draws)
    mean, variance = (float(moment) for moment in distinct_moments(n, draws))
    assert variance >= 0.0
    assert max(relative_errors((mean, variance), truth[:2]), default=0.0) <= 2e-15
    assert max(relative_errors(distinct_cumulants(n, draws), truth), default=0.0) <= 5e-16


@pytest.mark.parametrize(
    ("n", "draws"), [(2, 2), (2, 60), (3, 3), (4, 3), (4, 5), (2**53, 2), (2**53, 2**53), (2**53, 2**62)]
)
def test_moments_at_the_corners(n, draws):
    law = OccupancyLaw(n, draws)
    truth = exact_cumulants(n, draws)
    assert max(relative_errors((law.mean(), law.var()), truth[:2])) <= 2e-15


def test_moments_of_a_whole_curve():
    draws = np.array([[0, 1, 2], [10**6, 10**9, 10**13]])
    mean, variance = distinct_moments(10**9, draws)
    assert mean.shape == variance.shape == draws.shape
    for index, D in np.ndenumerate(draws):
        law = OccupancyLaw(10**9, int(D))
        assert (mean[index], variance[index]) == (law.mean(), law.var())


def test_the_textbook_variance_would_be_caught():
    n = draws = 10**9
    q1, q2 = (1 - 1 / n) ** draws, (1 - 2 / n) ** draws
    textbook = n * q1 + n * (n - 1) * q2 - (n * q1) ** 2
    truth = exact_cumulants(n, draws)[:2]
    assert relative_errors((n * (1 - q1), textbook), truth)[1] > 1e-2


def test_skewness_and_kurtosis_against_the_exact_law():
    law = OccupancyLaw(20, 30)
    p = [Fraction(c, 20**30) for c in sequences(20, 30)]
    mean = sum(k * w for k, w in enumerate(p))
    central = [sum((k - mean) ** j * w for k, w in enumerate(p)) for j in range(5)]
    skewness, kurtosis = law.stats("sk")
    assert skewness == pytest.approx(float(central[3]) / float(central[2]) ** 1.5, rel=1e-14)
    assert kurtosis == pytest.approx(float(central[4] / central[2] ** 2 - 3), rel=1e-14)


def test_entropy():
    small = OccupancyLaw(20, 30)
    p = small.pmf(np.arange(1, 21))
    assert small.entropy() == pytest.approx(-math.fsum(p * np.log(p)), rel=1e-13)
    large = OccupancyLaw(10**12, 10**12)  # a normal law but for the skewness, 1e-7
    assert large.entropy() == pytest.approx(0.5 * math.log(2 * math.pi * math.e * large.var()), rel=1e-13)


# The birthday problem -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "draws"), [(365, 23), (365, 2), (2, 2), (100, 100), (10**9, 3), (2**53, 10), (10**6, 4000)]
)
def test_repeat_probability_against_fractions(n, draws):
    none = Fraction(math.prod(n - i for i in range(draws)), n**draws)
    got = Fraction(OccupancyLaw(n, draws).repeat_probability())
    assert abs(got / (1 - none) - 1) <= Fraction(1, 10**14)


def test_repeat_probability_known_values():
    # 365 days, 23 people: the classical 0.507297234...
    assert OccupancyLaw(365, 23).repeat_probability() == pytest.approx(0.507297234323985, rel=1e-14)
    assert OccupancyLaw(365, 366).repeat_probability() == 1.0
    assert OccupancyLaw(365, 1).repeat_probability() == OccupancyLaw(365, 0).repeat_probability() == 0.0
    law = OccupancyLaw(1000, 40)
    assert law.repeat_probability() == pytest.approx(law.cdf(39), rel=1e-14)


# Draws --------------------------------------------------------------------------------------------------


def goodness_of_fit(law: OccupancyLaw, draws: np.ndarray) -> float:
    """p-value of Pearson's chi-square on counts, in cells of at least 20 expected."""
    edges = np.unique([law.ppf(q) for q in np.linspace(0.04, 0.96, 24)])
    expected = np.diff(np.concatenate(([0.0], law.cdf(edges), [1.0]))) * draws.size
    observed = np.bincount(np.searchsorted(edges, draws), minlength=expected.size)
    assert expected.min() >= 20
    return float(chi2.sf(np.sum((observed - expected) ** 2 / expected), expected.size - 1))


@pytest.mark.parametrize(("n", "draws"), [(1000, 700), (10**12, 10**12), (365, 80)])
def test_rvs_follow_the_law(n, draws):
    law = OccupancyLaw(n, draws)
    sample = law.rvs(20_000, random_state=1)
    assert sample.dtype == np.int64
    assert goodness_of_fit(law, sample) > 1e-7  # false alarm 1e-7 (fixed seed); see the planted fault below


def test_rvs_shifted_by_a_tenth_of_a_deviation_would_be_caught():
    law = OccupancyLaw(10**12, 10**12)
    sample = law.rvs(20_000, random_state=1) + round(0.1 * law.std())
    assert goodness_of_fit(law, sample) < 1e-7


def test_rvs_depend_on_the_seed_alone():
    law = OccupancyLaw(1000, 700)
    assert np.array_equal(law.rvs((3, 4), random_state=5), law.rvs((3, 4), random_state=5))
    assert not np.array_equal(law.rvs(50, random_state=5), law.rvs(50, random_state=6))
    assert law.rvs((3, 4), random_state=5).shape == (3, 4)
    assert isinstance(law.rvs(random_state=5), np.int64)


# Edges --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "draws", "value"), [(1, 0, 0), (9, 0, 0), (1, 1, 1), (1, 50, 1), (9, 1, 1)])
def test_certain_outcomes(n, draws, value):
    law = OccupancyLaw(n, draws)
    assert law.support() == (value, value)
    assert law.pmf([value - 1, value, value + 1]).tolist() == [0.0, 1.0, 0.0]
    assert law.cdf([value - 1, value]).tolist() == [0.0, 1.0]
    assert (law.mean(), law.var(), law.median(), law.entropy()) == (value, 0.0, value, 0.0)
    assert law.rvs(3, random_state=0).tolist() == [value] * 3


def test_more_draws_than_any_float_tells_apart():
    law = OccupancyLaw(7, 2**62)
    assert law.pmf(7) == law.cdf(7) == 1.0
    # log P(K = 6) = log(7 (6/7)^D) but for terms smaller by (5/6)^D: 60-digit mpmath
    with mp.workdps(60):
        assert law.logpmf(6) == pytest.approx(float(mp.log(7) + 2**62 * mp.log(mp.mpf(6) / 7)), rel=1e-14)


def test_nothing_is_accepted_that_is_no_count():
    for arguments in ((0, 1), (2**53 + 1, 1), (10, -1), (10, 2**62 + 1)):
        with pytest.raises(ArgumentValueError):
            OccupancyLaw(*arguments)
    for arguments in ((10.0, 1), (10, True), ("10", 1)):
        with pytest.raises(ArgumentTypeError):
            OccupancyLaw(*arguments)
    assert OccupancyLaw(np.int64(10), np.int32(3)) == OccupancyLaw(10, 3)
