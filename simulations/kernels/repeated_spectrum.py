"""The spectrum of `iid` draws that are repeated for several epochs."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulations.kernels.marking import field
from simulations.streams import BLOCK, WORDS_AT_ONCE, draws_in_word, fill_window


@njit(cache=True, nogil=True)
def count_repeated_draws(
    changes: NDArray[np.int64],
    warm: int,
    refresh_every: int,
    shares: NDArray[np.uint32],
    population: int,
    from_block: int,
    to_block: int,
    first_block: int,
    first_replicate: int,
    key0: int,
    key1: int,
) -> None:
    """Add to changes[replicate, epoch, r] by how much the epoch changes the number of items visited r times.

    The last class is "so often or more"; the first epochs are the `warm` ones, which visit every item. An
    item drawn j times is visited j times in every epoch until the next refresh, so both numbers are kept for
    each item: its visits so far and its draws in this refresh. The other arguments are as in `cover_blocks`;
    epoch e of `shares` is refresh e.
    """
    replicates, refreshes, _ = shares.shape
    last, epochs = changes.shape[2] - 1, changes.shape[1] - 1 - warm
    packs = np.empty(WORDS_AT_ONCE, np.uint64)
    visits, drawn = np.empty(BLOCK, np.int64), np.zeros(BLOCK, np.int64)
    for i in range(replicates):
        for b in range(from_block, to_block):
            block, replicate = np.uint64(first_block + b), np.uint64(first_replicate + i)
            size = min(BLOCK, population - BLOCK * (first_block + b))
            visits[:size] = warm
            for e in range(refreshes):
                _count_draws_of_items(
                    drawn, np.int64(shares[i, e, b]), size, key0, key1, block, np.uint64(e), replicate, packs
                )
                first, end = e * refresh_every, min((e + 1) * refresh_every, epochs)
                _visit_repeatedly(changes[i, warm + 1 + first : warm + 1 + end], visits, drawn, size, last)


@njit(cache=True)
def _count_draws_of_items(
    drawn: NDArray[np.int64],
    share: int,
    size: int,
    key0: int,
    key1: int,
    block: int,
    epoch: int,
    replicate: int,
    packs: NDArray[np.uint64],
) -> None:
    """Add one epoch's draws of each item to `drawn`."""
    in_word, taken = draws_in_word(size), 0
    while taken < share:
        draws = fill_window(packs, taken, share, size, key0, key1, block, epoch, replicate)
        for draw in range(draws):
            drawn[field(packs, draw, in_word)] += 1
        taken += draws


@njit(cache=True)
def _visit_repeatedly(
    changes: NDArray[np.int64], visits: NDArray[np.int64], drawn: NDArray[np.int64], size: int, last: int
) -> None:
    """Visit each drawn item as often as it was drawn, in each epoch of `changes`, and clear `drawn`."""
    for item in range(size):
        if drawn[item] == 0:
            continue
        for e in range(changes.shape[0]):
            changes[e, min(visits[item], last)] -= 1
            visits[item] += drawn[item]
            changes[e, min(visits[item], last)] += 1
        drawn[item] = 0
