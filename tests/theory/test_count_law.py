"""Laws of one item's count and of the gaps between its visits, against rationals and enumeration."""

from collections import Counter
from fractions import Fraction
from itertools import product
from math import comb, gcd, inf, log

import mpmath as mp
import numpy as np
import pytest

from softsample_theory.laws.atom_law import AtomLaw
from softsample_theory.laws.block_count_law import BlockCountLaw
from softsample_theory.laws.chance import Chance
from softsample_theory.laws.geometric_law import GeometricLaw
from softsample_theory.laws.revisit_law import KeptDrawGapLaw, ReshuffleGapLaw
from softsample_theory.validation import ArgumentValueError


def near(value, rel):
    return pytest.approx(value, rel=rel, abs=0)


def check_against(law, exact, rel=1e-13):
    """Hold every method of a law with finite support to the exact {value: probability}."""
    values = np.arange(min(exact) - 1, max(exact) + 2)
    p = [exact.get(int(v), Fraction(0)) for v in values]
    assert law.support() == (min(exact), max(exact))
    np.testing.assert_allclose(law.pmf(values), [float(x) for x in p], rtol=rel)
    np.testing.assert_allclose(law.cdf(values), [float(sum(p[: i + 1])) for i in range(len(p))], rtol=rel)
    np.testing.assert_allclose(law.sf(values), [float(sum(p[i + 1 :])) for i in range(len(p))], rtol=rel)
    inside = values[np.array(p) > 0]
    np.testing.assert_allclose(law.logpmf(inside), [log(x) for x in p if x], rtol=rel, atol=1e-15)
    mean = sum(v * x for v, x in exact.items())
    variance = sum((v - mean) ** 2 * x for v, x in exact.items())
    assert law.mean() == near(float(mean), 1e-14)
    assert law.var() == pytest.approx(float(variance), rel=1e-13, abs=1e-15)
    assert law.entropy() == pytest.approx(-sum(float(x) * log(x) for x in p if x), rel=1e-13, abs=1e-15)
    for level in (1e-6, 0.1, 0.5, 0.93):
        q = law.ppf(level)
        assert law.cdf(q) >= level > law.cdf(q - 1)
        q = law.isf(level)
        assert law.sf(q) <= level < law.sf(q - 1)


def binomial(n, p):
    return {k: comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)}


@pytest.mark.parametrize(
    ("W", "R", "b", "a", "d", "p"),
    [
        (0, 1, 0, 6, 1, Fraction(1, 3)),
        (2, 5, 3, 4, 1, Fraction(1, 4)),
        (0, 4, 0, 3, 1, Fraction(2, 7)),
        (1, 7, 6, 0, 1, Fraction(1, 9)),
        (0, 3, 2, 4, 3, Fraction(1, 5)),  # values that two pairs (x, y) share
        (1, 2, 1, 3, 4, Fraction(1, 4)),
        (0, 5, 2, 2, 2, Fraction(1, 1000)),
    ],
)
def test_blocks_and_part(W, R, b, a, d, p):
    exact = Counter()
    for (x, px), (y, py) in product(binomial(a * d, p).items(), binomial(d if b else 0, p).items()):
        exact[W + R * x + b * y] += px * py
    check_against(BlockCountLaw(W, R, b, a, d, p), dict(exact))


