"""Covering times in epochs of independent draws against exact counts of surjections."""

import math
from fractions import Fraction
from itertools import pairwise
from math import comb

import numpy as np
import pytest

from softsample_theory.laws.iid_cover_time_law import IidCoverTimeLaw


def near(value, rel):
    """Relative closeness alone: pytest.approx would also accept an absolute 1e-12."""
    return pytest.approx(value, rel=rel, abs=0)


def iid_cdf(n, m, s, k):
    """P(at least s of n items in mk draws): surjections counted exactly."""
    draws, out = m * k, Fraction(0)
    for seen in range(s, n + 1):
        onto = sum((-1) ** i * comb(seen, i) * (seen - i) ** draws for i in range(seen + 1))
        out += Fraction(comb(n, seen) * onto, n**draws)
    return out


@pytest.mark.parametrize(("n", "m", "s"), [(4, 3, 4), (6, 1, 5), (9, 5, 9), (12, 20, 12), (3, 2, 1)])
def test_iid_epochs_by_exact_counts(n, m, s):
    law = IidCoverTimeLaw(n, m, s)
    first = -(-s // m)
    cdf = [iid_cdf(n, m, s, k) for k in range(first, first + 8)]
    k = np.arange(first, first + 8)
    assert law.cdf(k) == near([float(c) for c in cdf], rel=1e-13)
    steps = [cdf[0], *(b - a for a, b in pairwise(cdf))]
    assert law.pmf(k) == pytest.approx([float(p) for p in steps], rel=1e-12, abs=1e-15)
    for p in (0.01, 0.4, 0.9):
        q = int(law.ppf(p))
        assert iid_cdf(n, m, s, q) >= p
        assert q == first or iid_cdf(n, m, s, q - 1) < p


@pytest.mark.parametrize(
    "case",
    [
        (320, 16, 320),
        (320, 27, 320),
        (100, 1, 100),
        (2000, 30, 1500),
        (2000, 500, 2000),
        (7, 3, 7),
        (1, 1, 1),
    ],
)
def test_iid_moments_are_the_sums_over_every_epoch(case):
    law = IidCoverTimeLaw(*case)
    k = np.arange(int(law.isf(1e-20)) + 1)
    sf = law.sf(k)
    mean, second = math.fsum(sf), math.fsum((2 * k + 1) * sf)
    assert law.mean() == near(mean, rel=2e-14)
    assert law.var() == near(second - mean**2, rel=1e-11) or mean == 1  # the direct sum cancels


def test_a_shifted_epoch_would_be_caught():
    """Planted: floor(D/m) in place of ceil(D/m)."""
    law = IidCoverTimeLaw(9, 5)
    assert float(law.cdf(5)) != near(float(iid_cdf(9, 5, 9, 6)), rel=1e-3)
