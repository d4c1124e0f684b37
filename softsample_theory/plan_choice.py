"""Which plan answers a wish: by ratio, by epochs, within a budget, or under another scheme."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from softsample_theory.coverage_goal import (
    CoverageGoal,
    UnreachableTarget,
    fewest_samples,
    least_epochs,
    least_subset,
)
from softsample_theory.plan import SCHEMES, SamplingPlan
from softsample_theory.planning_result import Equivalent, Unreached
from softsample_theory.time_model import samples_processed
from softsample_theory.validation import reject_type

USUAL_RATIO = Fraction(1, 10)
"""What the answer is about where neither ratio, epochs nor budget is given."""


@dataclass(frozen=True)
class Wish:
    """Which plan the answer is about: at most one of epochs, subset and budget is given.

    `bare` has the scheme, the refresh interval and the warm epochs; its subset is open.
    """

    goal: CoverageGoal
    bare: SamplingPlan
    epochs: int | None = None
    subset: int | None = None
    budget: int | None = None

    def choose(self, frontier: Sequence[SamplingPlan]) -> SamplingPlan:
        """Return the plan chosen, or raise `UnreachableTarget`; a budget chooses among `frontier`."""
        if self.epochs is not None:
            return self._in_epochs(self.epochs)
        if self.budget is not None:
            return self._within(frontier, self.budget)
        usual = SamplingPlan(self.goal.population, USUAL_RATIO, epochs=0).subset
        subset = usual if self.subset is None else self.subset
        if self.bare.scheme == "full":
            subset = self.goal.population
        return least_epochs(self.goal, replace(self.bare, subset=subset))

    def _in_epochs(self, epochs: int) -> SamplingPlan:
        if epochs < self.bare.warm_epochs:
            raise UnreachableTarget(
                f"{epochs:,} epochs are fewer than the {self.bare.warm_epochs:,} warm ones"
            )
        return least_subset(self.goal, replace(self.bare, epochs=epochs))

    def _within(self, frontier: Sequence[SamplingPlan], budget: int) -> SamplingPlan:
        for plan in frontier:
            if samples_processed(plan) <= budget:
                return plan
        fewest = self.bare.warm_epochs * self.goal.population + fewest_samples(self.goal, self.bare)
        if budget < fewest:
            raise UnreachableTarget(
                f"a budget of {budget:,} samples is too small under {self.bare.scheme}: "
                f"{fewest:,} is the least that any ratio and number of epochs can do with"
            )
        raise UnreachableTarget(
            f"a budget of {budget:,} samples is too small for the ratios listed, not for every other: "
            f"{fewest:,} is the least that any can do with"
        )


def grid_subsets(bare: SamplingPlan, ratios: Collection[float | Fraction]) -> list[int]:
    """Return the different subset sizes that the ratios mean, rising."""
    if isinstance(ratios, str) or not hasattr(ratios, "__iter__"):
        reject_type("ratios", ratios, "a sequence of numbers in (0, 1]")
    sizes = {SamplingPlan(bare.population, ratio, epochs=0).subset for ratio in ratios}
    return [bare.population] if bare.scheme == "full" else sorted(sizes)


def least_by_subset(
    goal: CoverageGoal, bare: SamplingPlan, subsets: Sequence[int]
) -> tuple[tuple[SamplingPlan, ...], tuple[Unreached, ...]]:
    """Return the plan with the least epochs for each subset, and the subsets for which there is none."""
    found: list[SamplingPlan] = []
    unreached: list[Unreached] = []
    for subset in subsets:
        try:
            found.append(least_epochs(goal, replace(bare, subset=subset)))
        except UnreachableTarget as why:
            unreached.append(Unreached(subset, str(why)))
    return tuple(found), tuple(unreached)


def equivalents(goal: CoverageGoal, plan: SamplingPlan) -> tuple[Equivalent, ...]:
    """Return what reaches the goal under the other schemes: with this subset, and in these epochs."""
    return tuple(_equivalent(goal, plan, each) for each in SCHEMES if each not in (plan.scheme, "full"))


def _equivalent(goal: CoverageGoal, plan: SamplingPlan, scheme: str) -> Equivalent:
    other = replace(plan, scheme=scheme)
    epochs = subset = epochs_reason = subset_reason = None
    try:
        epochs = least_epochs(goal, other).epochs
    except UnreachableTarget as why:
        epochs_reason = str(why)
    try:
        subset = least_subset(goal, other).subset
    except UnreachableTarget as why:
        subset_reason = str(why)
    return Equivalent(scheme, epochs, subset, epochs_reason, subset_reason)
