"""Accuracy and cost of the law of the number of items seen under `subset`.

Run `python tests/benchmarks/bench_subset_law.py`. Errors are against the chain on coarse lattices, which
shares no formula with the law, at 41 points within 8 standard deviations; the chain is good to about 1e-13.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice

import numpy as np
from rich.console import Console
from rich.table import Table

from softsample_theory.laws import SubsetCoverageLaw
from softsample_theory.laws.coverage_moments import subset_mean, subset_variance
from softsample_theory.laws.lattice_chain import lattices, pmf_after
from softsample_theory.laws.subset_curve import subset_quantiles

PLANS = [
    (98, 5, 60),
    (320, 16, 20),
    (11719, 586, 30),
    (10**6, 10, 100),
    (10**9, 10**8, 100),
    (10**12, 10**6, 5),
    (10**12, 10**10, 100),
    (10**12, 10**8, 100),
    (2**53, 2**40, 20),
]
CURVES = [(98, 5, 320), (11719, 586, 30), (320, 16, 20), (10**12, 10**11, 500), (10**12, 10**10, 500)]
CURVES += [(10**12, 10**8, 500), (2000, 20, 5000)]


def seconds(function: Callable[[], object]) -> float:
    """Return the least of three times, after a warm-up."""
    function()
    times = []
    for _ in range(3):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def law_row(n: int, m: int, K: int) -> list[str]:
    law = SubsetCoverageLaw(n, m, K)
    s = np.round(law.mean() + law.std() * np.linspace(-8, 8, 41)).astype(np.int64)
    s = np.unique(np.clip(s, *law.support()))
    lattice = next(islice(lattices(n, m, reach=14.0, smoothness=6.0), K - 2, None))
    error = np.max(np.abs(law.pmf(s) / pmf_after(n, m, lattice, n - s) - 1))
    bulk = np.repeat(s, 50)
    tails = np.linspace(0.001, 0.999, 50)
    return [
        f"{n:.0e}",
        f"{m:.0e}",
        f"{K}",
        f"{error:.1e}",
        f"{seconds(lambda: law.pmf(bulk)) / bulk.size * 1e6:.1f}",
        f"{seconds(lambda: law.cdf(bulk)) / bulk.size * 1e6:.1f}",
        f"{seconds(lambda: law.ppf(tails)) / tails.size * 1e6:.0f}",
        f"{seconds(lambda: law.rvs(1000, random_state=1)):.4f}",
    ]


def curve(n: int, m: int, K: int) -> None:
    epochs = np.arange(K + 1)
    subset_quantiles(n, m, epochs, 0.025)
    subset_mean(n, m, epochs)
    np.sqrt(subset_variance(n, m, epochs))


def main() -> None:
    console = Console(width=130)
    start = time.perf_counter()
    SubsetCoverageLaw(1000, 10, 20).interval()
    console.print(f"first interval, with compilation or its cache: {time.perf_counter() - start:.2f} s")
    table = Table("n", "m", "K", "pmf error, 8 sd", "us a pmf", "us a cdf", "us a quantile", "s 1000 draws")
    for plan in PLANS:
        table.add_row(*law_row(*plan))
    console.print(table)
    for n, m, K in CURVES:
        cost = seconds(lambda n=n, m=m, K=K: curve(n, m, K))
        console.print(
            f"mean, std and 95 % band over {K} epochs, n = {n:.0e}, m = {m:.0e}: {cost * 1e3:.1f} ms"
        )


if __name__ == "__main__":
    main()
