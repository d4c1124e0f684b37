"""How often items are seen, and how many: simulation against theory, under `subset` and under `iid`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from figures.style import INK, PAGE_WIDTH, SCHEME_COLOURS
from softsample_theory import coverage, occupancy, plans
from softsample_theory.plan import SamplingPlan

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "How often items are seen: simulation against theory"
SIZE = (PAGE_WIDTH, 5.2)
PLANS = {
    "Payload, 5 % an epoch": plans.PAYLOAD.plan(0.05),
    "50,000 items, 10 % an epoch": SamplingPlan(50_000, subset=5_000, epochs=30),
}
LEAST_ITEMS = 100.0
"""A residual is shown where so many items are expected over all runs: a smaller sum is not yet normal."""


@dataclass(frozen=True)
class Agreement:
    """One plan under one scheme.

    Attributes
    ----------
    name, scheme, population, subset, seed : the plan, and the seed of its runs.
    r : int64 (r_max+1,), numbers of visits.
    items, items_std : float64 (r_max+1,), exact mean and deviation of the items seen r times after K epochs.
    simulated_items : float64 (r_max+1,), mean over the runs.
    items_z : float64 (r_max+1,), simulated less exact, in exact standard errors; nan below LEAST_ITEMS.
    epoch : int64 (K+1,).
    seen, seen_std, simulated_seen, seen_z : float64 (K+1,), the same of the distinct items after each epoch;
        seen_z is nan where the number is certain.
    """

    name: str
    scheme: str
    population: int
    subset: int
    seed: int
    r: NDArray[np.int64]
    items: NDArray[np.float64]
    items_std: NDArray[np.float64]
    simulated_items: NDArray[np.float64]
    items_z: NDArray[np.float64]
    epoch: NDArray[np.int64]
    seen: NDArray[np.float64]
    seen_std: NDArray[np.float64]
    simulated_seen: NDArray[np.float64]
    seen_z: NDArray[np.float64]


@dataclass(frozen=True)
class Agreements:
    """All plans under all schemes, and the number of runs behind each."""

    found: tuple[Agreement, ...]
    replicates: int

    def largest_z(self) -> float:
        """Return the largest distance of a simulated mean from the exact one, in exact standard errors."""
        return max(float(np.nanmax(np.abs(z))) for each in self.found for z in (each.items_z, each.seen_z))

    def residuals(self) -> int:
        """Return how many residuals there are."""
        return sum(int(np.isfinite(z).sum()) for each in self.found for z in (each.items_z, each.seen_z))


def compute(seed: int, replicates: int) -> Agreements:
    """Return exact and simulated spectra and coverages of both plans under both schemes.

    Each scheme has a seed of its own: with one seed, subsets are made of the draws that iid makes too, and
    the residuals of both move together.
    """
    found = [
        _agreement(name, plan.under(scheme), (seed + i) % 2**64, replicates)
        for name, plan in PLANS.items()
        for i, scheme in enumerate(SCHEME_COLOURS)
    ]
    return Agreements(tuple(found), replicates)


def draw(figure: Figure, data: Agreements) -> None:
    """Draw a column a plan: spectrum and its residuals, coverage and its residuals."""
    grid = figure.subplots(4, len(PLANS), height_ratios=(2.2, 1, 2.2, 1))
    for column, name in zip(grid.T, PLANS, strict=True):
        mine = [each for each in data.found if each.name == name]
        _draw_spectrum(column[0], column[1], mine)
        _draw_coverage(column[2], column[3], mine)
        column[0].set_title(name)
    grid[0, 0].set_ylabel("items seen r times")
    grid[2, 0].set_ylabel("distinct items seen")
    for row in (1, 3):
        grid[row, 0].set_ylabel("residual (s.e.)")
    figure.align_ylabels(list(grid[:, 0]))
    _legend(figure)


def caption(data: Agreements) -> str:
    """Say what is drawn, and how far theory and simulation are apart."""
    two = {each.name: [a for a in data.found if a.name == each.name] for each in data.found}
    unseen = "; ".join(
        f"{name}: " + " and ".join(f"{each.items[0]:,.1f} ({each.scheme})" for each in pair)
        for name, pair in two.items()
    )
    ends = " and ".join(f"{each.epoch[-1]}" for each in data.found[:: len(SCHEME_COLOURS)])
    return (
        f"Items seen exactly r times after {ends} epochs, and distinct items after each epoch: exact means"
        f" (black lines) and means over {data.replicates:,} simulated runs (bars, points), for fresh"
        f" subsets without repeats (subset) and for independent draws (iid). Expected items never seen:"
        f" {unseen}. Residuals: simulated less exact in exact standard errors, shaded to ± 2; of"
        f" {data.residuals()}, which are correlated from epoch to epoch, the largest is"
        f" {data.largest_z():.1f}."
    )


def columns(data: Agreements) -> Mapping[str, Sequence[Any]]:
    """Return all plotted numbers: for each r the items, for each epoch the distinct items."""
    table: dict[str, list[Any]] = {name: [] for name in ("plan", "scheme", "quantity", "at", *_VALUES)}
    for each in data.found:
        for quantity, at, values in (
            ("items seen r times", each.r, (each.items, each.items_std, each.simulated_items, each.items_z)),
            ("distinct items", each.epoch, (each.seen, each.seen_std, each.simulated_seen, each.seen_z)),
        ):
            table["plan"] += [each.name] * at.size
            table["scheme"] += [each.scheme] * at.size
            table["quantity"] += [quantity] * at.size
            table["at"] += at.tolist()
            for name, numbers in zip(_VALUES, values, strict=True):
                table[name] += numbers.tolist()
    return table


_VALUES = ("exact_mean", "exact_std", "simulated_mean", "residual")


def parameters(data: Agreements) -> Mapping[str, str]:
    """Return the plans."""
    text = "; ".join(
        f"{each.scheme} n={each.population} m={each.subset} K={each.epoch[-1]} seed={each.seed}"
        for each in data.found
    )
    return {"plans": text, "residual": "simulated less exact mean, in exact standard errors"}


def _agreement(name: str, plan: SamplingPlan, seed: int, replicates: int) -> Agreement:
    from simulations import simulate

    result = simulate(plan, replicates, seed, record=("spectrum",))
    assert result.spectrum is not None
    items = occupancy.spectrum(plan)
    shown = int(np.flatnonzero(replicates * items >= LEAST_ITEMS).max(initial=0)) + 1
    classes = min(shown, result.spectrum.shape[2] - 1)  # the last one kept is "or more"
    items, items_std = items[:classes], occupancy.spectrum_std(plan, r_max=classes - 1)
    simulated_items = result.spectrum[:, -1, :classes].mean(axis=0)
    seen, seen_std, simulated_seen = coverage.mean(plan), coverage.std(plan), result.distinct.mean(axis=0)
    items_z = _residuals(simulated_items - items, items_std, replicates)
    return Agreement(
        name=name,
        scheme=plan.scheme,
        population=plan.population,
        subset=plan.subset,
        seed=seed,
        r=np.arange(classes),
        items=items,
        items_std=items_std,
        simulated_items=simulated_items,
        items_z=np.where(replicates * items >= LEAST_ITEMS, items_z, np.nan),
        epoch=np.arange(plan.epochs + 1),
        seen=seen,
        seen_std=seen_std,
        simulated_seen=simulated_seen,
        seen_z=_residuals(simulated_seen - seen, seen_std, replicates),
    )


def _residuals(
    difference: NDArray[np.float64], std: NDArray[np.float64], replicates: int
) -> NDArray[np.float64]:
    """Return differences in standard errors, nan where nothing varies."""
    z = np.full(difference.shape, np.nan)
    np.divide(difference, std / np.sqrt(replicates), out=z, where=std > 0)
    return z


def _draw_spectrum(axes: Axes, below: Axes, pair: Sequence[Agreement]) -> None:
    for each, aside in zip(pair, _ASIDE, strict=True):
        at, half = each.r + aside, abs(aside)
        axes.bar(at, each.simulated_items, width=2 * half, color=SCHEME_COLOURS[each.scheme], alpha=0.75)
        axes.hlines(each.items, at - half, at + half, color=INK, lw=1.1)
        below.plot(at, each.items_z, _MARKERS[each.scheme], ms=3, color=SCHEME_COLOURS[each.scheme])
    _finish(axes, below, "number of visits r", pair[-1].r[-1], [each.items_z for each in pair])


def _draw_coverage(axes: Axes, below: Axes, pair: Sequence[Agreement]) -> None:
    for i, each in enumerate(pair):
        colour, marker = SCHEME_COLOURS[each.scheme], _MARKERS[each.scheme]
        axes.plot(each.epoch, each.seen, color=INK, lw=0.8)
        axes.plot(each.epoch[i::2], each.simulated_seen[i::2], marker, ms=3.4, color=colour)
        below.plot(each.epoch, each.seen_z, marker, ms=3, color=colour)
    _finish(axes, below, "epoch", pair[-1].epoch[-1], [each.seen_z for each in pair])


def _finish(
    axes: Axes, below: Axes, label: str, last: float, residuals: Sequence[NDArray[np.float64]]
) -> None:
    """Give a panel and the residuals under it one axis, and limits that show all."""
    from matplotlib.ticker import MaxNLocator

    below.axhspan(-2, 2, color=INK, alpha=0.08, lw=0)
    below.axhline(0, color=INK, lw=0.6)
    end = max(3.6, *(1.2 * float(np.nanmax(np.abs(z))) for z in residuals))
    below.set(ylim=(-end, end), xlabel=label)
    below.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 4, 10], integer=True, symmetric=True))
    below.sharex(axes)
    axes.tick_params(labelbottom=False)
    axes.set_ylim(0, None)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    below.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlim(-0.8, last + 0.8)


_MARKERS = {"subset": "o", "iid": "D"}
_ASIDE = (-0.2, 0.2)
"""How far left or right of its number of visits each scheme's bar stands."""


def _legend(figure: Figure) -> None:
    from matplotlib.lines import Line2D

    handles: list[Any] = [
        Line2D([], [], color=colour, marker=_MARKERS[scheme], ms=4, ls="", label=_LABELS[scheme])
        for scheme, colour in SCHEME_COLOURS.items()
    ]
    handles += [Line2D([], [], color=INK, lw=1.1, label="exact mean")]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), columnspacing=1.6)


_LABELS = {"subset": "subset, simulated: no repeats in an epoch", "iid": "iid, simulated: independent draws"}
