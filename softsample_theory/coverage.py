"""How many distinct items have been seen, epoch by epoch, under every scheme.

S_K is the number of distinct sampling units among those drawn in the first K epochs. `law` gives its whole
law at one epoch; `mean`, `variance`, `std` and `interval` give curves over the epochs; `curve` gives all.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softsample_theory.laws import coverage_moments as moments
from softsample_theory.plan import LARGEST_VISITS, SamplingPlan
from softsample_theory.validation import count, real, reject_value
from softsample_theory.version import __version__

if TYPE_CHECKING:
    from softsample_theory.laws.frozen_law import FrozenLaw

LONGEST_CURVE = 10_000_000
"""The most epochs that a curve lists at once; name `epochs` to look further."""


@dataclass(frozen=True)
class CoverageCurve:
    """Coverage after each epoch: what `curve` returns, with all that made it.

    Attributes
    ----------
    plan : the sampling plan.
    confidence : the probability that the band holds at any one epoch, at least.
    epoch : int64 (E,), the epochs listed, usually 0 to K.
    mean, std : float64 (E,), of the distinct count.
    low, high : int64 (E,), the central band of the distinct count.
    unseen_mean : float64 (E,), n - mean without cancellation.
    version : of softsample.
    """

    plan: SamplingPlan
    confidence: float
    epoch: NDArray[np.int64]
    mean: NDArray[np.float64]
    std: NDArray[np.float64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    unseen_mean: NDArray[np.float64]
    version: str = __version__


def curve(plan: SamplingPlan, confidence: float = 0.95, epochs: ArrayLike | None = None) -> CoverageCurve:
    """Return mean, standard deviation and confidence band of the distinct count after each epoch.

    Parameters
    ----------
    plan : the sampling plan.
    confidence : of the band at each single epoch, in [0, 1).
    epochs : whole numbers >= 0; by default 0 to `plan.epochs`.

    Examples
    --------
    >>> from softsample_theory import plans
    >>> band = curve(plans.PAYLOAD.plan(0.05), epochs=[10, 20])
    >>> band.mean.round(2), band.low, band.high
    (array([128.4 , 205.28]), array([120, 194]), array([136, 216]))
    """
    listed = _epochs(plan, epochs)
    low, high = interval(plan, confidence, listed)
    return CoverageCurve(
        plan=plan,
        confidence=float(confidence),
        epoch=listed,
        mean=mean(plan, listed),
        std=std(plan, listed),
        low=low,
        high=high,
        unseen_mean=unseen_mean(plan, listed),
    )


def law(plan: SamplingPlan, epoch: int | None = None) -> FrozenLaw:
    """Return the exact law of the distinct count after `epoch` epochs (default: the plan's last).

    `subset`: `SubsetCoverageLaw` (Eq. 9 of the SRS paper); `iid`: `OccupancyLaw`; `poisson`: binomial;
    `reshuffle`, `fixed`, `full`: a point. A refresh interval R counts ceil(K/R) draws in place of K.

    Examples
    --------
    >>> from softsample_theory import plans
    >>> law(plans.PAYLOAD.plan(0.05)).interval(0.95)
    (194.0, 216.0)
    """
    epoch = plan.epochs if epoch is None else count("epoch", epoch, 0)
    n, m, draws = plan.population, plan.subset, plan.refreshes(epoch)
    if plan.scheme == "subset" and not _certain(plan, epoch):
        from softsample_theory.laws.subset_coverage_law import SubsetCoverageLaw

        return SubsetCoverageLaw(n, m, draws)
    if plan.scheme == "iid" and not _certain(plan, epoch):
        from softsample_theory.laws.occupancy_law import OccupancyLaw

        return OccupancyLaw(n, m * draws)
    if plan.scheme == "poisson" and not _certain(plan, epoch):
        return _poisson_law(n, m, draws)
    from softsample_theory.laws.point_law import PointLaw

    return PointLaw(int(mean(plan, [epoch])[0]))


def mean(plan: SamplingPlan, epochs: ArrayLike | None = None) -> NDArray[np.float64]:
    r"""Return E S_K after each epoch: float64 (K+1,), for epochs 0 to K unless `epochs` names others.

    `subset` and `poisson`: :math:`n[1-(1-\rho)^K]` (Eq. 11 of the SRS paper); `iid`:
    :math:`n[1-(1-1/n)^{mK}]`; `reshuffle`: min(n, mK); `fixed`: m; `full`: n. With a refresh interval R, K
    becomes ceil(K/R); after a warm epoch everything has been seen.

    Accuracy: relative error <= 1e-13 for every population up to 2**53.

    Examples
    --------
    >>> mean(SamplingPlan(50_000, 0.1, epochs=30))[[10, 20, 30]].round(1)
    array([32566.1, 43921.2, 47880.4])
    """
    return _by_scheme(plan, epochs, "mean")


def unseen_mean(plan: SamplingPlan, epochs: ArrayLike | None = None) -> NDArray[np.float64]:
    """Return E[n - S_K] after each epoch, accurate however small it is: float64, shaped like `mean`."""
    return _by_scheme(plan, epochs, "unseen_mean")


def variance(plan: SamplingPlan, epochs: ArrayLike | None = None) -> NDArray[np.float64]:
    r"""Return Var S_K after each epoch: float64, shaped like `mean`; zero where S_K is certain.

    `subset`: :math:`n q^K + n(n-1) p_{00}^K - n^2 q^{2K}` with :math:`p_{00} = (n-m)(n-m-1)/(n(n-1))`, in a
    form without cancellation.

    Accuracy: relative error <= 1e-13 for every population up to 2**53.
    """
    return _by_scheme(plan, epochs, "variance")


def std(plan: SamplingPlan, epochs: ArrayLike | None = None) -> NDArray[np.float64]:
    """Return the standard deviation of S_K after each epoch: float64, shaped like `mean`."""
    return np.sqrt(variance(plan, epochs))


def interval(
    plan: SamplingPlan, confidence: float = 0.95, epochs: ArrayLike | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the central band of S_K at each epoch: two int64 arrays shaped like `mean`.

    At any one epoch the count lies below the band with probability at most (1-confidence)/2, and above it
    likewise. It is no band for the whole curve at once.

    Cost: under 1 s for 500 epochs at a population of 1e12.
    """
    confidence = real("confidence", confidence, 0.0, 1.0, open_high=True)
    listed = _epochs(plan, epochs)
    draws = _draws(plan, listed)
    if plan.scheme not in ("subset", "iid", "poisson"):
        exact = mean(plan, listed).astype(np.int64)
        return exact, exact.copy()
    distinct, position = np.unique(draws, return_inverse=True)
    low, high = _band(plan, distinct, (1 - confidence) / 2)
    low, high = low[position], high[position]
    warm = _warm(plan, listed)
    return np.where(warm, plan.population, low), np.where(warm, plan.population, high)


# Scheme by scheme ------------------------------------------------------------------------------------------


def _by_scheme(plan: SamplingPlan, epochs: ArrayLike | None, what: str) -> NDArray[np.float64]:
    listed = _epochs(plan, epochs)
    n, m, draws = plan.population, plan.subset, _draws(plan, listed)
    if plan.scheme == "iid":
        values = getattr(moments, f"iid_{what}")(n, m * draws)
    elif plan.scheme in ("subset", "poisson"):
        values = getattr(moments, f"{plan.scheme}_{what}")(n, m, draws)
    else:
        seen = {
            "reshuffle": np.minimum(n, m * np.minimum(draws, -(-n // m))),
            "fixed": np.minimum(draws, 1) * m,
            "full": np.minimum(draws, 1) * n,
        }[plan.scheme]
        values = {"mean": seen, "unseen_mean": n - seen, "variance": np.zeros(draws.shape)}[what]
    certain = {"mean": n, "unseen_mean": 0, "variance": 0}[what]
    return np.where(_warm(plan, listed), certain, values).astype(np.float64)


def _band(
    plan: SamplingPlan, draws: NDArray[np.int64], tail: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    n, m = plan.population, plan.subset
    if plan.scheme == "poisson":
        laws = [_poisson_law(n, m, int(k)) for k in draws]
        low = [max(law.ppf(tail), law.support()[0]) for law in laws]  # tail 0 asks for the whole support
        high = [law.isf(tail) if tail else law.support()[1] for law in laws]
        return np.array(low, dtype=np.int64), np.array(high, dtype=np.int64)
    from softsample_theory.laws.subset_curve import subset_quantiles

    # Draws with repeats are subsets of one: one law serves both, ten times as fast as `OccupancyLaw`.
    return (
        subset_quantiles(n, 1, m * draws, tail)
        if plan.scheme == "iid"
        else subset_quantiles(n, m, draws, tail)
    )


def _poisson_law(n: int, m: int, draws: int) -> FrozenLaw:
    """Binomial(n, 1 - q^K), from exact rationals, so that nothing is lost near full coverage."""
    from softsample_theory.laws.binomial_law import BinomialLaw
    from softsample_theory.laws.chance import Chance

    return BinomialLaw(n, Chance.any_of(Fraction(m, n), draws))


def _epochs(plan: SamplingPlan, epochs: ArrayLike | None) -> NDArray[np.int64]:
    if epochs is None:
        if plan.epochs > LONGEST_CURVE:
            reject_value(
                "epochs", plan.epochs, f"at most {LONGEST_CURVE} for a whole curve; name the epochs wanted"
            )
        return np.arange(plan.epochs + 1, dtype=np.int64)
    listed = np.atleast_1d(np.asarray(epochs))
    if listed.dtype.kind not in "iu" or listed.ndim != 1 or (listed < 0).any():
        reject_value("epochs", epochs, "a list of whole numbers >= 0")
    if listed.size and plan.subset * int(listed.max()) > LARGEST_VISITS:
        reject_value("epochs", int(listed.max()), f"at most {LARGEST_VISITS // plan.subset} with this subset")
    return listed.astype(np.int64)


def _draws(plan: SamplingPlan, epochs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Separate draws made by each epoch: ceil((K - W)/R)."""
    return -(-np.maximum(0, epochs - plan.warm_epochs) // plan.refresh_every)


def _warm(plan: SamplingPlan, epochs: NDArray[np.int64]) -> NDArray[np.bool_]:
    return (epochs > 0) & (plan.warm_epochs > 0)


def _certain(plan: SamplingPlan, epoch: int) -> bool:
    return epoch > 0 and plan.warm_epochs > 0
