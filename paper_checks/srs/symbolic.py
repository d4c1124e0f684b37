"""C07S and C08S: the same for every size at once, by SymPy certificates.

Each proof is an induction whose single step is an identity between rational, binomial or exponential terms.
SymPy verifies the step for symbolic sizes; nothing is sampled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paper_checks.claim import Claim, Subject, Tally

if TYPE_CHECKING:
    from sympy import Expr


def check_harmonic_certificate(formula: Any, tally: Tally) -> None:
    """C07S: F(n+1,j) - F(n,j) = R(n,j+1) - R(n,j) telescopes to S(n+1) - S(n) = 1/(n+1), from S(1) = 1."""
    import sympy as sp

    term, certificate = formula
    n, j = sp.symbols("n j", positive=True, integer=True)
    step = term(n + 1, j) - term(n, j) - certificate(n, j + 1) + certificate(n, j)
    _zero(tally, "step for symbolic n, j", step / term(n, j))
    last = term(n + 1, n + 1) - certificate(n, n + 2) + certificate(n, n + 1)
    _zero(tally, "step at j = n+1, where F(n,j) = 0", last)
    _zero(tally, "boundary R(n,1) = -1/(n+1)", certificate(n, sp.Integer(1)) + 1 / (n + 1))
    _zero(tally, "boundary R(n,n+2) = 0", certificate(n, n + 2))
    _zero(tally, "S(n) has no term j = n+1", term(n, n + 1))
    _zero(tally, "base S(1) = 1", term(sp.Integer(1), sp.Integer(1)) - 1)


def check_unseen_proof(formula: Any, tally: Tally) -> None:
    """C08S: A(m) <= (1-x)^m by induction over m; 1-x <= E(x) by Taylor's remainder; x in [0, 1]."""
    import sympy as sp

    line, power, exponential = formula
    x, t, s, m = (sp.Symbol(name, nonnegative=True) for name in "xtsm")
    _zero(tally, "base A(1) = B(1)", line(sp.Integer(1), x) - power(sp.Integer(1), x))
    _zero(tally, "B(m+1) = (1-x) B(m)", power(m + 1, x) / power(m, x) - (1 - x))
    slack = sp.factor(sp.expand((1 - x) * line(m, x) - line(m + 1, x)))
    tally.judge("(1-x) A(m) >= A(m+1)", bool(slack.is_nonnegative), f"the slack {slack} may be negative")
    remainder = sp.integrate((x - t) * sp.exp(-t), (t, 0, x))
    _zero(tally, "E(x) - (1-x) = int_0^x (x-t) e^-t dt", exponential(x) - (1 - x) - remainder)
    tally.judge("the integrand s e^-t >= 0", bool((s * sp.exp(-t)).is_nonnegative), "it may be negative")


def _zero(tally: Tally, case: str, expression: Expr) -> None:
    import sympy as sp

    reduced = sp.simplify(sp.gammasimp(sp.expand_func(expression)))
    tally.judge(case, reduced == 0, f"the difference is {reduced}")


# The formulas ----------------------------------------------------------------------------------------------


def alternating_term(n: Expr, j: Expr) -> Expr:
    """F(n,j) = (-1)^(j+1) C(n,j) / j, the terms of Eq. 15 at m = 1, divided by n."""
    import sympy as sp

    return (-1) ** (j + 1) * sp.binomial(n, j) / j


def telescoping_certificate(n: Expr, j: Expr) -> Expr:
    """R(n,j) = (-1)^j C(n,j-1) / (n+1)."""
    import sympy as sp

    return (-1) ** j * sp.binomial(n, j - 1) / (n + 1)


def _line(m: Expr, x: Expr) -> Expr:
    return 1 - m * x


def _power(m: Expr, x: Expr) -> Expr:
    return (1 - x) ** m


def _exponential(x: Expr) -> Expr:
    import sympy as sp

    return sp.exp(-x)


CLAIMS = (
    Claim(
        id="C07S",
        title="Coupon collector, proved",
        statement="sum_j (-1)^(j+1) C(n,j)/j = H_n for every n, so Eq. 15 at m = 1 is n H_n.",
        source="Soft Sampling, ICLR 2023 submission, Eqs. 15 and 16",
        method="symbolic",
        check=check_harmonic_certificate,
        subjects=(Subject("telescoping certificate", (alternating_term, telescoping_certificate)),),
        planted=(
            Subject(
                "divisor n", (alternating_term, lambda n, j: telescoping_certificate(n, j) * (n + 1) / n)
            ),
            Subject(
                "terms divided by j+1",
                (lambda n, j: alternating_term(n, j) * j / (j + 1), telescoping_certificate),
            ),
            Subject(
                "signs dropped",
                (lambda n, j: (-1) ** (j + 1) * alternating_term(n, j), telescoping_certificate),
            ),
        ),
    ),
    Claim(
        id="C08S",
        title="Three unseen shares in order, proved",
        statement="1 - m x <= (1-x)^m and 1 - x <= e^-x for 0 <= x <= 1; with x = 1/n and powers K and mK"
        " this is (1-rho)^K <= (1-1/n)^(mK) <= exp(-rho K) for every n, m, K.",
        source="derived (Bernoulli's inequality, Taylor's remainder)",
        method="symbolic",
        check=check_unseen_proof,
        subjects=(Subject("induction over m", (_line, _power, _exponential)),),
        planted=(
            Subject("1 - m x + m x^2", (lambda m, x: 1 - m * x + m * x**2, _power, _exponential)),
            Subject("power m+1", (_line, lambda m, x: (1 - x) ** (m + 1), _exponential)),
            Subject("slope m^2 in the step", (lambda m, x: 1 - (2 * m - m**2) * x, _power, _exponential)),
            Subject("e^-2x", (_line, _power, lambda x: _exponential(2 * x))),
        ),
    ),
)
