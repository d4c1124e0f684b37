"""How far one pass over a random subset drifts from a full-gradient step: the part that its theorems share.

A pass makes P steps w_(j+1) = w_j - η ∇f_(B_j)(w_j) over the batches of a uniform order, from w_0 = w. With
G = ∇F(w) it ends at w - H(G + N + D), H = ηP: N is the mean deviation of the batches at w, D the mean of what
the drift changes, (1/P) Σ [∇f_(B_j)(w_j) - ∇f_(B_j)(w)]. Here E|D|² <= cG |G|² + x² cD σ²/(bP), x = ηLP < 1.

Letters: δ = |w_l - w| after l steps, S the sum of the first l batch deviations at w, a = |lG + S|, u = ηL;
W = Σ δ, X = Σ c a, Y = Σ c l, Z = Σ c a²/l, A0 = Σ c over the steps so far, weights c growing by 1 + u.
"""

from __future__ import annotations

from sympy import Integer

from softsample_theory.proofs.engine.algebra import Named, square, vector
from softsample_theory.proofs.engine.domain import Definition, Domain, Variable
from softsample_theory.proofs.engine.facts import Assumption, Sequence, counter
from softsample_theory.proofs.engine.steps import Expectation, Induction, Inequality
from softsample_theory.proofs.engine.theorem import Theorem
from softsample_theory.proofs.hypotheses import bounded_variance
from softsample_theory.proofs.notation import (
    BATCH,
    EPOCHS,
    GAP,
    GG,
    S2,
    SMOOTHNESS,
    VARIANCE,
    G,
    L,
    P,
    b,
    eta,
    m,
    n,
    sigma2,
    x,
)
from softsample_theory.proofs.sampling_rules import partial_sums, subset_mean

D, S = vector("D"), vector("S")
l, u, tau, phi, fpc = (
    Named("l"),
    Named("u"),
    Named("τ", r"\tau"),
    Named("φ", r"\varphi"),
    Named("fpc", r"\frac{n-m}{n-1}"),
)
delta, e, a = Named("δ", r"\delta"), Named("e"), Named("a")
W, X, Y, Z, A0 = Named("W"), Named("X"), Named("Y"), Named("Z"), Named("A0", "A_0")
EZ, ED2, Ea2, a2 = (
    Named("E Z", r"\mathbb{E}Z"),
    Named("E|D|²", r"\mathbb{E}\|D\|^2"),
    Named("E a²", r"\mathbb{E}a^2"),
    Named("a²", "a^2"),
)
H = eta * P

STEPS = Variable(P, "steps in an epoch: the batch divides the subset", low=1, whole=True, given=m / b)
PART = Variable(x, "x = ηLP < 1", low_open=True, high=Integer(1), high_open=True, given=eta * L * P)
PASS = (
    SMOOTHNESS,
    VARIANCE,
    GAP,
    BATCH,
    STEPS,
    Definition(m, b * P, "m, units in a subset", word="subset", whole=True),
    Variable(n, "n, units in all", low=m, whole=True, word="population"),
    Variable(fpc, "(n-m)/(n-1)", given=(n - m) / (n - 1), at_zero_over_zero=0.0),
    EPOCHS,
    PART,
    Definition(eta, x / (L * P), "η, the step size", word="step"),
)
"""The parameters of a run of passes, for the domain of a theorem."""

INSIDE = (
    Variable(l, "steps made in the pass", low=1, whole=True),
    Variable(u, "u = ηL, so that ul < 1", high=1 / l, high_open=True),
    Variable(phi, "(n-lb)/(n-1), 1 ≤ l < P", low_open=True, high=Integer(1)),
    Variable(tau, "any number"),
    Variable(delta, "|w_l - w|", pathwise=True),
    Variable(a, "|lG + S|", pathwise=True),
    Variable(W, "the sum of δ over the steps before", pathwise=True),
    Variable(X, "the weighted sum of a", pathwise=True),
    Variable(Z, "the weighted sum of a²/l", pathwise=True),
    Variable(Y, "the weighted sum of l"),
)
"""The quantities inside one pass."""

