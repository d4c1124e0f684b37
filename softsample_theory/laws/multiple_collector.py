r"""The draws T until each of n items has been drawn at least d times: tails, pmf and moments.

With X the number of items drawn fewer than d times in D draws, P(T <= D) = P(X = 0). Two ways:

- where P(T > D) < 0.4, inclusion and exclusion over the sets of j short items: the terms fall like 1/j!; -
elsewhere the trapezoid rule on the saddle circle of :math:`D!\,n^{-D} [z^D] (\sum_{i \ge d} z^i/i!)^n`.
With
  r the rate at which n Poisson counts known to be at least d sum to D on average, G(r) the chance of one such
  count and h the ratio P(count = d-1)/G,

.. math:: P(T \le D) = \exp(n [r \phi(h) + \log G(r)] + S(D))\, P(\textrm{the counts sum to } D).
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc

from softsample_theory.laws.gauss_legendre import NODES, WEIGHTS
from softsample_theory.laws.stirling import phi, stirling_error, stirling_factor
from softsample_theory.laws.zero_truncated_poisson import (
    CUMULANTS,
    GAUSSIAN_VARIANCE,
    circle_points,
    continue_derivatives,
    density_from_cumulants,
)

Floats = NDArray[np.float64]

_NEGLIGIBLE = 1e-18


def tails(n: int, d: int, D: int) -> tuple[float, float]:
    """Return P(T <= D) and P(T > D), for n >= 1 and d >= 1."""
    if n * d > D:
        return 0.0, 1.0
    if n == 1:
        return 1.0, 0.0
    if n * gammaincc(d, D / n) < 1.0:
        sf = _some_short(n, d, D)
        if sf < 0.4:
            return 1.0 - sf, sf
    cdf = min(math.exp(log_none_short(n, d, D)), 1.0)
    return cdf, 1.0 - cdf


def jump(n: int, d: int, D: int) -> float:
    """Return P(T = D), D >= nd: one item had d - 1 copies, all others d, and the last draw is of that one."""
    if n == 1:
        return float(d == D)
    log_exactly = _log_poisson(d - 1, (D - 1) / n) + _log_thinning(n, D - 1, 1, d)[d - 1]
    return math.exp(log_exactly) * tails(n - 1, d, D - d)[0]


def moments(n: int, d: int) -> tuple[float, float]:
    r"""Return E T and Var T: :math:`E T = n \int_0^\infty 1 - H`, :math:`H(t) = P(\mathrm{Pois}(t) \ge d)^n`.

    H is the law of the time when a Poisson process of rate n has seen all; its moments are E T/n, E
    T(T+1)/n^2.
    """
    if n == 1:
        return float(d), 0.0
    width = 1.0 + 0.5 * math.sqrt(d)
    start, stop = _time_span(n, d, width)
    t, weights = _panels(start, stop, width)
    mean = start + float(weights @ -np.expm1(_log_all_seen(n, d, t)))
    before, weights_before = _panels(start, mean, width)
    after, weights_after = _panels(mean, stop, width)
    variance = 2.0 * float(
        weights_before @ ((mean - before) * np.exp(_log_all_seen(n, d, before)))
        + weights_after @ ((after - mean) * -np.expm1(_log_all_seen(n, d, after)))
    )
    return n * mean, n * n * variance - n * mean


def log_none_short(n: int, d: int, D: int) -> float:
    """Return log P(T <= D) for n >= 2, D >= nd, by the saddle circle."""
    excess = (D - n * d) / n
    if excess == 0.0:
        return n * _log_poisson(d, float(d)) + stirling_factor(float(D))
    r = _rate(d, excess)
    t = _ratios(d, r)
    total = float(np.sum(t))
    h = d / r / total
    least = math.fsum(np.exp(_log_poissons(d, r)))  # P(count < d)
    log_all = math.log1p(-least) if least < 0.5 else _log_poisson(d, r) + math.log(total)
    x = D / n
    rounding = (x - r) + float(Fraction(D, n) - Fraction(x)) - d / total  # of the saddle r: x minus the mean
    exponent = n * (r * phi(h) + log_all) + n * rounding * math.log1p(h)
    return exponent + stirling_factor(float(D)) + math.log(_density(n, d, D, r, excess, total))


def _some_short(n: int, d: int, D: int) -> float:
    """Return P(T > D) by inclusion and exclusion, for E X below 1."""
    one = np.exp(_log_poissons(d, D / n))  # of a Poisson(D/n) count below d
    power = np.ones(1)
    choices, total = 1.0, 0.0
    for j in range(1, n):
        power = np.convolve(power, one)
        choices *= (n - j + 1) / j
        term = choices * float(power @ np.exp(_log_thinning(n, D, j, power.size)))
        total += term if j % 2 else -term
        if term <= _NEGLIGIBLE * total:
            break
    return total


def _log_thinning(n: int, D: int, j: int, size: int) -> Floats:
    """Return log of P(j items get t of D draws, in one way) over the same for Poisson counts, t below size.

    That is (D)_t D^-t (1-j/n)^{D-t} exp(jD/n): Poisson(D/n) counts against multinomial ones.
    """
    t = np.arange(size, dtype=np.float64)
    falling = np.concatenate(([0.0], np.cumsum(np.log1p(-t[:-1] / D))))
    miss = math.log1p(-j / n)
    return falling + (D * (j / n + miss) - t * miss)


def _log_poisson(i: int, r: float) -> float:
    """Return log P(Pois(r) = i), to the last digits of the probability."""
    if i == 0:
        return -r
    return -r * float(phi((i - r) / r)) - stirling_error(float(i)) - 0.5 * math.log(2.0 * math.pi * i)


def _log_poissons(d: int, r: float) -> Floats:
    return np.array([_log_poisson(i, r) for i in range(d)])


def _ratios(d: int, r: float) -> Floats:
    """Return P(Pois(r) = d+j)/P(Pois(r) = d), j = 0, 1, ... until they are negligible."""
    size = int(2.0 * r + 12.0 * math.sqrt(r)) + 60
    return np.concatenate(([1.0], np.cumprod(r / (d + np.arange(1.0, size)))))


def _rate(d: int, excess: float) -> float:
    """Return the r > 0 at which counts of at least d exceed d by `excess` on average."""
    r = min((d + 1) * excess, d + excess)
    for _ in range(60):
        t = _ratios(d, r)
        total = float(np.sum(t))
        e = float(np.arange(t.size) @ t) / total
        slope = r - d / total * e
        step = math.log(excess / e) * e / slope
        r *= math.exp(step)
        if abs(step) < 1e-14:
            break
    return r


def _density(n: int, d: int, D: int, r: float, excess: float, total: float) -> float:
    """Return P(n counts of at least d at rate r sum to D)."""
    e = np.empty(CUMULANTS)
    e[0] = excess
    continue_derivatives(r, d / total, e)
    variance = n * float(e[1])
    if variance >= GAUSSIAN_VARIANCE:
        return float(density_from_cumulants(float(n), variance, e))
    points = circle_points(variance)
    theta = 2.0 * math.pi / points * np.arange(1, points)
    z = np.exp(1j * theta)
    sums = np.polynomial.polynomial.polyval(z, _ratios(d, r)) / total
    with np.errstate(divide="ignore"):
        values = np.exp(n * np.log(sums) - 1j * (((D - n * d) * np.arange(1, points)) % points) * theta[0])
    return float(1.0 + np.sum(values.real)) / points


def _time_span(n: int, d: int, width: float) -> tuple[float, float]:
    """Return times before which H is below 1e-19 (or 0) and after which 1 - H is."""
    start = 0.0
    while n * gammaincc(d, start + width) > 45.0:
        start += width
    stop = start + width
    while n * gammaincc(d, stop) > 1e-19:
        stop += width
    return start, stop


def _panels(start: float, stop: float, width: float) -> tuple[Floats, Floats]:
    """Return Gauss-Legendre nodes and weights on panels no wider than `width`."""
    count = math.ceil((stop - start) / width)
    step = (stop - start) / count
    return (start + step * (np.arange(count)[:, None] + NODES)).ravel(), np.tile(step * WEIGHTS, count)


def _log_all_seen(n: int, d: int, t: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.where(t < d, n * np.log(gammainc(d, t)), n * np.log1p(-gammaincc(d, t)))
