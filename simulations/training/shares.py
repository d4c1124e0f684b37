"""What one rank takes of every epoch: its positions of the order, as items or unit by unit."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simulations.orders import epoch_indices
from simulations.training.epoch_orders import (
    EpochOrder,
    PlainOrder,
    StratifiedOrder,
    WeightedOrder,
    endless,
)
from simulations.training.sampler_plan import SamplerPlan

Items = NDArray[np.int64]


def share_of(asked: SamplerPlan, rank: int, strata: Items | None, weights: Items | None) -> Share:
    """Return what a rank visits under a sampler's plan."""
    order = _order(asked, rank, strata, weights)
    if asked.shard == "independent":
        return StridedShare(order, 0, 1)
    share = StridedShare(order, rank, asked.world_size)
    if asked.granularity == "item":
        return share
    return UnitShare(share, asked.data_size, asked.unit_size, asked.granularity == "chunk", asked.seed)


class Share(Protocol):
    """One rank's items of every epoch, by its own positions."""

    epochs: int

    def size(self, epoch: int) -> int:
        """Return how many items the rank visits in the epoch."""

    def take(self, epoch: int, start: int, stop: int) -> Items:
        """Return the items at these of the rank's own positions."""


class StridedShare:
    """Positions rank, rank + W, rank + 2W, ... of an order.

    Where a part of the order costs as much as all of it, the rank's share of the last epoch asked for is
    kept.
    """

    def __init__(self, order: EpochOrder, rank: int, world_size: int) -> None:
        self.order, self.rank, self.world_size = order, rank, world_size
        self.epochs = order.epochs
        self._kept: tuple[int, Items] | None = None

    def size(self, epoch: int) -> int:
        return len(range(self.rank, self.order.size(epoch), self.world_size))

    def take(self, epoch: int, start: int, stop: int) -> Items:
        if start == stop:
            return np.empty(0, np.int64)
        if self.order.direct(epoch):
            first, last = (self.rank + self.world_size * position for position in (start, stop - 1))
            return self.order.take(epoch, first, last + 1)[:: self.world_size]
        if self._kept is None or self._kept[0] != epoch:
            whole = self.order.take(epoch, 0, self.order.size(epoch))
            self._kept = epoch, whole if self.world_size == 1 else whole[self.rank :: self.world_size].copy()
        return self._kept[1][start:stop].copy()


class UnitShare:
    """The items of the batches or chunks that a rank takes, unit after unit.

    Unit u holds items u s, ..., u s + s - 1 of the data set; the last unit may be shorter. `shuffled` visits
    the items of each unit in an order of its own: that of replicate 1 + (position of the unit in the epoch).
    """

    def __init__(
        self, units: StridedShare, data_size: int, unit_size: int, shuffled: bool, seed: int
    ) -> None:
        self.units, self.data_size, self.unit_size = units, data_size, unit_size
        self.shuffled, self.seed, self.epochs = shuffled, seed, units.epochs
        self._kept: tuple[int, Items, Items] | None = None
        self._unit: tuple[int, int, Items] | None = None  # the last one shuffled: long chunks come in pieces

    def size(self, epoch: int) -> int:
        ends = self.ends(epoch)
        return int(ends[-1]) if ends.size else 0

    def ends(self, epoch: int) -> Items:
        """Return the rank's position after each of its units, int64 (units of the epoch,)."""
        return self._epoch(epoch)[1]

    def take(self, epoch: int, start: int, stop: int) -> Items:
        if start == stop:
            return np.empty(0, np.int64)
        units, ends = self._epoch(epoch)
        first, last = np.searchsorted(ends, [start, stop - 1], side="right")
        before = int(ends[first - 1]) if first else 0
        parts = [self._of_unit(epoch, place, int(units[place])) for place in range(first, last + 1)]
        return np.concatenate(parts)[start - before : stop - before]

    def _epoch(self, epoch: int) -> tuple[Items, Items]:
        if self._kept is None or self._kept[0] != epoch:
            units = self.units.take(epoch, 0, self.units.size(epoch))
            lengths = np.minimum(self.unit_size, self.data_size - units * self.unit_size)
            self._kept = epoch, units, np.cumsum(lengths)
        return self._kept[1:]

    def _of_unit(self, epoch: int, place: int, unit: int) -> Items:
        first = unit * self.unit_size
        length = min(self.unit_size, self.data_size - first)
        if not self.shuffled:
            return np.arange(first, first + length)
        if self._unit is None or self._unit[:2] != (epoch, place):
            position = self.units.rank + self.units.world_size * place
            inside = epoch_indices(endless(length, length, "full"), epoch + 1, self.seed, 1 + position)
            self._unit = epoch, place, first + inside
        return self._unit[2]


def _order(asked: SamplerPlan, rank: int, strata: Items | None, weights: Items | None) -> EpochOrder:
    """Return the order that ranks share, or this rank's own."""
    own = asked.shard == "independent"
    size = len(range(rank, asked.subset_size, asked.world_size)) if own else asked.subset_size
    replicate = rank if own else 0
    if strata is not None:
        return StratifiedOrder(strata, size, asked.scheme, asked.refresh_every, asked.seed)
    if weights is not None:
        return WeightedOrder(weights, size, asked.refresh_every, asked.seed, replicate)
    return PlainOrder(endless(asked.units, size, asked.scheme, asked.refresh_every), asked.seed, replicate)
