"""Generalisation of non-convex SGD with a burn-in, for steps η_t = c/t and fresh subsets.

Either the differing unit is hit in the first k_0 epochs, with probability 1 - (1-m/n)^(k_0): exactly the
coverage of one unit. Or the runs agree until t_0 = k_0 m/b, and after it E δ obeys the non-convex recursion.
With Q = βc: ε <= 1 - (1-m/n)^(k_0) + (2G²/(nβ)) ((T/t_0)^Q - 1), for losses in [0, 1].
"""

from __future__ import annotations

from sympy import Integer

from softsample_theory.proofs.derivations import stability
from softsample_theory.proofs.derivations.stability import BETA, G0, GRADIENT, E_delta, E_next, beta
from softsample_theory.proofs.engine.algebra import Named
from softsample_theory.proofs.engine.domain import Domain, Variable
from softsample_theory.proofs.engine.facts import Assumption, Sequence, moving
from softsample_theory.proofs.engine.lemma import cite
from softsample_theory.proofs.engine.steps import Identity, Induction, Inequality
from softsample_theory.proofs.engine.theorem import Conclusion, Theorem
from softsample_theory.proofs.notation import COUNTED, MEANINGLESS, K, P, b, eta, m, n, t

c, s, ratio, k0 = Named("c"), Named("s"), Named("r_s"), Named("k_0")
R, V, t0, missed = Named("R"), Named("V"), Named("t_0"), Named("(1-m/n)^k0", r"(1-m/n)^{k_0}")
split = Named("ε", r"\varepsilon")
Q = beta * c

bernoulli = Assumption(
    "Bernoulli",
    "((s+1)/s)^Q ≥ 1 + Q/(s+1) for Q ≥ 0, s ≥ 1 (Bernoulli's inequality, on either side of Q = 1)",
    r"(\frac{s+1}{s})^Q \geq 1 + \frac{Q}{s+1}",
    lambda ratio: ratio - 1 - Q / (s + 1),
)
conditioned = Assumption(
    "burn-in",
    "losses lie in [0, 1], and the runs agree until the differing unit is hit: ε ≤ P(hit before t_0) + G E δ",
    r"\varepsilon \leq 1 - (1-m/n)^{k_0} + G\,\mathbb{E}[\delta_T \mid \text{no hit}]".replace(
        r"\text{no hit}", r"\mathrm{no\,hit}"
    ),
    lambda split: 1 - missed + G0 * E_delta - split,
)
H0 = cite(stability.nonconvex, "S4", "S4", "One step of the non-convex recursion, for any η.")
H1 = Induction(
    name="H1",
    lhs=E_delta,
    rhs=2 * G0 / (n * beta) * (R - 1),
    sequences=(
        Sequence(R, Integer(1), (1 + Q / (s + 1)) * R, "the product of 1 + Q/s over the steps after t_0"),
        moving(E_delta, Integer(0), E_next, "the mean distance, zero at t_0"),
    ),
    by=((1, H0.fact({eta: c / (s + 1)})),),
    keep=1 + Q / (s + 1),
    why="(1+Q/s)(R-1) + Q/s = (1+Q/s)R - 1. After a whole number of epochs E h is still b/n.",
)
H2 = Induction(
    name="H2",
    lhs=R,
    rhs=V,
    sequences=(
        Sequence(R, Integer(1), (1 + Q / (s + 1)) * R, "the product"),
        Sequence(V, Integer(1), ratio * V, "(s/t_0)^Q"),
    ),
    by=((V, bernoulli.at(ratio)),),
    keep=1 + Q / (s + 1),
)
H3 = Inequality(
    name="H3",
    lhs=split,
    rhs=1 - missed + 2 * G0**2 / (n * beta) * (V - 1),
    by=((1, conditioned.at(split)), (G0, H1.fact()), (2 * G0**2 / (n * beta), H2.fact())),
    why="The first term is exactly the probability that one unit is covered in k_0 epochs.",
)

COUNT = Identity(name="P", lhs=m / b, rhs=P, why="The number of steps in an epoch.")

theorem = Theorem(
    name="stability-burn-in",
    title="Generalisation by stability with a burn-in, non-convex losses and fresh subsets",
    source="after Hardt, Recht and Singer 2016; the burn-in ends with an epoch, so later hits stay b/n",
    algorithm="SGD with steps η_t = c/t over a fresh m-subset each epoch; t_0 = k_0 m/b",
    domain=Domain(
        (
            GRADIENT,
            BETA,
            Variable(c, "c, with η_t = c/t", low_open=True, word="step_constant"),
            *(item for item in stability.SIZES if item.symbol != t),
            Variable(k0, "k_0, epochs of burn-in", low=1, whole=True, word="burn_in"),
            Variable(s, "steps made", low=1, whole=True),
            Variable(ratio, "((s+1)/s)^Q ≥ 1", low=Integer(1)),
            Variable(eta, "η, the step size", low_open=True, word="step"),
            Variable(missed, "the chance that k_0 epochs miss a unit", given=(1 - m / n) ** k0),
            Variable(
                V, "(K/k_0)^Q: the burn-in ends before the run does", low=Integer(1), given=(K / k0) ** Q
            ),
        )
    ),
    assumptions=(
        *(each for each in stability.nonconvex.assumptions if each is not stability.lipschitz_loss),
        bernoulli,
        conditioned,
    ),
    steps=(H0, H1, H2, H3, COUNT),
    also=("P",),
    equivalent={
        "domain b: lower end - 1": COUNTED,
        "domain P: lower end - 1": COUNTED,
        "domain K: lower end - 1": COUNTED,
        "domain k_0: lower end - 1": COUNTED,
        "domain s: lower end - 1": "the range in which Bernoulli's inequality is assumed",
        "domain V: lower end x 9/10": "V ≥ 1 only keeps the burn-in within the run",
        "domain (1-m/n)^k0: negative values let in": MEANINGLESS,
    },
    conclusions={"bound": Conclusion("H3", "the expected gap between test and training loss")},
    rate="O((ρnK)^(Q/(Q+1))/n) for the best k_0",
)
