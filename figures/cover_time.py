"""How many epochs until every Payload chunk has been seen: the exact law, its bracket and simulation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log, log1p
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from figures.style import INK, PAGE_WIDTH, RATE_COLOURS, percent
from softsample_theory import covering_time, plans

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Epochs until all of Payload's chunks have been seen"
SIZE = (PAGE_WIDTH, 3.9)
UNCOVERED = 1e-9
"""Runs go on until at most this probability is left of an uncovered chunk."""


@dataclass(frozen=True)
class CoveringTime:
    """The covering time of one plan.

    Attributes
    ----------
    population, subset, rate : the plan.
    epoch : int64 (H+1,), epochs 0 to the last simulated.
    pmf, cdf : float64 (H+1,), the exact law.
    lower, upper : float64 (H+1,), the bracket 1 - n q^k and (1 - q^k)^n of the cdf; the lower from 0 on.
    mode, mean, quantile : the likeliest epoch, the exact mean and the 95 % quantile.
    cdf_at_mean : the exact distribution function there, between its two epochs in proportion.
    first, last : the epochs outside which either tail holds less than 1e-5; drawing stops there.
    simulated : float64 (H+1,), share of the runs that were covered at each epoch.
    simulated_mean, standard_error : mean over the runs, and its exact standard error.
    """

    population: int
    subset: int
    rate: float
    epoch: NDArray[np.int64]
    pmf: NDArray[np.float64]
    cdf: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    mode: int
    mean: float
    quantile: int
    cdf_at_mean: float
    first: int
    last: int
    simulated: NDArray[np.float64]
    simulated_mean: float
    standard_error: float


@dataclass(frozen=True)
class CoveringTimes:
    """The covering times of all plans, and the number of runs behind each."""

    times: tuple[CoveringTime, ...]
    replicates: int


def compute(seed: int, replicates: int) -> CoveringTimes:
    """Return exact and simulated covering times of the Payload plans."""
    times = tuple(_covering_time(rate, seed, replicates) for rate in plans.PAYLOAD.ratios)
    return CoveringTimes(times, replicates)


def draw(figure: Figure, data: CoveringTimes) -> None:
    """Draw the laws above and the distribution functions in their bracket below."""
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(1, 1))
    for time in data.times:
        _draw_law(above, time)
        _draw_bracket(below, time)
    above.set(
        ylabel="probability", ylim=(0, None), title="Probability of full coverage at exactly this epoch"
    )
    below.set(ylabel="probability", ylim=(0, 1.03), title="Probability of full coverage by this epoch")
    below.set(xlabel="epoch", xlim=(0, 240))
    _legend(below)


def caption(data: CoveringTimes) -> str:
    """Say what is drawn, with means and quantiles."""
    figures = "; ".join(
        f"{percent(time.rate)}: mean {time.mean:.3f}, 95 % quantile {time.quantile}" for time in data.times
    )
    n = data.times[0].population
    return (
        f"The number of epochs until all n = {n} chunks have been seen, at the paper's three selection rates"
        f" ({figures}). Above: exact law (line) and {data.replicates:,} simulated runs (bars). Below: exact"
        " distribution function; shaded, the bracket from 1 − n q^k to (1 − q^k)^n with q = 1 − rate, whose"
        " upper end the eye cannot tell from the exact curve."
    )


def columns(data: CoveringTimes) -> Mapping[str, Sequence[Any]]:
    """Return laws, brackets and simulated shares, one row an epoch."""
    table: dict[str, Any] = {
        "rate": np.concatenate([np.full(time.epoch.size, time.rate) for time in data.times])
    }
    for name in ("epoch", "pmf", "cdf", "lower", "upper", "simulated"):
        table[name] = np.concatenate([getattr(time, name) for time in data.times])
    return table


def parameters(data: CoveringTimes) -> Mapping[str, str]:
    """Return the plans with means and quantiles."""
    text = "; ".join(
        f"n={time.population} m={time.subset} K={time.epoch[-1]} mean={time.mean!r} q95={time.quantile}"
        for time in data.times
    )
    return {"scheme": "subset", "plans": text}


def _covering_time(rate: float, seed: int, replicates: int) -> CoveringTime:
    from simulations import simulate

    n, m = plans.PAYLOAD.population, plans.PAYLOAD.plan(rate).subset
    decay = -log1p(-m / n)
    plan = plans.SamplingPlan(n, subset=m, epochs=ceil(log(n / UNCOVERED) / decay))
    law, epoch = covering_time.law(plan), np.arange(plan.epochs + 1)
    covered_at = simulate(plan, replicates=replicates, seed=seed).covered_at
    if (covered_at < 0).any():
        raise ArithmeticError(f"a run of {plan} was not covered, which has probability {UNCOVERED} at most")
    unseen = np.exp(-decay * epoch)
    pmf, cdf, mean = law.pmf(epoch), law.cdf(epoch), law.mean()
    return CoveringTime(
        population=n,
        subset=m,
        rate=rate,
        epoch=epoch,
        pmf=pmf,
        cdf=cdf,
        lower=np.maximum(0.0, 1 - n * unseen),
        upper=(1 - unseen) ** n,
        mode=int(np.argmax(pmf)),
        mean=mean,
        quantile=int(law.ppf(0.95)),
        cdf_at_mean=float(np.interp(mean, epoch, cdf)),
        first=int(law.ppf(1e-5)),
        last=int(law.isf(1e-5)),
        simulated=np.bincount(covered_at, minlength=epoch.size) / replicates,
        simulated_mean=float(covered_at.mean()),
        standard_error=law.std() / replicates**0.5,
    )


def _draw_law(axes: Axes, time: CoveringTime) -> None:
    colour = RATE_COLOURS[time.rate]
    axes.fill_between(time.epoch, time.simulated, step="mid", color=colour, alpha=0.3, lw=0)
    seen = slice(time.first, time.last)
    axes.plot(time.epoch[seen], time.pmf[seen], color=colour)
    axes.annotate(
        f"{percent(time.rate)}, m = {time.subset}",
        (time.mode, time.pmf[time.mode]),
        xytext=(8, 6),
        textcoords="offset points",
        color=colour,
        fontweight="bold",
    )


def _draw_bracket(axes: Axes, time: CoveringTime) -> None:
    colour = RATE_COLOURS[time.rate]
    seen = slice(time.first, time.last)
    axes.fill_between(time.epoch, time.lower, time.upper, color=colour, alpha=0.22, lw=0)
    axes.plot(time.epoch[seen], time.cdf[seen], color=colour)
    axes.plot([time.mean], [time.cdf_at_mean], "^", ms=5, color=colour)
    axes.plot([time.quantile], [time.cdf[time.quantile]], "o", ms=4.5, color=colour)


def _legend(axes: Axes) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Line2D([], [], color=INK, label="exact"),
        Patch(color=INK, alpha=0.22, lw=0, label="between $1-nq^k$ and $(1-q^k)^n$"),
        Line2D([], [], color=INK, marker="^", ls="", label="mean"),
        Line2D([], [], color=INK, marker="o", ls="", ms=4.5, label="95 % quantile"),
    ]
    axes.legend(handles=handles, loc="lower right")
