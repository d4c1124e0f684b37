"""Theorem A under the Polyak-Łojasiewicz inequality: linear convergence to a floor.

After T steps E[F - inf F] is at most (1-ημ)^T Δ + (1 - (1-ημ)^T) ηLσ²/(2bμ). Decaying steps 2/(μ(t+γ)) reach
ν/(T+γ), ν = max(γΔ, 2Lσ²/(bμ²)): the rate 1/T that no constant step has.
"""

from __future__ import annotations

from sympy import Max

from softsample_theory.proofs.derivations import nonconvex_iid
from softsample_theory.proofs.derivations.nonconvex_iid import DRAWS, STEP, STEPS
from softsample_theory.proofs.engine.algebra import Named
from softsample_theory.proofs.engine.domain import Definition, Domain, Variable
from softsample_theory.proofs.engine.facts import counter, moving, power
from softsample_theory.proofs.engine.lemma import cite
from softsample_theory.proofs.engine.steps import Identity, Induction, Inequality
from softsample_theory.proofs.engine.theorem import Conclusion, Theorem
from softsample_theory.proofs.hypotheses import polyak_lojasiewicz
from softsample_theory.proofs.notation import (
    BATCH,
    COUNTED,
    EPOCHS,
    GAP,
    GG,
    MEANINGLESS,
    PL,
    SMOOTHNESS,
    VARIANCE,
    A,
    Delta,
    EF_next,
    F,
    F_inf,
    K,
    L,
    P,
    b,
    eta,
    m,
    mu,
    sigma2,
    t,
)

gamma, nu, r = Named("γ", r"\gamma"), Named("ν", r"\nu"), Named("r")
TIME = Variable(t, "steps made", whole=True, given=K * m / b)
pl = polyak_lojasiewicz(mu)
domain = Domain((SMOOTHNESS, VARIANCE, GAP, PL, BATCH, STEPS, DRAWS, EPOCHS, STEP, TIME))
noise = L * eta**2 * sigma2 / (2 * b)

P0 = cite(nonconvex_iid.theorem, "A3", "A3", "One step of Theorem A.")
P1 = Inequality(
    name="P1",
    lhs=EF_next,
    rhs=F_inf + (1 - eta * mu) * (F - F_inf) + noise,
    by=((1, P0.fact()), (eta / 2, pl.at(GG, F - F_inf))),
    why="The gradient controls the excess.",
)
powers = power(A, 1 - eta * mu, t)
P2 = Induction(
    name="P2",
    lhs=F,
    rhs=F_inf + A * Delta + (1 - A) * noise / (eta * mu),
    sequences=(counter(t), powers, moving(F, F_inf + Delta, EF_next, "the mean loss")),
    by=((1, P1.fact()),),
    keep=1 - eta * mu,
    why="The recursion e⁺ ≤ (1-ημ)e + c solved; 1 - ημ ≥ 0 since ημ ≤ μ/L ≤ 1.",
)
COUNT = Identity(name="T", lhs=K * m / b, rhs=K * P, why="The number of steps in K epochs.")
P3 = Inequality(
    name="P3",
    lhs=F - F_inf,
    rhs=A * Delta + (1 - A) * L * eta * sigma2 / (2 * b * mu),
    by=((1, P2.fact()),),
)

theorem = Theorem(
    name="pl-iid",
    title="Theorem A under the Polyak-Łojasiewicz inequality",
    source="textbook (Karimi, Nutini and Schmidt 2016), replacing Eq. 8 of the SRS paper",
    algorithm=nonconvex_iid.theorem.algorithm,
    domain=domain,
    assumptions=(*nonconvex_iid.ONE_STEP, pl),
    steps=(P0, P1, P2, P3, COUNT),
    also=("T",),
    conclusions={"bound": Conclusion("P3", "E F(w_T) - inf F after T = Km/b steps", (powers,))},
    equivalent={
        "domain P: lower end - 1": COUNTED,
        "domain K: lower end - 1": COUNTED,
        "domain Δ: negative values let in": MEANINGLESS,
    },
    rate="linear to the floor ηLσ²/(2bμ)",
)

start = Domain(
    (
        SMOOTHNESS,
        VARIANCE,
        PL,
        BATCH,
        STEPS,
        DRAWS,
        EPOCHS,
        STEP,
        TIME,
        Variable(gamma, "γ, the offset of the steps 2/(μ(t+γ))", low=2 * L / mu, word="offset"),
        Variable(
            nu,
            "ν = max(γΔ, 2Lσ²/(bμ²))",
            low=2 * L * sigma2 / (b * mu**2),
            given=Max(gamma * Delta, 2 * L * sigma2 / (b * mu**2)),
        ),
        Variable(r, "ν - γΔ", given=Max(0, nu - gamma * Delta)),
        Definition(Delta, (nu - r) / gamma, "Δ = F(w_0) - inf F, the gap at the start", word="gap"),
    )
)
P1_cited = cite(theorem, "P1", "P1", "One step with any η ≤ 1/L.")
P4 = Induction(
    name="P4",
    lhs=F,
    rhs=F_inf + nu / (t + gamma),
    sequences=(counter(t), moving(F, F_inf + Delta, EF_next, "the mean loss")),
    by=((1, P1_cited.fact({eta: 2 / (mu * (t + gamma))})),),
    keep=1 - 2 / (t + gamma),
    base=r / gamma,
    slack=(nu - 2 * L * sigma2 / (b * mu**2)) / (t + gamma) ** 2 + nu / ((t + gamma) ** 2 * (t + gamma + 1)),
    why="With s = t+γ: ν/(s+1) - (1-2/s)ν/s - C/s² = (ν-C)/s² + ν/(s²(s+1)), C = 2Lσ²/(bμ²).",
)
P5 = Inequality(name="P5", lhs=F - F_inf, rhs=nu / (t + gamma), by=((1, P4.fact()),))

decaying = Theorem(
    name="pl-iid-decaying",
    title="Theorem A under the Polyak-Łojasiewicz inequality, decaying steps",
    source="textbook; what the remark O(1/K) of the SRS paper needs",
    algorithm=nonconvex_iid.theorem.algorithm + "; η_t = 2/(μ(t+γ))",
    domain=start,
    assumptions=(*nonconvex_iid.ONE_STEP, pl),
    steps=(P1_cited, P4, P5, COUNT),
    also=("T",),
    conclusions={"bound": Conclusion("P5", "E F(w_T) - inf F after T = Km/b steps")},
    equivalent={
        "domain P: lower end - 1": COUNTED,
        "domain K: lower end - 1": COUNTED,
    },
    rate="O(1/T)",
)
