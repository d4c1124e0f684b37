"""The law of the unseen count where its mean is below 1: the alternating sum of factorial moments, in double.

Here, and only here, the inclusion-exclusion sum loses nothing: its terms are at most exp(mean) times it.
"""

from __future__ import annotations

import math

from numba import njit


@njit(cache=True)
def rare_log(n, m, K, mu, u, tail):  # type: ignore[no-untyped-def]
    r"""Return log P(U = u) or, if `tail`, log P(U >= u) with u >= 1.

    :math:`P(U=u) = \sum_j (-1)^{j-u} \binom{j}{u} t_j` and
    :math:`P(U \ge u) = \sum_j (-1)^{j-u} \binom{j-1}{u-1} t_j`, with :math:`t_j = E \binom{U}{j}`.
    """
    log_t = 0.0
    for j in range(int(u)):
        log_t += math.log(_moment_ratio(n, m, K, mu, float(j)))
    term = 1.0
    total = 1.0
    j = u
    while abs(term) > 1e-18:
        term *= -_moment_ratio(n, m, K, mu, j) * (j if tail else j + 1.0) / (j + 1.0 - u)
        total += term
        j += 1.0
    return log_t + math.log(total)


@njit(cache=True)
def _moment_ratio(n, m, K, mu, j):  # type: ignore[no-untyped-def]
    """Return t_{j+1} / t_j, t_j the mean number of j-sets that are unseen; 0 from j = n - m on."""
    N = n - m
    if j >= N:
        return 0.0
    return mu * (1.0 - j / n) * math.exp(K * math.log1p(-j * m / (N * (n - j)))) / (j + 1.0)
