"""The discrete samplers against their laws.

Both error rates: a test fails at a p-value below 1e-6 (shared among its p-values), on fixed seeds; the
planted faults are caught at that level, with their power beside them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numba import njit
from numpy.typing import NDArray
from scipy import stats
from scipy.special import gammaln

from simulations.kernels.exact_curves import room, waves_in
from simulations.samplers.allocation import allocate
from simulations.samplers.balls import LOADS, drop_balls, fill_empty
from simulations.samplers.binomial import binomial
from simulations.samplers.hypergeometric import hypergeometric
from simulations.samplers.table_mountain import LEAST_MEAN, LEAST_VARIANCE, hat_constants
from simulations.samplers.uniforms import bounded, uniform
from simulations.streams import LAWS, seed_key
from simulations.word_source import open_source, rewind
from softsample_theory.laws.occupancy_law import OccupancyLaw

FALSE_ALARM = 1e-6
TEST_STREAM = 99  # a c0 of the LAWS streams that the library does not use


@njit(cache=True)
def draw_binomials(source, seed, n, p, q, out):
    rewind(source, LAWS, TEST_STREAM, seed, 0)
    for i in range(out.size):
        out[i] = binomial(source, n, p, q)


@njit(cache=True)
def draw_hypergeometrics(source, seed, population, marked, sample, out):
    rewind(source, LAWS, TEST_STREAM, seed, 1)
    for i in range(out.size):
        out[i] = hypergeometric(source, population, marked, sample)


@njit(cache=True)
def draw_bounded(source, bound, refuse, out):
    rewind(source, LAWS, TEST_STREAM, 0, 2)
    for i in range(out.size):
        out[i] = bounded(source, bound) if refuse else np.int64(uniform(source) * 2.0**53) * 3 // 4


@njit(cache=True)
def draw_empty_cells(source, balls, cells, loads, odds, kind, out):
    rewind(source, LAWS, TEST_STREAM, 0, 3)
    waves = waves_in(loads, odds)
    filled = np.zeros(LOADS, np.int64)
    for i in range(out.shape[0]):
        filled[:] = 0
        if kind == 0:
            out[i, 0], _ = fill_empty(source, balls, cells, waves)
        else:
            filled[0] = cells
            drop_balls(source, balls, cells, 0, filled, waves)
            out[i] = filled[: out.shape[1]]


@njit(cache=True)
def draw_allocations(source, loads, items, out):
    rewind(source, LAWS, TEST_STREAM, 0, 4)
    for i in range(out.shape[0]):
        table = np.zeros((items.size, loads.size), np.int64)
        table[:, 0] = items
        allocate(source, loads.copy(), loads.size - 1, 0, table)
        out[i] = table


def source():
    return open_source(*seed_key(20231121))


def uniforms_of(values: NDArray[np.int64], law, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the randomised probability integral transform: uniform if and only if the law is right."""
    distinct, where = np.unique(values, return_inverse=True)
    above, mass = law.cdf(distinct)[where], law.pmf(distinct)[where]
    return above - mass * rng.random(values.size)


def flatness(u: NDArray[np.float64], cells: int = 50) -> float:
    """Return the chi-square p-value of uniformity."""
    return float(
        stats.chisquare(np.bincount(np.minimum((u * cells).astype(int), cells - 1), minlength=cells)).pvalue
    )


class WideNormal:
    """The normal law as a lattice law: right to 1/s**2, nothing beside 1/sqrt(samples) for s >= 1e5."""

    def __init__(self, mean: float, deviation: float) -> None:
        self.law = stats.norm(mean, deviation)

    def cdf(self, k: NDArray[np.int64]) -> NDArray[np.float64]:
        return self.law.cdf(k + 0.5)

    def pmf(self, k: NDArray[np.int64]) -> NDArray[np.float64]:
        return self.law.cdf(k + 0.5) - self.law.cdf(k - 0.5)


def hypergeometric_deviation(population: int, marked: int, sample: int) -> float:
    share = marked / population
    return float(np.sqrt(sample * share * (1 - share) * ((population - sample) / (population - 1))))


