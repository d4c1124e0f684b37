"""The geometric law: tries up to the first success."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from softsample_theory.laws.chance import Chance
from softsample_theory.laws.frozen_law import Floats, FrozenLaw, Integers
from softsample_theory.validation import reject_value


@dataclass(frozen=True, init=False)
class GeometricLaw(FrozenLaw):
    """The number of independent tries up to and with the first success: P(X = k) = p q^(k-1), k >= 1.

    Parameters
    ----------
    chance : float, Fraction or Chance
        The success probability p, in (0, 1].

    Accuracy
    --------
    Every tail and pmf value to 1e-13 relative down to 1e-300, p from 1e-16 to 1.

    Examples
    --------
    >>> law = GeometricLaw(Fraction(1, 20))
    >>> law.mean(), float(law.ppf(0.5)), round(float(law.sf(100)), 9)
    (20.0, 14.0, 0.005920529)
    """

    chance: Chance

    def __init__(self, chance: float | Fraction | Chance) -> None:
        object.__setattr__(self, "chance", Chance.of(chance))
        if self.chance.log_p == -math.inf:
            reject_value("chance", chance, "above 0: a success that never comes has no time")

    def support(self) -> tuple[int | float, int | float]:
        """Return (1, inf), or (1, 1) where success is certain."""
        return 1, (math.inf if self.chance.log_q > -math.inf else 1)

    def mean(self) -> float:
        """Return 1/p."""
        return 1 / self.chance.p

    def var(self) -> float:
        """Return q/p^2."""
        return self.chance.q / self.chance.p**2

    def entropy(self) -> float:
        """Return -(q log q + p log p)/p in nats."""
        p, q = self.chance.p, self.chance.q
        return -(q * self.chance.log_q if q else 0.0) / p - self.chance.log_p + 0.0

    def _cumulants(self) -> tuple[float, float]:
        p, q = self.chance.p, self.chance.q
        return q * (1 + q) / p**3, q * (1 + 4 * q + q * q) / p**4

    def _logpmf(self, k: Integers) -> Floats:
        return self._failures(k - 1) + self.chance.log_p

    def _cdf_sf(self, k: Integers) -> tuple[Floats, Floats]:
        log_sf = self._failures(k)
        return -np.expm1(log_sf), np.exp(log_sf)

    def _log_cdf_sf(self, k: Integers) -> tuple[Floats, Floats]:
        log_sf = self._failures(k)
        with np.errstate(divide="ignore"):
            log_cdf = np.where(log_sf > -0.7, np.log(-np.expm1(log_sf)), np.log1p(-np.exp(log_sf)))
        return log_cdf, log_sf

    def _failures(self, tries: Integers) -> Floats:
        """Return log P(no success in so many tries)."""
        return np.array([int(t) * self.chance.log_q if t else 0.0 for t in tries])
