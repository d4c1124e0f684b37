"""Quantiles for many epochs at once, against the law of each epoch."""

from __future__ import annotations

import numpy as np
import pytest

from softsample_theory.laws import SubsetCoverageLaw
from softsample_theory.laws.subset_curve import subset_quantiles


@pytest.mark.parametrize(("n", "m", "last"), [(98, 5, 130), (320, 16, 40), (5, 5, 3), (1, 1, 2), (30, 29, 4)])
def test_curve_of_quantiles_against_single_laws(n: int, m: int, last: int) -> None:
    epochs = np.arange(last + 1)
    low, high = subset_quantiles(n, m, epochs, 0.025)
    assert low.dtype == high.dtype == np.int64
    for K in (0, 1, 2, last // 2, last):
        law = SubsetCoverageLaw(n, m, K)
        assert law.cdf(low[K]) >= 0.025 > law.cdf(low[K] - 1)
        assert law.sf(high[K]) <= 0.025 < law.sf(high[K] - 1)
        assert (low[K], high[K]) == (law.ppf(0.025), law.isf(0.025))
    assert (np.diff(low) >= 0).all()
    assert (np.diff(high) >= 0).all()


@pytest.mark.parametrize(("n", "m"), [(10**12, 10**11), (10**12, 10**8), (2**53, 1), (2**53, 2**53 - 1)])
def test_curve_at_the_largest_sizes(n: int, m: int) -> None:
    epochs = np.array([0, 1, 2, 3, 17, 500, 10**6, 2**40])
    for tail in (0.0, 1e-9, 0.025, 0.5, 0.9):
        low, high = subset_quantiles(n, m, epochs, tail)
        for K, a, b in zip(epochs, low, high, strict=True):
            law = SubsetCoverageLaw(n, m, int(K))
            if tail == 0:
                assert (a, b) == law.support()
            else:
                assert law.cdf(a) >= tail > law.cdf(a - 1)
                assert law.sf(b) <= tail < law.sf(b - 1)
