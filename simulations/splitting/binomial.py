"""Binomial counts at any rational p, bit by bit, from fair coins."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulations.splitting.halves import sample_half
from simulations.word_source import WordSource


@njit(cache=True)
def sample_binomial(
    draws: int, a: int, b: int, starts: NDArray[np.int64], tables: NDArray[np.uint64], source: WordSource
) -> int:
    """Return a Binomial(draws, a/b) count, int64: how many of `draws` uniforms lie below a/b.

    All uniforms are compared with a/b at once, binary digit by binary digit. Of those still equal to it, half
    differ in the next digit: they lie below if the digit of a/b is 1, above if it is 0.

    Parameters
    ----------
    draws : int64, from 0 to 2**53.
    a, b : int64, 0 <= a <= b, 1 <= b <= 2**62.
    starts, tables, source : as in `sample_half`.

    Accuracy
    --------
    Within log2(draws) + 2 times the distance of `sample_half`, in the mean: below 2**-41 in total variation.
    """
    if a == b:
        return draws
    below, equal = 0, draws
    while equal > 0 and a > 0:
        a *= 2
        still_equal = sample_half(equal, starts, tables, source)
        if a >= b:
            a -= b
            below += equal - still_equal
        equal = still_equal
    return below
