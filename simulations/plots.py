"""The picture of one simulation, for `--plot`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from simulations.comparison import compare
from simulations.result import SimulationResult
from softsample_theory.coverage import curve
from softsample_theory.plots import COLOURS, draw_coverage, save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINES = 60
"""At most this many replicates are drawn as lines."""


def save_simulation(result: SimulationResult, path: Path) -> None:
    """Draw simulated runs over the exact band, and their distances from the exact mean, to a file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 5.4), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    draw_runs(above, result)
    draw_residuals(below, result)
    save_figure(figure, path, f"{result!r}")


def draw_runs(axes: Axes, result: SimulationResult) -> Axes:
    """Draw replicates as thin lines over the exact mean and band."""
    draw_coverage(axes, [curve(result.plan)])
    share = 100 / result.plan.population
    axes.plot(result.distinct[:LINES].T * share, color="black", lw=0.4, alpha=0.35, zorder=3)
    axes.set_title(f"{axes.get_title()}, {min(LINES, result.replicates)} simulated runs", fontsize="medium")
    axes.set_xlabel("")
    return axes


def draw_residuals(axes: Axes, result: SimulationResult) -> Axes:
    """Draw each run's distance from the exact mean in standard deviations: grey where two of them reach."""
    exact = compare(result)
    random = exact.std > 0
    residuals = (result.distinct[:LINES, random] - exact.mean[random]) / exact.std[random]
    axes.axhspan(-2, 2, color="0.92", lw=0)
    axes.plot(exact.epoch[random], residuals.T, color="black", lw=0.4, alpha=0.35)
    axes.plot(
        exact.epoch[random],
        exact.z[random],
        color=COLOURS[1],
        lw=1.4,
        label="mean of all runs, in its own sd",
    )
    axes.set(xlabel="epoch", ylabel="runs: (seen - mean) / sd", ylim=(-4.5, 4.5))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper left", fontsize="small")
    return axes
