"""The picture of the planner's frontier, for `--plot`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from softsample_theory.planning_result import PlanningResult
from softsample_theory.plots import COLOURS, save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def save_frontier(answer: PlanningResult, path: Path) -> None:
    """Draw the epochs and the samples of the frontier against the ratio to a file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    epochs, samples = figure.subplots(2, 1, sharex=True)
    draw_epochs(epochs, answer)
    draw_samples(samples, answer)
    made_from = f"population={answer.population}, target={answer.target}, confidence={answer.confidence}"
    save_figure(figure, path, f"plan({made_from}, scheme={answer.scheme})")


def draw_epochs(axes: Axes, answer: PlanningResult) -> Axes:
    """Draw the least epochs against the ratio: plans on and above the line reach the target."""
    ratios = [100 * run.plan.ratio for run in answer.frontier]
    epochs = [run.plan.epochs for run in answer.frontier]
    axes.plot(ratios, epochs, "o-", color=COLOURS[0], ms=4, label="least epochs")
    for ratio, least in zip(ratios, epochs, strict=True):
        axes.annotate(f"{least:,}", (ratio, least), (4, 5), textcoords="offset points", fontsize="small")
    axes.set(ylabel="epochs", yscale="log", xscale="log")
    axes.set_title(
        f"n = {answer.population:,}: {100 * answer.target:.6g} % seen with probability "
        f"{answer.confidence:.6g}, {answer.scheme}",
        fontsize="medium",
    )
    if answer.choice is not None:
        chosen = answer.choice.plan
        axes.plot(
            100 * chosen.ratio, chosen.epochs, "s", color=COLOURS[1], ms=8, label="the answer", zorder=3
        )
    axes.margins(y=0.15)
    return _finish(axes)


def draw_samples(axes: Axes, answer: PlanningResult) -> Axes:
    """Draw what the frontier's plans go through, in full epochs, with the budget if there is one."""
    ratios = [100 * run.plan.ratio for run in answer.frontier]
    passes = [run.samples / answer.population for run in answer.frontier]
    axes.plot(ratios, passes, "o-", color=COLOURS[2], ms=4, label="samples of the least epochs")
    if answer.choice is not None:
        chosen = answer.choice
        spent = chosen.samples / answer.population
        axes.plot(100 * chosen.plan.ratio, spent, "s", color=COLOURS[1], ms=8, label="the answer", zorder=3)
    if answer.budget is not None:
        axes.axhline(answer.budget / answer.population, color="black", lw=0.8, ls="--", label="budget")
    axes.set(xlabel="selection ratio (%)", ylabel="samples, in full epochs", ylim=(0, None))
    axes.set_xticks(ratios, [f"{each:.3g}" for each in ratios], minor=False)
    return _finish(axes)


def _finish(axes: Axes) -> Axes:
    axes.tick_params(axis="x", which="minor", bottom=False)
    axes.grid(alpha=0.25, lw=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    return axes
