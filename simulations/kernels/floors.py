"""What simulating a draw takes at least: its random bits, and one store. Each alone, again and again.

And what a simulator without blocks would do: the same generator, marks scattered over the whole population.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulations.kernels.marking import Bits, count_marked, mark_all, set_bit
from simulations.streams import WORDS_AT_ONCE, draws_in_word, fill_draws, fill_words

_FIELD, _LOW, _32 = np.uint64(0xFFFF), np.uint64(0xFFFFFFFF), np.uint64(32)


@njit(cache=True, nogil=True)
def only_draw(rounds: int, packs: NDArray[np.uint64], size: int, key0: int, key1: int) -> None:
    """Fill the buffer with draws into a block of this size, `rounds` times, and use none."""
    zero = np.uint64(0)
    for epoch in range(rounds):
        fill_draws(packs, packs.size, np.uint64(size), key0, key1, zero, np.uint64(epoch), zero, zero)


@njit(cache=True, nogil=True)
def only_mark(rounds: int, packs: NDArray[np.uint64], size: int, bits: Bits) -> None:
    """Mark the buffer's draws in a bitset, `rounds` times."""
    in_word = draws_in_word(size)
    for _ in range(rounds):
        mark_all(bits, packs, 0, in_word * packs.size, in_word)


@njit(cache=True, nogil=True)
def only_count(rounds: int, packs: NDArray[np.uint64], size: int, counters: NDArray[np.uint8]) -> None:
    """Add one to the byte of each of the buffer's draws, `rounds` times."""
    in_word = draws_in_word(size)
    for _ in range(rounds):
        for t in range(packs.size):
            pack = packs[t]
            for j in range(in_word):
                counters[pack >> np.uint64(16 * j) & _FIELD] += np.uint8(1)


@njit(cache=True, nogil=True)
def cover_directly(
    new: NDArray[np.int64], draws: int, population: int, bits: Bits, key0: int, key1: int, replicate: int
) -> None:
    """Make `draws` draws in each epoch over the whole population, of at most 2**32 items, and mark them.

    new[e] becomes the number of items that epoch e is the first to see. A draw is a 32-bit word times n, the
    high half; what that is out of uniform, n/2**32, is left, so a simulator without blocks that is exact
    would take longer.
    """
    words, n = np.empty(WORDS_AT_ONCE, np.uint64), np.uint64(population)
    zero, at, covered = np.uint64(0), np.uint64(replicate), 0
    bits[:] = 0
    for e in range(new.size):
        taken, call = 0, 0
        while taken < draws:
            count = min(2 * words.size, draws - taken)
            calls = (count + 63) // 64 * 16  # whole vectors
            fill_words(words, calls, zero, np.uint64(call), np.uint64(e), at, key0, key1)
            call += calls
            for t in range(count // 2):
                set_bit(bits, (words[t] & _LOW) * n >> _32)
                set_bit(bits, (words[t] >> _32) * n >> _32)
            if count & 1:
                set_bit(bits, (words[count // 2] & _LOW) * n >> _32)
            taken += count
        before, covered = covered, count_marked(bits, bits.size)
        new[e] = covered - before
