"""The contour where the law has a closed form at any size: two epochs, and few repeats."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import mpmath
import pytest

from softsample_theory.laws.contour import unseen_log_pmf


def log_choose(n: int, k: int) -> mpmath.mpf:
    return mpmath.loggamma(n + 1) - mpmath.loggamma(k + 1) - mpmath.loggamma(n - k + 1)


def test_two_epochs_are_hypergeometric_at_every_size() -> None:
    # K = 2: the overlap of two m-subsets, in 60-digit log-gammas.
    rng = random.Random(20231127)
    with mpmath.workdps(60):
        for _ in range(400):
            n = int(10 ** rng.uniform(0.5, 15.95))
            m = min(n - 1, max(1, int(n ** rng.uniform(0, 1))))
            mean, sd = m * m / n, m / math.sqrt(n) * (1 - m / n)
            overlap = min(m, max(0, 2 * m - n, round(mean + rng.uniform(-8, 8) * sd)))
            right = log_choose(m, overlap) + log_choose(n - m, m - overlap) - log_choose(n, m)
            found, accepted = unseen_log_pmf(n, m, 2, n - 2 * m + overlap)
            assert accepted
            assert abs(found - right) < 1e-13 * max(1, -right)


def few_repeats(n: int, m: int, K: int, most: int) -> list[mpmath.mpf]:
    """log P(S = mK - r), r = 0..most, from coefficients of prod_{i<m} (1-it)^K / prod_{i<=s} (1-it)."""
    logs = []
    for r in range(most + 1):
        s = m * K - r
        powers = [
            sum(i**k for i in range(1, s + 1)) - K * sum(i**k for i in range(1, m)) for k in range(r + 1)
        ]
        c = [Fraction(1)]
        for j in range(1, r + 1):
            c.append(sum((powers[k] * c[j - k] for k in range(1, j + 1)), Fraction(0)) / j)
        scale = mpmath.loggamma(n + 1) - mpmath.loggamma(n - s + 1)
        scale -= K * (mpmath.loggamma(n + 1) - mpmath.loggamma(n - m + 1))
        logs.append(mpmath.log(mpmath.mpf(c[r].numerator) / c[r].denominator) + scale)
    return logs


@pytest.mark.parametrize("n", [10**6, 10**9, 10**12, 2**53])
@pytest.mark.parametrize(("m", "K", "most"), [(1, 10, 6), (2, 5, 4), (3, 100, 4), (20, 20, 4), (1, 1500, 3)])
def test_few_repeats_to_the_largest_population(n: int, m: int, K: int, most: int) -> None:
    with mpmath.workdps(60):
        for r, right in enumerate(few_repeats(n, m, K, most)):
            found, accepted = unseen_log_pmf(n, m, K, n - m * K + r)
            assert accepted
            assert abs(found - right) < 1e-14 * max(1, -right)
