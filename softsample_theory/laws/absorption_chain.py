"""The chain of unseen items run to absorption: the law of T_s where neither sum nor contour may be used.

From u unseen items an epoch leaves u - a, a hypergeometric. The states u >= r are followed; what flows below
r in epoch K is P(T = K). All terms are positive, so pmf, cdf and sf each keep their relative accuracy at any
depth. Nothing is shared with the alternating sums or the contour, and no Stirling formula is used: a row of
the kernel is built outward from its mode by exact ratios and scaled by its own sum.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_CUT = 1e-300  # smaller probabilities are dropped: values above 1e-285 do not feel it
_REACH = 700.0  # -log of what Bernstein's inequality may leave outside a window


@njit(cache=True)
def run_to_absorption(
    n: int, m: int, r: int, room: int, limit: float
) -> tuple[Floats, Floats, Floats, float, float]:
    """Return (pmf, cdf, sf, mass left, work) of T, the first epoch with fewer than r unseen, r <= n - m.

    Entry i belongs to epoch (n-r)//m + 1 + i, before which T is impossible. The table ends after `room`
    epochs, or earlier where sf fell below 1e-300 (mass left 0) or the work passed `limit` kernel entries
    (a few nanoseconds each).

    Accuracy
    --------
    Relative error at most 2e-13 down to 1e-280 against exact rationals and 300-digit sums, n <= 2000.
    """
    pmf, cdf, sf = np.zeros(room), np.zeros(room), np.zeros(room)
    first = (n - r) // m + 1
    bottom, p = n - m, np.ones(1)
    seen, work = 0.0, 0.0
    K, i = 1, 0
    while i < room and p.size > 0 and work <= limit:
        K += 1
        low, after = _window(n, m, r, bottom, p.size)
        row = np.empty(_row_room(n, m, bottom + p.size - 1))
        flow = 0.0
        for k in range(p.size):
            if p[k] > 0.0:
                below, entries = _spread(n, m, r, bottom + k, p[k], low, after, row)
                flow += below
                work += entries
        work += p.size + after.size
        seen += flow
        bottom, p = _trim(low, after)
        if first <= K:
            pmf[i], cdf[i], sf[i] = flow, seen, p.sum()
            i += 1
    return pmf[:i], cdf[:i], sf[:i], p.sum(), work


@njit(cache=True)
def crossing_chances(n: int, m: int, r: int, count: int) -> Floats:
    """Return P(fewer than r unseen after one epoch | r + i unseen before it) for i = 0 .. count-1.

    Accuracy: relative error at most 1e-14, down to 1e-280.
    """
    out = np.zeros(count)
    row = np.empty(_row_room(n, m, min(n - m, r + count)))
    for i in range(count):
        out[i] = _spread(n, m, r, r + i, 1.0, r, row[:0], row)[0]
    return out


@njit(cache=True)
def one_epoch(
    n: int, m: int, states: NDArray[np.int64], weights: Floats, low: int, size: int
) -> tuple[Floats, float]:
    """Return the chances that low, low + 1, ... are unseen after an epoch from `states`, and the work.

    Each state, a number of unseen items, has its weight; what falls outside the `size` listed is dropped.
    """
    after, work = np.zeros(size), 0.0
    row = np.empty(_row_room(n, m, states.max()))
    for i in range(states.size):
        if weights[i] > 0.0:
            work += _spread(n, m, 0, states[i], weights[i], low, after, row)[1]
    return after, work


@njit(cache=True)
def _window(n: int, m: int, r: int, bottom: int, size: int) -> tuple[int, Floats]:
    """Return the least state that the next epoch may hold, and zeros for it and those above."""
    top = bottom + size - 1
    q = (n - m) / n
    low = max(r, bottom - m, math.floor(bottom * q - _bernstein(n, m, bottom)))
    high = min(top, math.ceil(top * q + _bernstein(n, m, top)))
    return low, np.zeros(max(0, high - low + 1))


@njit(cache=True)
def _bernstein(n: int, m: int, u: int) -> float:
    """Return how far from its mean the hypergeometric of row u may be, but for exp(-_REACH)."""
    variance = u * (m / n) * ((n - m) / n) * ((n - u) / max(1.0, n - 1.0))
    return _REACH / 3 + math.sqrt(_REACH * _REACH / 9 + 2 * _REACH * variance) + 1.0


@njit(cache=True)
def _row_room(n: int, m: int, top: int) -> int:
    """Return an upper bound on the entries of any row u <= top."""
    return int(min(float(min(m, n - m, top)), 2.0 * _bernstein(n, m, min(top, n // 2)) + 2.0)) + 2


@njit(cache=True)
def _spread(
    n: int, m: int, r: int, u: int, p: float, low: int, after: Floats, row: Floats
) -> tuple[float, float]:
    """Add p times row u of the kernel to `after`; return what falls below r, and the entries touched."""
    least, most = max(0, m - (n - u)), min(u, m)
    mode = int(min(max((u + 1.0) * ((m + 1.0) / (n + 2.0)), least), most))
    cut = min(1e-20, _CUT / p)
    first, last = _row(n, m, u, least, mode, most, cut, row)
    size = last - first + 1
    scale = p / row[:size].sum()
    inside = min(last, u - r)
    for a in range(first, inside + 1):
        place = u - a - low
        if 0 <= place < after.size:
            after[place] += scale * row[a - first]
    below = 0.0
    for a in range(last, max(inside, first - 1), -1):
        below += row[a - first]
    return scale * below, float(size)


@njit(cache=True)
def _row(
    n: int, m: int, u: int, least: int, mode: int, most: int, cut: float, row: Floats
) -> tuple[int, int]:
    """Fill `row` with P(a)/P(mode), where above `cut`, and return its first and last a."""
    w, first = 1.0, mode
    while first > least and w > cut:
        w *= (float(first) * (n - u - m + first)) / ((u - first + 1.0) * (m - first + 1.0))
        first -= 1
        row[mode - first - 1] = w
    half = mode - first
    for k in range(half // 2):
        row[k], row[half - 1 - k] = row[half - 1 - k], row[k]
    row[half] = 1.0
    w, last = 1.0, mode
    while last < most and w > cut:
        w *= (float(u - last) * (m - last)) / ((last + 1.0) * (n - u - m + last + 1.0))
        last += 1
        row[last - first] = w
    return first, last


@njit(cache=True)
def _trim(low: int, p: Floats) -> tuple[int, Floats]:
    """Drop what is below the cut at both ends."""
    start, stop = 0, p.size
    while start < stop and p[start] < _CUT:
        start += 1
    while stop > start and p[stop - 1] < _CUT:
        stop -= 1
    return low + start, p[start:stop]
