"""The integrand of the contour integral, in complex arithmetic and without cancellation.

Written with :math:`\\ell(w) = \\log(1+w) - w`, every term that is left is of the size of the logarithm of the
probability itself: nothing of the size of n, m or K is ever added or subtracted.
"""

from __future__ import annotations

import cmath
import math

from numba import njit

from softsample_theory.laws.stirling import stirling_error


@njit(cache=True)
def exponent(X, Y, y, z, far, case):
    r"""Return log of (u+z) F_u(z) for z in the upper half plane, F_u the integrand of the contour.

    .. math:: F_u(z) = \frac{\Gamma(u+z)}{u!} \Bigl[\frac{n!}{\Gamma(n+1+z)}\Bigr]^{1-K}
        \Bigl[\frac{N!}{\Gamma(N+1+z)}\Bigr]^{K},  \quad N = n-m

    `case` is (n, m, K, u, repeats, eta, st_n, st_N): repeats = m K - n + u; eta = log(u/mu) for u >= 1 and
    -log(mu) for u = 0, where mu = n (1-m/n)**K; st_n and st_N are the Stirling errors of n and N. The shifted
    X = u + z, Y = N + z, y = n + z come with z because any of the four may be far smaller than the others.
    `far` chooses the form for circles much larger than n, which few repeats ask for: the falling factorials
    themselves. It leaves a constant in: the value at z = 0, which should be 0, is to be taken off.
    """
    n, m, K, u, repeats, eta, st_n, st_N = case
    if far:
        total = repeats * cmath.log(y / n) + K * _log_falling(m, y, Y) - _log_falling(n - u, y, X)
    else:
        total = _near_exponent(X, Y, y, z, n, m, K, u, repeats, eta, st_n, st_N)
    return total + _reflections(y, X, Y, K)


@njit(cache=True)
def _log_falling(j, y, rest):
    """Return log of y (y-1) ... (y-j+1) / y**j, with rest = y - j; of the size of j**2 / y."""
    if rest == 0.0:  # j = y: y! / y**y
        return _HALF_LOG_TWO_PI + 0.5 * cmath.log(y) - y + complex_stirling_error(y)
    w = j / y
    l_w = _log1p_minus(-w, rest / y)
    return complex_stirling_error(y) - complex_stirling_error(rest) - rest * l_w - j * w - 0.5 * (l_w - w)


@njit(cache=True)
def _near_exponent(X, Y, y, z, n, m, K, u, repeats, eta, st_n, st_N):
    """Return the exponent for circles that are not much larger than n: its terms fall like z**2."""
    v = m * z / (n * Y)
    l_n = _log1p_minus(z / n, y / n)
    l_v = _log1p_minus(-v, (n - m) * y / (n * Y))
    total = z * eta + K * (Y * l_v + 0.5 * (l_v - v))
    if u > 0.0:
        w = (n - u) * z / (n * X)
        l_w = _log1p_minus(-w, u * y / (n * X))
        total += repeats * l_n - X * l_w - 0.5 * (l_w - w) - stirling_error(u)
    else:
        log_y = l_n + z / n
        total += (m * K - n) * l_n - (z + 0.5) * log_y + (X + 0.5) * cmath.log(X) - X + _HALF_LOG_TWO_PI
    st_y = complex_stirling_error(y) - st_n
    total += complex_stirling_error(X) - st_y
    return total + K * (st_y - (complex_stirling_error(Y) - st_N))


_HALF_LOG_TWO_PI = 0.5 * math.log(2.0 * math.pi)


@njit(cache=True)
def _reflections(y, X, Y, K):
    """Return what the reflection formula adds for each Gamma function of an argument in the left half plane.

    All their arguments differ by integers, so that each adds the same -log(1 - exp(2 pi i y)).
    """
    if X.real >= 0.0 or y.imag > 6.5:
        return 0.0j
    copies = -1.0
    if Y.real < 0.0:
        copies += K
        if y.real < 0.0:
            copies -= K - 1.0
    if copies == 0.0:
        return 0.0j
    rest = 1.0 - cmath.exp(2.0j * math.pi * y)
    if rest == 0.0:
        return complex(
            -1e300, 0.0
        )  # a zero of the integrand: every pole there is cancelled by K - 1 zeros or more
    return copies * cmath.log(rest)


@njit(cache=True)
def _log1p_minus(w, one_plus_w):
    """Return log(1+w) - w to full relative accuracy; `one_plus_w` is 1 + w, exact where w is near -1.

    With v = w/(2+w) it is -w v + 2 (v**3/3 + v**5/5 + ...).
    """
    if w == -2.0:
        return cmath.log(one_plus_w) - w
    v = w / (2.0 + w)
    square = v * v
    size = square.real * square.real + square.imag * square.imag
    if size > 0.0625:
        return cmath.log(one_plus_w) - w
    power = 2.0 * v * square
    total = power / 3.0
    scale = size
    odd = 5.0
    while scale > 1e-36:
        power *= square
        total += power * (1.0 / odd)
        scale *= size
        odd += 2.0
    return total - w * v


@njit(cache=True)
def complex_stirling_error(x):
    """Return log Gamma(x+1) - (x log x - x + log(2 pi x)/2) for Re x >= 0, continued as an odd function.

    In the left half plane the true value is this minus log(1 - exp(2 pi i x)) (Im x > 0).
    """
    if x.real < 0.0:
        return -complex_stirling_error_right(-x)
    return complex_stirling_error_right(x)


@njit(cache=True)
def complex_stirling_error_right(x):
    """Return the same for Re x >= 0: recurrence up to abs(x) >= 10, then the Stirling series."""
    total = 0.0j
    size = x.real * x.real + x.imag * x.imag
    while size < 100.0:
        if size < 1.0:
            total += (x + 0.5) * (cmath.log(1.0 + x) - cmath.log(x)) - 1.0
        else:
            t = 1.0 / (2.0 * x + 1.0)
            square = t * t
            power = square
            odd = 3.0
            while power.real * power.real + power.imag * power.imag > 1e-36:
                total += power * (1.0 / odd)
                power *= square
                odd += 2.0
        x += 1.0
        size = x.real * x.real + x.imag * x.imag
    t = 1.0 / x
    y = t * t
    if size > 1e6:
        return total + t * (1.0 / 12.0 - y * (1.0 / 360.0 - y / 1260.0))
    series = -3617.0 / 122400.0 + y * (43867.0 / 244188.0)
    series = 1.0 / 156.0 + y * series
    series = -691.0 / 360360.0 + y * series
    series = 1.0 / 1188.0 + y * series
    series = -1.0 / 1680.0 + y * series
    series = 1.0 / 1260.0 + y * series
    series = -1.0 / 360.0 + y * series
    return total + t * (1.0 / 12.0 + y * series)
