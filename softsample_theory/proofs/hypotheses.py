"""What the theorems assume of the loss. Each assumption is a family of inequalities, cited place by place."""

from __future__ import annotations

from typing import Any

from sympy import Expr

from softsample_theory.proofs.engine.algebra import Vector, inner, square
from softsample_theory.proofs.engine.facts import Assumption


def smooth(L: Expr) -> Assumption:
    """The loss lies below its quadratic upper model: F(y) <= F(x) + <∇F(x), y - x> + (L/2)|y - x|^2."""

    def descent(Fx: Expr, Fy: Expr, Gx: Vector, move: Vector) -> Any:
        return Fx + inner(Gx, move) + L / 2 * square(move) - Fy

    return Assumption(
        "smooth",
        "F is differentiable and its gradient is L-Lipschitz, so F lies below its quadratic upper models",
        r"F(y) \leq F(x) + \langle \nabla F(x), y-x\rangle + \frac{L}{2}\|y-x\|^2",
        descent,
    )


def bounded_variance(sigma2: Expr) -> Assumption:
    """The gradients of the units spread around the full gradient by at most sigma^2 in the mean square."""
    return Assumption(
        "variance",
        "at every iterate the n unit gradients have variance S² ≤ σ² around the full gradient",
        r"\frac{1}{n}\sum_{i=1}^n \|\nabla f_i(w) - \nabla F(w)\|^2 = S^2(w) \leq \sigma^2",
        lambda S2: sigma2 - S2,
    )


def bounded_below(F_inf: Expr) -> Assumption:
    """The loss has a finite infimum."""
    return Assumption("below", "F is bounded below by inf F", r"F(w) \geq \inf F", lambda Fw: Fw - F_inf)


def polyak_lojasiewicz(mu: Expr) -> Assumption:
    """The gradient controls the excess: |∇F|^2 >= 2 mu (F - inf F)."""
    return Assumption(
        "PL",
        "the Polyak-Łojasiewicz inequality holds with constant μ",
        r"\|\nabla F(w)\|^2 \geq 2\mu (F(w) - \inf F)",
        lambda GG, excess: GG - 2 * mu * excess,
    )


def interpolation(mu: Expr, L: Expr) -> Assumption:
    """A mu-strongly convex, L-smooth loss lies above its lower models (Taylor et al. 2017)."""

    def above(Fx: Expr, Fy: Expr, Gx: Vector, Gy: Vector, move: Vector) -> Any:
        change = Gy - Gx
        curvature = square(change) / L + mu * square(move) - 2 * mu / L * inner(change, move)
        return Fy - Fx - inner(Gx, move) - curvature / (2 * (1 - mu / L))

    return Assumption(
        "strongly convex",
        "F is μ-strongly convex and L-smooth, and interpolated by such functions only",
        r"F(y) \geq F(x) + \langle \nabla F(x), y-x\rangle + \frac{1}{2(1-\mu/L)}"
        r"(\frac{1}{L}\|\nabla F(y)-\nabla F(x)\|^2 + \mu\|y-x\|^2"
        r" - 2\frac{\mu}{L}\langle \nabla F(y)-\nabla F(x), y-x\rangle)",
        above,
    )


def convex(L: Expr) -> Assumption:
    """A convex, L-smooth loss lies above its lower models: F(y) >= F(x) + <Gx, y-x> + |Gy-Gx|^2/(2L)."""
    return Assumption(
        "convex",
        "F is convex and L-smooth",
        r"F(y) \geq F(x) + \langle \nabla F(x), y-x\rangle + \frac{1}{2L}\|\nabla F(y)-\nabla F(x)\|^2",
        lambda Fx, Fy, Gx, Gy, move: Fy - Fx - inner(Gx, move) - square(Gy - Gx) / (2 * L),
    )


def jensen() -> Assumption:
    """A convex function at a mean is at most its mean."""
    return Assumption(
        "Jensen",
        "F is convex, so its value at the averaged iterate is at most the average of its values",
        r"F(\bar w) \leq \frac{1}{T}\sum_{t<T}F(w_t)",
        lambda average, at_average: average - at_average,
    )
