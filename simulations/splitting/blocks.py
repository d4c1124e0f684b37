"""The draws of one epoch, shared out over the blocks: a tree of splits, each at its own cut.

The full blocks are grouped by the binary digits of their number, large groups first, and the ragged block
comes last. An epoch's m draws are split between the first group and the rest, the rest between the second
group and what then remains, and so on; each group is then halved down to single blocks. Every boundary
between two blocks is cut by exactly one of these splits. The first block right of it names the split's
stream, so any subtree can be made alone.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulations.bits import leading_zeros
from simulations.splitting.binomial import sample_binomial
from simulations.splitting.halves import first_above, sample_half
from simulations.splitting.hypergeometric import sample_hypergeometric
from simulations.streams import BLOCK, SIZES, SPLITS, counter_word, philox
from simulations.word_source import WordSource, open_source, rewind

_LEVELS = 34  # one more than the binary digits of the largest number of blocks, 2**32


@njit(cache=True, nogil=True)
def share_draws(
    shares: NDArray[np.uint32],
    population: int,
    draws: int,
    without_repeats: bool,
    first_epoch: int,
    first_block: int,
    first_replicate: int,
    key0: int,
    key1: int,
    starts: NDArray[np.int64],
    tables: NDArray[np.uint64],
) -> None:
    """Fill shares[replicate, epoch, block]: how many of the epoch's draws fall into the block.

    Multinomial, or multivariate hypergeometric where an epoch draws without repeats. The array's shape says
    how many replicates, epochs and blocks there are from the first of each on.

    Accuracy
    --------
    Each split is within 2**-40 of its law in total variation (`sample_hypergeometric`). A block's share
    passes 2**29 with probability below exp(-2**29), so 32 bits hold it.
    """
    source = open_source(key0, key1)
    stack = np.empty((_LEVELS, 3), np.int64)
    replicates, epochs, _ = shares.shape
    for i in range(replicates):
        for e in range(epochs):
            row = shares[i, e]
            epoch, replicate = np.uint64(first_epoch + e), np.uint64(first_replicate + i)
            _share_epoch(
                row,
                population,
                draws,
                without_repeats,
                first_block,
                epoch,
                replicate,
                stack,
                source,
                starts,
                tables,
            )


@njit(cache=True, nogil=True)
def invert_sizes(
    shares: NDArray[np.uint32],
    population: int,
    least_full: int,
    full: NDArray[np.uint64],
    least_ragged: int,
    ragged: NDArray[np.uint64],
    first_epoch: int,
    first_block: int,
    first_replicate: int,
    key0: int,
    key1: int,
) -> None:
    """Fill shares[replicate, epoch, block] from the `size_table` of a full and of the ragged block."""
    replicates, epochs, blocks = shares.shape
    first_counter = counter_word(SIZES, 0)
    for i in range(replicates):
        for e in range(epochs):
            for b in range(blocks):
                block = first_block + b
                epoch, replicate = np.uint64(first_epoch + e), np.uint64(first_replicate + i)
                low, high, _, _ = philox(np.uint64(block), first_counter, epoch, replicate, key0, key1)
                value = (low | high << np.uint64(32)) >> np.uint64(1)
                if (block + 1) * BLOCK <= population:
                    shares[i, e, b] = least_full + first_above(full, value)
                else:
                    shares[i, e, b] = least_ragged + first_above(ragged, value)


@njit(cache=True)
def _share_epoch(
    shares: NDArray[np.uint32],
    population: int,
    draws: int,
    without_repeats: bool,
    first: int,
    epoch: int,
    replicate: int,
    stack: NDArray[np.int64],
    source: WordSource,
    starts: NDArray[np.int64],
    tables: NDArray[np.uint64],
) -> None:
    """Walk over the groups of full blocks, largest first, and over the ragged block."""
    full_blocks, items, block = population // BLOCK, population, 0
    last = first + shares.size
    highest = 63 - np.int64(leading_zeros(np.uint64(full_blocks)))
    for level in range(highest, -1, -1):
        if block >= last:
            return
        if full_blocks >> level & 1:
            cut, group = block + (1 << level), BLOCK << level
            rewind(source, SPLITS, cut, epoch, replicate)
            left = _split(draws, group, items - group, without_repeats, starts, tables, source)
            stack[0, 0], stack[0, 1], stack[0, 2] = block, level, left
            _halve(shares, first, stack, without_repeats, epoch, replicate, source, starts, tables)
            block, items, draws = cut, items - group, draws - left
    if items > 0 and first <= block < last:
        shares[block - first] = draws


@njit(cache=True)
def _halve(
    shares: NDArray[np.uint32],
    first: int,
    stack: NDArray[np.int64],
    without_repeats: bool,
    epoch: int,
    replicate: int,
    source: WordSource,
    starts: NDArray[np.int64],
    tables: NDArray[np.uint64],
) -> None:
    """Halve the group on the stack (first block, level, draws) down to its blocks in `shares`."""
    last = first + shares.size
    depth = 1
    while depth > 0:
        depth -= 1
        block, level, draws = stack[depth, 0], stack[depth, 1], stack[depth, 2]
        if block >= last or block + (1 << level) <= first:
            continue
        if level == 0:
            shares[block - first] = draws
            continue
        half = 1 << (level - 1)
        rewind(source, SPLITS, block + half, epoch, replicate)
        left = _split(draws, BLOCK * half, BLOCK * half, without_repeats, starts, tables, source)
        stack[depth, 0], stack[depth, 1], stack[depth, 2] = block + half, level - 1, draws - left
        stack[depth + 1, 0], stack[depth + 1, 1], stack[depth + 1, 2] = block, level - 1, left
        depth += 2


@njit(cache=True)
def _split(
    draws: int,
    left: int,
    right: int,
    without_repeats: bool,
    starts: NDArray[np.int64],
    tables: NDArray[np.uint64],
    source: WordSource,
) -> int:
    """Return how many of the draws fall into the left of left + right items."""
    if right == 0 or draws == 0:
        return draws
    if without_repeats:
        return sample_hypergeometric(left, right, draws, starts, tables, source)
    if left == right:
        return sample_half(draws, starts, tables, source)
    return sample_binomial(draws, left, left + right, starts, tables, source)
