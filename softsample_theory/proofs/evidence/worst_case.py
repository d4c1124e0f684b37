"""Worst cases by semidefinite programs (PEPit), for one or few steps at n = 2 or 3: an oracle for the bounds.

n functions are declared apart, F is their mean; iterates form a tree over the prefixes of the words of draws,
and means are plain averages over words. PEPit is no dependency of this package; these functions need it.
"""

from __future__ import annotations

import importlib
from itertools import permutations, product
from typing import Any

from softsample_theory.proofs import theorems

Word = tuple[int, ...]


class Tree:
    """SGD on n unknown functions from one start, every word of draws at once, with variance at most 1."""

    def __init__(self, count: int, words: list[Word], step: float, kind: str, **constants: float) -> None:
        pepit = importlib.import_module("PEPit")
        family = getattr(importlib.import_module("PEPit.functions"), kind)
        self.problem, self._number = pepit.PEP(), pepit.Expression
        self.words, self.count = words, count
        self.functions = [self.problem.declare_function(family, **constants) for _ in range(count)]
        self._seen: dict[Word, list[tuple[Any, Any]]] = {}
        self.points: dict[Word, Any] = {(): self.problem.set_initial_point()}
        for word in words:
            for k in range(len(word)):
                gradient = self.at(word[:k])[word[k]][0]
                self.points.setdefault(word[: k + 1], self.points[word[:k]] - step * gradient)

    def at(self, prefix: Word) -> list[tuple[Any, Any]]:
        """Return (gradient, value) of every function at an iterate, each asked for once."""
        if prefix not in self._seen:
            self._seen[prefix] = [function.oracle(self.points[prefix]) for function in self.functions]
        return self._seen[prefix]

    def gradient(self, prefix: Word) -> Any:
        """Return the full gradient at an iterate."""
        return _mean([gradient for gradient, _ in self.at(prefix)])

    def value(self, prefix: Word) -> Any:
        """Return F at an iterate."""
        return _mean([value for _, value in self.at(prefix)])

    def bound_variance(self, prefixes: set[Word], most: float = 1.0) -> None:
        """Demand variance at most `most` at some iterates."""
        for prefix in prefixes:
            full = self.gradient(prefix)
            spread = _mean([(gradient - full) ** 2 for gradient, _ in self.at(prefix)])
            self.problem.add_constraint(spread <= most)

    def bound_gap(self, gap: float, smoothness: float = 1.0) -> None:
        """Demand F(w_0) - F_inf <= gap, where F_inf is below what a gradient step reaches from anywhere."""
        least = self._number()
        for prefix in list(self._seen):
            full = self.gradient(prefix)
            self.problem.add_constraint(least <= self.value(prefix) - full**2 / (2 * smoothness))
        self.problem.add_constraint(self.value(()) - least <= gap)

    def worst(self, metric: Any) -> float:
        """Return the largest value of the metric."""
        self.problem.set_performance_metric(metric)
        return float(self.problem.solve(wrapper="cvxpy", solver="CLARABEL", verbose=0))


def nonconvex_iid(steps: int, step: float, gap: float = 1.0) -> tuple[float, float]:
    """Return (worst case, bound) of Theorem A at n = 2, L = σ = 1, b = 1."""
    tree = Tree(2, list(product(range(2), repeat=steps)), step, "SmoothFunction", L=1.0)
    inner = {word[:k] for word in tree.words for k in range(steps)}
    tree.bound_variance(inner)
    leaves = tree.words
    metric = _mean([tree.gradient(word[:k]) ** 2 for word in leaves for k in range(steps)])
    for word in leaves:
        tree.at(word)
    tree.bound_gap(gap)
    bound = theorems["nonconvex-iid"].bound(
        smoothness=1.0, variance=1.0, gap=gap, step=step, batch=1, subset=1, epochs=steps
    )
    return tree.worst(metric), float(bound)


