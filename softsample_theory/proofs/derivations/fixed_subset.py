"""The fixed subset: training on one subset for ever ends where the full gradient need not vanish.

At any stationary point of the subset's loss, |∇F|² <= (n-m)/m σ², whatever the subset. For quadratics
f_i = (a/2)|w - x_i|² with points of variance s² the mean over random subsets is a²s²(n-m)/(m(n-1)) exactly:
the floor is real and does not depend on the number of epochs. Theorem B with n = m says how fast one
gets there.
"""

from __future__ import annotations

from softsample_theory.proofs.derivations.pass_drift import fpc
from softsample_theory.proofs.engine.algebra import Named, square, vector
from softsample_theory.proofs.engine.domain import Domain, Variable
from softsample_theory.proofs.engine.facts import Assumption
from softsample_theory.proofs.engine.steps import Expectation, Inequality
from softsample_theory.proofs.engine.theorem import Conclusion, Theorem
from softsample_theory.proofs.hypotheses import bounded_variance
from softsample_theory.proofs.notation import MEANINGLESS, S2, VARIANCE, m, n, sigma2
from softsample_theory.proofs.sampling_rules import subset_mean

R, N = vector("R"), vector("N")
V2, R2 = Named("V²", r"V^2"), Named("R²", r"R^2")
s2, a = Named("s²", "s^2"), Named("a")
G2, EG2 = (
    Named("|∇F(w_V)|²", r"\|\nabla F(w_V)\|^2"),
    Named("E|∇F(w_V)|²", r"\mathbb{E}\|\nabla F(w_V)\|^2"),
)
out = (n - m) / m * R
variance, draw = bounded_variance(sigma2), subset_mean()
stationary = Assumption(
    "stationary",
    "w_V is stationary for the subset's loss: ∇F(w_V) = -N; the rest's mean deviation is R = -m/(n-m) N",
    r"\nabla F(w_V) = -N = \frac{n-m}{m}R",
    lambda G2, N: square(N) - G2,
)
attained = Assumption(
    "equality",
    "the same, the other way round",
    r"\|N\|^2 = \|\nabla F(w_V)\|^2",
    lambda G2, N: G2 - square(N),
)
spread = Assumption(
    "mean of squares",
    "a mean of squares is at least the square of the mean",
    r"V^2 \geq \|N\|^2,\quad R^2 \geq \|R\|^2",
    lambda mean_square, mean: mean_square - square(mean),
)
total = Assumption(
    "total",
    "the n squared deviations are those of the subset, with mean V², and of the rest, with mean R²",
    r"S^2 = \frac{m}{n}V^2 + \frac{n-m}{n}R^2",
    lambda S2: S2 - m / n * V2 - (n - m) / n * R2,
)

F1 = Inequality(
    name="F1",
    lhs=G2,
    rhs=(n - m) / m * sigma2,
    by=(
        (1, stationary.at(G2, out)),
        ((n - m) / m, variance.at(S2)),
        ((n - m) / m, total.at(S2)),
        ((n - m) / n, spread.at(V2, out)),
        ((n - m) ** 2 / (n * m), spread.at(R2, R)),
    ),
    why="Total variance is at least that between the subset and the rest.",
)
F2 = Inequality(name="F2", lhs=G2, rhs=square(N), by=((1, stationary.at(G2, N)),))
F3 = Expectation(
    name="F3",
    lhs=EG2,
    rhs=a**2 * s2 * fpc / m,
    of=F2.fact(),
    rules=(draw.at(N, N, a**2 * s2, fpc, m),),
    expected={G2: EG2},
    random=(N,),
    why="For quadratics the deviations a(x̄ - x_i) are the same everywhere.",
)
F4 = Inequality(name="F4", lhs=square(N), rhs=G2, by=((1, attained.at(G2, N)),))
F5 = Expectation(
    name="F5",
    lhs=a**2 * s2 * fpc / m,
    rhs=EG2,
    of=F4.fact(),
    rules=(draw.at(N, N, a**2 * s2, fpc, m),),
    expected={G2: EG2},
    random=(N,),
    why="Equality: the floor is attained.",
)

theorem = Theorem(
    name="fixed-subset",
    title="The fixed subset: its floor",
    source="own derivation; variance decomposition and the finite-population variance of a mean",
    algorithm="any method that reaches a stationary point w_V of the loss over one fixed m-subset",
    domain=Domain(
        (
            VARIANCE,
            Variable(m, "m, units in the subset", low=1, whole=True, word="subset"),
            Variable(n, "n, units in all", low=m, whole=True, word="population"),
            Variable(fpc, "(n-m)/(n-1)", given=(n - m) / (n - 1), at_zero_over_zero=0.0),
            Variable(a, "a, the curvature of the quadratics", word="curvature"),
            Variable(s2, "s², the variance of the points x_i", word="spread"),
        )
    ),
    assumptions=(variance, stationary, attained, spread, total, draw),
    steps=(F1, F2, F3, F4, F5),
    conclusions={
        "bound": Conclusion("F1", "|∇F(w_V)|² at a stationary point of the subset's loss, for every subset"),
        "quadratic": Conclusion("F3", "E|∇F(w_V)|² for quadratics (an equality)"),
    },
    also=("F5",),
    equivalent={
        **{f"domain {name}: negative values let in": MEANINGLESS for name in ("σ²", "a", "s²")},
        "domain fpc: negative values let in": "no step divides by it or bounds it",
    },
    rate="a floor: constant in K",
    tightness="attained in the mean by quadratics at m = 1 up to the factor (n-1), exactly for `quadratic`",
)
