r"""The law of the unseen count as a contour integral whose cost is free of n, m and K.

U is the number of n items that none of K independent uniform m-subsets contains. The inclusion-exclusion sum
for P(U = u) is the sum of the residues of one function, so that with :math:`N = n - m`

.. math::
    P(U=u) = \frac{1}{2 \pi i} \oint F_u(z)\,dz, \quad
    F_u(z) = \frac{\Gamma(u+z)}{u!} \Bigl[\frac{n!}{\Gamma(n+1+z)}\Bigr]^{1-K}
    \Bigl[\frac{N!}{\Gamma(N+1+z)}\Bigr]^{K}

around its poles z = -u, -u-1, ..., -N. A further factor r/z gives P(U < r) on a circle that contains z = 0
too, and -r/z gives P(U >= r) on one that does not. `contour_path` chooses the circle, `contour_exponent`
evaluates F, and `rare_unseen` takes over where that is safe.

Accuracy: error of log p at most 5e-15 max(1, -log p) on whole supports, n to 500 (exact integers); relative
error of p at most 1e-13 within 9 standard deviations, n to 2**53 (70-digit contour; closed forms for K = 2
and for few repeats). Cost: 3-16 us a value, 30-60 us where only some ten items are unseen.

References
----------
P. Flajolet and R. Sedgewick, Mellin transforms and asymptotics: finite differences and Rice's integrals,
Theoretical Computer Science 144, 1995.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from softsample_theory.laws.contour_path import circle_sum, saddle_point
from softsample_theory.laws.rare_unseen import log_choose, mean_of_the_others, rare_log
from softsample_theory.laws.stirling import stirling_error
from softsample_theory.laws.unseen_mean import unseen_deviation, unseen_mean

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


def unseen_log_pmf(n: int, m: int, K: int, u: int) -> tuple[float, bool]:
    """Return (log P(U = u), accepted) for 1 <= m <= n, K >= 0 and any u; use none that is not accepted."""
    value, _, accepted = unseen_log_law(n, m, np.array([K]), np.array([u]), False)
    return float(value[0]), accepted


def unseen_tails(n: int, m: int, K: int, r: int) -> tuple[float, float, bool]:
    """Return (P(U < r), P(U >= r), accepted), each to its own accuracy; use none that is not accepted."""
    below, above, accepted = unseen_log_law(n, m, np.array([K]), np.array([r]), True)
    a, b = math.exp(below[0]), math.exp(above[0])
    return (a, 1.0 - a, accepted) if a < b else (1.0 - b, b, accepted)


@njit(cache=True)
def unseen_log_law(n: int, m: int, epochs: Integers, u: Integers, tails: bool) -> tuple[Floats, Floats, bool]:
    """Return the law of U after each of `epochs` at each of `u`, and whether every value is accepted.

    If `tails`, the two arrays are log P(U < u) and log P(U >= u), finite far beyond the smallest float64;
    else the first is log P(U = u).
    """
    first, second = np.empty(u.size), np.empty(u.size)
    good = True
    for i in range(u.size):
        first[i], second[i], accepted = _log_law(n, m, epochs[i], u[i], tails)
        good = good and accepted
    return first, second, good


@njit(cache=True)
def _log_law(n, m, K, u, tails):
    """Return (log P(U = u), 0, accepted) or, if `tails`, (log P(U < u), log P(U >= u), accepted)."""
    least = float(n) - float(m) * float(K)
    most = n - m if K > 0 else n
    if u > most or (tails and (u <= 0 or u <= least)) or u < 0 or u < least:
        return (0.0 if tails and u > most else -math.inf), (-math.inf if u > most else 0.0), True
    mu = unseen_mean(n, m, K)
    below = False
    accepted = True
    if u == most:
        # all subsets are the same one
        log_p = -(K - 1.0) * log_choose(float(n), float(m)) if K > 1 and m < n else 0.0
    elif mean_of_the_others(float(n), float(m), float(K), mu, float(u)) < (1.0 if mu < 1.0 else 0.05):
        log_p = rare_log(float(n), float(m), float(K), mu, float(u), tails)
    else:
        log_p, below, accepted = _contour(n, m, K, u, mu, tails)
    other = math.log1p(-math.exp(log_p)) if log_p < 0.0 else -math.inf
    return (log_p, other, accepted) if below or not tails else (other, log_p, accepted)


@njit(cache=True)
def _contour(n, m, K, u, mu, tail):
    """Return (log p, below, accepted): the pmf at u or, if `tail`, the tail on the saddle point's side."""
    case = _case(n, m, K, u, mu)
    x, W = saddle_point(case)
    z = x - u
    pole = math.inf
    if tail:
        if (
            abs(z) < 1.5 * W
        ):  # stay off the pole at z = 0, and never move towards the poles of the Gamma function
            z = -1.5 * W if z < 0.0 and u > max(30.0, 3.0 * W) else 1.5 * W
            x = u + z
        pole = abs(z)
    log_p, accepted = circle_sum(x, W, pole, case)
    return log_p, z > 0.0, accepted


@njit(cache=True)
def _case(n, m, K, u, mu):
    """Return the tuple that the exponent and the saddle point need."""
    if u == 0:
        eta = -math.log(mu)
    else:
        deviation = unseen_deviation(n, m, K, u)
        eta = math.log1p(deviation / mu) if deviation > -0.5 * mu else math.log(u / mu)
    repeats = float(m) * float(K) - float(n - u)
    st_n, st_N = stirling_error(float(n)), stirling_error(float(n - m))
    return float(n), float(m), float(K), float(u), repeats, eta, st_n, st_N
