"""The covering time of a plan, in one result."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from softsample_theory import covering_time
from softsample_theory.plan import SamplingPlan
from softsample_theory.validation import real
from softsample_theory.version import __version__


@dataclass(frozen=True)
class CoveringSummary:
    """The law of the epochs until `items` units have been seen `copies` times each.

    Attributes
    ----------
    plan, items, copies, confidence : what was asked (the plan's epochs play no part).
    mean, std : of the covering time, in epochs; infinite and NaN where it may never come.
    median : the least number of epochs that suffices with probability 1/2.
    low, high : the central interval; a covering time outside has probability at most 1 - confidence.
    sufficient : the least number of epochs that suffices with this confidence.
    version : of softsample.
    """

    plan: SamplingPlan
    items: int
    copies: int
    confidence: float
    mean: float
    std: float
    median: float
    low: float
    high: float
    sufficient: float
    version: str = __version__


def summary(
    plan: SamplingPlan,
    items: int | None = None,
    fraction: float | Fraction | None = None,
    copies: int = 1,
    confidence: float = 0.95,
) -> CoveringSummary:
    """Return mean, spread and quantiles of the covering time; the arguments are those of `covering_time.law`.

    Examples
    --------
    >>> from softsample_theory import plans
    >>> seen = summary(plans.PAYLOAD.plan(0.05))
    >>> round(seen.mean, 3), seen.median, seen.sufficient
    (124.409, 120.0, 171.0)
    """
    confidence = real("confidence", confidence, 0.0, 1.0, open_low=True, open_high=True)
    law = covering_time.law(plan, items, fraction, copies)
    # An upper quantile is asked of the upper tail, where 1 - confidence has all its digits.
    outside = float(1 - Fraction(repr(confidence)))
    low, high = law.interval(confidence)
    return CoveringSummary(
        plan=plan,
        items=covering_time.items_asked(plan, items, fraction),
        copies=copies,
        confidence=confidence,
        mean=law.mean(),
        std=math.nan if math.isinf(law.mean()) else law.std(),
        median=law.median(),
        low=low,
        high=high,
        sufficient=float(law.isf(outside)),
    )
