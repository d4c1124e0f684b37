"""How many items each epoch moves from one count to the next, block by block.

An item's counter stops at `top`, the last class kept: no number of visits can overflow it, and every smaller
count is exact. n_r follows from the moves alone, so no epoch scans the population.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulations.bits import trailing_zeros
from simulations.kernels.marking import Bits, bitset_words, field
from simulations.kernels.subset_rule import FEW, mark_subset, pick_subset
from simulations.streams import BLOCK, WORDS_AT_ONCE, draws_in_word, fill_window

Counters = NDArray[np.unsignedinteger]

_LANES = 4  # so that equal counts in a row do not wait for each other's store
_FIELD, _16, _ONE = np.uint64(0xFFFF), np.uint64(16), np.uint64(1)


@njit(cache=True, nogil=True)
def count_draws(
    moves: NDArray[np.int64],
    first_row: int,
    top: int,
    counter_type: type,
    shares: NDArray[np.uint32],
    population: int,
    from_block: int,
    to_block: int,
    first_block: int,
    first_replicate: int,
    key0: int,
    key1: int,
) -> None:
    """Add to moves[replicate, first_row + epoch, c] the draws that met an item with c earlier ones, c < top.

    `counter_type` is an unsigned type wide enough for top. The other arguments are as in `cover_blocks`.
    """
    replicates, epochs, _ = shares.shape
    packs, lanes = np.empty(WORDS_AT_ONCE, np.uint64), np.zeros((_LANES, top + 1), np.int64)
    counters: Counters = np.empty(BLOCK, counter_type)
    for i in range(replicates):
        for b in range(from_block, to_block):
            block, replicate = np.uint64(first_block + b), np.uint64(first_replicate + i)
            size = min(BLOCK, population - BLOCK * (first_block + b))
            in_word = draws_in_word(size)
            counters[:size] = 0
            for e in range(epochs):
                share, taken = np.int64(shares[i, e, b]), 0
                while taken < share:
                    draws = fill_window(packs, taken, share, size, key0, key1, block, np.uint64(e), replicate)
                    count_packs(lanes, counters, packs, draws, in_word)
                    taken += draws
                if share > 0:
                    _collect(moves[i, first_row + e], lanes)


@njit(cache=True, nogil=True)
def count_subsets(
    moves: NDArray[np.int64],
    first_row: int,
    top: int,
    counter_type: type,
    shares: NDArray[np.uint32],
    population: int,
    from_block: int,
    to_block: int,
    first_block: int,
    first_replicate: int,
    key0: int,
    key1: int,
) -> None:
    """Add to moves[replicate, first_row + epoch, c] the subset's items that were in c earlier ones, c < top.

    The arguments are as in `count_draws`.
    """
    replicates, epochs, _ = shares.shape
    packs, chosen = np.empty(WORDS_AT_ONCE, np.uint64), np.empty(BLOCK // 64, np.uint64)
    items = np.empty(FEW, np.uint64)
    lanes = np.zeros((_LANES, top + 1), np.int64)
    counters: Counters = np.empty(BLOCK, counter_type)
    for i in range(replicates):
        for b in range(from_block, to_block):
            block, replicate = np.uint64(first_block + b), np.uint64(first_replicate + i)
            size = min(BLOCK, population - BLOCK * (first_block + b))
            counters[:size] = 0
            for e in range(epochs):
                share, epoch = np.int64(shares[i, e, b]), np.uint64(e)
                if share == 0:
                    continue
                if share <= FEW and 2 * share <= size:
                    pick_subset(items, share, size, key0, key1, block, epoch, replicate, packs)
                    for k in range(share):
                        _count(lanes, counters, 0, items[k])
                else:
                    mark_subset(chosen, share, size, key0, key1, block, epoch, replicate, packs)
                    _count_marked(lanes, counters, chosen, bitset_words(size))
                _collect(moves[i, first_row + e], lanes)


@njit(cache=True, nogil=True)
def spread_moves(
    spectrum: NDArray[np.int64], top: int, population: int, warm: int, refresh_every: int
) -> None:
    """Turn moves into the spectrum, in place, in every row after that of the last warm epoch.

    The moves of refresh j are in row warm + 1 + j. It fills the rows from warm + 1 + jR on, and these lie no
    higher, so the refreshes are worked through from the last to the first. In its t-th epoch the moved units
    have been visited Rv + t times after the warm epochs, the others of their class Rv times; the last class
    is "or more".
    """
    last, epochs = spectrum.shape[2] - 1, spectrum.shape[1] - 1 - warm
    refreshes = -(-epochs // refresh_every)
    units, moved = np.zeros(top + 1, np.int64), np.zeros(top + 1, np.int64)
    for i in range(spectrum.shape[0]):
        rows = spectrum[i, warm + 1 :]
        units[:] = 0
        units[0] = population
        for j in range(refreshes):
            for v in range(top):
                units[v] -= rows[j, v]
                units[v + 1] += rows[j, v]
        for j in range(refreshes - 1, -1, -1):
            moved[:top] = rows[j, :top]
            for v in range(top):
                units[v] += moved[v]
                units[v + 1] -= moved[v]
            for e in range(refresh_every * j, min(refresh_every * (j + 1), epochs)):
                rows[e] = 0
                age = e - refresh_every * j + 1
                for v in range(top + 1):
                    rows[e, min(warm + refresh_every * v, last)] += units[v] - moved[v]
                    rows[e, min(warm + refresh_every * v + age, last)] += moved[v]


@njit(cache=True)
def count_packs(
    lanes: NDArray[np.int64], counters: Counters, packs: NDArray[np.uint64], draws: int, in_word: int
) -> None:
    """Count the first `draws` draws of `packs`."""
    words = draws // in_word
    if in_word == 4:
        for t in range(words):
            pack = packs[t]
            _count(lanes, counters, 0, pack & _FIELD)
            _count(lanes, counters, 1, pack >> _16 & _FIELD)
            _count(lanes, counters, 2, pack >> np.uint64(32) & _FIELD)
            _count(lanes, counters, 3, pack >> np.uint64(48))
    else:
        for t in range(words):
            pack = packs[t]
            _count(lanes, counters, 0, pack & _FIELD)
            _count(lanes, counters, 1, pack >> _16 & _FIELD)
            _count(lanes, counters, 2, pack >> np.uint64(32) & _FIELD)
    for draw in range(words * in_word, draws):
        _count(lanes, counters, 3, field(packs, draw, in_word))


@njit(cache=True)
def _count_marked(lanes: NDArray[np.int64], counters: Counters, bits: Bits, words: int) -> None:
    """Count every marked item once."""
    for k in range(words):
        word, lane = bits[k], 0
        while word != 0:
            _count(lanes, counters, lane, np.uint64(64 * k) + trailing_zeros(word))
            word &= word - _ONE
            lane = (lane + 1) % _LANES


@njit(cache=True, inline="always")
def _count(lanes: NDArray[np.int64], counters: Counters, lane: int, item: int) -> None:
    """Move one item up a class, where there is one; the lane's last cell takes those that stay."""
    visits = np.int64(counters[item])
    lanes[lane, visits] += 1
    counters[item] = visits + (visits < lanes.shape[1] - 1)


@njit(cache=True)
def _collect(moves: NDArray[np.int64], lanes: NDArray[np.int64]) -> None:
    """Add the lanes to `moves` and clear them."""
    for lane in range(_LANES):
        for c in range(lanes.shape[1] - 1):
            moves[c] += lanes[lane, c]
        lanes[lane] = 0
