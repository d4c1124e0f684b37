"""Tail sums and quantiles of the occupancy law, each tail to its own relative accuracy.

A tail is summed outward from its first term. Where that takes many terms it is an integral of the continued formula
plus the midpoint Euler-Maclaurin correction, taken from lattice values on both sides of the end point.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numba import njit

from softsample_theory.laws.occupancy_kernel import OccupancyState, log_pmf

_MOST_TERMS = 128.0
_DROP = 40.0  # a tail ends where the pmf has fallen by exp(-40)
_WALK = 12


def _end_weights(terms: int) -> np.ndarray:
    r"""Return c_m with sum_j f(j) = int_{-1/2}^inf f + sum_m c_m (f(m) - f(-1-m)), exact to order 2 terms.

    The midpoint Euler-Maclaurin correction is :math:`\sum_i t_i f^{(2i-1)}(-1/2)`,
    :math:`t_i = (1 - 2^{1-2i}) B_{2i} / (2i)!`; the c_m match its Taylor series, solved over the rationals.
    """
    bernoulli = [Fraction(*b) for b in ((1, 6), (-1, 30), (1, 42), (-1, 30), (5, 66), (-691, 2730), (7, 6))]
    rows = []
    for i in range(1, terms + 1):
        odd = math.factorial(2 * i - 1)
        t = (1 - Fraction(2) ** (1 - 2 * i)) * bernoulli[i - 1] / math.factorial(2 * i)
        rows.append([2 * Fraction(2 * m + 1, 2) ** (2 * i - 1) / odd for m in range(terms)] + [t])
    for i in range(terms):  # Gauss-Jordan
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for j in range(terms):
            if j != i:
                rows[j] = [a - rows[j][i] * b for a, b in zip(rows[j], rows[i], strict=True)]
    return np.array([float(row[-1]) for row in rows])


_WEIGHTS = _end_weights(7)
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(40)


@njit(cache=True, error_model="numpy")
def cdf_sf(state: OccupancyState, k: int) -> tuple[float, float]:
    """Return P(K <= k) and P(K > k); the smaller is summed, the other is its complement."""
    log_tail, upper = log_smaller_tail(state, k)
    tail = min(math.exp(log_tail), 1.0)
    return (1.0 - tail, tail) if upper else (tail, 1.0 - tail)


@njit(cache=True, error_model="numpy")
def log_smaller_tail(state: OccupancyState, k: int) -> tuple[float, bool]:
    """Return log P(K > k) and True where k is at the mean or above, log P(K <= k) and False below."""
    if k >= state.high:
        return -math.inf, True
    if k < state.low:
        return -math.inf, False
    if float(k) >= state.mean:
        return log_tail_sum(state, k + 1, 1), True
    return log_tail_sum(state, k, -1), False


@njit(cache=True, error_model="numpy")
def log_tail_sum(state: OccupancyState, k: int, way: int) -> float:
    """Return log of the sum of the pmf over k, k + way, k + 2 way, ... to the end of the support."""
    first = log_pmf(state, k, 0.0)
    last = state.high if way > 0 else state.low
    if k == last:
        return first
    fall = max(first - log_pmf(state, k + way, 0.0), 0.0)
    width = 2.0 * _DROP / (fall + math.sqrt(fall * fall + 2.0 * _DROP / state.variance))
    room = float(abs(last - k))
    if width > _MOST_TERMS and room > _MOST_TERMS:
        while width < room:
            if log_pmf(state, k, way * width) < first - _DROP + 3.0:
                return first + math.log(_tail_by_integral(state, k, way, first, width))
            width *= 1.15
    return first + math.log(_tail_by_terms(state, k, way, first))


@njit(cache=True, error_model="numpy")
def _tail_by_terms(state: OccupancyState, k: int, way: int, first: float) -> float:
    last = state.high if way > 0 else state.low
    total = 1.0
    term = 1.0
    while k != last:
        k += way
        before = term
        term = math.exp(log_pmf(state, k, 0.0) - first)
        total += term
        if term < before and term * term < 1e-17 * total * (before - term):
            break  # log-concave: what is left is below term^2 / (before - term)
    return total


@njit(cache=True, error_model="numpy")
def _tail_by_integral(state: OccupancyState, k: int, way: int, first: float, width: float) -> float:
    half = 0.5 * (width + 0.5)
    total = 0.0
    for i in range(_NODES.size):
        offset = half * (1.0 + _NODES[i]) - 0.5
        total += _NODE_WEIGHTS[i] * math.exp(log_pmf(state, k, way * offset) - first)
    total *= half
    for m in range(_WEIGHTS.size):
        outside = math.exp(log_pmf(state, k + way * m, 0.0) - first)
        inside = math.exp(log_pmf(state, k - way * (m + 1), 0.0) - first)
        total += _WEIGHTS[m] * (outside - inside)
    return total


@njit(cache=True, error_model="numpy")
def quantile(state: OccupancyState, p: float, z: float, upper: bool) -> int:
    """Return the least k with cdf(k) >= p, or with sf(k) <= p where `upper`, as `cdf_sf` computes them.

    `z` is the normal quantile of the wanted point. K is a sum of independent indicators, so its third cumulant
    is below its variance, and the normal guess is within z^2 of the answer.
    """
    k = _clip(state, state.mean + z * math.sqrt(state.variance))
    for _ in range(20):
        value = _side(state, k, upper)
        density = math.exp(log_pmf(state, k, 0.0))
        step = _newton_step(p, value, density, upper)
        if abs(step) <= _WALK:
            k, margin = _walk(state, k, p, value, upper)
            if margin > 1e-11 * p and margin > 1e-14:
                return k
            break
        k = _clip(state, float(k) + step)
    return _bisect(state, k, p, upper)


@njit(cache=True, error_model="numpy")
def _clip(state: OccupancyState, k: float) -> int:
    if k <= float(state.low):
        return state.low
    if k >= float(state.high):
        return state.high
    return int(k)


@njit(cache=True, error_model="numpy")
def _side(state: OccupancyState, k: int, upper: bool) -> float:
    cdf, sf = cdf_sf(state, k)
    return sf if upper else cdf


@njit(cache=True, error_model="numpy")
def _newton_step(p: float, value: float, density: float, upper: bool) -> float:
    """Return how far the answer is, by Newton on the logarithm of the smaller of value and complement."""
    if density == 0.0:
        return 0.0
    if value < 0.5:
        step = (math.log(p) - math.log(value)) * value / density if value > 0.0 else 0.0
    else:
        step = (math.log1p(-value) - math.log1p(-p)) * (1.0 - value) / density if value < 1.0 else 0.0
    return -step if upper else step


@njit(cache=True, error_model="numpy")
def _walk(state: OccupancyState, k: int, p: float, value: float, upper: bool) -> tuple[int, float]:
    """Return the answer by single pmf steps, and how far p is from both values that decide it."""
    sign = -1.0 if upper else 1.0
    below = value - sign * math.exp(log_pmf(state, k, 0.0))  # at k - 1
    for _ in range(4 * _WALK):
        if sign * (value - p) < 0.0:
            if k == state.high:
                break
            k += 1
            below = value
            value += sign * math.exp(log_pmf(state, k, 0.0))
        elif sign * (below - p) >= 0.0:
            if k == state.low:
                break
            k -= 1
            value = below
            below -= sign * math.exp(log_pmf(state, k, 0.0))
        else:
            return k, min(abs(value - p), abs(below - p))
    return k, 0.0


@njit(cache=True, error_model="numpy")
def _bisect(state: OccupancyState, k: int, p: float, upper: bool) -> int:
    """Return the answer from computed values alone: gallop to a bracket, then halve it."""
    above, step = k, 1
    while not _reached(state, above, p, upper):
        above = min(above + step, state.high)
        step *= 2
    below, step = min(k, above) - 1, 1
    while below >= state.low and _reached(state, below, p, upper):
        above = below
        below = max(below - step, state.low - 1)
        step *= 2
    while above - below > 1:
        middle = below + (above - below) // 2
        if _reached(state, middle, p, upper):
            above = middle
        else:
            below = middle
    return above


@njit(cache=True, error_model="numpy")
def _reached(state: OccupancyState, k: int, p: float, upper: bool) -> bool:
    value = _side(state, k, upper)
    return value <= p if upper else value >= p
