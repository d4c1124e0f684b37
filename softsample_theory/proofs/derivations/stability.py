"""Uniform stability of SGD under every scheme, so a bound on the generalisation gap.

Two runs share their draws and differ in one unit of n. With δ = |w - w'|, each step obeys
δ⁺ <= cδ + (2ηG/b)h, where h counts how often that unit is in the batch: c = 1 if each loss is convex,
1 - ηγ if γ-strongly convex, 1 + ηβ else. Only E h = b/n is used, which every scheme shares: at a fixed number
of steps the bound does not know ρ, and cannot tell a fresh subset from a fixed one.
"""

from __future__ import annotations

from typing import Any

from sympy import Integer

from softsample_theory.proofs.derivations.nonconvex_iid import STEPS
from softsample_theory.proofs.derivations.pl_iid import COUNT
from softsample_theory.proofs.engine.algebra import Named, inner, square, vector
from softsample_theory.proofs.engine.domain import Definition, Domain, Variable
from softsample_theory.proofs.engine.facts import Assumption, counter, moving, power
from softsample_theory.proofs.engine.steps import Expectation, Induction, Inequality
from softsample_theory.proofs.engine.theorem import Conclusion, Theorem
from softsample_theory.proofs.hypotheses import convex, interpolation
from softsample_theory.proofs.notation import BATCH, COUNTED, EPOCHS, A, K, P, b, eta, m, n, t
from softsample_theory.proofs.sampling_rules import hits

beta, gamma, G0 = Named("β", r"\beta"), Named("γ", r"\gamma"), Named("G")
d, e, zero = vector("d"), vector("e"), 0 * vector("0")
delta, nu, h = Named("δ", r"\delta"), Named("ν", r"\nu"), Named("h")
delta_next, E_next, E_delta = (
    Named("δ⁺", r"\delta^+"),
    Named("E δ⁺", r"\mathbb{E}\delta^+"),
    Named("E δ", r"\mathbb{E}\delta"),
)
fu, fv, loss_gap = Named("f(u)"), Named("f(v)"), Named("ε", r"\varepsilon")
e_u, e_v = vector("e_u", r"\nabla f(u)"), vector("e_v", r"\nabla f(v)")
e = e_u - e_v

norm_d = Assumption(
    "distance", "δ = |u - v|, d = u - v", r"\delta = \|u-v\|", lambda delta: delta**2 - square(d)
)
norm_map = Assumption(
    "mapped",
    "ν is the distance after both make the same step: |d - ηe|, e = ∇f(u) - ∇f(v)",
    r"\nu = \|d - \eta e\|",
    lambda nu: square(d - eta * e) - nu**2,
)
perturbed = Assumption(
    "perturbed",
    "losses are G-Lipschitz: h copies of the differing unit in a batch move the runs 2ηGh/b apart at most",
    r"\delta^+ \leq \nu + \frac{2\eta G}{b}h",
    lambda delta_next, nu: nu + 2 * eta * G0 / b * h - delta_next,
)
lipschitz_loss = Assumption(
    "Lipschitz loss",
    "|f(w; z) - f(w'; z)| ≤ G|w - w'| for every z",
    r"\varepsilon \leq G\,\mathbb{E}\delta",
    lambda loss_gap, E_delta: G0 * E_delta - loss_gap,
)
rule = hits()

GRADIENT = Variable(G0, "G, the Lipschitz constant of each loss", word="lipschitz")
BETA = Variable(beta, "β, the smoothness of each loss", low_open=True, word="smoothness")
INSIDE = (
    Variable(delta, "|u - v|", pathwise=True),
    Variable(nu, "|d - ηe|, if positive", low_open=True, pathwise=True),
)
SIZES = (
    BATCH,
    STEPS,
    EPOCHS,
    Definition(m, b * P, "m, units an epoch", word="subset", whole=True),
    Variable(n, "n, units in all", low=Integer(1), whole=True, word="population"),
    Variable(t, "steps made", whole=True, given=K * m / b),
)
SOURCE = "after Hardt, Recht and Singer 2016; the recursion is linear in h, so no independence is needed"
ALGORITHM = "SGD with any scheme whose batches are uniform in the mean; both runs use the same indices"


def contraction(label: str, factor: Any, by: Any, squares: Any, why: str) -> Inequality:
    """Return the step that bounds |d - ηe|² by (factor |d|)²."""
    return Inequality(
        name=label,
        lhs=square(d - eta * e),
        rhs=factor**2 * square(d),
        by=by,
        squares=squares,
        why=why,
    )


