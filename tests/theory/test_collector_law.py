"""The law of the coupon collector, against exact integers, 120-digit sums and 40-digit integrals."""

import math
from fractions import Fraction
from functools import cache

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softsample_theory.laws import CollectorLaw, OccupancyLaw
from softsample_theory.laws.multiple_collector import moments, tails
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError


@cache
def covering(n: int, d: int, most: int) -> list[int]:
    """How many sequences of D draws, D = 0..most, hold each of n items at least d times."""
    row = [1] + [0] * most
    for _ in range(n):
        row = [sum(math.comb(D, i) * row[D - i] for i in range(d, D + 1)) for D in range(most + 1)]
    return row


def inclusion_exclusion(n: int, s: int, t: int) -> tuple[mp.mpf, mp.mpf]:
    """P(T_s <= t) and P(T_s > t) by the alternating sum over unseen sets, for a mean unseen below 60."""
    with mp.workdps(120):
        r = n - s + 1
        total, j = mp.mpf(0), r
        while True:
            term = mp.binomial(j - 1, r - 1) * mp.binomial(n, j) * mp.exp(t * mp.log1p(-mp.mpf(j) / n))
            total += (-1) ** (j - r) * term
            if term < mp.mpf(10) ** -100 * abs(total) or j == n - 1:
                return 1 - total, total
            j += 1


def relative_error(got: float, truth: mp.mpf) -> float:
    return float(abs(mp.mpf(float(got)) / truth - 1))


# One copy --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [98, 50_000, 10**9, 10**12])
@pytest.mark.parametrize("y", [-3.3, -2.0, -0.5, 0.4, 3.0, 25.0, 100.0])
def test_both_tails_for_all_items(n, y):
    t = int(n * (math.log(n) + y))  # the Gumbel scale: cdf near exp(-exp(-y)), from 1e-12 to 1 - 1e-43
    law, (cdf, sf) = CollectorLaw(n), inclusion_exclusion(n, n, t)
    assert relative_error(law.cdf(t), cdf) <= 1e-13
    assert relative_error(law.sf(t), sf) <= 1e-13


def test_lower_tail_far_down():
    # About exp(-e^5): too far for the alternating sum, so held against the formula for several copies.
    n = 10**9
    t = int(n * (math.log(n) - 5.0))
    law = CollectorLaw(n)
    assert law.cdf(t) == pytest.approx(tails(n, 1, t)[0], rel=1e-12)
    assert 1e-66 < law.cdf(t) < 1e-60


@pytest.mark.parametrize(("n", "missing"), [(98, 3), (50_000, 1), (10**9, 5)])
@pytest.mark.parametrize("y", [-2.0, 0.0, 2.0, 10.0])
def test_both_tails_for_part_of_the_items(n, missing, y):
    t = int(n * (math.log(n) + y - math.log(missing + 1)))
    law, (cdf, sf) = CollectorLaw(n, n - missing), inclusion_exclusion(n, n - missing, t)
    assert relative_error(law.cdf(t), cdf) <= 1e-13
    assert relative_error(law.sf(t), sf) <= 1e-13


@pytest.mark.parametrize(("n", "s"), [(5, 5), (12, 12), (12, 7), (30, 2)])
def test_against_exact_fractions(n, s):
    """P(T = t) and both tails from the occupancy counts C(n,k) k! S(t,k) / n^t, in integers."""
    law, row, before = CollectorLaw(n, s), [1] + [0] * n, Fraction(0)
    for t in range(1, 90):
        row = [0] + [row[k] * k + row[k - 1] * (n - k + 1) for k in range(1, n + 1)]
        cdf = Fraction(sum(row[s:]), n**t)
        for got, truth in ((law.pmf(t), cdf - before), (law.cdf(t), cdf), (law.sf(t), 1 - cdf)):
            if truth == 0:
                assert got == 0.0
            else:
                assert abs(Fraction(float(got)) / truth - 1) <= Fraction(1, 10**13)
        before = cdf


def test_the_gumbel_limit_would_be_caught():
    n = 10**6
    t = int(n * (math.log(n) - 3.0))
    cdf, _ = inclusion_exclusion(n, n, t)
    assert relative_error(math.exp(-n * math.exp(-t / n)), cdf) > 1e-6
    naive = 1 - n * (1 - 1 / n) ** t  # the union bound, taken for the value
    assert relative_error(naive, cdf) > 1


