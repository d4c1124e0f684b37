"""Sums over items of unequal chances: the loops behind `softsample_theory.weighted_coverage`.

Each returns partial sums of a few items, to be added exactly, so that ten million items lose no digits.
Chances are positive; where one is above 1/4 its complement comes as a number of its own.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from softsample_theory.laws.stirling import phi

Floats = NDArray[np.float64]

PIECE = 32
ORDERS = 8
"""How many orders of the pair series one pass sums."""


@njit(cache=True)
def seen_sums(chances: Floats, draws: float) -> Floats:
    """Return partial sums of 1 - (1-p)^D."""
    sums = np.zeros(chances.size // PIECE + 1)
    for i in range(chances.size):
        sums[i // PIECE] -= math.expm1(draws * math.log1p(-chances[i]))
    return sums


@njit(cache=True)
def repeat_sums(chances: Floats, draws: float) -> Floats:
    """Return partial sums of (1-p)^D P(Bin(D,p) >= 2), p (b - 1) and p b, b = (1-p)^(D-1): three columns."""
    sums = np.zeros((chances.size // PIECE + 1, 3))
    for i in range(chances.size):
        p = chances[i]
        log_q = math.log1p(-p)
        sums[i // PIECE, 0] += math.exp(draws * log_q) * _at_least_two(p, draws)
        sums[i // PIECE, 1] += p * math.expm1((draws - 1) * log_q)
        sums[i // PIECE, 2] += p * math.exp((draws - 1) * log_q)
    return sums


@njit(cache=True)
def spread_sums(chances: Floats, draws: float, less_one: bool, centre: float) -> Floats:
    """Return partial sums of p (b - centre)^2, b = (1-p)^(D-1), or of p (b - 1 - centre)^2."""
    sums = np.zeros(chances.size // PIECE + 1)
    for i in range(chances.size):
        p = chances[i]
        log_b = (draws - 1) * math.log1p(-p)
        sums[i // PIECE] += p * ((math.expm1(log_b) if less_one else math.exp(log_b)) - centre) ** 2
    return sums


@njit(cache=True)
def order_sums(chances: Floats, draws: float, first: int) -> Floats:
    """Return partial sums of y_k and y_k^2 for ORDERS orders k: y_k = C(D,k)^(1/2) (1-p)^D (p/(1-p))^k."""
    sums = np.zeros((chances.size // PIECE + 1, 2, ORDERS))
    for i in range(chances.size):
        p = chances[i]
        x, y = p / (1 - p), math.exp(draws * math.log1p(-p))
        for k in range(1, first + ORDERS):
            if k > draws:
                break
            y *= x * math.sqrt((draws - k + 1) / k)
            if k >= first:
                sums[i // PIECE, 0, k - first] += y
                sums[i // PIECE, 1, k - first] += y * y
    return sums


@njit(cache=True)
def heavy_sums(chances: Floats, draws: float, p: float, q: float) -> Floats:
    """Return partial sums over items of `pair_excess` with one item of chance p and complement q."""
    sums = np.zeros(chances.size // PIECE + 1)
    for i in range(chances.size):
        sums[i // PIECE] += pair_excess(chances[i], 1 - chances[i], p, q, draws)
    return sums


@njit(cache=True)
def pair_excess(p1: float, q1: float, p2: float, q2: float, draws: float) -> float:
    """Return (q1 q2)^D ((1-t)^D - 1 + D t), t = p1 p2 / (q1 q2), never negative; 0 where q1 q2 = 0."""
    both = math.exp(draws * (math.log(q1) + math.log(q2))) if q1 > 0 and q2 > 0 else 0.0
    if both == 0.0:
        return 0.0
    t = min(1.0, p1 / q1 * (p2 / q2))
    if draws * t >= 0.5:
        return both * (math.expm1(draws * math.log1p(-t)) + draws * t)
    total, term, k = 0.0, -draws * t, 2
    while k <= draws and abs(term) > 1e-18 * total:
        term *= -t * (draws - k + 1) / k
        total += term
        k += 1
    return both * total


@njit(cache=True)
def _at_least_two(p: float, draws: float) -> float:
    """Return 1 - (1-p)^(D-1) (1 + (D-1) p), for the logarithm of what is taken off two terms of one sign."""
    q = (draws - 1) * p
    log_rest = (draws - 1) * _log1p_less(-p) + _log1p_less(q)
    return -math.expm1(log_rest)


@njit(cache=True)
def _log1p_less(e: float) -> float:
    """Return log(1+e) - e <= 0, to full relative accuracy."""
    return (phi(e) - e * e) / (1 + e)
