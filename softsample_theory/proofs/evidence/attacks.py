"""Searches for a violation of a theorem on small problems: random starts, then gradient ascent on left/right.

A ratio above 1 would refute the theorem; the largest found is its tightness. Nothing is sampled but the
problems: the mean over the draws is exact, and so are the constants L = 1, μ, σ² (at the iterates), Δ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from softsample_theory.proofs import theorems
from softsample_theory.proofs.evidence.small_problems import CELLS, Floats, Units, all_orders, run, units

MU = 0.1
ASCENT: Any = minimize  # its stubs do not know the options of L-BFGS-B


@dataclass(frozen=True)
class Attack:
    """How to attack one theorem: the units, their lowest slope, and left/right of the claim on a problem."""

    count: int
    lowest: float
    ratio: Callable[[Units, float], float]

    def at(self, parameters: Floats) -> float:
        """Return left/right at numbers in [0, 1]: the last is the step, as a share of the largest allowed."""
        share = 0.02 + 0.97 * float(parameters[-1])
        return self.ratio(units(parameters[:-1], self.count, self.lowest), share)


@dataclass(frozen=True)
class Outcome:
    """The largest ratio found, and how many problems were tried."""

    theorem: str
    largest: float
    tried: int


def attack(name: str, rng: np.random.Generator, starts: int, climbs: int, iterations: int = 25) -> Outcome:
    """Search for the largest left/right: `starts` random problems, then `climbs` ascents from the best."""
    plan = ATTACKS[name]
    size = plan.count * (CELLS + 1) + 1
    first = rng.random((starts, size))
    values = np.array([plan.at(each) for each in first])
    best, tried = float(values.max()), starts
    for index in np.argsort(values)[::-1][:climbs]:
        result = ASCENT(
            lambda each: -plan.at(each),
            first[index],
            method="L-BFGS-B",
            bounds=[(0.0, 1.0)] * size,
            options={"maxiter": iterations, "maxfun": 3 * iterations * (size + 1)},
        )
        best, tried = max(best, -float(result.fun)), tried + int(result.nfev)
    return Outcome(name, best, tried)


def _full(problem: Units, w: Floats) -> Floats:
    return problem.gradients(w).mean(axis=0)


def _gap(problem: Units, start: float) -> float:
    return float(problem.loss(np.array([start]))[0]) - problem.least()


def _ratio(left: float, right: float) -> float:
    return left / right if right > 1e-9 else 0.0


def _nonconvex_iid(problem: Units, share: float, momentum: float | None = None) -> float:
    T = 3
    largest = 1.0 if momentum is None else (1 - momentum) ** 2 / 2
    path = run(problem, all_orders(2, 1, "iid", T), np.full(T, share * largest), 1, 0.0, momentum or 0.0)[:T]
    given = {
        "smoothness": 1.0,
        "variance": float(problem.variance(path).max()),
        "gap": _gap(problem, 0.0),
        "step": share * largest,
        "batch": 1,
        "subset": 1,
        "epochs": T,
    }
    name = "nonconvex-iid" if momentum is None else "momentum-iid"
    extra = {} if momentum is None else {"momentum": momentum}
    return _ratio(float((_full(problem, path) ** 2).mean()), float(theorems[name].bound(**given, **extra)))


def _nonconvex_subset(problem: Units, share: float, m: int = 2, refresh: int = 1) -> float:
    K = 2
    step = share / (m * refresh)
    orders = all_orders(problem.count, m, "subset", K, refresh)
    starts = run(problem, orders, np.full(K * m, step), 1, 0.0)[: K * m : m * refresh]
    given = {
        "smoothness": 1.0,
        "variance": float(problem.variance(starts).max()),
        "gap": _gap(problem, 0.0),
        "step": step,
        "batch": 1,
        "subset": m,
        "population": problem.count,
        "epochs": K,
    }
    name, extra = ("nonconvex-subset", {}) if refresh == 1 else ("nonconvex-interval", {"refresh": refresh})
    return _ratio(float((_full(problem, starts) ** 2).mean()), float(theorems[name].bound(**given, **extra)))


def _pl(problem: Units, share: float, scheme: str) -> float:
    K, m = 2, 2
    step = share if scheme == "iid" else share / m
    path = run(problem, all_orders(problem.count, m, scheme, K), np.full(K * m, step), 1, 0.0)
    seen = path[:-1] if scheme == "iid" else path[: K * m : m]
    given = {
        "smoothness": 1.0,
        "variance": float(problem.variance(seen).max()),
        "gap": _gap(problem, 0.0),
        "curvature": MU,
        "step": step,
        "batch": 1,
        "subset": m,
        "epochs": K,
    }
    extra = {} if scheme == "iid" else {"population": problem.count, "trade": 0.0}
    left = float(problem.loss(path[-1]).mean()) - problem.least()
    return _ratio(left, float(theorems[f"pl-{scheme}"].bound(**given, **extra)))


def _distance(problem: Units, share: float, name: str) -> float:
    T = 3
    step = share * (2 / (1 + MU) if name == "strongly-convex-iid" else 1.0)
    path = run(problem, all_orders(2, 1, "iid", T), np.full(T, step), 1, 0.0)
    best = _minimiser(problem)
    given = {
        "smoothness": 1.0,
        "variance": float(problem.variance(path[:-1]).max()),
        "distance2": best**2,
        "step": step,
        "batch": 1,
        "subset": 1,
        "epochs": T,
    }
    if name == "strongly-convex-iid":
        left = float(((path[-1] - best) ** 2).mean())
        return _ratio(left, float(theorems[name].bound(**given, curvature=MU)))
    left = float(problem.loss(path[:T].mean(axis=0)).mean()) - problem.least()
    return _ratio(left, float(theorems[name].bound(**given)))


def _convex_subset(problem: Units, share: float) -> float:
    K, m = 2, 2
    step = share / (8 * m)
    orders = all_orders(problem.count, m, "subset", K)
    starts = run(problem, orders, np.full(K * m, step), 1, 0.0)[: K * m : m]
    bound = theorems["convex-subset"].bound(
        smoothness=1.0,
        variance=float(problem.variance(starts).max()),
        distance2=_minimiser(problem) ** 2,
        step=step,
        batch=1,
        subset=m,
        population=problem.count,
        epochs=K,
    )
    return _ratio(float(problem.loss(starts.mean(axis=0)).mean()) - problem.least(), float(bound))


def _minimiser(problem: Units) -> float:
    low, high = -60.0, 60.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if float(_full(problem, np.array([middle]))[0]) < 0 else (low, middle)
    return (low + high) / 2


def _fixed(problem: Units, share: float) -> float:
    m, n = 2, problem.count
    part = Units(problem.slopes[:m], problem.left[:m])
    w = np.array([_minimiser(part)])
    bound = theorems["fixed-subset"].bound(variance=float(problem.variance(w)[0]), subset=m, population=n)
    return _ratio(float(_full(problem, w)[0] ** 2), float(bound))


def _stability(problem: Units, share: float, name: str) -> float:
    n, m, K = 2, 2, 2
    step = share * {"stability-convex": 2.0, "stability-strongly-convex": 2 / (1 + MU)}.get(name, 1.0)
    runs = [Units(problem.slopes[kept], problem.left[kept]) for kept in ([0, 1], [2, 1])]
    orders = all_orders(n, m, "subset", K)
    paths = [run(each, orders, np.full(K * m, step), 1, 0.0) for each in runs]
    lipschitz = float(np.abs(problem.gradients(np.array(paths))).max())
    apart = lipschitz * float(np.abs(paths[0][-1] - paths[1][-1]).mean())
    extra = {"curvature": MU} if name == "stability-strongly-convex" else {}
    extra["smoothness"] = 1.0
    given = {"lipschitz": lipschitz, "step": step, "population": n, "batch": 1, "subset": m, "epochs": K}
    return _ratio(apart, float(theorems[name].bound(**given, **extra)))


ATTACKS: Mapping[str, Attack] = {
    "nonconvex-iid": Attack(2, -1.0, _nonconvex_iid),
    "momentum-iid": Attack(2, -1.0, lambda problem, share: _nonconvex_iid(problem, share, 0.5)),
    "nonconvex-subset": Attack(3, -1.0, _nonconvex_subset),
    "nonconvex-interval": Attack(3, -1.0, lambda problem, share: _nonconvex_subset(problem, share, 2, 2)),
    "pl-iid": Attack(2, MU, lambda problem, share: _pl(problem, share, "iid")),
    "pl-subset": Attack(3, MU, lambda problem, share: _pl(problem, share, "subset")),
    "strongly-convex-iid": Attack(2, MU, lambda p, share: _distance(p, share, "strongly-convex-iid")),
    "convex-iid": Attack(2, 0.0, lambda p, share: _distance(p, share, "convex-iid")),
    "convex-subset": Attack(3, 0.0, _convex_subset),
    "fixed-subset": Attack(4, 0.0, _fixed),
    "stability-convex": Attack(3, 0.0, lambda p, share: _stability(p, share, "stability-convex")),
    "stability-strongly-convex": Attack(
        3, MU, lambda p, share: _stability(p, share, "stability-strongly-convex")
    ),
    "stability-nonconvex": Attack(3, -1.0, lambda p, share: _stability(p, share, "stability-nonconvex")),
}
