"""The picture of one simulation, for `--plot`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from simulations.comparison import Comparison, compare
from simulations.result import SimulationResult
from softsample_theory.coverage import curve
from softsample_theory.plots import draw_coverage, save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINES = 60
"""At most this many replicates are drawn as lines."""


def save_simulation(result: SimulationResult, path: Path) -> None:
    """Draw simulated runs over the exact band, and their mean's distance from the exact mean, to a file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 5.4), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    draw_runs(above, result)
    draw_residuals(below, compare(result))
    save_figure(figure, path, f"{result!r}")


def draw_runs(axes: Axes, result: SimulationResult) -> Axes:
    """Draw replicates as thin lines over the exact mean and band."""
    draw_coverage(axes, [curve(result.plan)])
    share = 100 / result.plan.population
    axes.plot(result.distinct[:LINES].T * share, color="black", lw=0.4, alpha=0.35, zorder=3)
    axes.set_title(f"{axes.get_title()}, {min(LINES, result.replicates)} simulated runs", fontsize="medium")
    axes.set_xlabel("")
    return axes


def draw_residuals(axes: Axes, comparison: Comparison) -> Axes:
    """Draw the distance of the simulated from the exact mean in standard errors."""
    axes.axhspan(-2, 2, color="0.9", lw=0)
    axes.axhline(0, color="0.5", lw=0.8)
    axes.plot(comparison.epoch, comparison.z, color="black", lw=1)
    axes.set(xlabel="epoch", ylabel="z of the mean")
    axes.spines[["top", "right"]].set_visible(False)
    return axes
