"""The inverse problem: which ratio and how many epochs reach a coverage, and what they cost.

`plan_for` answers in one result; `frontier` lists the least epochs for each of several ratios; `TimeModel`
says how time is counted. Every number of epochs and every subset comes from a search in an exact law, checked
on both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from softsample_theory.class_coverage import ClassCoverage, by_class, check_class_counts, every_class
from softsample_theory.coverage_goal import (
    CoverageGoal,
    UnreachableTarget,
    cold,
    least_epochs,
    least_subset,
)
from softsample_theory.plan import LARGEST_EPOCHS, LARGEST_VISITS, SamplingPlan
from softsample_theory.plan_choice import Wish, equivalents, grid_subsets, least_by_subset
from softsample_theory.planning_result import Costing, Equivalent, PlannedRun, PlanningResult, Unreached
from softsample_theory.time_model import FullSchedule, TimeModel
from softsample_theory.validation import ArgumentTypeError, count, decimal, reject_type

__all__ = [
    "RATIOS",
    "ClassCoverage",
    "CoverageGoal",
    "Equivalent",
    "FullSchedule",
    "PlannedRun",
    "PlanningResult",
    "TimeModel",
    "UnreachableTarget",
    "Unreached",
    "frontier",
    "least_epochs",
    "least_subset",
    "plan_for",
]

RATIOS = tuple(Fraction(percent, 100) for percent in (1, 2, 5, 10, 20, 30, 50, 75, 100))
"""The selection ratios of the frontier, unless others are named."""


def plan_for(
    population: int,
    target: float | Fraction = Fraction(99, 100),
    confidence: float | Fraction = Fraction(95, 100),
    *,
    epochs: int | None = None,
    ratio: float | Fraction | None = None,
    budget: int | None = None,
    scheme: str = "subset",
    refresh_every: int = 1,
    warm_epochs: int = 0,
    class_counts: Sequence[int] | None = None,
    batch_size: int = 256,
    time_model: TimeModel | None = None,
    full_epochs: int | None = None,
    ratios: Sequence[float | Fraction] = RATIOS,
) -> PlanningResult:
    r"""Return which plans see the target share of the data with the confidence asked for, and their cost.

    The frontier gives, for each ratio, the least K with :math:`P(S_K \ge s) \ge` confidence, where
    s = ceil(target n). The choice, which the rest of the answer is about, is

    - with `ratio`: the least epochs at this ratio;
    - with `epochs`: the least subset that does in so many epochs;
    - with `budget`: of the frontier's plans that go through at most so many samples, the smallest ratio;
    - with none of them: the least epochs at a ratio of 10 %.

    Warm epochs enter epochs, steps, samples and time; the coverage asked for is that of the sampled epochs
    after them.

    Parameters
    ----------
    population : int
        n sampling units, from 1 to 2**53.
    target, confidence : float or Fraction
        In [0, 1] and in (0, 1]; a float means the decimal that it prints as.
    epochs, ratio, budget : int, float or Fraction, int; at most one of them
        Epochs in all; selection ratio in (0, 1]; samples in all (3 full epochs are 3 * population), both
        with the warm epochs.
    scheme, refresh_every, warm_epochs
        As in `SamplingPlan`.
    class_counts : sequence of int, optional
        Units in each class, together n.
    batch_size : int
        Sampling units in one optimiser step.
    time_model : TimeModel, optional
        By default time is counted in optimiser steps.
    full_epochs : int, optional
        Epochs of the full training that costs are compared with; by default as many as the plan has.
    ratios : sequence of float or Fraction
        The grid of the frontier.

    Returns
    -------
    PlanningResult
        With `reachable` False and one line in `reason` where no plan of the kind asked for will do.

    Raises
    ------
    ArgumentValueError, ArgumentTypeError
        One line that names the argument, what it was and what it may be.
    ArithmeticError
        Where an answer fails its own check: none is known.

    Accuracy
    --------
    Epochs and subsets are exact for the laws as computed (1e-12 relative), and checked on both sides each
    time; against enumeration in rationals, n <= 7, under five schemes.

    Cost
    ----
    0.1 to 0.45 s for the whole answer, whatever n to 2**53, and up to 1.5 s more with very large classes.

    References
    ----------
    "Soft Sampling for Efficient Training of Deep Neural Networks on Massive Data", submission to ICLR 2023.

    Examples
    --------
    >>> answer = plan_for(1_281_167, target=0.99, confidence=0.95, ratio=0.1)
    >>> answer.choice.plan.epochs, round(answer.choice.speedup, 2), answer.matched.epochs
    (44, 9.99, 4)
    >>> plan_for(50_000, ratio=0.1, scheme="fixed").reason.split(":")[1]
    ' no number of epochs will do'
    """
    bare = _bare(population, scheme, refresh_every, warm_epochs)
    goal = CoverageGoal(bare.population, target, confidence)
    costing = _costing(batch_size, time_model, full_epochs)
    wish = _wish(goal, bare, epochs, ratio, budget)
    counts = None if class_counts is None else check_class_counts(goal.population, class_counts)
    plans, unreached = least_by_subset(goal, bare, grid_subsets(bare, ratios))
    try:
        plan, reason = wish.choose(plans), None
    except UnreachableTarget as why:
        plan, reason = None, str(why)
    classes: tuple[ClassCoverage, ...] = ()
    if plan is not None and counts is not None:
        classes = by_class(cold(plan), counts, decimal("target", target, zero=True), goal.confidence)
    return PlanningResult(
        population=goal.population,
        target=float(target),
        items=goal.items,
        confidence=float(confidence),
        scheme=bare.scheme,
        refresh_every=bare.refresh_every,
        warm_epochs=bare.warm_epochs,
        epochs=wish.epochs,
        ratio=None if ratio is None else float(ratio),
        budget=wish.budget,
        batch_size=costing.batch_size,
        time_model=costing.time_model,
        full_epochs=costing.full_epochs,
        reachable=plan is not None,
        reason=reason,
        frontier=tuple(costing.describe(goal, each) for each in plans),
        unreached=unreached,
        choice=None if plan is None else costing.describe(goal, plan),
        matched=None if plan is None else costing.matched(plan),
        classes=classes,
        every_class=every_class(classes) if classes else None,
        equivalents=() if plan is None else equivalents(goal, plan),
    )


def frontier(
    population: int,
    target: float | Fraction = Fraction(99, 100),
    confidence: float | Fraction = Fraction(95, 100),
    *,
    scheme: str = "subset",
    refresh_every: int = 1,
    warm_epochs: int = 0,
    ratios: Sequence[float | Fraction] = RATIOS,
) -> tuple[SamplingPlan, ...]:
    """Return, for each ratio that can reach the target, the plan with the least epochs.

    The arguments are those of `plan_for`.

    Examples
    --------
    >>> [(plan.ratio, plan.epochs) for plan in frontier(320, target=1, ratios=[0.05, 0.1, 0.2])]
    [(0.05, 171), (0.1, 83), (0.2, 40)]
    """
    bare = _bare(population, scheme, refresh_every, warm_epochs)
    goal = CoverageGoal(bare.population, target, confidence)
    return least_by_subset(goal, bare, grid_subsets(bare, ratios))[0]


# What the arguments mean -----------------------------------------------------------------------------------


def _bare(population: int, scheme: str, refresh_every: int, warm_epochs: int) -> SamplingPlan:
    """Return the plan whose subset and sampled epochs are still open."""
    return SamplingPlan(
        population, 1, epochs=0, scheme=scheme, refresh_every=refresh_every, warm_epochs=warm_epochs
    )


def _wish(
    goal: CoverageGoal,
    bare: SamplingPlan,
    epochs: int | None,
    ratio: float | Fraction | None,
    budget: int | None,
) -> Wish:
    given = {"epochs": epochs, "ratio": ratio, "budget": budget}
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        raise ArgumentTypeError(
            f"{' and '.join(named)} are given together; give at most one of {', '.join(given)}"
        )
    return Wish(
        goal=goal,
        bare=bare,
        epochs=None if epochs is None else count("epochs", epochs, 0, LARGEST_EPOCHS),
        subset=None if ratio is None else SamplingPlan(goal.population, ratio, epochs=0).subset,
        budget=None if budget is None else count("budget", budget, 0, LARGEST_VISITS),
    )


def _costing(batch_size: int, time_model: TimeModel | None, full_epochs: int | None) -> Costing:
    model = TimeModel() if time_model is None else time_model
    if not isinstance(model, TimeModel):
        reject_type("time_model", model, "a TimeModel")
    return Costing(
        batch_size=count("batch_size", batch_size, 1),
        time_model=model,
        full_epochs=None if full_epochs is None else count("full_epochs", full_epochs, 1, LARGEST_EPOCHS),
    )
