r"""Cumulants of the draws until s of n items have been seen: sums over a geometric waiting time per item.

While v items are unseen the next new one takes a geometric time with success v/n, so each cumulant is
:math:`\sum_{v=n-s+1}^{n} g(v)` with g below. Up to 256 terms are added; more are an integral plus its
Euler-Maclaurin correction. All terms are positive: nothing cancels, for s = n nor for s far below n.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from softsample_theory.laws.euler_maclaurin import END_WEIGHTS
from softsample_theory.laws.gauss_legendre import NODES, WEIGHTS

Floats = NDArray[np.float64]
Term = Callable[[Floats, Floats], Floats]  # of u items seen and v = n - u unseen: one of the two is exact

_MOST_TERMS = 256
_FIRST = 32  # the correction is taken at v = 32 or above


def waiting_cumulants(population: int, items: int) -> tuple[float, float, float, float]:
    """Return the first four cumulants of the draws until `items` of `population` items have been seen.

    Accuracy
    --------
    Relative error at most 1e-15 against 60-digit polygamma differences, n to 2**53, items from 1 to n.

    Cost
    ----
    About 0.3 ms.

    Examples
    --------
    >>> round(waiting_cumulants(365, 365)[0], 9)     # 365 H_365
    2364.646023436
    """
    n = float(population)
    terms: tuple[Term, ...] = (
        lambda u, v: n / v,
        lambda u, v: n * u / v**2,
        lambda u, v: n * u * (n + u) / v**3,
        lambda u, v: n * u * (n * n + 4.0 * n * u + u * u) / v**4,
    )
    first, second, third, fourth = (_sum(g, population, items) for g in terms)
    return first, second, third, fourth


def _sum(g: Term, n: int, s: int) -> float:
    """Return the sum of g over u = 0..s-1."""
    if s <= _MOST_TERMS:
        return math.fsum(_at_seen(g, n, np.arange(s)))
    stop = min(s, n - _FIRST)  # u below stop by the integral, the last few by themselves
    last = math.fsum(_at_seen(g, n, np.arange(stop, s)))
    m = np.arange(END_WEIGHTS.size)
    start_correction = END_WEIGHTS @ (_at_seen(g, n, m) - _at_seen(g, n, -1 - m))
    stop_correction = END_WEIGHTS @ (_at_seen(g, n, stop + m) - _at_seen(g, n, stop - 1 - m))
    return float(_integral(g, n, stop) + (start_correction - stop_correction)) + last


def _at_seen(g: Term, n: int, u: NDArray[np.int64]) -> Floats:
    return g(u.astype(np.float64), (n - u).astype(np.float64))


def _integral(g: Term, n: int, stop: int) -> float:
    """Return the integral of g from u = -1/2 to u = stop - 1/2: in u while v > n/2, then in log v."""
    near = min(stop, n // 2)
    u = near * NODES - 0.5
    total = near * float(WEIGHTS @ g(u, n - u))
    if near < stop:
        least, most = n - stop + 0.5, n - near + 0.5
        panels = math.ceil(math.log(most / least))
        step = math.log(most / least) / panels
        v = least * np.exp(step * (np.arange(panels)[:, None] + NODES))
        total += step * float(np.sum((v * g(n - v, v)) @ WEIGHTS))
    return total
