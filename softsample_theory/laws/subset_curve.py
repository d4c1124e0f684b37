"""Quantiles of the number of items seen, for many epochs at once: the confidence band of a coverage curve."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softsample_theory.laws.contour import unseen_log_law
from softsample_theory.laws.coverage_moments import subset_mean, subset_variance
from softsample_theory.validation import count, real

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


def subset_quantiles(
    population: int, subset: int, epochs: ArrayLike, tail: float
) -> tuple[Integers, Integers]:
    """Return the lower and the upper `tail` quantile of the number of items seen after each epoch.

    low is the least q with P(S <= q) >= tail, high the least q with P(S > q) <= tail, so that the band from
    low to high leaves out at most `tail` on either side. A tail of 0 gives the support.

    Parameters
    ----------
    population : int
        n, from 1 to 2**53.
    subset : int
        m, from 1 to n.
    epochs : array_like of int, shape (k,)
        The numbers of epochs K >= 0, in any order.
    tail : float
        In [0, 1).

    Returns
    -------
    low, high : int64 arrays, shape (k,)

    Raises
    ------
    ArgumentValueError, ArgumentTypeError
        One line that names the argument, what it was and what it may be.

    Accuracy
    --------
    Exact for the cdf and sf as computed, whose relative error is below 1e-13 (`contour`).

    Cost
    ----
    50 to 150 us an epoch, whatever n, m and K are.

    Examples
    --------
    >>> subset_quantiles(320, 16, [0, 1, 20], 0.025)
    (array([  0,  16, 194]), array([  0,  16, 216]))
    """
    n = count("population", population, 1)
    m = count("subset", subset, 1, n)
    a = real("tail", tail, 0.0, 1.0, open_high=True)
    K = np.atleast_1d(np.asarray(epochs, dtype=np.int64))
    least, most = seen_support(n, m, K)
    if a == 0.0:
        return least, most
    tails = np.full(K.shape, a)
    return seen_quantiles(n, m, K, tails, upper=False), seen_quantiles(n, m, K, tails, upper=True)


def seen_support(n: int, m: int, epochs: Integers) -> tuple[Integers, Integers]:
    """Return the least and the largest possible number seen after each of `epochs`."""
    return np.minimum(epochs, 1) * m, np.minimum(n, np.minimum(epochs, n // m + 1) * m)


def seen_quantiles(n: int, m: int, epochs: Integers, tails: Floats, *, upper: bool) -> Integers:
    """Return the least q with P(S <= q) >= tail or, if `upper`, with P(S > q) <= tail; `tails` in (0, 1).

    Newton on the logit of the cdf from the normal quantile, for all epochs at once, between a q that is too
    small and one that is large enough. A tail is compared with the cdf or the sf itself.
    """
    from scipy.special import ndtri

    z = -ndtri(tails) if upper else ndtri(tails)
    q = subset_mean(n, m, epochs) + z * np.sqrt(subset_variance(n, m, epochs))
    logit = (-1.0 if upper else 1.0) * (np.log(tails) - np.log1p(-tails))
    too_small, enough = seen_support(n, m, epochs)
    too_small = too_small - 1
    tries = 0
    while (active := np.flatnonzero(enough - too_small > 1)).size:
        low, high, K = too_small[active], enough[active], epochs[active]
        s = np.clip(np.where(np.isnan(q[active]), 0.5 * (low + high), q[active]), low + 1, high - 1)
        s = s.astype(np.int64)
        below, above, slope = _log_cdf_sf_slope(n, m, K, s)
        reached = np.exp(above) <= tails[active] if upper else np.exp(below) >= tails[active]
        enough[active] = np.where(reached, s, high)
        too_small[active] = np.where(reached, low, s)
        tries += 1
        with np.errstate(all="ignore"):
            q[active] = np.ceil(s + (logit[active] - (below - above)) / slope) if tries < 20 else np.nan
    return enough


def log_cdf_sf(n: int, m: int, epochs: Integers, seen: Integers) -> tuple[Floats, Floats]:
    """Return log P(S <= s) and log P(S > s) after each of `epochs` at each s of `seen`."""
    above, below, accepted = unseen_log_law(n, m, epochs, n - seen, True)
    require(accepted, n, m)
    return below, above


def require(accepted: bool, n: int, m: int) -> None:
    """Refuse values for which the contour does not vouch. None is known."""
    if not accepted:
        raise ArithmeticError(f"no method vouches for a value of the law of population {n} and subset {m}")


def _log_cdf_sf_slope(n: int, m: int, epochs: Integers, seen: Integers) -> tuple[Floats, Floats, Floats]:
    """Return log cdf, log sf and the slope of their difference; NaN where that is flat."""
    below, above = log_cdf_sf(n, m, epochs, seen)
    log_p, _, accepted = unseen_log_law(n, m, epochs, n - seen, False)
    require(accepted, n, m)
    with np.errstate(all="ignore"):
        slope = np.exp(log_p - below) + np.exp(log_p - above)
    return below, above, np.where(slope > 0.0, slope, np.nan)
