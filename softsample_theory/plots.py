"""Pictures of single results, for `--plot`; the paper's figures have a room of their own, `figures`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from softsample_theory import covering_time
from softsample_theory.output import atomic_path
from softsample_theory.version import __version__

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from softsample_theory.coverage import CoverageCurve
    from softsample_theory.covering_summary import CoveringSummary
    from softsample_theory.occupancy_summary import OccupancySummary

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
"""Okabe and Ito's palette, which colour-blind readers can tell apart."""


def save_coverage(curves: Sequence[CoverageCurve], path: Path) -> None:
    """Draw coverage curves with their bands to a file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    draw_coverage(figure.add_subplot(), curves)
    save_figure(figure, path, str(curves[0].plan))


def save_occupancy(seen: OccupancySummary, path: Path) -> None:
    """Draw the spectrum of visit counts to a file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    draw_spectrum(figure.add_subplot(), seen)
    save_figure(figure, path, str(seen.plan))


def draw_spectrum(axes: Axes, seen: OccupancySummary) -> Axes:
    """Draw the expected number of items seen r times as bars, with two standard deviations."""
    listed = seen.mean >= 1e-4 * seen.mean.max()
    axes.bar(seen.r[listed], seen.mean[listed], color=COLOURS[0], alpha=0.8, width=0.8)
    axes.errorbar(
        seen.r[listed],
        seen.mean[listed],
        2 * seen.std[listed],
        fmt="none",
        ecolor="black",
        elinewidth=1,
        capsize=2,
    )
    axes.set(xlabel="visits to an item", ylabel="items (mean and 2 sd)", ylim=(0, None))
    axes.set_title(
        f"n = {seen.plan.population:,}, m = {seen.plan.subset:,}, {seen.epoch} epochs, {seen.plan.scheme}",
        fontsize="medium",
    )
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def save_covering_times(times: Sequence[CoveringSummary], path: Path) -> None:
    """Draw the probability of having seen all that was asked against the epochs to a file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    draw_covering_times(figure.add_subplot(), times)
    save_figure(figure, path, str(times[0].plan))


def draw_covering_times(axes: Axes, times: Sequence[CoveringSummary]) -> Axes:
    """Draw the distribution function of each covering time, one line a scheme."""
    shown = [each for each in times if np.isfinite(each.mean)]
    for each, colour in zip(shown, COLOURS, strict=False):
        law = covering_time.law(each.plan, items=each.items, copies=each.copies)
        first, last = max(0.0, law.ppf(1e-4) - 2), law.isf(1e-4) + 2
        epochs = np.unique(np.linspace(first, last, 400).round())
        axes.step(epochs, law.cdf(epochs), where="post", color=colour, label=each.plan.scheme)
        axes.axvline(each.mean, color=colour, lw=0.8, ls=":")
    first_of_all = times[0]
    axes.set(xlabel="epochs", ylabel="probability of having seen them all", ylim=(0, 1.02))
    axes.set_title(
        f"n = {first_of_all.plan.population:,}, m = {first_of_all.plan.subset:,}: "
        f"{first_of_all.items:,} units seen (dotted: mean)",
        fontsize="medium",
    )
    axes.grid(alpha=0.25, lw=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    if shown:
        axes.legend(frameon=False, loc="lower right")
    return axes


def save_figure(figure: Figure, path: Path, made_from: str) -> None:
    """Write a figure whole or not at all, stamped with the version and what it was made from."""
    # Each format has its own key for a free line of text.
    key = {".png": "Description", ".pdf": "Subject", ".svg": "Description"}[path.suffix.lower()]
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=200, metadata={key: f"softsample {__version__}: {made_from}"})


def draw_coverage(axes: Axes, curves: Sequence[CoverageCurve]) -> Axes:
    """Draw the covered share of the population against epochs, one line and band a curve."""
    for curve, colour in zip(curves, COLOURS, strict=False):
        scale = 100 / curve.plan.population
        axes.fill_between(curve.epoch, curve.low * scale, curve.high * scale, color=colour, alpha=0.2, lw=0)
        axes.plot(curve.epoch, curve.mean * scale, color=colour, label=curve.plan.scheme)
    first = curves[0]
    axes.set(xlabel="epoch", ylabel="items seen at least once (%)", ylim=(0, 102), xlim=(0, None))
    axes.locator_params(axis="x", integer=True)
    axes.set_title(
        f"n = {first.plan.population:,}, m = {first.plan.subset:,}: mean and {first.confidence:.0%} band",
        fontsize="medium",
    )
    axes.grid(alpha=0.25, lw=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower right")
    return axes
