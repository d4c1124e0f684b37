"""The visit counts of a plan after one epoch, in one result."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softsample_theory import occupancy
from softsample_theory.plan import SamplingPlan
from softsample_theory.validation import count, real
from softsample_theory.version import __version__


@dataclass(frozen=True)
class OccupancySummary:
    """How often items have been seen after `epoch` epochs.

    Attributes
    ----------
    plan, epoch, confidence : what was asked.
    r : int64 (r_max+1,), visit counts 0, 1, ...
    mean, std : float64 (r_max+1,), of N_r, the number of items seen exactly r times.
    mean_count, std_count : of one item's visits.
    smallest, largest : brackets of the least and the greatest count over all items, each of which holds with
        at least this confidence.
    effective_sample_size : what the visits are worth as weights, in items.
    mean_revisit_gap : epochs from one visit of an item to its next.
    version : of softsample.
    """

    plan: SamplingPlan
    epoch: int
    confidence: float
    r: NDArray[np.int64]
    mean: NDArray[np.float64]
    std: NDArray[np.float64]
    mean_count: float
    std_count: float
    smallest: tuple[int, int]
    largest: tuple[int, int]
    effective_sample_size: float
    mean_revisit_gap: float
    version: str = __version__


def summary(
    plan: SamplingPlan, epoch: int | None = None, confidence: float = 0.95, r_max: int | None = None
) -> OccupancySummary:
    """Return the spectrum, the extremes and the effective sample size after `epoch` epochs (default: all).

    Examples
    --------
    >>> from softsample_theory import plans
    >>> seen = summary(plans.PAYLOAD.plan(0.05))
    >>> seen.mean[:3].round(1).tolist(), seen.largest
    ([114.7, 120.8, 60.4], (4, 6))
    """
    epoch = plan.epochs if epoch is None else count("epoch", epoch, 0)
    confidence = real("confidence", confidence, 0.0, 1.0, open_high=True)
    mean = occupancy.spectrum(plan, epoch, r_max)
    visits = occupancy.law(plan, epoch)
    return OccupancySummary(
        plan=plan,
        epoch=epoch,
        confidence=confidence,
        r=np.arange(mean.size, dtype=np.int64),
        mean=mean,
        std=occupancy.spectrum_std(plan, epoch, mean.size - 1),
        mean_count=visits.mean(),
        std_count=visits.std(),
        smallest=occupancy.min_load(plan, epoch).interval(confidence),
        largest=occupancy.max_load(plan, epoch).interval(confidence),
        effective_sample_size=occupancy.effective_sample_size(plan, epoch),
        mean_revisit_gap=occupancy.revisit_gap(plan).mean(),
    )
