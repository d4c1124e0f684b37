"""The mean number of unseen items, and deviations from it, to full accuracy at any size.

These are the only places of the coverage laws where digits of the size of the population decide.
"""

from __future__ import annotations

import math

from numba import njit

from softsample_theory.laws.double_double import dd_add, dd_divide, dd_exp, dd_multiply, dd_power


@njit(cache=True)
def unseen_mean(n: int, m: int, K: int) -> float:
    """Return n (1 - m/n)**K to full relative accuracy (error at most 2e-16 + K 1e-31), in about 0.3 us."""
    return unseen_mean_pair(n, m, K)[0]


@njit(cache=True)
def unseen_mean_pair(n: int, m: int, K: int) -> tuple[float, float]:
    """Return n (1 - m/n)**K as a double-double; relative error at most 1e-26 even at n = 2**53, m = 1.

    By powering, whose error is about K 1e-31, or by exp(K log q) where K is so large that this would show.
    """
    if float(n) * K > 1e17 and 100.0 * m < n and m * float(K) < 600.0 * n:
        rate, rate_lo = _rate(n, m)
        epochs = float(K)
        x, x_lo = dd_multiply(rate, rate_lo, epochs, float(K - int(epochs)))
        p, p_lo = dd_exp(-x, -x_lo)
    else:
        q, q_lo = dd_divide(float(n - m), 0.0, float(n), 0.0)
        p, p_lo = dd_power(q, q_lo, K)
    return dd_multiply(p, p_lo, float(n), 0.0)


@njit(cache=True)
def expected_repeats(n: int, m: int, K: int) -> float:
    r"""Return m K - n + n (1 - m/n)**K >= 0, the mean number of draws that meet an item seen before.

    The sum :math:`n \sum_{j \ge 2} (-1)^j \binom{K}{j} (m/n)^j` where it converges fast, else the definition.
    """
    rho = m / n
    c = rho * K
    if c > 1.0:
        return (m * float(K) - n) + unseen_mean(n, m, K)
    term = 0.5 * m * K * (rho * (K - 1.0))
    total = 0.0
    j = 2.0
    while abs(term) > 1e-18 * total:
        total += term
        term *= -rho * (K - j) / (j + 1.0)
        j += 1.0
    return total


@njit(cache=True)
def unseen_deviation(n: int, m: int, K: int, u: int) -> float:
    """Return u - n (1 - m/n)**K, with an error below 1e-13 of the standard deviation or of itself."""
    c = m * float(K) / n
    if c < 0.5 and 0.5 * n * c * c < 1.0:
        return float(u - n + m * K) - expected_repeats(n, m, K)
    mu, mu_lo = unseen_mean_pair(n, m, K)
    return dd_add(float(u), 0.0, -mu, -mu_lo)[0]


@njit(cache=True)
def seen_fraction(n: int, m: int, K: int) -> float:
    """Return 1 - (1 - m/n)**K to full relative accuracy."""
    if m == n:
        return 1.0 if K > 0 else 0.0
    rate = math.log1p(-m / n) if 2 * m < n else math.log((n - m) / n)
    return -math.expm1(K * rate)


@njit(cache=True)
def _rate(n: int, m: int) -> tuple[float, float]:
    """Return -log(1 - m/n) for m < n/100 as a double-double, by its series."""
    rho, rho_lo = dd_divide(float(m), 0.0, float(n), 0.0)
    total, total_lo = 0.0, 0.0
    power, power_lo = rho, rho_lo
    j = 1.0
    while power > 1e-34 * total:
        term, term_lo = dd_divide(power, power_lo, j, 0.0)
        total, total_lo = dd_add(total, total_lo, term, term_lo)
        power, power_lo = dd_multiply(power, power_lo, rho, rho_lo)
        j += 1.0
    return total, total_lo
