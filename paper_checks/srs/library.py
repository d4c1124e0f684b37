"""The library's functions in the paper's letters, so that a claim can judge them beside the printed ones."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

import softsample_theory as theory  # its names load when they are used: listing the claims loads none

if TYPE_CHECKING:
    from softsample_theory.bounds import Bound
    from softsample_theory.laws.frozen_law import FrozenLaw
    from softsample_theory.plan import SamplingPlan

TOLERANCE = 1e-12
"""The relative error within which the library's float64 results must agree with exact ones."""


def plan(n: int, m: int, K: int = 0, scheme: str = "subset", R: int = 1) -> SamplingPlan:
    """Return the plan of n units, m an epoch, K epochs, a new draw every R."""
    return theory.SamplingPlan(n, subset=m, epochs=K, scheme=scheme, refresh_every=R)


@cache
def coverage_law(n: int, m: int, K: int, scheme: str = "subset") -> FrozenLaw:
    """Return the law of |S_K|."""
    return theory.coverage.law(plan(n, m, K, scheme))


@cache
def time_law(n: int, m: int, s: int) -> FrozenLaw:
    """Return the law of the epochs until s units are seen."""
    return theory.covering_time.law(plan(n, m), items=s)


def distinct_pmf(n: int, m: int, K: int, l: int) -> float:
    """P(|S_K| = l)."""
    return float(coverage_law(n, m, K).pmf(l))


def all_covered(n: int, m: int, K: int) -> float:
    """P(|S_K| = n)."""
    return float(coverage_law(n, m, K).sf(n - 1))


def mean_distinct(n: int, m: int, K: int, scheme: str = "subset", R: int = 1) -> float:
    """E|S_K|."""
    return float(theory.coverage.mean(plan(n, m, K, scheme, R), [K])[0])


def unseen_fraction(n: int, m: int, K: int, scheme: str = "subset") -> float:
    """E[n - |S_K|] / n."""
    return float(theory.coverage.unseen_mean(plan(n, m, K, scheme), [K])[0]) / n


def variance_distinct(n: int, m: int, K: int) -> float:
    """Var|S_K|."""
    return float(theory.coverage.variance(plan(n, m, K), [K])[0])


def epochs_pmf(n: int, m: int, s: int, k: int) -> float:
    """P(k_s = k)."""
    return float(time_law(n, m, s).pmf(k))


def mean_epochs(n: int, m: int, s: int) -> float:
    """E k_s."""
    return theory.covering_time.mean(plan(n, m), items=s)


def least_epochs(n: int, m: int, delta: Fraction) -> int:
    """Least K with P(all covered after K) >= 1 - delta."""
    return theory.covering_time.epochs_for(plan(n, m), fraction=1, confidence=1 - delta)


def sufficient_epochs(n: int, m: int, delta: Fraction) -> int:
    """Union bound on the same, from the library."""
    return int(
        _bound(theory.bounds.covering_time_bounds(plan(n, m), delta=float(delta)), "union", "upper bound")
    )


def covered_from_below(n: int, m: int, K: int) -> float:
    """Lower end of the bracket of P(all covered)."""
    return _bound(_bracket(n, m, K), "union", "lower bound")


def covered_from_above(n: int, m: int, K: int) -> float:
    """Upper end of the bracket of P(all covered)."""
    return _bound(_bracket(n, m, K), "negative association", "upper bound")


@cache
def _bracket(n: int, m: int, K: int) -> tuple[Bound, ...]:
    return theory.bounds.covering_time_bounds(plan(n, m, K), K)


@cache
def tail_bound(n: int, m: int, K: int, share: Fraction, side: str, name: str) -> float:
    """Bound of that name on P(S <= E S - n share) (side "low") or P(S >= E S + n share) ("high")."""
    quantity = {"low": "P(S <= E S - t)", "high": "P(S >= E S + t)"}[side]
    found = theory.bounds.coverage_bounds(plan(n, m, K), K, deviation=float(n * share))
    return _bound([each for each in found if each.quantity == quantity], name, "upper bound")


def _bound(bounds: Iterable[Bound], name: str, kind: str) -> float:
    """Return the value of the first bound of that name and kind."""
    return next(each.value for each in bounds if (each.name, each.kind) == (name, kind))


def reshuffle_epochs(n: int, m: int) -> float:
    """Epochs until a walk through permutations has covered everything."""
    return theory.covering_time.mean(plan(n, m, scheme="reshuffle"))
