r"""Mean, variance and higher cumulants of the distinct items among iid draws, without cancellation.

With a = 1 - 1/n the mean is n (1 - a^D). The textbook variance is a difference of terms of size n^2. Here
it is a second divided difference of y^D at the three close points a^2, a and b = 1 - 2/n (the law of total
variance, summed),

.. math:: \mathrm{Var} K = \frac{n-1}{n^2}\,[a^2, a, b]\, y^D
          = \frac{a^D}{n-1} \sum_{m \ge 0} (-1)^m \binom{D}{m+2} h_m(\tfrac1n, \tfrac1{n-1}),

h_m the complete symmetric polynomial.
"""

from __future__ import annotations

import math
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_SPLITTER = 134217729.0  # 2**27 + 1


def distinct_moments(population: int, draws: ArrayLike) -> tuple[Floats, Floats]:
    """Return mean and variance of the number of distinct items after each of `draws` iid draws.

    Parameters
    ----------
    population : int
        n, from 1 to 2**53.
    draws : array_like of int
        D, from 0 to 2**62, of any shape.

    Returns
    -------
    tuple of two float64 arrays, in the shape of `draws`.

    Accuracy
    --------
    Relative error at most 1e-15 against 250-digit values, n from 2 to 2**53, D from 2 to 2**62.

    Cost
    ----
    About 0.1 ms, and 0.5 us a value.

    Examples
    --------
    >>> mean, variance = distinct_moments(10**9, [0, 1, 10**9])
    >>> mean.tolist(), variance.tolist()
    ([0.0, 1.0, 632120559.0124974], [0.0, 0.0, 97208874.71728012])
    """
    integers = np.asarray(draws, dtype=np.int64)
    n, D = float(population), integers.astype(np.float64)
    if population == 1:
        return np.minimum(D, 1.0), np.zeros(D.shape)
    q, p = _unseen_and_seen(population, integers)
    few = q / (n - 1.0) * _divided_difference(n, np.minimum(D, n))
    pair = math.log1p(-1.0 / (n - 1.0) ** 2) if population > 2 else -math.inf
    many = n * q * (p + q * (n - 1.0) * np.expm1(np.maximum(D, n) * pair))
    variance = np.where(n >= D, few, many)
    return np.where(D > 1.0, n * p, D), np.where(D > 1.0, variance, 0.0)


def distinct_cumulants(population: int, draws: int) -> tuple[float, float, float, float]:
    """Return the first four cumulants, good to the last digit, from exact factorial moments.

    The factorial moments (n)_j (1-j/n)^D of the unseen items cancel by up to four times the digits of n;
    decimal arithmetic of 160 digits carries them all.

    Accuracy
    --------
    Relative error at most 2e-16 against 250-digit values, n from 2 to 2**53, D from 2 to 2**62.

    Cost
    ----
    About 0.1 ms.
    """
    with localcontext(Context(prec=160, Emax=MAX_EMAX, Emin=MIN_EMIN)):
        n, D = Decimal(population), Decimal(draws)
        falling, moments = Decimal(1), []
        for j in range(1, 5):
            falling *= n - j + 1
            moments.append(falling * (1 - j / n) ** D if j < population or draws == 0 else Decimal(0))
        f1, f2, f3, f4 = moments
        m2, m3, m4 = f2 + f1, f3 + 3 * f2 + f1, f4 + 6 * f3 + 7 * f2 + f1  # raw moments of the unseen
        k2 = m2 - f1**2
        k3 = m3 - 3 * m2 * f1 + 2 * f1**3
        k4 = m4 - 4 * m3 * f1 - 3 * m2**2 + 12 * m2 * f1**2 - 6 * f1**4
        noise = Decimal(10) ** -150 * max(f1, f1**4)  # left by certain events; below any true cumulant
        k2, k3, k4 = (k if abs(k) > noise else Decimal(0) for k in (k2, k3, k4))
        return float(n - f1), float(k2), float(-k3), float(k4)


def _unseen_and_seen(population: int, draws: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return (1-1/n)^D and its complement, n >= 2: the exponent is kept to twice the digits of float64."""
    with localcontext(Context(prec=60)):
        exact = (1 - 1 / Decimal(population)).ln()
        log_miss = float(exact)
        rest = float(exact - Decimal(log_miss))
    D = draws.astype(np.float64)
    D_high, l_high = _leading_bits(D), float(_leading_bits(np.float64(log_miss)))
    D_low = (D - D_high) + (draws - D.astype(np.int64))
    main = D_high * l_high  # exact: 26 bits each
    correction = D_high * (log_miss - l_high + rest) + D_low * log_miss
    return np.exp(main) * np.exp(correction), 0.0 - (np.expm1(main) + np.exp(main) * np.expm1(correction))


def _leading_bits(x: Floats | np.float64) -> Floats:
    c = _SPLITTER * x
    return np.asarray(c - (c - x))


def _divided_difference(n: float, D: Floats) -> Floats:
    """Return sum_m (-1)^m C(D, m+2) h_m(1/n, 1/(n-1)), D <= n: each term is below 2/3 of the one before."""
    binomial = 0.5 * D * (D - 1.0)  # (-1)^m C(D, m+2) / n^m
    h, total = 1.0, binomial.copy()  # n^m h_m
    for m in range(1, 24):
        binomial = binomial * (-(D - m - 1.0) / (m + 2.0) / n)
        h = 1.0 + n / (n - 1.0) * h
        total += binomial * h
    return total
