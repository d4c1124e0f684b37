"""Every outcome of a small plan, with its exact probability: what the laws of counts are held against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, permutations, product
from math import factorial

import pytest

from softsample_theory import SamplingPlan

Outcomes = dict[tuple[int, ...], Fraction]  # the visits to each item, in ascending order


@pytest.fixture(scope="session")
def all_outcomes():
    """Return the function plan -> {visits to the items: probability} after the plan's last epoch."""
    return _all_outcomes


def _all_outcomes(plan: SamplingPlan) -> Outcomes:
    n, warm = plan.population, min(plan.epochs, plan.warm_epochs)
    whole, part = divmod(plan.epochs - warm, plan.refresh_every)
    weights = [plan.refresh_every] * whole + [part] * (part > 0)  # epochs that each draw is kept
    if plan.scheme == "full":
        return {(plan.epochs,) * n: Fraction(1)}
    if plan.scheme == "fixed":
        m = plan.subset
        return {(warm,) * (n - m) + (plan.epochs,) * m: Fraction(1)}
    if plan.scheme == "reshuffle":
        return _walks(plan, warm, weights)
    law: Counter[tuple[int, ...]] = Counter({(warm,) * n: Fraction(1)})
    for weight in weights:
        after: Counter[tuple[int, ...]] = Counter()
        for visits, p in law.items():
            for hits, q in _one_draw(plan):
                after[tuple(sorted(v + weight * h for v, h in zip(visits, hits, strict=True)))] += p * q
        law = after
    return dict(law)


def _one_draw(plan: SamplingPlan) -> Iterator[tuple[tuple[int, ...], Fraction]]:
    n, m = plan.population, plan.subset
    if plan.scheme == "subset":
        subsets = list(combinations(range(n), m))
        yield from ((tuple(int(i in s) for i in range(n)), Fraction(1, len(subsets))) for s in subsets)
    elif plan.scheme == "iid":
        for hits in product(range(m + 1), repeat=n):
            if sum(hits) == m:
                ways = factorial(m)
                for h in hits:
                    ways //= factorial(h)
                yield hits, Fraction(ways, n**m)
    else:
        for hits in product((0, 1), repeat=n):
            p = plan.exact_ratio
            yield hits, p ** sum(hits) * (1 - p) ** (n - sum(hits))


def _walks(plan: SamplingPlan, warm: int, weights: list[int]) -> Outcomes:
    """Walk through all sequences of permutations; the first may as well be the identity."""
    n, m = plan.population, plan.subset
    further = max(0, -(-m * len(weights) // n) - 1)
    law: Counter[tuple[int, ...]] = Counter()
    for orders in product(list(permutations(range(n))), repeat=further):
        visits = [warm] * n
        walk = [*range(n), *(i for order in orders for i in order)]
        for step in range(m * len(weights)):
            visits[walk[step]] += weights[step // m]
        law[tuple(sorted(visits))] += Fraction(1, factorial(n) ** further)
    return dict(law)
