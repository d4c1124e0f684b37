"""Covering several times: the exact chain of counts, inclusion and exclusion, the expansion and its error."""

import math
from fractions import Fraction
from itertools import combinations, product
from math import comb

import mpmath as mp
import numpy as np
import pytest

from softsample_theory.laws import multiple_cover_time_law
from softsample_theory.laws.count_chain import all_seen_often, is_small
from softsample_theory.laws.cover_time_law import SubsetCoverTimeLaw
from softsample_theory.laws.multiple_cover_time_law import SubsetMultipleCoverTimeLaw
from softsample_theory.laws.short_items import factorial_cumulants, none_short
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError


def near(value, rel):
    """Relative closeness alone: pytest.approx would also accept an absolute 1e-12."""
    return pytest.approx(value, rel=rel, abs=0)


class WithoutChain(SubsetMultipleCoverTimeLaw):
    """The law of large populations, forced on small ones."""

    _table = None


def brute_force_cdf(n, m, d, epochs):
    """P(every item seen d times within `epochs`) by listing all sequences of m-subsets."""
    subsets = list(combinations(range(n), m))
    good = sum(
        all(sum(i in s for s in sequence) >= d for i in range(n))
        for sequence in product(subsets, repeat=epochs)
    )
    return Fraction(good, len(subsets) ** epochs)


# P(T <= K) for (n, m, d, K), from exact chains, exact inclusion and exclusion, and for d = 3 from both.
VALUES = {
    (98, 10, 2, 60): (0.287093, 2e-6),
    (320, 16, 2, 150): (0.2682720497135666, 1e-14),
    (5000, 500, 2, 85): (1.14061e-3, 2e-6),
    (10**6, 10**5, 2, 135): (2.39687e-5, 3e-7),
    (10**6, 10**5, 2, 145): (0.0189313704080052, 1e-14),
    (10**9, 10**8, 2, 220): (0.1127644884366272, 1e-14),
    (98, 10, 3, 90): (0.677899416933, 1e-12),
    (320, 32, 3, 105): (0.6675453047, 1e-10),
}


@pytest.mark.parametrize(("case", "value"), VALUES.items())
def test_known_values(case, value):
    n, m, d, k = case
    law = SubsetMultipleCoverTimeLaw(n, m, d)
    assert law.cdf(k) == near(value[0], rel=value[1])
    assert law.sf(k) == near(1 - value[0], rel=value[1])
    assert max(law.accuracy(k)) < 1e-14


@pytest.mark.parametrize(("n", "m", "d", "epochs"), [(4, 2, 2, 5), (4, 3, 3, 5), (3, 1, 2, 8), (5, 2, 2, 5)])
def test_the_chain_of_counts_is_brute_force(n, m, d, epochs):
    _, cdf, sf = all_seen_often(n, m, d)
    exact = brute_force_cdf(n, m, d, epochs)
    assert cdf[epochs] == near(float(exact), rel=1e-15)
    assert sf[epochs] == near(float(1 - exact), rel=1e-15)


SMALL = [(8, 3, 2), (8, 3, 3), (16, 4, 2), (20, 2, 2), (33, 5, 2), (33, 25, 2), (33, 31, 2), (20, 19, 2)]
SMALL += [(13, 3, 3), (13, 2, 3), (9, 3, 4), (9, 1, 4), (9, 7, 4)]


@pytest.mark.parametrize("case", SMALL)
def test_the_stated_error_bounds_the_true_one(case):
    """The law of large populations against the exact chain: every K, worst relative error of either tail."""
    law = WithoutChain(*case)
    _, cdf, sf = all_seen_often(*case)
    for k in range(int(law.support()[0]), min(len(cdf), 300)):
        estimate = law._estimate(k)
        assert abs(estimate[0] - cdf[k]) <= estimate[2] + 2e-14 * cdf[k]
        assert abs(estimate[1] - sf[k]) <= estimate[2] + 2e-14 * sf[k]


@pytest.mark.parametrize(
    ("case", "accepted"), [((33, 5, 2), 100), ((33, 25, 2), 25), ((13, 3, 3), 60), ((13, 9, 3), 25)]
)
def test_inclusion_and_exclusion_is_the_chain(case, accepted):
    n, m, d = case
    _, cdf, sf = all_seen_often(n, m, d)
    count = 0
    for k in range(d, min(len(cdf), 150)):
        none, some, error = none_short(n, m, k, d)
        if error < 1e-15 * min(none, some):
            count += 1
            assert (none, some) == (near(cdf[k], rel=3e-14), near(sf[k], rel=3e-14))
    assert count >= accepted


def test_factorial_cumulants_are_those_of_the_chain_of_counts():
    """Exact: E X and E X(X-1) at n = 12, d = 2 from the joint law of two items; 50-digit mpmath."""
    n, m, k, d = 12, 5, 9, 2
    with mp.workdps(50):
        one = [Fraction(comb(k, a) * m**a * (n - m) ** (k - a), n**k) for a in range(d)]
        both, single, none = (
            Fraction(x, n * (n - 1)) for x in (m * (m - 1), m * (n - m), (n - m) * (n - m - 1))
        )
        pair = Fraction(0)
        for a, b in product(range(d), repeat=2):
            for together in range(min(a, b) + 1):
                rest = k - a - b + together
                ways = math.factorial(k) // math.prod(
                    math.factorial(i) for i in (together, a - together, b - together, rest)
                )
                pair += ways * both**together * single ** (a + b - 2 * together) * none**rest
        mean, second = n * sum(one), n * (n - 1) * pair
    first, kappa = factorial_cumulants(n, m, k, d, 2)
    assert first == near(float(mean), rel=1e-15)
    assert kappa == near(float(second - mean * mean), rel=1e-14)


