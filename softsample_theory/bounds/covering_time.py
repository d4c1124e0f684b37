"""Bounds on the epochs until every item has been seen."""

from __future__ import annotations

import math

from softsample_theory.bounds.bound import Bound, must_be_by_chance, unseen_chance
from softsample_theory.plan import SamplingPlan
from softsample_theory.validation import count, real
from softsample_theory.visit_counts import count_law, last_epoch

_EULER = 0.5772156649015329  # Euler's constant


def covering_time_bounds(
    plan: SamplingPlan, epoch: int | None = None, delta: float | None = None, copies: int = 1
) -> tuple[Bound, ...]:
    r"""Return bounds on T, the first epoch after which every item has been seen `copies` = d times.

    With F the probability that an item has been seen fewer than d times, and, for d = 1 and R = 1,
    :math:`F = q^K = e^{-\lambda K}`:

    - :math:`\max(0, 1-nF) \le P(T \le K) \le (1-F)^n`: the union bound, and negative association;
      :math:`e^{-nF}` is an approximation;
    - with `delta`, the least K with :math:`P(T \le K) \ge 1-\delta` lies between the least K with
      :math:`(1-F)^n \ge 1-\delta` and the least with :math:`nF \le \delta`, which is
      :math:`\lceil \ln(n/\delta)/\lambda \rceil` for d = 1;
    - for d = 1 the mean: :math:`H_n/\lambda \le E T \le K_0 + n q^{K_0}/(1-q)`, :math:`K_0 = \lceil \ln
      n/\lambda \rceil`. The first since T stochastically exceeds the largest of n independent geometric
      times, the second by summing the union bound. Under `iid` :math:`n H_n/m \le E T \le n H_n/m +
      (m-1)/m`, as T is the n H_n draws of the coupon collector, rounded up to epochs; the upper end holds
      under `subset` too, which covers no later than `iid`. The approximation :math:`(\ln n+\gamma)/\lambda
      + 1/2` is no bound.

    A refresh interval R makes T = R (J - 1) + 1 of the covering draw J.

    Parameters
    ----------
    plan : under `subset`, `iid` or `poisson`, without warm epochs.
    epoch : K; by default the plan's last.
    delta : in (0, 1).
    copies : d >= 1.

    Raises
    ------
    ArgumentValueError
        For other schemes and after warm epochs: the covering time is certain there.

    Examples
    --------
    >>> from softsample_theory import plans
    >>> for bound in covering_time_bounds(plans.PAYLOAD.plan(0.05), epoch=150, delta=0.05):
    ...     print(f"{bound.quantity}: {bound.kind} {bound.value:.4f}")
    P(T <= K): lower bound 0.8542
    P(T <= K): upper bound 0.8643
    P(T <= K): approximation 0.8643
    least K with P(T <= K) >= 1 - delta: lower bound 171.0000
    least K with P(T <= K) >= 1 - delta: upper bound 171.0000
    E T: lower bound 123.7413
    E T: upper bound 132.4512
    E T: upper bound 127.8795
    E T: approximation 124.2108
    """
    must_be_by_chance(plan)
    copies = count("copies", copies, 1)
    bounds = _covered_bounds(plan, last_epoch(plan, epoch), copies)
    if delta is not None:
        delta = real("delta", delta, 0.0, 1.0, open_low=True, open_high=True)
        bounds += _quantile_bounds(plan, delta, copies)
    return bounds + (_mean_time_bounds(plan) if copies == 1 else ())


def _covered_bounds(plan: SamplingPlan, epoch: int, copies: int) -> tuple[Bound, ...]:
    n, short = plan.population, _short(plan, epoch, copies)
    quantity, source = "P(T <= K)", "Barbour, Holst and Janson 1992"
    return (
        Bound("union", "lower bound", max(0.0, 1 - n * short), quantity, "union bound"),
        Bound(
            "negative association", "upper bound", _all_of(n, short), quantity, "Joag-Dev and Proschan 1983"
        ),
        Bound("Poisson", "approximation", math.exp(-n * short), quantity, source),
    )


def _quantile_bounds(plan: SamplingPlan, delta: float, copies: int) -> tuple[Bound, ...]:
    n, quantity = plan.population, "least K with P(T <= K) >= 1 - delta"
    enough = _least_epoch(plan, copies, delta / n)
    needed = _least_epoch(plan, copies, -math.expm1(math.log1p(-delta) / n))
    return (
        Bound("negative association", "lower bound", float(needed), quantity, "Joag-Dev and Proschan 1983"),
        Bound("union", "upper bound", float(enough), quantity, "union bound"),
    )


def _short(plan: SamplingPlan, epoch: int, copies: int) -> float:
    """Return F, the probability that an item has been seen fewer than `copies` times."""
    return float(count_law(plan, epoch).cdf(copies - 1))


def _all_of(n: int, short: float) -> float:
    return math.exp(n * math.log1p(-short)) if short < 1 else 0.0


def _least_epoch(plan: SamplingPlan, copies: int, short: float) -> int:
    """Return the least epoch at which an item has been seen too seldom with at most this probability."""
    below, above = 0, 1
    while _short(plan, above, copies) > short:
        below, above = above, 2 * above
    while above - below > 1:
        middle = (below + above) // 2
        if _short(plan, middle, copies) > short:
            below = middle
        else:
            above = middle
    return above


def _mean_time_bounds(plan: SamplingPlan) -> tuple[Bound, ...]:
    n, m, R = plan.population, plan.subset, plan.refresh_every
    harmonic = _harmonic(n)
    collector = "the coupon collector's n H_n draws, rounded up to epochs"
    rounded_up = Bound("collector", "upper bound", n * harmonic / m + (m - 1) / m, "E T", collector)
    if plan.scheme == "iid":
        middle = n * harmonic / m + (m - 1) / (2 * m)
        found: tuple[Bound, ...] = (
            Bound("collector", "lower bound", n * harmonic / m, "E T", collector),
            rounded_up,
            Bound("collector, halfway", "approximation", middle, "E T", collector),
        )
    else:
        rate = -unseen_chance(plan, 1).log_p
        found = (
            Bound("negative association", "lower bound", max(1.0, harmonic / rate), "E T", "geometric times"),
            Bound("union", "upper bound", _summed_union(plan, rate), "E T", "summed union bound"),
            *([rounded_up] if plan.scheme == "subset" else []),
            Bound("exponential times", "approximation", _usual_mean(n, rate), "E T", "extreme-value mean"),
        )
    return tuple(Bound(b.name, b.kind, R * (b.value - 1) + 1, b.quantity, b.source) for b in found)


def _harmonic(n: int) -> float:
    from scipy.special import digamma

    return float(digamma(n + 1.0)) + _EULER


def _summed_union(plan: SamplingPlan, rate: float) -> float:
    """Return the sum of min(1, n q^K) from above: K0 + n q^K0 / (1-q)."""
    start = max(1, math.ceil(math.log(plan.population) / rate))
    return start + plan.population * math.exp(-rate * start) / unseen_chance(plan, 1).q


def _usual_mean(n: int, rate: float) -> float:
    return (math.log(n) + _EULER) / rate + 0.5
