"""Theorem B when a subset serves R epochs: the refresh interval.

A round is R passes over one subset, in one order or in fresh ones. With x = ηLPR < 1 and averages over the
starts of the J = K/R rounds, Theorem B holds with P -> PR and b -> b/R: the noise grows like R, the drift
like R². R -> ∞ says nothing, as it must: a fixed subset has a floor (fixed-subset).
"""

from __future__ import annotations

from sympy import Integer

from softsample_theory.proofs.derivations import nonconvex_subset, pass_drift
from softsample_theory.proofs.derivations.nonconvex_subset import TRADE, k, theta
from softsample_theory.proofs.derivations.pass_drift import (
    A0,
    DRIFT_ASSUMES,
    ED2,
    EZ,
    INSIDE,
    PASS,
    Ea2,
    S,
    Y,
    a2,
    fpc,
    l,
    order,
    phi,
    u,
    variance,
)
from softsample_theory.proofs.engine.algebra import Named
from softsample_theory.proofs.engine.domain import Definition, Domain, Variable
from softsample_theory.proofs.engine.facts import Assumption, Sequence, counter, moving, running_sum
from softsample_theory.proofs.engine.lemma import cite
from softsample_theory.proofs.engine.steps import Expectation, Identity, Induction, Inequality
from softsample_theory.proofs.engine.theorem import Conclusion, Theorem
from softsample_theory.proofs.notation import (
    GG,
    MEANINGLESS,
    S2,
    SUM,
    Delta,
    EF_next,
    F,
    F_inf,
    G,
    K,
    L,
    P,
    b,
    eta,
    m,
    sigma2,
    t,
    x,
)
from softsample_theory.proofs.round_rules import round_sums

R, J, s, r, z, alpha = Named("R"), Named("J"), Named("s"), Named("r"), Named("z"), Named("α", r"\alpha")
Q, H = P * R, x / L
ROUND = (
    Variable(R, "R, epochs between draws", low=1, whole=True, word="refresh"),
    Variable(J, "J, rounds: R divides the epochs", low=1, whole=True, given=K / R),
    Definition(K, J * R, "K, epochs", word="epochs", whole=True),
    Variable(z, "z = ηLPR < 1", low_open=True, high=Integer(1), high_open=True, given=alpha * L * P * R),
    Definition(alpha, z / (L * P * R), "η, the step size", word="step"),
    Variable(s, "passes finished in the round", whole=True),
    Variable(r, "steps made in the pass", whole=True),
    Variable(t, "rounds made", whole=True),
)
rule = round_sums()
place = Assumption(
    "place",
    "the l-th step of a round, l < PR, lies in one pass: l = sP + r with s ≤ R - 1 and r ≤ P",
    r"l = sP + r,\quad s \leq R-1,\quad r \leq P",
    lambda which: {"l": l - s * P - r, "s": R - 1 - s, "r": P - r}[which],
)
share = Assumption("share", "(n-m)/(n-1) ≤ 1, as m ≥ 1", r"\frac{n-m}{n-1} \leq 1", lambda fpc: 1 - fpc)

