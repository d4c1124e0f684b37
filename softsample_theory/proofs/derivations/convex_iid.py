"""SGD with independent draws on a convex loss: the averaged iterate.

For η <= 1/L, E F(w̄) - F* <= |w_0 - w*|²/(2ηT) + ησ²/(2b), with w̄ the mean of w_0, ..., w_(T-1). The best step
gives |w_0 - w*| σ/sqrt(bT), if it is at most 1/L.
"""

from __future__ import annotations

from softsample_theory.proofs.derivations.nonconvex_iid import DRAWS, STEP, STEPS
from softsample_theory.proofs.derivations.pl_iid import COUNT
from softsample_theory.proofs.derivations.strongly_convex_iid import (
    C1,
    C2,
    START,
    ED2_next,
    F_star,
    d,
    dd,
    dist2,
    draws,
    moved,
    variance,
    zero,
)
from softsample_theory.proofs.engine.algebra import Named
from softsample_theory.proofs.engine.calculus import Optimise
from softsample_theory.proofs.engine.domain import Definition, Domain, Variable
from softsample_theory.proofs.engine.facts import counter, moving, running_sum
from softsample_theory.proofs.engine.steps import Induction, Inequality
from softsample_theory.proofs.engine.theorem import Conclusion, Theorem
from softsample_theory.proofs.hypotheses import convex, jensen
from softsample_theory.proofs.notation import (
    BATCH,
    EPOCHS,
    MEANINGLESS,
    S2,
    SMOOTHNESS,
    VARIANCE,
    F,
    G,
    K,
    L,
    P,
    T,
    b,
    eta,
    sigma2,
    t,
)

excess_sum = Named("Σ(F-F*)", r"\sum_{s<t}(\mathbb{E}F(w_s) - F^*)")
F_mean = Named("F(w̄)", r"\mathbb{E}F(\bar w)")
p, q = Named("p"), Named("q")
convexity, averaged = convex(L), jensen()

V1 = Inequality(
    name="V1",
    lhs=ED2_next,
    rhs=dd - 2 * eta * (F - F_star) + eta**2 * sigma2 / b,
    by=(
        (1, C2.fact()),
        (eta**2 / b, variance.at(S2)),
        (2 * eta, convexity.at(F, F_star, G, zero, -d)),
    ),
    squares=((eta / L * (1 - eta * L), G),),
    why="Convexity between w and w*; here η ≤ 1/L is used.",
)
V2 = Induction(
    name="V2",
    lhs=2 * eta * excess_sum,
    rhs=dist2 - dd + t * eta**2 * sigma2 / b,
    sequences=(
        counter(t),
        running_sum(excess_sum, F - F_star, "the sum of E F(w) - F* over the steps made"),
        moving(dd, dist2, ED2_next, "the mean squared distance"),
    ),
    by=((1, V1.fact()),),
)
V3 = Inequality(
    name="V3",
    lhs=F_mean - F_star,
    rhs=dist2 / (2 * eta * T) + eta * sigma2 / (2 * b),
    by=(
        (1 / (2 * eta * T), V2.fact({t: T})),
        (1, averaged.at(excess_sum / T, F_mean - F_star)),
    ),
    squares=((1 / (2 * eta * T), d),),
)
V4 = Optimise(
    name="V4",
    lhs=p**2 / (2 * eta) + q**2 * eta / 2,
    rhs=p * q,
    variable=eta,
    at=p / q,
    why="With p² = |w_0-w*|²/T and q² = σ²/b: the best step is |w_0-w*| sqrt(b/T)/σ.",
)

theorem = Theorem(
    name="convex-iid",
    title="Convex SGD with independent draws, averaged iterate",
    source="textbook (Nemirovski, Juditsky, Lan and Shapiro 2009)",
    algorithm="w⁺ = w - ηg, g the mean of b unit gradients drawn independently; w̄ the mean of the iterates",
    domain=Domain(
        (
            SMOOTHNESS,
            VARIANCE,
            BATCH,
            STEPS,
            EPOCHS,
            DRAWS,
            Definition(T, K * P, "steps in all"),
            STEP,
            START,
            Variable(t, "steps made", whole=True),
            Variable(p, "p² = |w_0-w*|²/T", low_open=True),
            Variable(q, "q² = σ²/b", low_open=True),
        )
    ),
    assumptions=(convexity, variance, draws, moved, averaged),
    steps=(C1, C2, V1, V2, V3, V4, COUNT),
    conclusions={"bound": Conclusion("V3", "E F(w̄) - F*")},
    also=("V4", "T"),
    equivalent={
        "domain σ²: negative values let in": MEANINGLESS,
        "domain |w_0-w*|²: negative values let in": MEANINGLESS,
    },
    rate="O(1/sqrt(Km)) in samples Km",
)
