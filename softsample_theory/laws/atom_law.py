"""A law on a handful of values, with rational probabilities."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from softsample_theory.laws.frozen_law import LARGEST_INTEGER, Floats, FrozenLaw, Integers
from softsample_theory.validation import count, fraction, reject_value


@dataclass(frozen=True, init=False)
class AtomLaw(FrozenLaw):
    """The law with the given probabilities, in ascending order of its values; impossible ones are left out.

    Parameters
    ----------
    atoms : mapping of int to Fraction
        Value, from 0 to 2**62, to probability; the probabilities sum to one exactly.

    Accuracy
    --------
    Every answer is computed in rationals and rounded once.

    Examples
    --------
    >>> law = AtomLaw({0: Fraction(9, 10), 20: Fraction(1, 10)})
    >>> law.pmf([0, 1, 20]).tolist(), law.mean(), law.var()
    ([0.9, 0.0, 0.1], 2.0, 36.0)
    """

    values: tuple[int, ...]
    probabilities: tuple[Fraction, ...]

    def __init__(self, atoms: Mapping[int, Fraction]) -> None:
        known = {
            count("value", v, 0, LARGEST_INTEGER): fraction("probability", p, zero=True)
            for v, p in sorted(atoms.items())
            if p
        }
        if sum(known.values()) != 1:
            reject_value("atoms", dict(atoms), "probabilities that sum to one exactly")
        object.__setattr__(self, "values", tuple(known))
        object.__setattr__(self, "probabilities", tuple(known.values()))

    def support(self) -> tuple[int, int]:
        """Return the least and the largest value."""
        return self.values[0], self.values[-1]

    def mean(self) -> float:
        """Return the mean."""
        return float(self._mean)

    def var(self) -> float:
        """Return the variance."""
        return float(self._central(2))

    def entropy(self) -> float:
        """Return the entropy in nats."""
        return -math.fsum(float(p) * math.log(p) for p in self.probabilities) + 0.0

    def _cumulants(self) -> tuple[float, float]:
        return float(self._central(3)), float(self._central(4) - 3 * self._central(2) ** 2)

    @cached_property
    def _mean(self) -> Fraction:
        return sum((p * v for v, p in zip(self.values, self.probabilities, strict=True)), Fraction(0))

    def _central(self, order: int) -> Fraction:
        pairs = zip(self.values, self.probabilities, strict=True)
        return sum((p * (v - self._mean) ** order for v, p in pairs), Fraction(0))

    def _pmf(self, k: Integers) -> Floats:
        table = dict(zip(self.values, self.probabilities, strict=True))
        return np.array([float(table.get(int(v), 0)) for v in k])

    def _logpmf(self, k: Integers) -> Floats:
        with np.errstate(divide="ignore"):
            return np.log(self._pmf(k))

    def _cdf_sf(self, k: Integers) -> tuple[Floats, Floats]:
        below = [sum(self.probabilities[: np.searchsorted(self.values, v, "right")], Fraction(0)) for v in k]
        return np.array([float(p) for p in below]), np.array([float(1 - p) for p in below])

    def _quantile(self, p: Floats, upper: bool) -> Floats:
        cdf, sf = self._cdf_sf(np.array(self.values))
        first = [np.argmax(sf <= each if upper else cdf >= each) for each in p]
        return np.array([float(self.values[i]) for i in first])
