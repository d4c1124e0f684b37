"""The law of a covering time whose draws are renewed only every few epochs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from softsample_theory.laws.frozen_law import Floats, FrozenLaw, Integers
from softsample_theory.validation import count


@dataclass(frozen=True)
class SpacedLaw(FrozenLaw):
    """The law of shift + spacing X for X under `base`: only every spacing-th integer is possible.

    Parameters
    ----------
    base : FrozenLaw
        The law of X, an integer >= 1.
    spacing : int
        At least 1.
    shift : int
        Above -spacing, so that every value is positive.

    Examples
    --------
    >>> from softsample_theory.laws.point_law import PointLaw
    >>> SpacedLaw(PointLaw(7), spacing=10, shift=-9).mean()     # the first epoch of the seventh block of ten
    61.0
    """

    base: FrozenLaw
    spacing: int
    shift: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "spacing", count("spacing", self.spacing, 1))
        object.__setattr__(self, "shift", count("shift", self.shift, 1 - self.spacing))

    def support(self) -> tuple[int | float, int | float]:
        """Return the image of the base law's support."""
        low, high = self.base.support()
        return self._image(low), self._image(high)

    def mean(self) -> float:
        """Return shift + spacing E X."""
        return self.shift + self.spacing * self.base.mean()

    def var(self) -> float:
        """Return spacing^2 Var X."""
        return self.spacing**2 * self.base.var()

    def entropy(self) -> float:
        """Return the entropy of the base law, in nats."""
        return self.base.entropy()

    def rvs(self, size: int | tuple[int, ...] | None = None, random_state: Any = None) -> Any:
        """Draw from the base law and map."""
        return self.shift + self.spacing * self.base.rvs(size, random_state)

    def _image(self, x: int | float) -> int | float:
        return x if math.isinf(x) else self.shift + self.spacing * int(x)

    def _logpmf(self, k: Integers) -> Floats:
        x, rest = np.divmod(k - self.shift, self.spacing)
        return np.where(rest == 0, self.base.logpmf(x), -np.inf)

    def _pmf(self, k: Integers) -> Floats:
        x, rest = np.divmod(k - self.shift, self.spacing)
        return np.where(rest == 0, self.base.pmf(x), 0.0)

    def _cdf_sf(self, k: Integers) -> tuple[Floats, Floats]:
        x = (k - self.shift) // self.spacing
        return self.base.cdf(x), self.base.sf(x)

    def _log_cdf_sf(self, k: Integers) -> tuple[Floats, Floats]:
        x = (k - self.shift) // self.spacing
        return self.base.logcdf(x), self.base.logsf(x)

    def _quantile(self, p: Floats, upper: bool) -> Floats:
        return self.shift + self.spacing * (self.base.isf(p) if upper else self.base.ppf(p))
