"""How long until items have been seen: some, a fraction, all, or all several times, under every scheme.

The covering time T is the first epoch by which `items` of the plan's sampling units (default: all) have each
been visited `copies` times. `law` gives its whole law; `mean`, `variance`, `std` and `quantile` read it;
`epochs_for` answers how many epochs a plan needs. `plan.epochs` plays no part.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from softsample_theory.plan import SamplingPlan
from softsample_theory.validation import ArgumentTypeError, count, decimal, reject_value

if TYPE_CHECKING:
    from softsample_theory.laws.collector_law import CollectorLaw
    from softsample_theory.laws.frozen_law import FrozenLaw


def law(
    plan: SamplingPlan,
    items: int | None = None,
    fraction: float | Fraction | None = None,
    copies: int = 1,
) -> FrozenLaw:
    r"""Return the law of the epochs until `items` units have been visited `copies` times each.

    `subset`: `SubsetCoverTimeLaw` (Eqs. 12-16 of the SRS paper), for several copies of all units
    `SubsetMultipleCoverTimeLaw`; `iid`: `IidCoverTimeLaw`; `poisson`: `PoissonCoverTimeLaw`; `reshuffle` and
    `full`: a point; `fixed`: a point, or `NeverLaw` where the subset is smaller than `items`.

    W warm epochs visit everything once, so d' = d - W copies remain. With a refresh interval R a draw serves
    R epochs: with c = ceil(d'/R) and T'_c the draws until everything has been in c of them,
    :math:`T = W + R (T'_c - 1) + d' - (c-1) R`.

    Parameters
    ----------
    plan : SamplingPlan
    items : int, optional
        s, from 0 to the population; by default all.
    fraction : float or Fraction, optional
        In place of `items`: s = ceil(fraction n) in exact arithmetic. A float means the decimal that it
        prints as: 0.99 is 99/100.
    copies : int
        d, at least 1.

    Raises
    ------
    ArgumentValueError, ArgumentTypeError
        Among others where `copies` > 1 is asked of part of the items under `subset` or `iid`, or with a
        refresh interval where one draw can hold an item twice (`iid`; `reshuffle` unless m divides n): no
        exact way is known.

    Examples
    --------
    >>> from softsample_theory import plans
    >>> payload = plans.PAYLOAD.plan(0.05)
    >>> law(payload).interval(0.9)
    (92.0, 171.0)
    >>> law(payload.under("reshuffle")).mean()
    20.0
    """
    return _law(plan, items_asked(plan, items, fraction), count("copies", copies, 1))


def mean(
    plan: SamplingPlan, items: int | None = None, fraction: float | Fraction | None = None, copies: int = 1
) -> float:
    """Return E T in epochs (Eqs. 13-16 of the SRS paper under `subset`); inf where T may never come.

    Examples
    --------
    >>> from softsample_theory import plans
    >>> round(mean(plans.PAYLOAD.plan(0.05)), 3), mean(plans.PAYLOAD.plan(0.05, scheme="fixed"))
    (124.409, inf)
    """
    return law(plan, items, fraction, copies).mean()


def variance(
    plan: SamplingPlan, items: int | None = None, fraction: float | Fraction | None = None, copies: int = 1
) -> float:
    """Return Var T in squared epochs; nan where T may never come."""
    return law(plan, items, fraction, copies).var()


def std(
    plan: SamplingPlan, items: int | None = None, fraction: float | Fraction | None = None, copies: int = 1
) -> float:
    """Return the standard deviation of T in epochs; nan where T may never come."""
    return law(plan, items, fraction, copies).std()


def quantile(
    plan: SamplingPlan,
    probability: ArrayLike,
    items: int | None = None,
    fraction: float | Fraction | None = None,
    copies: int = 1,
) -> Any:
    """Return the least K with P(T <= K) >= probability, inf where there is none: float64, shaped like it.

    Probabilities close to 1 have lost digits: `law(...).isf` takes the other tail.

    Examples
    --------
    >>> from softsample_theory import plans
    >>> quantile(plans.PAYLOAD.plan(0.1), [0.5, 0.95])
    array([59., 83.])
    """
    return law(plan, items, fraction, copies).ppf(probability)


def epochs_for(
    plan: SamplingPlan,
    fraction: float | Fraction = Fraction(99, 100),
    confidence: float | Fraction = Fraction(95, 100),
    items: int | None = None,
    copies: int = 1,
) -> int:
    """Return the least number of epochs that reach the coverage `fraction` with probability `confidence`.

    Parameters
    ----------
    plan : SamplingPlan
    fraction : float or Fraction
        Of the units to be seen, in [0, 1]; a float means the decimal that it prints as. `items` overrides it.
    confidence : float or Fraction
        In (0, 1]; a float means the decimal that it prints as.
    items, copies : int
        As in `law`.

    Raises
    ------
    ArgumentValueError
        Where no number of epochs will do.

    Examples
    --------
    >>> from softsample_theory import plans
    >>> epochs_for(plans.PAYLOAD.plan(0.05)), epochs_for(plans.PAYLOAD.plan(0.05), fraction=1)
    (107, 171)
    """
    s = items_asked(plan, items, fraction if items is None else None)
    sure = decimal("confidence", confidence)
    times = _law(plan, s, count("copies", copies, 1))
    epochs = times.ppf(float(sure)) if sure <= Fraction(1, 2) else times.isf(float(1 - sure))
    if math.isinf(epochs):
        if math.isinf(times.mean()):
            name, given = ("fraction", fraction) if items is None else ("items", items)
            limit = f"at most {plan.subset} of {plan.population} units: a fixed subset never shows more"
            reject_value(name, given, limit)
        reject_value("confidence", confidence, "below 1: no number of epochs is certain to do")
    return int(epochs)


def draws_law(
    plan: SamplingPlan, items: int | None = None, fraction: float | Fraction | None = None, copies: int = 1
) -> CollectorLaw:
    """Return the law of the single draws until `items` units have been drawn `copies` times, under `iid`.

    Examples
    --------
    >>> from softsample_theory import SamplingPlan
    >>> round(draws_law(SamplingPlan(6, subset=1, epochs=0, scheme="iid")).mean(), 12)
    14.7
    """
    from softsample_theory.laws.collector_law import CollectorLaw

    if plan.scheme != "iid" or plan.warm_epochs:
        allowed = "iid, without warm epochs: elsewhere single draws are not what a plan counts"
        reject_value("scheme", plan.scheme, allowed)
    return CollectorLaw(plan.population, items_asked(plan, items, fraction), count("copies", copies, 1))


# What the arguments mean -----------------------------------------------------------------------------------


def items_asked(plan: SamplingPlan, items: int | None, fraction: float | Fraction | None) -> int:
    """Return s, the number of units that `items` or `fraction` asks for."""
    if items is not None and fraction is not None:
        raise ArgumentTypeError(
            f"items is {items!r} and fraction is {fraction!r}; give one of the two, not both"
        )
    if items is not None:
        return count("items", items, 0, plan.population)
    if fraction is not None:
        return math.ceil(decimal("fraction", fraction, zero=True) * plan.population)
    return plan.population


# Scheme by scheme ------------------------------------------------------------------------------------------


def _law(plan: SamplingPlan, s: int, copies: int) -> FrozenLaw:
    from softsample_theory.laws.never_law import NeverLaw
    from softsample_theory.laws.point_law import PointLaw
    from softsample_theory.laws.spaced_law import SpacedLaw

    missing = copies - plan.warm_epochs
    if s == 0 or missing <= 0 or plan.scheme == "full":
        return PointLaw(copies if s else 0)
    if plan.scheme == "fixed":
        return PointLaw(copies) if s <= plan.subset else NeverLaw()
    if plan.refresh_every > 1 and missing > 1 and _repeats_within_a_draw(plan):
        allowed = f"1 for {missing} copies under {plan.scheme}: a draw that holds an item twice counts double"
        reject_value("refresh_every", plan.refresh_every, allowed)
    draws = -(-missing // plan.refresh_every)
    base = _draws_law(plan, s, draws)
    spacing, shift = plan.refresh_every, plan.warm_epochs + missing - draws * plan.refresh_every
    if isinstance(base, PointLaw):
        return PointLaw(shift + spacing * base.value)
    return base if (spacing, shift) == (1, 0) else SpacedLaw(base, spacing, shift)


def _repeats_within_a_draw(plan: SamplingPlan) -> bool:
    """Return whether one draw can hold an item twice."""
    straddles = plan.scheme == "reshuffle" and plan.population % plan.subset > 0
    return straddles or (plan.scheme == "iid" and plan.subset > 1)


def _draws_law(plan: SamplingPlan, s: int, copies: int) -> FrozenLaw:
    """Return the law of the separate draws of a whole epoch until s units have been in `copies` of them."""
    n, m = plan.population, plan.subset
    if plan.scheme == "iid":
        from softsample_theory.laws.iid_cover_time_law import IidCoverTimeLaw

        return IidCoverTimeLaw(n, m, s, copies)
    if plan.scheme == "poisson":
        from softsample_theory.laws.poisson_cover_time_law import PoissonCoverTimeLaw

        return PoissonCoverTimeLaw(n, m, s, copies)
    if plan.scheme == "reshuffle" or m == n:
        from softsample_theory.laws.point_law import PointLaw

        return PointLaw(-(-((copies - 1) * n + s) // m))
    if copies == 1:
        from softsample_theory.laws.cover_time_law import SubsetCoverTimeLaw

        return SubsetCoverTimeLaw(n, m, s)
    if s < n:
        reject_value(
            "copies", copies, "1 where items are fewer than the population, under the scheme 'subset'"
        )
    from softsample_theory.laws.multiple_cover_time_law import SubsetMultipleCoverTimeLaw

    return SubsetMultipleCoverTimeLaw(n, m, copies)
