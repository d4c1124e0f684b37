"""Accuracy and cost of the laws of covering times: `python tests/benchmarks/bench_covering_time.py`."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import cache

import mpmath as mp
from rich.console import Console
from rich.table import Table

from softsample_theory.laws.cover_time_law import SubsetCoverTimeLaw
from softsample_theory.laws.iid_cover_time_law import IidCoverTimeLaw
from softsample_theory.laws.multiple_cover_time_law import SubsetMultipleCoverTimeLaw
from softsample_theory.laws.poisson_cover_time_law import PoissonCoverTimeLaw
from softsample_theory.laws.time_law import TimeLaw

CASES = [(98, 5, 1), (320, 16, 1), (320, 16, 4), (2000, 200, 1), (10**6, 10**4, 1), (10**9, 10**8, 1)]
CASES += [(10**9, 1, 1), (10**12, 10**11, 1), (10**12, 5 * 10**11, 1), (10**12, 10**6, 20)]

COPIES = [
    (98, 10, 2),
    (98, 10, 3),
    (98, 10, 5),
    (320, 16, 2),
    (320, 16, 5),
    (5000, 500, 2),
    (10**6, 10**5, 3),
]
COPIES += [(10**9, 10**8, 2), (10**12, 1, 2), (10**12, 10**10, 10), (10**6, 10**5, 100)]


@cache
def precise_sf(n: int, m: int, r: int, k: int) -> mp.mpf:
    """P(U_k >= r) by inclusion and exclusion, with 120 digits more than its cancellation takes."""
    with mp.workdps(120 + r + int(n * float(mp.mpf(n - m) / n) ** k)):
        total, a, choices = mp.mpf(0), mp.mpf(1), mp.mpf(1)
        for j in range(n - m + 1):
            if j >= r:
                term = mp.binomial(j - 1, r - 1) * choices * a**k
                total += term if (j - r) % 2 == 0 else -term
                if j > r + 5 and term < mp.mpf(10) ** -(mp.mp.dps - 5):
                    break
            choices, a = choices * (n - j) / (j + 1), a * (n - m - j) / (n - j)
        return total


def precise_moments(law: TimeLaw, n: int, m: int, r: int) -> tuple[mp.mpf, mp.mpf]:
    """Mean and variance from precise tails on a lattice 1.7 times finer than the law's own."""
    D = max(1, int(law._spacing() / 1.7))
    centre = law._search(0.5)
    with mp.workdps(60):
        up, up2, down, down2, i = mp.mpf(0), mp.mpf(0), mp.mpf(0), mp.mpf(0), 0
        while (sf := precise_sf(n, m, r, centre + i * D)) > mp.mpf(10) ** -22:
            up, up2, i = up + sf, up2 + (2 * i + 1) * sf, i + 1
        i, first = 1, int(law.support()[0])
        while (
            centre - i * D >= first and (cdf := 1 - precise_sf(n, m, r, centre - i * D)) > mp.mpf(10) ** -22
        ):
            down, down2, i = down + cdf, down2 + (2 * i - 1) * cdf, i + 1
        mean = D * (up - down) - mp.mpf(D - 1) / 2
        second = D * D * (up2 + down2) - (D - 1) * mean - mp.mpf((D - 1) * (2 * D - 1)) / 6
        return centre + mean, second - mean**2


def seconds(function: Callable[[], object], repeats: int = 5) -> float:
    """Return the least of some times, after a warm-up."""
    function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def shown(t: float) -> str:
    return f"{1e6 * t:.0f} us" if t < 1e-3 else f"{1e3 * t:.1f} ms"


def worst(values: list[float], truth: list[mp.mpf]) -> str:
    with mp.workdps(60):
        pairs = [(v, t) for v, t in zip(values, truth, strict=True) if t > mp.mpf(10) ** -60]
        return f"{max(float(abs(v / t - 1)) for v, t in pairs):.0e}"


