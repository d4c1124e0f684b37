"""Table 1 of the paper: expected coverage as printed, exact, and simulated, with the residuals beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from figures.style import PAGE_WIDTH, RATE_COLOURS, bare, percent
from softsample_theory import coverage, plans

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Expected coverage: the paper's Table 1, exact and simulated"
SIZE = (PAGE_WIDTH, 2.75)

PRINTED = {0.05: (40.1, 64.2, 78.5), 0.1: (65.1, 87.8, 95.8), 0.2: (89.3, 98.8, 99.9)}
"""Table 1 as printed: selection rate -> percent of the data seen after 10, 20 and 30 epochs."""
EPOCHS = (10, 20, 30)


@dataclass(frozen=True)
class Table1:
    """The nine entries of Table 1, row by row; coverages in percent of the population.

    Attributes
    ----------
    population : n of the plan simulated; the expected share depends on the rate and the epochs alone.
    rate, epochs, printed : float64 (9,), int64 (9,), float64 (9,), the paper's table.
    exact : float64 (9,), 100 (1 - (1-rate)^epochs).
    simulated, standard_error : float64 (9,), mean over the runs and its exact standard error.
    backend : what simulated.
    """

    population: int
    rate: NDArray[np.float64]
    epochs: NDArray[np.int64]
    printed: NDArray[np.float64]
    exact: NDArray[np.float64]
    simulated: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    backend: str

    @property
    def rounded(self) -> NDArray[np.float64]:
        """The exact values at the paper's one decimal."""
        return np.round(self.exact, 1)

    @property
    def agrees(self) -> NDArray[np.bool_]:
        """Where the rounded exact value is the printed one."""
        return self.rounded == self.printed

    @property
    def z(self) -> NDArray[np.float64]:
        """Simulated less exact, in standard errors."""
        return (self.simulated - self.exact) / self.standard_error


def compute(seed: int, replicates: int) -> Table1:
    """Return Table 1 from the exact law and from simulated runs of the Payload plans."""
    from simulations import simulate

    n = plans.PAYLOAD.population
    exact, simulated, errors = [], [], []
    for rate in PRINTED:
        plan = plans.SamplingPlan(n, rate, epochs=max(EPOCHS))
        at = list(EPOCHS)
        result = simulate(plan, replicates=replicates, seed=seed)
        runs = result.distinct[:, at]
        exact.append(100 * coverage.mean(plan, at) / n)
        simulated.append(100 * runs.mean(axis=0) / n)
        errors.append(100 * coverage.std(plan, at) / n / np.sqrt(replicates))
    return Table1(
        population=n,
        rate=np.repeat(list(PRINTED), len(EPOCHS)),
        epochs=np.tile(np.array(EPOCHS, dtype=np.int64), len(PRINTED)),
        printed=np.concatenate(list(PRINTED.values())),
        exact=np.concatenate(exact),
        simulated=np.concatenate(simulated),
        standard_error=np.concatenate(errors),
        backend=result.backend,
    )


def draw(figure: Figure, data: Table1) -> None:
    """Draw the table and, on the same rows, the residuals."""
    table, residuals = figure.subplots(1, 2, width_ratios=(2.4, 1))
    rows = [float(i + 0.5 * (i // 3)) for i in range(len(data.rate))]
    _draw_table(table, data, rows)
    _draw_residuals(residuals, data, rows)


def caption(data: Table1) -> str:
    """Say how the three columns compare."""
    agree = int(data.agrees.sum())
    return (
        f"Percent of the data seen at least once. {agree} of {data.agrees.size} printed entries are the exact"
        " value 100 [1 − (1 − rate)^K] rounded to one decimal. Simulated: mean over runs with a fresh subset"
        f" of n = {data.population} units every epoch, and its exact standard error. Right: simulated less"
        " exact, in standard errors; bars span ± 2, and the largest distance is"
        f" {np.abs(data.z).max():.1f}."
    )


def columns(data: Table1) -> Mapping[str, Sequence[Any]]:
    """Return every number of the table."""
    names = ("rate", "epochs", "printed", "exact", "rounded", "agrees", "simulated", "standard_error", "z")
    return {name: getattr(data, name) for name in names}


def parameters(data: Table1) -> Mapping[str, str]:
    """Return the plan behind the simulated column."""
    return {"population": str(data.population), "scheme": "subset", "unit": "percent of the population"}


HEADINGS = {"rate": 0.0, "epochs": 0.22, "printed": 0.39, "exact": 0.57, "rounded": 0.75, "simulated": 1.0}
"""Column -> where its right edge stands (the first column: its left)."""


def _draw_table(axes: Axes, data: Table1, rows: Sequence[float]) -> None:
    bare(axes)
    axes.set(xlim=(0, 1), ylim=(max(rows) + 0.7, -1.6))
    for heading, x in HEADINGS.items():
        axes.text(x, -1.05, heading, ha="right" if x else "left", va="center", fontweight="bold")
    axes.plot([0, 1], [-0.6, -0.6], color=axes.xaxis.label.get_color(), lw=0.8, clip_on=False)
    for i, y in enumerate(rows):
        rate = float(data.rate[i])
        if i % 3 == 0:
            axes.text(0, y, percent(rate), va="center_baseline", color=RATE_COLOURS[rate], fontweight="bold")
        cells = (
            f"{data.epochs[i]}",
            f"{data.printed[i]:.1f}",
            f"{data.exact[i]:.4f}",
            f"{data.rounded[i]:.1f} {'✓' if data.agrees[i] else '✗'}",
            f"{data.simulated[i]:.3f} ± {data.standard_error[i]:.3f}",
        )
        for cell, x in zip(cells, list(HEADINGS.values())[1:], strict=True):
            axes.text(x, y, cell, ha="right", va="center_baseline")


def _draw_residuals(axes: Axes, data: Table1, rows: Sequence[float]) -> None:
    axes.set(ylim=(max(rows) + 0.7, -1.6), yticks=[], xlim=(-4, 4), xticks=[-4, -2, 0, 2, 4])
    axes.spines["left"].set_visible(False)
    axes.axvline(0, color=axes.xaxis.label.get_color(), lw=0.8)
    for rate, colour in RATE_COLOURS.items():
        mine = data.rate == rate
        axes.errorbar(data.z[mine], np.array(rows)[mine], xerr=2, fmt="o", ms=3.5, lw=1, color=colour)
    axes.set_xlabel("simulated − exact (standard errors)")
