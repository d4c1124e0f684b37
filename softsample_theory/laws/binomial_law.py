"""The binomial law, with the digits that trials up to 2**53 and success probabilities near 0 or 1 need."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numba import njit
from numpy.typing import NDArray

from softsample_theory.laws.chance import LARGEST_TRIES, Chance
from softsample_theory.laws.double_double import dd_add, dd_multiply
from softsample_theory.laws.frozen_law import Floats, FrozenLaw, Integers
from softsample_theory.laws.gauss_legendre import NODES, WEIGHTS
from softsample_theory.laws.stirling import phi, stirling_error
from softsample_theory.validation import count


@dataclass(frozen=True)
class BinomialLaw(FrozenLaw):
    r"""The number of successes in `trials` independent trials.

    The pmf in Loader's saddle form, with :math:`\phi(e) = (1+e)\log(1+e) - e`, :math:`\delta` the Stirling
    error and the deviation :math:`d = k - np` in double-double,

    .. math:: \log P(X=k) = -np\,\phi(d/np) - nq\,\phi(-d/nq) + \delta(n) - \delta(k) - \delta(n-k)
              - \tfrac12 \log\frac{2\pi k(n-k)}{n},

    and the tails from the beta integral, scaled so that nothing in it cancels,

    .. math:: P(X \ge k) = k\,P(X=k) \int_0^1 (1-x)^{k-1} (1 + xp/q)^{n-k}\,dx.

    Parameters
    ----------
    trials : int
        n, from 0 to 2**62.
    chance : float, Fraction or Chance
        The success probability, in [0, 1]. A float is taken as the binary fraction that it is; a `Chance`
        carries the digits of, say, 1 - q^K (`Chance.any_of`).

    Accuracy
    --------
    Largest relative error against 60-digit mpmath, n from 50 to 2**62 and mean from 1 to 1e15: pmf 1e-14
    within 8 standard deviations and 6e-14 at 20; cdf and sf the same, each in its own tail.

    Cost
    ----
    0.07 us a pmf value and 1.5 us a cdf or sf value, whatever n.

    References
    ----------
    C. Loader, Fast and accurate computation of binomial probabilities, 2000.
    NIST Digital Library of Mathematical Functions, 8.17.4-5 (binomial tails as beta integrals).

    Examples
    --------
    >>> round(float(BinomialLaw(320, Fraction(1, 20)).pmf(16)), 12)
    0.101793644386
    >>> unseen = BinomialLaw(10**12, Chance.all_of(Fraction(9, 10), 270))
    >>> round(float(unseen.sf(0)), 12)
    0.357286526966
    """

    trials: int
    chance: Chance

    def __init__(self, trials: int, chance: float | Fraction | Chance) -> None:
        object.__setattr__(self, "trials", count("trials", trials, 0, LARGEST_TRIES))
        object.__setattr__(self, "chance", Chance.of(chance))

    def support(self) -> tuple[int, int]:
        """Return (0, trials), or the one value that is possible where success is certain or impossible."""
        return (
            0 if self.chance.log_q > -math.inf else self.trials,
            self.trials if self.chance.log_p > -math.inf else 0,
        )

    def mean(self) -> float:
        """Return n p."""
        return self.trials * self.chance.p

    def var(self) -> float:
        """Return n p q."""
        return self.trials * self.chance.p * self.chance.q

    def deviation(self, k: Integers) -> Floats:
        """Return k - n p to full relative accuracy, also next to a mean of 1e15."""
        return _deviation_at(k, *self._numbers()[:3])

    def _cumulants(self) -> tuple[float, float]:
        c = self.chance
        skew = (c.q - c.p) + (c.q_low - c.p_low)
        return self.var() * skew, self.var() * (1 - 6 * c.p * c.q)

    def _logpmf(self, k: Integers) -> Floats:
        return _log_pmf_at(k, *self._numbers())

    def _cdf_sf(self, k: Integers) -> tuple[Floats, Floats]:
        log_tail, is_upper = _log_tail_at(k, *self._numbers())
        tail, rest = np.exp(log_tail), -np.expm1(log_tail)
        return np.where(is_upper, rest, tail), np.where(is_upper, tail, rest)

    def _log_cdf_sf(self, k: Integers) -> tuple[Floats, Floats]:
        log_tail, is_upper = _log_tail_at(k, *self._numbers())
        rest = np.log1p(-np.exp(log_tail))
        return np.where(is_upper, rest, log_tail), np.where(is_upper, log_tail, rest)

    def _numbers(self) -> tuple[int, float, float, float, float, float]:
        c = self.chance
        return self.trials, c.p, c.p_low, c.q, c.log_p, c.log_q


@njit(cache=True)
def _log_pmf(
    k: float, rest: float, n: float, mean: float, miss: float, d: float, log_p: float, log_q: float
) -> float:
    """Return log P(X = k): `rest` = n - k, `mean` = n p, `miss` = n q, `d` = k - n p to its last digit."""
    if k == 0.0:
        return n * log_q if n > 0.0 else 0.0
    if rest == 0.0:
        return n * log_p
    distance = _relative_entropy_part(k, n, mean, d, log_p) + _relative_entropy_part(rest, n, miss, -d, log_q)
    correction = stirling_error(n) - stirling_error(k) - stirling_error(rest)
    return correction - distance + 0.5 * math.log(n / k / rest / (2.0 * math.pi))


@njit(cache=True)
def _relative_entropy_part(k: float, n: float, mean: float, d: float, log_p: float) -> float:
    """Return mean phi(d/mean) = k log(k/mean) - d, also where the mean is below the smallest float64."""
    if k > 1e8 * mean:
        return k * (math.log(k / n) - log_p) - d
    return mean * phi(d / mean)


@njit(cache=True)
def _deviation(k: int, trials: int, p: float, p_low: float) -> float:
    """Return k - n p, its last digit included."""
    n, n_low = _two_floats(trials)
    mean, mean_low = dd_multiply(n, n_low, p, p_low)
    high, low = _two_floats(k)
    return dd_add(high, low, -mean, -mean_low)[0]


@njit(cache=True)
def _two_floats(k: int) -> tuple[float, float]:
    high = float(k)
    return high, float(k - np.int64(high))


@njit(cache=True)
def _deviation_at(k: Integers, trials: int, p: float, p_low: float) -> Floats:
    out = np.empty(k.size)
    for i in range(k.size):
        out[i] = _deviation(k[i], trials, p, p_low)
    return out


@njit(cache=True)
def _log_pmf_at(
    k: Integers, trials: int, p: float, p_low: float, q: float, log_p: float, log_q: float
) -> Floats:
    out = np.empty(k.size)
    n = float(trials)
    for i in range(k.size):
        d = _deviation(k[i], trials, p, p_low)
        out[i] = _log_pmf(float(k[i]), float(trials - k[i]), n, n * p, n * q, d, log_p, log_q)
    return out


@njit(cache=True)
def _log_tail_at(
    k: Integers, trials: int, p: float, p_low: float, q: float, log_p: float, log_q: float
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return log P(X > k) where k + 1 is above the mean, else log P(X <= k), and which of the two it is."""
    n = float(trials)
    out = np.empty(k.size)
    is_upper = np.empty(k.size, dtype=np.bool_)
    for i in range(k.size):
        above = k[i] + 1
        d = _deviation(above, trials, p, p_low)
        is_upper[i] = d > 0.0
        rest = float(trials - k[i])
        if is_upper[i]:
            out[i] = _log_upper_tail(float(above), rest - 1.0, n, p, q, d, log_p, log_q)
        else:
            out[i] = _log_upper_tail(rest, float(k[i]), n, q, p, -(d - 1.0), log_q, log_p)
    return out, is_upper


