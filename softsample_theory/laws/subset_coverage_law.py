"""The law of the number of items seen when every epoch draws a fresh uniform subset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from softsample_theory.laws.contour import unseen_log_law
from softsample_theory.laws.coverage_moments import subset_mean, subset_variance
from softsample_theory.laws.frozen_law import Floats, FrozenLaw, Integers
from softsample_theory.laws.log_concave_rejection import draw_log_concave
from softsample_theory.laws.subset_cumulants import seen_cumulants
from softsample_theory.laws.subset_curve import log_cdf_sf, require, seen_quantiles
from softsample_theory.validation import count

LARGEST_EPOCHS = 2**62


@dataclass(frozen=True)
class SubsetCoverageLaw(FrozenLaw):
    r"""The number S of distinct items in K independent uniform m-subsets of n items.

    .. math:: P(S = l) = \binom{n}{l} \sum_{i=0}^{l} (-1)^i \binom{l}{i}
              \left[\binom{l-i}{m} \Big/ \binom{n}{m}\right]^K

    (Eq. 9 of the SRS paper). In float64 that sum is wrong from n of about 60. Here it is a contour integral
    that does not cancel, at a cost that depends on neither n, m nor K: see `contour`.

    Parameters
    ----------
    population : int
        n, the number of items, from 1 to 2**53.
    subset : int
        m, the items drawn in one epoch, from 1 to n.
    epochs : int
        K, the number of epochs, from 0 to 2**62.

    Raises
    ------
    ArgumentValueError, ArgumentTypeError
        One line that names the argument, what it was and what it may be.
    ArithmeticError
        Where the contour does not vouch for a value: none is known.

    Accuracy
    --------
    Largest errors seen. pmf, cdf and sf within 9 standard deviations: 1e-13 relative (2,700 random plans, n
    from 1,000 to 2**53, against a 70-digit contour; a chain on coarse lattices, n to 2**53). log p: 5e-15,
    absolute or relative, whichever is larger, over the whole support at n <= 500 (exact integers) and in
    tails down to log p = -1e14 (90-digit contour). Mean 1e-15, variance 3e-14, higher cumulants 1e-15,
    relative. Quantiles are exact for the cdf and sf as computed. 480,000 values over whole supports, n to
    2**53 and K to 2**62, were all vouched for.

    Cost
    ----
    A value of the pmf 3 to 16 us in bulk, 30 to 60 us where only some ten items are unseen; a cdf about as
    much; a quantile 0.03 to 0.15 ms in bulk; on one core. Nothing grows with n, m or K.

    References
    ----------
    W. Stadje, The collector's problem with group drawings, Adv. Appl. Probab. 22, 1990. V. A. Vatutin,
    V. G. Mikhailov, Limit theorems for the number of empty cells in an equiprobable scheme for group
    allocation of particles, Theory Probab. Appl. 27, 1983 (S is a sum of independent indicators; hence its
    pmf is log-concave).

    Examples
    --------
    >>> law = SubsetCoverageLaw(population=320, subset=16, epochs=20)
    >>> round(law.mean(), 3), round(law.std(), 3)
    (205.285, 5.511)
    >>> law.interval(0.95)
    (194.0, 216.0)
    >>> SubsetCoverageLaw(10**12, 10**11, 20).interval(0.95)
    (878422812424.0, 878423878395.0)
    """

    population: int
    subset: int
    epochs: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "population", count("population", self.population, 1))
        object.__setattr__(self, "subset", count("subset", self.subset, 1, self.population))
        object.__setattr__(self, "epochs", count("epochs", self.epochs, 0, LARGEST_EPOCHS))

    def support(self) -> tuple[int, int]:
        """Return the least and the largest value with positive probability."""
        return min(self.epochs, 1) * self.subset, min(self.population, self.epochs * self.subset)

    def mean(self) -> float:
        """Return n (1 - q^K), q = 1 - m/n (Eq. 11 of the SRS paper)."""
        return float(subset_mean(self.population, self.subset, [self.epochs])[0])

    def var(self) -> float:
        """Return the variance, in a form without cancellation (see `coverage_moments`)."""
        return float(subset_variance(self.population, self.subset, [self.epochs])[0])

    def rvs(self, size: int | tuple[int, ...] | None = None, random_state: Any = None) -> Any:
        """Draw exactly, by rejection from the hat of a log-concave law: about five pmf values a draw."""
        rng = np.random.default_rng(random_state)
        return draw_log_concave(self._pmf_of_repeated, self.support(), self.mean(), size, rng)

    def _cumulants(self) -> tuple[float, float]:
        return seen_cumulants(self.population, self.subset, self.epochs)[2:]

    def _logpmf(self, k: Integers) -> Floats:
        n, m = self.population, self.subset
        log_p, _, accepted = unseen_log_law(n, m, self._epochs(k), n - k, False)
        require(accepted, n, m)
        return log_p

    def _pmf_of_repeated(self, k: Integers) -> Floats:
        distinct, where = np.unique(k, return_inverse=True)
        return self._pmf(distinct)[where]

    def _cdf_sf(self, k: Integers) -> tuple[Floats, Floats]:
        log_cdf, log_sf = self._log_cdf_sf(k)
        small_cdf = log_cdf < log_sf
        small = np.exp(np.where(small_cdf, log_cdf, log_sf))
        return np.where(small_cdf, small, 1.0 - small), np.where(small_cdf, 1.0 - small, small)

    def _log_cdf_sf(self, k: Integers) -> tuple[Floats, Floats]:
        return log_cdf_sf(self.population, self.subset, self._epochs(k), k)

    def _quantile(self, p: Floats, upper: bool) -> Floats:
        n, m = self.population, self.subset
        return seen_quantiles(n, m, self._epochs(p), p, upper=upper).astype(np.float64)

    def _epochs(self, like: Floats | Integers) -> Integers:
        return np.full(like.shape, self.epochs, dtype=np.int64)
