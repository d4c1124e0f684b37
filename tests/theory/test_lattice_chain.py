"""The chain on coarse lattices against rationals, and against the contour: they share no formula."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import islice
from math import comb

import numpy as np
import pytest

from softsample_theory.laws.contour import unseen_log_law
from softsample_theory.laws.coverage_moments import subset_unseen_mean, subset_variance
from softsample_theory.laws.lattice_chain import Lattice, lattices, mass, pmf_after
from softsample_theory.laws.subset_cumulants import seen_cumulants


def lattice_of(n: int, m: int, epoch: int, **options: float) -> Lattice:
    return next(islice(lattices(n, m, **options), epoch - 1, None))


def from_the_contour(n: int, m: int, K: int, u: np.ndarray) -> np.ndarray:
    log_p, _, good = unseen_log_law(n, m, np.full(u.size, K), u, False)
    assert good
    return np.exp(log_p)


def around_the_mean(n: int, m: int, K: int, reach: float) -> np.ndarray:
    mean, sd = float(subset_unseen_mean(n, m, [K])[0]), math.sqrt(subset_variance(n, m, [K])[0])
    u = np.round(mean + sd * np.linspace(-reach, reach, 31)).astype(np.int64)
    return np.unique(np.clip(u, max(0, n - m * K), n - m))


def exact_law(n: int, m: int, K: int) -> dict[int, Fraction]:
    """The chain in rationals, epoch by epoch."""
    law = {n: Fraction(1)}
    for _ in range(K):
        after: dict[int, Fraction] = {}
        for u, p in law.items():
            for v in range(max(0, u - m), min(u, n - m) + 1):
                after[v] = after.get(v, Fraction(0)) + p * Fraction(
                    comb(u, v) * comb(n - u, n - m - v), comb(n, m)
                )
        law = after
    return law


@pytest.mark.parametrize(
    ("n", "m", "K"), [(2, 1, 5), (7, 3, 4), (12, 11, 3), (20, 1, 30), (40, 13, 6), (50, 5, 10)]
)
def test_full_lattices_against_rationals(n: int, m: int, K: int) -> None:
    law = exact_law(n, m, K)
    lattice = lattice_of(n, m, K, reach=30.0)
    assert lattice.step == 1
    for i, p in enumerate(lattice.p):
        assert p == pytest.approx(float(law.get(lattice.base + i, 0)), rel=3e-13)
    assert mass(lattice) == pytest.approx(1.0, abs=5e-14)


# n, m, K; few repeats, middle coverage, near full coverage; steps D from 1 to 33,000.
PLANS = [
    (98, 5, 60),
    (2000, 20, 120),
    (10**6, 10**5, 10),
    (10**6, 10, 100),
    (10**9, 10**8, 100),
    (10**9, 10**6, 60),
    (10**12, 10**10, 40),
    (10**12, 9 * 10**11, 3),
    (10**12, 10**6, 5),
    (2**53, 2**40, 20),
]


@pytest.mark.parametrize(("n", "m", "K"), PLANS)
def test_chain_and_contour_agree(n: int, m: int, K: int) -> None:
    u = around_the_mean(n, m, K, 8.0)
    lattice = lattice_of(n, m, K - 1, reach=14.0, smoothness=6.0)
    assert mass(lattice) == pytest.approx(1.0, abs=5e-14)
    np.testing.assert_allclose(pmf_after(n, m, lattice, u), from_the_contour(n, m, K, u), rtol=3e-13)


def test_chain_and_contour_agree_on_random_plans() -> None:
    rng = random.Random(20240229)
    for _ in range(40):
        n = int(10 ** rng.uniform(0.6, 12))
        m = min(n - 1, max(1, int(n * 10 ** rng.uniform(-3, 0))))
        K = rng.randint(2, 12)
        u = around_the_mean(n, m, K, 8.0)
        lattice = lattice_of(n, m, K - 1, reach=14.0, smoothness=6.0)
        np.testing.assert_allclose(pmf_after(n, m, lattice, u), from_the_contour(n, m, K, u), rtol=3e-13)


@pytest.mark.parametrize(("n", "m", "K"), [(10**9, 10**8, 30), (10**12, 10**9, 30), (500, 7, 90)])
def test_moments_of_the_lattices_are_the_closed_forms(n: int, m: int, K: int) -> None:
    # The mean over a lattice is exact too, for the same reason; cumulants in 220-digit decimals.
    mean, k2, k3, _ = seen_cumulants(n, m, K)
    lattice = lattice_of(n, m, K, reach=12.0, smoothness=6.0)
    d = (lattice.base + lattice.step * np.arange(lattice.p.size)) - (n - mean)
    shift = lattice.step * np.sum(lattice.p * d)
    assert shift == pytest.approx(0.0, abs=1e-12 * math.sqrt(k2) + 3e-16 * n)  # n - mean is known to eps n
    d -= shift
    assert lattice.step * np.sum(lattice.p * d**2) == pytest.approx(k2, rel=1e-11)
    assert lattice.step * np.sum(lattice.p * d**3) == pytest.approx(-k3, abs=1e-9 * k2**1.5)


def test_a_lattice_that_is_too_coarse_is_found_out() -> None:
    n, m, K = 10**9, 10**8, 20
    u = around_the_mean(n, m, K, 4.0)
    coarse = pmf_after(n, m, lattice_of(n, m, K - 1, smoothness=2.0), u)  # D of half the standard deviation
    assert np.max(np.abs(coarse / from_the_contour(n, m, K, u) - 1)) > 1e-6


def test_a_window_that_is_too_narrow_leaves_a_deficit() -> None:
    lattice = lattice_of(10**9, 10**8, 20, reach=3.0)
    assert 1e-5 < 1 - mass(lattice) < 1e-1
