"""The exact gap identity: the units never seen are a hold-out set.

If units are selected without looking at the data, then given the seen set S the unseen units are independent
of w, so E[R(w) - R_G(w)] = E[(|S|/n)(R(w) - R_S(w))]: R is the risk, R_G the mean loss of all n units and R_S
that of the seen. For the mean of the seen units under squared loss, unit variance, this is 2/n, whatever |S|.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

from sympy import Integer

from softsample_theory.proofs.engine.algebra import Named
from softsample_theory.proofs.engine.domain import Domain, Variable
from softsample_theory.proofs.engine.facts import Assumption, SamplingRule
from softsample_theory.proofs.engine.steps import Expectation, Identity, Inequality
from softsample_theory.proofs.engine.theorem import Conclusion, Theorem
from softsample_theory.proofs.notation import n

risk, R_S, R_U, c = Named("R(w)"), Named("R_S(w)"), Named("R_U(w)"), Named("|S|")
E_risk, E_seen = Named("E R(w)", r"\mathbb{E}R(w)"), Named("E R_S(w)", r"\mathbb{E}R_S(w)")
R_G = Named("R_G(w)")


def independence_fault(one: Any) -> str | None:
    """Enumerate units of values 0 or 1: w = mean of the seen units, loss (w-z)²; compare R_U with R."""
    values = (Fraction(0), Fraction(1))
    for seen, left in ((1, 1), (2, 1), (2, 2)):
        risks = []
        for units in product(values, repeat=seen + left):
            w = sum(units[:seen], Fraction(0)) / seen
            held_out = sum(((w - unit) ** 2 for unit in units[seen:]), Fraction(0)) / left
            risk = sum(((w - value) ** 2 for value in values), Fraction(0)) / 2
            risks.append((held_out, risk))
        if sum(out for out, _ in risks) != one(Fraction(1)) * sum(true for _, true in risks):
            return f"the hold-out mean is another with {seen} seen and {left} unseen"
    return None


unseen = SamplingRule(
    "unseen",
    "given the seen set, w is independent of the unseen units: their mean loss has the mean R(w)",
    r"\mathbb{E}[R_U(w) \mid S] = \mathbb{E}[R(w) \mid S]",
    lambda factor: {R_U: factor(Integer(1)) * E_risk, risk: E_risk, R_S: E_seen},
    lambda one: one,
    independence_fault,
)
total = Assumption(
    "total",
    "R_G is the mean loss of all n units, those seen and those unseen",
    r"n R_G = |S| R_S + (n-|S|) R_U",
    lambda sign: sign * (R_G - (c * R_S + (n - c) * R_U) / n),
)
E_G = Named("E R_G(w)", r"\mathbb{E}R_G(w)")

U1 = Inequality(
    name="U1",
    lhs=risk - R_G,
    rhs=c / n * (risk - R_S) + (n - c) / n * (risk - R_U),
    by=((1, total.at(1)),),
    why="An identity, by the definition of R_G (both directions: U3).",
)
U2 = Expectation(
    name="U2",
    lhs=E_risk - E_G,
    rhs=c / n * (E_risk - E_seen),
    of=U1.fact(),
    rules=(unseen.at(),),
    expected={R_G: E_G},
    why="Given the seen set: the hold-out part has mean zero.",
)
U3 = Inequality(
    name="U3",
    lhs=c / n * (risk - R_S) + (n - c) / n * (risk - R_U),
    rhs=risk - R_G,
    by=((1, total.at(-1)),),
)
U4 = Expectation(
    name="U4",
    lhs=c / n * (E_risk - E_seen),
    rhs=E_risk - E_G,
    of=U3.fact(),
    rules=(unseen.at(),),
    expected={R_G: E_G},
    why="The other direction, so equality.",
)
U5 = Identity(
    name="U5",
    lhs=c / n * ((1 + 1 / c) - (1 - 1 / c)),
    rhs=2 / n,
    why="The mean of |S| values of unit variance: E R = 1 + 1/|S|, E R_S = 1 - 1/|S|.",
)

theorem = Theorem(
    name="gap-identity",
    title="The generalisation gap, exactly: unseen units as a hold-out set",
    source="own derivation",
    algorithm="any training whose choice of units does not look at the data",
    domain=Domain(
        (
            Variable(c, "|S|, units seen", low=1, whole=True),
            Variable(n, "n, units in all", low=c, whole=True, word="population"),
        )
    ),
    assumptions=(total, unseen),
    steps=(U1, U2, U3, U4, U5),
    conclusions={"bound": Conclusion("U5", "the gap of the mean estimator, squared loss (an equality)")},
    also=("U2", "U4"),
    rate="exact; 2/n for the mean",
)
