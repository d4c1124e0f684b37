"""What `softsample bench` leaves out in law: the scheme `poisson`, and covering times. One thread, CPU time.

Run: python tests/benchmarks/bench_exact_law.py
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulations.benchmark import CASES, benchmark
from simulations.benchmark.clock import alternated
from simulations.covering_samples import covering_draws, covering_epochs
from softsample_theory import SamplingPlan

ROUNDS, SAMPLES = 5, 1000


def main() -> None:
    """Print both."""
    in_law = [replace(case, beside_numpy=False, methods=("law",)) for case in CASES.values()]
    for row in benchmark(in_law, schemes=["poisson"]).rows:
        print(f"case {row.case}, {row.scheme}: {row.quantity} {row.cost:.2f} {row.unit}")
    plan = SamplingPlan(population=50_000, ratio=0.1, epochs=1)
    works = {f"draws, n = {n:.0e}": lambda n=n: covering_draws(n, SAMPLES, 0) for n in (10**6, 10**9, 10**12)}
    works["epochs, n = 5e4, 10 %"] = lambda: covering_epochs(plan, SAMPLES, 0)
    alternated(list(works.values()), 1)  # compiles
    times = np.median(alternated(list(works.values()), ROUNDS), axis=0)
    for name, each in zip(works, times, strict=True):
        print(f"covering time in {name}: {1e6 * each / SAMPLES:.0f} us a sample")


if __name__ == "__main__":
    main()
