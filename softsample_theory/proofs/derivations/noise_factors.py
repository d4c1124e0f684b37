"""Total variance, and the noise of one epoch of m units under three readings of "SGD on the subset".

Relative to S²/m, the variance of m independent draws, the mean of an epoch's m gradients at one point has
variance (n-m)/(n-1) if the subset is passed over once, 1 if the m units are drawn independently from all, and
(n-m)/(n-1) + n(m-1)/((n-1)m) if they are drawn independently from the subset: about 1-ρ, 1 and 2-ρ.
"""

from __future__ import annotations

from sympy import Integer

from softsample_theory.proofs.engine.domain import Domain, Variable
from softsample_theory.proofs.engine.facts import Assumption
from softsample_theory.proofs.engine.steps import Identity, Inequality
from softsample_theory.proofs.engine.theorem import Theorem
from softsample_theory.proofs.notation import m, n

sizes = Assumption("sizes", "a subset has at most n units", r"m \leq n", lambda: n - m)
between = (n - m) / (m * (n - 1))
within = n * (m - 1) / ((n - 1) * m)
one_pass, from_all, from_subset = m * between, Integer(1), m * between + within

T1 = Identity(
    name="T1",
    lhs=between + within,
    rhs=Integer(1),
    why="Variance of the subset means plus mean variance inside the subsets is the variance of one draw.",
)
T2 = Identity(
    name="T2",
    lhs=from_subset,
    rhs=from_all + (n - m) * (m - 1) / (m * (n - 1)),
    why="Drawing again from the subset adds to the noise of independent draws, but at m = 1 and m = n.",
)
T3 = Inequality(
    name="T3",
    lhs=one_pass,
    rhs=from_all,
    slack=(m - 1) / (n - 1),
    why="One pass is never noisier than independent draws.",
)
T4 = Inequality(
    name="T4",
    lhs=from_all,
    rhs=from_subset,
    by=(((m - 1) / (m * (n - 1)), sizes.at()),),
    why="And drawing again from the subset never less noisy.",
)

theorem = Theorem(
    name="noise-factors",
    title="Total variance and the three inner-loop noise factors",
    source="own calculation; law of total variance",
    algorithm="an epoch of m units at one point w",
    domain=Domain(
        (
            Variable(m, "m, units in a subset", low=1, whole=True),
            Variable(n, "n ≥ 2, units in all", low=Integer(2), whole=True),
        )
    ),
    assumptions=(sizes,),
    steps=(T1, T2, T3, T4),
    conclusions={},
    also=("T1", "T2", "T3", "T4"),
    rate="(n-m)/(n-1) ≤ 1 ≤ (n-m)/(n-1) + n(m-1)/((n-1)m)",
)
