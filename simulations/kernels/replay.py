"""Every visit of every item, block by block: the largest count, gaps between visits, the visits themselves.

The draws are those of the other kernels, from the same counters. Epochs are counted from 0 after the warm
ones; what the warm epochs visit is added by `simulations.replays`.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulations.bits import trailing_zeros
from simulations.kernels.marking import bitset_words, field
from simulations.kernels.subset_rule import mark_subset
from simulations.samplers.uniforms import bounded
from simulations.streams import BLOCK, SHUFFLES, WORDS_AT_ONCE, draws_in_word, fill_window
from simulations.word_source import WordSource, open_source, rewind

LARGEST, GAPS, VISITS, NEW, CLASSES = range(5)
"""What is kept of the visits, by the number that the kernels know it by."""

Row = NDArray[np.int64]

_ONE = np.uint64(1)


@njit(cache=True, nogil=True)
def replay_blocks(
    out: NDArray[np.int64],
    kept: int,
    epochs: int,
    refresh_every: int,
    without_repeats: bool,
    shares: NDArray[np.uint32],
    population: int,
    from_block: int,
    to_block: int,
    first_block: int,
    first_replicate: int,
    key0: int,
    key1: int,
) -> None:
    """Bring into out[replicate] what is `kept` of these blocks' visits in so many epochs after the warm ones.

    LARGEST: out[replicate, e] becomes at least the visits to any one item by the end of epoch e, where the
    epoch visits it. GAPS: out[replicate, g] grows by the gaps of g epochs, the last class by longer ones too.
    VISITS: out[replicate, e n + item] grows by the visits. The other arguments are as in `cover_blocks`;
    epoch e of `shares` is refresh e.
    """
    replicates, refreshes, _ = shares.shape
    packs, bits = np.empty(WORDS_AT_ONCE, np.uint64), np.empty(BLOCK // 64, np.uint64)
    drawn, state = np.zeros(BLOCK, np.int64), np.empty(BLOCK, np.int64)
    items = np.empty(BLOCK + 1, np.int64)
    for i in range(replicates):
        for b in range(from_block, to_block):
            block, replicate = np.uint64(first_block + b), np.uint64(first_replicate + i)
            size = min(BLOCK, population - BLOCK * (first_block + b))
            state[:size] = _untouched(kept)
            for e in range(refreshes):
                share, epoch = np.int64(shares[i, e, b]), np.uint64(e)
                if without_repeats:
                    mark_subset(bits, share, size, key0, key1, block, epoch, replicate, packs)
                    met = _draw_marked(drawn, items, bits, size)
                else:
                    met = _draw(drawn, items, share, size, key0, key1, block, epoch, replicate, packs)
                first, end = e * refresh_every, min((e + 1) * refresh_every, epochs)
                keep_visits(out[i], kept, state, drawn, items[:met], size, first, end)


@njit(cache=True, nogil=True)
def replay_walks(
    out: NDArray[np.int64],
    kept: int,
    epochs: int,
    refresh_every: int,
    subset: int,
    population: int,
    overlaps: NDArray[np.int64],
    first_replicate: int,
    key0: int,
    key1: int,
) -> None:
    """Bring into out[replicate] what is `kept` of a walk through permutations, as `replay_blocks` does.

    overlaps[replicate, refresh] units are both in the end of one permutation and in the start of the next one
    that the refresh goes on to (`simulations.walks`). The next permutation is uniform among those.
    """
    source = open_source(key0, key1)
    replicates, refreshes = overlaps.shape
    drawn, state = np.zeros(population, np.int64), np.empty(population, np.int64)
    order, items = np.empty(population, np.int64), np.empty(population + 1, np.int64)
    for i in range(replicates):
        state[:] = _untouched(kept)
        order[:] = np.arange(population)
        into = population
        for j in range(refreshes):
            inside = min(subset, population - into)
            beyond = subset - inside
            met = _draw_each(drawn, items, 0, order[into : into + inside])
            into += inside
            if beyond > 0:
                rewind(source, SHUFFLES, 0, j, first_replicate + i)
                _permute_on(order, inside, beyond, overlaps[i, j], source)
                met = _draw_each(drawn, items, met, order[:beyond])
                into = beyond
            first, end = j * refresh_every, min((j + 1) * refresh_every, epochs)
            keep_visits(out[i], kept, state, drawn, items[:met], population, first, end)


@njit(cache=True)
def _untouched(kept: int) -> int:
    """Return the state of an item before its first visit: its visits, or the last epoch that visited it."""
    return -1 if kept == GAPS else 0


@njit(cache=True)
def keep_visits(
    out: Row, kept: int, state: Row, drawn: Row, items: Row, size: int, first: int, end: int
) -> None:
    """Visit the items, each as often as it was drawn, in epochs first..end-1, and clear `drawn`.

    NEW and CLASSES are for draws that no other kernel makes (`simulations.kernels.weighted`): items seen for
    the first time in an epoch, and the changes of the spectrum. `size` is how many numbers an epoch has.
    """
    for item in items:
        if kept == LARGEST:
            for e in range(first, end):
                state[item] += drawn[item]
                out[e] = max(out[e], state[item])
        elif kept == GAPS:
            if state[item] >= 0:
                out[min(first - state[item], out.size - 1)] += 1
            out[1] += end - first - 1
            state[item] = end - 1
        elif kept == VISITS:
            for e in range(first, end):
                out[e * size + item] += drawn[item]
        elif kept == NEW:
            out[first] += state[item] == 0
            state[item] = 1
        else:
            for e in range(first, end):
                out[e * size + min(state[item], size - 1)] -= 1
                state[item] += drawn[item]
                out[e * size + min(state[item], size - 1)] += 1
        drawn[item] = 0


@njit(cache=True)
def _draw(
    drawn: Row,
    items: Row,
    share: int,
    size: int,
    key0: int,
    key1: int,
    block: int,
    epoch: int,
    replicate: int,
    packs: NDArray[np.uint64],
) -> int:
    """Add a block's share of draws to `drawn` and list the items met; return how many there are."""
    in_word, taken, met = draws_in_word(size), 0, 0
    while taken < share:
        draws = fill_window(packs, taken, share, size, key0, key1, block, epoch, replicate)
        for draw in range(draws):
            met = draw_one(drawn, items, met, np.int64(field(packs, draw, in_word)))
        taken += draws
    return met


