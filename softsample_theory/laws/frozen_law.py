"""What every law here can be asked: the methods of a SciPy frozen discrete distribution.

A law supplies four things: its support, its log-pmf, the pair (cdf, sf) and its first two moments.
Everything else follows from these. The pair is one primitive because each tail needs its own full relative
accuracy: neither may be computed as one minus the other once it is small.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softsample_theory.validation import ArgumentValueError, reject_value

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

LARGEST_INTEGER = 2**62
"""Stands for infinity among integer arguments; no law here has mass beyond it."""


class FrozenLaw(ABC):
    """A frozen law on the integers, vectorised over its argument.

    Subclasses are frozen dataclasses of their parameters. They define `support`, `mean`, `var`, `_logpmf` and
    `_cdf_sf`, and may override `_pmf`, `_log_cdf_sf`, `_quantile`, `_cumulants` and `rvs` where they know
    better. An argument that is no integer has probability zero and is rounded down in a cdf, as in SciPy.
    """

    # What a subclass defines -------------------------------------------------------------------------------

    @abstractmethod
    def support(self) -> tuple[int | float, int | float]:
        """Return the least and the largest value with positive probability (`inf` where there is none)."""

    @abstractmethod
    def mean(self) -> float:
        """Return the mean."""

    @abstractmethod
    def var(self) -> float:
        """Return the variance."""

    @abstractmethod
    def _logpmf(self, k: Integers) -> Floats:
        """Return log P(X = k) for a flat array of integers inside the support."""

    @abstractmethod
    def _cdf_sf(self, k: Integers) -> tuple[Floats, Floats]:
        """Return P(X <= k) and P(X > k) for a flat array of integers inside the support."""

    def _cumulants(self) -> tuple[float, float]:
        """Return the third and fourth cumulants."""
        raise ArgumentValueError(
            f"moments is beyond 'mv'; {type(self).__name__} knows the mean and the variance"
        )

    def _pmf(self, k: Integers) -> Floats:
        return np.exp(self._logpmf(k))

    def _log_cdf_sf(self, k: Integers) -> tuple[Floats, Floats]:
        cdf, sf = self._cdf_sf(k)
        with np.errstate(divide="ignore"):
            return (
                np.where(cdf < 0.5, np.log(cdf), np.log1p(-sf)),
                np.where(sf < 0.5, np.log(sf), np.log1p(-cdf)),
            )

    # What everyone may ask ---------------------------------------------------------------------------------

    def pmf(self, k: ArrayLike) -> Any:
        """Return P(X = k)."""
        return self._inside(k, self._pmf, 0.0)

    def logpmf(self, k: ArrayLike) -> Any:
        """Return log P(X = k); minus infinity where it is impossible."""
        return self._inside(k, self._logpmf, -np.inf)

    def cdf(self, k: ArrayLike) -> Any:
        """Return P(X <= k)."""
        return self._below(k, lambda i: self._cdf_sf(i)[0], 0.0, 1.0)

    def sf(self, k: ArrayLike) -> Any:
        """Return P(X > k), with its own relative accuracy."""
        return self._below(k, lambda i: self._cdf_sf(i)[1], 1.0, 0.0)

    def logcdf(self, k: ArrayLike) -> Any:
        """Return log P(X <= k)."""
        return self._below(k, lambda i: self._log_cdf_sf(i)[0], -np.inf, 0.0)

    def logsf(self, k: ArrayLike) -> Any:
        """Return log P(X > k)."""
        return self._below(k, lambda i: self._log_cdf_sf(i)[1], 0.0, -np.inf)

    def ppf(self, p: ArrayLike) -> Any:
        """Return the quantile: the least q with cdf(q) >= p, compared as computed."""
        return self._quantiles(p, upper=False)

    def isf(self, p: ArrayLike) -> Any:
        """Return the upper quantile: the least q with sf(q) <= p. Small p loses nothing here."""
        return self._quantiles(p, upper=True)

    def median(self) -> float:
        """Return the least q with cdf(q) >= 1/2."""
        return float(self.ppf(0.5))

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Return the central interval: each tail left outside has probability at most (1-confidence)/2."""
        if not 0 <= confidence <= 1:
            reject_value("confidence", confidence, "a number in [0, 1]")
        tail = (1 - confidence) / 2
        return float(self.ppf(tail)), float(self.isf(tail))

    def std(self) -> float:
        """Return the standard deviation."""
        return math.sqrt(self.var())

    def stats(self, moments: str = "mv") -> tuple[float, ...]:
        """Return the named moments, of 'm' mean, 'v' variance, 's' skewness and 'k' excess kurtosis."""
        if not moments or set(moments) - set("mvsk"):
            reject_value("moments", moments, "letters of 'mvsk'")
        known = {"m": self.mean(), "v": self.var()}
        if set(moments) & set("sk"):
            third, fourth = self._cumulants()
            with np.errstate(divide="ignore", invalid="ignore"):
                known["s"] = float(np.float64(third) / known["v"] ** 1.5)
                known["k"] = float(np.float64(fourth) / known["v"] ** 2)
        return tuple(known[letter] for letter in "mvsk" if letter in moments)

    def entropy(self) -> float:
        """Return the entropy in nats, from the pmf on a lattice that resolves it."""
        low, high = self.support()
        width = 9.0 * self.std() + 60.0
        start, stop = max(low, math.floor(self.mean() - width)), min(high, math.ceil(self.mean() + width))
        # The error of a sum over every step-th integer falls like exp(-2 (pi sd / step)^2): nothing at sd/2.
        step = 1 if math.isinf(stop) or stop - start <= 4000 else max(1, int(self.std() / 2))
        k = np.arange(int(start), int(stop) + 1, step, dtype=np.int64)
        log_p = self._logpmf(k)
        seen = log_p > -700
        return float(-step * np.sum(np.exp(log_p[seen]) * log_p[seen])) + 0.0

    def rvs(self, size: int | tuple[int, ...] | None = None, random_state: Any = None) -> Any:
        """Draw by inversion; `random_state` is anything that `numpy.random.default_rng` takes."""
        # A uniform of 0, chance 2**-53, stands for its cell: the quantile at 0 is outside the support.
        uniform = np.maximum(np.random.default_rng(random_state).random(size), 2.0**-54)
        return np.asarray(self.ppf(uniform)).astype(np.int64)[()]

    # How the pieces meet -----------------------------------------------------------------------------------

    def _inside(self, k: ArrayLike, function: Any, outside: float) -> Any:
        x = np.asarray(k, dtype=np.float64 if np.asarray(k).dtype.kind == "f" else None)
        low, high = self.support()
        flat = x.ravel()
        out = np.full(flat.shape, outside)
        member = (
            (flat >= low) & (flat <= high) & (np.floor(flat) == flat) & np.isfinite(flat.astype(np.float64))
        )
        if member.any():
            out[member] = function(flat[member].astype(np.int64))
        if x.dtype.kind == "f":
            out[np.isnan(flat)] = np.nan
        return out.reshape(x.shape)[()]

    def _below(self, k: ArrayLike, function: Any, left: float, right: float) -> Any:
        x = np.asarray(k, dtype=np.float64 if np.asarray(k).dtype.kind == "f" else None)
        low, high = self.support()
        flat = np.floor(x).ravel()
        out = np.where(flat < low, left, right)
        member = (flat >= low) & (flat < high) & (flat < LARGEST_INTEGER)
        if member.any():
            out[member] = function(flat[member].astype(np.int64))
        if x.dtype.kind == "f":
            out[np.isnan(flat)] = np.nan
        return out.reshape(x.shape)[()]

    def _quantiles(self, p: ArrayLike, *, upper: bool) -> Any:
        """Return quantiles as float64, like SciPy: one below the support at p = 0, its top at p = 1."""
        x = np.asarray(p, dtype=np.float64)
        flat = x.ravel()
        low, high = self.support()
        first, last = (low - 1, high) if not upper else (high, low - 1)
        out = np.where(flat == 0, first, np.where(flat == 1, last, np.nan)).astype(np.float64)
        member = (flat > 0) & (flat < 1)
        if member.any():
            out[member] = self._quantile(flat[member], upper)
        return out.reshape(x.shape)[()]

    def _quantile(self, p: Floats, upper: bool) -> Floats:
        """Return exact quantiles by bracketing from the normal guess, then bisection."""
        low, high = self.support()
        top = LARGEST_INTEGER if math.isinf(high) else int(high)

        def reached(k: Integers) -> NDArray[np.bool_]:
            done = k >= top
            ask = ~done
            if ask.any():
                cdf, sf = self._cdf_sf(k[ask])
                done[ask] = sf <= p[ask] if upper else cdf >= p[ask]
            return done

        from scipy.special import ndtri

        z = -ndtri(p) if upper else ndtri(p)
        guess = np.clip(self.mean() + z * self.std(), float(low), float(top)).astype(np.int64)
        step = np.full(p.shape, max(1, int(self.std() / 16)), dtype=np.int64)
        below, above = guess - 1, guess.copy()
        while not (ok := reached(above)).all():  # above: reached
            below[~ok] = above[~ok]
            above[~ok] = np.minimum(above[~ok] + step[~ok], top)
            step[~ok] *= 2
        step[:] = max(1, int(self.std() / 16))
        while (
            high_still := (below >= low) & reached(np.maximum(below, int(low)))
        ).any():  # below: not reached
            above[high_still] = below[high_still]
            below[high_still] = np.maximum(below[high_still] - step[high_still], int(low) - 1)
            step[high_still] *= 2
        while (open_ := above - below > 1).any():
            middle = below + (above - below) // 2
            ok = reached(middle) & open_
            above[ok] = middle[ok]
            below[open_ & ~ok] = middle[open_ & ~ok]
        return above.astype(np.float64)
