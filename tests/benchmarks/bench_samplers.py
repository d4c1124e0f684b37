"""Cost of the sampler per item and of the tracker per batch: python tests/benchmarks/bench_samplers.py."""

from __future__ import annotations

import time

import numpy as np

from simulations.training import CoverageTracker, SoftRandomSampler

ROUNDS = 5


def seconds(work):
    """The least time of some rounds, the first of which compiles and is not counted."""
    work()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def bench_tracker():
    print("tracker.update, a batch of 512 (a step of 10 ms has 100 us to give at 1 %)")
    rng = np.random.default_rng(0)
    for n in (50_000, 1_281_167, 100_000_000):
        batches = list(rng.integers(0, n, (1000, 512)))
        tracker = CoverageTracker(n)
        spent = seconds(lambda tracker=tracker, batches=batches: [tracker.update(b) for b in batches])
        print(f"  n = {n:>11,}: {spent * 1e3:6.2f} us a batch, {spent / 10:8.4%} of a 10 ms step")


def bench_report():
    print("tracker.report, 30 epochs at ratio 0.1")
    for scheme in ("subset", "iid", "reshuffle"):
        sampler, tracker = (
            SoftRandomSampler(1_281_167, 0.1, scheme=scheme, seed=0),
            CoverageTracker(1_281_167),
        )
        for epoch in range(30):
            tracker.update(sampler.items(epoch))
            tracker.end_epoch()
        spent = seconds(lambda: tracker.report(sampler.plan(30)))  # noqa: B023  called at once
        print(f"  {scheme:10} {spent * 1e3:8.1f} ms")


def bench_sampler():
    print(
        "sampler, n = 1,281,167, ratio 0.1: an epoch as an array, as Python ints, and the first item resumed"
    )
    for scheme in ("subset", "iid", "poisson", "reshuffle", "fixed", "full"):
        ratio = None if scheme == "full" else 0.1
        sampler = SoftRandomSampler(1_281_167, ratio, scheme=scheme, seed=0)
        epochs = iter(range(10_000))
        items = seconds(lambda: sampler.items(next(epochs)))  # noqa: B023
        ints = seconds(lambda: sum(1 for _ in sampler))  # noqa: B023
        size = len(sampler)

        def resume(sampler=sampler, size=size, epochs=epochs):
            sampler.load_state_dict(sampler.state_dict(epoch=next(epochs), position=size // 2))
            next(iter(sampler))

        first = seconds(resume)
        print(
            f"  {scheme:10} {items / size * 1e9:7.1f} ns {ints / size * 1e9:7.1f} ns an item"
            f" {first * 1e3:9.3f} ms to resume"
        )


if __name__ == "__main__":
    bench_tracker()
    bench_report()
    bench_sampler()
