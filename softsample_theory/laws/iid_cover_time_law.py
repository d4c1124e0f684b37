"""The law of the epochs until s items have been seen, each epoch m independent uniform draws."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from softsample_theory.laws.collector_law import CollectorLaw
from softsample_theory.laws.cover_scale import cover_scale
from softsample_theory.laws.frozen_law import LARGEST_INTEGER, Floats, Integers
from softsample_theory.laws.time_law import TimeLaw, coarsest_spacing
from softsample_theory.validation import count


@dataclass(frozen=True, init=False)
class IidCoverTimeLaw(TimeLaw):
    r"""The epochs T until `items` of n items have been drawn `copies` times, m iid draws an epoch.

    With D the draws that a collector needs (`CollectorLaw`), T = ceil(D/m):

    .. math:: P(T \le K) = P(D \le mK), \qquad F_T^{-1}(p) = \lceil F_D^{-1}(p)/m \rceil.

    Parameters
    ----------
    population : int
        n, from 1 to 2**53.
    subset : int
        m, the draws of one epoch, at least 1.
    items : int, optional
        s, from 0 to n; by default all.
    copies : int
        How often each must have been drawn, at least 1.

    Accuracy
    --------
    That of `CollectorLaw` for cdf, sf and quantiles, and for the pmf as a difference of cdfs. Mean 2e-14 and
    variance 1e-11, against sums over every epoch.

    Cost
    ----
    One collector cdf a value, 0.3 to 0.5 ms. Mean and variance come from those of the draws where m is below
    about n/4 (s = n), from 30 to 200 cdf values elsewhere.

    Examples
    --------
    >>> law = IidCoverTimeLaw(320, 16)
    >>> round(law.mean(), 3)    # n H_n / m = 126.942, and nearly half an epoch for the rounding up
    127.411
    """

    population: int
    subset: int
    items: int
    copies: int

    def __init__(self, population: int, subset: int, items: int | None = None, copies: int = 1) -> None:
        n = count("population", population, 1)
        object.__setattr__(self, "population", n)
        object.__setattr__(self, "subset", count("subset", subset, 1))
        object.__setattr__(self, "items", n if items is None else count("items", items, 0, n))
        object.__setattr__(self, "copies", count("copies", copies, 1))

    @cached_property
    def draws(self) -> CollectorLaw:
        """The law of the draws."""
        return CollectorLaw(self.population, self.items, self.copies)

    def support(self) -> tuple[int | float, int | float]:
        """Return the epochs of the least and the most draws."""
        low, high = self.draws.support()
        return -(-int(low) // self.subset), high if high == np.inf else -(-int(high) // self.subset)

    @cached_property
    def _moments(self) -> tuple[float, float]:
        """Return mean and variance: where epochs are short, D mod m is uniform and independent of T.

        That is what lets `TimeLaw` sum the tails m draws apart: the same condition on m, here with a margin
        of three for small populations, whose law is rougher.
        """
        m, margin = self.subset, 3 if self.population <= 512 else 1
        if self.support()[0] == self.support()[1] or m * margin > self._draws_spacing():
            return super()._moments
        return (self.draws.mean() + (m - 1) / 2) / m, (self.draws.var() + (m * m - 1) / 12) / m**2

    def _draws_spacing(self) -> int:
        return coarsest_spacing(cover_scale(self.population, 1, self.items, self.copies)[2])

    def _tails(self, K: int) -> tuple[float, float]:
        draws = min(K * self.subset, LARGEST_INTEGER - 1)
        return float(self.draws.cdf(draws)), float(self.draws.sf(draws))

    def _cdf_sf(self, k: Integers) -> tuple[Floats, Floats]:
        draws = np.minimum(k, (LARGEST_INTEGER - 1) // self.subset) * self.subset
        return self.draws.cdf(draws), self.draws.sf(draws)

    def _quantile(self, p: Floats, upper: bool) -> Floats:
        draws = self.draws.isf(p) if upper else self.draws.ppf(p)
        return np.ceil(np.asarray(draws) / self.subset)

    def _search(self, p: float, upper: bool = False) -> int:
        return -(-int(self.draws.isf(p) if upper else self.draws.ppf(p)) // self.subset)

    def _scale(self) -> tuple[float, float, float]:
        location, width, smoothness = cover_scale(self.population, 1, self.items, self.copies)
        return location / self.subset, width / self.subset, smoothness / self.subset
