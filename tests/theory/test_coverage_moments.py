"""Mean and variance of the distinct count: against exact rationals, and against the exact chain."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest

from softsample_theory.laws import coverage_moments as moments

# (n, m, K): small, middle and extreme; few repeats, near full coverage, nearly everything every epoch.
CASES = [
    (2, 1, 2),
    (2, 1, 60),
    (3, 2, 5),
    (5, 4, 3),
    (320, 16, 20),
    (320, 16, 600),
    (98, 5, 320),
    (2000, 1, 3),
    (2000, 1999, 4),
    (10**6, 1, 2),
    (10**6, 1, 900),
    (10**6, 3, 20_000),
    (10**9, 1, 10**6),
    (10**9, 10**8, 190),
    (10**12, 10**6, 30),
    (10**12, 10**11, 500),
    (10**12, 5 * 10**11, 40),
    (10**12, 10**12 - 1, 2),
    (2**53, 1, 2),
    (2**53, 2**40, 300),
    (2**53, 2**52 + 1, 50),
    (2**53, 2**53 - 1, 2),
]


def exact(n: int, m: int, K: int) -> tuple[Fraction, Fraction, Fraction]:
    """Mean, unseen mean and variance of S_K from the moments of the unseen count, in rationals."""
    q, p00 = Fraction(n - m, n), Fraction((n - m) * (n - m - 1), n * (n - 1))
    unseen = n * q**K
    return n - unseen, unseen, unseen + n * (n - 1) * p00**K - unseen**2


def error(found: float, right: Fraction) -> float:
    if right == 0:
        return abs(found)
    return abs(float(Fraction(found) / right - 1))


def rounded(x: Fraction) -> Fraction:
    """Keep 400 bits: enough to compare, small enough to divide quickly."""
    shift = 400 + x.denominator.bit_length() - max(1, x.numerator.bit_length())
    return Fraction((x.numerator << shift) // x.denominator, 1 << shift) if shift > 0 else x


@pytest.mark.parametrize(("n", "m", "K"), [case for case in CASES if case[2] <= 20_000])
def test_subset_moments_to_1e_13(n: int, m: int, K: int) -> None:
    mean, unseen, variance = exact(n, m, K)
    assert error(moments.subset_mean(n, m, [K])[0], rounded(mean)) < 1e-15
    assert error(moments.subset_unseen_mean(n, m, [K])[0], rounded(unseen)) < 1e-15
    assert error(moments.subset_variance(n, m, [K])[0], rounded(variance)) < 1e-13
    binomial = unseen * mean / n
    assert error(moments.poisson_variance(n, m, [K])[0], rounded(binomial)) < 1e-15


def test_the_textbook_form_of_the_variance_fails_where_ours_holds() -> None:
    n, m, K = 10**12, 10**6, 30
    q, p00 = (n - m) / n, (n - m) / n * ((n - m - 1) / (n - 1))
    textbook = n * q**K + n * (n - 1) * p00**K - n**2 * q ** (2 * K)
    right = exact(n, m, K)[2]
    assert error(textbook, right) > 1  # it is not even of the right size
    assert error(moments.subset_variance(n, m, [K])[0], right) < 1e-13


@pytest.mark.parametrize(("n", "m"), [(2, 1), (5, 2), (7, 3), (8, 8), (1, 1), (9, 1)])
def test_moments_are_those_of_the_exact_chain(n: int, m: int) -> None:
    law = {0: Fraction(1)}
    for K in range(7):
        mean = sum(s * p for s, p in law.items())
        variance = sum(s * s * p for s, p in law.items()) - mean**2
        assert error(moments.subset_mean(n, m, [K])[0], mean) < 1e-15
        assert error(moments.subset_variance(n, m, [K])[0], variance) < 1e-14
        if variance == 0:
            assert moments.subset_variance(n, m, [K])[0] == 0
        after: dict[int, Fraction] = {}
        for s, p in law.items():
            for new in range(max(0, m - s), min(m, n - s) + 1):
                step = Fraction(comb(n - s, new) * comb(s, m - new), comb(n, m))
                after[s + new] = after.get(s + new, Fraction(0)) + p * step
        law = after


def test_iid_draws_are_subsets_of_one() -> None:
    # Two algorithms: the iid moments of `occupancy_moments`, and the subset formulas at m = 1.
    for n in (2, 10, 1000, 10**9, 10**12, 2**53):
        draws = np.array([0, 1, 2, 3, 17, n // 2, n, 3 * n], dtype=np.int64)
        np.testing.assert_allclose(moments.iid_mean(n, draws), moments.subset_mean(n, 1, draws), rtol=2e-15)
        np.testing.assert_allclose(
            moments.iid_variance(n, draws), moments.subset_variance(n, 1, draws), rtol=1e-13, atol=0
        )
        np.testing.assert_allclose(
            moments.iid_unseen_mean(n, draws), n - moments.iid_mean(n, draws), rtol=1e-12 if n < 1e4 else 1e-9
        )


def test_variance_is_never_negative_and_never_above_the_binomial() -> None:
    rng = np.random.default_rng(20231127)
    for _ in range(300):
        n = int(10 ** rng.uniform(0.31, 15.9))
        m = max(1, min(n, int(n * 10 ** rng.uniform(-12, 0))))
        epochs = np.unique((10 ** rng.uniform(0, 9, size=20)).astype(np.int64))
        variance = moments.subset_variance(n, m, epochs)
        assert (variance >= 0).all()
        assert (variance <= moments.poisson_variance(n, m, epochs) * (1 + 1e-13)).all()
