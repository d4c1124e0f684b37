"""Exact test beds: quadratics f_i = (a/2)|w - x_i|² under independent draws and under random subsets.

With q = ηa, B = (1-q)^P and points of variance s², the stationary variance of w is s²q/(b(2-q)) for
independent draws. For random subsets, at epoch starts, it is s²/(n-1) [n q/(b(2-q)) - (1-B)/(1+B)]; the
ratio of the two tends to (n-m)/(n-1) for small steps. Then E|∇F|² = a² Var, the excess (a/2) Var.
"""

from __future__ import annotations

from sympy import Integer

from softsample_theory.proofs.engine.algebra import Named, square, vector
from softsample_theory.proofs.engine.calculus import Limit
from softsample_theory.proofs.engine.domain import Definition, Domain, Variable
from softsample_theory.proofs.engine.facts import Assumption, Sequence, counter, power
from softsample_theory.proofs.engine.steps import Expectation, Identity, Induction, Inequality
from softsample_theory.proofs.engine.theorem import Conclusion, Theorem
from softsample_theory.proofs.notation import BATCH, COUNTED, A, P, b, m, n, t
from softsample_theory.proofs.sampling_rules import batch_pair, distinct_batch

q, s2, V, V0 = Named("q"), Named("s²", "s^2"), Named("V"), Named("V_0")
B, C1, C2, S = Named("B"), Named("C1", "C_1"), Named("C2", "C_2"), Named("S")
R, N = vector("R"), vector("N")
R2_next, V_next = Named("|R⁺|²", r"\|R^+\|^2"), Named("V⁺", "V^+")
V_before, fpc = Named("V_l"), Named("fpc", r"\frac{n-m}{n-1}")
beta = 1 - q
pair, batch = batch_pair(), distinct_batch()
none = 0 * vector("0")
recursion = Assumption(
    "step",
    "R⁺ = (1-q)R + qN, R the noise gathered so far",
    r"R^+ = (1-q)R + qN",
    lambda R2: square(beta * R + q * N) - R2,
)
ITERATE = (
    Variable(q, "q = ηa < 1", low_open=True, high=Integer(1), high_open=True, word="curved_step"),
    Variable(s2, "s², the variance of the points x_i", word="spread"),
    BATCH,
)
TEXT = "w⁺ = w - ηa(w - x̄_B), x̄_B the mean of the batch's points"
POSITIVE = "the formula is an identity; it holds for any sign"

stationary_iid = q * s2 / (b * (2 - q))
I1 = Identity(
    name="I1",
    lhs=stationary_iid,
    rhs=beta**2 * stationary_iid + q**2 * s2 / b,
    why="The variance that one step reproduces: V = (1-q)²V + q²s²/b.",
)
powers = power(A, beta**2, t)
I2 = Induction(
    name="I2",
    lhs=V,
    rhs=A * V0 + (1 - A) * stationary_iid,
    sequences=(
        counter(t),
        powers,
        Sequence(V, V0, beta**2 * V + q**2 * s2 / b, "the variance after t steps"),
    ),
    keep=beta**2,
    equality=True,
    why="From any start, for 0 < q < 2.",
)
iid = Theorem(
    name="quadratic-iid",
    title="Quadratics with independent draws: the exact variance",
    source="own calculation",
    algorithm=TEXT + ", b points drawn independently",
    domain=Domain(
        (
            *ITERATE,
            Variable(V0, "V_0, the variance at the start", word="start"),
            Variable(t, "t, steps made", whole=True, word="steps"),
        )
    ),
    assumptions=(),
    steps=(I1, I2),
    conclusions={
        "bound": Conclusion("I2", "the variance of w after t steps (an equality)", (powers,)),
        "stationary": Conclusion("I1", "the stationary variance of w (an equality)"),
    },
    also=("I1",),
    equivalent={f"domain {name}: negative values let in": POSITIVE for name in ("s²", "V_0")}
    | {
        "domain q: upper end x 11/10": "the formula holds for every q but 2; q < 2 makes it the limit",
        "domain q: lower end let in": "q = 0 makes no steps, and the formula says so",
    },
    rate="exact",
)