def test_at_draw_t_is_not_within_t_draws():
    """The trap: a formula for `within t draws` used for `at draw t`. The pmf is the step of the cdf."""
    law = CollectorLaw(365)
    ks = np.arange(1500, 3500, 97)
    np.testing.assert_allclose(law.pmf(ks), law.cdf(ks) - law.cdf(ks - 1), rtol=1e-11)
    assert np.all(law.pmf(ks) < 0.02 * law.cdf(ks))


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 60), st.data())
def test_a_law_is_a_law(n, data):
    s = data.draw(st.integers(0, n))
    law = CollectorLaw(n, s)
    low, _ = law.support()
    ks = np.arange(low, int(law.isf(1e-9)) + 1)
    pmf, cdf, sf = law.pmf(ks), law.cdf(ks), law.sf(ks)
    assert math.fsum(pmf) == pytest.approx(1.0 - sf[-1], abs=1e-13)
    np.testing.assert_allclose(cdf + sf, 1.0, rtol=1e-15)
    np.testing.assert_allclose(np.cumsum(pmf), cdf, atol=1e-13)
    assert np.all(np.diff(cdf) >= -1e-15)
    for t in ks[:: max(1, ks.size // 5)]:  # the same event, seen from the other side
        assert OccupancyLaw(n, int(t)).sf(s - 1) == pytest.approx(law.cdf(t), rel=1e-12)


# Several copies ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "d", "most"), [(2, 2, 50), (3, 2, 60), (10, 2, 110), (5, 3, 80), (4, 5, 90)])
def test_copies_against_exact_integers(n, d, most):
    law, before = CollectorLaw(n, copies=d), Fraction(0)
    for D in range(n * d - 1, most + 1):
        cdf = Fraction(covering(n, d, most)[D], n**D)
        for got, truth in ((law.pmf(D), cdf - before), (law.cdf(D), cdf), (law.sf(D), 1 - cdf)):
            if truth == 0:
                assert got == 0.0
            else:
                assert abs(Fraction(float(got)) / truth - 1) <= Fraction(1, 10**13)
        before = cdf


@pytest.mark.parametrize("n", [10**4, 10**9, 10**12])
@pytest.mark.parametrize("y", [-5.5, -4.0, -2.0, 0.0, 1.0, 3.0, 30.0])
def test_one_copy_by_the_formula_for_many(n, y):
    """Two methods that share Stirling's error and the density of the sum only: cdf down to 1e-106."""
    t = int(n * (math.log(n) + y))
    law, (cdf, sf) = CollectorLaw(n), tails(n, 1, t)
    assert law.cdf(t) == pytest.approx(cdf, rel=3e-13)
    assert law.sf(t) == pytest.approx(sf, rel=1e-13)


@pytest.mark.parametrize(("n", "d"), [(50_000, 3), (10**9, 2), (10**6, 20)])
def test_the_two_ways_for_copies_meet(n, d):
    """Left and right of the switch the cdf goes on as its jumps say: both ways against each other."""
    law = CollectorLaw(n, copies=d)
    switch = int(law.isf(0.4))
    before, after = law.cdf(switch - 4), law.cdf(switch + 4)
    steps = math.fsum(law.pmf(np.arange(switch - 3, switch + 5)))
    assert after - before == pytest.approx(steps, abs=2e-14)


def test_the_jump_of_copies_far_below():
    n, d = 10**6, 2
    law = CollectorLaw(n, copies=d)
    for p in (1e-100, 1e-20, 1e-3):
        k = int(law.ppf(p))
        assert law.cdf(k) - law.cdf(k - 1) == pytest.approx(law.pmf(k), rel=1e-6)  # the difference cancels


def test_forgetting_the_last_copy_would_be_caught():
    law = CollectorLaw(5, copies=3)
    truth = Fraction(covering(5, 3, 80)[40], 5**40)
    planted = CollectorLaw(5, copies=2)
    assert abs(Fraction(float(law.cdf(40))) / truth - 1) < Fraction(1, 10**13)
    assert abs(Fraction(float(planted.cdf(40))) / truth - 1) > Fraction(1, 100)


# Moments -------------------------------------------------------------------------------------------------


def polygamma_cumulants(n: int, s: int) -> list[mp.mpf]:
    """Cumulants of a sum of geometric times, success v/n, v = n-s+1..n, by Hurwitz zeta differences."""
    with mp.workdps(120):
        N, a = mp.mpf(n), n - s
        h1 = mp.digamma(n + 1) - mp.digamma(a + 1)
        h2, h3, h4 = (mp.zeta(i, a + 1) - mp.zeta(i, n + 1) for i in (2, 3, 4))
        third = N * (2 * N * N * h3 - 3 * N * h2 + h1)
        return [N * h1, N * (N * h2 - h1), third, N * (6 * N**3 * h4 - 12 * N * N * h3 + 7 * N * h2 - h1)]


@settings(max_examples=80, deadline=None)
@given(st.floats(0.5, 15.95), st.floats(-13.0, 0.0), st.booleans())
def test_moments_of_one_copy_at_every_size(log_n, log_part, nearly_all):
    n = int(10**log_n)
    part = max(2, int(n * 10**log_part))
    s = n - part + 2 if nearly_all else part
    law, truth = CollectorLaw(n, s), polygamma_cumulants(n, s)
    third, fourth = law._cumulants()
    for got, exact in zip((law.mean(), law.var(), third, fourth), truth, strict=True):
        assert relative_error(got, exact) <= 2e-15


def test_moments_known_values():
    # 365 H_365 = 2364.64602343634 (30-digit mpmath); two items twice: 11/2 and 13/4, the exact sums below
    assert CollectorLaw(365).mean() == pytest.approx(2364.64602343634, rel=1e-14)
    assert CollectorLaw(2).mean() == 3.0
    assert CollectorLaw(2).var() == 2.0
    assert CollectorLaw(2, copies=2).mean() == pytest.approx(5.5, rel=1e-15)
    assert CollectorLaw(2, copies=2).var() == pytest.approx(3.25, rel=2e-15)


@pytest.mark.parametrize(("n", "d", "most"), [(2, 2, 200), (5, 3, 300), (3, 8, 300)])
def test_moments_of_copies_against_exact_sums(n, d, most):
    with mp.workdps(60):
        sf = [1 - mp.mpf(covering(n, d, most)[D]) / mp.mpf(n) ** D for D in range(most + 1)]
        mean = mp.fsum(sf)
        variance = mp.fsum((2 * D + 1) * x for D, x in enumerate(sf)) - mean**2
        assert sf[-1] < mp.mpf(10) ** -20
    law = CollectorLaw(n, copies=d)
    assert relative_error(law.mean(), mean) <= 1e-14
    assert relative_error(law.var(), variance) <= 1e-14


@pytest.mark.parametrize(("n", "d"), [(10**9, 3), (1000, 50), (10**12, 200), (2**53, 2)])
def test_moments_of_copies_against_the_integral_in_forty_digits(n, d):
    law = CollectorLaw(n, copies=d)
    with mp.workdps(40):
        centre, width = mp.mpf(law.mean()) / n, 1 + mp.sqrt(d) / 2
        points = [max(mp.mpf(0), centre + i * width) for i in range(-12, 40)]
        points = sorted(set(points))

        def unfinished(t):
            return -mp.expm1(n * mp.log1p(-mp.gammainc(d, t, regularized=True)))

        mean = points[0] + mp.quad(unfinished, points)
        square = 2 * mp.quad(lambda t: (t - points[0]) * unfinished(t), points)
        variance = n * n * (square - (mean - points[0]) ** 2) - n * mean
    assert relative_error(law.mean(), n * mean) <= 1e-14
    assert relative_error(law.var(), variance) <= 2e-14


@pytest.mark.parametrize("n", [2, 5, 100, 10**6, 10**12, 2**53])
def test_the_integral_for_copies_gives_the_sums_for_one(n):
    law = CollectorLaw(n)
    assert moments(n, 1) == pytest.approx((law.mean(), law.var()), rel=1e-15)


# Quantiles -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "law",
    [
        CollectorLaw(2),
        CollectorLaw(98),
        CollectorLaw(98, 60),
        CollectorLaw(10**9),
        CollectorLaw(10**9, 10**8),
        CollectorLaw(10**12, 10**12 - 7),
        CollectorLaw(50_000, copies=3),
        CollectorLaw(3, copies=20),
    ],
    ids=repr,
)
def test_quantiles_are_exact_brackets(law):
    for p in (1e-30, 1e-9, 0.025, 0.5, 0.975, 1 - 1e-9):
        q = int(law.ppf(p))
        assert law.cdf(q) >= p > law.cdf(q - 1)
        q = int(law.isf(p))
        assert law.sf(q) <= p < law.sf(q - 1)


# Edges ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("law", "value"),
    [
        (CollectorLaw(1), 1),
        (CollectorLaw(9, 0), 0),
        (CollectorLaw(9, 0, 3), 0),
        (CollectorLaw(9, 1), 1),
        (CollectorLaw(1, copies=7), 7),
    ],
    ids=repr,
)
def test_certain_times(law, value):
    assert law.support() == (value, value)
    assert law.pmf([value - 1, value, value + 1]).tolist() == [0.0, 1.0, 0.0]
    assert law.cdf([value - 1, value]).tolist() == [0.0, 1.0]
    assert (law.mean(), law.var(), law.median()) == (value, 0.0, value)


def test_the_first_possible_draw():
    assert CollectorLaw(9).pmf(9) == pytest.approx(math.factorial(9) / 9**9, rel=1e-14)
    assert CollectorLaw(3, copies=2).cdf(6) == pytest.approx(90 / 729, rel=1e-14)  # 6!/(2!2!2!) ways
    assert CollectorLaw(9).cdf(8) == 0.0
    assert CollectorLaw(9).support() == (9, math.inf)


def test_bad_arguments():
    with pytest.raises(ArgumentValueError, match="items"):
        CollectorLaw(10, 5, copies=2)
    with pytest.raises(ArgumentValueError, match="items"):
        CollectorLaw(10, 11)
    with pytest.raises(ArgumentValueError, match="copies"):
        CollectorLaw(10, copies=0)
    with pytest.raises(ArgumentTypeError, match="population"):
        CollectorLaw(10.0)