def subset_epoch(count: int, subset: int, x: float) -> tuple[float, float]:
    """Return (worst case, bound) of E F(w⁺) - F(w) + (H/2)κ|∇F|², one epoch of Theorem B, L = σ = 1, b = 1.

    κ and the noise are read off the bound: at K = 1 it is (2Δ/H + noise)/κ, H = x/L.
    """
    tree = Tree(count, list(permutations(range(count), subset)), x / subset, "SmoothFunction", L=1.0)
    tree.bound_variance({()})
    sizes = {"batch": 1, "subset": subset, "population": count, "epochs": 1}
    bounds = [
        theorems["nonconvex-subset"].bound(smoothness=1.0, variance=1.0, gap=gap, step=x / subset, **sizes)
        for gap in (0.0, 1.0)
    ]
    kept = 2 / (x * (bounds[1] - bounds[0]))
    tree.problem.add_constraint(tree.gradient(()) ** 2 <= 1e4)
    after = _mean([tree.value(word) for word in tree.words])
    metric = after - tree.value(()) + x / 2 * float(kept) * tree.gradient(()) ** 2
    return tree.worst(metric), float(x / 2 * kept * bounds[0])


def strongly_convex_iid(steps: int, step: float, curvature: float = 0.1) -> tuple[float, float]:
    """Return (worst case, bound) of the distance to the optimum, n = 2, L = σ = 1, |w_0 - w*| <= 1."""
    tree = Tree(
        2, list(product(range(2), repeat=steps)), step, "SmoothStronglyConvexFunction", mu=curvature, L=1.0
    )
    best = _optimum(tree)
    tree.bound_variance({word[:k] for word in tree.words for k in range(steps)})
    tree.problem.set_initial_condition((tree.points[()] - best) ** 2 <= 1)
    metric = _mean([(tree.points[word] - best) ** 2 for word in tree.words])
    bound = theorems["strongly-convex-iid"].bound(
        smoothness=1.0,
        curvature=curvature,
        variance=1.0,
        distance2=1.0,
        step=step,
        batch=1,
        subset=1,
        epochs=steps,
    )
    return tree.worst(metric), float(bound)


def convex_iid(steps: int, step: float) -> tuple[float, float]:
    """Return (worst case, bound) of E F(w̄) - F*, n = 2, L = σ = 1, |w_0 - w*| <= 1."""
    tree = Tree(2, list(product(range(2), repeat=steps)), step, "SmoothConvexFunction", L=1.0)
    best = _optimum(tree)
    tree.bound_variance({word[:k] for word in tree.words for k in range(steps)})
    tree.problem.set_initial_condition((tree.points[()] - best) ** 2 <= 1)
    least = _mean([function.value(best) for function in tree.functions])
    averages = [_mean([tree.points[word[:k]] for k in range(steps)]) for word in tree.words]
    values = [_mean([function.value(average) for function in tree.functions]) for average in averages]
    bound = theorems["convex-iid"].bound(
        smoothness=1.0, variance=1.0, distance2=1.0, step=step, batch=1, subset=1, epochs=steps
    )
    return tree.worst(_mean(values) - least), float(bound)


def pl(scheme: str, count: int, subset: int, x: float, curvature: float = 0.1) -> tuple[float, float]:
    """Return (worst case, bound) of the excess after one epoch on strongly convex units (so PL holds)."""
    step = x if scheme == "iid" else x / subset
    units = range(count)
    draws = product(units, repeat=subset) if scheme == "iid" else permutations(units, subset)
    tree = Tree(count, list(draws), step, "SmoothStronglyConvexFunction", mu=curvature, L=1.0)
    best = _optimum(tree)
    inner = {word[:k] for word in tree.words for k in range(subset)}
    tree.bound_variance(inner if scheme == "iid" else {()})
    least = _mean([function.value(best) for function in tree.functions])
    tree.problem.add_constraint(tree.value(()) - least <= 1)
    metric = _mean([tree.value(word) for word in tree.words]) - least
    given = {
        "smoothness": 1.0,
        "variance": 1.0,
        "gap": 1.0,
        "curvature": curvature,
        "step": step,
        "batch": 1,
        "subset": subset,
        "epochs": 1,
    }
    extra = {} if scheme == "iid" else {"population": count, "trade": 0.0}
    return tree.worst(metric), float(theorems[f"pl-{scheme}"].bound(**given, **extra))


def _optimum(tree: Tree) -> Any:
    """Return the minimiser of F: a point where the gradients sum to zero."""
    best = tree.problem.set_initial_point()
    gradients = [function.gradient(best) for function in tree.functions]
    tree.problem.add_constraint(_mean(gradients) ** 2 <= 0)
    return best


def _mean(values: list[Any]) -> Any:
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total / len(values)