@njit(cache=True)
def _log_upper_tail(
    k: float, rest: float, n: float, p: float, q: float, d: float, log_p: float, log_q: float
) -> float:
    """Return log P(X >= k) for k >= 1 not below the mean."""
    log_pmf = _log_pmf(k, rest, n, n * p, n * q, d, log_p, log_q)
    if rest == 0.0:
        return log_pmf
    slope, odds = (d - q) / q, p / q
    end = _where_it_ends(k, rest, slope, odds)
    total = 0.0
    for i in range(NODES.size):
        x = end * NODES[i]
        total += WEIGHTS[i] * math.exp(_log_integrand(x, k, rest, slope, odds))
    return log_pmf + math.log(k * end * total)


@njit(cache=True)
def _log_integrand(x: float, k: float, rest: float, slope: float, odds: float) -> float:
    """Return (k-1) log(1-x) + rest log(1+x odds), its linear part taken together; concave in x."""
    if x >= 1.0:
        return -math.inf if k > 1.0 else rest * math.log1p(odds)
    return -slope * x - (k - 1.0) * _log_defect(-x) - rest * _log_defect(x * odds)


@njit(cache=True)
def _log_defect(x: float) -> float:
    """Return x - log(1+x) >= 0 to full relative accuracy."""
    return (1.0 + x) * phi(-x / (1.0 + x))


@njit(cache=True)
def _where_it_ends(k: float, rest: float, slope: float, odds: float) -> float:
    """Return a point of (0, 1] where the integrand is below e^-40 of its start, not much beyond the first."""
    if _log_integrand(1.0, k, rest, slope, odds) > -40.0:
        return 1.0
    low, high = -100.0, 0.0  # log2 of the point
    for _ in range(9):
        middle = 0.5 * (low + high)
        if _log_integrand(2.0**middle, k, rest, slope, odds) > -40.0:
            low = middle
        else:
            high = middle
    return 2.0**high
