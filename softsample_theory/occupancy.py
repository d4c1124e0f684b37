"""How often items are seen: one item's count, the spectrum of all counts, extremes, gaps between visits.

Occupancy here is the probabilist's word, for counts; the SRS paper uses it for the covering time.
"""

from __future__ import annotations

from fractions import Fraction

from softsample_theory.laws.chance import Chance
from softsample_theory.laws.frozen_law import FrozenLaw
from softsample_theory.laws.geometric_law import GeometricLaw
from softsample_theory.laws.point_law import PointLaw
from softsample_theory.laws.revisit_law import KeptDrawGapLaw, ReshuffleGapLaw
from softsample_theory.loads import LoadBracket, max_load, min_load
from softsample_theory.plan import SamplingPlan
from softsample_theory.spectrum import spectrum, spectrum_covariance, spectrum_std, spectrum_variance
from softsample_theory.visit_counts import count_law

__all__ = [
    "LoadBracket",
    "effective_sample_size",
    "law",
    "max_load",
    "mean_count",
    "min_load",
    "revisit_gap",
    "spectrum",
    "spectrum_covariance",
    "spectrum_std",
    "spectrum_variance",
]


def law(plan: SamplingPlan, epoch: int | None = None) -> FrozenLaw:
    r"""Return the law of the visits to one item after `epoch` epochs (default: all of the plan's).

    `subset`, `poisson`: :math:`\mathrm{Bin}(K, \rho)`; `iid`: :math:`\mathrm{Bin}(mK, 1/n)`, repeats inside
    an epoch counted; `reshuffle`: the two whole numbers around mK/n; `fixed`: 0 or K; `full`: K. With W warm
    epochs and a refresh interval R, where K - W = aR + b:
    :math:`W + R\,\mathrm{Bin}(a, \rho) + b\,\mathrm{Bin}(1, \rho)`, and
    :math:`W + R\,\mathrm{Bin}(am, 1/n) + b\,\mathrm{Bin}(m, 1/n)` under `iid`; at most five values under
    `reshuffle`.

    Accuracy: pmf, cdf and sf to 1e-13 relative within 20 standard deviations (see `BinomialLaw`).

    Examples
    --------
    >>> from softsample_theory import plans
    >>> visits = law(plans.PAYLOAD.plan(0.05), epoch=20)
    >>> visits.mean(), round(float(visits.pmf(0)), 9), visits.interval(0.95)
    (1.0, 0.358485922, (0.0, 3.0))
    """
    return count_law(plan, epoch)


def mean_count(plan: SamplingPlan, epoch: int | None = None) -> float:
    """Return the mean number of visits to one item: mK/n after K epochs, in the simplest case.

    Examples
    --------
    >>> mean_count(SamplingPlan(50_000, 0.05, epochs=320))
    16.0
    """
    return count_law(plan, epoch).mean()


def effective_sample_size(plan: SamplingPlan, epoch: int | None = None) -> float:
    r"""Return how many equally weighted items the visits are worth as weights, in [0, n].

    .. math:: n_{\mathrm{eff}} = \frac{(E\sum_i c_i)^2}{E\sum_i c_i^2}
              = n\,\frac{(E c)^2}{(E c)^2 + \mathrm{Var}\,c},

    a ratio of expectations (the sum itself is certain, but for `poisson`). Under `subset` it is
    :math:`n\rho K/(\rho K + 1 - \rho)`. Before the first visit it is 0.

    Accuracy: relative error at most 1e-15 times a few.

    Examples
    --------
    >>> from softsample_theory import plans
    >>> round(effective_sample_size(plans.PAYLOAD.plan(0.05)), 6)    # 320/(1 + 0.95)
    164.102564
    """
    counts = count_law(plan, epoch)
    square = counts.mean() ** 2
    return plan.population * square / (square + counts.var()) if square else 0.0


def revisit_gap(plan: SamplingPlan) -> FrozenLaw:
    r"""Return the law of the epochs from one epoch that visits an item to the next, in an endless run.

    `subset`, `poisson`: geometric with :math:`\rho`; `iid`: geometric with :math:`1-(1-1/n)^m` (an epoch that
    draws the item twice is one visit); `reshuffle`: `ReshuffleGapLaw`; `full`, and items of `fixed`: 1.
    With a refresh interval R most gaps are 1, inside a draw that is kept (`KeptDrawGapLaw`); the mean does
    not change. Warm epochs are left out. The law is that of a gap picked at random among all.

    Examples
    --------
    >>> from softsample_theory import plans
    >>> revisit_gap(plans.PAYLOAD.plan(0.05)).mean()
    20.0
    """
    if plan.scheme in ("fixed", "full"):
        return PointLaw(1)
    draws = _gap_in_draws(plan)
    return draws if plan.refresh_every == 1 else KeptDrawGapLaw(draws, plan.refresh_every)


def _gap_in_draws(plan: SamplingPlan) -> FrozenLaw:
    if plan.scheme == "reshuffle":
        return ReshuffleGapLaw(plan.population, plan.subset)
    if plan.scheme == "iid":
        return GeometricLaw(Chance.any_of(Fraction(1, plan.population), plan.subset))
    return GeometricLaw(plan.exact_ratio)
