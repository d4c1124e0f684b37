"""The chains behind `simulations.exact_law`: from draw to draw by exact random counts, no item touched.

One draw of a subset serves R epochs (`refresh_every`), so the state of the chain is the number of items in
each visit class, and one draw is a table: of the items seen r times so far, table[r, j] are hit j times.
The coverage stream decides the row of the unseen items, the spectrum stream all others: asking for the
spectrum changes no coverage curve.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulations.samplers.allocation import allocate
from simulations.samplers.balls import LOADS, WAVES, Waves, drop_balls, fill_empty
from simulations.samplers.binomial import binomial
from simulations.samplers.hypergeometric import hypergeometric
from simulations.samplers.uniforms import borrowed
from simulations.streams import LAWS
from simulations.word_source import WordSource, rewind

SUBSET, IID, POISSON = range(3)
CHAINS = {"subset": SUBSET, "iid": IID, "poisson": POISSON}
"""The schemes that are chains of random counts, by the number that the kernels know them by."""
COVERAGE, SPECTRUM, COVERING = range(3)
"""The first counter word c0 of the LAWS streams: what the words decide."""


@njit(cache=True, nogil=True)
def coverage_chain(
    scheme: int,
    population: int,
    subset: int,
    refresh_every: int,
    warm_epochs: int,
    first_replicate: int,
    words: WordSource,
    loads: NDArray[np.int64],
    odds: NDArray[np.float64],
    distinct: NDArray[np.int64],
) -> None:
    """Fill distinct (replicates, K+1) with the curves of the replicates from `first_replicate` on."""
    source = borrowed(words)
    waves = waves_in(loads, odds)
    epochs = distinct.shape[1] - 1
    for i in range(distinct.shape[0]):
        distinct[i, 0] = 0
        unseen = population if warm_epochs == 0 else 0
        draw = 0
        for epoch in range(1, epochs + 1):
            if epoch > warm_epochs and (epoch - warm_epochs - 1) % refresh_every == 0:
                if unseen > 0:
                    rewind(source, LAWS, COVERAGE, draw, first_replicate + i)
                    unseen, _, _ = strike_unseen(source, scheme, population, subset, unseen, waves)
                draw += 1
            distinct[i, epoch] = population - unseen


@njit(cache=True, nogil=True)
def spectrum_chain(
    scheme: int,
    population: int,
    subset: int,
    refresh_every: int,
    warm_epochs: int,
    first_replicate: int,
    words: WordSource,
    loads: NDArray[np.int64],
    odds: NDArray[np.float64],
    spectrum: NDArray[np.int64],
) -> None:
    """Fill spectrum (replicates, K+1, r_max+1) for the replicates from `first_replicate` on."""
    source = borrowed(words)
    waves = waves_in(loads, odds)
    pool = borrowed(loads)[WAVES + 3]
    epochs, classes = spectrum.shape[1] - 1, spectrum.shape[2]
    table = np.zeros((classes, LOADS), np.int64)
    for i in range(spectrum.shape[0]):
        spectrum[i] = 0
        top = LOADS - 1
        for epoch in range(epochs + 1):
            since = epoch - warm_epochs - 1
            if since < 0:
                spectrum[i, epoch, min(epoch, classes - 1)] = population
                continue
            if since % refresh_every == 0:
                start = spectrum[i, epoch - 1]
                draw = since // refresh_every
                table[:, : top + 1] = 0
                top = _draw(
                    source, scheme, population, subset, draw, first_replicate + i, start, waves, pool, table
                )
            _visit(population, table, top, since % refresh_every + 1, spectrum[i, epoch])


@njit(cache=True)
def strike_unseen(
    source: WordSource, scheme: int, population: int, subset: int, unseen: int, waves: Waves
) -> tuple[int, int, int]:
    """Make one draw as far as the unseen items see it; return how many stay unseen, and the hits and waves on
    them.

    Under `subset` and `poisson` nothing is written to the waves; under `iid` see `fill_empty`.
    """
    if scheme == IID:
        hits = binomial(source, subset, unseen / population, (population - unseen) / population)
        still, used = fill_empty(source, hits, unseen, waves)
        return still, hits, used
    if scheme == SUBSET:
        hits = hypergeometric(source, population, unseen, subset)
    else:
        hits = binomial(source, unseen, subset / population, (population - subset) / population)
    return unseen - hits, hits, 0


@njit(cache=True)
def _draw(
    source: WordSource,
    scheme: int,
    population: int,
    subset: int,
    draw: int,
    replicate: int,
    start: NDArray[np.int64],
    waves: Waves,
    pool: NDArray[np.int64],
    table: NDArray[np.int64],
) -> int:
    """Write the table of one draw, zero before, from the classes `start`; return the most hits of an item.

    The last column stands for LOADS - 1 hits: more, in one draw of m <= n, have odds below 1e-70.
    """
    hits = used = 0
    unseen = start[0]
    still = unseen
    if unseen > 0:
        rewind(source, LAWS, COVERAGE, draw, replicate)
        still, hits, used = strike_unseen(source, scheme, population, subset, unseen, waves)
    rewind(source, LAWS, SPECTRUM, draw, replicate)
    table[0, 1] = unseen - still
    table[1:, 0] = start[1:]
    table[0, 0] = still
    if scheme == POISSON:
        _keep_each(source, population, subset, table)
        return 1
    pool[:] = 0
    top = 1
    if scheme == IID:
        top = _collect_waves(source, used, waves, table[0])
        pool[0] = population - unseen
        top = max(top, drop_balls(source, subset - hits, population - unseen, 0, pool, waves))
    else:
        pool[1] = subset - hits
        pool[0] = population - unseen - pool[1]
    allocate(source, pool, top, 1, table)
    return top


@njit(cache=True)
def _collect_waves(source: WordSource, used: int, waves: Waves, row: NDArray[np.int64]) -> int:
    """Drop the balls that fell back on each wave and add its cells up by load; return the largest load."""
    row[1] = 0
    top = 1
    for wave in range(used):
        loads = waves.loads[wave]
        loads[0] = 0
        reached = drop_balls(source, waves.back[wave], loads.sum(), waves.top[wave], loads, waves)
        row[1 : reached + 1] += loads[1 : reached + 1]
        top = max(top, reached)
    return top


@njit(cache=True)
def _keep_each(source: WordSource, population: int, subset: int, table: NDArray[np.int64]) -> None:
    """Hit every seen item once with probability m/n."""
    for r in range(1, table.shape[0]):
        kept = binomial(source, table[r, 0], subset / population, (population - subset) / population)
        table[r, 0] -= kept
        table[r, 1] = kept


@njit(cache=True)
def _visit(
    population: int, table: NDArray[np.int64], top: int, times: int, classes: NDArray[np.int64]
) -> None:
    """Add to `classes` the items after `times` epochs on this draw; the last class is "or more"."""
    last = classes.size - 1
    left = population
    for r in range(classes.size):
        for hits in range(top + 1):
            items = table[r, hits]
            classes[min(r + hits * times, last)] += items
            left -= items
        if left == 0:
            break


def room() -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the room to work in that the kernels take as `loads` and `odds`, for one thread."""
    return np.zeros((WAVES + 4, LOADS), np.int64), np.zeros(LOADS)


@njit(cache=True)
def waves_in(loads: NDArray[np.int64], odds: NDArray[np.float64]) -> Waves:
    """Lay the waves out in a kernel's room."""
    loads = borrowed(loads)
    return Waves(loads, loads[WAVES], loads[WAVES + 1], loads[WAVES + 2], borrowed(odds))