def subset_row(n: int, m: int, r: int) -> list[str]:
    law = SubsetCoverTimeLaw(n, m, n - r + 1)
    k = [int(law.ppf(p)) for p in (1e-57, 1e-40, 1e-20, 1e-8, 1e-3, 0.5)]
    k += [int(law.isf(p)) for p in (1e-3, 1e-12, 1e-30, 1e-57)]
    k = sorted(set(k))
    sf = [precise_sf(n, m, r, i) for i in k]
    with mp.workdps(200):
        cdf = [1 - p for p in sf]
        pmf = [precise_sf(n, m, r, i - 1) - p for i, p in zip(k, sf, strict=True)]
        mean, variance = precise_moments(law, n, m, r)
    middle = k[len(k) // 2]
    return [
        f"{n:.0e}" if n > 10**4 else str(n),
        f"{m:.0e}" if m > 10**4 else str(m),
        f"n-{r - 1}" if r > 1 else "n",
        worst([float(law.cdf(i)) for i in k], cdf),
        worst([float(law.sf(i)) for i in k], sf),
        worst([float(law.pmf(i)) for i in k], pmf),
        f"{float(abs(law.mean() / mean - 1)):.0e}",
        f"{float(abs(law.var() / variance - 1)):.0e}",
        shown(seconds(lambda: law.cdf(middle))),
        shown(seconds(lambda: law.pmf(middle))),
        shown(seconds(lambda: SubsetCoverTimeLaw(n, m, n - r + 1).mean())),
        shown(seconds(lambda: law.ppf(0.95))),
    ]


def copies_row(n: int, m: int, d: int) -> list[str]:
    law = SubsetMultipleCoverTimeLaw(n, m, d)
    errors = [float(law.accuracy(int(law.ppf(p)))[0]) for p in (1e-12, 1e-6, 0.01, 0.5, 0.99)]
    middle = int(law.ppf(0.5))
    return [
        *(f"{x:.0e}" if x > 10**4 else str(x) for x in (n, m)),
        str(d),
        f"{law.mean():.10g}",
        *(f"{e:.0e}" for e in errors),
        *(f"{e:.0e}" for e in law.moments_accuracy()),
        shown(seconds(lambda: SubsetMultipleCoverTimeLaw(n, m, d).cdf(middle), 1)),
        shown(seconds(lambda: SubsetMultipleCoverTimeLaw(n, m, d).mean(), 1)),
    ]


def scheme_row(name: str, law: TimeLaw) -> list[str]:
    middle = int(law.median())
    start = time.perf_counter()
    mean = type(law)(law.population, law.subset, law.items, law.copies).mean()  # type: ignore[attr-defined]
    return [name, f"{mean:.10g}", shown(seconds(lambda: law.cdf(middle))), shown(time.perf_counter() - start)]


def table(title: str, columns: list[str], rows: list[list[str]]) -> Table:
    out = Table(*columns, title=title)
    for row in rows:
        out.add_row(*row)
    return out


def main() -> None:
    console = Console(width=150)
    console.print(
        table(
            "Fresh subsets: largest relative error from 1e-57 to 1 - 1e-57 against 120-digit sums, and cost",
            ["n", "m", "s", "cdf", "sf", "pmf", "mean", "var", "t cdf", "t pmf", "t mean", "t ppf"],
            [subset_row(*case) for case in CASES],
        )
    )
    console.print(
        table(
            "All items d times: estimated relative error of the cdf at its quantiles, of mean and variance",
            ["n", "m", "d", "mean", "1e-12", "1e-6", "0.01", "0.5", "0.99", "mean", "var", "t cdf", "t mean"],
            [copies_row(*case) for case in COPIES],
        )
    )
    laws: list[tuple[str, TimeLaw]] = []
    for n, m in ((320, 16), (10**9, 10**8)):
        for s, d in ((n, 1), (n - n // 100, 1), (n, 2)):
            text = f"n = {n}, m = {m}, s = {s}, d = {d}"
            laws += [
                (f"poisson, {text}", PoissonCoverTimeLaw(n, m, s, d)),
                (f"iid, {text}", IidCoverTimeLaw(n, m, s, d)),
            ]
    console.print(
        table("Other schemes", ["law", "mean", "t cdf", "t mean"], [scheme_row(*each) for each in laws])
    )
    rate = -math.log1p(-0.1)
    console.print(
        f"(ln n + gamma)/lambda + 1/2 at n = 1e9, m = 1e8: {(math.log(1e9) + 0.5772156649) / rate + 0.5:.10g}"
    )


if __name__ == "__main__":
    main()
