"""How many draws a second this machine simulates, against the size of the population: a measurement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from figures.style import PAGE_WIDTH
from softsample_theory.plan import SamplingPlan

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Draws a second against the population, measured"
SIZE = (PAGE_WIDTH, 3.4)
RATIO, EPOCHS = 0.1, 10
ROUNDS = 5
DRAWS = 10_000_000
"""What one timing draws at most, unless one run is more."""
LAW_EPOCHS = 20_000
"""The same in law, in epochs."""


@dataclass(frozen=True)
class Method:
    """One way to simulate coverage, and the largest population it is timed at."""

    label: str
    largest: int
    colour: str
    marker: str


METHODS = {
    "mask": Method("NumPy: boolean mask", 10**8, "#999999", "s"),
    "direct": Method("compiled, one bitset", 10**8, "#E69F00", "v"),
    "draws": Method("softsample, in blocks", 10**9, "#0072B2", "o"),
    "law": Method("softsample, in law", 10**12, "#CC79A7", "D"),
}
POPULATIONS = tuple(10**k for k in range(3, 13))


@dataclass(frozen=True)
class Throughput:
    """Draws a second of one thread, scheme `iid`, coverage of EPOCHS epochs of n RATIO draws.

    Attributes
    ----------
    method : names out of METHODS, one for each measurement.
    population : int64, n.
    rate, slowest, fastest : float64, draws a second of the plan, by the thread's CPU time: median over the
        rounds, least and largest.
    rounds : how many.
    processor, versions, date : what was measured, with what, and when (UTC).
    """

    method: tuple[str, ...]
    population: NDArray[np.int64]
    rate: NDArray[np.float64]
    slowest: NDArray[np.float64]
    fastest: NDArray[np.float64]
    rounds: int
    processor: str
    versions: Mapping[str, str]
    date: str


def compute(seed: int, replicates: int) -> Throughput:
    """Measure all methods at all populations: at each one in turn, round after round, compiled before.

    A timing makes `replicates` runs of the plan, or fewer where that is more than DRAWS draws.
    """
    from datetime import UTC, datetime

    from simulations.benchmark.clock import alternated
    from simulations.versions import versions
    from softsample_theory.processor import processor_name

    date = datetime.now(UTC).isoformat(timespec="seconds")
    found: list[tuple[str, int, NDArray[np.float64]]] = []
    for n in POPULATIONS:
        plan = SamplingPlan(n, ratio=RATIO, epochs=EPOCHS, scheme="iid")
        names = [name for name, method in METHODS.items() if n <= method.largest]
        runs = [_runs(name, plan, replicates) for name in names]
        works = [_work(name, plan, seed, each) for name, each in zip(names, runs, strict=True)]
        alternated(works, 1)  # compiles
        times = alternated(works, ROUNDS)
        draws = plan.subset * plan.epochs * np.array(runs, np.float64)
        found += [(name, n, rates) for name, rates in zip(names, (draws / times).T, strict=True)]
    rates = np.array([rates for _, _, rates in found])
    return Throughput(
        method=tuple(name for name, _, _ in found),
        population=np.array([n for _, n, _ in found], np.int64),
        rate=np.median(rates, axis=1),
        slowest=rates.min(axis=1),
        fastest=rates.max(axis=1),
        rounds=ROUNDS,
        processor=processor_name(),
        versions=versions(),
        date=date,
    )


def draw(figure: Figure, data: Throughput) -> None:
    """Draw the methods that make every draw, and beside them, on a scale of many decades, the law."""
    left, right = figure.subplots(1, 2, width_ratios=(1.2, 1))
    for name in METHODS:
        if name != "law":
            _draw_method(left, data, name, scale=1e-9)
        if name in ("draws", "law"):
            _draw_method(right, data, name)
    left.set(title="Every draw made", ylabel="billion draws a second", ylim=(0, None))
    right.set(title="In law: no draw made", ylabel="draws a second", yscale="log")
    for axes in (left, right):
        axes.set(xscale="log", xlabel="population n")
        axes.minorticks_off()
    figure.legend(loc="outside upper center", ncols=len(METHODS), columnspacing=1.6, handles=_handles())
    figure.supxlabel(f"Measured on {_made_on(data)}", fontsize=6, alpha=0.8)


def caption(data: Throughput) -> str:
    """Say what was measured, on what, and what came out."""
    at = {name: _of(data, name) for name in METHODS}
    n, rate = (at["mask"][key][-1] for key in ("population", "rate"))
    beside = at["draws"]["rate"][at["draws"]["population"] == n][0]
    return (
        f"A measurement, not a result to repeat: {_made_on(data)}. Draws a second of one thread (CPU time,"
        f" median of {data.rounds} rounds in which the methods alternate; bars: least and largest),"
        f" coverage over {EPOCHS} epochs of {RATIO:g} n independent draws. At n = {n:,} softsample makes"
        f" {beside / 1e9:.2g} billion draws a second, {beside / rate:.0f} times as many as NumPy's boolean"
        " mask. The compiled bitset draws from the same generator over the whole population at once. In law"
        " no draw is made: its rate is that of the draws whose outcome it samples, and grows with n."
    )


def columns(data: Throughput) -> Mapping[str, Sequence[Any]]:
    """Return every measurement."""
    table: dict[str, Any] = {"method": data.method, "population": data.population}
    names = {"draws_per_second": "rate", "slowest_round": "slowest", "fastest_round": "fastest"}
    return table | {name: getattr(data, field) for name, field in names.items()}


def parameters(data: Throughput) -> Mapping[str, str]:
    """Return the plan, and what was measured when."""
    return {
        "plan": f"iid, subset={RATIO:g} n, epochs={EPOCHS}, one thread, {data.rounds} rounds",
        "measured on": data.processor,
        "versions": _versions(data),
        "date": data.date,
    }


def _runs(name: str, plan: SamplingPlan, replicates: int) -> int:
    """Return how many runs of the plan one timing makes."""
    most = LAW_EPOCHS // plan.epochs if name == "law" else DRAWS // (plan.subset * plan.epochs)
    return max(1, min(replicates, most))


def _work(name: str, plan: SamplingPlan, seed: int, runs: int) -> Callable[[], object]:
    """Return the call that is timed."""
    if name == "mask":
        return _by_mask(plan, seed, runs)
    if name == "direct":
        return _directly(plan, seed, runs)
    from simulations import simulate

    return lambda: simulate(plan, runs, seed, method=name, threads=1)


def _by_mask(plan: SamplingPlan, seed: int, runs: int) -> Callable[[], object]:
    from simulations.benchmark.baselines import mask_coverage

    rng = np.random.default_rng(seed)
    return lambda: [mask_coverage(plan, rng) for _ in range(runs)]


def _directly(plan: SamplingPlan, seed: int, runs: int) -> Callable[[], object]:
    from simulations.kernels.floors import cover_directly
    from simulations.streams import seed_key

    bits, new = np.zeros(-(-plan.population // 64), np.uint64), np.empty(plan.epochs, np.int64)
    settings = (new, plan.subset, plan.population, bits, *seed_key(seed))
    return lambda: [cover_directly(*settings, i) for i in range(runs)]


def _of(data: Throughput, name: str) -> dict[str, NDArray[Any]]:
    """Return one method's measurements."""
    mine = np.array(data.method) == name
    return {key: getattr(data, key)[mine] for key in ("population", "rate", "slowest", "fastest")}


def _draw_method(axes: Axes, data: Throughput, name: str, scale: float = 1.0) -> None:
    mine, method = _of(data, name), METHODS[name]
    spread = (mine["rate"] - mine["slowest"], mine["fastest"] - mine["rate"])
    axes.errorbar(
        mine["population"],
        scale * mine["rate"],
        [scale * each for each in spread],
        color=method.colour,
        marker=method.marker,
        ms=4,
        lw=1.2,
        elinewidth=0.8,
    )


def _handles() -> list[Any]:
    from matplotlib.lines import Line2D

    return [
        Line2D([], [], color=each.colour, marker=each.marker, ms=4, lw=1.2, label=each.label)
        for each in METHODS.values()
    ]


def _versions(data: Throughput) -> str:
    return ", ".join(f"{name} {version}" for name, version in data.versions.items())


def _made_on(data: Throughput) -> str:
    return f"{data.processor}, {_versions(data)}, {data.date}"
