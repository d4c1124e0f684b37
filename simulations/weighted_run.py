"""Runs whose draws go by weight: every record is a replay of the same draws, item by item."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulations.kernels.replay import CLASSES, NEW
from simulations.kernels.weighted import replay_weighted
from simulations.replays import KEPT, Replay
from simulations.streams import seed_key
from simulations.tallies import Counts, Part, Progress, Samples
from simulations.timeline import Timeline
from simulations.weights import AliasTable

_DRAW = 5  # what a weighted draw costs, in draws without weights
_KINDS = {"distinct": NEW, "spectrum": CLASSES, **KEPT}


@dataclass(frozen=True)
class WeightedRun(Replay):
    """One record of weighted draws; for "spectrum", which tells distinct counts too, `r_max` is its last."""

    table: AliasTable

    @property
    def by_blocks(self) -> bool:
        """Never: the draws are not shared out over blocks."""
        return False

    @property
    def weights_digest(self) -> str:
        """The SHA-256 of the whole weights."""
        return self.table.digest

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """(drawn epochs,) numbers of new items, (drawn epochs * classes,) changes, or as in `Replay`."""
        return (self._drawn * self._width,) if self.kept in ("distinct", "spectrum") else super().shape

    @cached_property
    def cost(self) -> int:
        """About what it costs to count one replicate, in draws of about 2 ns."""
        plan = self.plan
        return self.entries + plan.population + _DRAW * plan.subset * plan.refreshes()

    def count(self, part: Part, tally: Counts, threads: int, progress: Progress | None) -> None:
        """Put what a part keeps to its rows of the tally, some replicates at a time over threads."""
        plan, step = self.plan, -(-part.replicates // (4 * threads))
        start = {"gaps": -1, "spectrum": plan.epochs - self._drawn}.get(self.kept, 0)
        settings = (_KINDS[self.kept], start, self._width, self._drawn, plan.refresh_every, plan.subset)
        table = (plan.population, self.table.columns, self.table.shift)

        def fill(first: int) -> int:
            rows = tally[first : first + step]
            replay_weighted(rows, *settings, *table, part.replicate + first, *seed_key(self.seed))
            return first + len(rows)

        with ThreadPoolExecutor(threads) if threads > 1 else nullcontext() as pool:
            starts = range(0, part.replicates, step)
            filled: Iterator[int] = map(fill, starts) if pool is None else pool.map(fill, starts)
            for done in filled:
                if progress is not None:
                    progress(done, part.replicates)

    def main_samples(self, tally: Counts) -> Samples:
        """Return distinct counts and spectrum from the whole tally of either."""
        plan, time = self.plan, Timeline(self.plan)
        if self.kept == "distinct":
            return time.distinct(np.cumsum(tally, axis=1)[:, :: plan.refresh_every], len(tally)), None
        assert self.r_max is not None
        spectrum = time.empty_spectrum(len(tally), self.r_max)
        changes = tally.reshape(len(tally), self._drawn, self._width)
        spectrum[:, time.warm + 1 :] = spectrum[:, [time.warm]] + np.cumsum(changes, axis=1)
        return plan.population - spectrum[:, :, 0], spectrum

    @property
    def _width(self) -> int:
        """How many numbers an epoch has in the tally."""
        if self.kept == "spectrum":
            assert self.r_max is not None
            return self.r_max + 1
        return self.plan.population if self.kept == "visits" else 1
