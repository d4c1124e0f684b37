"""`reshuffle`, `fixed` and `full`: schemes whose counts are known, or nearly, before anything is drawn."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

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
    if plan.scheme == "reshuffle":
        _add_permutations(spectrum, time, seed, first_replicate)
    else:
        age, m, n = time.drawn_epochs, plan.subset, plan.population
        time.add(spectrum, age, m)
        time.add(spectrum, np.zeros_like(age), n - m)
    return spectrum


def _add_permutations(spectrum: NDArray[np.int64], time: Timeline, seed: int, first_replicate: int) -> None:
    """Add, in each epoch, the units by what they were taken: before this refresh, in it once, in it twice."""
    n, m, every = time.plan.population, time.plan.subset, time.plan.refresh_every
    laps, into = np.divmod(time.refresh * m, n)
    remaining = n - into
    old, age = every * laps, time.age
    inside = np.minimum(m, remaining)
    beyond = m - inside
    twice = _overlaps(time.plan, len(spectrum), seed, first_replicate)[:, time.refresh]
    time.add(spectrum, old, remaining - inside)
    time.add(spectrum, old + age, inside - twice)
    time.add(spectrum, old + 2 * age, twice)
    time.add(spectrum, old + every + age, beyond - twice)
    time.add(spectrum, old + every, into - (beyond - twice))


def _overlaps(plan: SamplingPlan, replicates: int, seed: int, first_replicate: int) -> NDArray[np.int64]:
    """Return how many units each refresh takes twice, (replicates, refreshes); not asked where R = 1."""
    overlaps = np.zeros((replicates, plan.refreshes()), np.int64)
    if plan.refresh_every > 1:
        fill_overlaps(
            overlaps,
            plan.population,
            plan.subset,
            first_replicate,
            *seed_key(seed),
            *half_tables(plan.subset),
        )
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
