"""Independent draws among items of unequal weight: Vose's alias table in integers, and the epochs of a run.

A table has 2^k columns of capacity 2^(63-k). Of a word's upper 63 bits the first k name a column; the others
are compared with its threshold: below it the item is the column's own, else its alias. So of the 2^63 values
exactly W_i give item i, and a draw is one word, without refusals.

References
----------
M. D. Vose, A linear algorithm for generating random numbers with a given distribution, IEEE Trans. Softw.
Eng. 17(9), 1991.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulations.kernels.replay import draw_one, keep_visits
from simulations.streams import WEIGHTED, WORDS_AT_ONCE, counter_word, fill_words

Table = NDArray[np.uint64]
"""uint64 (2^k, 2): threshold and alias of each column."""

_ONE = np.uint64(1)


@njit(cache=True, nogil=True)
def replay_weighted(
    out: NDArray[np.int64],
    kept: int,
    start: int,
    width: int,
    epochs: int,
    refresh_every: int,
    draws: int,
    population: int,
    table: Table,
    shift: int,
    first_replicate: int,
    key0: int,
    key1: int,
) -> None:
    """Bring into out[replicate] what is `kept` of so many draws in each refresh (`replay_blocks`).

    `start` is the state of an item before its first draw, `width` how many numbers an epoch has in `out`.
    """
    drawn, state = np.zeros(population, np.int64), np.empty(population, np.int64)
    items, words = np.empty(population + 1, np.int64), np.empty(WORDS_AT_ONCE, np.uint64)
    for i in range(out.shape[0]):
        state[:] = start
        for first in range(0, epochs, refresh_every):
            met = 0
            place = np.uint64(first // refresh_every), np.uint64(first_replicate + i)
            for taken in range(0, draws, WORDS_AT_ONCE):
                some = min(WORDS_AT_ONCE, draws - taken)
                c1 = counter_word(WEIGHTED, taken // 2)
                fill_words(words, (some + 1) // 2, np.uint64(0), c1, place[0], place[1], key0, key1)
                for d in range(some):
                    met = draw_one(drawn, items, met, item_of(words[d], table, shift))
            end = min(first + refresh_every, epochs)
            keep_visits(out[i], kept, state, drawn, items[:met], width, first, end)


@njit(cache=True, inline="always")
def item_of(word: np.uint64, table: Table, shift: int) -> np.int64:
    """Return the item that a word draws; `shift` is 63 - k."""
    value, low = word >> _ONE, np.uint64(shift)
    column = value >> low
    if value & ((_ONE << low) - _ONE) < table[column, 0]:
        return np.int64(column)
    return np.int64(table[column, 1])


@njit(cache=True)
def fill_table(table: Table, shift: int) -> None:
    """Turn whole weights, in the column of thresholds and adding up to 2^63, into an alias table."""
    capacity, columns = _ONE << np.uint64(shift), table.shape[0]
    small, large = np.empty(columns, np.int64), np.empty(columns, np.int64)
    smalls = larges = 0
    for c in range(columns):
        table[c, 1] = c
        if table[c, 0] < capacity:
            small[smalls] = c
            smalls += 1
        elif table[c, 0] > capacity:
            large[larges] = c
            larges += 1
    while smalls > 0:
        smalls -= 1
        poor, rich = small[smalls], large[larges - 1]
        table[poor, 1] = rich
        table[rich, 0] -= capacity - table[poor, 0]
        if table[rich, 0] <= capacity:
            larges -= 1
            if table[rich, 0] < capacity:
                small[smalls] = rich
                smalls += 1
