"""Block sizes under `poisson`: independent binomial counts, each by inverting one integer table."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_PRECISION = 256


@lru_cache(maxsize=8)
def size_table(items: int, subset: int, population: int) -> tuple[int, NDArray[np.uint64]]:
    """Return the table of Binomial(items, subset/population): its first count c, and 2**63 P(X <= c + i).

    A count is c plus the first index whose entry exceeds 63 random bits. Made by Python integers, so the same
    everywhere. Counts left out at either end have probability below 2**-64 together.

    Accuracy
    --------
    Every entry is rounded to the nearest 2**-63: within 2**-51 in total variation for a block of 2**16 items.

    Cost
    ----
    About 20 standard deviations of entries: 3 ms for half of a block of 2**16.
    """
    others = population - subset
    if others == 0:
        return items, _frozen([2**63])
    mode = (items + 1) * subset // population
    downward = _weights(mode, lambda i: ((mode - i) * others, (items - mode + i + 1) * subset))
    upward = _weights(items - mode, lambda i: ((items - mode - i) * subset, (mode + i + 1) * others))
    weights = downward[:0:-1] + upward
    total, mass, table = sum(weights), 0, []
    for weight in weights:
        mass += weight
        table.append(((mass << 64) // total + 1) >> 1)
    first = next(i for i, entry in enumerate(table) if entry > 0)
    last = table.index(2**63)
    return mode - (len(downward) - 1) + first, _frozen(table[first : last + 1])


def _weights(steps: int, ratio: object) -> list[int]:
    """Return the weights from the mode, with 2**_PRECISION, outwards until they no longer matter."""
    weights = [1 << _PRECISION]
    while len(weights) <= steps and weights[-1] >> (_PRECISION - 100):
        above, below = ratio(len(weights) - 1)  # type: ignore[operator]
        weights.append(weights[-1] * above // below)
    return weights


def _frozen(entries: list[int]) -> NDArray[np.uint64]:
    table = np.array(entries, np.uint64)
    table.flags.writeable = False
    return table