BINOMIALS = [  # below and above the mean 10 where the method changes, both sides of 1/2, up to 2**53 trials
    (1, 0.5),
    (7, 0.3),
    (33, 0.97),
    (100, 0.09),
    (100, 0.11),
    (100, 0.5),
    (1000, 0.7),
    (10**6, 3e-6),
    (10**6, 0.011),
    (10**9, 1e-7),
    (10**9, 0.37),
    (10**12, 1e-11),
    (10**12, 0.2),
    (2**53, 0.75),
]
HYPERGEOMETRICS = [  # (population, marked, sample): every symmetry, both methods, up to 2**53
    (2, 1, 1),
    (10, 3, 4),
    (10, 7, 8),
    (30, 15, 15),
    (100, 70, 20),
    (100, 50, 50),
    (1000, 300, 400),
    (1000, 900, 15),
    (50_000, 15_000, 2_000),
    (10**6, 10**6 - 40, 10**5),
    (10**6, 1000, 3000),
    (10**9, 2 * 10**4, 10**6),
    (10**12, 3 * 10**11, 10**11),
    (2**53, 2**50, 2**52 + 2**51),
]
SEEDS = range(5)
SAMPLES = 10_000


def law_of_binomial(n: int, p: float):
    deviation = np.sqrt(n * p * (1 - p))
    return WideNormal(n * p, deviation) if deviation > 1e5 else stats.binom(n, p)


def law_of_hypergeometric(population: int, marked: int, sample: int):
    deviation = hypergeometric_deviation(population, marked, sample)
    if deviation > 1e5:
        return WideNormal(sample * (marked / population), deviation)
    if population <= 10**6:
        return stats.hypergeom(population, marked, sample)
    return RatioLaw(population, marked, sample)


class RatioLaw:
    """The hypergeometric law from its ratio recurrence, normalised: no log-gamma, for modest means."""

    def __init__(self, population: int, marked: int, sample: int) -> None:
        k = np.arange(0.0, sample * marked / population * 3 + 50)
        ratios = (marked - k) * (sample - k) / ((k + 1) * (population - marked - sample + k + 1))
        log_pmf = np.concatenate([[0.0], np.cumsum(np.log(ratios[:-1]))])
        self.mass = np.exp(log_pmf - log_pmf.max())
        self.mass /= self.mass.sum()

    def cdf(self, k: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.cumsum(self.mass)[k]

    def pmf(self, k: NDArray[np.int64]) -> NDArray[np.float64]:
        return self.mass[k]


def p_values(
    draw: Callable[..., None], cases: list[tuple], law: Callable[..., object], arguments: Callable
) -> list[float]:
    found = []
    rng = np.random.default_rng(5)
    for case in cases:
        for seed in SEEDS:
            out = np.empty(SAMPLES, np.int64)
            draw(source(), seed, *arguments(*case), out)
            found.append(flatness(uniforms_of(out, law(*case), rng)))
    return found


def test_binomial_law():
    # 70 p-values; a Kolmogorov-Smirnov test of their uniformity at 1e-6, and none below 1e-6 / 70.
    found = p_values(draw_binomials, BINOMIALS, law_of_binomial, lambda n, p: (n, p, 1 - p))
    assert min(found) > FALSE_ALARM / len(found)
    assert stats.kstest(found, "uniform").pvalue > FALSE_ALARM


def test_hypergeometric_law():
    # 70 p-values, as above.
    found = p_values(draw_hypergeometrics, HYPERGEOMETRICS, law_of_hypergeometric, lambda *case: case)
    assert min(found) > FALSE_ALARM / len(found)
    assert stats.kstest(found, "uniform").pvalue > FALSE_ALARM


def test_harness_catches_a_wrong_variance_and_a_shift():
    # Planted: a binomial where a hypergeometric belongs (variance 1.67 times too large), and p too large by
    # 0.1 standard deviations. The chi-square's non-centrality is above 500 for each: power above 1 - 1e-15.
    rng = np.random.default_rng(1)
    out = np.empty(SAMPLES, np.int64)
    for seed in SEEDS:
        draw_binomials(source(), seed, 400, 0.3, 0.7, out)
        assert flatness(uniforms_of(out, stats.hypergeom(1000, 300, 400), rng)) < FALSE_ALARM
    shifted = np.empty(10 * SAMPLES, np.int64)
    p = 0.37 + 0.1 * np.sqrt(0.37 * 0.63 / 10**9)
    draw_binomials(source(), 0, 10**9, p, 1 - p, shifted)
    assert flatness(uniforms_of(shifted, stats.binom(10**9, 0.37), rng)) < FALSE_ALARM


@pytest.mark.parametrize(("n", "p", "value"), [(0, 0.5, 0), (9, 0.0, 0), (9, 1.0, 9), (2**53, 1.0, 2**53)])
def test_certain_binomials(n, p, value):
    out = np.empty(5, np.int64)
    draw_binomials(source(), 0, n, p, 1 - p, out)
    assert (out == value).all()


@pytest.mark.parametrize(
    ("population", "marked", "sample", "value"),
    [
        (1, 1, 1, 1),
        (1, 0, 1, 0),
        (9, 0, 4, 0),
        (9, 4, 0, 0),
        (9, 9, 4, 4),
        (9, 4, 9, 4),
        (2**53, 2**53, 7, 7),
        (0, 0, 0, 0),
    ],
)
def test_certain_hypergeometrics(population, marked, sample, value):
    out = np.empty(5, np.int64)
    draw_hypergeometrics(source(), 0, population, marked, sample, out)
    assert (out == value).all()


# The hat ----------------------------------------------------------------------------------------------


def margins(mean: float, deviation: float, skew: float, k: NDArray, log_pmf: NDArray) -> tuple[float, float]:
    """Return max h G'/alpha, which must not pass 1, and min h G'/alpha - v_r where the squeeze applies."""
    a, b, alpha, squeeze = hat_constants(deviation, skew)
    h = np.exp(log_pmf) * deviation * np.sqrt(2 * np.pi)

    def place(x):  # the u with G(u) = x
        distance = np.abs(x - mean - 0.5)
        slope = 0.5 * b + 2 * a + distance
        return np.sign(x - mean - 0.5) * (slope - np.sqrt(slope**2 - 2 * b * distance)) / (2 * b)

    def derivative(u):
        return a / (0.5 - np.abs(u)) ** 2 + b

    left, right = place(k), place(k + 1)
    outer = np.maximum(derivative(left), derivative(right))
    nearest = np.where((left <= 0) & (right >= 0), 0, np.minimum(np.abs(left), np.abs(right)))
    squeezed = nearest <= 0.43
    return (h * outer / alpha).max(), (h * derivative(nearest) / alpha)[squeezed].min() - squeeze


def window(mean: float, deviation: float, low: int, high: int) -> NDArray:
    return np.arange(
        max(low, int(mean - 12 * deviation - 5)), min(high, int(mean + 12 * deviation + 5)) + 1.0
    )


def binomial_margins(n: int, p: float) -> tuple[float, float]:
    deviation = np.sqrt(n * p * (1 - p))
    k = window(n * p, deviation, 0, n)
    log_pmf = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) + k * np.log(p) + (n - k) * np.log1p(-p)
    return margins(n * p, deviation, p, k, log_pmf)


