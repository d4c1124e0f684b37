"""Accuracy and cost of the laws of iid draws: `python tests/benchmarks/bench_iid_laws.py`."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial

import mpmath as mp
import numpy as np
from rich.console import Console
from rich.table import Table

from softsample_theory.laws import CollectorLaw, OccupancyLaw

SIZES = [(2000, 2000), (10**4, 10**4), (10**6, 10**6), (10**9, 10**9), (10**12, 10**12), (10**12, 10**11)]


def contour(n: int, draws: int, k: int) -> mp.mpf:
    """log P(K = k) by a 70-digit contour, another formula than the library's."""
    with mp.workdps(70):
        N, D, K = mp.mpf(n), mp.mpf(draws), mp.mpf(k)
        r = mp.findroot(lambda r: r / -mp.expm1(-r) - D / K, 2 * (D / K - 1) if D < 2 * K else D / K)
        variance = K * r * (1 / -mp.expm1(-r) - r * mp.exp(-r) / mp.expm1(-r) ** 2)
        h, total, i = mp.mpf("0.4") / mp.sqrt(variance), mp.mpf(1) / 2, 1
        while (
            abs(term := mp.exp(K * mp.log(mp.expm1(r * mp.expj(h * i)) / mp.expm1(r)) - 1j * D * h * i))
            > 1e-40
        ):
            total, i = total + term.real, i + 1
        counts = mp.loggamma(N + 1) - mp.loggamma(K + 1) - mp.loggamma(N - K + 1) + mp.loggamma(D + 1)
        return counts - D * mp.log(N) + K * mp.log(mp.expm1(r)) - D * mp.log(r) + mp.log(total * h / mp.pi)


def seconds(function: Callable[[], object]) -> float:
    """Return the least of three times, after a warm-up."""
    function()
    times = []
    for _ in range(3):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def occupancy_row(n: int, draws: int) -> list[str]:
    law = OccupancyLaw(n, draws)
    ks = np.array([round(law.mean() + z * law.std()) for z in np.linspace(-8, 8, 17)])
    truth = [contour(n, draws, int(k)) for k in ks]
    error = max(float(abs(mp.mpf(float(g)) - t)) for g, t in zip(law.logpmf(ks), truth, strict=True))
    bulk = round(law.mean()) + np.arange(-5000, 5000) % int(16 * law.std())
    quantiles = np.linspace(0.001, 0.999, 50)
    return [
        f"{n:.0e}",
        f"{draws:.0e}",
        f"{error:.1e}",
        f"{seconds(lambda: law.logpmf(bulk)) / bulk.size * 1e6:.2f}",
        f"{seconds(lambda: law.cdf(ks)) / ks.size * 1e3:.3f}",
        f"{seconds(lambda: law.ppf(quantiles)) / quantiles.size * 1e3:.3f}",
    ]


def band(n: int, m: int, epochs: int) -> list[tuple[float, float]]:
    return [OccupancyLaw(n, m * epoch).interval(0.95) for epoch in range(1, epochs + 1)]


def collector_row(law: CollectorLaw) -> list[str]:
    t = int(law.median())
    return [
        repr(law),
        f"{seconds(lambda: law.cdf(t)) * 1e3:.3f}",
        f"{seconds(lambda: law.pmf(t)) * 1e3:.3f}",
        f"{seconds(lambda: law.ppf(0.95)) * 1e3:.3f}",
        f"{seconds(lambda: CollectorLaw(law.population, law.items, law.copies).var()) * 1e3:.3f}",
    ]


def main() -> None:
    console = Console(width=130)
    start = time.perf_counter()
    OccupancyLaw(1000, 1000).cdf(600)
    console.print(f"first value, with compilation or its cache: {time.perf_counter() - start:.2f} s")
    table = Table(
        "n", "D", "log p error, 8 sd", "us a pmf value", "ms a cdf", "ms a quantile", title="OccupancyLaw"
    )
    for n, draws in SIZES:
        table.add_row(*occupancy_row(n, draws))
    console.print(table)
    for n, m in ((50_000, 5000), (10**12, 10**10)):
        cost = seconds(partial(band, n, m, 500))
        console.print(f"95 % band over 500 epochs, n = {n:.0e}, m = {m:.0e}: {cost:.3f} s")
    table = Table("law", "ms a cdf", "ms a pmf", "ms a quantile", "ms the moments", title="CollectorLaw")
    for law in (CollectorLaw(10**9), CollectorLaw(10**9, 10**8), CollectorLaw(10**9, copies=3)):
        table.add_row(*collector_row(law))
    console.print(table)
    n, y = 10**9, -4.0
    t = int(n * (math.log(n) + y))
    with mp.workdps(120):
        terms = [(-1) ** j * mp.binomial(n, j) * mp.exp(t * mp.log1p(-mp.mpf(j) / n)) for j in range(600)]
        error = float(abs(mp.mpf(float(CollectorLaw(n).cdf(t))) / mp.fsum(terms) - 1))
    console.print(f"collector cdf at n = 1e9, p = {float(mp.fsum(terms)):.1e}: relative error {error:.1e}")


if __name__ == "__main__":
    main()
