"""`benchmark`: how fast the simulator is on this machine, beside NumPy doing the same."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from simulations.benchmark.baselines import memory_of_baselines
from simulations.benchmark.cases import CASES, Case
from simulations.benchmark.floors import Floor, measure_floor
from simulations.benchmark.measured import Benchmark, Row, Scaling
from simulations.benchmark.rounds import FULL, Effort, Timings
from simulations.engine import simulate
from simulations.job_run import usable_cores
from simulations.memory import available_memory, in_words
from simulations.streams import BLOCK
from simulations.versions import versions
from softsample_theory.plan import SamplingPlan
from softsample_theory.processor import processor_name
from softsample_theory.validation import ArgumentValueError, choice, count

QUANTITIES = ("coverage", "spectrum")
SCHEMES = ("iid", "subset", "poisson")


def benchmark(
    cases: Iterable[Case] = tuple(CASES.values()),
    seed: int = 1,
    *,
    effort: Effort = FULL,
    threads: int = 2,
    backend: str = "auto",
    schemes: Iterable[str] = ("iid", "subset"),
    watch: Callable[[str], object] = lambda text: None,
) -> Benchmark:
    """Time the simulator on this machine beside NumPy on the same plans.

    Everything runs once before it is timed, so compilation is excluded. A round times NumPy, then each
    contender, on one thread and by the CPU time of that thread, which other processes disturb little; ratios
    are taken within rounds. The times of several threads are wall times.

    Parameters
    ----------
    cases : what is simulated. One whose NumPy arrays do not fit into the free memory is left out, and named.
    seed : of the simulations and of NumPy's generator, from 0 to 2**64 - 1.
    effort : how long each timing goes on.
    threads : compared with one, from 1 to 4096; 1 leaves that comparison out.
    backend : as in `simulate`.
    schemes : names out of ``"iid"``, ``"subset"`` and ``"poisson"``.
    watch : called with a line that says what goes on.

    Returns
    -------
    Benchmark

    Raises
    ------
    ArgumentValueError, ArgumentTypeError
        For an argument out of range, and where every case was left out.

    Cost
    ----
    All cases take two minutes and 1.7 GB (NumPy's arrays in case C); A and B at `QUICK` some ten seconds.

    Examples
    --------
    >>> least = Effort(rounds=1, draws=1, epochs=1, shared_draws=1, floor_draws=1)
    >>> measured = benchmark([Case("T", 1000, 100, 2)], effort=least)
    >>> [(row.quantity, row.method, row.scheme) for row in measured.rows[:2]]
    [('coverage', 'draws', 'iid'), ('coverage', 'draws', 'subset')]
    """
    threads = count("threads", threads, 1, 4096)
    schemes = tuple(choice("scheme", scheme, SCHEMES) for scheme in schemes)
    smallest = SamplingPlan(population=2, subset=1, epochs=1)
    backend = simulate(smallest, 1, seed, backend=backend).backend  # refuses what will not run
    start, load = datetime.now(UTC), os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    fit, left_out = _what_fits(cases)
    floors: dict[int, Floor] = {}
    rows: list[Row] = []
    scaling: list[Scaling] = []
    for case in fit:
        if (size := min(BLOCK, case.population)) not in floors:
            watch(f"a draw's random bits and its store, alone, in blocks of {size:,} items")
            floors[size] = measure_floor(size, seed, effort.rounds, effort.floor_draws)
        timings = Timings(case, effort, seed, backend, watch)
        for quantity in QUANTITIES:
            rows += timings.rows(quantity, schemes, floors[size].of(quantity))
            if threads > 1 and "draws" in case.methods:
                scaling.append(timings.scaling(quantity, threads))
    return Benchmark(
        rows=tuple(rows),
        floors=tuple(floors.values()),
        scaling=tuple(scaling),
        cases=fit,
        left_out=left_out,
        rounds=effort.rounds,
        seed=seed,
        threads=threads,
        backend=backend,
        versions={**versions(), "python": platform.python_version()},
        processor=processor_name(),
        cores=usable_cores(),
        load=load,
        date=start.isoformat(timespec="seconds"),
    )


def _what_fits(cases: Iterable[Case]) -> tuple[tuple[Case, ...], tuple[str, ...]]:
    """Return the cases whose baselines fit into the free memory, and a line for each of the others."""
    free, fit, left_out = available_memory(), [], []
    for case in cases:
        need = memory_of_baselines(case.plan("iid")) if case.beside_numpy else 0
        if free is None or need <= free:
            fit.append(case)
        else:
            left_out.append(
                f"case {case.name}: NumPy takes {in_words(need)} for it, and {in_words(free)} are free"
            )
    if not fit:
        raise ArgumentValueError("there is nothing to time: " + ("; ".join(left_out) or "no case is given"))
    return tuple(fit), tuple(left_out)
