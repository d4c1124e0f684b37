r"""The chain of the unseen count on coarse lattices: the contour's independent check, all epochs in one pass.

.. math:: p_{k+1}(v) = D \sum_{u \in a + D\mathbb{Z}} p_k(u) H(u \to v),
          \quad H(u \to v) = \binom{u}{u-v} \binom{n-u}{m-u+v} \Big/ \binom{n}{m}

sums over every D-th state only. The error of that is no truncation but an aliasing: the characteristic
function, at multiples of 2 pi/D, of U_k given U_{k+1} = v, about exp(-2 s^2 sin^2(pi/D)) with s its standard
deviation. So D may be nearly s, and the cost of an epoch does not grow with n. With `contour` it shares the
Stirling error and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from softsample_theory.laws.coverage_moments import subset_unseen_mean, subset_variance
from softsample_theory.laws.double_double import dd_divide, two_product
from softsample_theory.laws.stirling import phi, stirling_error

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class Lattice(NamedTuple):
    """The law of U_k on the states base, base + step, ...: `p` are its probabilities there, unscaled."""

    epoch: int
    base: int
    step: int
    p: Floats


def lattices(
    population: int, subset: int, *, reach: float = 12.0, smoothness: float = 4.5
) -> Iterator[Lattice]:
    """Yield the law of the unseen count after epoch 1, 2, ... on a lattice each.

    Parameters
    ----------
    population, subset : int
        n up to 2**53 and m < n.
    reach : float
        Half width of the windows in standard deviations; values are exact to about 2/3 of it, and too small
        beyond. They are never renormalised: 1 - mass says how much has been left out.
    smoothness : float
        s over the largest D; 4.5 leaves an aliasing error of 4e-18 near the mean, 6 the same in the tails.
    """
    n, m = population, subset
    now = Lattice(1, n - m, 1, np.ones(1))
    while True:
        k = now.epoch
        yield now
        mean = subset_unseen_mean(n, m, [k, k + 1])
        variance = subset_variance(n, m, [k, k + 1, k + 2])
        step = _step(n, m, float(mean[1]), variance[1], variance[2], smoothness)
        low, high = _window(n, m, k + 1, float(mean[1]), variance[1], reach)
        kernel = _kernel_variance(n, m, float(mean[0]))
        width = 8.6 + reach * math.sqrt(min(1.0, kernel / variance[1])) if variance[1] > 0 else 8.6
        size = (high - low) // step + 1
        now = Lattice(k + 1, low, step, _advance(n, m, now.base, now.step, now.p, low, step, size, width))


def pmf_after(population: int, subset: int, lattice: Lattice, unseen: Integers) -> Floats:
    """Return P(U = u) one epoch after `lattice`, for any states u: 2 to 60 us each, accurate in the tails."""
    return _pull(
        population, subset, lattice.base, lattice.step, lattice.p, np.asarray(unseen, dtype=np.int64)
    )


def mass(lattice: Lattice) -> float:
    """Return the sum of the law, one less what the window has cut off."""
    return lattice.step * float(np.sum(lattice.p))


def _step(n: int, m: int, mean: float, variance: float, after: float, smoothness: float) -> int:
    """Return the spacing for a lattice of the given variance, `after` being the variance one epoch later."""
    if after <= 0.0:
        return 1
    s = math.sqrt(variance * min(1.0, _kernel_variance(n, m, mean) / after))
    return int(math.pi / math.asin(smoothness / s)) if s > smoothness else 1


def _window(n: int, m: int, k: int, mean: float, variance: float, reach: float) -> tuple[int, int]:
    """Return the first and the last state: Bernstein's half width around the mean, inside the support."""
    half = reach**2 / 6 + math.sqrt(reach**4 / 36 + reach**2 * variance)
    return max(0, n - m * k, math.floor(mean - half)), min(n - m, math.ceil(mean + half))


def _kernel_variance(n: int, m: int, unseen: float) -> float:
    """Return the variance of U_{k+1} given U_k = unseen."""
    return unseen * (m / n) * ((n - m) / n) * ((n - unseen) / max(1, n - 1))


@njit(cache=True)
def _advance(
    n: int, m: int, base: int, step: int, p: Floats, low: int, spacing: int, size: int, width: float
) -> Floats:
    """Return the next law on `size` states from `low`: each old state gives to those within its reach."""
    out = np.zeros(size)
    for i in range(p.size):
        u = base + step * i
        centre, rest = _centre(n, m, u)
        spread = u * (m / n) * ((n - m) / n) * ((n - u) / max(1.0, n - 1.0))
        half = width * width / 6.0 + math.sqrt(width**4 / 36.0 + width * width * spread)
        first = max(0, math.ceil((centre - half - low) / spacing))
        last = min(size - 1, math.floor((centre + half - low) / spacing))
        weight = step * p[i]
        for j in range(first, last + 1):
            v = low + spacing * j
            out[j] += weight * _transition(n, m, u, v, (centre - v) + rest)
    return out


@njit(cache=True)
def _pull(n: int, m: int, base: int, step: int, p: Floats, states: Integers) -> Floats:
    out = np.zeros(states.size)
    for i in range(p.size):
        u = base + step * i
        centre, rest = _centre(n, m, u)
        for j in range(states.size):
            out[j] += step * p[i] * _transition(n, m, u, states[j], (centre - states[j]) + rest)
    return out


@njit(cache=True)
def _centre(n: int, m: int, u: int) -> tuple[float, float]:
    """Return u (n-m)/n as a double-double."""
    top, low = two_product(float(u), float(n - m))
    return dd_divide(top, low, float(n), 0.0)


@njit(cache=True)
def _transition(n: int, m: int, u: int, v: int, d: float) -> float:
    """Return H(u -> v), the hypergeometric probability of a 2 x 2 table; d = u (n-m)/n - v, exact.

    Loader's form: with the means E of the cells and their deviations d, exp(-SUM E phi(d/E)) times factors
    of Stirling.
    """
    a, b, c, e = float(u - v), float(v), float(m - u + v), float(n - m - v)
    if a < 0.0 or b < 0.0 or c < 0.0 or e < 0.0:
        return 0.0
    if u == 0:
        return 1.0
    N = float(n - m)
    U, S = float(u), float(n - u)
    deviance = _cell(d, U * (m / n)) + _cell(-d, U * (N / n)) + _cell(-d, S * (m / n)) + _cell(d, S * (N / n))
    if deviance > 740.0:
        return 0.0
    stirling = stirling_error(float(m)) + stirling_error(N) - stirling_error(float(n))
    stirling += stirling_error(U) + stirling_error(S)
    stirling -= stirling_error(a) + stirling_error(b) + stirling_error(c) + stirling_error(e)
    ratio = (m / max(a, 1.0)) * (N / n) * (U / max(b, 1.0)) * ((S / max(c, 1.0)) / max(e, 1.0))
    cells = (a > 0.0) + (b > 0.0) + (c > 0.0) + (e > 0.0)
    return math.exp(stirling - deviance) * math.sqrt(ratio * (2.0 * math.pi) ** (3 - cells))


@njit(cache=True)
def _cell(d: float, E: float) -> float:
    return E * phi(max(-1.0, d / E))
