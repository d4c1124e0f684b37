"""SGD with independent draws on a strongly convex loss: linear convergence in distance, exactly tight.

For η <= 2/(L+μ), E|w_T - w*|² <= (1-ημ)^(2T) |w_0 - w*|² + (1 - (1-ημ)^(2T)) ησ²/(bμ(2-ημ)). Both terms are
attained, by the quadratic (μ/2)|w|² with additive noise.
"""

from __future__ import annotations

from softsample_theory.proofs.derivations.nonconvex_iid import DRAWS, STEPS
from softsample_theory.proofs.derivations.pl_iid import COUNT, TIME
from softsample_theory.proofs.engine.algebra import Named, inner, square, vector
from softsample_theory.proofs.engine.domain import Domain, Variable
from softsample_theory.proofs.engine.facts import Assumption, counter, moving, power
from softsample_theory.proofs.engine.steps import Expectation, Induction, Inequality
from softsample_theory.proofs.engine.theorem import Conclusion, Theorem
from softsample_theory.proofs.hypotheses import bounded_variance, interpolation
from softsample_theory.proofs.notation import (
    BATCH,
    COUNTED,
    EPOCHS,
    MEANINGLESS,
    S2,
    SMOOTHNESS,
    VARIANCE,
    A,
    F,
    G,
    L,
    b,
    eta,
    g,
    mu,
    sigma2,
    t,
)
from softsample_theory.proofs.sampling_rules import iid_batch

dist2 = Named("|w_0-w*|²", r"\|w_0-w^*\|^2")
F_star = Named("F(w*)", "F(w^*)")
D2_next, ED2_next = Named("|d⁺|²", r"\|d^+\|^2"), Named("E|d⁺|²", r"\mathbb{E}\|d^+\|^2")
d, zero = vector("d"), 0 * vector("0")
dd = square(d)
CURVATURE = Variable(mu, "μ, the strong convexity", low_open=True, high=L, high_open=True, word="curvature")
STEP = Variable(eta, "η, the step size", low_open=True, high=2 / (L + mu), word="step")
START = Variable(dist2, "|w_0 - w*|², the squared distance at the start", word="distance2")
strongly, variance, draws = interpolation(mu, L), bounded_variance(sigma2), iid_batch()
moved = Assumption(
    "step", "d⁺ = d - ηg, with d = w - w*", r"d^+ = d - \eta g", lambda D2: square(d - eta * g) - D2
)

C0 = Inequality(
    name="C0",
    lhs=mu * L / (mu + L) * dd + square(G) / (mu + L),
    rhs=inner(G, d),
    by=(
        ((L - mu) / (L + mu), strongly.at(F, F_star, G, zero, -d)),
        ((L - mu) / (L + mu), strongly.at(F_star, F, zero, G, d)),
    ),
    why="Interpolation between w and w*, where the gradient is zero, both ways; d = w - w*.",
)
C1 = Inequality(
    name="C1",
    lhs=D2_next,
    rhs=square(d - eta * g),
    by=((1, moved.at(D2_next)),),
    why="One step: d⁺ = d - ηg.",
)
C2 = Expectation(
    name="C2",
    lhs=ED2_next,
    rhs=dd - 2 * eta * inner(G, d) + eta**2 * (square(G) + S2 / b),
    of=C1.fact(),
    rules=(draws.at((d,), G, g, S2, b),),
    expected={D2_next: ED2_next},
    random=(g,),
)
C3 = Inequality(
    name="C3",
    lhs=ED2_next,
    rhs=(1 - eta * mu) ** 2 * dd + eta**2 * sigma2 / b,
    by=(
        (1, C2.fact()),
        (eta**2 / b, variance.at(S2)),
        (2 * eta * (L + mu) * (1 - eta * mu) / (L - mu), C0.fact()),
    ),
    squares=((eta * (2 - eta * (L + mu)) / (L - mu), G - mu * d),),
    why="1 - ημ = μ(2/(L+μ) - η) + (L-μ)/(L+μ) ≥ 0.",
)
powers = power(A, (1 - eta * mu) ** 2, t)
floor = eta * sigma2 / (b * mu * (2 - eta * mu))
C4 = Induction(
    name="C4",
    lhs=dd,
    rhs=A * dist2 + (1 - A) * floor,
    sequences=(counter(t), powers, moving(dd, dist2, ED2_next, "the mean squared distance")),
    by=((1, C3.fact()),),
    keep=(1 - eta * mu) ** 2,
)

theorem = Theorem(
    name="strongly-convex-iid",
    title="Strongly convex SGD with independent draws, in distance",
    source="textbook recursion with the sharp interpolation inequalities (Taylor, Hendrickx, Glineur 2017)",
    algorithm="w⁺ = w - ηg, g the mean of b unit gradients drawn independently",
    domain=Domain((SMOOTHNESS, VARIANCE, CURVATURE, BATCH, STEPS, DRAWS, EPOCHS, STEP, START, TIME)),
    assumptions=(strongly, variance, draws, moved),
    steps=(C0, C1, C2, C3, C4, COUNT),
    conclusions={"bound": Conclusion("C4", "E|w_T - w*|² after T = Km/b steps", (powers,))},
    also=("T",),
    equivalent={
        "domain σ²: negative values let in": MEANINGLESS,
        "domain |w_0-w*|²: negative values let in": MEANINGLESS,
        "domain P: lower end - 1": COUNTED,
        "domain K: lower end - 1": COUNTED,
    },
    rate="linear to the floor ησ²/(bμ(2-ημ))",
)
