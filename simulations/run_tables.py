"""The tables that show a simulation to people: coverage beside its law, and whatever else was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from simulations.comparison import compare
from simulations.result import SimulationResult
from softsample_theory import output
from softsample_theory.epoch_rows import plan_line, shown_epochs

if TYPE_CHECKING:
    from rich.console import Group

Rows = list[list[str]]


def tables_of(result: SimulationResult) -> Iterator[Group]:
    """Yield a table for each thing recorded; raw visits have none."""
    last = result.plan.epochs
    yield output.table(plan_line(result.plan), *_coverage(result))
    if result.spectrum is not None:
        yield output.table(f"Items seen r times after epoch {last}", *_spectrum(result))
    if result.largest is not None:
        yield output.table("Most visits to any one item", *_largest(result))
    if result.gaps is not None:
        yield output.table(f"Gaps between visits in {last} epochs, all items of a run", *_gaps(result))
    if result.copies > 1 or result.cover_items < result.plan.population:
        times = "once" if result.copies == 1 else f"{result.copies} times each"
        yield output.table(f"Epochs until {result.cover_items:,} items are seen {times}", *_covering(result))


def _coverage(result: SimulationResult) -> tuple[list[str], Rows]:
    seen = compare(result)
    rows = [
        [
            str(i),
            output.number(seen.simulated_mean[i]),
            output.number(seen.simulated_std[i]),
            output.number(seen.mean[i]),
            output.number(seen.std[i]),
            f"{seen.z[i]:+.2f}",
        ]
        for i in shown_epochs(result.plan.epochs)
    ]
    return ["epoch", "simulated mean", "simulated sd", "exact mean", "exact sd", "z of the mean"], rows


def _spectrum(result: SimulationResult) -> tuple[list[str], Rows]:
    from softsample_theory import occupancy

    assert result.spectrum is not None
    simulated = result.spectrum[:, -1, :].mean(axis=0)
    last = simulated.size - 1
    exact = occupancy.spectrum(result.plan, r_max=last)
    exact[last] = result.plan.population * occupancy.law(result.plan).sf(last - 1)
    rows = [
        [f"{r} or more" if r == last else str(r), output.number(simulated[r]), output.number(exact[r])]
        for r in range(last + 1)
        if simulated[r] or exact[r] > 1e-6
    ]
    return ["r", "simulated mean", "exact mean"], rows


def _largest(result: SimulationResult) -> tuple[list[str], Rows]:
    assert result.largest is not None
    columns = result.largest.min(axis=0), result.largest.mean(axis=0), result.largest.max(axis=0)
    rows = [
        [str(i), *(output.number(column[i]) for column in columns)] for i in shown_epochs(result.plan.epochs)
    ]
    return ["epoch", "least of all runs", "mean", "most of all runs"], rows


def _gaps(result: SimulationResult) -> tuple[list[str], Rows]:
    """Return the mean number of gaps of each length; the last class is exact where it is the longest gap."""
    assert result.gaps is not None
    mean, last = result.gaps.mean(axis=0), result.gaps.shape[1] - 1
    lumped = last < result.plan.epochs - result.plan.warm_epochs - 1
    rows = [
        [f"{g} or more" if g == last and lumped else str(g), output.number(mean[g])]
        for g in range(1, last + 1)
        if mean[g]
    ]
    return ["epochs", "simulated mean"], rows


def _covering(result: SimulationResult) -> tuple[list[str], Rows]:
    """Return how many runs got there, and when: the median counts the others as later than all epochs."""
    reached = result.covered_at >= 0
    times = np.sort(np.where(reached, result.covered_at, np.iinfo(np.int64).max))
    shown = [times[0], times[(times.size - 1) // 2], times[-1]]
    cells = [output.number(time) if time <= result.plan.epochs else "later" for time in shown]
    return ["runs that got there", "first", "median", "last"], [
        [f"{reached.sum()} of {reached.size}", *cells]
    ]
