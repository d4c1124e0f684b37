"""Marking drawn items in the bitset of one block."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulations.bits import bit_count

Bits = NDArray[np.uint64]

_FIELD, _ONE = np.uint64(0xFFFF), np.uint64(1)
_LOW6, _6, _16, _32, _48 = (np.uint64(number) for number in (63, 6, 16, 32, 48))


@njit(cache=True)
def bitset_words(size: int) -> int:
    """Return how many 64-bit words a block of this many items takes."""
    return (size + 63) >> 6


@njit(cache=True)
def mark_all(bits: Bits, packs: NDArray[np.uint64], start: int, stop: int, in_word: int) -> None:
    """Mark the items of draws start..stop-1 of `packs`, without asking which are new: twice as quick."""
    first, last = -(-start // in_word), stop // in_word
    if first > last:
        mark_new(bits, packs, start, stop, in_word)
        return
    mark_new(bits, packs, start, first * in_word, in_word)
    if in_word == 4:
        for t in range(first, last):
            pack = packs[t]
            set_bit(bits, pack & _FIELD)
            set_bit(bits, pack >> _16 & _FIELD)
            set_bit(bits, pack >> _32 & _FIELD)
            set_bit(bits, pack >> _48)
    else:
        for t in range(first, last):
            pack = packs[t]
            set_bit(bits, pack & _FIELD)
            set_bit(bits, pack >> _16 & _FIELD)
            set_bit(bits, pack >> _32 & _FIELD)
    mark_new(bits, packs, last * in_word, stop, in_word)


@njit(cache=True)
def mark_new(bits: Bits, packs: NDArray[np.uint64], start: int, stop: int, in_word: int) -> int:
    """Mark the items of draws start..stop-1 of `packs` and return how many were not marked before."""
    new = 0
    for draw in range(start, stop):
        new += mark_one(bits, field(packs, draw, in_word))
    return new


@njit(cache=True)
def count_marked(bits: Bits, words: int) -> int:
    """Return how many bits of the first `words` words are set."""
    marked = 0
    for k in range(words):
        marked += bit_count(bits[k])
    return marked


@njit(cache=True)
def complement(bits: Bits, size: int) -> None:
    """Turn the marks of a block of this many items over."""
    words = bitset_words(size)
    for k in range(words):
        bits[k] = ~bits[k]
    if size & 63:
        bits[words - 1] &= (_ONE << np.uint64(size & 63)) - _ONE


@njit(cache=True, inline="always")
def set_bit(bits: Bits, item: int) -> None:
    """Mark one item."""
    bits[item >> _6] |= _ONE << (item & _LOW6)


@njit(cache=True, inline="always")
def field(packs: NDArray[np.uint64], draw: int, in_word: int) -> np.uint64:
    """Return one draw of `packs`, an index in its block."""
    return packs[draw // in_word] >> np.uint64(16 * (draw % in_word)) & _FIELD


@njit(cache=True, inline="always")
def mark_one(bits: Bits, item: int) -> np.int64:
    """Mark one item; return 1 where it was not marked, else 0."""
    word = bits[item >> _6]
    bits[item >> _6] = word | _ONE << (item & _LOW6)
    return np.int64(~(word >> (item & _LOW6)) & _ONE)
