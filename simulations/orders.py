r"""The ordered items of one epoch under any scheme, as SGD and samplers visit them.

An order is a pure function of (plan, epoch, seed, replicate), and any part of it can be asked for alone.
The engine's kernels count without order, block by block, from other streams: the two agree in law, not item
by item.

What an epoch visits, epochs counted from 1:

- The first `warm_epochs` epochs visit every item once, in a fresh random order each.
- After them one draw serves `refresh_every` epochs. Its first epoch visits the items as they were drawn;
  the others visit the same items (with the same repeats, under `iid`) in a fresh random order each.
- ``subset``: m distinct items, every ordered choice equally likely. ``iid``: m independent items.
  ``poisson``: as `subset`, with a Bin(n, m/n) number of items. ``reshuffle``: the next m of a walk through
  random permutations; where one runs out the next begins, within an epoch too. ``fixed``: one draw for
  ever. ``full``: every item.

**Layout.** Word w of a stream of ORDERS is at call w div 2 of::

    counter = (2^29 use + call div 2^26, call mod 2^26 + 2^26 ORDERS, number, replicate)

=== ============== ===================== ==============================================================
use name           number                word w
=== ============== ===================== ==============================================================
0   DRAWS          draw, from 0          `iid`: the item at position w. `subset`, `poisson`: candidate w,
                                         repeats passed over (size <= n/2), or step w of a Fisher-Yates
                                         shuffle of 0..n-1 (size > n/2)
1   SHUFFLES       epoch - 1             step w of the shuffle that makes a fresh order
2   PERMUTATIONS   permutation, from 0   step w of the shuffle of 0..n-1
3   SIZES          draw                  read in order for the binomial size under `poisson`
4-6 redraws        as in 0-2             eight further attempts for word w: those of calls 4w to 4w + 3
=== ============== ===================== ==============================================================

`reshuffle`, `full`, warm epochs and large subsets need memory of the order of n. A mode that walks a keyed
permutation instead, in O(1) memory and not exactly uniform, has its place beside `_permutation`.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulations.kernels import ordering
from simulations.memory import available_memory, in_words
from simulations.samplers.binomial import binomial
from simulations.streams import LARGEST_REFRESHES, LARGEST_REPLICATES, ORDERS, seed_key
from simulations.word_source import open_source, rewind
from softsample_theory.plan import SamplingPlan
from softsample_theory.validation import count, reject_value

Items = NDArray[np.int64]
Key = tuple[np.uint64, np.uint64]

_NOT_ASKED = 2**24  # bytes that are taken without a look at the memory, which costs 40 us
_MARKS_PER_ITEM = 256  # bits of the mark map per item taken, up to which it is smaller than a hash table


def epoch_indices(
    plan: SamplingPlan, epoch: int, seed: int, replicate: int = 0, start: int = 0, stop: int | None = None
) -> Items:
    """Return the items that one epoch visits, in order.

    Parameters
    ----------
    plan : the sampling plan; up to 2**32 epochs.
    epoch : int, from 1 to `plan.epochs`.
    seed : int, from 0 to 2**64 - 1.
    replicate : int, from 0 to 2**32 - 1.
    start, stop : int, the positions wanted, from `start` up to but without `stop`; by default all of them.

    Returns
    -------
    int64 (stop - start,), items from 0 to n - 1.

    Raises
    ------
    ArgumentValueError, ArgumentTypeError
        For arguments out of range, and where the order would not fit into memory.

    Accuracy
    --------
    Exactly uniform: bounded integers by Lemire's method with refusal, no modulo bias.

    Cost
    ----
    `iid` 2 ns an item, in memory for the answer alone, whatever n is. `subset` 4 to 30 ns an item, in O(m)
    memory. `reshuffle`, `full` and warm epochs: a shuffle, 4 ns an item while n items fit the cache, in 8n
    bytes.

    Examples
    --------
    >>> from softsample_theory import SamplingPlan
    >>> plan = SamplingPlan(population=10**12, subset=4, epochs=2)
    >>> epoch_indices(plan, epoch=1, seed=0)
    array([240709792546, 161213526701, 105578739306, 341375389251])
    >>> epoch_indices(plan, epoch=2, seed=0, start=1, stop=3)
    array([ 64837512778, 470760997900])
    """
    place = _Place(plan, epoch, seed, replicate)
    size = place.size()
    stop = size if stop is None else count("stop", stop, 0, size)
    start = count("start", start, 0, stop)
    place.refuse_what_cannot_fit(start, stop)
    return place.items(start, stop)


def index_at(plan: SamplingPlan, epoch: int, position: int, seed: int, replicate: int = 0) -> int:
    """Return the item at one position, from 0, of an epoch's order.

    O(1) under `iid` in the first epoch of a draw; elsewhere the cost of the order up to that position.

    Examples
    --------
    >>> from softsample_theory import SamplingPlan
    >>> index_at(SamplingPlan(population=10**12, subset=10**11, epochs=2, scheme="iid"), 2, 10**10, seed=0)
    767023205883
    """
    position = count("position", position, 0, epoch_size(plan, epoch, seed, replicate) - 1)
    return int(epoch_indices(plan, epoch, seed, replicate, position, position + 1)[0])


def epoch_size(plan: SamplingPlan, epoch: int, seed: int, replicate: int = 0) -> int:
    """Return how many items an epoch visits: m, n in a warm epoch, a binomial number under `poisson`.

    Examples
    --------
    >>> from softsample_theory import SamplingPlan
    >>> epoch_size(SamplingPlan(population=1000, ratio=0.1, epochs=2, scheme="poisson"), 2, seed=0)
    90
    """
    return _Place(plan, epoch, seed, replicate).size()


class _Place:
    """One epoch of one replicate: what it draws, and how old the draw is."""

    def __init__(self, plan: SamplingPlan, epoch: int, seed: int, replicate: int) -> None:
        self.plan = plan
        self.epoch = count("epoch", epoch, 1, min(plan.epochs, LARGEST_REFRESHES))
        self.replicate = count("replicate", replicate, 0, LARGEST_REPLICATES - 1)
        self.key: Key = seed_key(seed)
        since = self.epoch - 1 - plan.warm_epochs
        self.everything = since < 0 or plan.scheme == "full"
        every = plan.epochs if plan.scheme == "fixed" else plan.refresh_every
        self.draw, self.age = divmod(max(since, 0), every)

    def size(self) -> int:
        plan = self.plan
        if self.everything:
            return plan.population
        if plan.scheme == "poisson":
            return int(_binomial_size(plan.population, plan.subset, self.draw, self.replicate, *self.key))
        return plan.subset

    def items(self, start: int, stop: int) -> Items:
        """Return the items at these positions."""
        if not self.everything and self.age == 0:
            return self._drawn(start, stop)
        items = np.arange(self.plan.population) if self.everything else self._drawn(0, self.size())
        self._shuffle(items, stop, ordering.SHUFFLES, self.epoch - 1)
        return items[start:stop]

    def refuse_what_cannot_fit(self, start: int, stop: int) -> None:
        """Raise where the order up to `stop` exceeds the memory that is left."""
        need = self._bytes(start, stop)
        free = available_memory() if need > _NOT_ASKED else None
        if free is not None and need > free:
            what = f"such that the exact order under {self.plan.scheme!r} fits: it takes {in_words(need)}"
            reject_value("population", self.plan.population, f"{what} and {in_words(free)} are free")

    def _bytes(self, start: int, stop: int) -> int:
        n, size = self.plan.population, self.size()
        if self.everything or self.plan.scheme == "reshuffle":
            return 8 * n + 8 * (stop - start)
        taken = size if self.age > 0 else stop
        if self.plan.scheme == "iid":
            return 8 * (taken if self.age > 0 else stop - start)
        return 8 * n if 2 * size > n else 8 * taken + min(n // 8, 32 * taken)

    def _drawn(self, start: int, stop: int) -> Items:
        """Return what the draw took at these positions, in the order in which it was taken."""
        plan = self.plan
        if plan.scheme == "iid":
            out = np.empty(stop - start, np.int64)
            self._call(
                partial(ordering.fill_bounded, out, start, plan.population, 0, ordering.DRAWS), self.draw
            )
            return out
        if plan.scheme == "reshuffle":
            return self._walk(plan.subset * self.draw + start, plan.subset * self.draw + stop)
        return self._distinct(stop, self.size())[start:]

    def _distinct(self, stop: int, size: int) -> Items:
        """Return the first `stop` of `size` distinct items."""
        n = self.plan.population
        if 2 * size > n:
            items = np.arange(n)
            self._shuffle(items, stop, ordering.DRAWS, self.draw)
            return items[:stop]
        out = np.empty(stop, np.int64)
        marked = n <= _MARKS_PER_ITEM * stop
        take = ordering.take_distinct_marked if marked else ordering.take_distinct_hashed
        self._call(partial(take, out, n), self.draw)
        return out

    def _walk(self, start: int, stop: int) -> Items:
        """Return a stretch of the permutations laid end to end; it touches two of them at most."""
        n = self.plan.population
        pieces = []
        while start < stop:
            number, into = divmod(start, n)
            end = min(n, into + stop - start)
            pieces.append(self._permutation(number, end)[into:])
            start += end - into
        return np.concatenate(pieces) if pieces else np.empty(0, np.int64)

    def _permutation(self, number: int, stop: int) -> Items:
        """Return the first places of one of the random permutations of 0..n-1."""
        items = np.arange(self.plan.population)
        self._shuffle(items, stop, ordering.PERMUTATIONS, number)
        return items[:stop]

    def _shuffle(self, items: Items, steps: int, use: int, number: int) -> None:
        self._call(partial(ordering.shuffle_prefix, items, steps, use), number)

    def _call(self, kernel: partial[None], number: int) -> None:
        kernel(number, self.replicate, *self.key)


@njit(cache=True)
def _binomial_size(population: int, subset: int, draw: int, replicate: int, key0: int, key1: int) -> int:
    """Draw the size of a `poisson` subset."""
    source = open_source(key0, key1)
    rewind(source, ORDERS, ordering.SIZES << 29, draw, replicate)
    return binomial(source, population, subset / population, (population - subset) / population)
