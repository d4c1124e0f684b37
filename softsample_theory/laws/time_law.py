"""What every law of a covering time shares: from the tails at one epoch to quantiles and moments.

A covering time has a smooth distribution function over the epochs, near a Gumbel law for all items and near a
normal law for part of them. A subclass answers for one epoch at a time; here are the search for a quantile
and the sums for mean and variance, each a small number of such answers whatever the size of the problem.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from functools import cached_property
from itertools import count

import numpy as np

from softsample_theory.laws.frozen_law import Floats, FrozenLaw, Integers

Point = tuple[int, float]  # an epoch and log(-log P(T <= it)), which falls as the epoch grows

MEDIAN_LEVEL = math.log(math.log(2))


class TimeLaw(FrozenLaw):
    """A law of epochs, given by its two tails at any one of them.

    Subclasses define `support`, `_tails` and `_scale`, and may override `_jump` where they know P(T = K)
    better than as a difference.
    """

    @abstractmethod
    def _tails(self, K: int) -> tuple[float, float]:
        """Return P(T <= K) and P(T > K) for an epoch inside the support."""

    @abstractmethod
    def _scale(self) -> tuple[float, float, float]:
        """Return (location, width, smoothness) in epochs: rough, finite and positive.

        The search for the quantile at p starts at location - width log(-log p). `smoothness` is the standard
        deviation of a normal law whose characteristic function exceeds that of T at high frequencies: it
        says how coarse the sums of the moments may be.
        """

    def mean(self) -> float:
        """Return E T."""
        return self._moments[0]

    def var(self) -> float:
        """Return Var T."""
        return self._moments[1]

    def _jump(self, K: int) -> float:
        """Return P(T = K) as a difference in the smaller tail: its error is 1e-14 of that tail."""
        cdf, sf = self._tails(K)
        if self.support()[0] >= K:
            return cdf
        below, above = self._tails(K - 1)
        return cdf - below if cdf < 0.5 else above - sf

    def _pmf(self, k: Integers) -> Floats:
        return np.array([self._jump(int(K)) for K in k])

    def _logpmf(self, k: Integers) -> Floats:
        with np.errstate(divide="ignore"):
            return np.log(self._pmf(k))

    def _cdf_sf(self, k: Integers) -> tuple[Floats, Floats]:
        pairs = np.array([self._tails(int(K)) for K in k])
        return pairs[:, 0], pairs[:, 1]

    def _quantile(self, p: Floats, upper: bool) -> Floats:
        return np.array([_float_from_above(self._search(float(each), upper)) for each in p])

    def _search(self, p: float, upper: bool = False) -> int:
        """Return the least K with P(T <= K) >= p, or (`upper`) with P(T > K) <= p."""
        lowest, highest = self.support()
        if lowest == highest:
            return int(lowest)
        lowest = int(lowest)
        location, width, _ = self._scale()
        goal = _double_log(1 - p, p) if upper else _double_log(p, 1 - p)
        middle: Point = (round(location - width * MEDIAN_LEVEL), MEDIAN_LEVEL)  # a guess, not a known point
        below: Point = (lowest - 1, math.inf)
        above: Point | None = None
        K = max(lowest, math.ceil(location - width * goal))
        for trial in count():
            cdf, sf = self._tails(K)
            if sf <= p if upper else cdf >= p:
                above = (K, _double_log(cdf, sf))
            else:
                below = (K, _double_log(cdf, sf))
            if above is not None and above[0] - below[0] == 1:
                return above[0]
            K = _next_trial(below, above, middle, goal, width, trial)
        raise AssertionError("count() has no end")

    def _spacing(self) -> int:
        """Return how many epochs apart the tails may be that the moments are summed from."""
        return coarsest_spacing(self._scale()[2])

    @cached_property
    def _moments(self) -> tuple[float, float]:
        """Return mean and variance from tails D epochs apart, on both sides of the median.

        With c the median, X = T - c and Y = D ceil(X/D), the sums of the tails give E Y and E Y^2 exactly,
        and Y - X is uniform on 0..D-1, uncorrelated with X, but for the characteristic function of T and its
        derivative at multiples of 2 pi/D. All terms are positive: nothing cancels, also where T is all but
        certain.
        """
        lowest, highest = self.support()
        if lowest == highest:
            return float(lowest), 0.0
        D = self._spacing()
        centre = self._search(0.5)
        up, up_squares = _tail_sums(lambda i: self._tails(centre + i * D)[1], 0)
        down, down_squares = _tail_sums(
            lambda i: self._tails(centre - i * D)[0] if centre - i * D >= lowest else 0.0, 1
        )
        first = D * (up - down) - (D - 1) / 2
        second = D * D * (up_squares + down_squares) - (D - 1) * first - (D - 1) * (2 * D - 1) / 6
        return centre + first, second - first * first


def coarsest_spacing(smoothness: float) -> int:
    """Return the largest D with exp(-2 smoothness^2 sin^2(pi/D)) <= exp(-40.5), or 1."""
    x = 4.5 / smoothness
    return math.floor(math.pi / math.asin(x)) if x < 1 else 1


def _float_from_above(K: int) -> float:
    """Return the least float64 that is not below K: beyond 2**53 not every epoch is one."""
    return float(K) if float(K) >= K else math.nextafter(float(K), math.inf)


def _double_log(cdf: float, sf: float) -> float:
    """Return log(-log cdf) from the smaller of the two tails."""
    if cdf <= 0.0 or sf <= 0.0:
        return math.inf if cdf <= 0.0 else -math.inf
    return math.log(-math.log(cdf)) if cdf < 0.5 else math.log(-math.log1p(-sf))


def _next_trial(
    below: Point, above: Point | None, middle: Point, goal: float, width: float, trial: int
) -> int:
    """Return the epoch to try next, strictly between what is known not to reach and what reaches."""
    if above is None:
        step = width * (below[1] - goal) if math.isfinite(below[1]) else width
        return below[0] + max(1, math.ceil(step * 2.0 ** max(0, trial - 3)))
    low = below if math.isfinite(below[1]) else middle
    high = above if math.isfinite(above[1]) else middle
    if (trial > 8 and trial % 2) or low is high:
        K = (below[0] + above[0]) // 2
    elif low[0] < high[0] and low[1] > high[1]:
        K = low[0] + math.ceil((high[0] - low[0]) * (low[1] - goal) / (low[1] - high[1]))
    else:
        known = below if high is middle else above
        K = known[0] + math.ceil(width * (known[1] - goal))
    return min(max(K, below[0] + 1), above[0] - 1)


def _tail_sums(tail: Callable[[int], float], start: int) -> tuple[float, float]:
    """Return the sums of tail(i) and of (2i + 1) tail(i), or (2i - 1) tail(i) from start = 1."""
    terms: list[float] = []
    squares: list[float] = []
    total = 0.0
    for i in count(start):
        value = tail(i)
        terms.append(value)
        squares.append((2 * i + 1 - 2 * start) * value)
        total += squares[-1]
        if squares[-1] <= 1e-19 * total:
            return math.fsum(terms), math.fsum(squares)
    raise AssertionError("count() has no end")