variance = bounded_variance(sigma2)
subset_draw, order = subset_mean(), partial_sums()
triangle = Assumption(
    "triangle",
    "norms obey the triangle inequality: w_l - w = -η(lG + S + drift terms)",
    r"\|w_l - w\| \leq \eta(\|lG + S\| + e)",
    lambda step, a, e, delta: step * (a + e) - delta,
)
lipschitz = Assumption(
    "unit smooth",
    "each batch gradient is L-Lipschitz, so the drift of the first l gradients adds at most L Σ δ",
    r"e \leq L\sum_{j<l}\|w_j - w\|",
    lambda W, e: L * W - e,
)
drift = Assumption(
    "mean drift",
    "D is the mean over the pass of changes of L-Lipschitz gradients, so |D| ≤ (L/l) Σ δ after l steps",
    r"\|D\|^2 \leq (L/l)^2 (\sum_{j<l}\|w_j-w\|)^2",
    lambda W, DD: (L / l) ** 2 * W**2 - DD,
)
norm = Assumption("a", "a² stands for |lG + S|²", r"a^2 = \|lG + S\|^2", lambda a2: square(l * G + S) - a2)

B2 = Inequality(
    name="B2",
    lhs=delta,
    rhs=u / L * (a + L * W),
    by=((1, triangle.at(u / L, a, e, delta)), (u / L, lipschitz.at(W, e))),
    why="The distance after l steps; only here and in D is the smoothness of single batches used.",
)
B3 = Induction(
    name="B3",
    lhs=W,
    rhs=u / L * X,
    sequences=(
        counter(l, start=1),
        Sequence(W, Integer(0), W + delta, "the sum of the distances before, from |w_0 - w| = 0"),
        Sequence(X, Integer(0), (1 + u) * X + a, "the weighted sum of the a before"),
    ),
    by=((1, B2.fact()),),
    keep=1 + u,
    why="Discrete Gronwall.",
)
weighted = (
    counter(l, start=1),
    Sequence(X, Integer(0), (1 + u) * X + a, "Σ c a"),
    Sequence(Y, Integer(0), (1 + u) * Y + l, "Σ c l"),
    Sequence(Z, Integer(0), (1 + u) * Z + a**2 / l, "Σ c a²/l"),
)
B4a = Induction(
    name="B4a",
    lhs=2 * tau * X,
    rhs=tau**2 * Y + Z,
    sequences=weighted,
    squares=((1 / l, tau * l - a),),
    keep=1 + u,
    why="Term by term, 2τca ≤ τ²cl + ca²/l.",
)
B4b = Induction(
    name="B4b",
    lhs=X**2,
    rhs=Y * Z,
    sequences=weighted,
    by=(((1 + u) * l, B4a.fact({tau: a / l})),),
    keep=(1 + u) ** 2,
    why="Cauchy and Schwarz, by induction.",
)
B5a = Inequality(name="B5a", lhs=a2, rhs=square(l * G + S), by=((1, norm.at(a2)),))
B5b = Expectation(
    name="B5b",
    lhs=Ea2,
    rhs=l**2 * GG + l * phi / b * S2,
    of=B5a.fact(),
    rules=(order.at(G, S, S2, phi, l, b),),
    expected={a2: Ea2},
    random=(S,),
    why="The subset and its order are drawn after w is known.",
)
B5 = Inequality(
    name="B5",
    lhs=Ea2,
    rhs=l**2 * GG + l / b * sigma2,
    by=((1, B5b.fact()), (l * phi / b, variance.at(S2))),
    slack=l / b * (1 - phi) * sigma2,
    why="φ ≤ 1: what is drawn without replacement spreads less.",
)
B6 = Induction(
    name="B6",
    lhs=EZ,
    rhs=Y * GG + A0 * sigma2 / b,
    sequences=(
        counter(l, start=1),
        Sequence(Y, Integer(0), (1 + u) * Y + l, "Σ c l"),
        Sequence(A0, Integer(0), (1 + u) * A0 + 1, "Σ c"),
        Sequence(EZ, Integer(0), (1 + u) * EZ + Ea2 / l, "the mean of Z", random=True),
    ),
    by=((1 / l, B5.fact()),),
    keep=1 + u,
)
B7a = Inequality(
    name="B7a",
    lhs=square(D),
    rhs=(u / l) ** 2 * Y * Z,
    by=(
        (1, drift.at(W, square(D))),
        ((L / l) ** 2 * (u / L * X + W), B3.fact()),
        ((u / l) ** 2, B4b.fact()),
    ),
    why="On every path.",
)
B7b = Expectation(
    name="B7b",
    lhs=ED2,
    rhs=(u / l) ** 2 * Y * EZ,
    of=B7a.fact(),
    rules=(),
    expected={square(D): ED2, Z: EZ},
    random=(D,),
)
B7 = Inequality(
    name="B7",
    lhs=ED2,
    rhs=(u / l) ** 2 * Y * (Y * GG + A0 * sigma2 / b),
    by=((1, B7b.fact()), ((u / l) ** 2 * Y, B6.fact())),
)
B8a = Induction(
    name="B8a",
    lhs=Y,
    rhs=l * (l - 1) / 2 / (1 - l * u / 3),
    sequences=(counter(l, start=1), Sequence(Y, Integer(0), (1 + u) * Y + l, "Σ c l")),
    keep=1 + u,
    slack=l * (l + 1) / 2 / (1 - (l + 1) * u / 3) - (1 + u) * l * (l - 1) / 2 / (1 - l * u / 3) - l,
    why="The slack is l u (4 + (l-3)(l+1)u/3) / (6 (1-(l+1)u/3)(1-lu/3)), nonnegative for ul < 1.",
)
B8b = Induction(
    name="B8b",
    lhs=A0,
    rhs=(l - 1) / (1 - l * u / 2),
    sequences=(counter(l, start=1), Sequence(A0, Integer(0), (1 + u) * A0 + 1, "Σ c")),
    keep=1 + u,
    slack=l / (1 - (l + 1) * u / 2) - (1 + u) * (l - 1) / (1 - l * u / 2) - 1,
)
cG = ((P - 1) / P) ** 2 * x**2 / (4 * (1 - x / 3) ** 2)
cD = ((P - 1) / P) ** 2 / (2 * (1 - x / 3) * (1 - x / 2))
_place = {l: P, u: x / P}
_kappa = (x / P**2) ** 2
_Y, _A0 = P * (P - 1) / 2 / (1 - x / 3), (P - 1) / (1 - x / 2)
B9 = Inequality(
    name="B9",
    lhs=ED2,
    rhs=cG * GG + x**2 * cD * sigma2 / (b * P),
    by=(
        (1, B7.fact(_place)),
        (_kappa * ((_Y + Y) * GG + _A0 * sigma2 / b), B8a.fact(_place)),
        (_kappa * Y * sigma2 / b, B8b.fact(_place)),
    ),
    why="The whole pass: l = P, u = x/P, with cG = q²x²/(4(1-x/3)²), cD = q²/(2(1-x/3)(1-x/2)), q = (P-1)/P.",
)

theorem = Theorem(
    name="pass-drift",
    title="The drift of one pass over a random subset",
    source="own derivation: discrete Gronwall, Cauchy-Schwarz, finite-population variance of partial sums",
    algorithm="one pass from w over a uniform m-subset in random order, batches of b, step η",
    domain=Domain((SMOOTHNESS, VARIANCE, BATCH, STEPS, PART, *INSIDE)),
    assumptions=(triangle, lipschitz, drift, norm, order, variance),
    steps=(B2, B3, B4a, B4b, B5a, B5b, B5, B6, B7a, B7b, B7, B8a, B8b, B9),
    also=("B9",),
    conclusions={},
    rate="E|D|² = O(η²)",
    equivalent={
        "domain τ: negative values let in": "B4a holds for every real τ; only τ = a/l ≥ 0 is used",
        "domain x: lower end let in": "x = 0 is no step at all, and no drift",
    },
)
DRIFT_ASSUMES = (triangle, lipschitz, drift, norm, order)
