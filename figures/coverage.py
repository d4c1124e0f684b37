"""Figure 1 of the paper: distinct data seen against epochs, by theory and by simulation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from figures.style import INK, PAGE_WIDTH, RATE_COLOURS, percent
from softsample_theory import coverage, plans

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Coverage against epochs: the paper's Figure 1"
SIZE = (PAGE_WIDTH, 2.6)
RATES = (0.05, 0.1)
PATHS = 4
"""Simulated runs drawn on top of each band."""


@dataclass(frozen=True)
class Curve:
    """One curve of one panel; coverages in percent of the population.

    Attributes
    ----------
    data, unit, population, subset, rate, interval : the experiment, its plan and R.
    epoch : int64 (K+1,).
    mean, std : float64 (K+1,), exact.
    low, high : float64 (K+1,), the exact mean less and plus two standard deviations, at most 100.
    paths : float64 (PATHS, K+1), simulated runs.
    simulated_mean, simulated_std : float64 (K+1,), over all runs.
    """

    data: str
    unit: str
    population: int
    subset: int
    rate: float
    interval: int
    epoch: NDArray[np.int64]
    mean: NDArray[np.float64]
    std: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    paths: NDArray[np.float64]
    simulated_mean: NDArray[np.float64]
    simulated_std: NDArray[np.float64]


@dataclass(frozen=True)
class Figure1:
    """The curves of Figure 1, panel by panel, and the number of runs behind each."""

    curves: tuple[Curve, ...]
    replicates: int

    def panels(self) -> Iterator[tuple[str, list[Curve]]]:
        """Yield each panel's name and its curves."""
        for name in dict.fromkeys(curve.data for curve in self.curves):
            yield name, [curve for curve in self.curves if curve.data == name]

    def largest_z(self) -> float:
        """Return the largest distance of a simulated mean from the exact one, in exact standard errors."""
        distances = [0.0]
        for curve in self.curves:
            moving = curve.std > 0
            error = curve.std[moving] / np.sqrt(self.replicates)
            distances += list(np.abs(curve.simulated_mean - curve.mean)[moving] / error)
        return float(max(distances))


def compute(seed: int, replicates: int) -> Figure1:
    """Return coverage curves of the paper's three experiments, at two rates and two selection intervals."""
    curves = [
        _curve(experiment, rate, interval, seed, replicates)
        for experiment in plans.ALL
        for rate in RATES
        for interval in (1, experiment.interval)
    ]
    return Figure1(tuple(curves), replicates)


def draw(figure: Figure, data: Figure1) -> None:
    """Draw one panel an experiment."""
    panels = list(data.panels())
    for axes, (name, curves) in zip(figure.subplots(1, len(panels), sharey=True), panels, strict=True):
        for curve in curves:
            _draw_curve(axes, curve)
        _label(axes, name, curves[-1].interval)
        first = curves[0]
        axes.set_title(f"{name}, {first.population:,} {first.unit}")
        axes.set(xlabel="epoch", xlim=(0, first.epoch[-1]), ylim=(0, 103))
    figure.axes[0].set_ylabel("distinct data seen (%)")
    _legend(figure)


def caption(data: Figure1) -> str:
    """Say what is drawn, with the ends of the curves and the agreement."""
    ends = "; ".join(
        f"{name} " + " and ".join(f"{curve.mean[-1]:.2f}" for curve in curves if curve.interval > 1)
        for name, curves in data.panels()
    )
    units = "; ".join(
        f"{name} "
        + " and ".join(f"{curve.subset}" for curve in curves if curve.interval == 1)
        + f" of {curves[0].population:,}"
        for name, curves in data.panels()
    )
    return (
        "Percent of the sampling units seen at least once when each draw takes 5 % or 10 % of them (in whole"
        f" units {units}), anew every epoch, or every 10, 5 and 10 epochs as in the paper;"
        " epochs on all data before selection are left out. Bands: exact mean ± 2 standard deviations. Thin"
        f" lines: {PATHS} simulated runs a curve. Expected percent at the last epoch with the longer"
        f" interval: {ends}. Over {data.replicates:,} runs the simulated mean is never further than"
        f" {data.largest_z():.1f} standard errors from the exact one."
    )


