"""Tail sums and quantiles of the occupancy law, each tail to its own relative accuracy.

A tail is summed outward from its first term. Where that takes many terms it is an integral of the continued
formula plus the midpoint Euler-Maclaurin correction, taken from lattice values on both sides of the end
point.
"""

from __future__ import annotations

import math

import numpy as np

from softsample_theory.laws.euler_maclaurin import END_WEIGHTS
from softsample_theory.laws.gauss_legendre import NODES, WEIGHTS
from softsample_theory.laws.occupancy_kernel import OccupancyState, log_pmf

_MOST_TERMS = 128
_DROP = 40.0  # a tail ends where the pmf has fallen by exp(-40)
_WALK = 8  # a quantile this near is found by single steps of the pmf


def cdf_sf(state: OccupancyState, k: int) -> tuple[float, float]:
    """Return P(K <= k) and P(K > k); the smaller is summed, the other is its complement."""
    log_tail, upper = log_smaller_tail(state, k)
    tail = min(math.exp(log_tail), 1.0)
    return (1.0 - tail, tail) if upper else (tail, 1.0 - tail)


def log_cdf_sf(state: OccupancyState, k: int) -> tuple[float, float]:
    """Return log P(K <= k) and log P(K > k), also where the probability is below the least float64."""
    log_tail, upper = log_smaller_tail(state, k)
    log_tail = min(log_tail, 0.0)
    log_other = math.log1p(-math.exp(log_tail)) if log_tail < 0.0 else -math.inf
    return (log_other, log_tail) if upper else (log_tail, log_other)


def log_smaller_tail(state: OccupancyState, k: int) -> tuple[float, bool]:
    """Return log P(K > k) and True where k is at the mean or above, log P(K <= k) and False below."""
    if k >= state.high:
        return -math.inf, True
    if k < state.low:
        return -math.inf, False
    if k >= state.mean:
        return log_tail_sum(state, k + 1, 1), True
    return log_tail_sum(state, k, -1), False


def log_tail_sum(state: OccupancyState, k: int, way: int) -> float:
    """Return log of the sum of the pmf over k, k + way, k + 2 way, ... to the end of the support."""
    room = state.high - k if way > 0 else k - state.low
    first, *second = log_pmf(state, k + way * np.arange(min(2, room + 1))).tolist()
    if room == 0:
        return float(first)
    fall = max(first - second[0], 0.0)
    width = 2.0 * _DROP / (fall + math.sqrt(fall * fall + 2.0 * _DROP / max(state.variance, 1e-300)))
    if width > _MOST_TERMS:
        while width < room:
            if log_pmf(state, [k], [way * width])[0] < first - _DROP + 3.0:
                return float(first + math.log(_tail_by_integral(state, k, way, first, width)))
            width *= 1.15
    return float(first + math.log(_tail_by_terms(state, k, way, first, room, width)))


def _tail_by_terms(state: OccupancyState, k: int, way: int, first: float, room: int, width: float) -> float:
    """Return the sum in blocks, until what a log-concave tail can still hold is below 1e-17 of it."""
    total, start, block = 0.0, 0, int(width) + 3
    while start <= room:
        steps = np.arange(start, min(start + block, room + 1))
        terms = np.exp(log_pmf(state, k + way * steps) - first)
        total += float(np.sum(terms[::-1]))
        last, before = float(terms[-1]), float(terms[-2]) if terms.size > 1 else math.inf
        if last < before and last * last < 1e-17 * total * (before - last):
            break
        start += block
    return total


def _tail_by_integral(state: OccupancyState, k: int, way: int, first: float, width: float) -> float:
    length = width + 0.5
    lattice = way * np.arange(-END_WEIGHTS.size, END_WEIGHTS.size)
    points = np.concatenate((np.full(NODES.size, k), k + lattice))
    offsets = np.concatenate((way * (length * NODES - 0.5), np.zeros(lattice.size)))
    values = np.exp(log_pmf(state, points, offsets) - first)
    inside, outside = np.split(values[NODES.size :], 2)
    return float(length * (WEIGHTS @ values[: NODES.size]) + END_WEIGHTS @ (outside - inside[::-1]))


def quantile(state: OccupancyState, p: float, z: float, upper: bool) -> int:
    """Return the least k with cdf(k) >= p, or with sf(k) <= p where `upper`, as `cdf_sf` computes them.

    `z` is the normal quantile of the wanted point. K is a sum of independent indicators, so that its third
    cumulant is below its variance and the normal guess is within about z^2/6 of the answer.
    """
    k = _clip(state, state.mean + z * math.sqrt(state.variance))
    for _ in range(20):
        value = cdf_sf(state, k)[upper]
        step = _newton_step(p, value, float(log_pmf(state, [k])[0]), upper)
        if abs(step) < _WALK:
            found = _walk(state, k, p, value, upper)
            if found is not None:
                return found
            break
        k = _clip(state, k + step)
    return _bisect(state, k, p, upper)


def _clip(state: OccupancyState, k: float) -> int:
    return state.low if k <= state.low else state.high if k >= state.high else int(k)


def _newton_step(p: float, value: float, log_density: float, upper: bool) -> float:
    """Return how far the answer is, by Newton on the logarithm of the smaller of value and complement."""
    small, wanted, sign = (value, p, 1.0) if value < 0.5 else (1.0 - value, 1.0 - p, -1.0)
    if small <= 0.0 or wanted <= 0.0:
        return 0.0
    step = sign * math.log(wanted / small) * math.exp(min(math.log(small) - log_density, 700.0))
    return -step if upper else step


def _walk(state: OccupancyState, k: int, p: float, value: float, upper: bool) -> int | None:
    """Return the answer by pmf steps from the value at k; None unless it is clear of rounding."""
    points = np.arange(max(state.low, k - 2 * _WALK), min(state.high, k + 2 * _WALK) + 1)
    steps = np.exp(log_pmf(state, points))
    here = k - int(points[0])
    left = -np.cumsum(steps[here:0:-1])[::-1]  # of cdf(i) - cdf(k)
    sums = np.concatenate((left, [0.0], np.cumsum(steps[here + 1 :])))
    values = value - sums if upper else value + sums
    found = int(np.count_nonzero(values > p if upper else values < p))
    if found == values.size or (found == 0 and points[0] > state.low):
        return None
    margin = np.min(np.abs(values[max(found - 1, 0) : found + 1] - p))
    rounding = 1e-11 * min(p, 1.0 - p) + 1e-14 * value
    return int(points[found]) if margin > rounding else None


def _bisect(state: OccupancyState, k: int, p: float, upper: bool) -> int:
    """Return the answer from computed values alone: gallop to a bracket, then halve it."""

    def reached(i: int) -> bool:
        value = cdf_sf(state, i)[upper]
        return value <= p if upper else value >= p

    above, step = k, 1
    while not reached(above):
        above, step = min(above + step, state.high), 2 * step
    below, step = min(k, above) - 1, 1
    while below >= state.low and reached(below):
        above, below, step = below, max(below - step, state.low - 1), 2 * step
    while above - below > 1:
        middle = (above + below) // 2
        above, below = (middle, below) if reached(middle) else (above, middle)
    return above
