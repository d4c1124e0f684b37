"""The largest and the smallest number of visits over all items: brackets that hold at every size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from softsample_theory.laws.frozen_law import FrozenLaw
from softsample_theory.laws.point_law import PointLaw
from softsample_theory.plan import SamplingPlan
from softsample_theory.validation import real
from softsample_theory.visit_counts import cells, count_law, last_epoch, shared_chance


@dataclass(frozen=True)
class LoadBracket:
    r"""Lower and upper bounds of the tail of an extreme count.

    With t the tail of one item's count, :math:`1-(1-t)^n \le P(\text{some item is that far out}) \le nt`.
    The upper bound is the union bound; the lower one holds since counts are negatively associated: within an
    epoch they are a permutation of fixed numbers, or multinomial, and epochs are independent (Joag-Dev and
    Proschan 1983). Where items are independent the lower bound is the probability itself: `exact` is true.

    Attributes
    ----------
    law : of one item's count.
    items : n.
    largest : whether the extreme is the largest count, else the smallest.
    exact : whether `lower` and `upper` coincide.

    References
    ----------
    K. Joag-Dev and F. Proschan, Negative association of random variables, Ann. Statist. 11, 1983.
    """

    law: FrozenLaw
    items: int
    largest: bool
    exact: bool

    def lower(self, r: ArrayLike) -> Any:
        """Return the lower bound of P(largest >= r), or of P(smallest <= r): float64, shaped like r."""
        with np.errstate(divide="ignore"):
            return -np.expm1(self.items * np.log1p(-self._tail(r))) + 0.0

    def upper(self, r: ArrayLike) -> Any:
        """Return the upper bound of P(largest >= r), or of P(smallest <= r): float64, shaped like r."""
        return self.lower(r) if self.exact else np.minimum(1.0, self.items * self._tail(r))

    def interval(self, confidence: float = 0.95) -> tuple[int, int]:
        """Return (a, b): the extreme lies in [a, b] with at least this probability, the rest split evenly.

        Examples
        --------
        >>> from softsample_theory import plans
        >>> max_load(plans.PAYLOAD.plan(0.05)).interval(0.95)
        (4, 6)
        """
        outside = (1 - real("confidence", confidence, 0.0, 1.0)) / 2
        near = (
            -math.expm1(math.log(outside) / self.items) if outside else 1.0
        )  # tail t with (1-t)^n = outside
        far = -math.expm1(math.log1p(-outside) / self.items) if self.exact else outside / self.items
        low = self.law.support()[0]
        if self.largest:
            return int(max(low, self.law.isf(near))), int(self.law.isf(far))
        return int(max(low, self.law.ppf(far))), int(self.law.ppf(near))

    def _tail(self, r: ArrayLike) -> Any:
        r = np.asarray(r)
        return self.law.sf(r - 1) if self.largest else self.law.cdf(r)


def max_load(plan: SamplingPlan, epoch: int | None = None) -> LoadBracket:
    r"""Return the bracket of the largest count: :math:`1-(1-t_r)^n \le P(\max c \ge r) \le n t_r`.

    :math:`t_r = P(c \ge r)`. Exact under `poisson`, and where the counts are certain up to order (`fixed`,
    `full`, `reshuffle` without a refresh interval).

    Accuracy: that of the tails of `occupancy.law`, 1e-12 relative.

    Examples
    --------
    >>> from softsample_theory import plans
    >>> load = max_load(plans.PAYLOAD.plan(0.05))
    >>> round(float(load.lower(6)), 4), round(float(load.upper(6)), 4)
    (0.1, 0.1054)
    """
    return _bracket(plan, epoch, largest=True)


def min_load(plan: SamplingPlan, epoch: int | None = None) -> LoadBracket:
    """Return the bracket of the smallest count, P(min c <= r), like `max_load` with the lower tail.

    Examples
    --------
    >>> from softsample_theory import SamplingPlan
    >>> min_load(SamplingPlan(50_000, 0.05, epochs=320)).interval(0.95)
    (1, 4)
    """
    return _bracket(plan, epoch, largest=False)


def _bracket(plan: SamplingPlan, epoch: int | None, *, largest: bool) -> LoadBracket:
    epoch = last_epoch(plan, epoch)
    law = count_law(plan, epoch)
    if plan.scheme in ("subset", "iid", "poisson"):
        independent = plan.scheme == "poisson" or isinstance(law, PointLaw)
        return LoadBracket(law, plan.population, largest, exact=independent)
    if shared_chance(plan, epoch):
        return LoadBracket(law, plan.population, largest, exact=False)
    visits = [cell.visits for cell in cells(plan, epoch)]
    return LoadBracket(PointLaw(max(visits) if largest else min(visits)), 1, largest, exact=True)
