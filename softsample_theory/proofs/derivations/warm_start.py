"""A warm start: W epochs over all the data before the subsets begin.

A full epoch has no subset noise, only drift: E F(w_W) <= F(w_0) + W (H_n/2) c_D x_n² σ²/n, x_n = ηLn/b < 1.
Then Theorem B holds for the subset epochs with Δ raised by that much. What is not claimed: that a warm start
helps at equal compute. For that one would have to know how far the loss falls.
"""

from __future__ import annotations

from sympy import Integer

from softsample_theory.proofs.derivations import nonconvex_subset
from softsample_theory.proofs.derivations.nonconvex_subset import TRADE, k, kept, noise
from softsample_theory.proofs.derivations.pass_drift import DRIFT_ASSUMES, PASS, fpc
from softsample_theory.proofs.engine.algebra import Named
from softsample_theory.proofs.engine.domain import Domain, Variable
from softsample_theory.proofs.engine.facts import counter, moving
from softsample_theory.proofs.engine.lemma import cite
from softsample_theory.proofs.engine.steps import Induction, Inequality
from softsample_theory.proofs.engine.theorem import Conclusion, Theorem
from softsample_theory.proofs.notation import Delta, EF_next, F, F_inf, G, L, P, b, eta, n, t, x

W, full_steps, x_full, risen = Named("W"), Named("P_n"), Named("x_n"), Named("Δ_W", r"\Delta_W")
full = {P: full_steps, x: x_full, n: b * full_steps, fpc: Integer(0), k: Integer(0)}
H = x / L

W0 = cite(nonconvex_subset.theorem, "B10", "B10", "One epoch of Theorem B.")
W1 = Induction(
    name="W1",
    lhs=F,
    rhs=F_inf + Delta + t * (H / 2 * noise).xreplace(full),
    sequences=(counter(t), moving(F, F_inf + Delta, EF_next, "the mean loss in the full epochs")),
    by=((1, W0.fact(full)),),
    squares=(((H / 2 * kept).xreplace(full), G),),
    why="Full epochs: m = n, no subset noise.",
)
rise = W * (H / 2 * noise).xreplace(full)
W2 = Inequality(
    name="W2",
    lhs=F - F_inf,
    rhs=Delta + rise,
    by=((1, W1.fact({t: W})),),
    why="The gap at the end of the warm epochs: Theorem B starts from here.",
)
B13 = cite(nonconvex_subset.theorem, "B13", "B13", "Theorem B.")
W3 = Inequality(
    name="W3",
    lhs=B13.lhs,
    rhs=B13.rhs.xreplace({Delta: Delta + rise}),
    by=((1, B13.fact({Delta: Delta + rise})),),
    why="Theorem B with the gap of W2 at its start.",
)

theorem = Theorem(
    name="warm-start",
    title="Theorem B after a warm start of W full epochs",
    source="own derivation",
    algorithm="W passes over all n units, then one pass an epoch over a fresh m-subset; batches of b, step η",
    domain=Domain(
        (
            *PASS,
            TRADE,
            Variable(
                full_steps, "steps in a full epoch: the batch divides n", low=1, whole=True, given=n / b
            ),
            Variable(
                x_full, "ηLn/b < 1", low_open=True, high=Integer(1), high_open=True, given=eta * L * n / b
            ),
            Variable(W, "W, warm epochs", whole=True, word="warm_epochs"),
            Variable(t, "epochs made", whole=True),
        )
    ),
    assumptions=(*nonconvex_subset.ONE_EPOCH, nonconvex_subset.below, *DRIFT_ASSUMES),
    steps=(W0, W1, W2, B13, W3),
    conclusions={"bound": Conclusion("W3", "the mean of E|∇F|² over the starts of the K subset epochs")},
    also=("W2",),
    rate="that of Theorem B, with a larger gap",
)
