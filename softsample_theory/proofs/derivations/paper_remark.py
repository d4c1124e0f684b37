"""The remark after Eq. 8 of the SRS paper, O(1/K) under PL "with α ~ 1/K": refuted for constant steps.

On f = w²/2 without noise and with the constant step 1/K, K steps give e_K/e_1 = (1 - 1/K)^(2K). With K = 2j,
Bernoulli's inequality gives (1 - 1/(2j))^j >= 1/2, so e_K/e_1 >= 1/16 for ever: no rate at all. The remark
holds for decaying steps: pl-iid-decaying and pl-subset-decaying.
"""

from __future__ import annotations

from sympy import Integer, Rational

from softsample_theory.proofs.engine.algebra import Named
from softsample_theory.proofs.engine.domain import Domain, Variable
from softsample_theory.proofs.engine.facts import counter, power
from softsample_theory.proofs.engine.steps import Induction, Inequality
from softsample_theory.proofs.engine.theorem import Theorem
from softsample_theory.proofs.notation import HALF, A, t

x, j, c = Named("x"), Named("j"), Named("c")
powers = power(A, 1 - x, t)

E1 = Induction(
    name="E1",
    lhs=1 - t * x,
    rhs=A,
    sequences=(counter(t), powers),
    slack=t * x**2,
    keep=1 - x,
    why="Bernoulli's inequality: (1-x)^t ≥ 1 - tx.",
)
E2 = Inequality(
    name="E2",
    lhs=Rational(1, 2),
    rhs=A,
    by=((1, E1.fact({t: j, x: 1 / (2 * j)})),),
    why="At x = 1/(2j) and t = j: (1 - 1/K)^(K/2) ≥ 1/2 for K = 2j.",
)
E3 = Inequality(
    name="E3",
    lhs=Rational(1, 16),
    rhs=A**4,
    by=(((A + HALF) * (A**2 + Rational(1, 4)), E2.fact()),),
    why="So e_K/e_1 = (1 - 1/K)^(2K) ≥ 1/16 for every even K: K e_K grows without bound.",
)

theorem = Theorem(
    name="paper-remark",
    title="The remark after Eq. 8 of the SRS paper, O(1/K) with α ~ 1/K: refuted for constant steps",
    source="ICLR 2023 submission cnutOGKrz7f, section 4",
    algorithm="gradient descent on f = w²/2 with the constant step 1/K (a run of SGD with equal units)",
    domain=Domain(
        (
            Variable(x, "the step", low_open=True, high=Integer(1), high_open=True),
            Variable(j, "j = K/2", low=1, whole=True),
            Variable(t, "steps made", whole=True),
            Variable(A, "(1-x)^t", low_open=True),
        )
    ),
    assumptions=(),
    steps=(E1, E2, E3),
    conclusions={},
    also=("E3",),
    equivalent={
        "domain x: lower end let in": "at x = 0 both sides of Bernoulli's inequality are 1",
        "domain a^t: lower end let in": "the powers need only be nonnegative",
    },
    refuted="a constant step c/K leaves the excess at a constant; see pl-iid-decaying, which holds",
)
