"""The binomial law and the chances that it takes, against 60-digit mpmath and exact rationals."""

from fractions import Fraction
from math import comb, exp, inf, log

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softsample_theory.laws.binomial_law import BinomialLaw
from softsample_theory.laws.chance import Chance
from softsample_theory.laws.gauss_legendre import NODES, WEIGHTS
from softsample_theory.laws.point_law import PointLaw
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError

DIGITS = 60


def near(value, rel):
    """Relative closeness alone: pytest.approx would also accept an absolute 1e-12."""
    return pytest.approx(value, rel=rel, abs=0)


def reference_pmf(n, p, k):
    """n! p^k q^(n-k) / (k! (n-k)!) with 60 digits (log-gamma carries 30 more than its value needs)."""
    with mp.workdps(DIGITS + 30):
        p = mp.mpf(p.numerator) / p.denominator
        log_choose = mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1)
        return mp.exp(log_choose + k * mp.log(p) + (n - k) * mp.log1p(-p))


def reference_upper_tail(n, p, k):
    """P(X >= k) above the mean: the series of ratios where it is short, else the beta integral by mp.quad."""
    with mp.workdps(40):
        p_, q_ = mp.mpf(p.numerator) / p.denominator, mp.mpf(p.denominator - p.numerator) / p.denominator
        first = reference_pmf(n, p, k)
        if n * p_ * q_ < 1e5:
            total = term = mp.mpf(1)
            for j in range(k, n):
                term *= (n - j) * p_ / ((j + 1) * q_)
                total += term
                if term < total * mp.mpf(10) ** -30:
                    break
            return first * total
        width = 1 / (abs((k - 1) - (n - 1) * p_) / q_ + mp.sqrt(k))
        points = [width * i * 1.5 for i in range(41)]
        integrand = lambda x: mp.exp((k - 1) * mp.log1p(-x) + (n - k) * mp.log1p(x * p_ / q_))  # noqa: E731
        return first * k * mp.quad(integrand, points)


CASES = [
    (50, Fraction(1, 3)),
    (320, Fraction(1, 20)),
    (2000, Fraction(1, 2)),
    (10**6, Fraction(1, 10**6)),
    (10**9, Fraction(999_999, 10**6)),
    (10**12, Fraction(1, 10)),
    (10**12, Fraction(1, 10**12)),
    (2**53, Fraction(1, 7)),
    (2**62, Fraction(1, 2**53)),
]


def points(n, p, deviations):
    mean, sd = n * p, float(n * p * (1 - p)) ** 0.5
    wanted = (round(mean + Fraction(z * sd)) for z in deviations)
    return sorted({k for k in wanted if 0 <= k <= n})


@pytest.mark.parametrize(("n", "p"), CASES)
@pytest.mark.parametrize(
    ("deviations", "bound"), [((-8, -3, -0.5, 0.3, 2, 8), 3e-14), ((-20, 13, 20), 1e-13)]
)
def test_pmf_and_both_tails(n, p, deviations, bound):
    law = BinomialLaw(n, p)
    for k in points(n, p, deviations):
        assert abs(float(law.pmf(k)) / reference_pmf(n, p, k) - 1) < bound
        if k > n * p:
            assert abs(float(law.sf(k - 1)) / reference_upper_tail(n, p, k) - 1) < bound
        else:
            assert abs(float(law.cdf(k)) / reference_upper_tail(n, 1 - p, n - k) - 1) < bound


@pytest.mark.parametrize(("n", "p"), [(1, Fraction(3, 10)), (7, Fraction(1, 2)), (60, Fraction(2, 7))])
def test_every_value_of_small_laws_against_rationals(n, p):
    exact = [comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    k = np.arange(n + 1)
    law = BinomialLaw(n, p)
    np.testing.assert_allclose(law.pmf(k), [float(x) for x in exact], rtol=1e-13)
    np.testing.assert_allclose(law.cdf(k), [float(sum(exact[: i + 1])) for i in k], rtol=1e-13)
    np.testing.assert_allclose(law.sf(k), [float(sum(exact[i + 1 :])) for i in k], rtol=1e-13)
    mean = n * p
    central = [float(sum(x * (i - mean) ** r for i, x in enumerate(exact))) for r in (2, 3, 4)]
    skewness, excess = central[1] / central[0] ** 1.5, central[2] / central[0] ** 2 - 3
    assert law.stats("mvsk") == pytest.approx(
        (float(mean), central[0], skewness, excess), rel=1e-12, abs=1e-14
    )
    assert law.entropy() == pytest.approx(-sum(float(x) * log(x) for x in exact), rel=1e-12)


def test_a_plain_float_probability_would_be_caught():
    # n = 1e12: the float64 nearest to 1/10 is off by 5.6e-18, and 12 standard deviations out that shows.
    n, p = 10**12, Fraction(1, 10)
    k = 10**11 + 12 * 300_000
    planted = BinomialLaw(n, 0.1 + 2.0**-56)
    assert abs(float(planted.pmf(k)) / reference_pmf(n, p, k) - 1) > 1e-10


def test_quantiles_are_exact():
    for law in (BinomialLaw(10**12, Fraction(1, 10)), BinomialLaw(98, Fraction(5, 98)), BinomialLaw(3, 0.5)):
        p = np.array([1e-12, 0.025, 0.3, 0.5, 0.975, 1 - 1e-12])
        q = law.ppf(p)
        assert (law.cdf(q) >= p).all()
        assert (law.cdf(q - 1) < p).all()
        q = law.isf(p)
        assert (law.sf(q) <= p).all()
        assert (law.sf(q - 1) > p).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 2**53), st.fractions(Fraction(1, 10**9), 1 - Fraction(1, 10**9)), st.floats(-6, 6))
