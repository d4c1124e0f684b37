"""What a run counts: integer sums, so that parts of it may be counted anywhere and added in any order.

A tally is one int64 array, its first axis the replicates. It holds what the samples are made of before epochs
are added up, so that counts of different blocks of the population can be added too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import ceil, log

import numpy as np
from numpy.typing import NDArray

from simulations.blockwise import BlockRun, Kernel, blocks_of, cost_in_draws
from simulations.kernels.coverage import cover_blocks
from simulations.kernels.repeated_spectrum import count_repeated_draws
from simulations.kernels.spectrum import count_draws, count_subsets, spread_moves
from simulations.splitting.shares import Shares
from simulations.streams import seed_key
from simulations.timeline import Timeline
from simulations.walks import seen_by_walk, walk_spectrum
from softsample_theory.plan import SamplingPlan

Counts = NDArray[np.int64]
Samples = tuple[Counts, Counts | None]
Progress = Callable[[int, int], object]

WALKS = ("reshuffle", "fixed", "full")
_ENTRY = 10  # what an entry of a tally costs, in draws
_IDLE_BLOCK = 20  # what a block costs after it is covered, in draws an epoch
_LAW_EPOCH = {"subset": (75, 1000), "poisson": (75, 1000), "iid": (600, 4000)}  # coverage, spectrum: in draws


@dataclass(frozen=True)
class Part:
    """Some replicates, and some blocks of the population in each of them."""

    replicate: int
    replicates: int
    block: int
    blocks: int

    @property
    def rows(self) -> slice:
        """The part's rows in the tally of the whole job."""
        return slice(self.replicate, self.replicate + self.replicates)


@dataclass(frozen=True)
class Job:
    """All that decides the samples of a run; `r_max` is None where no spectrum is recorded."""

    plan: SamplingPlan
    replicates: int
    seed: int
    method: str
    r_max: int | None

    @property
    def by_blocks(self) -> bool:
        """Whether a replicate can be counted block by block."""
        return self.method == "draws" and self.plan.scheme not in WALKS

    @property
    def blocks(self) -> int:
        """How many blocks a replicate can be cut into."""
        return blocks_of(self.plan) if self.by_blocks else 1

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """The shape of one replicate's tally; it has no entries where coverage is known beforehand."""
        epochs = self.plan.epochs
        if self.r_max is not None:
            return (epochs + 1, self.r_max + 1)
        if self.plan.scheme in WALKS or min(self.plan.warm_epochs, epochs) > 0:
            return (0,)
        return (self.plan.refreshes(),) if self.by_blocks else (epochs + 1,)

    @property
    def record(self) -> tuple[str, ...]:
        """What the job counts, by the names that `simulate` takes."""
        return ("distinct",) if self.r_max is None else ("distinct", "spectrum")

    @property
    def merge(self) -> np.ufunc:
        """How the tallies of two parts are put together."""
        return np.add

    @property
    def weights_digest(self) -> str | None:
        """What tells the weights of the draws apart; None where all are equal."""
        return None

    @property
    def entries(self) -> int:
        """How many numbers one replicate's tally has."""
        return int(np.prod(self.shape))

    def empty(self, replicates: int) -> Counts:
        """Return the tally of so many replicates before anything is counted."""
        return np.zeros((replicates, *self.shape), np.int64)

    @cached_property
    def cost(self) -> int:
        """About what it costs to count one replicate, in draws of about 2 ns."""
        plan, blocks = self.plan, self.blocks
        cost = _ENTRY * self.entries
        if self.method == "law" and plan.scheme in _LAW_EPOCH:
            return cost + plan.epochs * _LAW_EPOCH[plan.scheme][self.r_max is not None]
        if not self.by_blocks or self.entries == 0:
            return cost
        draws, refreshes = cost_in_draws(plan, 1, blocks), plan.refreshes()
        if self.r_max is None:  # a block that is covered takes no more draws
            covered_after = ceil((log(plan.population) + 10) / plan.ratio)
            draws = draws * min(refreshes, covered_after) // refreshes + _IDLE_BLOCK * blocks * refreshes
        return cost + draws

    def count(self, part: Part, tally: Counts, threads: int, progress: Progress | None) -> None:
        """Put what a part counts to its rows of the tally."""
        if self.by_blocks:
            _count_blocks(self, part, tally, threads, progress)
        elif self.method == "law":
            from simulations.exact_law import simulate_law

            place = (self.r_max, threads, part.replicate)
            distinct, spectrum = simulate_law(self.plan, part.replicates, self.seed, self.record, *place)
            tally += distinct if spectrum is None else spectrum
        elif self.r_max is not None:
            tally += walk_spectrum(self.plan, part.replicates, self.seed, self.r_max, part.replicate)


def count_part(job: Job, part: Part, tally: Counts, threads: int, progress: Progress | None = None) -> None:
    """Put what a part of the job counts to its rows of the tally, (part.replicates, ...)."""
    if job.entries > 0:
        job.count(part, tally, threads, progress)


def samples(job: Job, tally: Counts) -> Samples:
    """Return distinct counts and spectrum from the whole tally, which is used up."""
    plan, time = job.plan, Timeline(job.plan)
    if job.r_max is None:
        if plan.scheme in WALKS:
            return time.distinct(seen_by_walk(plan), job.replicates), None
        if job.by_blocks or job.entries == 0:
            return time.distinct(np.cumsum(tally, axis=1, out=tally), job.replicates), None
        return tally, None
    if job.by_blocks:
        _add_up_epochs(job, time, tally)
    return plan.population - tally[:, :, 0], tally


def _count_blocks(job: Job, part: Part, tally: Counts, threads: int, progress: Progress | None) -> None:
    """Add the draws of some blocks: the new items of each refresh, or the spectrum's moves between epochs."""
    plan, warm = job.plan, min(job.plan.warm_epochs, job.plan.epochs)
    place = part.replicate, part.block, part.blocks
    run = BlockRun(plan, part.replicates, job.seed, threads, progress, *place)
    if job.r_max is None:
        run.run(kernel_of(run, cover_blocks, plan.scheme != "iid"), tally)
    elif _counts_repeats(plan):
        run.run(kernel_of(run, count_repeated_draws, warm, plan.refresh_every), tally)
    elif (top := Timeline(plan).visits_kept(job.r_max)) > 0:
        count_items = count_draws if plan.scheme == "iid" else count_subsets
        run.run(kernel_of(run, count_items, warm + 1, top, np.min_scalar_type(top)), tally)


def _add_up_epochs(job: Job, time: Timeline, spectrum: Counts) -> None:
    """Turn the moves of all blocks into the spectrum, in place."""
    time.add_warm_epochs(spectrum)
    if _counts_repeats(job.plan):
        drawn = spectrum[:, time.warm :]
        np.cumsum(drawn, axis=1, out=drawn)
    else:
        top = time.visits_kept(spectrum.shape[2] - 1)
        spread_moves(spectrum, top, job.plan.population, time.warm, job.plan.refresh_every)


def _counts_repeats(plan: SamplingPlan) -> bool:
    """Say whether an item may come twice in a draw that is kept for several epochs."""
    return plan.scheme == "iid" and plan.refresh_every > 1


def kernel_of(run: BlockRun, kernel: Callable[..., None], *settings: object) -> Kernel:
    """Return the kernel with its settings, the population and the key filled in."""
    key, n = seed_key(run.seed), run.plan.population

    def call(out: Counts, shares: Shares, *place: int) -> None:
        kernel(out, *settings, shares, n, *place, *key)

    return call
