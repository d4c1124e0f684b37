r"""The number X of items seen fewer than d times in K fresh m-subsets: factorial cumulants and P(X = 0).

The chance that j given items are all seen fewer than d times is a sum of coefficients of a power,

.. math:: G_j = \sum_{\alpha \in \{0..d-1\}^j} [x^\alpha]
          \Bigl(\sum_{\beta \in \{0,1\}^j} w_{|\beta|} x^\beta\Bigr)^K, \qquad
          w_b = \frac{(m)_b (N)_{j-b}}{(n)_j}, \quad N = n - m,

which J.C.P. Miller's recurrence for the power of a series gives at a cost that is free of n, m and K. The
factorial moments of X are :math:`(n)_j G_j`. All numbers are double-doubles, since the alternating sums of
them lose a factor of up to :math:`e^{2\mu}`, :math:`\mu = E X`.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from softsample_theory.laws.double_double import dd_add, dd_divide, dd_multiply, dd_power

_MOST_TERMS_OF_TWO = 140
_MOST_TERMS_OF_THREE = 56


@njit(cache=True)
def factorial_cumulants(n: int, m: int, K: int, d: int, orders: int) -> NDArray[np.float64]:
    """Return the factorial cumulants 1..orders of X, the mean first; orders <= n - m.

    The cost is that of C(orders+d-1, orders) 2**orders double-double products, and d**orders numbers.
    """
    moments, moments_lo = np.zeros(orders + 1), np.zeros(orders + 1)
    unseen, unseen_lo = 1.0, 0.0  # factorial moment of the items never seen
    moments[0] = 1.0
    for j in range(1, orders + 1):
        unseen, unseen_lo = _one_more_item(unseen, unseen_lo, n, m, K, j)
        share, share_lo = _short_to_unseen(n, m, K, d, j)
        moments[j], moments_lo[j] = dd_multiply(unseen, unseen_lo, share, share_lo)
    return _cumulants_of(moments, moments_lo)


@njit(cache=True)
def none_short(n: int, m: int, K: int, d: int) -> tuple[float, float, float]:
    """Return (P(X = 0), P(X > 0), error) for d = 2 or 3 by inclusion and exclusion, in j**2 or j**4 products.

    `error` bounds both absolutely. It is infinite where the sum needs more than 140 terms (d = 2) or 56
    (d = 3, whose binomial coefficients are then still exact), or more than n - m.
    """
    choices = _binomial_table(_MOST_TERMS_OF_THREE)
    term, term_lo = 1.0, 0.0  # binomial moment of the items never seen
    above, above_lo, size = 0.0, 0.0, 0.0
    most = _MOST_TERMS_OF_TWO if d == 2 else _MOST_TERMS_OF_THREE
    for j in range(1, min(most, n - m) + 1):
        term, term_lo = _one_more_item(term, term_lo, n, m, K, j)
        term, term_lo = dd_divide(term, term_lo, float(j), 0.0)
        share, share_lo = (
            _short_of_two_to_unseen(n, m, K, j) if d == 2 else _short_of_three_to_unseen(n, m, K, j, choices)
        )
        part, part_lo = dd_multiply(term, term_lo, share, share_lo)
        sign = 1.0 if j % 2 else -1.0
        above, above_lo = dd_add(above, above_lo, sign * part, sign * part_lo)
        size += part
        if part < 1e-34 * size:
            none = dd_add(1.0, 0.0, -above, -above_lo)[0]
            return none, above, size * (K + 100.0) * (j + 1.0) * 2.0**-100
    return 0.0, 1.0, math.inf


@njit(cache=True)
def _one_more_item(value: float, value_lo: float, n: int, m: int, K: int, j: int) -> tuple[float, float]:
    """Return the factorial moment j of the items never seen, from moment j - 1."""
    q, q_lo = dd_divide(float(n - m - j + 1), 0.0, float(n - j + 1), 0.0)
    power, power_lo = dd_power(q, q_lo, K)
    power, power_lo = dd_multiply(power, power_lo, float(n - j + 1), 0.0)
    return dd_multiply(value, value_lo, power, power_lo)


@njit(cache=True)
def _hit_ratios(n: int, m: int, j: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return w_b / w_0 for b = 0..j; w_b is the chance that an epoch takes b given items of j, no others."""
    ratio, ratio_lo = np.ones(j + 1), np.zeros(j + 1)
    for b in range(1, j + 1):
        step, step_lo = dd_divide(float(max(0, m - b + 1)), 0.0, float(n - m - j + b), 0.0)
        ratio[b], ratio_lo[b] = dd_multiply(ratio[b - 1], ratio_lo[b - 1], step, step_lo)
    return ratio, ratio_lo


