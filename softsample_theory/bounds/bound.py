"""What a bound is, and which plans have any."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from softsample_theory.laws.chance import Chance
from softsample_theory.plan import SamplingPlan
from softsample_theory.validation import choice, reject_value

Kind = Literal["lower bound", "upper bound", "approximation"]

BY_CHANCE = ("subset", "iid", "poisson")
"""The schemes that these bounds are about; under the others coverage is certain."""


@dataclass(frozen=True)
class Bound:
    """One number about one quantity, and what it is to it.

    Attributes
    ----------
    name : of the bound or the approximation.
    kind : "lower bound", "upper bound" or "approximation".
    value : the number.
    quantity : what is bounded or approximated.
    source : why it holds, or where it is from.
    """

    name: str
    kind: Kind
    value: float
    quantity: str
    source: str


def must_be_by_chance(plan: SamplingPlan) -> None:
    """Accept the plans whose coverage is left to chance, and say why others have no bounds."""
    choice("scheme (coverage is certain under the others)", plan.scheme, BY_CHANCE)
    if plan.warm_epochs:
        reject_value("warm_epochs", plan.warm_epochs, "0 here: after a warm epoch coverage is certain")


def unseen_chance(plan: SamplingPlan, draws: int) -> Chance:
    """Return the chance that one item is unseen."""
    n, m = plan.population, plan.subset
    if plan.scheme == "iid":
        return Chance.all_of(1 - Fraction(1, n), m * draws)
    return Chance.all_of(1 - plan.exact_ratio, draws)
