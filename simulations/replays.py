"""Largest counts, revisit gaps and raw visits: jobs that make the same draws again and look at every item.

Coverage and spectrum are counted without looking at items that an epoch does not visit. These are not, so
each is a job of its own, with the draws of the same counters: the visits of a seed add up to its spectrum.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulations.blockwise import BlockRun, cost_in_draws
from simulations.kernels.replay import GAPS, LARGEST, VISITS, replay_blocks, replay_walks
from simulations.streams import seed_key
from simulations.tallies import WALKS, Counts, Job, Part, Progress, kernel_of
from simulations.timeline import Timeline
from simulations.walks import overlaps_of_walk, walk_largest

KEPT = {"largest": LARGEST, "gaps": GAPS, "visits": VISITS}
"""The records that are replays, by the numbers that the kernels know them by."""

LARGEST_VISITED = 2**16 - 1
"""The largest population whose raw visits are kept: 16 bits hold m visits in one epoch."""
LARGEST_SHUFFLED = 2**26
"""The largest population that is shuffled item by item: one stream holds twice as many words."""
_LOOK = 1.5  # what a look at an item costs, in draws
_SHUFFLE = 4  # what an item of a permutation costs, in draws


@dataclass(frozen=True)
class Replay(Job):
    """One record out of `KEPT`; `r_max` is the last class of the gaps, None for the other two."""

    kept: str

    @property
    def record(self) -> tuple[str, ...]:
        """What is kept, by name."""
        return (self.kept,)

    @property
    def merge(self) -> np.ufunc:
        """The larger of two largest counts; sums else."""
        return np.maximum if self.kept == "largest" else np.add

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """(drawn epochs,), (g_max+1,) or (drawn epochs * n,)."""
        if self.kept == "gaps":
            assert self.r_max is not None
            return (self.r_max + 1,)
        return (self._drawn * (self.plan.population if self.kept == "visits" else 1),)

    @cached_property
    def cost(self) -> int:
        """About what it costs to count one replicate, in draws of about 2 ns."""
        plan = self.plan
        if self.method == "law":
            return super().cost + 4000 * plan.epochs
        looks = int(_LOOK * plan.population * plan.refreshes())
        if self.by_blocks:
            return self.entries + looks + cost_in_draws(plan, 1, self.blocks)
        return self.entries + (looks + _SHUFFLE * plan.subset * plan.refreshes() if self._is_shuffled else 0)

    def count(self, part: Part, tally: Counts, threads: int, progress: Progress | None) -> None:
        """Put what a part keeps to its rows of the tally."""
        if self.by_blocks:
            self._replay_blocks(part, tally, threads, progress)
        elif self.kept == "largest":
            np.maximum(tally, self._known_largest(part, threads), out=tally)
        elif self._is_shuffled:
            self._replay_walk(part, tally)
        else:  # each unit of `fixed` or `full` comes again in the next epoch
            tally[:, 1] += self.plan.subset * max(0, self._drawn - 1)

    def samples(self, tally: Counts) -> Counts | NDArray[np.uint16]:
        """Return the samples from the whole tally, warm epochs included but for gaps."""
        if self.kept == "gaps":
            return tally
        plan, replicates = self.plan, len(tally)
        warm = plan.epochs - self._drawn
        if self.kept == "largest":
            start = np.broadcast_to(np.arange(warm + 1), (replicates, warm + 1))
            return np.hstack([start, warm + np.maximum.accumulate(tally, axis=1)])
        visits = np.ones((replicates, plan.epochs, plan.population), np.uint16)
        visits[:, warm:] = tally.reshape(replicates, self._drawn, plan.population)
        return visits

    @property
    def _drawn(self) -> int:
        """How many epochs are drawn: those after the warm ones."""
        return max(0, self.plan.epochs - self.plan.warm_epochs)

    @property
    def _is_shuffled(self) -> bool:
        """Whether permutations have to be made item by item."""
        return self.kept == "visits" or (self.kept == "gaps" and self.plan.scheme == "reshuffle")

    def _replay_blocks(self, part: Part, tally: Counts, threads: int, progress: Progress | None) -> None:
        plan = self.plan
        place = (part.replicate, part.block, part.blocks)
        run = BlockRun(plan, part.replicates, self.seed, threads, progress, *place, self.merge)
        settings = (KEPT[self.kept], self._drawn, plan.refresh_every, plan.scheme != "iid")
        run.run(kernel_of(run, replay_blocks, *settings), tally)

    def _replay_walk(self, part: Part, tally: Counts) -> None:
        """Walk through permutations; a fixed subset is the start of one, kept for all epochs."""
        plan, every = self.plan, self.plan.refresh_every
        if plan.scheme == "reshuffle":
            overlaps = overlaps_of_walk(plan, part.replicates, self.seed, part.replicate)
        else:
            every = max(1, self._drawn)
            overlaps = np.zeros((part.replicates, min(1, self._drawn)), np.int64)
        settings = (KEPT[self.kept], self._drawn, every, plan.subset, plan.population)
        replay_walks(tally, *settings, overlaps, part.replicate, *seed_key(self.seed))

    def _known_largest(self, part: Part, threads: int) -> Counts:
        """Return the largest counts where the items in each class are known, without the warm epochs."""
        plan = self.plan
        if plan.scheme in WALKS:
            return walk_largest(plan, part.replicates, self.seed, part.replicate)
        return self._largest_in_law(part, threads)

    def _largest_in_law(self, part: Part, threads: int) -> Counts:
        """Return the highest class of each spectrum, with more classes until none is lumped."""
        from simulations.exact_law import simulate_law

        time, classes = Timeline(self.plan), 32
        largest = np.empty((part.replicates, self._drawn), np.int64)
        for i in range(part.replicates):
            while True:
                place = (classes, threads, part.replicate + i)
                _, spectrum = simulate_law(self.plan, 1, self.seed, ("spectrum",), *place)
                assert spectrum is not None
                if not spectrum[0, -1, -1]:
                    break
                classes *= 2
            reached = spectrum[0, time.warm + 1 :, ::-1] > 0
            largest[i] = classes - reached.argmax(axis=1) - time.warm
        return largest
