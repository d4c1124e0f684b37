"""The commands of the theory: coverage, occupancy, cover-time, info."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from softsample_theory import output
from softsample_theory.epoch_rows import plan_line, shown_epochs
from softsample_theory.plan import SamplingPlan
from softsample_theory.plan_options import (
    Confidence,
    Csv,
    Json,
    Plot,
    count_option,
    needs_no_epochs,
    ratio_option,
    takes_plan,
)
from softsample_theory.validation import reject_value

if TYPE_CHECKING:
    from softsample_theory.bounds import Bound
    from softsample_theory.coverage import CoverageCurve
    from softsample_theory.covering_summary import CoveringSummary
    from softsample_theory.occupancy_summary import OccupancySummary

Bounds = Annotated[bool, typer.Option("--bounds", help="Add closed bounds, each labelled as what it is.")]


@takes_plan
def coverage(
    plan: SamplingPlan,
    beside: SamplingPlan | None,
    confidence: Confidence = 0.95,
    bounds: Bounds = False,
    json: Json = False,
    csv: Csv = False,
    plot: Plot = None,
) -> None:
    """Distinct items seen after each epoch: mean, standard deviation and confidence band, exactly.

    Without --scheme the paper's reading (subset) stands beside plain sampling with replacement (iid).
    """
    from softsample_theory.bounds import coverage_bounds
    from softsample_theory.coverage import curve

    output.one_format(json=json, csv=csv)
    output.check_plot_path(plot)
    curves = [curve(each, confidence) for each in (plan, beside) if each is not None]
    if plot is not None:
        from softsample_theory.plots import save_coverage

        save_coverage(curves, plot)
    deviation = max(1.0, 2.0 * float(curves[0].std[-1]))
    closed = coverage_bounds(plan, deviation=deviation) if bounds else ()
    if json:
        more = {"bounds": closed} if bounds else {}
        output.print_json({**output.fields(curves[0]), **more, **{c.plan.scheme: c for c in curves[1:]}})
    elif csv:
        output.print_csv(_coverage_columns(curves))
    else:
        _print_coverage(curves)
        _print_bounds(closed, f"K = {plan.epochs}, t = {output.number(deviation)} (two sd)")


def _coverage_columns(curves: Sequence[CoverageCurve]) -> dict[str, Any]:
    columns: dict[str, Any] = {"epoch": curves[0].epoch}
    for curve in curves:
        prefix = "" if curve is curves[0] else f"{curve.plan.scheme}_"
        for name in ("mean", "std", "low", "high", "unseen_mean"):
            columns[prefix + name] = getattr(curve, name)
    return columns


def _print_coverage(curves: Sequence[CoverageCurve]) -> None:
    plan = curves[0].plan
    headings = ["epoch"]
    for curve in curves:
        headings += [f"{curve.plan.scheme} seen", "% of all", "sd", f"{curve.confidence:.4g} band"]
    rows = []
    for i in shown_epochs(plan.epochs):
        row = [f"{i}"]
        for curve in curves:
            row += [
                output.number(curve.mean[i]),
                _percent(curve.mean[i], curve.unseen_mean[i], plan.population),
                output.number(curve.std[i]),
                f"{curve.low[i]} .. {curve.high[i]}",
            ]
        rows.append(row)
    console = output.console()
    console.print(output.table(plan_line(plan), headings, rows))
    if len(curves) > 1:
        console.print(
            "subset: m distinct items each epoch (the paper's model); iid: m draws that may also repeat"
            " within it, and so see fewer."
        )


def _print_bounds(bounds: Sequence[Bound], at: str) -> None:
    """Print named bounds, each labelled as what it is."""
    if bounds:
        rows = [[b.quantity, b.kind, output.number(b.value), b.name, b.source] for b in bounds]
        headings = ["quantity", "what it is", "value", "name", "source"]
        output.console().print(output.table(f"Closed bounds at {at}", headings, rows, left=(0, 1, 3, 4)))


def _percent(seen: float, unseen: float, population: int) -> str:
    """Write a coverage with as many digits as it takes to tell it from all."""
    if unseen == 0:
        return "100"
    digits = max(2, min(9, 1 - int(np.floor(np.log10(100 * unseen / population)))))
    return f"{100 * seen / population:.{digits}f}" if digits < 9 else f"100 - {100 * unseen / population:.1e}"


@takes_plan
def occupancy(
    plan: SamplingPlan,
    confidence: Confidence = 0.95,
    r_max: Annotated[int | None, count_option("--r-max", metavar="R", help="List counts 0 to R.")] = None,
    json: Json = False,
    csv: Csv = False,
    plot: Plot = None,
) -> None:
    """How many items have been seen exactly r times after the last epoch, and the extremes."""
    from softsample_theory.occupancy_summary import summary

    output.one_format(json=json, csv=csv)
    output.check_plot_path(plot)
    seen = summary(plan, confidence=confidence, r_max=r_max)
    if plot is not None:
        from softsample_theory.plots import save_occupancy

        save_occupancy(seen, plot)
    if json:
        output.print_json(seen)
    elif csv:
        output.print_csv({name: getattr(seen, name) for name in ("r", "mean", "std")})
    else:
        _print_occupancy(seen)


def _print_occupancy(seen: OccupancySummary) -> None:
    n = seen.plan.population
    rows = [
        [str(r), output.number(mean), output.number(std), f"{100 * mean / n:.4g}"]
        for r, mean, std in zip(seen.r, seen.mean, seen.std, strict=True)
        if mean >= 1e-6
    ]
    console = output.console()
    title = (
        f"{plan_line(seen.plan)}: items seen exactly r times after {seen.epoch} epochs ({seen.plan.scheme})"
    )
    console.print(output.table(title, ["r", "expected items", "sd", "% of all"], rows))
    facts = {
        "visits to one item": f"mean {output.number(seen.mean_count)}, sd {output.number(seen.std_count)}",
        "least seen item": f"{seen.smallest[0]} to {seen.smallest[1]} visits (>= {seen.confidence:.4g} sure)",
        "most seen item": f"{seen.largest[0]} to {seen.largest[1]} visits (>= {seen.confidence:.4g} sure)",
        "effective sample size": f"{output.number(seen.effective_sample_size)} items",
        "between two visits": f"{output.number(seen.mean_revisit_gap)} epochs on average",
    }
    console.print(output.table("", ["", ""], [[*fact] for fact in facts.items()], left=(0, 1)))


@takes_plan
@needs_no_epochs
def cover_time(
    plan: SamplingPlan,
    beside: SamplingPlan | None,
    items: Annotated[
        int | None, count_option("--items", metavar="S", help="Units to see; default all.")
    ] = None,
    fraction: Annotated[
        Fraction | None, ratio_option("--fraction", help="Of the units, in place of --items.")
    ] = None,
    copies: Annotated[int, count_option("--copies", metavar="D", help="Times that each must be seen.")] = 1,
    confidence: Confidence = 0.95,
    bounds: Bounds = False,
    json: Json = False,
    csv: Csv = False,
    plot: Plot = None,
) -> None:
    """Epochs until some units, a fraction or all have been seen: mean, spread, quantiles, exactly.

    Without --scheme the paper's reading (subset) stands beside plain sampling with replacement (iid).
    """
    from softsample_theory.covering_summary import summary

    output.one_format(json=json, csv=csv)
    output.check_plot_path(plot)
    plans = [each for each in (plan, beside) if each is not None]
    times = [summary(each, items, fraction, copies, confidence) for each in plans]
    if plot is not None:
        from softsample_theory.plots import save_covering_times

        save_covering_times(times, plot)
    closed = _time_bounds(times[0]) if bounds else ()
    if json:
        more = {"bounds": closed} if bounds else {}
        beside_it = {each.plan.scheme: each for each in times[1:]}
        output.print_json({**output.fields(times[0]), **more, **beside_it})
    elif csv:
        columns = {name: [getattr(each, name) for each in times] for name in _TIME_COLUMNS}
        output.print_csv({"scheme": [each.plan.scheme for each in times], **columns})
    else:
        _print_covering_times(times)
        _print_bounds(closed, f"K = {output.number(times[0].sufficient)}, delta = 1 - {confidence:.4g}")


def _time_bounds(time: CoveringSummary) -> tuple[Bound, ...]:
    """Return the bounds at the epochs that are exactly enough."""
    from softsample_theory.bounds import covering_time_bounds

    if time.items < time.plan.population:
        reject_value("bounds", True, "asked of all units; there are none for part of them")
    epoch = int(time.sufficient) if math.isfinite(time.sufficient) else 0
    return covering_time_bounds(time.plan, epoch, float(1 - Fraction(repr(time.confidence))), time.copies)


_TIME_COLUMNS = ("items", "copies", "mean", "std", "median", "low", "high", "sufficient")


def _print_covering_times(times: Sequence[CoveringSummary]) -> None:
    first = times[0]
    what = "all units" if first.items == first.plan.population else f"{first.items:,} units"
    often = "" if first.copies == 1 else f" {first.copies} times each"
    sure = f"{first.confidence:.4g}"
    headings = ["scheme", "mean", "sd", "median", f"{sure} interval", f"enough with prob. {sure}"]
    rows = [
        [
            each.plan.scheme,
            output.number(each.mean),
            output.number(each.std),
            output.number(each.median),
            f"{output.number(each.low)} .. {output.number(each.high)}",
            output.number(each.sufficient),
        ]
        for each in times
    ]
    title = f"{plan_line(first.plan)}: epochs until {what} have been seen{often}"
    output.console().print(output.table(title, headings, rows))


def info(json: Json = False) -> None:
    """Versions, machine and available backends."""
    from softsample_theory.environment import environment

    facts = environment()
    if json:
        output.print_json(facts)
        return
    rows = [
        [name, str(getattr(facts, name))] for name in ("version", "python", "system", "machine", "processors")
    ]
    rows += [[name, version or "not installed"] for name, version in facts.packages.items()]
    rows += [[f"backend {name}", state] for name, state in facts.backends.items()]
    output.console().print(output.table("softsample", ["", ""], rows, left=(0, 1)))