powers_B, fewer = power(B, beta, t), Named("n-m")
weights = (
    counter(t),
    powers_B,
    Sequence(C1, Integer(0), beta * C1 + q, "the sum of the weights of the batches"),
    Sequence(C2, Integer(0), beta**2 * C2 + q**2, "the sum of their squares"),
)
J1 = Inequality(name="J1", lhs=R2_next, rhs=square(beta * R + q * N), by=((1, recursion.at(R2_next)),))
J2 = Expectation(
    name="J2",
    lhs=V_next,
    rhs=beta**2 * V_before - 2 * beta * q * C1 * s2 / (n - 1) + q**2 * (n - b) / (b * (n - 1)) * s2,
    of=J1.fact(),
    rules=(batch.at((), none, N, s2, (n - b) / (n - 1), b), pair.at(R, N, C1, s2, n)),
    expected={R2_next: V_next, square(R): V_before},
    random=(R, N),
    why="Disjoint batches of one subset are negatively correlated. R⁺ is defined so: this is an equality.",
)
J3 = Induction(
    name="J3",
    lhs=V,
    rhs=s2 / (n - 1) * (n / b * C2 - C1**2),
    sequences=(
        *weights,
        Sequence(
            V,
            Integer(0),
            beta**2 * V - 2 * beta * q * C1 * s2 / (n - 1) + q**2 * (n - b) / (b * (n - 1)) * s2,
            "the variance of the noise of the pass so far, by J2",
        ),
    ),
    keep=beta**2,
    equality=True,
)
J4 = Induction(
    name="J4", lhs=C1, rhs=1 - B, sequences=weights, keep=beta, equality=True, why="Geometric sum."
)
J5 = Induction(
    name="J5",
    lhs=C2,
    rhs=q * (1 - B**2) / (2 - q),
    sequences=weights,
    keep=beta**2,
    equality=True,
)
pass_noise = s2 / (n - 1) * (n / b * q * (1 - B**2) / (2 - q) - (1 - B) ** 2)
stationary = s2 / (n - 1) * (n * q / (b * (2 - q)) - (1 - B) / (1 + B))
J6 = Identity(
    name="J6",
    lhs=B**2 * stationary + pass_noise,
    rhs=stationary,
    why="The variance that one epoch reproduces: V = B²V + noise, with B = (1-q)^P.",
)
J7 = Induction(
    name="J7",
    lhs=B,
    rhs=1 - q * S,
    sequences=(counter(t), powers_B, Sequence(S, Integer(0), beta * S + 1, "1 + (1-q) + ...")),
    keep=beta,
    equality=True,
    why="S is the sum of the powers of 1 - q below B, P of them: S = P at q = 0.",
)
J8 = Limit(
    name="J8",
    lhs=stationary / stationary_iid,
    form=(n - b * (2 - q) * S / (2 - q * S)) / (n - 1),
    given={B: 1 - q * S},
    point={q: Integer(0), S: P},
    rhs=(n - b * P) / (n - 1),
    why="For small steps the variance is that of independent draws times the finite-population factor.",
)
J9 = Identity(name="J9", lhs=m / b, rhs=P, why="The number of steps in an epoch.")

subset = Theorem(
    name="quadratic-subset",
    title="Quadratics with random subsets: the exact stationary variance",
    source="own calculation; the small-step ratio is the finite-population factor",
    algorithm=TEXT + "; each epoch one pass over a fresh uniform m-subset",
    domain=Domain(
        (
            *ITERATE,
            Variable(P, "steps in an epoch: the batch divides the subset", low=1, whole=True, given=m / b),
            Definition(m, b * P, "m, units in a subset", word="subset", whole=True),
            Variable(n, "n ≥ 2, units in all", low=Integer(2), whole=True, word="population"),
            Variable(fewer, "n - m", given=n - m),
            Variable(t, "steps made in the pass", whole=True, given=m / b),
            Variable(B, "B = (1-q)^t", low_open=True),
        )
    ),
    assumptions=(recursion, batch, pair),
    steps=(J1, J2, J3, J4, J5, J6, J7, J8, J9),
    conclusions={
        "bound": Conclusion("J6", "the stationary variance of w at epoch starts (an equality)", (powers_B,))
    },
    also=("J2", "J3", "J4", "J5", "J6", "J7", "J8", "J9"),
    equivalent={
        "domain q: lower end let in": "q = 0 makes no steps, and the formula says so",
        "domain s²: negative values let in": POSITIVE,
        "domain B: lower end let in": "B = 0 has no pole either",
        "domain B: negative values let in": "1 + B > 0 is all that is used",
        "domain P: lower end - 1": COUNTED,
        "domain n-m: negative values let in": "a subset of more than n units does not exist",
    },
    rate="exact",
)
