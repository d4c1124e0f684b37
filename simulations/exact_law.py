"""Whole coverage curves and visit spectra from their exact law, without touching an item.

A curve is a Markov chain with few states that matter: how many items have been seen 0, 1, 2, ... times. Its
steps are exact random counts (`simulations.samplers`), so that an epoch costs a microsecond or so whatever
the population is. Such curves agree in law with those whose draws are all made, not number by number.

Layout: the words of replicate i's draw e come from the streams (LAWS, c0, e, i), with c0 = 0 for what
decides the number of items seen, 1 for the other visit classes, and 2 for covering draws
(`simulations.covering_samples`). So a replicate does not depend on how many are asked for, a curve not on
how many epochs follow, on whether the spectrum is recorded, or on where its classes are lumped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from simulations.kernels import exact_curves
from simulations.streams import LARGEST_REFRESHES, seed_key
from simulations.timeline import Timeline
from simulations.walks import seen_by_walk, walk_spectrum
from simulations.word_source import open_source
from softsample_theory.plan import SamplingPlan
from softsample_theory.validation import count, reject_value

Counts = NDArray[np.int64]

_REPLICATES_AT_ONCE = 64


def simulate_law(
    plan: SamplingPlan,
    replicates: int,
    seed: int,
    record: Iterable[str] = ("distinct",),
    r_max: int | None = None,
    threads: int | None = None,
    first_replicate: int = 0,
) -> tuple[Counts, Counts | None]:
    """Sample coverage curves, and visit spectra on request, from their exact law.

    `subset` is a chain of hypergeometric draws, `poisson` of binomial ones, `iid` of occupancy counts;
    `reshuffle`, `fixed` and `full` are known but for the overlap of two permutations (`simulations.walks`).

    Parameters
    ----------
    plan : the sampling plan, at any size; up to 2**32 refreshes.
    replicates, seed : as in `simulate`.
    record : names out of ``"distinct"`` and ``"spectrum"``.
    r_max : int from 1, the last class of the spectrum, "r_max visits or more", lumped exactly.
    threads : int, how many at most; 1 by default.
    first_replicate : int, the replicate to begin with: those from it on are the same in any run.

    Returns
    -------
    distinct : int64 (replicates, K+1), items seen after 0..K epochs.
    spectrum : int64 (replicates, K+1, r_max+1), or None where it was not asked for.

    Accuracy
    --------
    Each count is drawn from its law to within 1e-8 in total variation at a population of 2**53, 1e-10 at
    1e12 and 1e-12 at 1e8 (`simulations.samplers`).

    Cost
    ----
    One core, an epoch: `subset` and `poisson` 0.15 us, spectrum 1 to 2 us; `iid` up to 1.3 us, spectrum 6 to
    8 us, at ratios to 0.3 (2 and 30 us at ratio 1, n = 1e12). Compiling takes 10 to 20 s once.

    Examples
    --------
    >>> from softsample_theory import SamplingPlan
    >>> plan = SamplingPlan(population=10**12, ratio=0.1, epochs=3)
    >>> simulate_law(plan, replicates=2, seed=1)[0]
    array([[           0, 100000000000, 190000102718, 271000102458],
           [           0, 100000000000, 190000008110, 271000065065]])
    """
    if plan.refreshes() > LARGEST_REFRESHES:
        reject_value("epochs", plan.epochs, f"such that there are at most {LARGEST_REFRESHES} draws")
    lumped = count("r_max", 1 if r_max is None else r_max, 1, 2**31) if "spectrum" in tuple(record) else None
    if plan.scheme not in exact_curves.CHAINS:
        spectrum = None if lumped is None else walk_spectrum(plan, replicates, seed, lumped, first_replicate)
        return Timeline(plan).distinct(seen_by_walk(plan), replicates), spectrum
    if lumped is None:
        distinct = np.empty((replicates, plan.epochs + 1), np.int64)
        _run(exact_curves.coverage_chain, plan, seed, distinct, threads or 1, first_replicate)
        return distinct, None
    spectrum = np.empty((replicates, plan.epochs + 1, lumped + 1), np.int64)
    _run(exact_curves.spectrum_chain, plan, seed, spectrum, threads or 1, first_replicate)
    return plan.population - spectrum[:, :, 0], spectrum


def _run(
    kernel: Callable[..., None],
    plan: SamplingPlan,
    seed: int,
    samples: Counts,
    threads: int,
    first_replicate: int,
) -> None:
    """Fill the samples, some replicates at a time over threads."""
    step = max(1, min(_REPLICATES_AT_ONCE, -(-len(samples) // threads)))

    def fill(first: int) -> None:
        kernel(
            exact_curves.CHAINS[plan.scheme],
            plan.population,
            plan.subset,
            plan.refresh_every,
            plan.warm_epochs,
            first_replicate + first,
            open_source(*seed_key(seed)),
            *exact_curves.room(),
            samples[first : first + step],
        )

    starts = range(0, len(samples), step)
    if threads == 1 or len(starts) == 1:
        for first in starts:
            fill(first)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(fill, starts))
