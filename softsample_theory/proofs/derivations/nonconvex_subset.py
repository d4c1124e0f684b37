"""Theorem B: one pass an epoch over a fresh random subset, on a smooth loss that need not be convex.

With x = ηLP < 1 and w_k the starts of the epochs, the mean of E|∇F(w_k)|² over K epochs is at most
[2Δ/(ηPK) + (n-m)/(n-1) ηLσ²/(b(1-x)) + cD η²L²Pσ²/b] / (1 - cG). For small x this is Theorem A with the noise
multiplied by the finite-population factor (n-m)/(n-1), plus a drift of second order in η. A parameter k >= 0
trades the 1/(1-x) on the noise against the drift: 1 + x/(1-x+k), (1+k)cG, (1+k)cD.
"""

from __future__ import annotations

from sympy import Integer, Rational

from softsample_theory.proofs.derivations import pass_drift
from softsample_theory.proofs.derivations.pass_drift import (
    DRIFT_ASSUMES,
    ED2,
    PASS,
    D,
    cD,
    cG,
    fpc,
    subset_draw,
    variance,
)
from softsample_theory.proofs.engine.algebra import Named, inner, square, vector
from softsample_theory.proofs.engine.domain import Domain, Variable
from softsample_theory.proofs.engine.facts import counter, moving, running_sum
from softsample_theory.proofs.engine.lemma import cite
from softsample_theory.proofs.engine.steps import Expectation, Identity, Induction, Inequality
from softsample_theory.proofs.engine.theorem import Conclusion, Theorem
from softsample_theory.proofs.hypotheses import bounded_below, smooth
from softsample_theory.proofs.notation import (
    GG,
    S2,
    SEPARATE,
    SUM,
    Delta,
    EF_next,
    F,
    F_inf,
    F_next,
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

N = vector("N")
k, y = Named("k"), Named("y")
H = x / L
theta = x / (1 - x + k)
SMALL = Variable(
    y,
    "y = ηLP, for η ≤ 1/(4LP)",
    low_open=True,
    high=Rational(1, 4),
    given=eta * L * P,
)
TRADE = Variable(
    k,
    "drift taken for less noise; k < 3/4 keeps (1+k)cG < 1",
    high=Rational(3, 4),
    high_open=True,
    word="trade",
)
domain = Domain(
    (
        *PASS,
        Variable(t, "epochs made", whole=True),
        TRADE,
        SMALL,
    )
)
smoothness, below = smooth(L), bounded_below(F_inf)
ONE_EPOCH = (smoothness, variance, subset_draw)
"""What one epoch assumes, besides the drift of its pass."""

B0 = Identity(name="B0", lhs=eta * P, rhs=H, why="The step of an epoch, H = ηP.")
B1a = Inequality(
    name="B1a",
    lhs=F_next,
    rhs=F - H * inner(G, G + N + D) + L * H**2 / 2 * square(G + N + D),
    by=((1, smoothness.at(F, F_next, G, -H * (G + N + D))),),
    why="The descent inequality over the whole epoch: w⁺ = w - H(G + N + D), H = ηP = x/L.",
)
B1b = Inequality(
    name="B1b",
    lhs=F_next,
    rhs=F
    - H / 2 * GG
    + H / 2 * (1 + k) * square(D)
    + x * H / 2 * (1 + theta) * square(N)
    - H * (1 - x) * (1 + theta) * inner(G, N),
    by=((1, B1a.fact()),),
    squares=((H / 2 * (1 - x), G + D - theta * N), (H / 2 * k, D - theta * N)),
    why="Young's inequality on ⟨N, D⟩, which has no mean zero; with k = 0 the noise factor is 1/(1-x).",
)
B1 = Expectation(
    name="B1",
    lhs=EF_next,
    rhs=F - H / 2 * GG + H / 2 * (1 + k) * ED2 + x * H / 2 * (1 + theta) * fpc * S2 / m,
    of=B1b.fact(),
    rules=(subset_draw.at(G, N, S2, fpc, m),),
    expected={F_next: EF_next, square(D): ED2},
    random=(N, D),
    why="The subset is drawn after w is known: ⟨G, N⟩ has mean zero.",
)
noise = (1 + theta) * fpc * x * sigma2 / (b * P) + (1 + k) * cD * x**2 * sigma2 / (b * P)
B9 = cite(pass_drift.theorem, "B9", "B9", "The drift of a pass, with cG and cD as there.")
kept = 1 - (1 + k) * cG
B10 = Inequality(
    name="B10",
    lhs=EF_next,
    rhs=F - H / 2 * kept * GG + H / 2 * noise,
    by=((1, B1.fact()), (H / 2 * (1 + k), B9.fact()), (x * H / 2 * (1 + theta) * fpc / m, variance.at(S2))),
    why="One epoch: the noise is (1+θ)(n-m)/(n-1) ηLσ²/b + (1+k) cD η²L²Pσ²/b.",
)
B11 = Induction(
    name="B11",
    lhs=H / 2 * kept * SUM,
    rhs=F_inf + Delta - F + t * H / 2 * noise,
    sequences=(
        counter(t),
        running_sum(SUM, GG, "the sum of E|∇F|² over the epochs made"),
        moving(F, F_inf + Delta, EF_next, "the mean loss"),
    ),
    by=((1, B10.fact()),),
    why="The losses telescope over epochs.",
)
B12 = Inequality(
    name="B12",
    lhs=SUM / K,
    rhs=(2 * Delta / (H * K) + noise) / kept,
    by=((2 / (H * K * kept), B11.fact({t: K})), (2 / (H * K * kept), below.at(F))),
)
B13 = Inequality(
    name="B13",
    lhs=SUM / K,
    rhs=((2 * Delta / (H * K) + noise) / kept).xreplace({k: Integer(0)}),
    by=((1, B12.fact({k: 0})),),
    why="The member k = 0 of the family.",
)
B14 = Inequality(
    name="B14",
    lhs=SUM / K,
    rhs=Rational(968, 475) * Delta * L / (y * K)
    + Rational(1936, 1425) * fpc * y * sigma2 / (b * P)
    + Rational(2112, 3325) * y**2 * sigma2 / (b * P),
    by=((1, B13.fact({x: y})),),
    slack=Rational(968, 475) * Delta * L / (y * K)
    + Rational(1936, 1425) * fpc * y * sigma2 / (b * P)
    + Rational(2112, 3325) * y**2 * sigma2 / (b * P)
    - ((2 * Delta / (H * K) + noise) / kept).xreplace({k: Integer(0)}).xreplace({x: y}),
    why="The constants grow with x; at x = 1/4 and q = 1 they are about 2.04, 1.36, 0.64.",
)

theorem = Theorem(
    name="nonconvex-subset",
    title="Theorem B: non-convex, one pass an epoch over a fresh random subset",
    source="own derivation, replacing Theorem 1 of the SRS paper (Eq. 7)",
    algorithm="each epoch one pass over a uniform m-subset in random order, batches of b, step η",
    domain=domain,
    assumptions=(smoothness, variance, below, subset_draw, *DRIFT_ASSUMES),
    steps=(B0, B1a, B1b, B1, B9, B10, B11, B12, B13, B14),
    conclusions={
        "bound": Conclusion("B13", "the mean over the K epoch starts of E|∇F(w_k)|²"),
        "family": Conclusion("B12", "the same, with k for the trade of noise against drift"),
        "quarter": Conclusion("B14", "the same for η ≤ 1/(4LP), with constants"),
    },
    equivalent={
        "domain n: lower end - 1": SEPARATE,
    },
    also=("B0",),
    rate="O(sqrt((1-ρ)/(Km))) in samples Km; at ρ = 1, O(K^(-2/3))",
)