@njit(cache=True)
def _draw_marked(drawn: Row, items: Row, bits: NDArray[np.uint64], size: int) -> int:
    """Do the same with every marked item once."""
    met = 0
    for k in range(bitset_words(size)):
        word = bits[k]
        while word != 0:
            met = draw_one(drawn, items, met, 64 * k + np.int64(trailing_zeros(word)))
            word &= word - _ONE
    return met


@njit(cache=True)
def _draw_each(drawn: Row, items: Row, met: int, stretch: Row) -> int:
    """Do the same with a stretch of a permutation, after `met` items."""
    for item in stretch:
        met = draw_one(drawn, items, met, item)
    return met


@njit(cache=True, inline="always")
def draw_one(drawn: Row, items: Row, met: int, item: int) -> int:
    """Draw an item, listed where it is new; the list has room for one more than there are items."""
    items[met] = item
    new = drawn[item] == 0
    drawn[item] += 1
    return met + new


@njit(cache=True)
def _permute_on(order: Row, inside: int, beyond: int, twice: int, source: WordSource) -> None:
    """Put in `order` a uniform permutation whose first `beyond` items hold `twice` of the last `inside` ones.

    Those are chosen from either side of the cut and brought to the front, in whatever order: the refresh
    takes them all. The rest is shuffled.
    """
    n, once = order.size, beyond - twice
    cut = n - inside
    _choose(order, 0, cut, once, source)
    _choose(order, cut, n, twice, source)
    for k in range(twice):
        order[once + k], order[cut + k] = order[cut + k], order[once + k]
    _choose(order, beyond, n, n - beyond, source)


@njit(cache=True)
def _choose(order: Row, start: int, stop: int, chosen: int, source: WordSource) -> None:
    """Bring a uniform choice of order[start:stop] to its front, in uniform order."""
    for k in range(start, start + chosen):
        other = k + bounded(source, stop - k)
        order[k], order[other] = order[other], order[k]
