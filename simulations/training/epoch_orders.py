"""What each epoch visits, in order, before ranks share it: plain, weighted or stratified.

All of it comes from `simulations.orders`, so it is a pure function of (plan, seed, epoch, position). Epochs
count from 0 here, as training loops count them: epoch e is epoch e + 1 of `epoch_indices`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simulations.orders import epoch_indices, epoch_size, index_at
from simulations.streams import LARGEST_REFRESHES
from softsample_theory.plan import LARGEST_VISITS, SamplingPlan

Items = NDArray[np.int64]


def endless(population: int, subset: int, scheme: str, refresh_every: int = 1) -> SamplingPlan:
    """Return the plan with as many epochs as the streams have: an order does not depend on their number."""
    epochs = min(LARGEST_REFRESHES, LARGEST_VISITS // subset)
    return SamplingPlan(
        population, subset=subset, epochs=epochs, scheme=scheme, refresh_every=min(refresh_every, epochs)
    )


class EpochOrder(Protocol):
    """The items of every epoch, by position."""

    epochs: int

    def size(self, epoch: int) -> int:
        """Return how many positions the epoch has."""

    def direct(self, epoch: int) -> bool:
        """Say whether a part of the epoch costs no more than its own length."""

    def take(self, epoch: int, start: int, stop: int) -> Items:
        """Return the items at these positions."""


class PlainOrder:
    """The order of `epoch_indices` itself."""

    def __init__(self, plan: SamplingPlan, seed: int, replicate: int = 0) -> None:
        self.plan, self.seed, self.replicate, self.epochs = plan, seed, replicate, plan.epochs

    def size(self, epoch: int) -> int:
        if self.plan.scheme != "poisson":
            return self.plan.subset
        return epoch_size(self.plan, epoch + 1, self.seed, self.replicate)

    def direct(self, epoch: int) -> bool:
        return self.plan.scheme == "iid" and epoch % self.plan.refresh_every == 0

    def take(self, epoch: int, start: int, stop: int) -> Items:
        return epoch_indices(self.plan, epoch + 1, self.seed, self.replicate, start, stop)


class WeightedOrder:
    r"""Independent draws with probabilities proportional to whole-number weights, exactly.

    Draw an integer uniform below the total weight T; item i owns the :math:`w_i` integers from
    :math:`w_1+\dots+w_{i-1}` on.
    """

    def __init__(
        self, weights: Items, subset: int, refresh_every: int, seed: int, replicate: int = 0
    ) -> None:
        self.ends = np.cumsum(weights)
        self.tickets = PlainOrder(endless(int(self.ends[-1]), subset, "iid", refresh_every), seed, replicate)
        self.subset, self.epochs = subset, self.tickets.epochs

    def size(self, epoch: int) -> int:
        return self.subset

    def direct(self, epoch: int) -> bool:
        return self.tickets.direct(epoch)

    def take(self, epoch: int, start: int, stop: int) -> Items:
        return np.searchsorted(self.ends, self.tickets.take(epoch, start, stop), side="right")


class StratifiedOrder:
    r"""A uniform subset of each class, of sizes proportional to the classes, in one shuffled order.

    Of class c with :math:`n_c` items, draw j takes the whole part of :math:`m n_c/n` or one more, by
    systematic sampling with one integer u uniform below n:

    .. math:: m_c = \lfloor (m N_c + u)/n \rfloor - \lfloor (m N_{c-1} + u)/n \rfloor, \qquad
              N_c = n_1 + \dots + n_c,

    so that the sizes sum to m, :math:`E\,m_c = m n_c/n`, and **every item is in a draw with probability m/n
    exactly**. Draws are independent: visits to one item are Bin(K, m/n), as under `subset`, and the mean
    coverage is that of `subset`, in each class too.

    Streams: replicate c draws class c, replicate C (the number of classes) the shuffles, C + 1 the integers.
    """

    def __init__(self, strata: NDArray[np.int64], subset: int, scheme: str, every: int, seed: int) -> None:
        _, codes, sizes = np.unique(strata, return_inverse=True, return_counts=True)
        self.ends = [int(end) for end in np.cumsum(sizes)]
        self.members = np.split(np.argsort(codes, kind="stable"), self.ends[:-1])
        self.subset, self.seed, self.every = subset, seed, every
        self.fixed = scheme == "fixed"
        self.shuffles = endless(subset, subset, "full")
        self.epochs = self.shuffles.epochs

    def size(self, epoch: int) -> int:
        return self.subset

    def direct(self, epoch: int) -> bool:
        return False

    def take(self, epoch: int, start: int, stop: int) -> Items:
        draw = 0 if self.fixed else epoch // self.every
        sizes = self.class_sizes(draw)
        items = np.concatenate([self._of_class(c, size, draw) for c, size in enumerate(sizes) if size])
        shuffle = epoch_indices(self.shuffles, epoch + 1, self.seed, len(self.members), start, stop)
        return items[shuffle]

    def class_sizes(self, draw: int) -> list[int]:
        """Return how many items a draw takes of each class, in the order of the sorted labels."""
        n = self.ends[-1]
        u = index_at(endless(n, 1, "iid"), draw + 1, 0, self.seed, len(self.members) + 1)
        return systematic_sizes(self.ends, self.subset, u)

    def _of_class(self, number: int, size: int, draw: int) -> Items:
        members = self.members[number]
        return members[epoch_indices(endless(len(members), size, "subset"), draw + 1, self.seed, number)]


def systematic_sizes(ends: list[int], subset: int, u: int) -> list[int]:
    """Return the class sizes m_c of `StratifiedOrder`; `ends` are the N_c, u is from 0 to N_C - 1.

    Examples
    --------
    >>> [systematic_sizes([3, 4], 2, u) for u in range(4)]                # 2 of 4: half of each on average
    [[1, 1], [1, 1], [2, 0], [2, 0]]
    """
    marks = [(subset * end + u) // ends[-1] for end in [0, *ends]]
    return [above - below for below, above in pairwise(marks)]