B5a = cite(pass_drift.theorem, "B5a", "B5a", "a = |lG + S| as in a single pass.")
L5b = Expectation(
    name="L5b",
    lhs=Ea2,
    rhs=l**2 * GG + ((s**2 * P + 2 * s * r) * fpc + r * phi) / b * S2,
    of=B5a.fact(),
    rules=(rule.at(G, S, S2, (s, r, P, b, fpc, phi)),),
    expected={a2: Ea2},
    random=(S,),
)
L5 = Inequality(
    name="L5",
    lhs=Ea2,
    rhs=l**2 * GG + R * l / b * sigma2,
    by=(
        (1, L5b.fact()),
        (((s**2 * P + 2 * s * r) * fpc + r * phi) / b, variance.at(S2)),
        ((s**2 * P + 2 * s * r) / b * sigma2, share.at(fpc)),
        (R / b * sigma2, place.at("l")),
        ((s * P + r) / b * sigma2, place.at("s")),
        (s / b * sigma2, place.at("r")),
    ),
    slack=r / b * (1 - phi) * sigma2,
    why="R(sP+r) - (s²P+2sr+r) = (sP+r)(R-1-s) + s(P-r): the sums spread at most R times as much.",
)
L6 = Induction(
    name="L6",
    lhs=EZ,
    rhs=Y * GG + A0 * R * sigma2 / b,
    sequences=(
        counter(l, start=1),
        Sequence(Y, Integer(0), (1 + u) * Y + l, "Σ c l"),
        Sequence(A0, Integer(0), (1 + u) * A0 + 1, "Σ c"),
        Sequence(EZ, Integer(0), (1 + u) * EZ + Ea2 / l, "the mean of Z", random=True),
    ),
    by=((1 / l, L5.fact()),),
    keep=1 + u,
)
B7b = cite(pass_drift.theorem, "B7b", "B7b", "Gronwall and Cauchy-Schwarz on every path.")
B8a = cite(pass_drift.theorem, "B8a", "B8a")
B8b = cite(pass_drift.theorem, "B8b", "B8b")
L7 = Inequality(
    name="L7",
    lhs=ED2,
    rhs=(u / l) ** 2 * Y * (Y * GG + A0 * R * sigma2 / b),
    by=((1, B7b.fact()), ((u / l) ** 2 * Y, L6.fact())),
)
cG = ((Q - 1) / Q) ** 2 * x**2 / (4 * (1 - x / 3) ** 2)
cD = ((Q - 1) / Q) ** 2 / (2 * (1 - x / 3) * (1 - x / 2))
_place = {l: Q, u: x / Q}
_kappa = (x / Q**2) ** 2
_Y, _A0 = Q * (Q - 1) / 2 / (1 - x / 3), (Q - 1) / (1 - x / 2)
L9 = Inequality(
    name="L9",
    lhs=ED2,
    rhs=cG * GG + x**2 * cD * sigma2 / (b * P),
    by=(
        (1, L7.fact(_place)),
        (_kappa * ((_Y + Y) * GG + _A0 * R * sigma2 / b), B8a.fact(_place)),
        (_kappa * Y * R * sigma2 / b, B8b.fact(_place)),
    ),
    why="The whole round: l = PR, u = x/(PR).",
)
B1 = cite(nonconvex_subset.theorem, "B1", "B1", "Descent over the round; N is the subset's mean deviation.")
noise = (1 + theta) * fpc * x * sigma2 / (b * P) + (1 + k) * cD * x**2 * sigma2 / (b * P)
kept = 1 - (1 + k) * cG
L10 = Inequality(
    name="L10",
    lhs=EF_next,
    rhs=F - H / 2 * kept * GG + H / 2 * noise,
    by=((1, B1.fact()), (H / 2 * (1 + k), L9.fact()), (x * H / 2 * (1 + theta) * fpc / m, variance.at(S2))),
)
L11 = Induction(
    name="L11",
    lhs=H / 2 * kept * SUM,
    rhs=F_inf + Delta - F + t * H / 2 * noise,
    sequences=(
        counter(t),
        running_sum(SUM, GG, "the sum of E|∇F|² over the rounds made"),
        moving(F, F_inf + Delta, EF_next, "the mean loss"),
    ),
    by=((1, L10.fact()),),
)
whole = ((2 * Delta / (H * J) + noise) / kept).xreplace({x: z, k: Integer(0)})
L12 = Inequality(
    name="L12",
    lhs=SUM / J,
    rhs=whole,
    by=(
        ((2 / (H * J * kept)).xreplace({x: z, k: Integer(0)}), L11.fact({t: J, x: z, k: Integer(0)})),
        ((2 / (H * J * kept)).xreplace({x: z, k: Integer(0)}), nonconvex_subset.below.at(F)),
    ),
)

COUNTS = (
    Identity(name="J", lhs=K / R, rhs=J, why="The number of rounds."),
    Identity(name="z", lhs=alpha * L * P * R, rhs=z, why="The step of a round."),
)

theorem = Theorem(
    name="nonconvex-interval",
    title="Theorem B with a refresh interval: one subset for R epochs",
    source="own derivation",
    algorithm="each round R passes over one m-subset, in one order or fresh ones, batches of b, step η",
    domain=Domain(
        (
            *(each for each in PASS if each.symbol not in (eta, K)),
            *(each for each in INSIDE if each.symbol in (l, u, phi, Y)),
            TRADE,
            *ROUND,
        )
    ),
    assumptions=(
        *nonconvex_subset.ONE_EPOCH,
        nonconvex_subset.below,
        *(each for each in DRIFT_ASSUMES if each is not order),
        rule,
        place,
        share,
    ),
    steps=(B5a, L5b, L5, L6, B7b, B8a, B8b, L7, L9, B1, L10, L11, L12, *COUNTS),
    also=("J", "z"),
    equivalent={"domain Δ: negative values let in": MEANINGLESS},
    conclusions={"bound": Conclusion("L12", "the mean over the K/R round starts of E|∇F|²")},
    rate="O(sqrt(R(1-ρ)/(Km))) in samples Km",
)
