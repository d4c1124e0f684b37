"""Uniform integers by position, distinct draws and shuffles: the loops behind `simulations.orders`.

Every number here comes from the ORDERS streams, at the coordinates that `simulations.orders` documents.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulations.bits import high_product
from simulations.streams import ORDERS, counter_word, fill_words, philox

DRAWS, SHUFFLES, PERMUTATIONS, SIZES = range(4)
"""What the words decide, in the top three bits of the counter word c0."""
_REDRAWS = 4  # added to the first three: further attempts in place of refused words

_AT_ONCE = 1024  # words in one piece; pieces start at multiples of it
_ATTEMPTS = 8
_USE_SHIFT, _CALL_BITS = np.uint64(29), np.uint64(26)
_CALL_MASK = np.uint64(2**26 - 1)
_HASH = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio
_ZERO, _ONE, _32, _63, _64 = (np.uint64(number) for number in (0, 1, 32, 63, 64))


@njit(cache=True, nogil=True)
def fill_bounded(
    out: NDArray[np.int64],
    first: int,
    bound: int,
    step: int,
    use: int,
    number: int,
    replicate: int,
    key0: int,
    key1: int,
) -> None:
    """Write out[k], uniform in [0, bound - step (first+k)), from the word at position first + k.

    Lemire's multiplication; a word that would favour some values is refused, and the first of its further
    attempts that passes takes its place. So any position can be computed alone.
    """
    words = np.empty(min(_AT_ONCE, out.size + 1 + (out.size + 1 & 1)), np.uint64)
    done = 0
    while done < out.size:
        position = first + done
        count = min(out.size - done, _AT_ONCE - position % _AT_ONCE, words.size - position % 2)
        calls = (count + position % 2 + 1) // 2
        _fill_piece(words, position // 2, calls, use, number, replicate, key0, key1)
        suspect = False
        for k in range(count):
            word = words[k + position % 2]
            span = np.uint64(bound - step * (position + k))
            out[done + k] = np.int64(high_product(word, span))
            suspect |= word * span < span
        if suspect:
            for k in range(count):
                word = words[k + position % 2]
                span = np.uint64(bound - step * (position + k))
                out[done + k] = _passed(word, span, position + k, use, number, replicate, key0, key1)
        done += count


@njit(cache=True, nogil=True)
def shuffle_prefix(
    items: NDArray[np.int64], steps: int, use: int, number: int, replicate: int, key0: int, key1: int
) -> None:
    """Bring a uniform ordered sample of the items to their first `steps` places (Fisher-Yates)."""
    jumps = np.empty(min(_AT_ONCE, steps), np.int64)
    for first in range(0, steps, _AT_ONCE):
        count = min(_AT_ONCE, steps - first)
        fill_bounded(jumps[:count], first, items.size, 1, use, number, replicate, key0, key1)
        for k in range(count):
            i = first + k
            j = i + jumps[k]
            items[i], items[j] = items[j], items[i]


@njit(cache=True, nogil=True)
def take_distinct_marked(
    out: NDArray[np.int64], population: int, number: int, replicate: int, key0: int, key1: int
) -> None:
    """Write the first distinct values of the draws 0, 1, 2, ... in their order, with one mark bit an item."""
    marks = np.zeros((population + 63) // 64, np.uint64)
    draws = np.empty(min(_AT_ONCE, out.size), np.int64)
    have = first = 0
    while have < out.size:
        count = min(draws.size, out.size - have)  # never more than are missing: none is taken too many
        fill_bounded(draws[:count], first, population, 0, DRAWS, number, replicate, key0, key1)
        for k in range(count):
            item = np.uint64(draws[k])
            mark = _ONE << (item & _63)
            word = marks[item >> np.uint64(6)]
            marks[item >> np.uint64(6)] = word | mark
            out[have] = draws[k]
            have += 1 if word & mark == _ZERO else 0
            if have == out.size:
                break
        first += count


@njit(cache=True, nogil=True)
def take_distinct_hashed(
    out: NDArray[np.int64], population: int, number: int, replicate: int, key0: int, key1: int
) -> None:
    """As `take_distinct_marked`, the same answer, with a table of at least twice as many places as values."""
    bits = 4
    while 1 << bits < 2 * out.size:
        bits += 1
    table = np.full(1 << bits, -1, np.int64)
    shift, mask = _64 - np.uint64(bits), (1 << bits) - 1
    draws = np.empty(min(_AT_ONCE, out.size), np.int64)
    have = first = 0
    while have < out.size:
        count = min(draws.size, out.size - have)
        fill_bounded(draws[:count], first, population, 0, DRAWS, number, replicate, key0, key1)
        for k in range(count):
            item = draws[k]
            place = np.int64(np.uint64(item) * _HASH >> shift)
            while table[place] >= 0 and table[place] != item:
                place = place + 1 & mask
            if table[place] < 0:
                table[place] = item
                out[have] = item
                have += 1
        first += count


@njit(cache=True)
def _fill_piece(
    words: NDArray[np.uint64],
    call: int,
    calls: int,
    use: int,
    number: int,
    replicate: int,
    key0: int,
    key1: int,
) -> None:
    """Write the words of some consecutive generator calls, two each."""
    c0, c1 = _counter(use, call)
    fill_words(words, calls, c0, c1, np.uint64(number), np.uint64(replicate), key0, key1)


@njit(cache=True)
def _counter(use: int, call: int) -> tuple[np.uint64, np.uint64]:
    """Return the counter words c0 = (use, call div 2**26) and c1 = (purpose, call mod 2**26)."""
    q = np.uint64(call)
    return np.uint64(use) << _USE_SHIFT | q >> _CALL_BITS, counter_word(ORDERS, q & _CALL_MASK)


@njit(cache=True)
def _passed(
    word: int, span: int, position: int, use: int, number: int, replicate: int, key0: int, key1: int
) -> np.int64:
    """Return the value of a word, or of the first of its further attempts if it is refused.

    A word is refused with probability below span / 2**64 <= 2**-11; after eight, 2**-88, the last one stays.
    """
    threshold = (np.uint64(0) - span) % span
    attempt = 0
    while word * span < threshold and attempt < _ATTEMPTS:
        c0, c1 = _counter(use + _REDRAWS, 4 * position + attempt // 2)
        w0, w1, w2, w3 = philox(c0, c1, np.uint64(number), np.uint64(replicate), key0, key1)
        word = w2 | w3 << _32 if attempt & 1 else w0 | w1 << _32
        attempt += 1
    return np.int64(high_product(word, span))