def test_blocks_far_out():
    # R = 2, b = 1, d = 1e6, p = 1e-6: P(300) as the sum over y, 40 digits
    law = BlockCountLaw(0, 2, 1, blocks=3, draws=10**6, ratio=Fraction(1, 10**6))
    with mp.workdps(40):
        one = lambda n, k: mp.binomial(n, k) * mp.mpf("1e-6") ** k * (1 - mp.mpf("1e-6")) ** (n - k)  # noqa: E731
        exact = mp.log(sum(one(3 * 10**6, (300 - y) // 2) * one(10**6, y) for y in range(0, 301, 2)))
    assert law.logpmf(300) == near(float(exact), 1e-13)
    with pytest.raises(ArgumentValueError, match="log P is below -29000"):
        law.logpmf(40_000)


def test_blocks_refuse_more_than_one_hit_a_draw_on_average():
    with pytest.raises(ArgumentValueError, match="at most 1/5 with 5 draws a block"):
        BlockCountLaw(0, 1, 0, 3, 5, Fraction(1, 4))


def test_block_entropy_without_a_list():
    # a value tells x and y apart: H = H(X) + H(Y), H(X) = log(2 pi e npq)/2 + O(1/n) at npq = 9e10
    law = BlockCountLaw(0, 10**6, 3, blocks=10**12, draws=1, ratio=Fraction(1, 10))
    part = -0.1 * log(0.1) - 0.9 * log(0.9)
    assert law.entropy() == near(0.5 * log(2 * np.pi * np.e * 9e10) + part, 1e-11)


def test_atoms():
    exact = {3: Fraction(1, 7), 5: Fraction(4, 7), 11: Fraction(2, 7)}
    check_against(AtomLaw(exact), exact)
    assert AtomLaw({2: Fraction(1), 9: Fraction(0)}).support() == (2, 2)
    with pytest.raises(ArgumentValueError, match="sum to one exactly"):
        AtomLaw({0: Fraction(1, 2), 1: Fraction(1, 3)})


@pytest.mark.parametrize("p", [Fraction(1, 20), Fraction(999, 1000), Fraction(1, 10**15)])
def test_geometric(p):
    law = GeometricLaw(p)
    q = 1 - p
    assert law.support() == (1, inf)
    for k in (1, 2, 30, 400):
        assert law.pmf(k) == near(float(p * q ** (k - 1)), 1e-13) or q ** (k - 1) < Fraction(1, 10**300)
        assert law.sf(k) == near(float(q**k), 1e-13) or q**k < Fraction(1, 10**300)
        assert law.cdf(k) == near(float(1 - q**k), 1e-15 * 4)
    assert law.stats("mv") == near((float(1 / p), float(q / p**2)), 1e-15 * 4)
    for level in (1e-9, 0.3, 0.999):
        x = law.ppf(level)
        assert law.cdf(x) >= level
        assert law.cdf(x - 1) < level


def test_geometric_moments_and_edges():
    # skewness (2-p)/sqrt(q), excess kurtosis 6 + p^2/q
    assert GeometricLaw(Fraction(1, 4)).stats("sk") == near((1.75 / 0.75**0.5, 6 + 0.0625 / 0.75), 1e-14)
    law = GeometricLaw(Fraction(1, 4))
    assert law.entropy() == near(-4 * (0.25 * log(0.25) + 0.75 * log(0.75)), 1e-14)
    assert GeometricLaw(1).support() == (1, 1)
    assert GeometricLaw(1).pmf([1, 2]).tolist() == [1, 0]
    assert (GeometricLaw(1).var(), GeometricLaw(1).entropy()) == (0, 0)
    assert GeometricLaw(Chance.any_of(Fraction(1, 10**12), 10**3)).mean() == near(1e9 + 0.4995, 1e-15 * 4)
    with pytest.raises(ArgumentValueError, match="above 0"):
        GeometricLaw(0)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (7, 7), (7, 1), (4, 2), (5, 2), (5, 3), (6, 4), (12, 5)])
def test_gaps_on_a_walk_through_permutations(n, m):
    # every border of an epoch, every position of the item in one permutation and in the next
    gaps = Counter(
        (border + n + later) // m - (border + sooner) // m
        for border in range(0, m, gcd(n, m))
        for sooner, later in product(range(n), repeat=2)
    )
    del gaps[0]  # twice in one epoch: no gap between epochs
    total = sum(gaps.values())
    exact = {j: Fraction(c, total) for j, c in gaps.items()}
    check_against(ReshuffleGapLaw(n, m), exact)


def test_gaps_on_a_long_walk():
    law = ReshuffleGapLaw(10**12, 10**11 + 1)
    k = np.arange(1, law.support()[1] + 1)
    assert law.pmf(k).sum() == near(1, 1e-15)
    assert law.pmf(k) @ k == near(law.mean(), 1e-14)
    assert law.pmf(k) @ (k - law.mean()) ** 2 == near(law.var(), 1e-13)


def test_gaps_of_a_kept_draw():
    # blocks of 3 epochs, the item in every other permutation's half: G from {1: 1/4, 2: 1/2, 3: 1/4}
    exact = {1: Fraction(2, 3) + Fraction(1, 12), 4: Fraction(1, 6), 7: Fraction(1, 12)}
    check_against(KeptDrawGapLaw(ReshuffleGapLaw(4, 2), 3), exact)


def test_gaps_of_a_kept_draw_by_running_through_one():
    # planted against the law: the gap as if every visit opened a new draw
    rng = np.random.default_rng(20231127)
    R, p, draws = 4, 0.2, 200_000
    visited = np.flatnonzero(np.repeat(rng.random(draws) < p, R))
    gaps = np.diff(visited)
    law = KeptDrawGapLaw(GeometricLaw(p), R)
    share = np.mean(gaps == 1)  # about 160,000 gaps, at least 40,000 independent ones: sd below 0.0025
    assert abs(share - law.pmf(1)) < 5 * 0.0025  # false alarm below 1e-6
    assert abs(share - GeometricLaw(p).pmf(1)) > 5 * 0.0025
    assert law.mean() == near(5, 1e-15)
