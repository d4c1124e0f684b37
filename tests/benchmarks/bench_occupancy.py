"""Accuracy and cost of counts of visits: `python tests/benchmarks/bench_occupancy.py` prints two tables."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from time import perf_counter

import mpmath as mp
import numpy as np

from softsample_theory import SamplingPlan, occupancy
from softsample_theory.bounds import coverage_bounds, covering_time_bounds
from softsample_theory.laws.binomial_law import BinomialLaw

LAWS = [
    (320, Fraction(1, 20)),
    (10**6, Fraction(1, 3)),
    (10**12, Fraction(1, 10)),
    (10**12, Fraction(1, 10**12)),
    (2**53, Fraction(1, 7)),
]
PLANS = {
    "n=320 m=16 K=20": SamplingPlan(320, 0.05, epochs=20),
    "n=1e12 m=1e6 K=30 (few repeats)": SamplingPlan(10**12, subset=10**6, epochs=30),
    "n=1e12 m=1e11 K=500": SamplingPlan(10**12, 0.1, epochs=500),
    "n=1e12 m=1e11 K=500, iid": SamplingPlan(10**12, 0.1, epochs=500, scheme="iid"),
    "n=1e12 m=1e11 K=503, R=7": SamplingPlan(10**12, 0.1, epochs=503, refresh_every=7),
    "n=1e12 m=1e11 K=503, R=7, iid": SamplingPlan(10**12, 0.1, epochs=503, scheme="iid", refresh_every=7),
}


def main() -> None:
    """Print both tables."""
    print(f"{'binomial law':34}{'pmf error to 8 sd':>18}{'pmf us':>9}{'cdf us':>9}{'ppf us':>9}")
    for n, p in LAWS:
        law = BinomialLaw(n, p)
        k = np.clip(np.round(law.mean() + law.std() * np.linspace(-8, 8, 2001)), 0, n).astype(np.int64)
        costs = [cost(lambda f=f, k=k: f(k)) / k.size for f in (law.pmf, law.cdf)]
        costs.append(cost(lambda law=law: law.ppf(np.linspace(0.01, 0.99, 99))) / 99)
        row = "".join(f"{1e6 * c:9.2f}" for c in costs)
        print(f"{f'n={n:.4g} p={float(p):.3g}':34}{pmf_error(n, p, k[::200]):18.1e}{row}")
    print(f"\n{'spectrum':34}{'identities':>18}{'mean ms':>9}{'sd ms':>9}{'cov ms':>9}{'bounds ms':>11}")
    for name, plan in PLANS.items():
        calls: list[Callable[[], object]] = [
            lambda plan=plan: occupancy.spectrum(plan),
            lambda plan=plan: occupancy.spectrum_std(plan),
            lambda plan=plan: occupancy.spectrum_covariance(plan),
            lambda plan=plan: (coverage_bounds(plan, deviation=10.0), covering_time_bounds(plan, delta=0.05)),
        ]
        row = "".join(f"{1e3 * cost(call):9.2f}" for call in calls)
        print(f"{name:34}{identity_error(plan):18.1e}{row}")


def cost(call: Callable[[], object]) -> float:
    """Return the best of five times, in seconds, after one call that may compile."""
    call()
    times = []
    for _ in range(5):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return min(times)


def pmf_error(n: int, p: Fraction, k: np.ndarray) -> float:
    """Return the largest relative error of the pmf against 60-digit mpmath."""
    with mp.workdps(90):
        q = mp.mpf(p.denominator - p.numerator) / p.denominator
        exact = [
            mp.exp(
                mp.loggamma(n + 1) - mp.loggamma(i + 1) - mp.loggamma(n - i + 1)
                + i * mp.log(1 - q) + (n - i) * mp.log(q)
            )
            for i in map(int, k)
        ]  # fmt: skip
        return max(
            float(abs(got / want - 1)) for got, want in zip(BinomialLaw(n, p).pmf(k), exact, strict=True)
        )


def identity_error(plan: SamplingPlan) -> float:
    """Return how far sum N_r and sum r N_r are from being fixed, over the sum of the covariance's terms."""
    covariance = occupancy.spectrum_covariance(plan)
    errors = []
    for weight in (np.ones(len(covariance)), np.arange(len(covariance))):
        terms = np.abs(covariance) @ weight
        errors.append(np.max(np.abs(covariance @ weight)[terms > 0] / terms[terms > 0]))
    return float(max(errors))


if __name__ == "__main__":
    main()