def recursion(one: Inequality, factor: Any, solution: Any, sequences: Any) -> tuple[Any, ...]:
    """Return the steps from the contraction of one map to the stability of the whole run."""
    S2_ = Inequality(
        name="S2",
        lhs=nu,
        rhs=factor * delta,
        by=(
            (1 / (factor * delta + nu), norm_map.at(nu)),
            (1 / (factor * delta + nu), one.fact()),
            (factor**2 / (factor * delta + nu), norm_d.at(delta)),
        ),
        why="The root of the squares.",
    )
    S3 = Inequality(
        name="S3",
        lhs=delta_next,
        rhs=factor * delta + 2 * eta * G0 / b * h,
        by=((1, perturbed.at(delta_next, nu)), (1, S2_.fact())),
    )
    S4 = Expectation(
        name="S4",
        lhs=E_next,
        rhs=factor * E_delta + 2 * eta * G0 / n,
        of=S3.fact(),
        rules=(rule.at(h, b, n),),
        expected={delta_next: E_next, delta: E_delta},
    )
    S5 = Induction(
        name="S5",
        lhs=E_delta,
        rhs=solution,
        sequences=(
            counter(t),
            *sequences,
            moving(E_delta, Integer(0), E_next, "the mean distance, from δ_0 = 0"),
        ),
        by=((1, S4.fact()),),
        keep=factor,
        why="The linear recursion solved.",
    )
    S6 = Inequality(
        name="S6",
        lhs=loss_gap,
        rhs=G0 * solution,
        by=((1, lipschitz_loss.at(loss_gap, E_delta)), (G0, S5.fact())),
        why="Uniform stability; the expected generalisation gap is at most ε.",
    )
    return S2_, S3, S4, S5, S6


def statement(
    name: str,
    title: str,
    assumption: Assumption,
    ranges: Any,
    steps: Any,
    sequences: Any,
    rate: str,
    equal: Any,
) -> Theorem:
    """Return the theorem made of these steps."""
    return Theorem(
        name=name,
        title=title,
        source=SOURCE,
        algorithm=ALGORITHM,
        domain=Domain((GRADIENT, BETA, *ranges, *SIZES, *INSIDE)),
        assumptions=(assumption, norm_d, norm_map, perturbed, rule, lipschitz_loss),
        steps=(*steps, COUNT),
        conclusions={"bound": Conclusion("S6", "the expected gap between test and training loss", sequences)},
        also=("T",),
        equivalent={
            "domain P: lower end - 1": COUNTED,
            "domain K: lower end - 1": COUNTED,
            **equal,
        },
        rate=rate,
    )


convexity = convex(beta)
S0 = Inequality(
    name="S0",
    lhs=square(e) / beta,
    rhs=inner(e, d),
    by=((1, convexity.at(fu, fv, e_u, e_v, -d)), (1, convexity.at(fv, fu, e_v, e_u, d))),
    why="Co-coercivity.",
)
S1_convex = contraction(
    "S1",
    Integer(1),
    ((2 * eta, S0.fact()),),
    ((eta * (2 / beta - eta), e),),
    "A gradient step with η ≤ 2/β does not move two points apart.",
)
theorem = statement(
    "stability-convex",
    "Generalisation by stability, convex losses",
    convexity,
    (Variable(eta, "η, the step size", low_open=True, high=2 / beta, word="step"),),
    (S0, S1_convex, *recursion(S1_convex, Integer(1), 2 * eta * G0 / n * t, ())),
    (counter(t),),
    "2G²ηT/n = 2G²ηρK/b",
    {},
)

strongly = interpolation(gamma, beta)
S0_strong = Inequality(
    name="S0",
    lhs=gamma * beta / (gamma + beta) * square(d) + square(e) / (gamma + beta),
    rhs=inner(e, d),
    by=(
        ((beta - gamma) / (beta + gamma), strongly.at(fu, fv, e_u, e_v, -d)),
        ((beta - gamma) / (beta + gamma), strongly.at(fv, fu, e_v, e_u, d)),
    ),
    why="Interpolation between u and v, both ways.",
)
shrink = 1 - eta * gamma
S1_strong = contraction(
    "S1",
    shrink,
    ((2 * eta * (beta + gamma) * shrink / (beta - gamma), S0_strong.fact()),),
    ((eta * (2 - eta * (beta + gamma)) / (beta - gamma), e - gamma * d),),
    "A gradient step with η ≤ 2/(β+γ) contracts.",
)
shrinking = power(A, shrink, t)
strongly_convex = statement(
    "stability-strongly-convex",
    "Generalisation by stability, strongly convex losses",
    strongly,
    (
        Variable(
            gamma, "γ, the strong convexity", low_open=True, high=beta, high_open=True, word="curvature"
        ),
        Variable(
            eta, "η, the step size", low_open=True, high=2 / (beta + gamma), high_open=True, word="step"
        ),
    ),
    (S0_strong, S1_strong, *recursion(S1_strong, shrink, 2 * G0 / (n * gamma) * (1 - A), (shrinking,))),
    (shrinking,),
    "at most 2G²/(γn), whatever ρ and K",
    {"domain η: lower end let in": "η = 0 moves nothing"},
)

smooth_units = Assumption(
    "smooth units",
    "the gradient of each loss is β-Lipschitz",
    r"\|\nabla f(u)-\nabla f(v)\| \leq \beta\|u-v\|",
    lambda: beta**2 * square(d) - square(e),
)
grow = 1 + eta * beta
S1_any = contraction(
    "S1",
    grow,
    ((eta / beta + eta**2, smooth_units.at()),),
    ((eta / beta, e + beta * d),),
    "Without convexity a step may move two points apart, by 1 + ηβ.",
)
growing = power(A, grow, t)
nonconvex = statement(
    "stability-nonconvex",
    "Generalisation by stability, losses that need not be convex",
    smooth_units,
    (Variable(eta, "η, the step size", low_open=True, word="step"),),
    (S1_any, *recursion(S1_any, grow, 2 * G0 / (n * beta) * (A - 1), (growing,))),
    (growing,),
    "2G²((1+ηβ)^T - 1)/(nβ)",
    {"domain η: lower end let in": "η = 0 moves nothing"},
)
