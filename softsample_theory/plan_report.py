"""The planner's answer as tables for people, and its frontier as columns."""

from __future__ import annotations

import math
from typing import Any

from softsample_theory import output
from softsample_theory.planning_result import Equivalent, PlannedRun, PlanningResult
from softsample_theory.time_model import TimeModel

MOST_CLASSES = 12
"""A table for people lists at most about this many class sizes."""


def print_plan(answer: PlanningResult) -> None:
    """Print the frontier and, if there is one, all about the plan chosen."""
    console = output.console()
    console.print(_frontier(answer))
    if answer.unreached:
        ratios = ", ".join(f"{100 * each.subset / answer.population:.4g} %" for each in answer.unreached)
        console.print(
            f"Never reached at {ratios}: {answer.unreached[-1].reason}.\n", markup=False, soft_wrap=True
        )
    if answer.choice is None:
        console.print(f"Unreachable: {answer.reason}.", markup=False, soft_wrap=True)
        return
    console.print(_choice(answer, answer.choice))
    if answer.classes:
        console.print(_classes(answer))
    console.print(_equivalents(answer, answer.choice))


def frontier_columns(answer: PlanningResult) -> dict[str, Any]:
    """Return the frontier as named columns, the plans first."""
    runs = answer.frontier
    plans = {name: [getattr(run.plan, name) for run in runs] for name in ("ratio", "subset", "epochs")}
    names = [each for each in PlannedRun.__dataclass_fields__ if each != "plan"]
    return {**plans, **{name: [_nan(getattr(run, name)) for run in runs] for name in names}}


def _nan(value: float | None) -> float:
    return math.nan if value is None else value


def _frontier(answer: PlanningResult) -> Any:
    headings = ["ratio", "units", "epochs", "with prob.", "one less", "steps", "samples", "full epochs"]
    headings += ["speed-up", "unseen", "at most", "gap"]
    rows = [
        [
            f"{100 * run.plan.ratio:.4g} %",
            f"{run.plan.subset:,}",
            f"{run.plan.epochs:,}",
            _chance(run.probability),
            "-" if run.one_epoch_less is None else _chance(run.one_epoch_less),
            f"{run.steps:,}",
            f"{run.samples:,}",
            f"{run.samples / answer.population:.4g}",
            f"{run.speedup:.4g}x",
            output.number(run.unseen_mean, 5),
            f"{run.unseen_high:,}",
            output.number(run.gap_mean, 4),
        ]
        for run in answer.frontier
    ]
    title = f"Least epochs for {_goal(answer)}"
    return output.table(title, headings, rows)


def _goal(answer: PlanningResult) -> str:
    parts = [
        f"{answer.items:,} of {answer.population:,} units ({100 * answer.target:.6g} %)",
        f"with probability {answer.confidence:.6g}",
        f"under {answer.scheme}",
    ]
    if answer.refresh_every > 1:
        parts.append(f"a new draw every {answer.refresh_every} epochs")
    if answer.warm_epochs:
        parts.append(f"after {answer.warm_epochs} warm epochs, which are counted in epochs and cost alone")
    return ", ".join(parts)


def _choice(answer: PlanningResult, run: PlannedRun) -> Any:
    plan, matched = run.plan, answer.matched
    sure = f"{answer.confidence:.4g}"
    full = f"{plan.epochs if answer.full_epochs is None else answer.full_epochs:,}"
    facts = {
        "plan": f"{plan.subset:,} units ({100 * plan.ratio:.4g} %) in each of "
        f"{plan.epochs - plan.warm_epochs:,} epochs"
        + (f" after {plan.warm_epochs:,} warm ones" * bool(plan.warm_epochs)),
        "reaches the target": f"with probability {_chance(run.probability)}" + _one_less(run),
        "optimiser steps": f"{run.steps:,} of {answer.batch_size:,} units",
        "samples": f"{run.samples:,}, as many as {run.samples / answer.population:.4g} full epochs"
        + (f"; {answer.budget - run.samples:,} of the budget left" if answer.budget is not None else ""),
        "time": f"{output.number(run.time)}, against {output.number(run.full_time)} for {full} full epochs: "
        f"{run.speedup:.4g} times as fast ({_time_words(answer.time_model)})",
        "unseen": f"{output.number(run.unseen_mean)} units on average, at most {run.unseen_high:,} "
        f"with probability {sure}",
        "between two visits": f"{output.number(run.gap_mean)} epochs on average, at most "
        f"{output.number(run.gap_high)} with probability {sure}",
    }
    if matched is not None:
        more = f" and {matched.more_steps:,} steps" if matched.more_steps else ""
        facts["as many steps on all data"] = (
            f"{matched.epochs:,} epochs{more}; multiply the epochs of a schedule by {matched.stretch:.4g}"
        )
    return output.table("The answer", ["", ""], [[*fact] for fact in facts.items()], left=(0, 1))


def _one_less(run: PlannedRun) -> str:
    parts = {"an epoch": run.one_epoch_less, "a unit": run.one_unit_less}
    known = [f"{_chance(odds)} with {what} less" for what, odds in parts.items() if odds is not None]
    return f" ({', '.join(known)})" if known else ""


def _time_words(model: TimeModel) -> str:
    terms = {"step": model.step, "load": model.loading, "selection": model.selection, "start": model.start}
    return "times: " + ", ".join(f"{name} {time:.6g}" for name, time in terms.items() if time)


def _classes(answer: PlanningResult) -> Any:
    listed = answer.classes
    shown = (
        listed
        if len(listed) <= MOST_CLASSES
        else (*listed[: MOST_CLASSES // 2], *listed[-MOST_CLASSES // 2 :])
    )
    rows = [
        [
            f"{each.size:,}",
            f"{each.classes:,}",
            output.number(each.unseen_mean, 5),
            f"{each.unseen_high:,}",
            _chance(each.probability),
            "exact" if each.kind == "exact" else "bounds (Bernstein)",
        ]
        for each in shown
    ]
    together = _chance(answer.every_class or 0.0)
    title = f"Unseen in a class (all of them meet the target with probability >= {together})"
    if len(shown) < len(listed):
        title += f"; {len(shown)} of {len(listed)} sizes, the smallest and the largest"
    headings = ["class of", "classes", "unseen", "at most", "meets the target", "what it is"]
    return output.table(title, headings, rows, left=(5,))


def _equivalents(answer: PlanningResult, run: PlannedRun) -> Any:
    n = answer.population
    rows = [
        [
            each.scheme,
            "none" if each.epochs is None else f"{each.epochs:,}",
            "none" if each.subset is None else f"{each.subset:,} ({100 * each.subset / n:.4g} %)",
            _why(each),
        ]
        for each in answer.equivalents
    ]
    headings = [
        "scheme",
        f"epochs at {100 * run.plan.ratio:.4g} %",
        f"units in {run.plan.epochs:,} epochs",
        "",
    ]
    return output.table("The same target under other schemes", headings, rows, left=(0, 3))


def _why(each: Equivalent) -> str:
    return each.epochs_reason or each.subset_reason or ""


def _chance(p: float) -> str:
    """Write a probability with the digits that tell it from 0 and from 1."""
    if 0.999999 < p < 1:
        return f"1 - {1 - p:.1e}" if 1 - p > 1e-15 else "1"
    return f"{p:.6g}" if p >= 1e-4 or p == 0 else f"{p:.1e}"
