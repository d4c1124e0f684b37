"""Counting visits item by item: the loop behind `simulations.training.tracker`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Counts = NDArray[Any]


@njit(cache=True, nogil=True)
def all_inside(items: NDArray[np.int64], size: int) -> bool:
    """Say whether every item is from 0 to size - 1."""
    for item in items:  # noqa: SIM110  Numba compiles no generator
        if item < 0 or item >= size:
            return False
    return True


@njit(cache=True, nogil=True)
def count_visits(
    visits: Counts,
    first: Counts,
    marks: NDArray[np.bool_],
    items: NDArray[np.int64],
    start: int,
    ceiling: int,
    epoch: int,
) -> tuple[int, int]:
    """Count items[start:], mark them, and write the epoch of first visits.

    Return where it stopped, which is before the first item whose count has reached the ceiling of its type,
    and how many items had no mark.
    """
    fresh = 0
    for t in range(start, items.size):
        item = items[t]
        if visits[item] == ceiling:
            return t, fresh
        if visits[item] == 0:
            first[item] = epoch
        visits[item] += 1
        if not marks[item]:
            marks[item] = True
            fresh += 1
    return items.size, fresh
