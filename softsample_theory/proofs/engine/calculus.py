"""Two steps of calculus, decided by algebra: a minimum, and a limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sympy import Expr, Symbol, sympify

from softsample_theory.proofs.engine.algebra import is_zero
from softsample_theory.proofs.engine.context import Context
from softsample_theory.proofs.engine.steps import Step


@dataclass(frozen=True, kw_only=True)
class Optimise(Step):
    """`objective` >= `value` for every positive `variable`, with equality at `at`.

    Certified by a vanishing derivative at `at`, a second derivative that is positive for every positive
    variable (so the objective is convex), and the value there.
    """

    kind: ClassVar[str] = "optimise"
    relation: ClassVar[str] = ">="
    variable: Symbol
    at: Any

    def check(self, context: Context) -> None:
        """Certify the claim or raise ProofError."""
        objective, at = context.domain.expand(self.lhs), context.domain.expand(self.at)
        slope = objective.diff(self.variable)
        context.require(is_zero(slope.subs(self.variable, at)), "the derivative does not vanish there")
        convex = context.domain.positive(slope.diff(self.variable))
        context.require(convex, "the second derivative may be <= 0")
        context.require(context.domain.positive(at), "the optimum is not shown to be positive")
        context.same(objective.subs(self.variable, at), self.rhs, "the value there is another")

    def claimed(self) -> Expr:
        """Return objective minus value."""
        return sympify(self.lhs) - sympify(self.rhs)


@dataclass(frozen=True, kw_only=True)
class Limit(Step):
    """The limit of `lhs` is `rhs`: `form` equals lhs where both are defined and is continuous at `point`."""

    kind: ClassVar[str] = "limit"
    relation: ClassVar[str] = "->"
    form: Any
    point: Mapping[Symbol, Any]
    given: Mapping[Symbol, Any] = field(default_factory=dict)

    def check(self, context: Context) -> None:
        """Certify the claim or raise ProofError."""
        given = {symbol: sympify(value) for symbol, value in self.given.items()}
        left, form = (context.domain.expand(side).xreplace(given) for side in (self.lhs, self.form))
        context.same(left, form, "the form to be continued is another function")
        point = {symbol: sympify(value) for symbol, value in self.point.items()}
        top, bottom = sympify(self.form).as_numer_denom()
        at_point = context.domain.expand(bottom.xreplace(point))
        context.require(
            context.domain.positive(at_point) or context.domain.positive(-at_point),
            "the form has a pole at the point",
        )
        context.same(top.xreplace(point), self.rhs * bottom.xreplace(point), "the limit is another")
