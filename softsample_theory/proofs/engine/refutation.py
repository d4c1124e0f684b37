"""The step that refutes: an exact counterexample to a printed claim."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar

from sympy import Rational, sympify

from softsample_theory.proofs.engine.context import Context
from softsample_theory.proofs.engine.steps import Step


@dataclass(frozen=True, kw_only=True)
class Counterexample(Step):
    """A problem that satisfies every printed assumption and has left > right: the claim is false.

    `compute` returns the exact (left, right) from the problem's data, `assumptions` the printed
    assumptions with their truth values. Both sides are compared with the numbers stated.
    """

    kind: ClassVar[str] = "counterexample"
    relation: ClassVar[str] = ">"
    compute: Callable[[], tuple[Fraction, Fraction]]
    assumptions: Callable[[], dict[str, bool]]

    def check(self, context: Context) -> None:
        """Certify the refutation or raise ProofError."""
        left, right = self.compute()
        stated = sympify(self.lhs), sympify(self.rhs)
        for value, number, side in ((left, stated[0], "left"), (right, stated[1], "right")):
            exact = Rational(value.numerator, value.denominator)
            context.require(exact == number, f"the {side} side is {exact}, not {number}")
        context.require(left > right, "the claim is not violated")
        broken = [name for name, holds in self.assumptions().items() if not holds]
        context.require(not broken, f"the problem breaks a printed assumption: {', '.join(broken)}")

    def mutants(self) -> Iterator[tuple[str, Any]]:
        """Yield the step with its sides exchanged, and with a printed assumption broken."""
        yield "sides exchanged", replace(self, lhs=self.rhs, rhs=self.lhs)
        yield "assumption broken", replace(self, assumptions=lambda: {"planted": False})
        yield "another problem", replace(self, compute=lambda: (Fraction(0), Fraction(0)))
