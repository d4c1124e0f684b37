"""`reshuffle`, `fixed` and `full`: schemes whose counts are known, or nearly, before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from simulations.splitting.halves import half_tables
from simulations.splitting.hypergeometric import sample_hypergeometric
from simulations.streams import WALKS, seed_key
from simulations.timeline import Timeline
from simulations.word_source import open_source, rewind
from softsample_theory.plan import SamplingPlan


def seen_by_walk(plan: SamplingPlan) -> NDArray[np.int64]:
    """Return the distinct units after each refresh of `reshuffle`, `fixed` or `full`, int64 (refreshes,).

    min(n, jm) after j refreshes of `reshuffle`; m after any of `fixed`, n of `full`.
    """
    refreshes = np.arange(1, plan.refreshes() + 1)
    if plan.scheme != "reshuffle":
        return np.full_like(refreshes, plan.subset)
    return np.minimum(plan.population, plan.subset * refreshes)


def walk_spectrum(
    plan: SamplingPlan, replicates: int, seed: int, r_max: int, first_replicate: int = 0
) -> NDArray[np.int64]:
    """Return the spectrum under `reshuffle`, `fixed` or `full`, int64 (replicates, K+1, r_max+1).

    After j refreshes qn + s = jm units of permutations have been taken, so s units were taken q + 1 times and
    the rest q times. Nothing is random in this but one thing: where a subset runs over the end of a
    permutation and is kept for several epochs, the units that both of its parts hold, a hypergeometric
    number.
    """
    time = Timeline(plan)
    spectrum = time.empty_spectrum(replicates, r_max)
    for visits, units in _classes(time, replicates, seed, first_replicate):
        time.add(spectrum, visits, units)
    return spectrum


def walk_largest(
    plan: SamplingPlan, replicates: int, seed: int, first_replicate: int = 0
) -> NDArray[np.int64]:
    """Return the largest count after each drawn epoch, without the warm ones, int64 (replicates, K-W)."""
    time = Timeline(plan)
    largest = np.zeros((replicates, time.drawn_epochs.size), np.int64)
    for visits, units in _classes(time, replicates, seed, first_replicate):
        np.maximum(largest, np.where(np.asarray(units) > 0, visits, 0), out=largest)
    return largest


def _classes(
    time: Timeline, replicates: int, seed: int, first_replicate: int
) -> Iterator[tuple[NDArray[np.int64], ArrayLike]]:
    """Yield visits (D,) after each drawn epoch, and the units that made them, (D,) or (replicates, D)."""
    plan = time.plan
    if plan.scheme == "reshuffle":
        yield from _permuted_classes(time, replicates, seed, first_replicate)
        return
    yield time.drawn_epochs, plan.subset
    yield np.zeros_like(time.drawn_epochs), plan.population - plan.subset


def _permuted_classes(
    time: Timeline, replicates: int, seed: int, first_replicate: int
) -> Iterator[tuple[NDArray[np.int64], ArrayLike]]:
    """Yield, in each epoch, units by how they were taken: before this refresh, in it once, in it twice."""
    n, m, every = time.plan.population, time.plan.subset, time.plan.refresh_every
    laps, into = np.divmod(time.refresh * m, n)
    remaining = n - into
    old, age = every * laps, time.age
    inside = np.minimum(m, remaining)
    beyond = m - inside
    twice = _overlaps(time.plan, replicates, seed, first_replicate)[:, time.refresh]
    yield old, remaining - inside
    yield old + age, inside - twice
    yield old + 2 * age, twice
    yield old + every + age, beyond - twice
    yield old + every, into - (beyond - twice)


def _overlaps(plan: SamplingPlan, replicates: int, seed: int, first_replicate: int) -> NDArray[np.int64]:
    """Return how many units each refresh takes twice; zeros where R = 1, for then no count depends on it."""
    if plan.refresh_every > 1:
        return overlaps_of_walk(plan, replicates, seed, first_replicate)
    return np.zeros((replicates, plan.refreshes()), np.int64)


def overlaps_of_walk(
    plan: SamplingPlan, replicates: int, seed: int, first_replicate: int
) -> NDArray[np.int64]:
    """Return how many units each refresh of `reshuffle` takes twice, int64 (replicates, refreshes)."""
    overlaps = np.zeros((replicates, plan.refreshes()), np.int64)
    tables = half_tables(plan.subset)
    fill_overlaps(overlaps, plan.population, plan.subset, first_replicate, *seed_key(seed), *tables)
    return overlaps


@njit(cache=True, nogil=True)
def fill_overlaps(
    overlaps: NDArray[np.int64],
    population: int,
    subset: int,
    first_replicate: int,
    key0: int,
    key1: int,
    starts: NDArray[np.int64],
    tables: NDArray[np.uint64],
) -> None:
    """Fill overlaps[replicate, refresh]: units in the end of one permutation and the next one's start."""
    source = open_source(key0, key1)
    replicates, refreshes = overlaps.shape
    for i in range(replicates):
        into = 0
        for j in range(refreshes):
            beyond = into + subset - population
            if beyond > 0:
                rewind(source, WALKS, 0, j, first_replicate + i)
                overlaps[i, j] = sample_hypergeometric(
                    population - into, into, beyond, starts, tables, source
                )
            into = beyond if beyond >= 0 else into + subset
