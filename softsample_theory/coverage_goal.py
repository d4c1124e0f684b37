"""A coverage to be reached with a confidence, and the least epochs and the least subset that reach it.

Both searches ask exact laws only, and both answers are checked on either side: what is answered does, and one
epoch or one unit less does not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

from softsample_theory import covering_time
from softsample_theory.plan import LARGEST_EPOCHS, LARGEST_VISITS, SamplingPlan
from softsample_theory.validation import ArgumentValueError, decimal


class UnreachableTarget(ArgumentValueError):  # noqa: N818 - it is an answer, not a fault
    """No plan of the kind asked for reaches the target: one line says why."""


@dataclass(frozen=True, init=False)
class CoverageGoal:
    """At least `items` of `population` units seen, with probability at least `confidence`.

    Warm epochs, which visit everything, are left out: the goal is asked of the sampled epochs after them, as
    in the SRS paper's Table 1 and Figure 1.

    Parameters
    ----------
    population : int
        n.
    target : float or Fraction
        The fraction to be seen, in [0, 1]; a float means the decimal that it prints as.
    confidence : float or Fraction
        In (0, 1], read likewise.
    """

    population: int
    items: int
    confidence: Fraction

    def __init__(self, population: int, target: float | Fraction, confidence: float | Fraction) -> None:
        object.__setattr__(self, "population", population)
        object.__setattr__(self, "items", math.ceil(decimal("target", target, zero=True) * population))
        object.__setattr__(self, "confidence", decimal("confidence", confidence))

    def probability(self, plan: SamplingPlan) -> float:
        """Return the probability that the plan's sampled epochs see what is wanted."""
        return self._tails(plan)[0]

    def shortfall(self, plan: SamplingPlan) -> float:
        """Return the probability that they do not, however small it is."""
        return self._tails(plan)[1]

    def met_by(self, plan: SamplingPlan) -> bool:
        """Return whether the plan meets the goal, judged in the tail that keeps its digits."""
        reached, missed = self._tails(plan)
        if self.confidence == 1:
            return covering_time.law(cold(plan), items=self.items).support()[1] <= sampled_epochs(plan)
        if self.confidence > Fraction(1, 2):
            return missed <= float(1 - self.confidence)
        return reached >= float(self.confidence)

    def _tails(self, plan: SamplingPlan) -> tuple[float, float]:
        times = covering_time.law(cold(plan), items=self.items)
        return float(times.cdf(sampled_epochs(plan))), float(times.sf(sampled_epochs(plan)))