@njit(cache=True)
def _short_to_unseen(n: int, m: int, K: int, d: int, j: int) -> tuple[float, float]:
    """Return G_j / w_0**K: the sum of the coefficients over all exponents below d in j variables.

    Exponents that are permutations of each other have the same coefficient: only falling ones are visited.
    """
    ratio, ratio_lo = _hit_ratios(n, m, j)
    g, g_lo = np.zeros(d**j), np.zeros(d**j)
    g[0] = 1.0
    total, total_lo = 1.0, 0.0
    a = np.zeros(j, dtype=np.int64)
    for place in range(1, d**j):
        _count_up(a, d)
        orders = _permutations_of_falling(a)
        if orders > 0.0:
            g[place], g_lo[place] = _next_coefficient(a, d, float(K), ratio, ratio_lo, g, g_lo)
            part, part_lo = dd_multiply(g[place], g_lo[place], orders, 0.0)
            total, total_lo = dd_add(total, total_lo, part, part_lo)
    return total, total_lo


@njit(cache=True)
def _permutations_of_falling(a: NDArray[np.int64]) -> float:
    """Return the number of distinct permutations of `a`, or 0 where it rises somewhere."""
    orders, alike = 1.0, 1
    for i in range(1, a.size):
        if a[i] > a[i - 1]:
            return 0.0
        alike = alike + 1 if a[i] == a[i - 1] else 1
        orders = orders * (i + 1) / alike
    return orders


@njit(cache=True)
def _next_coefficient(a, d, K, ratio, ratio_lo, g, g_lo):
    """Return the coefficient at the falling exponents `a` by Miller's recurrence in the first variable.

    Comparing x dg/dx f = K g x df/dx gives a g_a = sum over b != 0 of (K b - (a - b)) f_b g_(a-b) / f_0, with
    a and b the exponents of that one variable in the brackets.
    """
    total, total_lo = 0.0, 0.0
    rest = np.empty(a.size, dtype=np.int64)
    for mask in range(1, 1 << a.size):
        hits = 0
        for i in range(a.size):
            hit = (mask >> i) & 1
            hits += hit
            rest[i] = a[i] - hit
        if rest.min() < 0:
            continue
        place = _place_of_falling(rest, d)
        weight = K - a[0] + 1.0 if mask & 1 else -float(a[0])
        part, part_lo = dd_multiply(g[place], g_lo[place], ratio[hits], ratio_lo[hits])
        part, part_lo = dd_multiply(part, part_lo, weight, 0.0)
        total, total_lo = dd_add(total, total_lo, part, part_lo)
    return dd_divide(total, total_lo, float(a[0]), 0.0)


@njit(cache=True)
def _place_of_falling(a: NDArray[np.int64], d: int) -> int:
    """Sort `a` to fall, in place, and return the number whose digits in base d it is, the least first."""
    place = 0
    for i in range(1, a.size):
        k = i
        while k > 0 and a[k] > a[k - 1]:
            a[k], a[k - 1] = a[k - 1], a[k]
            k -= 1
    for i in range(a.size - 1, -1, -1):
        place = place * d + a[i]
    return place


@njit(cache=True)
def _count_up(a: NDArray[np.int64], d: int) -> None:
    """Add one to the number whose digits in base d are `a`, the least first."""
    i = 0
    while a[i] == d - 1:
        a[i] = 0
        i += 1
    a[i] += 1


@njit(cache=True)
def _short_of_two_to_unseen(n: int, m: int, K: int, j: int) -> tuple[float, float]:
    """Return `_short_to_unseen` for d = 2: where x_i**2 = 0 one variable t serves, with x_i x_k = t**2 / 2!.

    The sum over a of (j)_a [t^a] (sum_b w_b/w_0 t^b / b!)^K, with j**2 / 2 products.
    """
    c, c_lo = _hit_ratios(n, m, j)
    factorial = 1.0, 0.0
    for b in range(2, j + 1):
        factorial = dd_multiply(factorial[0], factorial[1], float(b), 0.0)
        c[b], c_lo[b] = dd_divide(c[b], c_lo[b], factorial[0], factorial[1])
    g, g_lo = np.zeros(j + 1), np.zeros(j + 1)
    g[0] = 1.0
    total, total_lo = 1.0, 0.0
    falling, falling_lo = 1.0, 0.0
    for a in range(1, j + 1):
        part, part_lo = 0.0, 0.0
        for b in range(1, a + 1):
            more, more_lo = dd_multiply(g[a - b], g_lo[a - b], c[b], c_lo[b])
            more, more_lo = dd_multiply(more, more_lo, (K + 1.0) * b - a, 0.0)
            part, part_lo = dd_add(part, part_lo, more, more_lo)
        g[a], g_lo[a] = dd_divide(part, part_lo, float(a), 0.0)
        falling, falling_lo = dd_multiply(falling, falling_lo, j - a + 1.0, 0.0)
        part, part_lo = dd_multiply(g[a], g_lo[a], falling, falling_lo)
        total, total_lo = dd_add(total, total_lo, part, part_lo)
    return total, total_lo


