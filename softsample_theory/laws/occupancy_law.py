"""The law of the number of distinct items among iid uniform draws: the classical occupancy law."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import ndtri

from softsample_theory.laws import occupancy_tail
from softsample_theory.laws.frozen_law import Floats, FrozenLaw, Integers
from softsample_theory.laws.log_concave_rejection import draw_log_concave
from softsample_theory.laws.occupancy_kernel import OccupancyState, log_no_repeat, log_pmf, occupancy_state
from softsample_theory.laws.occupancy_moments import distinct_cumulants
from softsample_theory.validation import count

LARGEST_DRAWS = 2**62


@dataclass(frozen=True)
class OccupancyLaw(FrozenLaw):
    r"""The number K of distinct items among D independent uniform draws from n items.

    .. math:: P(K = k) = \frac{n!}{(n-k)!} \frac{S(D, k)}{n^D},

    S(D, k) the Stirling number of the second kind (Johnson and Kotz 1977, ch. 3). It is evaluated without
    them, at a cost that depends on neither n nor D: see `occupancy_kernel` for the formula and
    `occupancy_tail` for sums over the tails.

    Parameters
    ----------
    population : int
        n, the number of items, from 1 to 2**53.
    draws : int
        D, the number of draws, from 0 to 2**62.

    Raises
    ------
    ArgumentValueError, ArgumentTypeError
        One line that names the argument, what it was and what it may be.

    Accuracy
    --------
    Largest error seen. pmf: 3e-14 relative within 8 standard deviations and 1.1e-13 within 20, at eighteen
    (n, D) with n from 1e4 to 2**53 and D/n from 1e-7 to 32, against a 60-digit contour; for n, D <= 2000
    against exact integers 1e-13 wherever p >= 1e-30, and 3e-15 relative in log p beyond. cdf and sf: 1e-13
    relative in either tail to 20 standard deviations. Mean and variance: 1e-15 relative. Quantiles are
    exact for the cdf and sf as computed.

    Cost
    ----
    A value of the pmf 0.7 to 3 us in bulk, a cdf 0.1 to 0.3 ms, a quantile 0.15 to 0.3 ms, the law itself
    0.1 ms, on one core. Nothing grows with n or D.

    References
    ----------
    N. L. Johnson, S. Kotz, Urn Models and Their Application, 1977. V. A. Vatutin, V. G. Mikhailov, Limit
    theorems for the number of empty cells, Theory Probab. Appl. 27, 1983 (K is a sum of independent
    indicators; hence its pmf is log-concave).

    Examples
    --------
    >>> law = OccupancyLaw(population=10**12, draws=10**12)
    >>> law.mean(), law.std()
    (632120558828.7416, 311783.37784146867)
    >>> law.interval(0.95)
    (632119947745.0, 632121169913.0)
    >>> round(OccupancyLaw(365, 23).repeat_probability(), 9)
    0.507297234
    """

    population: int
    draws: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "population", count("population", self.population, 1))
        object.__setattr__(self, "draws", count("draws", self.draws, 0, LARGEST_DRAWS))

    def support(self) -> tuple[int, int]:
        """Return the least and the largest value with positive probability."""
        return min(self.draws, 1), min(self.population, self.draws)

    def mean(self) -> float:
        """Return n (1 - (1 - 1/n)^D)."""
        return self._state.mean

    def var(self) -> float:
        """Return the variance, by a sum that does not cancel (see `occupancy_moments`)."""
        return self._state.variance

    def repeat_probability(self) -> float:
        """Return P(K < D), that some item is drawn twice: the birthday problem.

        It keeps its relative accuracy (3e-16 seen, n to 2**53) however small it is.

        >>> OccupancyLaw(2**53, 10).repeat_probability()
        4.996003610813193e-15
        """
        if self.draws > self.population:
            return 1.0
        if self.draws < 2:
            return 0.0
        return -math.expm1(log_no_repeat(float(self.population), float(self.draws)))

    def rvs(self, size: int | tuple[int, ...] | None = None, random_state: Any = None) -> Any:
        """Draw exactly, by rejection from the hat of a log-concave law: about five pmf values a draw."""
        rng = np.random.default_rng(random_state)
        return draw_log_concave(self._pmf, self.support(), self.mean(), size, rng)

    @cached_property
    def _state(self) -> OccupancyState:
        return occupancy_state(self.population, self.draws)

    def _cumulants(self) -> tuple[float, float]:
        return distinct_cumulants(self.population, self.draws)[2:]

    def _logpmf(self, k: Integers) -> Floats:
        return log_pmf(self._state, k)

    def _cdf_sf(self, k: Integers) -> tuple[Floats, Floats]:
        pairs = np.array([occupancy_tail.cdf_sf(self._state, int(i)) for i in k])
        return pairs[:, 0], pairs[:, 1]

    def _log_cdf_sf(self, k: Integers) -> tuple[Floats, Floats]:
        pairs = np.array([occupancy_tail.log_cdf_sf(self._state, int(i)) for i in k])
        return pairs[:, 0], pairs[:, 1]

    def _quantile(self, p: Floats, upper: bool) -> Floats:
        z = -ndtri(p) if upper else ndtri(p)
        each = [
            occupancy_tail.quantile(self._state, float(a), float(b), upper) for a, b in zip(p, z, strict=True)
        ]
        return np.array(each, dtype=np.float64)
