r"""The law of the unseen count by the alternating sum of factorial moments, where that loses nothing.

:math:`P(U=u) = t_u P(U^*=0)`: u given items stay unseen, and none of the s = n-u others, which are a
population of their own. The inclusion-exclusion sum for the latter has terms of at most exp(mean of U*) times
its value, so that it is safe where that mean is below 1, and only there.
"""

from __future__ import annotations

import math

from numba import njit

from softsample_theory.laws.stirling import stirling_error

_FEW = 64.0


@njit(cache=True)
def mean_of_the_others(n, m, K, mu, u):
    """Return the mean unseen of n-u items by subsets of m; mu is that of n items, which is more exact."""
    if mu < 1.0:
        return mu * (1.0 - u / n) * math.exp(K * math.log1p(-(u / (n - u)) * (m / (n - m))))
    return (n - u) * math.exp(K * math.log1p(-m / (n - u)))


@njit(cache=True)
def rare_log(n, m, K, mu, u, tail):
    r"""Return log P(U = u), u < n-m, or, if `tail`, log P(U >= u) with u >= 1.

    :math:`P(U=u) = \sum_j (-1)^{j-u} \binom{j}{u} t_j` and
    :math:`P(U \ge u) = \sum_j (-1)^{j-u} \binom{j-1}{u-1} t_j`, with :math:`t_j = E \binom{U}{j}`.
    """
    term = 1.0
    total = 1.0
    j = u
    while abs(term) > 1e-18 and j < n - m:
        term *= -mean_of_the_others(n, m, K, mu, j) * ((j / (j + 1.0) if tail else 1.0) / (j + 1.0 - u))
        total += term
        j += 1.0
    return _log_moment(n, m, K, mu, u) + math.log(total)


@njit(cache=True)
def log_choose(n, k):
    """Return log C(n, k), 0 < k < n, as a sum of terms of one sign and Stirling's small ones."""
    rest = n - k
    log_count = k * math.log1p(rest / k) + rest * math.log1p(k / rest)
    log_count -= 0.5 * math.log(2.0 * math.pi * k * (rest / n))
    return log_count + stirling_error(n) - stirling_error(k) - stirling_error(rest)


@njit(cache=True)
def _log_moment(n, m, K, mu, u):
    """Return log t_u = log [C(n, u) (C(n-u, m) / C(n, m))**K] for u < n-m."""
    if u > _FEW:
        return log_choose(n, u) + K * _log_all_unseen(n, m, u)
    total = u * (math.log(mu) if mu > 1e-290 else math.log(n) + K * math.log1p(-m / n))
    for i in range(int(u)):
        total += math.log1p(-i / n) - math.log(i + 1.0) + K * math.log1p(-(i / (n - i)) * (m / (n - m)))
    return total


@njit(cache=True)
def _log_all_unseen(n, m, u):
    """Return log [C(n-u, m) / C(n, m)], the chance that one epoch leaves out u given items, u < n-m."""
    N = n - m
    change = math.log1p(-(u / (n - u)) * (m / N)) if 2.0 * u < n else math.log((n / N) * ((N - u) / (n - u)))
    stirling = stirling_error(N) - stirling_error(N - u) - stirling_error(n) + stirling_error(n - u)
    return u * math.log1p(-m / n) + m * math.log((n - u) / n) - (N - u + 0.5) * change + stirling
