"""Bounds on the number of distinct items seen."""

from __future__ import annotations

import math
from fractions import Fraction

from softsample_theory.bounds.bound import Bound, must_be_by_chance, unseen_chance
from softsample_theory.laws.chance import Chance
from softsample_theory.laws.stirling import phi
from softsample_theory.plan import SamplingPlan
from softsample_theory.validation import real
from softsample_theory.visit_counts import last_epoch


def coverage_bounds(
    plan: SamplingPlan, epoch: int | None = None, deviation: float | None = None
) -> tuple[Bound, ...]:
    r"""Return bounds on S, the number of distinct items seen after `epoch` epochs, and on its tails.

    With u the probability that an item is unseen, J the draws made and t the deviation:

    - :math:`n(1-e^{-mJ/n}) \le E S \le \min(n, mJ)`, by :math:`1-x \le e^{-x}` and by counting;
    - with `deviation`, for :math:`P(S \le E S - t)` and :math:`P(S \ge E S + t)` each: Hoeffding
      :math:`e^{-2t^2/n}`, Bernstein :math:`e^{-t^2/(2nu(1-u) + 2t/3)}`, Chernoff
      :math:`e^{-n\,\mathrm{KL}(u \pm t/n \| u)}`, all from negative association, and McDiarmid:
      :math:`e^{-2t^2/(J c^2)}` over the J subsets of `subset`, one of which changes S by at most
      c = min(m, n-m), and :math:`e^{-2t^2/(mJ)}` over the draws of `iid` (`poisson`: none, as over the items
      it is Hoeffding's);
    - :math:`e^{-nu}` for P(S = n), an approximation, and the bound
      :math:`(1-e^{-nu})(1-\mathrm{Var}\,S/nu)` on the total variation distance between n - S and Poisson(nu).

    Parameters
    ----------
    plan : under `subset`, `iid` or `poisson`, without warm epochs.
    epoch : by default the plan's last.
    deviation : t > 0, in items.

    Raises
    ------
    ArgumentValueError
        For other schemes and after warm epochs: coverage is certain there.

    Examples
    --------
    >>> from softsample_theory import plans
    >>> for bound in coverage_bounds(plans.PAYLOAD.plan(0.05), epoch=20, deviation=16)[2:6]:
    ...     print(f"{bound.quantity}: {bound.name}, {bound.kind} {bound.value:.4f}")
    P(S <= E S - t): Hoeffding, upper bound 0.2019
    P(S <= E S - t): Bernstein, upper bound 0.1975
    P(S <= E S - t): Chernoff, upper bound 0.1813
    P(S <= E S - t): McDiarmid, upper bound 0.9048
    """
    must_be_by_chance(plan)
    epoch = last_epoch(plan, epoch)
    draws = plan.refreshes(epoch)
    unseen = unseen_chance(plan, draws)
    bounds = _mean_bounds(plan, draws)
    if deviation is not None:
        t = real("deviation", deviation, 0.0, math.inf, open_low=True, open_high=True)
        bounds += _tail_bounds(plan, draws, unseen, t)
    return bounds + _poisson_bounds(plan, draws, unseen)


def _mean_bounds(plan: SamplingPlan, draws: int) -> tuple[Bound, ...]:
    n, m = plan.population, plan.subset
    return (
        Bound("exponential", "lower bound", -n * math.expm1(-m * draws / n) + 0.0, "E S", "1 - x <= exp(-x)"),
        Bound("counting", "upper bound", float(min(n, m * draws)), "E S", "m items an epoch"),
    )


def _tail_bounds(plan: SamplingPlan, draws: int, unseen: Chance, t: float) -> tuple[Bound, ...]:
    n = plan.population
    mu, seen = n * unseen.p, n * unseen.q
    hoeffding = math.exp(-2 * t * t / n)
    bernstein = math.exp(-t * t / (2 * (mu * unseen.q + t / 3)))
    association = "negative association, Dubhashi and Ranjan 1998"
    out: list[Bound] = []
    for quantity, chernoff in (
        ("P(S <= E S - t)", _chernoff(mu, seen, t)),
        ("P(S >= E S + t)", _chernoff(seen, mu, t)),
    ):
        out += [
            Bound("Hoeffding", "upper bound", hoeffding, quantity, association),
            Bound("Bernstein", "upper bound", bernstein, quantity, association),
            Bound("Chernoff", "upper bound", chernoff, quantity, association),
        ]
        if plan.scheme != "poisson":
            value = _mcdiarmid(plan, draws, t)
            out.append(
                Bound("McDiarmid", "upper bound", value, quantity, "independent draws, McDiarmid 1989")
            )
    return tuple(out)


def _chernoff(growing: float, shrinking: float, t: float) -> float:
    """Return exp(-n KL): the growing count exceeds its mean by t, of two counts that add up to n."""
    if t > shrinking:
        return 0.0
    rise = growing * phi(t / growing) if growing else math.inf
    return math.exp(-rise - (shrinking * phi(-t / shrinking)))


def _mcdiarmid(plan: SamplingPlan, draws: int, t: float) -> float:
    n, m = plan.population, plan.subset
    squares = draws * m if plan.scheme == "iid" else draws * min(m, n - m) ** 2
    return math.exp(-2 * t * t / squares) if squares else 0.0


def _poisson_bounds(plan: SamplingPlan, draws: int, unseen: Chance) -> tuple[Bound, ...]:
    mu = plan.population * unseen.p
    distance = -math.expm1(-mu) * _variance_deficit(plan, draws, unseen)
    source = "Barbour, Holst and Janson 1992, Corollary 2.C.2"
    return (
        Bound("Poisson", "approximation", math.exp(-mu), "P(S = n)", source),
        Bound("Poisson", "upper bound", distance, "d_TV(n - S, Poisson(E[n - S]))", source),
    )


def _variance_deficit(plan: SamplingPlan, draws: int, unseen: Chance) -> float:
    """Return 1 - Var(n-S)/E(n-S) = u [1 + (n-1)(1 - r^J)], r = P(two unseen)/P(one unseen)^2 in one draw."""
    n, m = plan.population, plan.subset
    if plan.scheme == "poisson":
        return unseen.p
    if plan.scheme == "iid":
        m, draws = 1, m * draws
    if m == n:
        return 0.0 if draws else 1.0
    return unseen.p * (1 + (n - 1) * Chance.any_of(Fraction(m, (n - m) * (n - 1)), draws).p)
