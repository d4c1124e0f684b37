"""Theorem B under the Polyak-Łojasiewicz inequality, with constant and with decaying steps.

With κ = 1 - (1+k)cG and H = ηP, E[F(w_K) - inf F] <= (1 - κμH)^K Δ + (1 - (1-κμH)^K) noise/(2κμ), where
noise is that of Theorem B. Steps H_t = 2/(μ'(t+γ)), μ' = 475μ/484, kept to ηLP <= 1/4 reach ν/(K+γ).
"""

from __future__ import annotations

from sympy import Integer, Max, Rational

from softsample_theory.proofs.derivations import nonconvex_subset
from softsample_theory.proofs.derivations.nonconvex_subset import TRADE, kept, noise
from softsample_theory.proofs.derivations.pass_drift import DRIFT_ASSUMES, PASS, fpc
from softsample_theory.proofs.engine.algebra import Named
from softsample_theory.proofs.engine.domain import Definition, Domain, Variable
from softsample_theory.proofs.engine.facts import counter, moving, power
from softsample_theory.proofs.engine.lemma import cite
from softsample_theory.proofs.engine.steps import Induction, Inequality
from softsample_theory.proofs.engine.theorem import Conclusion, Theorem
from softsample_theory.proofs.hypotheses import polyak_lojasiewicz
from softsample_theory.proofs.notation import (
    COUNTED,
    GG,
    MEANINGLESS,
    PL,
    A,
    Delta,
    EF_next,
    F,
    F_inf,
    K,
    L,
    P,
    eta,
    m,
    mu,
    sigma2,
    t,
    x,
)

TIME = Variable(t, "epochs made", whole=True, given=K)
gamma, nu, r, y = Named("γ", r"\gamma"), Named("ν", r"\nu"), Named("r"), Named("y")
pl = polyak_lojasiewicz(mu)
assumed = (*nonconvex_subset.ONE_EPOCH, *DRIFT_ASSUMES, pl)
H = x / L

Q0 = cite(nonconvex_subset.theorem, "B10", "B10", "One epoch of Theorem B.")
Q1 = Inequality(
    name="Q1",
    lhs=EF_next,
    rhs=F_inf + (1 - kept * mu * H) * (F - F_inf) + H / 2 * noise,
    by=((1, Q0.fact()), (H / 2 * kept, pl.at(GG, F - F_inf))),
)
powers = power(A, 1 - kept * mu * H, t)
Q2 = Induction(
    name="Q2",
    lhs=F,
    rhs=F_inf + A * Delta + (1 - A) * noise / (2 * kept * mu),
    sequences=(counter(t), powers, moving(F, F_inf + Delta, EF_next, "the mean loss")),
    by=((1, Q1.fact()),),
    keep=1 - kept * mu * H,
)
Q3 = Inequality(
    name="Q3",
    lhs=F - F_inf,
    rhs=A * Delta + (1 - A) * noise / (2 * kept * mu),
    by=((1, Q2.fact()),),
)

theorem = Theorem(
    name="pl-subset",
    title="Theorem B under the Polyak-Łojasiewicz inequality",
    source="own derivation, replacing Eq. 8 of the SRS paper",
    algorithm=nonconvex_subset.theorem.algorithm,
    domain=Domain((*PASS[:4], PL, *PASS[4:], TRADE, TIME)),
    assumptions=assumed,
    steps=(Q0, Q1, Q2, Q3),
    conclusions={"bound": Conclusion("Q3", "E F(w_K) - inf F after K epochs", (powers,))},
    equivalent={
        "domain Δ: negative values let in": MEANINGLESS,
        "domain K: lower end - 1": COUNTED,
    },
    rate="linear to a floor that (n-m)/(n-1) damps",
)

COEFFICIENT = L * sigma2 / m * (Rational(4, 3) * fpc + Rational(12, 77))
START = (
    Variable(gamma, "γ, the offset of the steps", low=2 * L / (Rational(475, 484) * mu) * 4, word="offset"),
    Variable(
        nu,
        "ν = max(γΔ, 2A/μ'²)",
        low=2 * COEFFICIENT / (Rational(475, 484) * mu) ** 2,
        given=Max(gamma * Delta, 2 * COEFFICIENT / (Rational(475, 484) * mu) ** 2),
    ),
    Variable(r, "ν - γΔ", given=Max(0, nu - gamma * Delta)),
    Definition(Delta, (nu - r) / gamma, "Δ = F(w_0) - inf F, the gap at the start", word="gap"),
)
SMALL = Variable(y, "y = ηLP ≤ 1/4", low_open=True, high=Rational(1, 4), given=eta * L * P)
curved = Rational(475, 484) * mu
at_y = {k_symbol: Integer(0) for k_symbol in (TRADE.symbol,)}
D0 = cite(theorem, "Q1", "Q1", "One epoch.")
D1 = Inequality(
    name="D1",
    lhs=EF_next,
    rhs=F_inf + (1 - curved * y / L) * (F - F_inf) + (y / L) ** 2 / 2 * COEFFICIENT,
    by=(
        (1, D0.fact({**at_y, x: y})),
        (mu * y / L * (kept.xreplace({**at_y, x: y}) - Rational(475, 484)), nonconvex_subset.below.at(F)),
    ),
    slack=(y / L) ** 2 / 2 * COEFFICIENT - y / L / 2 * noise.xreplace({**at_y, x: y}),
    why="For y ≤ 1/4: 1 - cG ≥ 475/484, 1/(1-y) ≤ 4/3 and y cD ≤ 12/77.",
)
D2 = Induction(
    name="D2",
    lhs=F,
    rhs=F_inf + nu / (t + gamma),
    sequences=(counter(t), moving(F, F_inf + Delta, EF_next, "the mean loss")),
    by=((1, D1.fact({y: 2 * L / (curved * (t + gamma))})),),
    keep=1 - 2 / (t + gamma),
    base=r / gamma,
    slack=(nu - 2 * COEFFICIENT / curved**2) / (t + gamma) ** 2 + nu / ((t + gamma) ** 2 * (t + gamma + 1)),
)
D3 = Inequality(name="D3", lhs=F - F_inf, rhs=nu / (t + gamma), by=((1, D2.fact()),))
decaying = Theorem(
    name="pl-subset-decaying",
    title="Theorem B under the Polyak-Łojasiewicz inequality, decaying steps",
    source="own derivation; what the remark O(1/K) of the SRS paper needs",
    algorithm=nonconvex_subset.theorem.algorithm + "; in epoch t, ηP = 2/(μ'(t+γ)), μ' = 475μ/484",
    domain=Domain((*(each for each in theorem.domain if each.symbol != Delta), *START, SMALL)),
    assumptions=(*assumed, nonconvex_subset.below),
    steps=(D0, D1, D2, D3),
    conclusions={"bound": Conclusion("D3", "E F(w_K) - inf F after K epochs")},
    equivalent={"domain K: lower end - 1": COUNTED},
    rate="O(1/K)",
)
