"""The law of a time that never comes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from softsample_theory.laws.frozen_law import Floats, FrozenLaw, Integers


@dataclass(frozen=True)
class NeverLaw(FrozenLaw):
    """The law that puts all its mass at infinity: no integer has any, every quantile is infinite.

    Examples
    --------
    >>> law = NeverLaw()
    >>> law.mean(), float(law.ppf(0.01)), float(law.cdf(10**15)), float(law.sf(10**15))
    (inf, inf, 0.0, 1.0)
    """

    def support(self) -> tuple[float, float]:
        """Return (inf, inf): no integer is possible."""
        return math.inf, math.inf

    def mean(self) -> float:
        """Return inf."""
        return math.inf

    def var(self) -> float:
        """Return nan: infinity has no spread to measure."""
        return math.nan

    def entropy(self) -> float:
        """Return 0: nothing is uncertain."""
        return 0.0

    def rvs(self, size: int | tuple[int, ...] | None = None, random_state: Any = None) -> Any:
        """Return inf, `size` times, as float64."""
        return np.full(() if size is None else size, math.inf)[()]

    def _logpmf(self, k: Integers) -> Floats:
        return np.full(k.shape, -np.inf)

    def _cdf_sf(self, k: Integers) -> tuple[Floats, Floats]:
        return np.zeros(k.shape), np.ones(k.shape)

    def _quantile(self, p: Floats, upper: bool) -> Floats:
        return np.full(p.shape, np.inf)
