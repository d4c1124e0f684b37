"""Orders of an epoch against NumPy: one thread, alternated rounds, compilation excluded.

Run ``python tests/benchmarks/bench_orders.py``. Baselines: `Generator.integers` for `iid`, `Generator.choice`
without replacement for the subsets, `Generator.permutation` for `full`. CPU time, medians over rounds.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulations.benchmark.clock import seconds
from simulations.orders import epoch_indices, index_at
from softsample_theory import SamplingPlan

ROUNDS = 5
CASES = [
    ("iid", 10**6, 10**6),
    ("iid", 10**12, 10**7),
    ("subset", 50_000, 15_000),
    ("subset", 1_281_167, 256_233),
    ("subset", 1_281_167, 10**6),
    ("subset", 10**8, 10**6),
    ("subset", 10**12, 10**6),
    ("reshuffle", 1_281_167, 256_233),
    ("fixed", 1_281_167, 256_233),
    ("full", 1_281_167, 1_281_167),
]


def baseline(scheme: str, n: int, m: int) -> Callable[[], object]:
    """Return what NumPy does for one epoch."""
    rng = np.random.default_rng(0)
    if scheme == "iid":
        return lambda: rng.integers(0, n, m)
    if scheme == "full":
        return lambda: rng.permutation(n)
    return lambda: rng.choice(n, m, replace=False)


def main() -> None:
    print("scheme     n        m         ns an item   NumPy   ratio")
    for scheme, n, m in CASES:
        plan = SamplingPlan(population=n, subset=m, epochs=9, scheme=scheme)
        numpy_epoch = baseline(scheme, n, m)
        epoch_indices(plan, 4, 0)
        rows = [
            (seconds(numpy_epoch) / m * 1e9, seconds(lambda plan=plan: epoch_indices(plan, 4, 0)) / m * 1e9)
            for _ in range(ROUNDS)
        ]
        theirs, ours = np.median(rows, axis=0)
        ratio = np.median([a / b for a, b in rows])
        print(f"{scheme:10s} {n:<8.0e} {m:<9.0e} {ours:10.2f} {theirs:8.2f} {ratio:7.2f}", flush=True)
    plan = SamplingPlan(population=10**12, subset=10**11, epochs=9, scheme="iid")
    each = seconds(lambda: [index_at(plan, 2, 10**10, 0) for _ in range(1000)]) * 1e3
    print(f"index_at, iid, n = 1e12: {each:.0f} us")


if __name__ == "__main__":
    main()
