"""What the planner answers: plans with their odds, costs and leftovers, in frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from softsample_theory import coverage, occupancy
from softsample_theory.class_coverage import ClassCoverage, upper_quantile
from softsample_theory.coverage_goal import CoverageGoal, cold, one_epoch_less, one_unit_less
from softsample_theory.laws.frozen_law import FrozenLaw
from softsample_theory.plan import SamplingPlan
from softsample_theory.time_model import (
    FullSchedule,
    TimeModel,
    matched_full_schedule,
    optimiser_steps,
    samples_processed,
)
from softsample_theory.version import __version__


@dataclass(frozen=True)
class PlannedRun:
    """One plan that meets the goal, and what it does and costs.

    Attributes
    ----------
    plan : with its epochs, the warm ones included.
    probability : that the sampled epochs see the target.
    one_epoch_less, one_unit_less : the same probability with one epoch fewer, and with a subset one smaller
        (None where there is none left). The searched one of the two lies below the confidence.
    steps, samples : optimiser steps, and sampling units gone through (on average, under `poisson`).
    time, full_time, speedup : by the time model: of the plan, of full training, and their ratio.
    unseen_mean, unseen_high : units that the sampled epochs leave unseen: the mean, and the least number that
        is not exceeded with the confidence asked for.
    gap_mean, gap_high : epochs between two visits of a unit: the mean, and the quantile at that confidence.
    """

    plan: SamplingPlan
    probability: float
    one_epoch_less: float | None
    one_unit_less: float | None
    steps: int
    samples: int
    time: float
    full_time: float
    speedup: float
    unseen_mean: float
    unseen_high: int
    gap_mean: float
    gap_high: float


@dataclass(frozen=True)
class Unreached:
    """A subset size that cannot meet the goal, and why, in one line."""

    subset: int
    reason: str


@dataclass(frozen=True)
class Equivalent:
    """What reaches the same goal under another scheme.

    Attributes
    ----------
    scheme : its name.
    epochs : the least number, warm ones included, with the chosen plan's subset; None where none will do.
    subset : the least one with the chosen plan's epochs; None where none will do.
    epochs_reason, subset_reason : why not, where it is None.
    """

    scheme: str
    epochs: int | None
    subset: int | None
    epochs_reason: str | None = None
    subset_reason: str | None = None


@dataclass(frozen=True)
class PlanningResult:
    """What `planner.plan_for` answers.

    Attributes
    ----------
    population, target, items, confidence, scheme, refresh_every, warm_epochs : what was asked; `items` is
        the number of units that the target means.
    epochs, ratio, budget : which of them was given.
    batch_size, time_model, full_epochs : what costs were computed with.
    reachable : whether there is a plan of the kind asked for.
    reason : why not, in one line.
    frontier : the least epochs for each ratio of the grid, by rising ratio.
    unreached : the ratios of the grid for which there are none.
    choice : the plan that the answer is about.
    matched : training on all data with the choice's number of steps.
    classes : what the choice leaves unseen in each class, if class counts were given.
    every_class : a lower bound (union) on the probability that every class meets the target.
    equivalents : the same goal under the other schemes.
    version : of softsample.
    """

    population: int
    target: float
    items: int
    confidence: float
    scheme: str
    refresh_every: int
    warm_epochs: int
    epochs: int | None
    ratio: float | None
    budget: int | None
    batch_size: int
    time_model: TimeModel
    full_epochs: int | None
    reachable: bool
    reason: str | None
    frontier: tuple[PlannedRun, ...]
    unreached: tuple[Unreached, ...]
    choice: PlannedRun | None
    matched: FullSchedule | None
    classes: tuple[ClassCoverage, ...]
    every_class: float | None
    equivalents: tuple[Equivalent, ...]
    version: str = __version__


@dataclass(frozen=True)
class Costing:
    """How runs are costed: optimiser steps of `batch_size` units, a time model, the full run beside it."""

    batch_size: int
    time_model: TimeModel
    full_epochs: int | None

    def describe(self, goal: CoverageGoal, plan: SamplingPlan) -> PlannedRun:
        """Return the plan with its odds, costs and leftovers."""
        sampled, model = cold(plan), self.time_model
        gaps = occupancy.revisit_gap(sampled)
        time = model.time(plan, self.batch_size)
        full_epochs = plan.epochs if self.full_epochs is None else self.full_epochs
        full_time = model.full_time(plan.population, full_epochs, self.batch_size)
        return PlannedRun(
            plan=plan,
            probability=goal.probability(plan),
            one_epoch_less=_odds(goal, one_epoch_less(plan)),
            one_unit_less=_odds(goal, one_unit_less(plan)),
            steps=optimiser_steps(plan, self.batch_size),
            samples=samples_processed(plan),
            time=time,
            full_time=full_time,
            speedup=full_time / time if time else float("nan"),
            unseen_mean=float(coverage.unseen_mean(sampled, [sampled.epochs])[0]),
            unseen_high=plan.population - _low_quantile(coverage.law(sampled), goal.confidence),
            gap_mean=gaps.mean(),
            gap_high=float(upper_quantile(gaps, goal.confidence)),
        )

    def matched(self, plan: SamplingPlan) -> FullSchedule:
        """Return the full-data schedule of equal steps."""
        return matched_full_schedule(plan, self.batch_size)


def _odds(goal: CoverageGoal, plan: SamplingPlan | None) -> float | None:
    return None if plan is None else goal.probability(plan)


def _low_quantile(seen: FrozenLaw, confidence: Fraction) -> int:
    """Return the greatest l with P(S >= l) >= confidence (one below it where the two are equal)."""
    if confidence == 1:
        return int(seen.support()[0])
    if confidence > Fraction(1, 2):
        return int(seen.ppf(float(1 - confidence)))
    return int(seen.isf(float(confidence)))
