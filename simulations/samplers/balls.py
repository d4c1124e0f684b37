r"""How balls fill cells: the numbers of cells by load, exactly, without throwing the balls one by one.

Under-shooting Poissonisation. To drop m balls into u cells, give every cell an independent Poisson(lambda)
load with :math:`\lambda = (m - \tfrac32 \sqrt m)/u`; the numbers of cells with 0, 1, 2, ... balls are then
binomials, one after the other. If more than m balls fell, throw again. Given their total m', the loads are
those of exactly m' uniform balls, so that accepting on any event of m' alone keeps the law exact. The m -
m' balls that are left, about :math:`\tfrac32 \sqrt m`, go in the same way, and the last few singly: the
cost grows like log log m.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulations.samplers.binomial import binomial
from simulations.samplers.uniforms import bounded
from simulations.word_source import WordSource

LOADS = 64
"""Loads told apart: 0, 1, ..., and the last for "LOADS - 1 or more", exactly."""
WAVES = 24
"""Throws told apart in `fill_empty`: log log m of them occur, and the last may take any number of balls."""

_SINGLY = 48  # fewer balls than this are dropped one by one
_SLACK = 1.5  # standard deviations that a throw aims short: about 7 % of the throws are refused
_LARGEST_RATE = 2.0  # of one throw; more balls take several


class Waves(NamedTuple):
    """The cells that `fill_empty` filled, by the throw that reached them first, and room to work in.

    Attributes
    ----------
    loads : int64 (WAVES, LOADS), loads[w, j] cells first reached in throw w, by j of its balls (j >= 1).
    back : int64 (WAVES,), further balls, uniform over the cells of throw w, not yet dropped.
    top : int64 (WAVES,), the largest load in throw w.
    thrown, odds : int64 and float64 (LOADS,), room to work in.
    """

    loads: NDArray[np.int64]
    back: NDArray[np.int64]
    top: NDArray[np.int64]
    thrown: NDArray[np.int64]
    odds: NDArray[np.float64]


@njit(cache=True)
def fill_empty(source: WordSource, balls: int, cells: int, waves: Waves) -> tuple[int, int]:
    """Drop balls into empty cells; return how many cells stay empty and how many waves were written.

    After each throw only the balls that fall on cells still empty are followed; the others are counted in
    `back`. Whoever asks how many cells are hit is done here; whoever asks how often drops `back` as well.
    """
    empty = cells
    wave = 0
    while balls >= _SINGLY and wave < WAVES - 1:
        loads = waves.loads[wave]
        loads[:] = 0
        most = _poisson_odds(_rate(balls, empty), waves.odds)
        fell, waves.top[wave] = _scatter(source, empty, 0, most, waves.odds, loads)
        if fell <= balls:
            left, still = balls - fell, loads[0]
            balls = binomial(source, left, still / empty, (empty - still) / empty)
            waves.back[wave] = left - balls
            empty = still
            wave += 1
    if balls > 0:
        empty = _fill_singly(source, balls, empty, wave, waves)
        wave += 1
    return empty, wave


@njit(cache=True)
def drop_balls(
    source: WordSource, balls: int, cells: int, top: int, loads: NDArray[np.int64], waves: Waves
) -> int:
    """Drop balls into cells of which loads[j] hold j balls, j = 0..top; return the new largest load."""
    while balls >= _SINGLY:
        fell, highest = _throw(source, balls, _rate(balls, cells), top, loads, waves)
        if fell <= balls:
            balls -= fell
            top = highest
            loads[: top + 1] = waves.thrown[: top + 1]
    for _ in range(balls):
        top = max(top, _raise_load(loads, bounded(source, cells), 0))
    return top


@njit(cache=True)
def _fill_singly(source: WordSource, balls: int, empty: int, wave: int, waves: Waves) -> int:
    """Drop a few balls one by one into empty cells, as one more wave; return how many stay empty."""
    loads = waves.loads[wave]
    loads[:] = 0
    cells, fresh, top = empty, 0, 1
    for _ in range(balls):
        place = bounded(source, cells)
        if place < empty:
            empty -= 1
            fresh += 1
        else:
            loads[1] += fresh
            fresh = 0
            top = max(top, _raise_load(loads, place - empty, 1))
    loads[0] = empty
    loads[1] += fresh
    waves.top[wave] = top
    waves.back[wave] = 0
    return empty


@njit(cache=True)
def _rate(balls: int, cells: int) -> float:
    """Return the Poisson rate of a throw that rarely passes `balls`."""
    return min((balls - _SLACK * math.sqrt(balls)) / cells, _LARGEST_RATE)


@njit(cache=True)
def _throw(
    source: WordSource, balls: int, rate: float, top: int, loads: NDArray[np.int64], waves: Waves
) -> tuple[int, int]:
    """Write the loads after Poisson(rate) balls a cell to `thrown`; return their total and the top load."""
    most = _poisson_odds(rate, waves.odds)
    waves.thrown[:] = 0
    total = highest = 0
    for load in range(top + 1):
        fell, reached = _scatter(source, loads[load], load, most, waves.odds, waves.thrown)
        total += fell
        highest = max(highest, reached)
        if total > balls:
            break
    return total, highest


@njit(cache=True)
def _scatter(
    source: WordSource, cells: int, load: int, most: int, odds: NDArray[np.float64], loads: NDArray[np.int64]
) -> tuple[int, int]:
    """Add Poisson balls to cells of one load, counted into `loads`; return the balls and the top load."""
    fell = more = 0
    reached = load
    while cells > 0:
        rest = 0
        if more < most:
            rest = binomial(source, cells, (odds[more] - 1.0) / odds[more], 1.0 / odds[more])
        reached = min(load + more, LOADS - 1)
        loads[reached] += cells - rest
        fell += more * (cells - rest)
        cells = rest
        more += 1
    return fell, reached


@njit(cache=True, error_model="numpy")
def _poisson_odds(rate: float, odds: NDArray[np.float64]) -> int:
    """Fill odds[j] = P(X >= j)/P(X = j) for X Poisson, by sums of positive terms; return where they stop.

    The chance of more than so many balls in a cell is below 1e-30: together with 2**53 cells, nothing.
    """
    most = 9 if rate < 1e-3 else (14 if rate < 0.05 else 20 + int(8.0 * rate))
    odds[most] = 1.0
    for j in range(most - 1, -1, -1):
        odds[j] = 1.0 + rate / (j + 1.0) * odds[j + 1]
    return most


@njit(cache=True)
def _raise_load(loads: NDArray[np.int64], place: int, load: int) -> int:
    """Add a ball to the cell at this place, counted from the cells of this load on; return its new load."""
    while place >= loads[load]:
        place -= loads[load]
        load += 1
    after = min(load + 1, LOADS - 1)
    loads[load] -= 1
    loads[after] += 1
    return after