def test_the_two_tails_are_complements_and_step_by_the_pmf(n, p, z):
    law = BinomialLaw(n, p)
    k = min(n, max(1, round(law.mean() + z * law.std())))
    assert law.cdf(k) + law.sf(k) == pytest.approx(1, abs=1e-15)
    if z < 0 and law.std() < 1e5:
        assert law.cdf(k) - law.cdf(k - 1) == pytest.approx(law.pmf(k), rel=1e-9, abs=1e-14)
    assert law.cdf(k - 1) <= law.cdf(k)


def test_seen_items_under_poisson_sampling_near_full_coverage():
    # P(all of 1e12 seen) after 270 epochs at 1/10: (1 - 0.9^270)^(1e12), 60 digits
    with mp.workdps(DIGITS):
        full = mp.exp(10**12 * mp.log1p(-((mp.mpf(9) / 10) ** 270)))
    law = BinomialLaw(10**12, Chance.any_of(Fraction(1, 10), 270))
    assert abs(float(law.pmf(10**12)) / full - 1) < 1e-14
    assert abs(float(law.cdf(10**12 - 1)) / (1 - full) - 1) < 1e-14
    assert float(law.pmf(10**12)) == near(0.642713473033, rel=1e-11)


def test_success_that_is_all_but_certain():
    law = BinomialLaw(3, Chance.any_of(Fraction(1, 2), 2000))  # q = 2^-2000, below the smallest float64
    assert law.pmf([0, 1, 2, 3]).tolist() == [0, 0, 0, 1]
    # log P(2) = log 3 + 2 log p - 2000 log 2
    assert law.logpmf(2) == near(log(3) - 2000 * log(2), rel=1e-15)
    assert law.logcdf(2) == near(log(3) - 2000 * log(2), rel=1e-15)


@pytest.mark.parametrize(
    ("law", "value"),
    [(BinomialLaw(0, 0.3), 0), (BinomialLaw(5, 0.0), 0), (BinomialLaw(5, 1), 5), (PointLaw(4), 4)],
)
def test_certain_counts(law, value):
    assert law.support() == (value, value)
    assert law.pmf([value - 1, value, value + 1]).tolist() == [0, 1, 0]
    assert law.cdf([value - 1, value]).tolist() == [0, 1]
    assert law.sf([value - 1, value]).tolist() == [1, 0]
    assert (law.mean(), law.var(), law.entropy()) == (value, 0, 0)
    assert law.ppf([0, 0.3, 1]).tolist() == [value - 1, value, value]
    assert law.rvs(3, random_state=1).tolist() == [value] * 3


@pytest.mark.parametrize(
    ("p", "tries"),
    [
        (Fraction(1, 20), 0),
        (Fraction(1, 20), 1),
        (Fraction(1, 10), 400),
        (Fraction(1, 2**53), 2**40),
        (Fraction(2**53 - 1, 2**53), 3),
        (Fraction(1, 10**12), 10**13),
        (1e-308, 1000),
    ],
)
def test_chances_of_any_and_all(p, tries):
    with mp.workdps(700):  # enough for 1 - (1 - 1e-308)^1000
        exact = mp.mpf(Fraction(p).numerator) / Fraction(p).denominator
        none = (1 - exact) ** tries
        any_ = 1 - none
        got = Chance.any_of(p, tries)
        for high, low, log_, truth in (
            (got.p, got.p_low, got.log_p, any_),
            (got.q, got.q_low, got.log_q, none),
        ):
            if truth < mp.mpf(10) ** -290:
                continue
            assert abs((mp.mpf(high) + low) / truth - 1) < 1e-31
            assert log_ == pytest.approx(float(mp.log(truth)), rel=3e-16)
        assert got.complement() == Chance.all_of(1 - Fraction(p), tries)


def test_chance_edges():
    assert (Chance.of(0).p, Chance.of(0).log_p, Chance.of(1).q) == (0, -inf, 0)
    assert Chance.any_of(Fraction(1, 2), 2000).log_q == near(-2000 * log(2), rel=3e-16)
    assert exp(Chance.of(0.25).log_q) == 0.75


def test_wrong_arguments_say_what_they_may_be():
    with pytest.raises(ArgumentValueError, match="trials is -1"):
        BinomialLaw(-1, 0.5)
    with pytest.raises(ArgumentValueError, match=r"probability is 1\.5; it must be a number in \[0, 1\]"):
        BinomialLaw(3, 1.5)
    with pytest.raises(ArgumentTypeError, match="trials is True"):
        BinomialLaw(True, 0.5)


def test_quadrature_table():
    # Gauss with 48 nodes is exact to degree 95; the weights next to the ends are what e^(-40 x) tests.
    assert WEIGHTS.sum() == pytest.approx(1, abs=1e-15)
    for degree in (1, 17, 95):
        assert WEIGHTS @ NODES**degree == near(1 / (degree + 1), rel=1e-14)
    assert WEIGHTS @ np.exp(-40 * NODES) == pytest.approx((1 - exp(-40)) / 40, rel=2e-15)
    planted = WEIGHTS * np.where(NODES < 1e-3, 1 + 1e-12, 1)  # NumPy's own error in the first weight
    assert planted @ np.exp(-40 * NODES) != near((1 - exp(-40)) / 40, rel=2e-15)
