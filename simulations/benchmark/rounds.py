"""One case's timings: NumPy and every contender in turn, round after round."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulations.benchmark.baselines import BASELINES
from simulations.benchmark.cases import LARGEST_COSTS, Case, Contender, least_gain
from simulations.benchmark.clock import Work, alternated
from simulations.benchmark.measured import Gain, Row, Scaling
from simulations.engine import simulate
from simulations.result import SimulationResult
from simulations.streams import BLOCK


@dataclass(frozen=True)
class Effort:
    """How long each timing goes on.

    Attributes
    ----------
    rounds : how often each is repeated.
    draws, epochs : what one timing simulates at most, unless one replicate is more: by draws, and in law.
    shared_draws : the same for the jobs that threads share.
    floor_draws : what a timing of the floor makes.
    """

    rounds: int = 5
    draws: int = 30_000_000
    epochs: int = 30_000
    shared_draws: int = 150_000_000
    floor_draws: int = 20_000_000


FULL = Effort()
QUICK = Effort(rounds=3, draws=10_000_000, epochs=10_000)


@dataclass(frozen=True)
class Timings:
    """What the timings of one case share.

    Attributes
    ----------
    case, effort, seed, backend : what is timed.
    watch : told what goes on.
    """

    case: Case
    effort: Effort
    seed: int
    backend: str
    watch: Callable[[str], object]

    def rows(self, quantity: str, schemes: tuple[str, ...], floor: float) -> Iterator[Row]:
        """Yield what one quantity costs, where a draw takes `floor` ns at least."""
        self.watch(f"case {self.case.name}, {quantity}: compiling, first runs")
        contenders = [
            Contender(quantity, method, scheme) for method in self.case.methods for scheme in schemes
        ]
        works = [self._simulation(each) for each in contenders]
        floors = [
            None if each.method == "law" else floor * _made(work())
            for each, work in zip(contenders, works, strict=True)
        ]
        numpy = [self._numpy(quantity)] if self.case.beside_numpy else []
        self.watch(f"case {self.case.name}, {quantity}: {self.effort.rounds} rounds")
        times = alternated([*numpy, *works], self.effort.rounds).T
        for contender, least, ours in zip(contenders, floors, times[len(numpy) :], strict=True):
            yield self._row(contender, ours / self._replicates(contender), times[0] if numpy else None, least)

    def scaling(self, quantity: str, threads: int) -> Scaling:
        """Return what more threads give on a job of `effort.shared_draws`."""
        self.watch(f"case {self.case.name}, {quantity}: 1 and {threads} threads")
        contender = Contender(quantity, "draws", "iid")
        works = [self._simulation(contender, each, self.effort.shared_draws) for each in (1, threads)]
        one, many = alternated(works, self.effort.rounds, time.perf_counter).T
        return Scaling(self.case.name, quantity, threads, float(np.median(one)), Gain.of(one, many))

    def _simulation(
        self, contender: Contender, threads: int = 1, draws: int | None = None
    ) -> Callable[[], SimulationResult]:
        plan, replicates = self.case.plan(contender.scheme), self._replicates(contender, draws)
        return lambda: simulate(
            plan,
            replicates,
            self.seed,
            method=contender.method,
            backend=self.backend,
            threads=threads,
            record=contender.record,
        )

    def _numpy(self, quantity: str) -> Work:
        """Return the baseline, on a generator of its own that goes on from round to round."""
        rng, plan = np.random.default_rng(self.seed), self.case.plan("iid")
        return lambda: BASELINES[quantity](plan, rng)

    def _replicates(self, contender: Contender, draws: int | None = None) -> int:
        if contender.method == "law":
            return max(1, self.effort.epochs // self.case.epochs)
        return max(1, (draws or self.effort.draws) // self.case.draws)

    def _row(
        self,
        contender: Contender,
        ours: NDArray[np.float64],
        numpy: NDArray[np.float64] | None,
        floor: float | None,
    ) -> Row:
        """Return the row of a contender from the seconds that a replicate takes in each round."""
        unit = 1e9 / self.case.draws if contender.method == "draws" else 1e6 / self.case.epochs
        cost = unit * float(np.median(ours))
        return Row(
            case=self.case.name,
            quantity=contender.quantity,
            method=contender.method,
            scheme=contender.scheme,
            unit=contender.unit,
            cost=cost,
            numpy_cost=None if numpy is None else unit * float(np.median(numpy)),
            gain=None if numpy is None else Gain.of(numpy, ours),
            least_gain=least_gain(self.case, contender),
            largest_cost=LARGEST_COSTS.get(contender),
            floor_share=None if floor is None else floor / cost,
        )


def _made(result: SimulationResult) -> float:
    """Return the share of the plan's draws that was made: under coverage, a block that is full makes no more.

    A population of one block is full when it is covered. Of several, none is taken to fill up; in the cases
    here the chance that one does is below e^-160.
    """
    epochs = result.plan.epochs
    if result.spectrum is not None or result.plan.population > BLOCK:
        return 1.0
    return float(np.where(result.covered_at < 0, epochs, result.covered_at).mean()) / epochs
