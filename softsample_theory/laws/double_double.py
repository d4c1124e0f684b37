"""Double-double arithmetic: a number as the unevaluated sum of two float64, about 32 decimal digits.

For the few places where digits of the size of the population decide: a mean n q^K, a deviation d - mean.
Every number here is a pair (hi, lo) with hi = fl(hi + lo). The loops of Numba compile without contraction, so
the error-free transformations hold exactly.

References
----------
T. J. Dekker, A floating-point technique for extending the available precision, Numer. Math. 18, 1971.
Y. Hida, X. S. Li, D. H. Bailey, Library for double-double and quad-double arithmetic, 2007.
"""

from __future__ import annotations

import math

from numba import njit

_SPLITTER = 134217729.0  # 2**27 + 1
_LN2, _LN2_LO = 0.6931471805599453, 2.3190468138462996e-17  # log 2, 33 digits


@njit(cache=True)
def two_sum(a: float, b: float) -> tuple[float, float]:
    """Return (s, e) with s = fl(a+b) and s + e = a + b exactly."""
    s = a + b
    c = s - a
    return s, (a - (s - c)) + (b - c)


@njit(cache=True)
def two_product(a: float, b: float) -> tuple[float, float]:
    """Return (p, e) with p = fl(a b) and p + e = a b exactly, for products from 1e-290 to 1e290."""
    p = a * b
    a1, a2 = _split(a)
    b1, b2 = _split(b)
    return p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2


@njit(cache=True)
def dd_add(a: float, a_lo: float, b: float, b_lo: float) -> tuple[float, float]:
    """Return a + b; relative error at most 2**-104, opposite signs included."""
    s, e = two_sum(a, b)
    t, f = two_sum(a_lo, b_lo)
    s, e = _renormalise(s, e + t)
    return _renormalise(s, e + f)


@njit(cache=True)
def dd_multiply(a: float, a_lo: float, b: float, b_lo: float) -> tuple[float, float]:
    """Return a b; relative error at most 2**-102."""
    p, e = two_product(a, b)
    return _renormalise(p, e + (a * b_lo + a_lo * b))


@njit(cache=True)
def dd_divide(a: float, a_lo: float, b: float, b_lo: float) -> tuple[float, float]:
    """Return a / b for b != 0; relative error at most 2**-100."""
    q1 = a / b
    p, p_lo = dd_multiply(q1, 0.0, b, b_lo)
    r, r_lo = dd_add(a, a_lo, -p, -p_lo)
    q2 = r / b
    p, p_lo = dd_multiply(q2, 0.0, b, b_lo)
    r, r_lo = dd_add(r, r_lo, -p, -p_lo)
    q1, q2 = _renormalise(q1, q2)
    return dd_add(q1, q2, r / b, 0.0)


@njit(cache=True)
def dd_power(a: float, a_lo: float, k: int) -> tuple[float, float]:
    """Return a**k for an integer k >= 0 by binary powering; relative error about k 2**-102."""
    p, p_lo = 1.0, 0.0
    while k > 0:
        if k & 1:
            p, p_lo = dd_multiply(p, p_lo, a, a_lo)
        k >>= 1
        if k:
            a, a_lo = dd_multiply(a, a_lo, a, a_lo)
    return p, p_lo


@njit(cache=True)
def dd_exp(a: float, a_lo: float) -> tuple[float, float]:
    """Return exp(a); relative error at most (30 + abs(a)) 2e-32 for a from -600 to 700."""
    halvings = round(a / _LN2)
    e, e_lo = _expm1_reduced(a, a_lo, halvings)
    e, e_lo = dd_add(1.0, 0.0, e, e_lo)
    return math.ldexp(e, halvings), math.ldexp(e_lo, halvings)


@njit(cache=True)
def _expm1_reduced(a: float, a_lo: float, halvings: int) -> tuple[float, float]:
    """Return exp(a - halvings log 2) - 1: Taylor at 1/256 of the argument, then eight squarings."""
    m = float(halvings)
    p, p_lo = dd_multiply(m, 0.0, _LN2, _LN2_LO)
    f, f_lo = dd_add(a, a_lo, -p, -p_lo)
    f, f_lo = f / 256.0, f_lo / 256.0
    t, t_lo = 1.0, 0.0
    for i in range(12, 1, -1):
        t, t_lo = dd_multiply(t, t_lo, f, f_lo)
        t, t_lo = dd_divide(t, t_lo, float(i), 0.0)
        t, t_lo = dd_add(t, t_lo, 1.0, 0.0)
    e, e_lo = dd_multiply(t, t_lo, f, f_lo)
    for _ in range(8):
        s, s_lo = dd_multiply(e, e_lo, e, e_lo)
        e, e_lo = dd_add(2.0 * e, 2.0 * e_lo, s, s_lo)
    return e, e_lo


@njit(cache=True)
def _renormalise(s: float, e: float) -> tuple[float, float]:
    """Return the pair with s = fl(s + e), for abs(s) >= abs(e)."""
    t = s + e
    return t, e - (t - s)


@njit(cache=True)
def _split(a: float) -> tuple[float, float]:
    """Return two halves of 26 bits whose sum is a (Veltkamp)."""
    c = _SPLITTER * a
    high = c - (c - a)
    return high, a - high