def least_epochs(goal: CoverageGoal, plan: SamplingPlan) -> SamplingPlan:
    """Return the plan with the least epochs that meet the goal (its own number plays no part).

    Raises
    ------
    UnreachableTarget
        Where none do.
    ArithmeticError
        Where the answer fails the check on either side: none is known.

    Examples
    --------
    >>> goal = CoverageGoal(50_000, target=0.99, confidence=0.95)
    >>> least_epochs(goal, SamplingPlan(50_000, 0.1, epochs=0)).epochs
    45
    """
    epochs = _epochs_quantile(goal, plan)
    most = min(LARGEST_EPOCHS, LARGEST_VISITS // plan.subset) - plan.warm_epochs
    if epochs > most:
        raise UnreachableTarget(_why_never(goal, plan) if math.isinf(epochs) else _too_long(plan, epochs))
    found = with_sampled_epochs(plan, int(epochs))
    _check(goal, found, one_epoch_less(found), "epoch")
    return found


def least_subset(goal: CoverageGoal, plan: SamplingPlan) -> SamplingPlan:
    """Return the plan with the least subset that meets the goal in its epochs, found by bisection.

    Every scheme sees stochastically more with a larger subset, so that one bisection is enough.

    Raises
    ------
    UnreachableTarget
        Where not even a subset of the whole population does.
    ArithmeticError
        Where the answer fails the check on either side: none is known.

    Examples
    --------
    >>> goal = CoverageGoal(50_000, target=0.99, confidence=0.95)
    >>> least_subset(goal, SamplingPlan(50_000, 0.5, epochs=45)).subset
    4935
    """
    top = min(plan.population, LARGEST_VISITS // max(1, plan.epochs))
    found = replace(plan, subset=top)
    if not goal.met_by(found):
        raise UnreachableTarget(
            f"{sampled_epochs(plan):,} sampled epochs under {plan.scheme} cannot do: even with {top:,} of "
            f"{plan.population:,} units an epoch the probability is {goal.probability(found):.6g}"
        )
    below, above = 0, top if plan.scheme != "full" else 1
    while above - below > 1:
        middle = replace(plan, subset=(below + above) // 2)
        if goal.met_by(middle):
            found, above = middle, middle.subset
        else:
            below = middle.subset
    _check(goal, found, one_unit_less(found), "unit")
    return found


def fewest_samples(goal: CoverageGoal, plan: SamplingPlan) -> int:
    """Return the fewest samples (mean number, under `poisson`) that meet the goal, whatever m and K.

    One epoch is the cheapest, where it can do: moving a unit from a smaller draw to a larger one can only
    raise what the two see together. Only `iid` may need several, whose draws number at most n an epoch.

    Raises
    ------
    UnreachableTarget
        Where none do.

    Examples
    --------
    >>> goal = CoverageGoal(50_000, target=0.99, confidence=0.95)
    >>> [fewest_samples(goal, SamplingPlan(50_000, 0.1, epochs=0, scheme=s)) for s in ("subset", "iid")]
    [49500, 233809]
    """
    if goal.items == 0:
        return 0
    single = replace(plan, warm_epochs=0, refresh_every=1)
    if plan.scheme != "iid":
        return least_subset(goal, with_sampled_epochs(single, 1)).subset
    draws = _epochs_quantile(goal, replace(single, subset=1))
    if math.isinf(draws):
        raise UnreachableTarget(_why_never(goal, plan))
    return int(draws) if plan.refresh_every == 1 else _kept_samples(int(draws), plan)


def _kept_samples(draws: int, plan: SamplingPlan) -> int:
    """Return the fewest samples that hold so many iid draws, each epoch's draw kept for R epochs.

    d draws of m = ceil(draws/d) units take m (R (d-1) + 1) samples, at least draws (R - (R-1)/d).
    """
    R = plan.refresh_every
    d = -(-draws // plan.population)
    best = -(-draws // d) * (R * (d - 1) + 1)
    while d < draws and Fraction(R - 1, d + 1) > R - Fraction(best, draws):
        d += 1
        best = min(best, -(-draws // d) * (R * (d - 1) + 1))
    return best


# A plan without its warm start, and one step short --------------------------------------------------------


def cold(plan: SamplingPlan) -> SamplingPlan:
    """Return the sampled epochs of a plan as a plan of their own."""
    return replace(plan, warm_epochs=0, epochs=sampled_epochs(plan))


def sampled_epochs(plan: SamplingPlan) -> int:
    """Return the epochs after the warm ones."""
    return max(0, plan.epochs - plan.warm_epochs)


def with_sampled_epochs(plan: SamplingPlan, epochs: int) -> SamplingPlan:
    """Return the plan with so many epochs after the warm ones."""
    return replace(plan, epochs=plan.warm_epochs + epochs)


def one_epoch_less(plan: SamplingPlan) -> SamplingPlan | None:
    """Return the plan with one sampled epoch less, if it has any."""
    return with_sampled_epochs(plan, sampled_epochs(plan) - 1) if sampled_epochs(plan) else None


def one_unit_less(plan: SamplingPlan) -> SamplingPlan | None:
    """Return the plan with a subset one smaller, if that leaves any."""
    return replace(plan, subset=plan.subset - 1) if plan.subset > 1 and plan.scheme != "full" else None


# Mechanics -------------------------------------------------------------------------------------------------


def _epochs_quantile(goal: CoverageGoal, plan: SamplingPlan) -> float:
    times = covering_time.law(cold(plan), items=goal.items)
    if goal.confidence == 1:
        return float(times.support()[1])
    if goal.confidence > Fraction(1, 2):
        return float(times.isf(float(1 - goal.confidence)))
    return float(times.ppf(float(goal.confidence)))


def _check(goal: CoverageGoal, found: SamplingPlan, less: SamplingPlan | None, step: str) -> None:
    if not goal.met_by(found):
        raise ArithmeticError(f"{found} was found to meet {goal}, and does not")
    if less is not None and goal.met_by(less):
        raise ArithmeticError(f"{found} was found to be the least to meet {goal}; one {step} less does too")


def _why_never(goal: CoverageGoal, plan: SamplingPlan) -> str:
    if plan.scheme == "fixed":
        return (
            f"a fixed subset of {plan.subset:,} never shows more than itself, and {goal.items:,} of "
            f"{plan.population:,} units are wanted: no number of epochs will do"
        )
    return f"no number of epochs under {plan.scheme} is certain to do: confidence must be below 1"


def _too_long(plan: SamplingPlan, epochs: float) -> str:
    most = min(LARGEST_EPOCHS, LARGEST_VISITS // plan.subset)
    return f"subset {plan.subset:,} needs {epochs:.6g} epochs, and a plan has at most {most:,}"