@njit(cache=True)
def _short_of_three_to_unseen(n, m, K, j, choices):
    """Return `_short_to_unseen` for d = 3; a coefficient depends only on how many exponents are 2 and 1."""
    ratio, ratio_lo = _hit_ratios(n, m, j)
    g, g_lo = np.zeros((j + 1, j + 1)), np.zeros((j + 1, j + 1))
    g[0, 0] = 1.0
    total, total_lo = 1.0, 0.0
    for degree in range(1, 2 * j + 1):
        for twos in range(max(0, degree - j), degree // 2 + 1):
            ones = degree - 2 * twos
            g[twos, ones], g_lo[twos, ones] = _next_of_three(
                twos, ones, float(K), ratio, ratio_lo, g, g_lo, choices
            )
            part, part_lo = dd_multiply(g[twos, ones], g_lo[twos, ones], choices[j, twos], 0.0)
            part, part_lo = dd_multiply(part, part_lo, choices[j - twos, ones], 0.0)
            total, total_lo = dd_add(total, total_lo, part, part_lo)
    return total, total_lo


@njit(cache=True)
def _next_of_three(twos, ones, K, ratio, ratio_lo, g, g_lo, choices):
    """Return the coefficient at so many exponents 2 and 1, by the recurrence in one variable of the highest.

    The epoch hits p of the other twos, q of the other ones, and the one variable too or not.
    """
    high = 2 if twos > 0 else 1
    other_twos, other_ones = (twos - 1, ones) if high == 2 else (0, ones - 1)
    total, total_lo = 0.0, 0.0
    for p in range(other_twos + 1):
        for q in range(other_ones + 1):
            after_twos, after_ones = other_twos - p, other_ones + p - q
            i, k = after_twos, after_ones + (high == 2)
            part, part_lo = dd_multiply(g[i, k], g_lo[i, k], ratio[p + q + 1], ratio_lo[p + q + 1])
            part, part_lo = dd_multiply(part, part_lo, K - high + 1.0, 0.0)
            if p + q > 0:
                i, k = after_twos + (high == 2), after_ones + (high == 1)
                more, more_lo = dd_multiply(g[i, k], g_lo[i, k], ratio[p + q], ratio_lo[p + q])
                more, more_lo = dd_multiply(more, more_lo, -float(high), 0.0)
                part, part_lo = dd_add(part, part_lo, more, more_lo)
            part, part_lo = dd_multiply(part, part_lo, choices[other_twos, p] * choices[other_ones, q], 0.0)
            total, total_lo = dd_add(total, total_lo, part, part_lo)
    return dd_divide(total, total_lo, float(high), 0.0)


@njit(cache=True)
def _binomial_table(most: int) -> NDArray[np.float64]:
    """Return C(i, k) for i, k <= most: exact up to 56."""
    table = np.zeros((most + 1, most + 1))
    for i in range(most + 1):
        table[i, 0] = 1.0
        for k in range(1, i + 1):
            table[i, k] = table[i - 1, k - 1] + table[i - 1, k]
    return table


@njit(cache=True)
def _cumulants_of(moments: NDArray[np.float64], moments_lo: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return cumulants 1, 2, ... from moments 0, 1, 2, ...: k_j = M_j - sum_i C(j-1, i-1) k_i M_(j-i)."""
    k, k_lo = np.zeros(moments.size), np.zeros(moments.size)
    for j in range(1, moments.size):
        k[j], k_lo[j] = moments[j], moments_lo[j]
        choices = 1.0
        for i in range(1, j):
            part, part_lo = dd_multiply(k[i], k_lo[i], moments[j - i], moments_lo[j - i])
            part, part_lo = dd_multiply(part, part_lo, choices, 0.0)
            k[j], k_lo[j] = dd_add(k[j], k_lo[j], -part, -part_lo)
            choices = choices * (j - i) / i
    return k[1:]