def columns(data: Figure1) -> Mapping[str, Sequence[Any]]:
    """Return all curves, one row an epoch."""
    table: dict[str, Any] = {}
    for name in ("data", "rate", "interval"):
        table[name] = [getattr(curve, name) for curve in data.curves for _ in curve.epoch]
    for name in ("epoch", "mean", "std", "low", "high", "simulated_mean", "simulated_std"):
        table[name] = np.concatenate([getattr(curve, name) for curve in data.curves])
    for run in range(PATHS):
        table[f"run_{run + 1}"] = np.concatenate(
            [curve.paths[run % len(curve.paths)] for curve in data.curves]
        )
    return table


def parameters(data: Figure1) -> Mapping[str, str]:
    """Return the plans."""
    text = "; ".join(
        f"{curve.data} n={curve.population} m={curve.subset} K={curve.epoch[-1]} R={curve.interval}"
        for curve in data.curves
    )
    return {"scheme": "subset", "plans": text, "unit": "percent of the population"}


def _curve(experiment: plans.Experiment, rate: float, interval: int, seed: int, replicates: int) -> Curve:
    from simulations import simulate

    plan = experiment.plan(rate, refresh_every=interval)
    scale = 100 / plan.population
    mean, std = coverage.mean(plan) * scale, coverage.std(plan) * scale
    seen = simulate(plan, replicates=replicates, seed=seed).distinct
    return Curve(
        data=experiment.name,
        unit=UNITS[experiment.unit],
        population=plan.population,
        subset=plan.subset,
        rate=rate,
        interval=interval,
        epoch=np.arange(plan.epochs + 1),
        mean=mean,
        std=std,
        low=mean - 2 * std,
        high=np.minimum(mean + 2 * std, 100),
        paths=seen[:PATHS] * np.float64(scale),
        simulated_mean=seen.mean(axis=0) * scale,
        simulated_std=seen.std(axis=0, ddof=1) * scale,
    )


UNITS = {"batch": "batches", "chunk": "chunks"}


LABELS = {
    "CIFAR10": ((68, 92), (172, 42)),
    "LibriSpeech": ((3.5, 80), (14.5, 4)),
    "Payload": ((2.6, 80), (10.6, 23.5)),
}
"""Panel -> where the labels of the short and of the long interval start, in data coordinates."""


def _draw_curve(axes: Axes, curve: Curve) -> None:
    colour = RATE_COLOURS[curve.rate]
    steps = "steps-post" if curve.interval > 1 else "default"
    filled: Any = {"step": "post"} if curve.interval > 1 else {}
    axes.fill_between(curve.epoch, curve.low, curve.high, color=colour, alpha=0.22, lw=0, **filled)
    for path in curve.paths:
        axes.plot(curve.epoch, path, drawstyle=steps, color=colour, lw=0.5, alpha=0.6)
    axes.plot(curve.epoch, curve.mean, drawstyle=steps, color=colour)


def _label(axes: Axes, name: str, interval: int) -> None:
    often, seldom = LABELS[name]
    axes.text(*often, "every epoch", va="center")
    axes.text(*seldom, f"every {interval} epochs", va="center")


def _legend(figure: Figure) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Line2D([], [], color=RATE_COLOURS[rate], lw=2.5, label=f"{percent(rate)} an epoch") for rate in RATES
    ]
    handles += [
        Line2D([], [], color=INK, label="exact mean"),
        Patch(color=INK, alpha=0.22, lw=0, label="± 2 standard deviations"),
        Line2D([], [], color=INK, lw=0.5, label="simulated runs"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), columnspacing=1.6)
