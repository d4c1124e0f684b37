"""Covering times under Poisson sampling against 120-digit binomial sums and exact rationals."""

import math
from fractions import Fraction
from functools import cache
from math import comb

import mpmath as mp
import numpy as np
import pytest

from softsample_theory.laws.chance import Chance
from softsample_theory.laws.poisson_cover_time_law import PoissonCoverTimeLaw


def near(value, rel):
    """Relative closeness alone: pytest.approx would also accept an absolute 1e-12."""
    return pytest.approx(value, rel=rel, abs=0)


@cache
def poisson_tails(n, m, s, d, k):
    """(P(T <= k), P(T > k)): the binomial law with success P(Bin(k, m/n) < d), 120 digits."""
    with mp.workdps(120):
        rho = mp.mpf(m) / n
        f = sum(mp.binomial(k, j) * rho**j * (1 - rho) ** (k - j) for j in range(d))
        if s == n:
            cdf = (1 - f) ** n
        else:
            cdf = sum(mp.binomial(n, u) * f**u * (1 - f) ** (n - u) for u in range(n - s + 1))
        return float(cdf), float(1 - cdf)


POISSON = [(320, 16, 320, 1), (320, 16, 300, 1), (320, 300, 320, 2), (10**12, 10**11, 10**12, 1)]
POISSON += [(320, 16, 320, 3), (10**9, 10**8, 10**9 - 7, 3), (10**12, 1, 10**12, 1)]


@pytest.mark.parametrize("case", POISSON)
def test_poisson_tails_are_binomial(case):
    law = PoissonCoverTimeLaw(*case)
    for k in {int(law.ppf(p)) for p in (1e-55, 1e-20, 0.1, 0.9)} | {int(law.isf(p)) for p in (1e-15, 1e-55)}:
        cdf, sf = poisson_tails(*case, k)
        assert law.cdf(k) == near(cdf, rel=1e-13)
        assert law.sf(k) == near(sf, rel=1e-13)


@pytest.mark.parametrize(
    "case", [(320, 16, 320, 1), (320, 16, 300, 1), (320, 16, 310, 2), (50, 1, 50, 1), (9, 7, 9, 4)]
)
def test_poisson_moments_are_the_sums_over_every_epoch(case):
    law = PoissonCoverTimeLaw(*case)
    k = np.arange(int(law.isf(1e-25)) + 1)
    mean, second = math.fsum(law.sf(k)), math.fsum((2 * k + 1) * law.sf(k))
    assert law.mean() == near(mean, rel=2e-15)
    assert law.var() == near(second - mean**2, rel=1e-11)  # the direct sum cancels


def test_two_items_under_poisson_sampling():
    """Exact: the maximum of two geometric times of chance 1/2 has mean 8/3 and variance 8/3."""
    law = PoissonCoverTimeLaw(2, 1)
    assert (law.mean(), law.var()) == (near(8 / 3, 1e-15), near(8 / 3, 1e-14))
    assert law.cdf([0, 1, 2]).tolist() == [0, 1 / 4, 9 / 16]


def test_fewer_than_is_a_binomial_tail():
    """P(Bin(30, 1/7) < 3) and its complement as exact rationals; the 20th digit is in the low part."""
    exact = sum(Fraction(comb(30, j) * 6 ** (30 - j), 7**30) for j in range(3))
    chance = Chance.fewer_than(3, Fraction(1, 7), 30)
    assert abs(Fraction(chance.p) + Fraction(chance.p_low) - exact) < Fraction(1, 10**31)
    assert abs(Fraction(chance.q) + Fraction(chance.q_low) - (1 - exact)) < Fraction(1, 10**31)
    tiny = Chance.fewer_than(2, Fraction(1, 10**9), 2)  # complement 1e-18
    assert tiny.q == near(1e-18, rel=1e-15)
    rare = Chance.fewer_than(1, Fraction(1, 2), 300)  # log(1 - 2**-300) has digits that 1 - 2**-300 has not
    assert rare.log_q == near(-(2.0**-300), rel=1e-15)
    assert (Chance.fewer_than(3, Fraction(1, 2), 2).p, Chance.fewer_than(1, 1, 5).p) == (1, 0)
