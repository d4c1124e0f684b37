"""From a plan to the function that shares its draws out over the blocks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simulations.splitting.blocks import invert_sizes, share_draws
from simulations.splitting.halves import half_tables
from simulations.splitting.sizes import size_table
from simulations.streams import BLOCK, seed_key
from softsample_theory.plan import SamplingPlan

Shares = NDArray[np.uint32]
ShareFiller = Callable[[Shares, int, int, int], None]
"""fill(shares, first_epoch, first_block, first_replicate) fills uint32 shares[replicate, epoch, block]."""


def share_filler(plan: SamplingPlan, seed: int) -> ShareFiller:
    """Return the function that fills the shares of the plan's draws under `iid`, `subset` or `poisson`."""
    return _size_filler(plan, seed) if plan.scheme == "poisson" else _split_filler(plan, seed)


def _split_filler(plan: SamplingPlan, seed: int) -> ShareFiller:
    if plan.population <= BLOCK:
        return lambda shares, *place: shares.fill(plan.subset)
    tables = half_tables(plan.subset)
    settings = (plan.population, plan.subset, plan.scheme == "subset")

    def fill(shares: Shares, first_epoch: int, first_block: int, first_replicate: int) -> None:
        share_draws(shares, *settings, first_epoch, first_block, first_replicate, *seed_key(seed), *tables)

    return fill


def _size_filler(plan: SamplingPlan, seed: int) -> ShareFiller:
    n, m = plan.population, plan.subset
    full = size_table(min(n, BLOCK), m, n)
    ragged = size_table(n % BLOCK or BLOCK, m, n)

    def fill(shares: Shares, first_epoch: int, first_block: int, first_replicate: int) -> None:
        place = (first_epoch, first_block, first_replicate)
        invert_sizes(shares, n, *full, *ragged, *place, *seed_key(seed))

    return fill
