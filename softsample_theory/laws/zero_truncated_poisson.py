r"""Sums of Poisson counts, each known to be positive: the count of draws on k items that have all been seen.

One count at rate r has the generating function (exp(rz) - 1)/(exp(r) - 1), the mean 1 + e(r) and the
cumulant function t -> log((exp(r exp(t)) - 1)/(exp(r) - 1)), whose derivatives e_j follow from a recurrence
that does not cancel. A sum of k of them equals D with the probability `sum_density`, by the trapezoid rule
on the circle.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

GAUSSIAN_VARIANCE = 2500.0  # from here on 14 cumulants describe the integrand to 1e-17
_STEP = 0.45  # of a standard deviation of the integrand: aliasing exp(-(2 pi/0.45)^2/2)
CUMULANTS = 14


@njit(cache=True, error_model="numpy")
def mean_excess(r: float) -> float:
    """Return e(r) = r/(1 - exp(-r)) - 1, what the mean exceeds 1 by."""
    if r >= 0.5:
        return r / -math.expm1(-r) - 1.0
    y = r * r
    total = 1.0 / 74724249600.0
    total = -691.0 / 1307674368000.0 + y * total
    total = 1.0 / 47900160.0 + y * total
    total = -1.0 / 1209600.0 + y * total
    total = 1.0 / 30240.0 + y * total
    total = -1.0 / 720.0 + y * total
    return r * (0.5 + r * (1.0 / 12.0 + y * total))


@njit(cache=True, error_model="numpy")
def log_scaled_mass(r: float) -> float:
    """Return log((exp(r) - 1)/r)."""
    if r >= 0.5:
        return r + math.log(-math.expm1(-r)) - math.log(r)
    y = r * r
    total = -691.0 / 15692092416000.0 + y / 1046139494400.0
    total = 1.0 / 479001600.0 + y * total
    total = -1.0 / 9676800.0 + y * total
    total = 1.0 / 181440.0 + y * total
    total = -1.0 / 2880.0 + y * total
    return r * (0.5 + r * (1.0 / 24.0 + y * total))


@njit(cache=True, error_model="numpy")
def fill_derivatives(r: float, e: np.ndarray) -> None:
    r"""Fill e_j in :math:`e(r e^t) = \sum_j e_j t^j`, the scaled cumulants: kappa_{j+1} = j! e_j for j >= 1.

    The series converges for abs(t) < pi/2 whatever r is.
    """
    e[0] = mean_excess(r)
    continue_derivatives(r, r / math.expm1(r) if r > 0.0 else 1.0, e)


@njit(cache=True, error_model="numpy")
def continue_derivatives(r: float, least: float, e: np.ndarray) -> None:
    """Fill e_1, e_2, ... from e_0: with w = d + e - r it obeys w' = -w e and e' = r exp(t) + w' in t.

    `least` is w at t = 0. Here d = 1 and w = r/(exp(r) - 1); counts known to be at least d, whose mean
    exceeds d by e, obey the same.
    """
    w = np.empty(e.size)
    w[0] = least
    s = r
    for j in range(1, e.size):
        total = 0.0
        for i in range(j):
            total += w[i] * e[j - 1 - i]
        w[j] = -total / j
        s /= j
        e[j] = s + w[j]


@njit(cache=True, error_model="numpy")
def rate_with_excess(excess: float) -> float:
    """Return the r > 0 with e(r) = excess > 0: Newton on logarithmic scales, from either asymptote."""
    r = 2.0 * excess if excess < 1.0 else excess + 1.0
    for _ in range(40):
        e = mean_excess(r)
        slope = r - (r / math.expm1(r)) * e if r < 700.0 else r
        step = math.log(excess / e) * e / slope
        r *= math.exp(step)
        if abs(step) < 1e-15:
            break
    return r


@njit(cache=True, error_model="numpy")
def sum_density(k: float, draws: float, excess: float, r: float) -> float:
    """Return P(sum of k counts at rate r = draws), where excess = draws - k > 0 and k e(r) = excess.

    k may be any positive real where the variance is above 40: the integrand is then gone before it wraps.
    """
    e = np.empty(CUMULANTS)
    fill_derivatives(r, e)
    variance = k * e[1]
    if variance >= GAUSSIAN_VARIANCE:
        return density_from_cumulants(k, variance, e)
    return _density_on_circle(k, draws, excess, r, circle_points(variance))


@njit(cache=True, error_model="numpy")
def circle_points(variance: float) -> int:
    """Return how many points of the circle give the density: aliases lie 14 standard deviations off."""
    return max(96, int(2.0 * math.pi / _STEP * math.sqrt(variance)) + 1)


@njit(cache=True, error_model="numpy")
def density_from_cumulants(k: float, variance: float, e: np.ndarray) -> float:
    """Return the density at its mean of a sum of k counts with derivatives e, variance = k e_1 >= 2500."""
    h = _STEP / math.sqrt(variance)
    total = 0.5
    for i in range(1, 40):
        theta = h * i
        y = theta * theta
        real = 0.0
        imaginary = 0.0
        for j in range(CUMULANTS, 3, -2):  # the exponent is k sum_j e_{j-1} (i theta)^j / j
            real = e[j - 1] / j - y * real
            imaginary = e[j - 2] / (j - 1) - y * imaginary
        real = -k * y * (e[1] / 2.0 - y * real)
        if real < -42.0:
            break
        total += math.exp(real) * math.cos(k * y * theta * imaginary)
    return total * h / math.pi


@njit(cache=True, error_model="numpy")
def _density_on_circle(k: float, draws: float, excess: float, r: float, points: int) -> float:
    h = 2.0 * math.pi / points
    total = 0.5
    for i in range(1, (points + 1) // 2):
        log_size, angle = _log_ratio(k, draws, excess, r, h * i)
        if log_size < -42.0:
            return total * h / math.pi
        total += math.exp(log_size) * math.cos(angle)
    if points % 2 == 0:
        log_size, angle = _log_ratio(k, draws, excess, r, math.pi)
        total += 0.5 * math.exp(log_size) * math.cos(angle)
    return total * h / math.pi


@njit(cache=True, error_model="numpy")
def _log_ratio(k: float, draws: float, excess: float, r: float, theta: float) -> tuple[float, float]:
    """Return log size and angle of ((exp(z)-1)/(exp(r)-1))^k exp(-i draws theta), z = r exp(i theta)."""
    half = math.sin(0.5 * theta)
    a, b = -2.0 * half * half, math.sin(theta)  # exp(i theta) - 1
    if r < 0.5:
        return _log_ratio_small(k, excess, r, theta, a, b)
    x, y = r * a, r * b
    half = math.sin(0.5 * y)
    grown = math.exp(-x)  # -expm1(-w)/expm1(r), w = x + i y
    u = -(math.expm1(-x) * math.cos(y) - 2.0 * half * half) / math.expm1(r)
    v = grown * math.sin(y) / math.expm1(r)
    log_size = x + 0.5 * math.log1p(2.0 * u + u * u + v * v)
    return k * log_size, k * (y + math.atan2(v, 1.0 + u)) - draws * theta


@njit(cache=True, error_model="numpy")
def _log_ratio_small(
    k: float, excess: float, r: float, theta: float, a: float, b: float
) -> tuple[float, float]:
    """The same by the series of log((exp(z)-1)/z), term by term as coefficient times z^j - r^j."""
    real, imaginary = 0.5 * r * a, 0.5 * r * b
    a2, b2 = a * (2.0 + a) - b * b, 2.0 * b * (1.0 + a)  # exp(2 i theta) - 1
    p, q = a2, b2
    power = 1.0
    for c in (
        1.0 / 24.0,
        -1.0 / 2880.0,
        1.0 / 181440.0,
        -1.0 / 9676800.0,
        1.0 / 479001600.0,
        -691.0 / 15692092416000.0,
        1.0 / 1046139494400.0,
    ):
        power *= r * r
        real += c * power * p
        imaginary += c * power * q
        p, q = p + a2 + p * a2 - q * b2, q + b2 + p * b2 + q * a2
    return k * real, k * imaginary - excess * theta
