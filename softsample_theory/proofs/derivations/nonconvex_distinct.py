"""Theorem A with batches of distinct units: the noise falls by (n-b)/(n-1).

Each batch is a uniform set of b distinct units, drawn anew for each step. The mean of E|∇F|² over T steps is
at most 2Δ/(ηT) + ηLσ²/b (n-b)/(n-1). With b = m this is one full-subset step an epoch.
"""

from __future__ import annotations

from softsample_theory.proofs.derivations import nonconvex_iid
from softsample_theory.proofs.derivations.nonconvex_iid import DRAWS, STEP, STEPS, below, smoothness, variance
from softsample_theory.proofs.derivations.pl_iid import COUNT
from softsample_theory.proofs.engine.algebra import Named
from softsample_theory.proofs.engine.domain import Definition, Domain, Variable
from softsample_theory.proofs.engine.facts import counter, moving, running_sum
from softsample_theory.proofs.engine.lemma import cite
from softsample_theory.proofs.engine.steps import Expectation, Induction, Inequality
from softsample_theory.proofs.engine.theorem import Conclusion, Theorem
from softsample_theory.proofs.notation import (
    BATCH,
    EPOCHS,
    GAP,
    GG,
    MEANINGLESS,
    S2,
    SEPARATE,
    SMOOTHNESS,
    SUM,
    VARIANCE,
    Delta,
    EF_next,
    F,
    F_inf,
    F_next,
    G,
    K,
    L,
    P,
    T,
    b,
    eta,
    g,
    n,
    sigma2,
    t,
)
from softsample_theory.proofs.sampling_rules import distinct_batch

share = Named("fpc_b", r"\frac{n-b}{n-1}")
draws = distinct_batch()

A1 = cite(nonconvex_iid.theorem, "A1", "A1", "The descent inequality along w⁺ = w - ηg.")
A2 = Expectation(
    name="A2",
    lhs=EF_next,
    rhs=F - eta * GG + L * eta**2 / 2 * (GG + share * S2 / b),
    of=A1.fact(),
    rules=(draws.at((G,), G, g, S2, share, b),),
    expected={F_next: EF_next},
    random=(g,),
)
A3 = Inequality(
    name="A3",
    lhs=EF_next,
    rhs=F - eta / 2 * GG + L * eta**2 * share * sigma2 / (2 * b),
    by=((1, A2.fact()), (L * eta**2 * share / (2 * b), variance.at(S2))),
    squares=((eta / 2 * (1 - eta * L), G),),
)
A4 = Induction(
    name="A4",
    lhs=eta / 2 * SUM,
    rhs=F_inf + Delta - F + t * L * eta**2 * share * sigma2 / (2 * b),
    sequences=(
        counter(t),
        running_sum(SUM, GG, "the sum of E|∇F|² over the steps made"),
        moving(F, F_inf + Delta, EF_next, "the mean loss"),
    ),
    by=((1, A3.fact()),),
)
A5 = Inequality(
    name="A5",
    lhs=SUM / T,
    rhs=2 * Delta / (eta * T) + eta * L * share * sigma2 / b,
    by=((2 / (eta * T), A4.fact({t: T})), (2 / (eta * T), below.at(F))),
)

theorem = Theorem(
    name="nonconvex-distinct",
    title="Theorem A with batches of distinct units",
    source="textbook SGD with the finite-population variance of a batch",
    algorithm="w⁺ = w - ηg, g the mean over a fresh uniform batch of b distinct units",
    domain=Domain(
        (
            SMOOTHNESS,
            VARIANCE,
            GAP,
            BATCH,
            STEPS,
            EPOCHS,
            DRAWS,
            Definition(T, K * P, "steps in all"),
            Variable(n, "n, units in all", low=b, whole=True, word="population"),
            Variable(share, "(n-b)/(n-1)", given=(n - b) / (n - 1), at_zero_over_zero=0.0),
            STEP,
            Variable(t, "steps made", whole=True),
        )
    ),
    assumptions=(smoothness, variance, below, draws),
    steps=(A1, A2, A3, A4, A5, COUNT),
    conclusions={"bound": Conclusion("A5", "the mean over the T = Km/b iterates of E|∇F(w)|²")},
    also=("T",),
    equivalent={
        "domain σ²: negative values let in": MEANINGLESS,
        "domain Δ: negative values let in": MEANINGLESS,
        "domain n: lower end - 1": SEPARATE,
    },
    rate="O(1/sqrt(Km)) in samples Km",
)
