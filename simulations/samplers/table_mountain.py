"""Transformed rejection under the table-mountain hat: one candidate for a bell-shaped law on the integers.

Hormann's hat and squeeze were made for the binomial law. Both inequalities below hold for the
hypergeometric law too, with its own standard deviation s; the tests measure their margins for both laws
over grids of parameters.

With U uniform on (-1/2, 1/2), u' = 1/2 - abs(U) and G(U) = (2a/u' + b) U + c, the candidate is
k = floor(G(U)). For the scaled pmf h(k) = s sqrt(2 pi) P(X = k), which needs no mode:

- hat: h(floor G) G' <= alpha, where G' = a/u'^2 + b;
- squeeze: h(floor G) G' >= alpha v_r wherever u' >= 0.07.

References
----------
W. Hormann, The generation of binomial random variates, J. Stat. Comput. Simul. 46, 1993 (algorithm BTRS;
the hat there is scaled by the pmf at the mode).
"""

from __future__ import annotations

import math

from numba import njit

from simulations.samplers.uniforms import uniform
from simulations.word_source import WordSource

LEAST_MEAN = 10.0
"""Below this mean the hat does not cover the law: samplers invert the cdf instead."""
LEAST_VARIANCE = 9.0
"""The same for the variance of the hypergeometric law (the binomial law follows from the mean alone)."""
EMPTY = 0.5 / math.pi
"""Stands for an empty cell c = 0 in sqrt(2 pi c), which has to be 1 there."""


@njit(cache=True, error_model="numpy", forceinline=True)
def hat_constants(deviation: float, skew: float) -> tuple[float, float, float, float]:
    """Return (a, b, alpha, v_r) for a standard deviation and a success probability of at most 1/2."""
    b = 1.15 + 2.53 * deviation
    reciprocal = 1.0 / b
    return (
        -0.0873 + 0.0248 * b + 0.01 * skew,
        b,
        (2.83 + 5.1 * reciprocal) * deviation,
        0.92 - 4.2 * reciprocal,
    )


@njit(cache=True, error_model="numpy", forceinline=True)
def candidate(
    source: WordSource, a: float, b: float, alpha: float, squeeze: float, mean: float
) -> tuple[int, float]:
    """Return a candidate k and the level that h(k) has to reach; level 0 is reached already.

    The mean enters as its whole part plus a fraction, so that no digit of k is lost at 2**53.
    """
    u = uniform(source) - 0.5
    v = uniform(source)
    edge = 1.0 / (0.5 - abs(u))
    whole = math.floor(mean)
    k = whole + math.floor((2.0 * a * edge + b) * u + (mean - whole + 0.5))
    if v <= squeeze and edge <= 1.0 / 0.07:
        return k, 0.0
    return k, v * alpha / (a * (edge * edge) + b)
