"""The sampler of soft random samples: which items a training loop visits, in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulations.training.sampler_plan import labels_of, sampler_plan, weights_of
from simulations.training.sampler_state import place_in, state_of
from simulations.training.shares import UnitShare, share_of
from softsample_theory.plan import SamplingPlan
from softsample_theory.validation import count, reject_type, reject_value

Items = NDArray[np.int64]

_AT_ONCE = 8192  # items taken at a time: large enough to hide the call, small enough to waste nothing


@dataclass
class _Run:
    """How far one pass over one epoch has come."""

    epoch: int
    position: int = 0
    started: bool = False


class SoftRandomSampler:
    """A fresh random part of a data set in every epoch, as an iterable of item numbers.

    The order is that of `simulations.orders.epoch_indices`, a pure function of (seed, epoch, position): epoch
    e of the sampler, counted from 0, is epoch e + 1 there. NumPy's, Python's and torch's global random states
    are neither read nor changed.

    **Epochs.** `iter` starts an epoch. Each pass visits the next one, also where the last was left early;
    `set_epoch` says which comes next, as hosts do. After `load_state_dict` the first pass goes on where the
    state was taken.

    **Ranks.** Under ``shard="strided"`` rank r of W takes positions r, r + W, r + 2W, ... of one order, which
    is the same for every W: together the ranks visit what one process would. Nothing is padded by repetition:
    with `drop_last`, m is rounded down to a multiple of W, and is `subset_size` from then on; without it,
    ranks differ by one unit at most. Under ``shard="independent"`` (`iid` alone) rank r draws from
    replicate r: the law is the same, the numbers depend on W, and a rank pays for its own draws only.

    **Granularity.** Under ``"batch"`` and ``"chunk"`` the sampling units are runs of `unit_size` consecutive
    items (the last may be shorter), and m counts units. A batch is visited in the data set's order, a chunk
    in a fresh random order each time. Ranks share units.

    Parameters
    ----------
    data_size : int, n, from 1 to 2**53.
    ratio : float in (0, 1], or a Fraction: m is the whole number nearest to ratio times the units, at least
        1.
    subset_size : int, m itself, in place of `ratio`.
    scheme : ``"subset"``, ``"iid"``, ``"poisson"``, ``"reshuffle"``, ``"fixed"`` or ``"full"``, see
        `SamplingPlan`.
    refresh_every : int, R: a new draw only every R epochs, in a fresh order in between.
    granularity : ``"item"``, ``"batch"`` or ``"chunk"``.
    unit_size : int, items in a batch or a chunk.
    seed : int, from 0 to 2**64 - 1; the same on every rank.
    rank, world_size : int, this process among how many.
    shard : ``"strided"`` or ``"independent"``.
    drop_last : bool, whether to round m down to a multiple of `world_size`.
    strata : int (n,), class labels: draws take of each class its share, give or take one item, and every item
        with probability m/n exactly (`StratifiedOrder`). Under `subset` and `fixed`, by item.
    weights : int (n,), whole numbers >= 0 with a total up to 2**53: each draw takes item i with probability
        w_i / sum w exactly. Under `iid`, by item.

    Raises
    ------
    ArgumentValueError, ArgumentTypeError
        One line that names the argument, what it was and what it may be.

    Accuracy
    --------
    Exactly the law of the scheme; see `epoch_indices`.

    Cost
    ----
    40 to 100 ns an item as Python ints. Starting at any position costs O(1) under `iid` in the first epoch of
    a draw (times W under ``"strided"``, for what is taken), O(m) otherwise (O(n) where `epoch_indices` says
    so), O(units) by batch or chunk. Memory: O(1) under such `iid`, else the rank's share of one epoch.

    Examples
    --------
    >>> sampler = SoftRandomSampler(data_size=1000, ratio=0.005, seed=0)
    >>> list(sampler), list(sampler)                                     # two epochs
    ([240, 161, 105, 341, 962], [452, 64, 470, 358, 742])
    >>> sampler.items(epoch=1, start=3).tolist()
    [358, 742]
    >>> len(sampler), sampler.epoch
    (5, 2)
    """

    def __init__(
        self,
        data_size: int,
        ratio: float | Fraction | None = None,
        *,
        subset_size: int | None = None,
        scheme: str = "subset",
        refresh_every: int = 1,
        granularity: str = "item",
        unit_size: int = 1,
        seed: int,
        rank: int = 0,
        world_size: int = 1,
        shard: str = "strided",
        drop_last: bool = True,
        strata: ArrayLike | None = None,
        weights: ArrayLike | None = None,
    ) -> None:
        size = count("data_size", data_size, 1)
        labels, tickets = labels_of("strata", strata, size), weights_of(weights, size)
        self.asked = sampler_plan(
            size, ratio, subset_size, scheme, refresh_every, granularity, unit_size, seed, world_size, shard,
            drop_last, labels, tickets,
        )  # fmt: skip
        self.rank = count("rank", rank, 0, self.asked.world_size - 1)
        self._share = share_of(self.asked, self.rank, labels, tickets)
        self._epochs = self._share.epochs
        self._run = _Run(0)

    @property
    def subset_size(self) -> int:
        """m: the sampling units of one epoch over all ranks (their mean number under `poisson`)."""
        return self.asked.subset_size

    @property
    def epoch(self) -> int:
        """The epoch, from 0, that the running pass visits, or that the next one will."""
        return self._run.epoch

    @property
    def position(self) -> int:
        """How many items of this epoch the running pass has handed out."""
        return self._run.position

    def __len__(self) -> int:
        """Return how many items this rank visits in `epoch`, exactly.

        The same in every epoch, but under `poisson` and where a shorter last unit comes and goes.
        """
        return self._share.size(self.epoch)

    def __iter__(self) -> Iterator[int]:
        """Return an iterator over the rank's items of the next epoch."""
        return self._walk(self._begin())

    def __getitem__(self, position: int) -> int:
        """Return the item at one of the rank's positions in `epoch`."""
        position = count("position", position, 0, max(0, len(self) - 1))
        return int(self.items(self.epoch, position, position + 1)[0])

    def items(self, epoch: int, start: int = 0, stop: int | None = None) -> Items:
        """Return the rank's items of an epoch, or a part of them, int64; nothing moves on."""
        epoch = count("epoch", epoch, 0, self._epochs - 1)
        size = self._share.size(epoch)
        stop = size if stop is None else count("stop", stop, 0, size)
        return self._share.take(epoch, count("start", start, 0, stop), stop)

    def batches(self, batch_size: int | None = None, drop_last: bool = False) -> Iterator[Items]:
        """Return an iterator over the rank's next epoch, batch by batch, int64 arrays.

        Under granularity ``"batch"`` each unit is one, and `batch_size` is left out. `drop_last` leaves out
        a shorter last batch of the epoch.
        """
        run = self._begin()
        return self._walk_batches(run, self._stops(run.epoch, batch_size, drop_last))

    def batch_count(self, batch_size: int | None = None, drop_last: bool = False) -> int:
        """Return how many batches `batches` has in all of `epoch`."""
        return len(self._stops(self.epoch, batch_size, drop_last))

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch, from 0, the next pass visits; a position just loaded for it is kept."""
        epoch = count("epoch", epoch, 0, self._epochs - 1)
        if epoch != self._run.epoch or self._run.started:
            self._run = _Run(epoch)

    def plan(self, epochs: int) -> SamplingPlan:
        """Return the plan, in sampling units, whose laws hold for the ranks together.

        With `strata` these laws have the right means, overall and in each class, and a spread too large.

        Examples
        --------
        >>> SoftRandomSampler(50_000, 0.1, granularity="batch", unit_size=512, seed=1).plan(320).subset
        10
        """
        if self.asked.weights:
            reject_value("weights", "given", "None for a plan: a plan's draws are uniform")
        return self.asked.sampling_plan(epochs)

    # Stop and go on ----------------------------------------------------------------------------------------

    def state_dict(self, epoch: int | None = None, position: int | None = None) -> dict[str, Any]:
        """Return where this sampler stands: a dict of numbers and strings, the same on every rank.

        A loader with workers asks for items before they are trained on. Say then what has been trained on:
        `epoch`, and in `position` how many of this rank's items.

        Examples
        --------
        >>> sampler = SoftRandomSampler(data_size=1000, ratio=0.005, seed=0)
        >>> run = iter(sampler)
        >>> first = [next(run), next(run)]
        >>> resumed = SoftRandomSampler(data_size=1000, ratio=0.005, seed=0)
        >>> resumed.load_state_dict(sampler.state_dict())
        >>> first, list(resumed)
        ([240, 161], [105, 341, 962])
        """
        run = _Run(self.epoch, self.position)
        if epoch is not None:
            run.epoch = count("epoch", epoch, 0, self._epochs - 1)
            run.position = 0
        if position is not None:
            run.position = count("position", position, 0, self._share.size(run.epoch))
        if run.position == self._share.size(run.epoch) and run.position > 0:
            run = _Run(run.epoch + 1)  # what comes next is the next epoch, not an empty rest
        return state_of(self.asked, run.epoch, run.position)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where the state was taken: the next pass visits the rest of its epoch.

        A run by item under ``"strided"`` may go on with another number of ranks.

        Raises
        ------
        ArgumentValueError, ArgumentTypeError
            Where the state is no such state or another plan's: one line that names the field.
        """
        epoch, position = place_in(state, self.asked)
        epoch = count("state['epoch']", epoch, 0, self._epochs - 1)
        self._run = _Run(epoch, count("state['position']", position, 0, self._share.size(epoch)))

    # Passes ------------------------------------------------------------------------------------------------

    def _begin(self) -> _Run:
        """Start a pass. One begun before keeps its own place and reports it no more."""
        if self._run.started:
            self._run = _Run(self._run.epoch + 1)
        self._run.started = True
        return self._run

    def _finish(self, run: _Run) -> None:
        if run is self._run:
            self._run = _Run(run.epoch + 1)

    def _walk(self, run: _Run) -> Iterator[int]:
        size = self._share.size(run.epoch)
        for start in range(run.position, size, _AT_ONCE):
            for item in self._share.take(run.epoch, start, min(size, start + _AT_ONCE)).tolist():
                run.position += 1
                yield item
        self._finish(run)

    def _walk_batches(self, run: _Run, stops: Sequence[int] | Items) -> Iterator[Items]:
        size = self._share.size(run.epoch)
        for stop in stops:
            if stop > run.position:
                start, run.position = run.position, min(int(stop), size)
                yield self._share.take(run.epoch, start, run.position)
        self._finish(run)

    def _stops(self, epoch: int, batch_size: int | None, drop_last: bool) -> Sequence[int] | Items:
        """Return the rank's position after each batch of an epoch; the last may lie past the end."""
        if isinstance(self._share, UnitShare) and self.asked.granularity == "batch":
            if batch_size is not None:
                reject_value("batch_size", batch_size, "left out: each sampling unit is a batch")
            if drop_last:
                reject_value("drop_last", True, "False: each sampling unit is a batch, the shorter one too")
            return self._share.ends(epoch)
        if batch_size is None:
            reject_type("batch_size", None, "a whole number from 1, unless granularity is 'batch'")
        batch_size = count("batch_size", batch_size, 1)
        size = self._share.size(epoch)
        return range(batch_size, size + (1 if drop_last else batch_size), batch_size)
