"""Covering times sampled from their exact law, without the curve that leads to them.

Layout: `covering_epochs` reads the coverage streams of `simulations.exact_law`, so it answers what a long
enough curve shows. `covering_draws` reads the streams (LAWS, 2, step, i).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulations.kernels.exact_curves import CHAINS, COVERAGE, COVERING, IID, room, strike_unseen, waves_in
from simulations.samplers.uniforms import borrowed, uniform
from simulations.streams import LARGEST_REFRESHES, LARGEST_REPLICATES, LAWS, seed_key
from simulations.word_source import WordSource, open_source, rewind
from softsample_theory.plan import SamplingPlan
from softsample_theory.validation import count

_SINGLY = 64  # the last unseen items wait for geometric times


def covering_epochs(plan: SamplingPlan, replicates: int, seed: int) -> NDArray[np.int64]:
    """Sample the first epoch after which every item has been seen, past `plan.epochs` where it comes later.

    Parameters
    ----------
    plan : the sampling plan.
    replicates, seed : as in `simulate`.

    Returns
    -------
    int64 (replicates,); -1 where it never happens (`fixed` with m < n) or takes more than 2**32 draws.

    Cost
    ----
    As `simulate_law`: 0.1 us an epoch under `subset` and `poisson`, up to 2 us under `iid`.

    Examples
    --------
    >>> from softsample_theory import SamplingPlan
    >>> covering_epochs(SamplingPlan(population=320, ratio=0.05, epochs=1), replicates=4, seed=0)
    array([128, 192, 102, 100])
    """
    replicates = count("replicates", replicates, 1, LARGEST_REPLICATES)
    if plan.warm_epochs > 0:
        return np.ones(replicates, np.int64)
    if plan.scheme in CHAINS:
        draws = np.empty(count("replicates", replicates, 1, LARGEST_REPLICATES), np.int64)
        cover_by_subsets(
            CHAINS[plan.scheme], plan.population, plan.subset, open_source(*seed_key(seed)), *room(), draws
        )
    elif plan.scheme == "fixed" and plan.subset < plan.population:
        draws = np.full(replicates, -1, np.int64)
    else:
        draws = np.full(replicates, -(-plan.population // plan.subset), np.int64)
    return np.where(draws > 0, (draws - 1) * plan.refresh_every + 1, -1)


def covering_draws(population: int, replicates: int, seed: int) -> NDArray[np.int64]:
    """Sample how many independent uniform draws it takes until every item has been seen (coupon collector).

    Draws are made by the population while more than 256 items are unseen, by a quarter of it down to 64 (the
    odds that such a lot ends the collection within it are below 1e-40), and the last items wait for geometric
    times.

    Parameters
    ----------
    population : int, n, from 1 to 2**53.
    replicates, seed : as in `simulate`.

    Returns
    -------
    int64 (replicates,)

    Cost
    ----
    12 us a sample at n = 1e6, 35 us at 1e12.

    Examples
    --------
    >>> covering_draws(population=10**12, replicates=2, seed=0)
    array([28412934341351, 29259875869555])
    """
    draws = np.empty(count("replicates", replicates, 1, LARGEST_REPLICATES), np.int64)
    collect(count("population", population, 1), open_source(*seed_key(seed)), *room(), draws)
    return draws


@njit(cache=True, nogil=True)
def cover_by_subsets(
    scheme: int,
    population: int,
    subset: int,
    words: WordSource,
    loads: NDArray[np.int64],
    odds: NDArray[np.float64],
    draws: NDArray[np.int64],
) -> None:
    """Fill in how many draws of a subset it takes to see everything."""
    source = borrowed(words)
    waves = waves_in(loads, odds)
    for i in range(draws.size):
        unseen = population
        draw = 0
        while unseen > 0 and draw < LARGEST_REFRESHES:
            rewind(source, LAWS, COVERAGE, draw, i)
            unseen, _, _ = strike_unseen(source, scheme, population, subset, unseen, waves)
            draw += 1
        draws[i] = draw if unseen == 0 else -1


@njit(cache=True, nogil=True)
def collect(
    population: int,
    words: WordSource,
    loads: NDArray[np.int64],
    odds: NDArray[np.float64],
    draws: NDArray[np.int64],
) -> None:
    """Fill in how many single draws it takes to see everything."""
    source = borrowed(words)
    waves = waves_in(loads, odds)
    for i in range(draws.size):
        unseen, made, step = population, 0, 0
        while unseen > _SINGLY:
            rewind(source, LAWS, COVERING, step, i)
            lot = population if unseen > 4 * _SINGLY else population // 4
            unseen, _, _ = strike_unseen(source, IID, population, lot, unseen, waves)
            made += lot
            step += 1
        rewind(source, LAWS, COVERING, step, i)
        for missing in range(unseen, 0, -1):
            made += _wait(source, missing / population)
        draws[i] = made


@njit(cache=True, error_model="numpy")
def _wait(source: WordSource, p: float) -> int:
    """Return a geometric time: how many trials until the first success."""
    return 1 + math.floor(math.log(uniform(source)) / math.log1p(-p))
