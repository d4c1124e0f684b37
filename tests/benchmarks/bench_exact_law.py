"""Curves from their exact law against NumPy on the same plans: one thread, alternated rounds.

Run ``python tests/benchmarks/bench_exact_law.py``. Baselines: a boolean mask for coverage, a running bincount
for the spectrum. CPU time of the thread, medians over rounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from simulations.covering_samples import covering_draws, covering_epochs
from simulations.exact_law import simulate_law
from softsample_theory import SamplingPlan

ROUNDS = 5
R_MAX = 40
CASES = [("A", 50_000, 15_000, 50), ("B", 1_281_167, 256_233, 30), ("C", 10**8, 10**7, 10)]
LARGE = [(10**9, 10**8, 10), (10**12, 10**11, 30), (10**12, 10**12, 10)]


def mask_coverage(n: int, m: int, epochs: int) -> None:
    """Coverage by NumPy: draw, mark, count."""
    rng, seen = np.random.default_rng(0), np.zeros(n, bool)
    for _ in range(epochs):
        seen[rng.integers(0, n, m)] = True
        seen.sum()


def bincount_spectrum(n: int, m: int, epochs: int) -> None:
    """The spectrum by NumPy: draw, count the items, count the counts."""
    rng, visits = np.random.default_rng(0), np.zeros(n, np.int64)
    for _ in range(epochs):
        visits += np.bincount(rng.integers(0, n, m), minlength=n)
        np.bincount(visits)


def seconds(run: Callable[[], object]) -> float:
    """Return the CPU seconds of this thread."""
    start = time.thread_time()
    run()
    return time.thread_time() - start


def main() -> None:
    simulate_law(SamplingPlan(population=10, subset=3, epochs=2), 1, 0)
    simulate_law(SamplingPlan(population=10, subset=3, epochs=2), 1, 0, ("spectrum",), 2)
    print("case  scheme   coverage us/epoch   x mask   spectrum us/epoch   x bincount")
    for name, n, m, epochs in CASES:
        for scheme in ("iid", "subset", "poisson"):
            print_case(name, SamplingPlan(population=n, subset=m, epochs=epochs, scheme=scheme))
    print("\nany n (no baseline)")
    for n, m, epochs in LARGE:
        for scheme in ("iid", "subset", "poisson"):
            plan = SamplingPlan(population=n, subset=m, epochs=epochs, scheme=scheme)
            curve, classes = np.median([own_times(plan) for _ in range(ROUNDS)], axis=0)
            print(f"n = {n:.0e}, m = {m:.0e}, {scheme:8s} {curve:6.2f} us/epoch {classes:6.2f} us/epoch")
    print("\ncovering times, us a sample")
    epochs_plan = SamplingPlan(population=50_000, ratio=0.1, epochs=1)
    covering_draws(100, 1, 0), covering_epochs(epochs_plan, 1, 0)
    for n in (10**6, 10**9, 10**12):
        print(f"draws, n = {n:.0e}: {1e3 * seconds(lambda n=n: covering_draws(n, 1000, 0)):.0f}")
    print(f"epochs, n = 5e4, 10 %: {1e3 * seconds(lambda: covering_epochs(epochs_plan, 1000, 0)):.0f}")


def own_times(plan: SamplingPlan) -> tuple[float, float]:
    """Return microseconds an epoch of coverage and of the spectrum."""
    replicates = max(1, 3000 // plan.epochs)
    each = 1e6 / (replicates * plan.epochs)
    curve = seconds(lambda: simulate_law(plan, replicates, 1))
    classes = seconds(lambda: simulate_law(plan, replicates, 1, ("spectrum",), R_MAX))
    return curve * each, classes * each


def print_case(name: str, plan: SamplingPlan) -> None:
    """Print one row: our times, and the ratios of each round to its own baseline."""
    n, m, epochs = plan.population, plan.subset, plan.epochs
    rows = []
    for _ in range(1 if n >= 10**8 else ROUNDS):
        mask = 1e6 * seconds(lambda: mask_coverage(n, m, epochs)) / epochs
        curve, classes = own_times(plan)
        counts = 1e6 * seconds(lambda: bincount_spectrum(n, m, epochs)) / epochs
        rows.append((curve, mask / curve, classes, counts / classes))
    curve, gain, classes, class_gain = np.median(rows, axis=0)
    print(
        f"{name:5s} {plan.scheme:8s} {curve:17.2f} {gain:8.0f} {classes:19.2f} {class_gain:12.0f}", flush=True
    )


if __name__ == "__main__":
    main()
