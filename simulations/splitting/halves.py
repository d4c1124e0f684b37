r"""Binomial counts at p = 1/2 from integer tables: the heads among m fair coins.

m is written in binary. The low six bits are coins counted in one word; for each higher bit j a table of

.. math:: T_j[i] = 2^{63}\, P(|X - 2^{j-1}| \le i), \qquad X \sim \mathrm{Bin}(2^j, 1/2)

is inverted with 63 random bits, and one more gives the sign. Tables reach j = 27; 2^j coins beyond are
2^(j-27) times that. They are made by Python integers, so they are the same everywhere, and no libm enters a
count.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulations.bits import bit_count, trailing_zeros
from simulations.word_source import WordSource, next_word

LOWEST, HIGHEST = 6, 27
_PRECISION = 200
_ONE = np.uint64(1)
_MIDDLE = np.uint64(2**HIGHEST - 2**LOWEST)


@njit(cache=True)
def sample_half(coins: int, starts: NDArray[np.int64], tables: NDArray[np.uint64], source: WordSource) -> int:
    """Return a Binomial(coins, 1/2) count, int64.

    Parameters
    ----------
    coins : int64, from 0 to 2**53, below 2**(highest + 1) for the tables given.
    starts, tables : what `half_tables` returned.
    source : where the random words come from: one for the low six bits of `coins`, one for each table used.

    Accuracy
    --------
    Exact for the tables; a table entry is rounded by at most 2**-63, so the law is within 2**-47 in total
    variation for each table used.
    """
    heads = 0
    few = np.uint64(coins & 63)
    if few > 0:
        heads = bit_count(next_word(source) & ((_ONE << few) - _ONE))
    powers = np.uint64(coins) & _MIDDLE
    while powers != 0:
        heads += _half_of_power(np.int64(trailing_zeros(powers)), starts, tables, source)
        powers &= powers - _ONE
    for _ in range(coins >> HIGHEST):
        heads += _half_of_power(HIGHEST, starts, tables, source)
    return heads


@lru_cache(maxsize=4)
def half_tables(most_coins: int) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Return the tables that counts of up to `most_coins` coins need: where each starts, and all entries.

    Cost
    ----
    All 22 tables: 0.2 s, 1.6 MB; up to 2**20 coins: 10 ms.
    """
    highest = min(HIGHEST, most_coins.bit_length() - 1)
    tables = [_table(j) for j in range(LOWEST, highest + 1)]
    starts = np.zeros(HIGHEST + 2, np.int64)
    starts[LOWEST + 1 : highest + 2] = np.cumsum([len(table) for table in tables])
    entries = np.array([entry for table in tables for entry in table], np.uint64)
    starts.flags.writeable = entries.flags.writeable = False
    return starts, entries


def _table(j: int) -> list[int]:
    """Return T_j up to the first entry that rounds to 2**63."""
    half = 2 ** (j - 1)
    weights = [1 << _PRECISION]
    while weights[-1] >> (_PRECISION - 100) and len(weights) <= half:
        i = len(weights) - 1
        weights.append(weights[-1] * (half - i) // (half + i + 1))
    total = 2 * sum(weights) - weights[0]
    table, mass = [], -weights[0]
    for weight in weights:
        mass += 2 * weight
        table.append(((mass << 64) // total + 1) >> 1)
        if table[-1] == 2**63:
            return table
    return table


@njit(cache=True)
def _half_of_power(j: int, starts: NDArray[np.int64], tables: NDArray[np.uint64], source: WordSource) -> int:
    """Return a Binomial(2**j, 1/2) count."""
    word = next_word(source)
    deviation = first_above(tables[starts[j] : starts[j + 1]], word >> _ONE)
    return (1 << (j - 1)) + (deviation if word & _ONE else -deviation)


@njit(cache=True)
def first_above(table: NDArray[np.uint64], value: int) -> int:
    """Return the first index whose entry exceeds `value`; the last entry always does."""
    base, length = 0, table.size
    while length > 1:
        half = length >> 1
        base = base + half if table[base + half - 1] <= value else base
        length -= half
    return base
