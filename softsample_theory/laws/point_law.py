"""The law of a number that is certain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from softsample_theory.laws.frozen_law import LARGEST_INTEGER, Floats, FrozenLaw, Integers
from softsample_theory.validation import count


@dataclass(frozen=True)
class PointLaw(FrozenLaw):
    """The law that gives `value` probability one.

    Parameters
    ----------
    value : int
        From 0 to 2**62.

    Examples
    --------
    >>> PointLaw(7).pmf([6, 7]).tolist(), PointLaw(7).interval(0.95)
    ([0.0, 1.0], (7.0, 7.0))
    """

    value: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", count("value", self.value, 0, LARGEST_INTEGER))

    def support(self) -> tuple[int, int]:
        """Return (value, value)."""
        return self.value, self.value

    def mean(self) -> float:
        """Return the value."""
        return float(self.value)

    def var(self) -> float:
        """Return 0."""
        return 0.0

    def entropy(self) -> float:
        """Return 0."""
        return 0.0

    def rvs(self, size: int | tuple[int, ...] | None = None, random_state: Any = None) -> Any:
        """Return the value, `size` times; nothing is random."""
        return np.full(() if size is None else size, self.value, dtype=np.int64)[()]

    def _cumulants(self) -> tuple[float, float]:
        return 0.0, 0.0

    def _logpmf(self, k: Integers) -> Floats:
        return np.zeros(k.shape)

    def _cdf_sf(self, k: Integers) -> tuple[Floats, Floats]:
        return np.ones(k.shape), np.zeros(k.shape)

    def _quantile(self, p: Floats, upper: bool) -> Floats:
        return np.full(p.shape, float(self.value), dtype=np.float64)
