"""Theorem A: SGD with independent draws on a smooth loss that need not be convex.

The mean over the run of E|∇F|^2 is at most 2Δ/(ηT) + ηLσ²/b, for steps η <= 1/L; the best constant step
gives 2LΔ/T + 2 sqrt(2LΔσ²/(bT)). In epochs T = Km/b, so the leading term is 2 sqrt(2LΔσ²/(Km)): the batch b
drops out, only the samples processed count, and n enters through m = ρn alone.
"""

from __future__ import annotations

from sympy import sqrt

from softsample_theory.proofs.engine.calculus import Optimise
from softsample_theory.proofs.engine.domain import Definition, Domain, Variable
from softsample_theory.proofs.engine.facts import Fact, counter, moving, running_sum
from softsample_theory.proofs.engine.steps import Cases, Expectation, Identity, Induction, Inequality
from softsample_theory.proofs.engine.theorem import Conclusion, Theorem
from softsample_theory.proofs.hypotheses import bounded_below, bounded_variance, smooth
from softsample_theory.proofs.notation import (
    BATCH,
    EPOCHS,
    GAP,
    GG,
    MEANINGLESS,
    S2,
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
    Named,
    P,
    T,
    b,
    eta,
    g,
    inner,
    m,
    sigma2,
    square,
    t,
)
from softsample_theory.proofs.sampling_rules import iid_batch

p, q = Named("p"), Named("q")

STEP = Variable(eta, "η, the step size", low_open=True, high=1 / L, word="step")
STEPS = Variable(P, "steps in an epoch: the batch divides the epoch", low=1, whole=True, given=m / b)
DRAWS = Definition(m, b * P, "m, draws in an epoch", word="subset", whole=True)

domain = Domain(
    (
        SMOOTHNESS,
        VARIANCE,
        GAP,
        BATCH,
        STEPS,
        EPOCHS,
        DRAWS,
        Definition(T, K * P, "steps in all"),
        STEP,
        Variable(t, "steps made", whole=True),
        Variable(p, "p² = 2Δ/T", low_open=True, given=sqrt(2 * Delta * b / (K * m))),
        Variable(q, "q² = Lσ²/b", low_open=True, given=sqrt(L * sigma2 / b)),
    )
)
smoothness, variance, below, draws = smooth(L), bounded_variance(sigma2), bounded_below(F_inf), iid_batch()

ONE_STEP = (smoothness, variance, draws)
"""What one step assumes; a lower bound comes in with the sum."""

A1 = Inequality(
    name="A1",
    lhs=F_next,
    rhs=F - eta * inner(G, g) + L * eta**2 / 2 * square(g),
    by=((1, smoothness.at(F, F_next, G, -eta * g)),),
    why="The descent inequality along the step w⁺ = w - ηg.",
)
A2 = Expectation(
    name="A2",
    lhs=EF_next,
    rhs=F - eta * GG + L * eta**2 / 2 * (GG + S2 / b),
    of=A1.fact(),
    rules=(draws.at((G,), G, g, S2, b),),
    expected={F_next: EF_next},
    random=(g,),
    why="The draws are made after w is known.",
)
A3 = Inequality(
    name="A3",
    lhs=EF_next,
    rhs=F - eta / 2 * GG + L * eta**2 * sigma2 / (2 * b),
    by=((1, A2.fact()), (L * eta**2 / (2 * b), variance.at(S2))),
    squares=((eta / 2 * (1 - eta * L), G),),
    why="Here η ≤ 1/L is used: 1 - ηL ≥ 0.",
)
A4 = Induction(
    name="A4",
    lhs=eta / 2 * SUM,
    rhs=F_inf + Delta - F + t * L * eta**2 * sigma2 / (2 * b),
    sequences=(
        counter(t),
        running_sum(SUM, GG, "the sum of E|∇F|² over the steps made"),
        moving(F, F_inf + Delta, EF_next, "the mean loss"),
    ),
    by=((1, A3.fact()),),
    why="The losses telescope.",
)
A5 = Inequality(
    name="A5",
    lhs=SUM / T,
    rhs=2 * Delta / (eta * T) + eta * L * sigma2 / b,
    by=((2 / (eta * T), A4.fact({t: T})), (2 / (eta * T), below.at(F))),
    why="The mean of E|∇F|² over all T steps; this is also E|∇F|² at a uniformly chosen iterate.",
)
A6 = Optimise(
    name="A6",
    lhs=p**2 / eta + q**2 * eta,
    rhs=2 * p * q,
    variable=eta,
    at=p / q,
    why="The two terms of A5 with p² = 2Δ/T and q² = Lσ²/b: the best constant step is η* = sqrt(2Δb/(Lσ²T)).",
)
small = Fact("case", 1 / L - p / q)
A7 = Inequality(
    name="A7",
    lhs=SUM / T,
    rhs=p**2 * L + 2 * p * q,
    by=((1, A5.fact({eta: p / q, Delta: p**2 * T / 2, sigma2: q**2 * b / L})),),
    slack=p**2 * L,
    case=small,
    why="If η* ≤ 1/L, take η = η*.",
)
large = Fact("case", p / q - 1 / L)
A8 = Inequality(
    name="A8",
    lhs=SUM / T,
    rhs=p**2 * L + 2 * p * q,
    by=((1, A5.fact({eta: 1 / L, Delta: p**2 * T / 2, sigma2: q**2 * b / L})), (q**2, large)),
    slack=p * q,
    case=large,
    why="If η* ≥ 1/L, take η = 1/L.",
)
A9 = Cases(
    name="A9",
    lhs=SUM / T,
    rhs=p**2 * L + 2 * p * q,
    when=A7.fact(),
    otherwise=A8.fact(),
    split=1 / L - p / q,
    why="So η = min(1/L, η*) attains 2LΔ/T + 2 sqrt(2LΔσ²/(bT)).",
)
A10 = Identity(
    name="A10",
    lhs=2 * L * Delta * sigma2 / (b * T),
    rhs=2 * L * Delta * sigma2 / (K * m),
    why="Under the root bT = Km, the samples processed: b drops out of the leading term.",
)

theorem = Theorem(
    name="nonconvex-iid",
    title="Theorem A: non-convex SGD with independent draws",
    source="textbook SGD (Ghadimi and Lan 2013), in the letters of Theorem 1 of the SRS paper",
    algorithm="w⁺ = w - ηg, g the mean of b unit gradients drawn independently; m draws an epoch",
    domain=domain,
    assumptions=(smoothness, variance, below, draws),
    steps=(A1, A2, A3, A4, A5, A6, A7, A8, A9, A10),
    conclusions={
        "bound": Conclusion("A5", "the mean over the T = Km/b iterates of E|∇F(w)|²"),
        "best-step": Conclusion("A9", "the same with the constant step min(1/L, sqrt(2Δb/(Lσ²T)))"),
    },
    also=("A6", "A10"),
    equivalent={
        "domain σ²: negative values let in": MEANINGLESS,
        "domain Δ: negative values let in": MEANINGLESS,
    },
    rate="O(1/sqrt(Km)) in samples Km: like ρ^(-1/2) at fixed epochs, no ρ at fixed compute",
)
