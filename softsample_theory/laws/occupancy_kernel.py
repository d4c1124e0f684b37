r"""log P(K = k) for the distinct items K among D iid draws from n: no term of the size of n is ever computed.

With x = D/n, q = exp(-x), mu = n(1-q), the Poisson representation

.. math:: P(K=k) = \mathrm{Bin}(k; n, 1-q)\, Q_k(D; x) / \mathrm{Pois}(D; D),

Q_k(D; x) the probability that k positive Poisson(x) counts sum to D, is tilted to the rate r at which they do
so on average. What is left is a sum of terms of one sign, each zero at k = mu:

.. math:: \log P = -\mu\,\phi(\Delta/\mu) - nq\,\phi(-\Delta/nq) - k I
          + S(n) - S(k) - S(n-k) + S(D) + \log Q_k(D; r),

:math:`\Delta = k - \mu` in double-double, S(y) = log(y!) - y log y + y, and
:math:`I = \int_0^\tau t\, de(x e^t)` with tau = log(r/x), e(r) = r/(1-exp(-r)) - 1.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal, localcontext
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from softsample_theory.laws.double_double import two_sum
from softsample_theory.laws.occupancy_moments import distinct_moments
from softsample_theory.laws.stirling import phi, stirling_error, stirling_factor
from softsample_theory.laws.zero_truncated_poisson import (
    fill_derivatives,
    log_scaled_mass,
    mean_excess,
    rate_with_excess,
    sum_density,
)

_TERMS = 34
_NEAR = 0.4  # of tau: the series in t converges for abs(t) < pi/2, so that 34 terms leave 1e-20
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


def occupancy_state(population: int, draws: int) -> OccupancyState:
    """Return the state of the law for population >= 1, draws >= 0."""
    with localcontext(Context(prec=60)):
        n = Decimal(population)
        x = draws / n
        expected = n * (-x).exp() if x < _RARE else Decimal(0)
        seen, seen_lo = _double_double(n - expected)
        unseen, unseen_lo = _double_double(expected)
    derivatives = np.empty(_TERMS)
    fill_derivatives(float(x), derivatives)
    constant = stirling_error(float(population)) + stirling_error(float(draws))
    mean, variance = distinct_moments(population, draws)
    return OccupancyState(
        n=float(population),
        D=float(draws),
        low=min(draws, 1),
        high=min(population, draws),
        mean=float(mean),
        variance=float(variance),
        x=float(x),
        seen=seen,
        seen_lo=seen_lo,
        unseen=unseen,
        unseen_lo=unseen_lo,
        constant=constant,
        derivatives=derivatives,
    )


def _double_double(value: Decimal) -> tuple[float, float]:
    high = float(value)
    return high, float(value - Decimal(high))


def log_pmf(state: OccupancyState, k: ArrayLike, offsets: ArrayLike = 0.0) -> NDArray[np.float64]:
    """Return log P(K = k + offset) for flat integers k and real offsets whose sum is inside the support.

    A real offset continues the formula between the integers, for quadrature, where the variance of Q is
    above 40.
    """
    points = np.asarray(k, dtype=np.int64)
    out = np.empty(points.shape)
    _fill_log_pmf(state, points, np.broadcast_to(np.asarray(offsets, dtype=np.float64), points.shape), out)
    return out


@njit(cache=True, error_model="numpy")
def _fill_log_pmf(state: OccupancyState, k: np.ndarray, offsets: np.ndarray, out: np.ndarray) -> None:
    for i in range(out.size):
        out[i] = _log_pmf(state, k[i], offsets[i])


@njit(cache=True, error_model="numpy")
def _log_pmf(state: OccupancyState, k: int, offset: float) -> float:
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
    if n == D:
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
    first = abs(target / e[1])
    if first < _NEAR:
        terms = 4 + int(42.0 / math.log(0.5 * math.pi / (first + 1e-30)))  # the next is below 1e-18
        tau = _revert(e[: min(terms, e.size)], target)
        if abs(tau) < _NEAR:
            return state.x * math.exp(tau), _near_cost(e[: min(terms, e.size)], tau)
    r = rate_with_excess(excess / seen)
    cost = mean_excess(r) * math.log(r / state.x) - (log_scaled_mass(r) - log_scaled_mass(state.x))
    return r, cost


@njit(cache=True, error_model="numpy")
def _revert(e: np.ndarray, target: float) -> float:
    """Solve sum_{j>=1} e_j tau^j = target by Newton from the root of the first two terms."""
    tau = target / e[1]
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
    """Return I = sum_{j>=1} e_j tau^{j+1} j/(j+1)."""
    total = 0.0
    for j in range(e.size - 1, 0, -1):
        total = total * tau + j * e[j] / (j + 1)
    return total * tau * tau