def hypergeometric_margins(population: int, a: int, b: int) -> tuple[float, float]:
    deviation = hypergeometric_deviation(population, a, b)
    k = window(a * b / population, deviation, 0, a)
    constant = sum(gammaln(x + 1) for x in (a, population - a, b, population - b)) - gammaln(population + 1)
    cells = sum(gammaln(c + 1) for c in (k, a - k, b - k, population - a - b + k))
    return margins(a * b / population, deviation, b / population, k, constant - cells)


def test_hat_and_squeeze_hold_for_binomials():
    # Largest hat ratio seen 0.9947, smallest squeeze margin 0.0048 (the normal limit), on this grid.
    grid = [
        (n, x / n)
        for n in (20, 25, 40, 100, 1000, 10**4, 10**6)
        for x in (10, 10.5, 11, 13, 17, 30)
        if x <= n / 2
    ]
    grid += [(n, p) for n in (50, 200, 10**3, 10**5, 10**6) for p in (0.2, 0.3, 0.4, 0.5)]
    found = np.array([binomial_margins(n, p) for n, p in grid])
    assert found[:, 0].max() < 0.9948
    assert found[:, 1].min() > 0.0045


def test_hat_and_squeeze_hold_for_hypergeometrics():
    # All a <= b <= N/2 with mean >= 10 and variance >= 9 on a grid of N. The same limits as for binomials.
    found = []
    for population in (*range(144, 184, 8), 200, 400, 1000, 10**4, 10**6):
        sizes = np.unique(np.linspace(1, population // 2, 40).astype(int))
        for i, a in enumerate(sizes):
            for b in sizes[i:]:
                mean, variance = a * b / population, hypergeometric_deviation(population, a, b) ** 2
                if mean >= LEAST_MEAN and variance >= LEAST_VARIANCE:
                    found.append(hypergeometric_margins(population, int(a), int(b)))
    assert len(found) > 1000
    assert np.max(found, axis=0)[0] < 0.9948
    assert np.min(found, axis=0)[1] > 0.0045


def test_hat_fails_where_it_is_not_used():
    assert binomial_margins(10**4, 6e-4)[0] > 1.01  # mean 6
    assert hypergeometric_margins(40, 20, 20)[0] > 1.01  # variance 2.6


# Bounded integers, balls, allocation ------------------------------------------------------------------


def test_bounded_is_uniform_where_multiplying_alone_is_not():
    # Planted: 53-bit words x onto 3 * 2^51 values by floor(3x/4) alone; its residues mod 3 have chances 1/2,
    # 1/4 and 1/4. The chi-square of 20,000 draws is about 2,500 on 2 degrees of freedom: power 1 - 1e-400.
    out = np.empty(20_000, np.int64)
    draw_bounded(source(), 3 * 2**61, True, out)
    assert stats.chisquare(np.bincount(out % 3)).pvalue > FALSE_ALARM
    assert out.min() >= 0
    assert out.max() < 3 * 2**61
    draw_bounded(source(), 3 * 2**61, False, out)
    assert stats.chisquare(np.bincount(out % 3)).pvalue < FALSE_ALARM


@pytest.mark.parametrize(
    ("balls", "cells"), [(30, 20), (60, 50), (200, 60), (2_000, 50_000), (15_000, 5_000), (10**9, 10**9)]
)
@pytest.mark.parametrize("kind", [0, 1])
def test_empty_cells_follow_the_occupancy_law(balls, cells, kind):
    out = np.empty((2_000, 1), np.int64)
    draw_empty_cells(source(), balls, cells, *room(), kind, out)
    u = uniforms_of(cells - out[:, 0], OccupancyLaw(cells, balls), np.random.default_rng(2))
    assert flatness(u, 20) > FALSE_ALARM / 12


def test_loads_add_up_and_have_their_means():
    # E(cells of load j) = u Bin(m, 1/u)(j); standard errors from the sample, six of them allowed (2e-9 each).
    balls, cells = 7_000, 5_000
    out = np.empty((4_000, 16), np.int64)
    draw_empty_cells(source(), balls, cells, *room(), 1, out)
    assert (out.sum(axis=1) == cells).all()
    assert (out @ np.arange(16) == balls).all()
    means = cells * stats.binom.pmf(np.arange(9), balls, 1 / cells)
    errors = out[:, :9].std(axis=0) / np.sqrt(len(out))
    assert (np.abs(out[:, :9].mean(axis=0) - means) < 6 * errors).all()


def test_allocation_is_multivariate_hypergeometric():
    # Pool of 5 + 3 + 2 cells over classes of 4 and 6 items: 11 tables, exact chances by counting subsets.
    loads, items = np.array([5, 3, 2]), np.array([4, 6])
    out = np.empty((20_000, 2, 3), np.int64)
    draw_allocations(source(), loads, items, out)
    assert (out.sum(axis=1) == loads).all()
    assert (out.sum(axis=2) == items).all()
    law = stats.multivariate_hypergeom(loads, 4)
    seen, counts = np.unique(out[:, 0], axis=0, return_counts=True)
    assert len(seen) == 11
    assert stats.chisquare(counts, len(out) * law.pmf(seen)).pvalue > FALSE_ALARM


def test_allocation_of_common_loads():
    # Loads above the threshold for single cells: the count of each (class, load) is hypergeometric.
    loads, items = np.array([3_000, 900, 200, 7]), np.array([107, 1_000, 3_000])
    out = np.empty((3_000, 3, 4), np.int64)
    draw_allocations(source(), loads, items, out)
    assert (out.sum(axis=1) == loads).all()
    rng = np.random.default_rng(3)
    for r, load in [(0, 1), (0, 2), (1, 1), (1, 2), (2, 1), (2, 3)]:
        law = stats.hypergeom(loads.sum(), loads[load], items[r])
        assert flatness(uniforms_of(out[:, r, load], law, rng), 20) > FALSE_ALARM / 6
