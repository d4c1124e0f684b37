r"""log P(K = k) for the distinct items K among D iid draws from n: no term of the size of n is ever computed.

With x = D/n, q = exp(-x), mu = n(1-q), the Poisson representation

.. math:: P(K=k) = \mathrm{Bin}(k; n, 1-q)\, Q_k(D; x) / \mathrm{Pois}(D; D),

Q_k(D; x) the probability that k positive Poisson(x) counts sum to D, is tilted to the rate r at which they do so on
average. What is left is a sum of terms of one sign, each zero at k = mu:

.. math:: \log P = -\mu\,\phi(\Delta/\mu) - nq\,\phi(-\Delta/nq) - k I
          + S(n) - S(k) - S(n-k) + S(D) + \log Q_k(D; r),

:math:`\Delta = k - \mu` in double-double, S(y) = log(y!) - y log y + y, and
:math:`I = \int_0^\tau t\, de(x e^t)` with tau = log(r/x), e(r) = r/(1-exp(-r)) - 1.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from softsample_theory.laws.double_double import dd_divide, dd_exp, dd_expm1, dd_multiply, two_sum
from softsample_theory.laws.occupancy_moments import distinct_mean_variance
from softsample_theory.laws.stirling import phi, stirling_error, stirling_factor
from softsample_theory.laws.zero_truncated_poisson import (
    fill_derivatives,
    log_scaled_mass,
    mean_excess,
    rate_with_excess,
    sum_density,
)

_TERMS = 25
_NEAR = 0.25  # of tau: the series in t has radius pi/2, so 25 terms leave 1e-20
_RARE = 600.0  # of x: beyond it the unseen mean n exp(-x) may leave the range of float64


class OccupancyState(NamedTuple):
    """What every value of one law shares."""

    n: float
    D: float
    low: int  # the support
    high: int
    mean: float
    variance: float
    x: float  # D/n
    seen: float  # mu, and its second half
    seen_lo: float
    unseen: float  # n - mu
    unseen_lo: float
    constant: float  # Stirling errors of n and D
    derivatives: np.ndarray  # of e(x exp(t)) at t = 0


@njit(cache=True, error_model="numpy")
def occupancy_state(population: int, draws: int) -> OccupancyState:
    """Return the state of the law for population >= 1, draws >= 0."""
    n = float(population)
    D = float(draws)
    x, x_lo = dd_divide(D, float(draws - int(D)), n, 0.0)
    p, p_lo = dd_expm1(-x, -x_lo)
    seen, seen_lo = dd_multiply(-p, -p_lo, n, 0.0)
    unseen, unseen_lo = 0.0, 0.0
    if x < _RARE:
        q, q_lo = dd_exp(-x, -x_lo)
        unseen, unseen_lo = dd_multiply(q, q_lo, n, 0.0)
    derivatives = np.empty(_TERMS)
    fill_derivatives(x, derivatives)
    constant = stirling_error(n) + stirling_error(D)
    low, high = min(draws, 1), min(population, draws)
    mean, variance = distinct_mean_variance(population, draws)
    return OccupancyState(
        n, D, low, high, mean, variance, x, seen, seen_lo, unseen, unseen_lo, constant, derivatives
    )


@njit(cache=True, error_model="numpy")
def log_pmf(state: OccupancyState, k: int, offset: float) -> float:
    """Return log P(K = k + offset) inside the support.

    A real offset continues the formula between the integers, for quadrature; it needs the variance of Q above 40.
    """
    n, D = state.n, state.D
    if state.low == state.high:
        return 0.0
    if float(k) == D and offset == 0.0:
        return log_no_repeat(n, D)
    seen = float(k) + offset
    unseen = (n - float(k)) - offset
    delta = _deviation(state, k) + offset
    excess = (D - float(k)) - offset
    r, cost = _tilt(state, seen, delta, excess)
    exponent = state.seen * phi(delta / state.seen) + _unseen_cost(state, unseen, delta) + seen * cost
    errors = state.constant - stirling_error(seen)
    if unseen > 0.0:
        errors -= stirling_error(unseen)
        size = (n / unseen) * (D / seen)
    else:
        size = 2.0 * math.pi * n * (D / seen)
    return errors - exponent + 0.5 * math.log(size) + math.log(sum_density(seen, D, excess, r))


@njit(cache=True, error_model="numpy")
def log_no_repeat(n: float, D: float) -> float:
    """Return log of n (n-1) ... (n-D+1) / n^D for 1 <= D <= n, the birthday problem."""
    if D == 1.0:
        return 0.0
    if D == n:
        return stirling_factor(n) - n
    e = -D / n
    return -n * phi(e) - 0.5 * math.log1p(e) + (stirling_error(n) - stirling_error(n - D))


@njit(cache=True, error_model="numpy")
def _deviation(state: OccupancyState, k: int) -> float:
    """Return k - mu, from whichever of seen and unseen is the smaller number."""
    if state.unseen < state.seen:
        s, e = two_sum(state.unseen, -(state.n - float(k)))
        return s + (e + state.unseen_lo)
    s, e = two_sum(float(k), -state.seen)
    return s + (e - state.seen_lo)


@njit(cache=True, error_model="numpy")
def _unseen_cost(state: OccupancyState, unseen: float, delta: float) -> float:
    if state.x < _RARE:
        return state.unseen * phi(-delta / state.unseen)
    return unseen * (math.log(unseen / state.n) + state.x - 1.0) if unseen > 0.0 else 0.0


@njit(cache=True, error_model="numpy")
def _tilt(state: OccupancyState, seen: float, delta: float, excess: float) -> tuple[float, float]:
    """Return the rate r with seen (1 + e(r)) = D, and the cost I of moving there from x."""
    e = state.derivatives
    target = -(state.D / seen) * (delta / state.seen)  # e(r) - e(x)
    first = target / e[1]
    if abs(first) < _NEAR:
        tau = _revert(e, target, first)
        if abs(tau) < _NEAR:
            return state.x * math.exp(tau), _near_cost(e, tau)
    r = rate_with_excess(excess / seen)
    cost = mean_excess(r) * math.log(r / state.x) - (log_scaled_mass(r) - log_scaled_mass(state.x))
    return r, cost


@njit(cache=True, error_model="numpy")
def _revert(e: np.ndarray, target: float, tau: float) -> float:
    """Solve sum_{j>=1} e_j tau^j = target by Newton from the root of the first two terms."""
    tau /= 0.5 + math.sqrt(max(0.25 + e[2] / e[1] * tau, 0.01))
    for _ in range(8):
        value = 0.0
        slope = 0.0
        for j in range(e.size - 1, 0, -1):
            slope = slope * tau + j * e[j]
            value = value * tau + e[j]
        step = (target - value * tau) / slope
        tau += step
        if abs(step) <= 1e-9 * abs(tau):  # the next step would be below 1e-17
            break
    return tau


@njit(cache=True, error_model="numpy")
def _near_cost(e: np.ndarray, tau: float) -> float:
    total = 0.0
    for j in range(e.size - 1, 0, -1):
        total = total * tau + j * e[j] / (j + 1)
    return total * tau * tau
