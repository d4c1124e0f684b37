"""How many items each epoch sees for the first time, block by block."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulations.bits import bit_count
from simulations.kernels.marking import Bits, bitset_words, count_marked, mark_all, mark_new, mark_one
from simulations.kernels.subset_rule import FEW, mark_subset, pick_subset
from simulations.streams import BLOCK, WORDS_AT_ONCE, draws_in_word, fill_window


@njit(cache=True, nogil=True)
def cover_blocks(
    new: NDArray[np.int64],
    without_repeats: bool,
    shares: NDArray[np.uint32],
    population: int,
    from_block: int,
    to_block: int,
    first_block: int,
    first_replicate: int,
    key0: int,
    key1: int,
) -> None:
    """Add to new[replicate, epoch] the items of these blocks that the epoch is the first to see.

    shares[replicate, epoch, b] holds the share of block first_block + b in the epoch's draws. All its
    replicates are worked through, and b from `from_block` to `to_block`.
    """
    replicates = shares.shape[0]
    packs = np.empty(WORDS_AT_ONCE, np.uint64)
    seen, chosen = np.empty(BLOCK // 64, np.uint64), np.empty(BLOCK // 64, np.uint64)
    items = np.empty(FEW, np.uint64)
    for i in range(replicates):
        for b in range(from_block, to_block):
            block, replicate = np.uint64(first_block + b), np.uint64(first_replicate + i)
            size = min(BLOCK, population - BLOCK * (first_block + b))
            if not shares[i, :, b].any():
                continue
            if without_repeats:
                _cover_by_subsets(
                    new[i], shares[i, :, b], size, key0, key1, block, replicate, seen, chosen, items, packs
                )
            else:
                _cover_by_draws(new[i], shares[i, :, b], size, key0, key1, block, replicate, seen, packs)


@njit(cache=True)
def _cover_by_draws(
    new: NDArray[np.int64],
    shares: NDArray[np.uint32],
    size: int,
    key0: int,
    key1: int,
    block: int,
    replicate: int,
    seen: Bits,
    packs: NDArray[np.uint64],
) -> None:
    """Mark independent draws, epoch by epoch, until the block is full."""
    words, in_word = bitset_words(size), draws_in_word(size)
    few = words // 8  # up to here asking each draw is quicker than counting the whole bitset
    seen[:words] = 0
    covered = 0
    for e in range(shares.size):
        before, share, taken = covered, np.int64(shares[e]), 0
        while taken < share:
            draws = fill_window(packs, taken, share, size, key0, key1, block, np.uint64(e), replicate)
            if share <= few:
                covered += mark_new(seen, packs, 0, draws, in_word)
            else:
                mark_all(seen, packs, 0, draws, in_word)
            taken += draws
        if share > few:
            covered = count_marked(seen, words)
        new[e] += covered - before
        if covered == size:
            return


@njit(cache=True)
def _cover_by_subsets(
    new: NDArray[np.int64],
    shares: NDArray[np.uint32],
    size: int,
    key0: int,
    key1: int,
    block: int,
    replicate: int,
    seen: Bits,
    chosen: Bits,
    items: NDArray[np.uint64],
    packs: NDArray[np.uint64],
) -> None:
    """Mark a fresh uniform subset in each epoch until the block is full."""
    words = bitset_words(size)
    seen[:words] = 0
    covered = 0
    for e in range(shares.size):
        before, share, epoch = covered, np.int64(shares[e]), np.uint64(e)
        if share <= FEW and 2 * share <= size:
            pick_subset(items, share, size, key0, key1, block, epoch, replicate, packs)
            for k in range(share):
                covered += mark_one(seen, items[k])
        else:
            mark_subset(chosen, share, size, key0, key1, block, epoch, replicate, packs)
            covered = 0
            for k in range(words):
                seen[k] |= chosen[k]
                covered += bit_count(seen[k])
        new[e] += covered - before
        if covered == size:
            return
