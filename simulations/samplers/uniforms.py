"""Uniform numbers from a source of words: floats, integers below a bound, and a source without its price.

References
----------
D. Lemire, Fast random integer generation in an interval, ACM TOMACS 29(1), 2019.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from simulations.bits import high_product
from simulations.word_source import WordSource, next_word

_UNIT = 2.0**-53


@njit(cache=True, forceinline=True)
def uniform(source: WordSource) -> float:
    """Return a float64 uniform on the midpoints of 2**53 equal cells of (0, 1): never 0, never 1."""
    return (np.float64(next_word(source) >> np.uint64(11)) + 0.5) * _UNIT


@njit(cache=True, forceinline=True)
def bounded(source: WordSource, bound: int) -> np.int64:
    """Return a uniform integer in [0, bound), for 1 <= bound < 2**63.

    A word w gives floor(w bound / 2**64). The words whose product's low half is below 2**64 mod bound are
    refused, after which every value owns equally many words: no modulo bias.
    """
    span = np.uint64(bound)
    word = next_word(source)
    if word * span < span:
        word = _unrefused(source, word, span)
    return np.int64(high_product(word, span))


@njit(cache=True)
def refused_below(span: np.uint64) -> np.uint64:
    """Return 2**64 mod span: a word is refused when the low half of its product with span is smaller."""
    return (np.uint64(0) - span) % span


@njit(cache=True)
def _unrefused(source: WordSource, word: np.uint64, span: np.uint64) -> np.uint64:
    threshold = refused_below(span)
    while word * span < threshold:
        word = next_word(source)
    return word


@intrinsic
def borrowed(typing_context: Any, array: Any) -> Any:
    """Return the same array without its reference count, which costs more than the word that is asked for.

    Only for an array that the caller of the kernel owns, so that it outlives every use.
    """

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> ir.Value:
        view = context.make_array(signature.args[0])(context, builder, value=arguments[0])
        view.meminfo = cgutils.get_null_value(view.meminfo.type)
        return view._getvalue()

    return (array(array), generate) if isinstance(array, types.Array) else None
