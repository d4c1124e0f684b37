"""The law of the epochs until s items have been seen, each epoch a fresh uniform m-subset."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from functools import cached_property

from softsample_theory.laws.absorption_chain import Floats, crossing_chances, run_to_absorption
from softsample_theory.laws.alternating_sums import double_double_sums
from softsample_theory.laws.contour import unseen_log_pmf, unseen_tails
from softsample_theory.laws.cover_scale import cover_scale, decay_rate
from softsample_theory.laws.coverage_moments import subset_variance
from softsample_theory.laws.time_law import TimeLaw
from softsample_theory.laws.unseen_mean import unseen_deviation, unseen_mean
from softsample_theory.validation import count

_SMALL_POPULATION = 512  # here the chain costs under 5 ms and has one or two digits more than the contour
_SMALL_TAIL = 1e-26  # above it the contour is as good there too
_LONGEST_CHAIN = 3e9  # kernel entries: some 10 s


@dataclass(frozen=True, init=False)
class SubsetCoverTimeLaw(TimeLaw):
    r"""The epochs T until `items` of n items have been in at least one of the uniform m-subsets.

    With :math:`U_K` the items unseen after K epochs, T is the first K with :math:`U_K \le n - s`, so that

    .. math:: P(T \le K) = P(U_K \le n-s), \qquad
              P(T = K) = \sum_{i<s} (-1)^{s-i+1} \binom{n}{i} \binom{n-i-1}{n-s} (1 - x_i) x_i^{K-1},
              \quad x_i = \binom{i}{m} / \binom{n}{m}

    (Eqs. 12-16 of the SRS paper). In float64 that sum is wrong from n of about 60. Here it is summed in
    double-double while its own error bound allows; beyond, the law is the contour integral of
    `contour.unseen_tails`, or for n <= 512 the chain of `absorption_chain`.

    Parameters
    ----------
    population : int
        n, from 1 to 2**53.
    subset : int
        m, from 1 to n.
    items : int, optional
        s, from 0 to n; by default all.

    Raises
    ------
    ArgumentValueError, ArgumentTypeError
        One line that names the argument, what it was and what it may be.
    ArithmeticError
        Where no method vouches for a value: none is known.

    Accuracy
    --------
    Relative errors. cdf and sf wherever above 1e-60: at most 2e-13, mostly 1e-14 (300-digit sums, 17 cases of
    n from 98 to 1e12, and the chain, n to 3000; exact rationals, all n <= 12: 2e-15). Mean 4e-15, variance
    4e-15 (exact rationals, n <= 130; 80-digit sums to n = 1e12). Quantiles are exact for the cdf as computed.
    pmf: 1.5e-13; but where drop = max(E U, n-s) m/n > 64, the fall of the number unseen in one epoch, about
    1e-14 times its standard deviation over the drop.

    Cost
    ----
    10 to 20 us a cdf or sf value whatever n, m and K, 10 to 80 us a pmf value, 0.3 to 4 ms for mean and
    variance together, 2 to 5 cdf values a quantile (some 50 far in the tails for s < n). For n <= 512,
    once 5 to 15 ms where a tail below 1e-26 is asked for.

    References
    ----------
    "Soft Sampling for Efficient Training of Deep Neural Networks on Massive Data", submission to ICLR 2023.
    V. A. Vatutin, V. G. Mikhailov, Limit theorems for the number of empty cells in an equiprobable scheme for
    group allocation of particles, Theory Probab. Appl. 27, 1983.
    W. Stadje, The collector's problem with group drawings, Adv. Appl. Prob. 22, 1990.

    Examples
    --------
    >>> law = SubsetCoverTimeLaw(320, 16)
    >>> round(law.mean(), 3), float(law.ppf(0.95)), float(law.isf(1e-12))
    (124.409, 171.0, 652.0)
    >>> round(SubsetCoverTimeLaw(10**9, 10**8).mean(), 9)
    202.667589823
    """

    population: int
    subset: int
    items: int

    def __init__(self, population: int, subset: int, items: int | None = None) -> None:
        n = count("population", population, 1)
        object.__setattr__(self, "population", n)
        object.__setattr__(self, "subset", count("subset", subset, 1, n))
        object.__setattr__(self, "items", n if items is None else count("items", items, 0, n))

    def support(self) -> tuple[int | float, int | float]:
        """Return (ceil(s/m), inf), or the one epoch where s <= m leaves nothing to chance."""
        first = self._first
        return first, first if first <= 1 else math.inf

    @property
    def _first(self) -> int:
        return -(-self.items // self.subset)

    @property
    def _r(self) -> int:
        """The number of unseen items, r = n - s + 1, from which on T has not come."""
        return self.population - self.items + 1

    def _tails(self, K: int) -> tuple[float, float]:
        n, m, r = self.population, self.subset, self._r
        if r > n - m or self._first > K:
            return (0.0, 1.0) if self._first > K else (1.0, 0.0)
        mu = unseen_mean(n, m, K)
        if _beyond_poisson(mu, r):
            return (0.0, 1.0) if r < mu else (1.0, 0.0)
        if mu < 16 and r <= 170:
            sf, cdf, error = double_double_sums(n, m, K, r, False)
            if error <= 1e-15 * min(cdf, sf):
                return cdf, sf
        cdf, sf, accepted = unseen_tails(n, m, K, r)
        if accepted and (n > _SMALL_POPULATION or min(cdf, sf) > _SMALL_TAIL):
            return cdf, sf
        if not accepted and _beyond_bernstein(n, m, K, r):
            return (0.0, 1.0) if r < mu else (1.0, 0.0)
        _, cdf, sf = self._from_chain(K)
        return (cdf, 1 - cdf) if cdf < sf else (1 - sf, sf)

    def _jump(self, K: int) -> float:
        n, m, r = self.population, self.subset, self._r
        if r > n - m:
            return 1.0
        mu = unseen_mean(n, m, K - 1)
        if min(self._tails(K)[0], self._tails(K - 1)[1] if self._first < K else 1.0) == 0.0:
            return 0.0
        if mu < 16 and r <= 170:
            p, _, error = double_double_sums(n, m, K, r, True)
            if error <= 1e-15 * p:
                return p
        if n <= _SMALL_POPULATION:
            return self._from_chain(K)[0]
        if max(mu, r) * m <= 64 * n:
            return self._jump_by_last_step(K, mu)
        return super()._jump(K)

    def _jump_by_last_step(self, K: int, mu: float) -> float:
        """Return P(T = K) as a sum over the number unseen one epoch before: no two tails are subtracted."""
        n, m, r = self.population, self.subset, self._r
        drop = max(mu, r) * (m / n)
        total = 0.0
        crossing = crossing_chances(n, m, r, min(m, n - m - r + 1, int(drop + 12 * math.sqrt(drop)) + 40))
        for i, chance in enumerate(crossing):
            log_p, accepted = unseen_log_pmf(n, m, K - 1, r + i)
            if not accepted:
                return self._from_chain(K)[0]
            term = math.exp(log_p) * float(chance)
            total += term
            if i > drop and 0.0 < total * 1e-17 >= term:
                break
        return min(1.0, total)

    def _from_chain(self, K: int) -> tuple[float, float, float]:
        """Return P(T = K), P(T <= K) and P(T > K) from the chain, which runs once for all K."""
        pmf, cdf, sf, complete = self._chain
        i = K - self._first
        if i < pmf.size:
            return float(pmf[i]), float(cdf[i]), float(sf[i])
        if not complete:
            raise ArithmeticError(f"no method vouches for epoch {K} of {self}: its chain is too long")
        return 0.0, 1.0, 0.0

    @cached_property
    def _chain(self) -> tuple[Floats, Floats, Floats, bool]:
        n, m, r = self.population, self.subset, self._r
        least_mean = 4.0 if r <= 170 else 1.0  # below it the double-double sums serve
        last = math.ceil(math.log(n / least_mean) / decay_rate(n, m)) + 1
        room = min(max(1, last - self._first + 1), 2**17)
        pmf, cdf, sf, left, _ = run_to_absorption(n, m, r, room, _LONGEST_CHAIN)
        return pmf, cdf, sf, left == 0.0

    def _spacing(self) -> int:
        """Return the spacing of the sums, less where so few items leave T a rough law.

        A geometric time at each of the states n-m, ..., r, with the chance 1 - x of leaving it, has the
        characteristic function (1-x)/(1-x exp(iw)): their product is that of T for m = 1, and near it else.
        """
        D = super()._spacing()
        n, m, r = self.population, self.subset, self._r
        while D > 1 and n <= _SMALL_POPULATION:
            turn = cmath.exp(2j * math.pi / D)
            stays = [math.comb(n - j, m) / math.comb(n, m) for j in range(r, n - m + 1)]
            if math.prod((1 - x) / abs(1 - x * turn) for x in stays) <= 1e-16:
                break
            D -= 1
        return D

    def _scale(self) -> tuple[float, float, float]:
        return cover_scale(self.population, self.subset, self.items)


def _beyond_poisson(mu: float, r: int) -> bool:
    """Return whether the tail beyond r, away from the mean, is below 1e-325, as for a Poisson variable.

    The number unseen is a sum of negatively associated indicators: P(U >= r) and P(U < r) are at most
    exp(-(r log(r/mu) - r + mu)) above and below the mean.
    """
    return mu <= 0.0 or r * math.log(r / mu) - r + mu > 750.0


def _beyond_bernstein(n: int, m: int, K: int, r: int) -> bool:
    """Return the same by Bernstein's inequality, which knows the variance: it may be far below the mean.

    The number unseen is a sum of independent indicators too, all roots of its generating function being real
    (Vatutin and Mikhailov 1983): a distance d from the mean has a chance of at most exp(-d^2 / (2V + 2d/3)).
    """
    d = unseen_deviation(n, m, K, r)
    distance = d if d > 0 else -d - 1  # P(U >= r) or P(U <= r - 1)
    variance = float(subset_variance(n, m, [K])[0])
    return distance * distance > 750.0 * (2 * variance + 2 * distance / 3)
