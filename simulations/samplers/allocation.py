"""Hand a pool of cells out to classes at random: how many cells of which load each class gets."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulations.samplers.hypergeometric import hypergeometric
from simulations.samplers.uniforms import bounded
from simulations.word_source import WordSource

_SINGLY = 64  # a load with fewer cells than this is handed out cell by cell


@njit(cache=True)
def allocate(
    source: WordSource, loads: NDArray[np.int64], top: int, first: int, table: NDArray[np.int64]
) -> None:
    """Give every item of the classes first, first + 1, ... one cell of the pool, uniformly at random.

    A multivariate hypergeometric table. Rare loads go cell by cell, then the classes are served in
    ascending order, so that lumping the highest classes into one changes no other class's answer.

    Parameters
    ----------
    source : the words to read.
    loads, top : the pool, loads[j] cells of load j = 0..top, as many as there are items; used up.
    first, table : int64 (classes, loads). From row `first` on, table[r, 0] items are in class r on entry,
        and the other columns are 0; on return table[r, j] of them have a cell of load j.
    """
    items = table[first:, 0].sum()
    for load in range(top, 0, -1):
        if loads[load] < _SINGLY:
            items -= _hand_out_singly(source, load, loads, items, first, table)
    for r in range(first, table.shape[0]):
        if table[r, 0] > 0:
            items -= _serve_class(source, loads, top, items, table[r])
        if items == 0:
            break


@njit(cache=True)
def _hand_out_singly(
    source: WordSource, load: int, loads: NDArray[np.int64], items: int, first: int, table: NDArray[np.int64]
) -> int:
    """Give each cell of this load to a uniform item that has none; return how many cells there were."""
    cells = loads[load]
    for given in range(cells):
        place = bounded(source, items - given)
        r = first
        while place >= table[r, 0]:
            place -= table[r, 0]
            r += 1
        table[r, 0] -= 1
        table[r, load] += 1
    loads[load] = 0
    return cells


@njit(cache=True)
def _serve_class(
    source: WordSource, loads: NDArray[np.int64], top: int, cells: int, row: NDArray[np.int64]
) -> int:
    """Give each item of one class a cell, one hypergeometric draw a load; return how many there were."""
    items = waiting = row[0]
    for load in range(top, 0, -1):
        if loads[load] > 0:
            got = hypergeometric(source, cells, loads[load], waiting)
            row[load] += got
            cells -= loads[load]
            loads[load] -= got
            waiting -= got
    loads[0] -= waiting
    row[0] = waiting
    return items
