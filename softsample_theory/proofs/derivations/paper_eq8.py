"""Eq. 8 of the SRS paper as printed: refuted; the repaired statement is pl-subset.

Printed, under the Polyak-Łojasiewicz inequality with κ = L/μ:
E[L_G(w_k) - L*] <= (1-μα)^K (L_G(w_1) - L*) + 2ακmL(1+m/n)σ².

Its last term has a factor L too many: it is not invariant under a change of the unit of w, so in some unit it
is false (D2). The left side has the index k and the right side the power K (D6).
"""

from __future__ import annotations

from fractions import Fraction

from sympy import Rational

from softsample_theory.proofs.engine.domain import Domain
from softsample_theory.proofs.engine.refutation import Counterexample
from softsample_theory.proofs.engine.theorem import Theorem
from softsample_theory.proofs.exact_runs import affine_maps, second_moments

ONE = Fraction(1)
POINTS = (ONE, ONE, -ONE, -ONE)
a, step = Fraction(1, 100), Fraction(50)


def another_unit() -> tuple[Fraction, Fraction]:
    """D2: x = (1,1,-1,-1), f_i = (a/2)(w-x_i)², a = 1/100, m = 2, α = 50, w_1 = 0; second epoch."""
    maps = affine_maps(POINTS, step * a, 2, 1, "subset")
    excess = a / 2 * second_moments(maps, Fraction(0), 1)[-1]
    sigma2 = a**2
    return excess, 2 * step * 1 * 2 * a * (1 + Fraction(2, 4)) * sigma2


def unit_assumptions() -> dict[str, bool]:
    """The printed assumptions of D2, with L = μ = a, so κ = 1, and L_G(w_1) = L*."""
    pairs = [(x, z) for i, x in enumerate(POINTS) for z in POINTS[i + 1 :]]
    within = max((a * (x - z) / 2) ** 2 for x, z in pairs)
    return {"α < 1/L": step < 1 / a, "A2: variance inside subsets ≤ a²": within <= a**2, "w_1 optimal": True}


def index_and_power() -> tuple[Fraction, Fraction]:
    """D6: one unit, f = w²/2, α = 1/2, w_1 = 1, K = 2: the left side at k = 1 and the right side."""
    return Fraction(1, 2), (1 - Fraction(1, 2)) ** 2 * Fraction(1, 2)


D2 = Counterexample(
    name="D2",
    lhs=Rational(11, 9600),
    rhs=Rational(3, 10000),
    compute=another_unit,
    assumptions=unit_assumptions,
    why="A factor: κL = L²/μ scales with the unit of w. Without the extra L the term, 3/100, is not refuted.",
)
D6 = Counterexample(
    name="D6",
    lhs=Rational(1, 2),
    rhs=Rational(1, 8),
    compute=index_and_power,
    assumptions=lambda: {"σ = 0": True, "α < 1/L": Fraction(1, 2) < 1},
    why="A slip: index k on the left, power K on the right; false for k < K, harmless if k = K + 1 is meant.",
)

theorem = Theorem(
    name="paper-eq8",
    title="Eq. 8 of the SRS paper (PL inequality) as printed: refuted",
    source="ICLR 2023 submission cnutOGKrz7f, section 4, Eq. 8",
    algorithm="each epoch SGD with step α over a fresh uniform m-subset",
    domain=Domain(()),
    assumptions=(),
    steps=(D2, D6),
    conclusions={},
    also=("D2", "D6"),
    notes=(
        "Printed: E[L_G(w_k)-L*] ≤ (1-μα)^K (L_G(w_1)-L*) + 2ακmL(1+m/n)σ², κ = L/μ.",
        "D2: x = (1,1,-1,-1), f_i = (a/2)(w-x_i)², a = 1/100, m = 2, α = 50: left 11/9600, right 3/10000.",
    ),
    refuted="its noise term depends on the unit of w; see pl-subset and pl-iid, which hold",
)