def test_one_copy_is_the_covering_time():
    once, law = SubsetMultipleCoverTimeLaw(10**6, 10**5, 1), SubsetCoverTimeLaw(10**6, 10**5)
    k = [100, 131, 160, 250]
    assert once.cdf(k) == near(law.cdf(k), rel=1e-13)
    assert once.sf(k) == near(law.sf(k), rel=1e-13)
    assert once.mean() == near(law.mean(), rel=1e-13)
    assert once.var() == near(law.var(), rel=1e-11)


@pytest.mark.parametrize("case", [(33, 5, 2), (13, 4, 3), (9, 2, 4), (6, 5, 3), (5, 1, 2)])
def test_moments_are_the_sums_over_every_epoch(case):
    _, _, sf = all_seen_often(*case)
    mean = math.fsum(sf)
    second = math.fsum((2 * np.arange(len(sf)) + 1) * sf)
    law = SubsetMultipleCoverTimeLaw(*case)
    assert law.mean() == near(mean, rel=2e-14)
    assert law.var() == near(second - mean**2, rel=1e-11)


def test_the_mean_knows_its_error():
    """d = 3 at n = 98: the expansion alone against the law with inclusion and exclusion, far better."""
    law = SubsetMultipleCoverTimeLaw(98, 10, 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(multiple_cover_time_law, "_LEAST_SUM", {})
        rough = SubsetMultipleCoverTimeLaw(98, 10, 3)
        mean, accuracy = rough.mean(), rough.moments_accuracy()[0]
    assert law.moments_accuracy()[0] < 1e-9
    assert 1e-9 < abs(mean / law.mean() - 1) < accuracy < 1e-4


@pytest.mark.parametrize(
    "case", [(320, 16, 2), (10**9, 10**8, 2), (10**12, 1, 2), (10**9, 10**7, 5), (5000, 500, 10)]
)
def test_quantiles_and_brackets(case):
    """max(0, 1 - n f) <= P(T <= K) <= (1 - f)^n, by the union bound and negative association."""
    n, m, d = case
    law = SubsetMultipleCoverTimeLaw(*case)
    for p in (1e-4, 0.3, 0.9, 1 - 1e-6):
        k = int(law.ppf(p))
        assert law.cdf(k) >= p > law.cdf(k - 1)
        with mp.workdps(60):
            rho = mp.mpf(m) / n
            f = sum(mp.binomial(k, j) * rho**j * (1 - rho) ** (k - j) for j in range(d))
            low, high = max(mp.mpf(0), 1 - n * f), (1 - f) ** n
        assert low * (1 - mp.mpf(10) ** -13) <= law.cdf(k) <= high * (1 + mp.mpf(10) ** -13)


def test_independent_items_are_caught_as_a_wrong_law():
    """Planted: the upper bracket (1 - f)^n in place of the value, 2 % off at n = 320."""
    n, m, k = 320, 16, 150
    f = sum(comb(k, j) * 0.05**j * 0.95 ** (k - j) for j in range(2))
    assert (1 - f) ** n != near(VALUES[n, m, 2, k][0], rel=1e-2)


def test_a_value_without_digits_is_nan():
    law = SubsetMultipleCoverTimeLaw(320, 64, 5)
    k = int(law.support()[0]) + 1
    assert law.accuracy(k)[0] > 0.01
    assert np.isnan(law.cdf(k))
    assert np.isnan(law.pmf(k))
    assert law.sf(k) == 1
    assert law.cdf(k - 2) == 0  # impossible, and known to be


def test_moments_without_digits_are_nan():
    """n = 12, d = 5: too large for the chain, too small for the expansion (it says 1 % and 17 %)."""
    law = SubsetMultipleCoverTimeLaw(12, 3, 5)
    assert law.moments_accuracy()[1] > 0.01
    assert np.isnan(law.var())
    short = float(sum(Fraction(comb(60, j) * 3 ** (60 - j), 4**60) for j in range(5)))  # P(Bin(60, 1/4) < 5)
    assert 1 - (1 - short) ** 12 <= law.sf(60) <= 12 * short  # while the upper tail has all its digits
    assert law.accuracy(60)[1] < 1e-13


def test_certain_and_impossible():
    law = SubsetMultipleCoverTimeLaw(7, 7, 4)
    assert (law.support(), law.mean(), law.var(), law.ppf(0.2)) == ((4, 4), 4, 0, 4)
    assert law.pmf([3, 4, 5]).tolist() == [0, 1, 0]
    law = SubsetMultipleCoverTimeLaw(100, 30, 2)
    assert law.support() == (7, math.inf)
    assert (law.cdf(6), law.sf(6)) == (0, 1)
    assert is_small(33, 2)
    assert not is_small(34, 2)


def test_bad_arguments_are_named():
    with pytest.raises(ArgumentValueError, match="copies is 0; it must be a whole number from 1 to 1000"):
        SubsetMultipleCoverTimeLaw(5, 2, 0)
    with pytest.raises(ArgumentTypeError, match="copies is True"):
        SubsetMultipleCoverTimeLaw(5, 2, True)
