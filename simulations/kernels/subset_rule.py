"""A uniform subset of a block without order: the items with the smallest first occurrences."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulations.kernels.marking import (
    Bits,
    bitset_words,
    complement,
    count_marked,
    field,
    mark_all,
    mark_new,
)
from simulations.streams import WORDS_AT_ONCE, draws_in_word, fill_draws

FEW = 16  # up to here a list of the items is quicker than a bitset


@njit(cache=True)
def mark_subset(
    bits: Bits,
    chosen: int,
    size: int,
    key0: int,
    key1: int,
    block: int,
    epoch: int,
    replicate: int,
    packs: NDArray[np.uint64],
) -> None:
    """Set `bits` to a uniform subset of `chosen` of the block's `size` items.

    The rule: draws 0, 1, 2, ... of the block are taken until `goal` distinct items are marked, goal being the
    smaller of chosen and size - chosen; where more than half are chosen, the marked ones are those left out.
    So the set is a function of the draws alone, and uniform by symmetry. The number of draws still missing
    can be taken at once without overshooting, for the last such round ends only where every one of its draws
    was new.
    """
    words, in_word = bitset_words(size), draws_in_word(size)
    bits[:words] = 0
    goal, few = min(chosen, size - chosen), words // 8
    marked, unasked, position, end, call = 0, 0, 0, 0, 0
    while marked < goal:
        missing = goal - marked - unasked
        if position == end:
            need = min(WORDS_AT_ONCE, 2 * (missing // (2 * in_word) + 1))
            fill_draws(packs, need, np.uint64(size), key0, key1, block, epoch, replicate, np.uint64(call))
            call += need // 2
            position, end = 0, need * in_word
        stop = min(position + missing, end)
        if missing <= few and unasked == 0:
            marked += mark_new(bits, packs, position, stop, in_word)
        else:
            mark_all(bits, packs, position, stop, in_word)
            unasked += stop - position
            if stop - position == missing:
                marked, unasked = count_marked(bits, words), 0
        position = stop
    if goal < chosen:
        complement(bits, size)


@njit(cache=True)
def pick_subset(
    items: NDArray[np.uint64],
    chosen: int,
    size: int,
    key0: int,
    key1: int,
    block: int,
    epoch: int,
    replicate: int,
    packs: NDArray[np.uint64],
) -> None:
    """List in `items` the same subset as `mark_subset`, for at most FEW and at most half of the items."""
    in_word = draws_in_word(size)
    picked, draw, end, call = 0, 0, 0, 0
    while picked < chosen:
        if draw == end:
            need = 2 * (chosen // (2 * in_word) + 1)
            fill_draws(packs, need, np.uint64(size), key0, key1, block, epoch, replicate, np.uint64(call))
            call += need // 2
            draw, end = 0, need * in_word
        items[picked] = field(packs, draw, in_word)
        new = 1
        for k in range(picked):
            if items[k] == items[picked]:
                new = 0
        picked += new
        draw += 1
