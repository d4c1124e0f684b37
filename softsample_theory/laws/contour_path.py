r"""The contour: a circle around m, through the saddle point, on which the integrand can only fall.

In y = n + z the integrand is rational, up to constants
:math:`F = \prod_{i<m} (y-i)^{K-1} / \prod_{m \le i \le n-u} (y-i)`. On the circle
:math:`y = m + R e^{i\phi}`, as :math:`\phi` grows from 0 to :math:`\pi`, every zero (i < m, left of the
centre) comes nearer and every pole (i > m, right of it) goes farther. So abs(F) falls all the way from the
saddle point at :math:`\phi = 0`, whatever n, m, K and u are: no second maximum exists, and terms that have
become negligible stay so. The factor 1/(y-n) of the tails falls too.

A `case` is the tuple of floats that `exponent` explains.
"""

from __future__ import annotations

import cmath
import math

from numba import njit

from softsample_theory.laws.contour_exponent import exponent

MOST_NODES = 20000

_LAPLACE = -1e11  # here the width alone gives log p to 1e-12, and the phases at the nodes have no digits left


@njit(cache=True)
def saddle_point(case):
    """Return (x, W): the distance x = y - (n-u) of the saddle point from the nearest pole, and its width W.

    The saddle point is the minimum of F(y) (y-m)**2 on the real axis right of the poles. Newton in log x,
    guarded by a bracket; four digits suffice, because every point right of the poles would do.
    """
    n, m, _, u, _, eta, _, _ = case
    low, high = 0.0, math.inf
    x = u if u > 0.0 else math.exp(-eta)
    curvature = 0.0
    for _ in range(200):
        slope, curvature = _slope_and_curvature(x, case)
        if slope < 0.0:
            low = x
        else:
            high = x
        step = slope / (x * curvature) if curvature > 0.0 else math.copysign(2.0, slope)
        new = x * math.exp(-min(2.0, max(-2.0, step)))
        if not low < new < high:
            new = _between(low, high)
        moved = new - x
        x = new
        if moved * moved * curvature < 1e-4 and abs(moved) < 0.1 * x:
            break
    R = x + (n - u - m)
    slope, curvature = _slope_and_curvature(x, case)
    V = R * (R * curvature + slope)
    return x, R / math.sqrt(max(V, 0.25))


@njit(cache=True)
def _between(low, high):
    """Return a point well inside the bracket, which may still be open on one side."""
    if low == 0.0:
        return 0.1 * high
    return math.sqrt(low * high) if high < math.inf else 10.0 * low


@njit(cache=True)
def _slope_and_curvature(x, case):
    """Return the first and second derivative of log F(y) + 2 log(y-m) at y = x + n - u, to a few digits.

    digamma(x+1) is taken as log(x+1/2) + 1/(24 (x+1/2)^2), and the logarithms without their linear terms,
    which add up to repeats/h.
    """
    n, m, K, u, repeats, _, _, _ = case
    s = n - u
    R = x + (s - m)
    h = x + s + 0.5
    log_s = _real_log1p_minus(-s / h) if 2.0 * s < h else math.log((x + 0.5) / h) + s / h
    slope = repeats / h + log_s - K * _real_log1p_minus(-m / h)
    slope += 1.0 / (24.0 * (x + 0.5) ** 2) - 1.0 / x + 2.0 / R
    joint = s * m * (K - 1.0) - repeats * h
    curvature = joint / ((x + 0.5) * h * (R + 0.5)) + 1.0 / (x * x) - 2.0 / (R * R)
    return slope, curvature


@njit(cache=True)
def _real_log1p_minus(w):
    """Return log(1+w) - w for real w > -1, to four digits."""
    if abs(w) < 1e-4:
        return -0.5 * w * w + w * w * w / 3.0
    return math.log1p(w) - w


@njit(cache=True)
def _step_length(x, W, pole):
    """Return the node spacing, along the circle, that leaves an aliasing error below 1e-18.

    The error is about exp(g(d) - 2 pi d / step) if the contour can be moved by d while F grows by exp(g(d)):
    for the poles at distance x, whose growth is that of a Gamma function, and for a pole of the tail at
    distance `pole` (infinite if there is none), where it is Gaussian.
    """
    step = 2.0 * math.pi / (42.0 / x + 9.5 / W)
    d = min(pole, 9.0 * W)
    return min(step, 2.0 * math.pi * d / (42.0 + 0.5 * (d / W) ** 2))


@njit(cache=True)
def circle_sum(x, W, pole, case):
    """Return (log p, accepted): the trapezoidal sum around the circle of F; of F u/(y-n) if `pole` is finite.

    p is the integral over the whole circle divided by 2 pi i. It is accepted if the terms have fallen, each
    below the one before as they must (rounding would undo that first), to less than 1e-18 of the sum or until
    the circle has been closed, within MOST_NODES.
    """
    n, m, _, u, _, eta, _, _ = case
    R = x + (n - u - m)
    tail = pole < math.inf
    step = _step_length(x, W, pole)
    half = max(16, math.ceil(math.pi * R / step)) if step > 1e-4 * R else -1
    angle = math.pi / half if half > 0 else step / R
    far = x - u > 1.5 * n and abs(eta) * (x - u) > (n - u) * ((n - u) / n)  # the sizes of its terms
    top = exponent(x + 0.0j, R + 0.0j, x + (n - u) + 0.0j, x - u + 0.0j, far, case).real
    log_scale = top
    if far:
        log_scale -= exponent(u + 0.0j, n - m + 0.0j, n + 0.0j, 0.0j, far, case).real
    first = R / x
    if tail:
        first *= u / abs(x - u)
    if top < _LAPLACE:
        return log_scale + math.log(first * (W / R) / math.sqrt(2.0 * math.pi)), True
    total = 0.5
    size = 1.0  # of the last term, squared
    falls = True
    j = 0
    while size > 1e-36 * total * total and j not in (half, MOST_NODES):
        j += 1
        term = _node(min(j * angle, math.pi), x, R, tail, far, case, top) / first
        total += 0.5 * term.real if j == half else term.real
        before, size = size, term.real * term.real + term.imag * term.imag
        falls = falls and size <= 1.01 * before + 1e-30
    p = total * first * angle / math.pi
    accepted = falls and p > 0.0 and j < MOST_NODES
    return (log_scale + math.log(p) if accepted else math.nan), accepted


@njit(cache=True)
def _node(angle, x, R, tail, far, case, top):
    """Return F(y) (y-m) / exp(top) at y = m + R exp(i angle); for the tail times u/(y-n), or its negative."""
    n, u = case[0], case[3]
    sine = math.sin(0.5 * angle)
    turn = complex(-2.0 * sine * sine, math.sin(angle))
    arc = R * turn
    X, Y, y, z = x + arc, R * (1.0 + turn), (x + (n - u)) + arc, (x - u) + arc
    value = cmath.exp(exponent(X, Y, y, z, far, case) - top) * Y / X
    if tail:
        value *= u / (z if x > u else -z)
    return value
