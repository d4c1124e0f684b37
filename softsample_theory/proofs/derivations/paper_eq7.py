"""Theorem 1 of the SRS paper (Eq. 7) as printed: refuted, and the repaired statement that holds.

Printed, for steps α < 1/L, with σ² bounding the variance around the gradient of the SUBSET's loss (A2):
(1/K) Σ E|∇L_G(w_k)|² <= 2m(L_G(w_1) - L(w*))/(αK) + αmL(1+m/n)σ².

What is wrong is a missing assumption, not the method: A2 does not bound the variance between subsets (D1),
and the optimum has to be that of L_G, not of the population (D4). Also, the noise factor 1 + m/n grows with m
where the exact one falls (D5). With σ² around the full gradient and inf L_G the printed right side does hold,
for α <= 1/(4mL): it follows from Theorem B for m >= 2, and from Theorem A for m = 1.
"""

from __future__ import annotations

from fractions import Fraction

from sympy import Integer, Rational

from softsample_theory.proofs.derivations import nonconvex_subset
from softsample_theory.proofs.derivations.nonconvex_subset import SMALL, y
from softsample_theory.proofs.derivations.pass_drift import DRIFT_ASSUMES, PASS, fpc
from softsample_theory.proofs.engine.algebra import Named
from softsample_theory.proofs.engine.domain import Definition, Domain, Variable
from softsample_theory.proofs.engine.facts import Assumption
from softsample_theory.proofs.engine.lemma import cite
from softsample_theory.proofs.engine.refutation import Counterexample
from softsample_theory.proofs.engine.steps import Inequality
from softsample_theory.proofs.engine.theorem import Conclusion, Theorem
from softsample_theory.proofs.exact_runs import affine_maps, second_moments
from softsample_theory.proofs.notation import SUM, Delta, K, L, P, b, eta, m, n, sigma2, x

ONE, HALF_STEP = Fraction(1), Fraction(1, 2)
POINTS = (ONE, -ONE)


def eq7_right(
    n: int, m: int, step: Fraction, L: Fraction, gap: Fraction, sigma2: Fraction, K: int
) -> Fraction:
    """Return the printed right side of Eq. 7."""
    return 2 * m * gap / (step * K) + step * m * L * (1 + Fraction(m, n)) * sigma2


def single_unit_subsets() -> tuple[Fraction, Fraction]:
    """D1: f = (w-1)²/2 and (w+1)²/2, n = 2, m = 1, α = 1/2, from w_1 = 0, K = 2. Here ∇L_G(w) = w."""
    maps = affine_maps(POINTS, HALF_STEP, 1, 1, "subset")
    left = sum(second_moments(maps, Fraction(0), 1), Fraction(0)) / 2
    return left, eq7_right(2, 1, HALF_STEP, ONE, Fraction(0), Fraction(0), 2)


def single_unit_assumptions() -> dict[str, bool]:
    """The printed assumptions of D1: in a subset of one unit, its gradient is the subset's gradient."""
    within = [(w - x) - (w - x) for x in POINTS for w in (Fraction(-1), Fraction(0), Fraction(3))]
    gap = sum((x * x / 2 for x in POINTS), Fraction(0)) / 2 - HALF_STEP
    return {"A1: α < 1/L": HALF_STEP < 1, "A2 with σ = 0": not any(within), "L_G(w_1) = inf L_G": gap == 0}


def population_optimum() -> tuple[Fraction, Fraction]:
    """D4: a sample of two units x = 1 from a population x = ±1, f = (w-x)²/2, w_1 = 1, α = 1/2, K = 1."""
    L_G, L_star = Fraction(0), Fraction(1, 2)
    return Fraction(0), eq7_right(2, 1, HALF_STEP, ONE, L_G - L_star, Fraction(0), 1)


def population_assumptions() -> dict[str, bool]:
    """The printed assumptions of D4: equal units; the population loss (w² + 1)/2 is least at w = 0."""
    loss = {w: ((w - 1) ** 2 + (w + 1) ** 2) / 4 for w in (Fraction(-1), Fraction(0), Fraction(1))}
    return {"σ = 0": True, "L(w*) = 1/2": loss[Fraction(0)] == min(loss.values()) == Fraction(1, 2)}


