"""The law of a count that is made of whole blocks, one part of a block, and a constant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from softsample_theory.laws.binomial_law import BinomialLaw
from softsample_theory.laws.frozen_law import LARGEST_INTEGER, Floats, FrozenLaw, Integers
from softsample_theory.validation import ArgumentValueError, count, fraction, reject_value


@dataclass(frozen=True, init=False)
class BlockCountLaw(FrozenLaw):
    r"""The law of W + R X + b Y with X ~ Bin(a d, p) and Y ~ Bin(d, p) independent.

    The visits to one item when a draw is kept for R epochs: a whole blocks of R epochs, the first b epochs of
    another, and W epochs that visit everything; d draws a block hit the item with probability p each.

    Parameters
    ----------
    base, weight, part : int
        W >= 0, R >= 1 and 0 <= b < R.
    blocks : int
        a >= 0.
    draws : int
        d >= 1, with d p <= 1.
    ratio : Fraction or float
        p in [0, 1].

    Raises
    ------
    ArgumentValueError
        From `logpmf`, where log P is below -29,000 and d > 4,000 (the sum over Y stops there).

    Accuracy
    --------
    pmf, cdf and sf as `BinomialLaw`: relative error 1e-13 down to 1e-300 (all terms are positive).

    Cost
    ----
    At most min(d, 200) + 1 times that of `BinomialLaw`.

    Examples
    --------
    >>> law = BlockCountLaw(base=1, weight=10, part=3, blocks=2, draws=1, ratio=Fraction(1, 4))
    >>> law.pmf([1, 4, 11, 14, 21, 24]).round(6).tolist()
    [0.421875, 0.140625, 0.28125, 0.09375, 0.046875, 0.015625]
    """

    base: int
    weight: int
    part: int
    blocks: int
    draws: int
    ratio: Fraction

    def __init__(
        self, base: int, weight: int, part: int, blocks: int, draws: int, ratio: float | Fraction
    ) -> None:
        weight = count("weight", weight, 1, LARGEST_INTEGER)
        ratio = fraction("ratio", ratio, zero=True)
        draws = count("draws", draws, 1)
        if draws * ratio > 1:
            reject_value("ratio", ratio, f"at most 1/{draws} with {draws} draws a block")
        values = {
            "base": count("base", base, 0, LARGEST_INTEGER),
            "weight": weight,
            "part": count("part", part, 0, weight - 1),
            "blocks": count("blocks", blocks, 0, LARGEST_INTEGER),
            "draws": draws,
            "ratio": ratio,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @cached_property
    def whole(self) -> BinomialLaw:
        """The law of X."""
        return BinomialLaw(self.blocks * self.draws, self.ratio)

    @cached_property
    def partial(self) -> BinomialLaw:
        """The law of Y; certainly 0 where there is no part of a block."""
        return BinomialLaw(self.draws if self.part else 0, self.ratio)

    def support(self) -> tuple[int, int]:
        """Return the least and the largest value with positive probability."""
        (x, most_x), (y, most_y) = self.whole.support(), self.partial.support()
        return (
            self.base + self.weight * x + self.part * y,
            self.base + self.weight * most_x + self.part * most_y,
        )

    def mean(self) -> float:
        """Return W + R a d p + b d p."""
        visits = self.weight * self.blocks + self.part
        return float(self.base + visits * self.draws * self.ratio)

    def var(self) -> float:
        """Return (R^2 a + b^2) d p q."""
        return self._cumulant(2, self.whole.var(), self.partial.var())

    def entropy(self) -> float:
        """Return the entropy in nats: that of X and Y, where the value tells them apart, else by the sum."""
        if self.part == 0 or self.draws == 1:
            return self.whole.entropy() + self.partial.entropy()
        low, high = float(self.whole.ppf(1e-20)), float(self.whole.isf(1e-20))
        most = float(self.partial.isf(1e-20))
        first, last = (self.base + self.weight * low), (self.base + self.weight * high + self.part * most)
        if last - first > 4_000_000:
            raise ArgumentValueError(
                f"entropy would sum over {last - first:.0f} values here; it sums over at most 4000000"
            )
        p = self.pmf(np.arange(int(first), int(last) + 1))
        return float(-np.sum(p[p > 0] * np.log(p[p > 0]))) + 0.0

    def _cumulants(self) -> tuple[float, float]:
        (x3, x4), (y3, y4) = self.whole._cumulants(), self.partial._cumulants()
        return self._cumulant(3, x3, y3), self._cumulant(4, x4, y4)

    def _cumulant(self, order: int, x: float, y: float) -> float:
        return float(self.weight) ** order * x + float(self.part) ** order * y

    def _pmf(self, k: Integers) -> Floats:
        return self._over_part(k, lambda x: np.where(x % self.weight, 0.0, self.whole.pmf(x // self.weight)))

    def _logpmf(self, k: Integers) -> Floats:
        out = np.full(k.shape, -np.inf)
        for y in self._part_values(4000):
            x = k - self.base - self.part * y
            fits = x % self.weight == 0
            term = self.whole.logpmf(x[fits] // self.weight) + self.partial.logpmf(y)
            out[fits] = np.logaddexp(out[fits], term)
        if self.partial.support()[1] > 4000 and (out < -29_000).any():
            raise ArgumentValueError(
                "k is too far out: log P is below -29000 there, which the sum cannot follow"
            )
        return out

    def _cdf_sf(self, k: Integers) -> tuple[Floats, Floats]:
        return (
            self._over_part(k, lambda x: self.whole.cdf(x // self.weight)),
            self._over_part(k, lambda x: self.whole.sf(x // self.weight)),
        )

    def _over_part(self, k: Integers, given: Callable[[Integers], Floats]) -> Floats:
        """Return the sum over Y of P(Y = y) given(k - W - b y); P(Y > 200) <= 1/201!."""
        values = self._part_values(200)
        weights = self.partial.pmf(values)
        total = np.zeros(k.shape)
        for y, weight in zip(values[weights > 0], weights[weights > 0], strict=True):
            total += weight * given(k - self.base - self.part * y)
        return total

    def _part_values(self, most: int) -> Integers:
        low, high = self.partial.support()
        return np.arange(low, min(high, most) + 1)
