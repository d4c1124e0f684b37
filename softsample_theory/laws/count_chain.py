"""The exact chain of how many items have been seen 0, 1, ..., d-1 times, for populations of a few dozen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import comb

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def is_small(n: int, d: int) -> bool:
    """Return whether the chain has few states: n <= 33 for d = 2, n <= 20 for d = 3, n <= 12 for d = 4.

    For d = 2 inclusion and exclusion serves beyond, and faster.
    """
    return comb(n + d, d) <= (600 if d == 2 else 2000)


def all_seen_often(n: int, m: int, d: int) -> tuple[Floats, Floats, Floats]:
    """Return (pmf, cdf, sf) for K = 0, 1, ... of the first epoch by which every item has been seen d times.

    A state is the tuple of how many items have been seen 0, ..., d-1 times; an epoch's m-subset hits each
    class by a multivariate hypergeometric law, whose probabilities are ratios of exact integers. All terms
    are positive. The table ends where sf falls below 1e-290.
    """
    states = [c for c in product(range(n + 1), repeat=d) if 0 < sum(c) <= n]
    source, target, weight = _transitions(n, m, states)
    p: Floats = np.zeros(len(states) + 1)  # the last place absorbs
    p[states.index((n,) + (0,) * (d - 1))] = 1.0
    rows = [(0.0, 0.0, 1.0)]
    while rows[-1][2] > 1e-290:
        p = np.bincount(target, p[source] * weight, minlength=p.size).astype(np.float64)
        flow = float(p[-1])
        p[-1] = 0.0
        rows.append((flow, rows[-1][1] + flow, float(p.sum())))
    table: Floats = np.array(rows)
    return table[:, 0], table[:, 1], table[:, 2]


def _transitions(n: int, m: int, states: list[tuple[int, ...]]) -> tuple[Integers, Integers, Floats]:
    place = {state: i for i, state in enumerate(states)}
    place[(0,) * len(states[0])] = len(states)
    steps = [
        (i, place[after], ways / comb(n, m))
        for i, state in enumerate(states)
        for after, ways in _steps(n, m, state)
    ]
    source, target, weight = zip(*steps, strict=True)
    return np.array(source), np.array(target), np.array(weight)


def _steps(n: int, m: int, state: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], int]]:
    """Yield each state that one epoch may lead to, with the number of m-subsets that lead there."""
    done = n - sum(state)
    for hits in product(*(range(min(m, c) + 1) for c in state)):
        rest = m - sum(hits)
        if 0 <= rest <= done:
            ways = comb(done, rest)
            for c, h in zip(state, hits, strict=True):
                ways *= comb(c, h)
            yield tuple(c - h + up for c, h, up in zip(state, hits, (0, *hits), strict=False)), ways