D1 = Counterexample(
    name="D1",
    lhs=Rational(1, 8),
    rhs=Integer(0),
    compute=single_unit_subsets,
    assumptions=single_unit_assumptions,
    why="A missing assumption: with m = 1 the variance inside a subset is 0, but the subsets differ.",
)
D4 = Counterexample(
    name="D4",
    lhs=Integer(0),
    rhs=Integer(-2),
    compute=population_optimum,
    assumptions=population_assumptions,
    why="The gap must be to inf L_G: to the population's optimum it may be negative.",
)
size = Variable(m, "m, units in a subset", low=1, whole=True)
D5a = Inequality(
    name="D5a",
    lhs=(n - m - 1) / (n - 1),
    rhs=(n - m) / (n - 1),
    slack=1 / (n - 1),
    why="The exact noise factor of a pass falls with m.",
)
D5b = Inequality(
    name="D5b",
    lhs=1 + m / n,
    rhs=1 + (m + 1) / n,
    slack=1 / n,
    why="The printed noise factor grows with m: right as a bound, wrong as a law.",
)

theorem = Theorem(
    name="paper-eq7",
    title="Theorem 1 of the SRS paper (Eq. 7) as printed: refuted",
    source="ICLR 2023 submission cnutOGKrz7f, section 4, Eq. 7",
    algorithm="each epoch SGD with step α over a fresh uniform m-subset",
    domain=Domain((size, Variable(n, "n ≥ 2, units in all", low=Integer(2), whole=True))),
    assumptions=(),
    steps=(D1, D4, D5a, D5b),
    conclusions={},
    also=("D1", "D4", "D5a", "D5b"),
    equivalent={"domain m: lower end - 1": "the comparison in m does not need m ≥ 1"},
    notes=(
        "Printed, for α < 1/L and σ² around the subset's gradient (A2):"
        " mean of E|∇L_G(w_k)|² ≤ 2m(L_G(w_1)-L(w*))/(αK) + αmL(1+m/n)σ².",
        "D1: n = 2, m = 1, f = (w-1)²/2 and (w+1)²/2, α = 1/2, w_1 = 0, K = 2: left 1/8, right 0.",
        "D4: the same step on two equal units of a population x = ±1: left 0, right -2.",
    ),
    refuted="A2 leaves the variance between subsets unbounded; see paper-eq7-repaired, which holds",
)

M, units, z, alpha = Named("M", "m"), Named("n′", "n"), Named("z"), Named("α", r"\alpha")
PLAIN = (
    Variable(M, "m ≥ 2 single-unit steps an epoch", low=Integer(2), whole=True, word="subset"),
    Variable(units, "n, units in all", low=M, whole=True, word="population"),
    Variable(z, "αmL ≤ 1/4", low_open=True, high=Rational(1, 4), given=alpha * M * L),
    Definition(alpha, z / (M * L), "α, the step size", word="step"),
)
share = Assumption("share", "(n-m)/(n-1) ≤ 1, as m ≥ 1", r"\frac{n-m}{n-1} \leq 1", lambda fpc: 1 - fpc)
R0 = cite(nonconvex_subset.theorem, "B14", "B14", "Theorem B for η ≤ 1/(4LP).")
right = 2 * M * Delta / (alpha * K) + alpha * M * L * (1 + M / units) * sigma2
R1 = Inequality(
    name="R1",
    lhs=SUM / K,
    rhs=right,
    by=(
        (1, R0.fact({b: Integer(1), P: M, n: units, y: z})),
        (Rational(1936, 1425) * z * sigma2 / M, share.at(fpc)),
    ),
    slack=(2 * M**2 - Rational(968, 475)) * L * Delta / (z * K)
    + z * sigma2 * (1 + M / units - (Rational(1936, 1425) + Rational(2112, 3325) * z) / M),
    why="Single-unit steps: b = 1, P = m ≥ 2, αmL ≤ 1/4; the right side is the printed one.",
)
repaired = Theorem(
    name="paper-eq7-repaired",
    title="Theorem 1 of the SRS paper (Eq. 7), repaired",
    source="corollary of Theorem B: σ² around the full gradient, gap to inf L_G, α ≤ 1/(4mL)",
    algorithm=nonconvex_subset.theorem.algorithm + "; b = 1",
    domain=Domain((*(item for item in PASS if item.symbol not in (x, eta)), SMALL, *PLAIN)),
    assumptions=(*nonconvex_subset.ONE_EPOCH, nonconvex_subset.below, *DRIFT_ASSUMES, share),
    steps=(R0, R1),
    conclusions={"bound": Conclusion("R1", "the mean over the K epoch starts of E|∇L_G(w_k)|²")},
    rate="O(m/sqrt(K)) in epochs",
    notes=("For m = 1 the printed right side follows from nonconvex-iid for every α < 1/L.",),
)
