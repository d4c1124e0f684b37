"""Heavy-ball momentum with independent draws on a smooth loss that need not be convex.

w⁺ = w + βm - ηg with m = w - w_before, h = η/(1-β). For η <= (1-β)²/(2L) the mean of E|∇F|² over T steps is
at most 4Δ/(hT) + (2Lh + 2h²L²β²/(1-β)) σ²/b. The point z = w + βm/(1-β) makes plain steps, z⁺ = z - hg.
"""

from __future__ import annotations

from sympy import Integer

from softsample_theory.proofs.derivations.nonconvex_iid import DRAWS, STEPS
from softsample_theory.proofs.derivations.pl_iid import COUNT
from softsample_theory.proofs.engine.algebra import Named, inner, square, vector
from softsample_theory.proofs.engine.domain import Definition, Domain, Variable
from softsample_theory.proofs.engine.facts import Assumption, counter, moving, running_sum
from softsample_theory.proofs.engine.steps import Expectation, Induction, Inequality
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
    F_inf,
    G,
    K,
    L,
    P,
    T,
    b,
    eta,
    g,
    sigma2,
    t,
)
from softsample_theory.proofs.sampling_rules import iid_batch

beta, V = Named("β", r"\beta"), Named("V")
mom, Gz = vector("m", "m"), vector("∇F(z)", r"\nabla F(z)")
M2_next, EM2_next = Named("|m⁺|²", r"\|m^+\|^2"), Named("E|m⁺|²", r"\mathbb{E}\|m^+\|^2")
Fz, Fz_next = Named("F(z)"), Named("F(z⁺)", "F(z^+)")
EFz_next = Named("E F(z⁺)", r"\mathbb{E}F(z^+)")
h, r = eta / (1 - beta), beta / (1 - beta)
X = L * h
c = h * L**2 * beta**2 / (2 * (1 - beta) ** 3)
smoothness, variance, below, draws = (
    smooth(L),
    bounded_variance(sigma2),
    bounded_below(F_inf),
    iid_batch(),
)
lipschitz = Assumption(
    "Lipschitz",
    "the gradient of F is L-Lipschitz, between w and z = w + βm/(1-β)",
    r"\|\nabla F(z) - \nabla F(w)\| \leq L\frac{\beta}{1-\beta}\|m\|",
    lambda: L**2 * r**2 * square(mom) - square(Gz - G),
)
moved = Assumption(
    "step", "m⁺ = βm - ηg", r"m^+ = \beta m - \eta g", lambda M2: square(beta * mom - eta * g) - M2
)

M1 = Inequality(
    name="M1",
    lhs=Fz_next + c * M2_next,
    rhs=Fz - h * inner(Gz, g) + L * h**2 / 2 * square(g) + c * square(beta * mom - eta * g),
    by=((1, smoothness.at(Fz, Fz_next, Gz, -h * g)), (c, moved.at(M2_next))),
    why="The descent inequality along z⁺ = z - hg, and the momentum's recursion.",
)
M2 = Expectation(
    name="M2",
    lhs=EFz_next + c * EM2_next,
    rhs=Fz
    - h * inner(Gz, G)
    + (L * h**2 / 2 + c * eta**2) * (square(G) + S2 / b)
    + c * (beta**2 * square(mom) - 2 * beta * eta * inner(G, mom)),
    of=M1.fact(),
    rules=(draws.at((Gz, mom), G, g, S2, b),),
    expected={Fz_next: EFz_next, M2_next: EM2_next},
    random=(g,),
)
per_step = L * h**2 / 2 + h**3 * L**2 * beta**2 / (2 * (1 - beta))
M3 = Inequality(
    name="M3",
    lhs=EFz_next + c * EM2_next,
    rhs=Fz + c * square(mom) - h / 2 * (1 - X - X**2 * r**2) * square(G) + per_step * sigma2 / b,
    by=(
        (1, M2.fact()),
        (h / 2, lipschitz.at()),
        (per_step / b, variance.at(S2)),
    ),
    squares=((h / 2, Gz), (c * beta * (1 - beta), mom + h * G)),
    why="The Lyapunov function F(z) + c|m|², c = hL²β²/(2(1-β)³).",
)
M4 = Inequality(
    name="M4",
    lhs=EFz_next + c * EM2_next,
    rhs=Fz + c * square(mom) - h / 4 * square(G) + per_step * sigma2 / b,
    by=((1, M3.fact()),),
    squares=((h / 2 * (1 - X - X**2 * r**2) - h / 4, G),),
    why="η ≤ (1-β)²/(2L) gives 1 - X - X²r² ≥ 1/2, with X = Lh and r = β/(1-β).",
)
M5 = Induction(
    name="M5",
    lhs=h / 4 * SUM,
    rhs=F_inf + Delta - Fz - c * square(mom) + t * per_step * sigma2 / b,
    sequences=(
        counter(t),
        running_sum(SUM, GG, "the sum of E|∇F|² over the steps made"),
        moving(Fz, F_inf + Delta, EFz_next, "the mean loss at z, from z_0 = w_0"),
        moving(square(mom), Integer(0), EM2_next, "the mean of |m|², from m_0 = 0"),
    ),
    by=((1, M4.fact()),),
)
M6 = Inequality(
    name="M6",
    lhs=SUM / T,
    rhs=4 * Delta / (h * T) + (2 * L * h + 2 * h**2 * L**2 * beta**2 / (1 - beta)) * sigma2 / b,
    by=((4 / (h * T), M5.fact({t: T})), (4 / (h * T), below.at(Fz))),
    squares=((4 * c / (h * T), mom),),
)

theorem = Theorem(
    name="momentum-iid",
    title="Non-convex SGD with heavy-ball momentum and independent draws",
    source="own Lyapunov function, after Liu, Gao and Yin 2020",
    algorithm="w⁺ = w + βm - ηg, m⁺ = w⁺ - w, m_0 = 0, g the mean of b unit gradients drawn independently",
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
            Variable(beta, "β, the momentum", high=Integer(1), high_open=True, word="momentum"),
            Variable(eta, "η, the step size", low_open=True, high=(1 - beta) ** 2 / (2 * L), word="step"),
            Variable(t, "steps made", whole=True),
        )
    ),
    assumptions=(smoothness, variance, below, draws, lipschitz, moved),
    steps=(M1, M2, M3, M4, M5, M6, COUNT),
    also=("T",),
    conclusions={"bound": Conclusion("M6", "the mean over the T = Km/b iterates of E|∇F(w)|²")},
    equivalent={
        "domain σ²: negative values let in": MEANINGLESS,
        "domain Δ: negative values let in": MEANINGLESS,
    },
    rate="O(1/sqrt(Km)) in samples Km",
)
