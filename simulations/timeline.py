"""From what is drawn, refresh by refresh, to what has been seen, epoch by epoch: warm epochs and repeats."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softsample_theory.plan import SamplingPlan

Counts = NDArray[np.int64]


class Timeline:
    """The epochs 0..K of a plan: W warm ones, then refresh after refresh, each kept for R epochs.

    An epoch e > W lies in refresh j = (e-W-1) div R, from 0, and is its `age`-th epoch, from 1.
    """

    def __init__(self, plan: SamplingPlan) -> None:
        self.plan = plan
        self.warm = min(plan.warm_epochs, plan.epochs)

    @cached_property
    def drawn_epochs(self) -> Counts:
        """1, 2, ..., K - W: the epochs after the warm ones."""
        return np.arange(1, self.plan.epochs - self.warm + 1)

    @cached_property
    def refresh(self) -> Counts:
        """The refresh j of each drawn epoch."""
        return (self.drawn_epochs - 1) // self.plan.refresh_every

    @cached_property
    def age(self) -> Counts:
        """How many epochs each drawn epoch's refresh is old, from 1 to R."""
        return (self.drawn_epochs - 1) % self.plan.refresh_every + 1

    def distinct(self, seen: Counts, replicates: int) -> Counts:
        """Return the distinct units after epochs 0..K from those after each refresh, `seen`'s last axis."""
        distinct = np.empty((replicates, self.plan.epochs + 1), np.int64)
        distinct[:, 0] = 0
        distinct[:, 1 : self.warm + 1] = self.plan.population
        distinct[:, self.warm + 1 :] = self.plan.population if self.warm else seen[..., self.refresh]
        return distinct

    def visits_kept(self, r_max: int) -> int:
        """Return V: a unit in V refreshes has been visited r_max times or more, after the warm epochs."""
        return max(0, -(-(r_max - self.warm) // self.plan.refresh_every))

    def empty_spectrum(self, replicates: int, r_max: int) -> Counts:
        """Return a spectrum that holds the warm epochs, and zeros in the drawn ones."""
        spectrum = np.zeros((replicates, self.plan.epochs + 1, r_max + 1), np.int64)
        self.add_warm_epochs(spectrum)
        return spectrum

    def add_warm_epochs(self, spectrum: Counts) -> None:
        """Write the warm epochs into a spectrum."""
        warm = np.arange(self.warm + 1)
        spectrum[:, warm, np.minimum(warm, spectrum.shape[2] - 1)] = self.plan.population

    def add(self, spectrum: Counts, visits: ArrayLike, units: ArrayLike) -> None:
        """Add `units`, (D,) or (replicates, D), to the classes of `visits` (D,) after the warm epochs."""
        classes = np.minimum(self.warm + np.asarray(visits), spectrum.shape[2] - 1)
        classes = np.broadcast_to(classes, self.drawn_epochs.shape)
        spectrum[:, self.warm + self.drawn_epochs, classes] += np.asarray(units)
