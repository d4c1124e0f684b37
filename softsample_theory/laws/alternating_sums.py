r"""Inclusion-exclusion sums for the items unseen after K fresh m-subsets, where they can be trusted.

With :math:`a_j = \binom{n-j}{m} / \binom{n}{m}`, the chance that j given items miss one subset,

.. math:: P(U_K \ge r) = \sum_{j \ge r} (-1)^{j-r} \binom{j-1}{r-1} \binom{n}{j} a_j^K

(the SRS paper's Eqs. 9 and 12, summed). With a weight :math:`1 - a_j` and K - 1 in place of K the same sum is
P(T = K). The terms grow to about :math:`e^{\mu}`, :math:`\mu = n (1-m/n)^K`: the sum keeps its digits
only while :math:`e^{2\mu} K` is far from 1e30, and says by itself how many it kept.
"""

from __future__ import annotations

from numba import njit

from softsample_theory.laws.double_double import dd_add, dd_divide, dd_multiply, dd_power


@njit(cache=True)
def double_double_sums(n: int, m: int, K: int, r: int, at: bool) -> tuple[float, float, float]:
    """Return (P(U_K >= r), P(U_K < r), error), r >= 1, and with `at` (P(T = K), 1 - P(T = K), error).

    T is the first epoch with U < r. `error` bounds the absolute error of both values: the sum of the terms'
    sizes times the worst rounding of each.

    Accuracy
    --------
    `error` bounds the true error, which is about 1e-16 relative where error < 1e-16: against 300-digit sums,
    n to 1e12.

    Cost
    ----
    5 to 15 us.
    """
    power = K - 1 if at else K
    N = n - m
    a, a_lo, b, b_lo = 1.0, 0.0, 0.0, 0.0
    term, term_lo = 1.0, 0.0
    total, total_lo, size = 0.0, 0.0, 0.0
    j = 0
    while True:
        if j >= r:
            last, last_lo = dd_multiply(term, term_lo, b, b_lo) if at else (term, term_lo)
            size += last
            sign = 1.0 if (j - r) % 2 == 0 else -1.0
            total, total_lo = dd_add(total, total_lo, sign * last, sign * last_lo)
            if last <= 1e-34 * size:
                break
        if j >= N or term == 0.0:
            break
        q, q_lo = dd_divide(float(N - j), 0.0, float(n - j), 0.0)
        factor, factor_lo = dd_power(q, q_lo, power)
        factor, factor_lo = dd_multiply(factor, factor_lo, float(n - j), 0.0)
        factor, factor_lo = dd_divide(factor, factor_lo, float(j + 1), 0.0)
        if j >= r:
            factor, factor_lo = dd_multiply(factor, factor_lo, float(j), 0.0)
            factor, factor_lo = dd_divide(factor, factor_lo, float(j - r + 1), 0.0)
        term, term_lo = dd_multiply(term, term_lo, factor, factor_lo)
        a, a_lo = dd_multiply(a, a_lo, q, q_lo)
        b, b_lo = dd_add(1.0, 0.0, -a, -a_lo)
        j += 1
    complement = dd_add(1.0, 0.0, -total, -total_lo)[0]
    return total, complement, size * (power + 8.0) * (j + 1.0) * 2.0**-100
