r"""The law of the unseen count as a contour integral whose cost is free of n, m and K.

U is the number of n items that none of K independent uniform m-subsets contains. The inclusion-exclusion sum
for P(U = u) is the sum of the residues of one function, so that with :math:`N = n - m`

.. math::
    P(U=u) = \frac{1}{2 \pi i} \oint F_u(z)\,dz, \quad
    F_u(z) = \frac{\Gamma(u+z)}{u!} \Bigl[\frac{n!}{\Gamma(n+1+z)}\Bigr]^{1-K}
    \Bigl[\frac{N!}{\Gamma(N+1+z)}\Bigr]^{K}

around its poles z = -u, -u-1, ..., -N. A further factor r/z gives P(U < r) on a circle that contains z = 0
too, and -r/z gives P(U >= r) on one that does not. `contour_path` chooses the circle, `contour_exponent`
evaluates F, and `rare_unseen` takes over where the mean is below 1.

Accuracy: relative error of p at most 2e-14 max(1, -log p / 100) in every comparison made: the whole support
for n to 2000 (exact integers), K = 2 and few repeats to n = 2**53 (60-digit closed forms). Cost: 4-7 us a
value where the unseen number thousands, up to 35 us where they are few.

References
----------
P. Flajolet and R. Sedgewick, Mellin transforms and asymptotics: finite differences and Rice's integrals,
Theoretical Computer Science 144, 1995.
"""

from __future__ import annotations

import math

from numba import njit

from softsample_theory.laws.contour_exponent import is_sparse, sparse_origin
from softsample_theory.laws.contour_path import circle_sum, saddle_point, step_length
from softsample_theory.laws.rare_unseen import rare_log_pmf, rare_upper_tail
from softsample_theory.laws.stirling import stirling_error
from softsample_theory.laws.unseen_mean import unseen_deviation, unseen_mean


@njit(cache=True)
def unseen_log_pmf(n: int, m: int, K: int, u: int) -> tuple[float, bool]:
    """Return (log P(U = u), accepted) for 1 <= m <= n, K >= 0 and any u; use none that is not accepted."""
    if u < 0 or u > n - (m if K > 0 else 0) or float(m) * float(K) < float(n - u):
        return -math.inf, True
    if K <= 1 or m == n:
        return 0.0, True
    if u == n - m:
        return _log_always_the_same(n, m, K), True
    mu = unseen_mean(n, m, K)
    if mu < 1.0:
        return rare_log_pmf(float(n), float(m), float(K), mu, float(u)), True
    case = _case(n, m, K, u, mu)
    x, W = saddle_point(case)
    return circle_sum(x, step_length(x, W, math.inf), False, case)


@njit(cache=True)
def unseen_tails(n: int, m: int, K: int, r: int) -> tuple[float, float, bool]:
    """Return (P(U < r), P(U >= r), accepted), each to its own accuracy; use none that is not accepted."""
    if r <= 0:
        return 0.0, 1.0, True
    if r > n - (m if K > 0 else 0):
        return 1.0, 0.0, True
    if float(m) * float(K) <= float(n - r):
        return 0.0, 1.0, True
    if r == n - m:
        above = math.exp(_log_always_the_same(n, m, K))
        return 1.0 - above, above, True
    mu = unseen_mean(n, m, K)
    if mu < 1.0:
        above = rare_upper_tail(float(n), float(m), float(K), mu, float(r))
        return 1.0 - above, above, True
    return _contour_tails(n, m, K, r, mu)


@njit(cache=True)
def _contour_tails(n, m, K, r, mu):  # type: ignore[no-untyped-def]
    """Return both tails: that on the side of the saddle point by the contour, the other as its complement."""
    case = _case(n, m, K, r, mu)
    x, W = saddle_point(case)
    z = x - r
    if abs(z) < 1.5 * W:  # stay off the pole at z = 0, and never move towards the poles of the Gamma function
        z = -1.5 * W if z < 0.0 and r > max(30.0, 3.0 * W) else 1.5 * W
        x = r + z
    log_tail, accepted = circle_sum(x, step_length(x, W, abs(z)), True, case)
    tail = math.exp(log_tail)
    if z > 0.0:
        return tail, 1.0 - tail, accepted
    return 1.0 - tail, tail, accepted


@njit(cache=True)
def _log_always_the_same(n, m, K):  # type: ignore[no-untyped-def]
    """Return log P(U = n-m), all K subsets being the same one: -(K-1) log C(n, m)."""
    N = n - m
    log_count = m * math.log1p(N / m) + N * math.log1p(m / N) - 0.5 * math.log(2.0 * math.pi * m * (N / n))
    log_count += stirling_error(float(n)) - stirling_error(float(m)) - stirling_error(float(N))
    return -(K - 1.0) * log_count


@njit(cache=True)
def _case(n, m, K, u, mu):  # type: ignore[no-untyped-def]
    """Return the tuple that the exponent and the saddle point need."""
    if u == 0:
        eta = -math.log(mu)
    else:
        deviation = unseen_deviation(n, m, K, u)
        eta = math.log1p(deviation / mu) if deviation > -0.5 * mu else math.log(u / mu)
    a, b, k, c = float(n), float(m), float(K), float(u)
    st_n, st_N = stirling_error(a), stirling_error(a - b)
    origin = sparse_origin(a, b, k, c) if is_sparse(a, c) else 0.0
    return a, b, k, c, b * k - float(n - u), eta, st_n, st_N, origin
