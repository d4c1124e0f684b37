"""How fast the engine draws, beside NumPy doing the same, in one table.

Each round times NumPy and the engine one after the other, one thread, in thread CPU time; a row is the median
over the rounds, and its ratio the median of the rounds' ratios. Compilation comes before. The floor of
coverage is the random words plus the marking of bits, timed by themselves in the same process on blocks of
2**16 items.

The engine leaves a block once it is full, so in case A it makes the first 36 or so of its 50 epochs.

Run: python tests/benchmarks/bench_engine.py [A] [B] [C] [--rounds N]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median

import numpy as np
from numba import njit

from simulations import simulate
from simulations.kernels.marking import mark_all
from simulations.streams import BLOCK, WORDS_AT_ONCE, fill_draws
from softsample_theory import SamplingPlan

CASES = {"A": (50_000, 15_000, 50), "B": (1_281_167, 256_233, 30), "C": (10**8, 10**7, 10)}
BARS = {("coverage", "iid"): (6, 7, 18), ("spectrum", "iid"): (5, 10, 55)}
CEILINGS = {("coverage", "iid"): 0.8, ("coverage", "subset"): 2.0, ("spectrum", "iid"): 1.3}


def mask_coverage(n: int, m: int, epochs: int, rng: np.random.Generator) -> None:
    """Coverage by NumPy: a mask, set and summed in each epoch."""
    seen = np.zeros(n, bool)
    for _ in range(epochs):
        seen[rng.integers(n, size=m)] = True
        seen.sum()


def bincount_spectrum(n: int, m: int, epochs: int, rng: np.random.Generator) -> None:
    """The spectrum by NumPy: counts of items, and counts of counts in each epoch."""
    counts = np.zeros(n, np.int64)
    for _ in range(epochs):
        counts += np.bincount(rng.integers(n, size=m), minlength=n)
        np.bincount(counts)


@njit
def make_words(rounds: int, packs: np.ndarray) -> None:
    """Fill the buffer again and again."""
    for epoch in range(rounds):
        zero = np.uint64(0)
        fill_draws(packs, WORDS_AT_ONCE, np.uint64(BLOCK), zero, zero, zero, np.uint64(epoch), zero, zero)


@njit
def mark_words(rounds: int, bits: np.ndarray, packs: np.ndarray) -> None:
    """Mark the same draws again and again."""
    for _ in range(rounds):
        mark_all(bits, packs, 0, 4 * WORDS_AT_ONCE, 4)


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the thread CPU time of one call."""
    start = time.thread_time()
    work()
    return time.thread_time() - start


def floor_of_coverage() -> tuple[float, float]:
    """Return the nanoseconds a draw of making random words and of marking bits, each alone."""
    packs, bits, rounds = np.empty(WORDS_AT_ONCE, np.uint64), np.zeros(BLOCK // 64, np.uint64), 2000
    make_words(1, packs)
    mark_words(1, bits, packs)
    draws = 4 * WORDS_AT_ONCE * rounds
    words = min(cpu_seconds(lambda: make_words(rounds, packs)) for _ in range(7))
    marks = min(cpu_seconds(lambda: mark_words(rounds, bits, packs)) for _ in range(7))
    return 1e9 * words / draws, 1e9 * marks / draws


def measure(case: str, quantity: str, scheme: str, rounds: int) -> tuple[float, float, float]:
    """Return nanoseconds a draw of the engine and of NumPy, and their ratio, all medians."""
    n, m, epochs = CASES[case]
    plan = SamplingPlan(n, subset=m, epochs=epochs, scheme=scheme)
    replicates = max(1, 20_000_000 // (m * epochs))
    rng = np.random.default_rng(0)
    baseline = mask_coverage if quantity == "coverage" else bincount_spectrum
    record = ("distinct",) if quantity == "coverage" else ("spectrum",)

    def engine() -> None:
        simulate(plan, replicates, seed=1, threads=1, record=record)

    engine()
    draws, engine_ns, numpy_ns = m * epochs, [], []
    for _ in range(rounds):
        numpy_ns.append(1e9 * cpu_seconds(lambda: baseline(n, m, epochs, rng)) / draws)
        engine_ns.append(1e9 * cpu_seconds(engine) / draws / replicates)
    return (
        median(engine_ns),
        median(numpy_ns),
        median(b / e for b, e in zip(numpy_ns, engine_ns, strict=True)),
    )


def threads_gain() -> float:
    """Return how much faster two threads are, wall time, on 1.5e8 draws."""
    plan = SamplingPlan(50_000, subset=15_000, epochs=50, scheme="subset")
    walls: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(5):
        for threads, wall in walls.items():
            start = time.perf_counter()
            simulate(plan, 200, seed=1, threads=threads)
            wall.append(time.perf_counter() - start)
    return min(walls[1]) / min(walls[2])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", nargs="*", default=list(CASES))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    words, marks = floor_of_coverage()
    print(
        f"floor of coverage: random words {words:.2f} + marking {marks:.2f} = {words + marks:.2f} ns a draw"
    )
    print(
        f"{'case':5}{'quantity':10}{'scheme':9}{'ns/draw':>8}{'bar':>6}{'NumPy':>8}{'ratio':>8}{'bar':>5}{'floor':>8}"
    )
    for case in options.cases:
        for quantity, scheme in (
            ("coverage", "iid"),
            ("coverage", "subset"),
            ("spectrum", "iid"),
            ("spectrum", "subset"),
        ):
            ns, numpy_ns, ratio = measure(case, quantity, scheme, options.rounds)
            ceiling = CEILINGS.get((quantity, scheme), "")
            bar = BARS.get((quantity, scheme), ("",) * 3)["ABC".index(case)]
            floor = f"{(words + marks) / ns:8.0%}" if quantity == "coverage" else ""
            print(
                f"{case:5}{quantity:10}{scheme:9}{ns:8.2f}{ceiling:>6}{numpy_ns:8.1f}{ratio:7.1f}x{bar:>5}{floor}"
            )
    print(f"two threads against one, case A, subset, 1.5e8 draws: {threads_gain():.2f}x (bar 1.7)")
    start = time.perf_counter()
    simulate(SamplingPlan(10**9, subset=10**8, epochs=10, scheme="iid"), 1, seed=1, threads=1)
    print(f"n = 1e9, 1e9 draws, one thread: {time.perf_counter() - start:.2f} s wall (bar 1)")


if __name__ == "__main__":
    main()
