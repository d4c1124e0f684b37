"""One stream read word by word in order: a small buffer over `simulations.streams`.

For those who cannot say beforehand how many words they will take. A source is a uint64 array: the key, the
counter of the next refill, how many words are left, and the buffer. `rewind` puts it at the start of a
stream.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulations.streams import counter_word, fill_words

WordSource = NDArray[np.uint64]

_CALLS = 16  # two vectors of eight 64-bit lanes, what the loop of fill_words takes at once
_BUFFER = 7
_SIZE = _BUFFER + 2 * _CALLS


@njit(cache=True)
def open_source(key0: int, key1: int) -> WordSource:
    """Return a source under this key; `rewind` it before reading."""
    source = np.zeros(_SIZE, np.uint64)
    source[0], source[1] = key0, key1
    return source


@njit(cache=True)
def rewind(source: WordSource, purpose: int, c0: int, epoch: int, replicate: int) -> None:
    """Put the source at X_0 of the stream (purpose, c0, epoch, replicate)."""
    source[2], source[3], source[4], source[5] = c0, counter_word(purpose, 0), epoch, replicate
    source[6] = 0


@njit(cache=True, forceinline=True)
def next_word(source: WordSource) -> int:
    """Return the next 64 random bits."""
    left = np.int64(source[6])
    if left == 0:
        _refill(source)
        left = np.int64(2 * _CALLS)
    source[6] = np.uint64(left - 1)
    return source[_SIZE - left]


@njit(cache=True)
def _refill(source: WordSource) -> None:
    """Fill the buffer; apart from `next_word`, so that this is small enough to inline (1.5 against 5 ns)."""
    fill_words(source[_BUFFER:], _CALLS, source[2], source[3], source[4], source[5], source[0], source[1])
    source[3] += np.uint64(_CALLS)
