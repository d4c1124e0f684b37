"""Orthonormal Krawtchouk polynomials: the natural coordinates of a binomial count."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from softsample_theory.laws.binomial_law import BinomialLaw

Floats = NDArray[np.float64]


def krawtchouk(law: BinomialLaw, x: NDArray[np.int64], degree: int) -> Floats:
    r"""Return :math:`\phi_0(x), \dots, \phi_J(x)`, orthonormal under the binomial law: float64 (J+1, len(x)).

    .. math:: \sqrt{(j+1)(n-j)pq}\,\phi_{j+1} = (x - np - j(q-p))\,\phi_j - \sqrt{j(n-j+1)pq}\,\phi_{j-1}.

    There are n+1 of them, so `degree` is at most n, and only :math:`\phi_0` where success is certain or
    impossible.

    References
    ----------
    NIST Digital Library of Mathematical Functions, 18.22 (Krawtchouk recurrence).
    """
    n, p, q = float(law.trials), law.chance.p, law.chance.q
    out = np.empty((min(degree, law.trials if p * q > 0 else 0) + 1, x.size))
    out[0] = 1.0
    distance = law.deviation(x)
    for j in range(out.shape[0] - 1):
        step = (distance - j * (q - p)) * out[j]
        if j:
            step -= math.sqrt(j * (n - j + 1) * p * q) * out[j - 1]
        out[j + 1] = step / math.sqrt((j + 1) * (n - j) * p * q)
    return out
