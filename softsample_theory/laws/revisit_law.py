"""Laws of the epochs between two visits of one item: walks through permutations, and draws that are kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from softsample_theory.laws.frozen_law import Floats, FrozenLaw, Integers
from softsample_theory.validation import count


@dataclass(frozen=True)
class KeptDrawGapLaw(FrozenLaw):
    r"""The law of the gap between visits when every draw is kept for R epochs.

    Of R gaps that follow a visit, R - 1 are 1, inside a draw; one leads to the next draw with the item, G
    draws on: (G - 1) R + 1 epochs. So :math:`P(1) = (R-1)/R + P(G=1)/R` and :math:`P(jR+1) = P(G=j+1)/R`.

    Parameters
    ----------
    draws : FrozenLaw
        The law of G >= 1.
    refresh_every : int
        R >= 1.

    Accuracy
    --------
    That of `draws`.

    Examples
    --------
    >>> from softsample_theory.laws.geometric_law import GeometricLaw
    >>> law = KeptDrawGapLaw(GeometricLaw(Fraction(1, 4)), refresh_every=5)
    >>> law.mean(), law.pmf([1, 2, 6]).round(6).tolist()
    (4.0, [0.85, 0.0, 0.0375])
    """

    draws: FrozenLaw
    refresh_every: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "refresh_every", count("refresh_every", self.refresh_every, 1, 2**40))

    def support(self) -> tuple[int | float, int | float]:
        """Return 1 and the longest gap."""
        longest = self.draws.support()[1]
        return 1, math.inf if math.isinf(longest) else (longest - 1) * self.refresh_every + 1

    def mean(self) -> float:
        """Return E G: the share of epochs with a visit does not depend on R."""
        return self.draws.mean()

    def var(self) -> float:
        """Return R E (G-1)^2 - (E G - 1)^2."""
        more = self.draws.mean() - 1
        return self.refresh_every * self.draws.var() + (self.refresh_every - 1) * more * more

    def entropy(self) -> float:
        """Return the entropy in nats, from that of the draws."""
        R, p = self.refresh_every, float(self.draws.pmf(1))
        one = (R - 1 + p) / R
        longer = self.draws.entropy() + (p * math.log(p) if p else 0.0) + (1 - p) * math.log(R)
        return longer / R - one * math.log(one) if one else longer / R

    def _logpmf(self, k: Integers) -> Floats:
        with np.errstate(divide="ignore"):
            return np.log(self._pmf(k))

    def _pmf(self, k: Integers) -> Floats:
        R = self.refresh_every
        between = np.where((k - 1) % R == 0, self.draws.pmf((k - 1) // R + 1), 0.0)
        return (np.where(k == 1, R - 1.0, 0.0) + between) / R

    def _cdf_sf(self, k: Integers) -> tuple[Floats, Floats]:
        R = self.refresh_every
        cdf, sf = self.draws._cdf_sf((k - 1) // R + 1)
        return (R - 1.0 + cdf) / R, sf / R


@dataclass(frozen=True)
class ReshuffleGapLaw(FrozenLaw):
    r"""The law of the epochs between two epochs that visit an item, on a walk through permutations, m a time.

    In draws the gap is n + d, d the difference of two uniform positions, and an epoch's border falls
    anywhere. With L = n/g, M = m/g, g = gcd(n, m), and :math:`T(y) = (y^3 - y)/6` for y > 0, the epochs
    :math:`J` from one draw of the item to the next have

    .. math:: P(J \le j) = \frac{A((j+1)M - L) - A(jM - L)}{L^2 M}, \quad A(y) = T(y+L) - 2T(y) + T(y-L).

    J = 0, twice in one epoch, happens where an epoch runs over the end of a permutation; the gap between
    epochs is J given J >= 1. The law is that of a gap picked at random from an endless walk.

    Parameters
    ----------
    population, subset : int
        n and m, 1 <= m <= n.

    Accuracy
    --------
    Every answer is computed in rationals and rounded once.

    Examples
    --------
    >>> law = ReshuffleGapLaw(population=4, subset=2)
    >>> law.pmf([1, 2, 3]).tolist(), law.mean(), law.var()
    ([0.25, 0.5, 0.25], 2.0, 0.5)
    """

    population: int
    subset: int

    def __post_init__(self) -> None:
        n = count("population", self.population, 1)
        object.__setattr__(self, "population", n)
        object.__setattr__(self, "subset", count("subset", self.subset, 1, n))

    def support(self) -> tuple[int, int]:
        """Return (1, the longest gap)."""
        L, M = self._lengths
        return 1, (2 * L + M - 2) // M

    def mean(self) -> float:
        """Return (n/m) / P(J >= 1)."""
        return float(self._mean)

    def var(self) -> float:
        """Return the variance, in closed form."""
        L, M = self._lengths
        # M^2 E J^2 = E D^2 + E c(M-c), D the gap in draws, c = D mod M; c(M-c) is summed over the triangular
        # law of D by the second differences of this function.
        twice = self._twice_summed
        square = L * L + Fraction(L * L - 1, 6) + Fraction(twice(2 * L) - 2 * twice(L), L * L)
        return float(square / (M * M) / self._some - self._mean**2)

    @cached_property
    def _lengths(self) -> tuple[int, int]:
        g = math.gcd(self.population, self.subset)
        return self.population // g, self.subset // g

    @cached_property
    def _some(self) -> Fraction:
        return 1 - self._up_to(0)

    @cached_property
    def _mean(self) -> Fraction:
        return Fraction(self.population, self.subset) / self._some

    def _up_to(self, j: int) -> Fraction:
        L, M = self._lengths
        return Fraction(self._area((j + 1) * M - L) - self._area(j * M - L), L * L * M)

    def _area(self, y: int) -> int:
        L = self._lengths[0]
        return _cubic(y + L) - 2 * _cubic(y) + _cubic(y - L)

    def _twice_summed(self, x: int) -> Fraction:
        """Return a function whose second difference is c (M-c), c = x mod M."""
        M = self._lengths[1]
        f = x % M * (M - x % M)
        return Fraction((M * M - 1) * x * x - f * f - 2 * f, 12)

    def _pmf(self, k: Integers) -> Floats:
        return np.array([float((self._up_to(int(j)) - self._up_to(int(j) - 1)) / self._some) for j in k])

    def _logpmf(self, k: Integers) -> Floats:
        with np.errstate(divide="ignore"):
            return np.log(self._pmf(k))

    def _cdf_sf(self, k: Integers) -> tuple[Floats, Floats]:
        above = [(1 - self._up_to(int(j))) / self._some for j in k]
        return np.array([float(1 - p) for p in above]), np.array([float(p) for p in above])


def _cubic(y: int) -> int:
    return (y * y * y - y) // 6 if y > 0 else 0
