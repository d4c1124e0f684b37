"""Scalar pieces of log-factorials that stay exact when the large terms of a formula cancel.

A log-probability is a small difference of terms like x log x. With `stirling_error` and `phi` the large
terms vanish on paper, so that nothing of their size is ever computed (Loader 2000).

References
----------
C. Loader, Fast and accurate computation of binomial probabilities, 2000.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

_SMALL_INTEGERS = np.array(
    [  # stirling_error(k), k = 0..15: 40-digit mpmath, rounded; at 0 by convention
        0.0,
        0.08106146679532726,
        0.0413406959554093,
        0.02767792568499834,
        0.020790672103765093,
        0.016644691189821193,
        0.013876128823070748,
        0.01189670994589177,
        0.010411265261972096,
        0.009255462182712733,
        0.00833056343336287,
        0.007573675487951841,
        0.00694284010720953,
        0.006408994188004207,
        0.0059513701127588475,
        0.005554733551962801,
    ]
)


@njit(cache=True)
def stirling_error(x: float) -> float:
    r"""Return log Gamma(x+1) - (x log x - x + log(2 pi x)/2) for real x > 0, and 0.0 at x = 0.

    Above 10 the Stirling series :math:`\sum_j B_{2j} / (2j(2j-1) x^{2j-1})`; below, the recurrence
    :math:`\delta(x) = \delta(x+1) + \mathrm{artanh}(t)/t - 1`, :math:`t = 1/(2x+1)`, whose terms are all
    positive. The value at 0 is the convention that makes 0! contribute nothing.

    Accuracy
    --------
    Relative error at most 1e-15 (5e-16 from x = 0.3 up) against 60-digit mpmath, x from 1e-300 to 1e300.
    """
    if x < 16.0 and x == math.floor(x):
        return _SMALL_INTEGERS[int(x)]
    total = 0.0
    while x < 10.0:
        total += _recurrence_step(x)
        x += 1.0
    return total + _stirling_series(x)


@njit(cache=True)
def stirling_factor(x: float) -> float:
    """Return log Gamma(x+1) - (x log x - x) for x >= 0: log_root_two_pi(x) + stirling_error(x), 0 at 0."""
    if x == 0.0:
        return 0.0
    return log_root_two_pi(x) + stirling_error(x)


@njit(cache=True)
def log_root_two_pi(x: float) -> float:
    """Return log(2 pi x)/2 for x > 0."""
    return 0.5 * math.log(2.0 * math.pi * x)


@njit(cache=True)
def phi(e: float) -> float:
    r"""Return (1+e) log(1+e) - e for e >= -1, to full relative accuracy.

    With :math:`v = e/(2+e)` it is :math:`e v [1 + (1+v)(v/3 + v^3/5 + \dots)]`: nothing cancels near 0.

    Accuracy
    --------
    Relative error at most 1e-15 against 60-digit mpmath, abs(e) from 1e-150 to 1e300, and 1 at e = -1.
    """
    if e <= -1.0:
        return 1.0 if e == -1.0 else math.nan
    if e < -0.5 or e > 1.0:
        return (1.0 + e) * math.log1p(e) - e
    v = e / (2.0 + e)
    square = v * v
    power = v
    total = 0.0
    odd = 3.0
    while abs(power) > 1e-18:
        total += power / odd
        power *= square
        odd += 2.0
    return e * v * (1.0 + (1.0 + v) * total)


@njit(cache=True)
def _recurrence_step(x: float) -> float:
    """Return stirling_error(x) - stirling_error(x+1) = (x + 1/2) log(1 + 1/x) - 1."""
    if x < 0.3:
        return (x + 0.5) * (math.log1p(x) - math.log(x)) - 1.0
    t = 1.0 / (2.0 * x + 1.0)
    square = t * t
    power = square
    total = 0.0
    odd = 3.0
    while power > 1e-18 * total:
        total += power / odd
        power *= square
        odd += 2.0
    return total


@njit(cache=True)
def _stirling_series(x: float) -> float:
    """Return the Stirling series at x >= 10: nine terms leave less than 3e-17 of the value."""
    y = 1.0 / (x * x)
    total = 43867.0 / 244188.0
    total = -3617.0 / 122400.0 + y * total
    total = 1.0 / 156.0 + y * total
    total = -691.0 / 360360.0 + y * total
    total = 1.0 / 1188.0 + y * total
    total = -1.0 / 1680.0 + y * total
    total = 1.0 / 1260.0 + y * total
    total = -1.0 / 360.0 + y * total
    return (1.0 / 12.0 + y * total) / x
