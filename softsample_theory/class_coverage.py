"""What stays unseen in a class of the data: its exact law, or where that is dear its mean and a bound."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from softsample_theory import coverage
from softsample_theory.plan import SamplingPlan
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError, count

if TYPE_CHECKING:
    from softsample_theory.laws.frozen_law import FrozenLaw

LARGEST_TOTAL_WORK = 4e8
"""The most table entries that the classes of one plan may take together: about a second."""


@dataclass(frozen=True)
class ClassCoverage:
    """What stays unseen in each class of one size.

    Attributes
    ----------
    size : units in the class.
    classes : how many classes have this size; what follows holds for each.
    unseen_mean : expected number of its units that stay unseen, exact.
    unseen_high : with the confidence asked for, no more than this many stay unseen.
    probability : that the target share of this class is seen.
    kind : "exact", or "bound": `unseen_high` is an upper and `probability` a lower bound (Bernstein's
        inequality under negative association), where the exact law would take too long.
    """

    size: int
    classes: int
    unseen_mean: float
    unseen_high: int
    probability: float
    kind: str


def by_class(
    plan: SamplingPlan, class_counts: Sequence[int], target: Fraction, confidence: Fraction
) -> tuple[ClassCoverage, ...]:
    """Return the unseen of each class size after the plan's epochs, the smallest class first.

    Parameters
    ----------
    plan : SamplingPlan
    class_counts : sequence of int
        Units in each class; together the population.
    target, confidence : Fraction
        The share of each class to be seen, and how sure `unseen_high` is.

    Examples
    --------
    >>> plan = SamplingPlan(1000, 0.1, epochs=45)
    >>> rare, common = by_class(plan, [50, 950], Fraction(9, 10), Fraction(19, 20))
    >>> rare.size, round(rare.unseen_mean, 4), rare.unseen_high, rare.kind
    (50, 0.4364, 2, 'exact')
    """
    sizes = Counter(check_class_counts(plan.population, class_counts))
    budget = LARGEST_TOTAL_WORK / len(sizes)
    return tuple(_one(plan, size, sizes[size], target, confidence, budget) for size in sorted(sizes))


def class_law(plan: SamplingPlan, size: int) -> FrozenLaw:
    r"""Return the law of the unseen in a class of `size` units after the plan's epochs.

    `poisson`: :math:`\mathrm{Bin}(c, q^K)`; otherwise `ClassUnseenLaw`, a hypergeometric mixture over the
    unseen of all classes, which for `reshuffle`, `fixed` and `full` is one hypergeometric law.

    Examples
    --------
    >>> law = class_law(SamplingPlan(1000, 0.1, epochs=20, scheme="fixed"), 50)
    >>> law.mean(), law.interval(0.95)
    (45.0, (41.0, 49.0))
    """
    from softsample_theory.laws.binomial_law import BinomialLaw
    from softsample_theory.laws.chance import Chance
    from softsample_theory.laws.class_unseen_law import ClassUnseenLaw

    size = count("size", size, 0, plan.population)
    if plan.scheme == "poisson" and not (plan.warm_epochs and plan.epochs):
        return BinomialLaw(size, Chance.all_of(1 - plan.exact_ratio, plan.refreshes()))
    at = [plan.epochs]
    mean, variance = float(coverage.unseen_mean(plan, at)[0]), float(coverage.variance(plan, at)[0])
    return ClassUnseenLaw(plan.population, size, coverage.law(plan), mean, variance)


def every_class(classes: Sequence[ClassCoverage]) -> float:
    """Return a lower bound on the probability that every class meets its target: the union bound."""
    return max(0.0, 1.0 - math.fsum(each.classes * (1.0 - each.probability) for each in classes))


def check_class_counts(population: int, class_counts: Sequence[int]) -> list[int]:
    """Return the counts, or say in one line what is wrong with them."""
    if isinstance(class_counts, str) or not hasattr(class_counts, "__iter__"):
        raise ArgumentTypeError(f"class_counts is {class_counts!r}; it must be a sequence of whole numbers")
    sizes = [count(f"class_counts[{i}]", size, 1, population) for i, size in enumerate(class_counts)]
    if sum(sizes) != population:
        raise ArgumentValueError(
            f"class_counts sum to {sum(sizes)}; they must sum to the population, {population}"
        )
    return sizes


def _one(
    plan: SamplingPlan, size: int, classes: int, target: Fraction, confidence: Fraction, budget: float
) -> ClassCoverage:
    law = class_law(plan, size)
    spare = size - math.ceil(target * size)  # so many may stay unseen
    if getattr(law, "work", 0.0) > budget:
        high, probability, kind = *_bernstein(law.mean(), size, spare, confidence), "bound"
    else:
        high, probability, kind = upper_quantile(law, confidence), float(law.cdf(spare)), "exact"
    return ClassCoverage(size, classes, law.mean(), high, probability, kind)


def upper_quantile(law: FrozenLaw, confidence: Fraction) -> int:
    """Return the least u with P(X <= u) >= confidence."""
    if confidence == 1:
        return int(law.support()[1])
    if confidence > Fraction(1, 2):
        return int(law.isf(float(1 - confidence)))
    return int(law.ppf(float(confidence)))


def _bernstein(mean: float, size: int, spare: int, confidence: Fraction) -> tuple[int, float]:
    """Return an upper bound on the quantile and a lower bound on P(X <= spare).

    The items of the class stay unseen with one chance each and are negatively associated, so that Bernstein's
    inequality holds as for independent ones: log P(X >= mean + t) <= -t^2 / (2 mean + 2 t/3).
    """
    delta = float(1 - confidence)
    level = -math.log(delta) if delta else math.inf
    high = size if math.isinf(level) else mean + level / 3 + math.sqrt(level * level / 9 + 2 * mean * level)
    beyond = spare + 1 - mean
    chance = math.exp(-beyond * beyond / (2 * mean + 2 * beyond / 3)) if beyond > 0 else 1.0
    return min(size, math.floor(high)), 1.0 - chance
