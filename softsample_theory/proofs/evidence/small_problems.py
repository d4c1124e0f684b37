"""Small one-dimensional problems whose constants are known exactly, and the exact mean of SGD on them.

Each unit's derivative is piecewise linear with slopes between `lowest` and 1, and slope 1 outside the cells:
so L = 1, and the units are convex or strongly convex if `lowest` says so. Means are over every order; none is
sampled.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CELLS = 6
WIDTH = 0.5
LEFT = -1.5


@dataclass(frozen=True)
class Units:
    """n losses f_i by the slopes of f_i' in each cell and the value of f_i' at the left end."""

    slopes: Floats
    left: Floats

    @property
    def count(self) -> int:
        """The number of units."""
        return len(self.left)

    def gradient(self, which: NDArray[np.int64], w: Floats) -> Floats:
        """Return f_i'(w) for matching arrays of units and points."""
        cell = np.clip(np.floor((w - LEFT) / WIDTH).astype(int), -1, CELLS)
        slopes = np.concatenate([self.slopes, np.ones((self.count, 2))], axis=1)
        knots = np.cumsum(np.concatenate([self.left[:, None], self.slopes * WIDTH], axis=1), axis=1)
        node = np.clip(cell, 0, CELLS)
        return knots[which, node] + slopes[which, cell] * (w - LEFT - WIDTH * node)

    def gradients(self, w: Floats) -> Floats:
        """Return all derivatives at the points, units along a new first axis."""
        every = np.arange(self.count).reshape((-1,) + (1,) * w.ndim)
        return self.gradient(
            np.broadcast_to(every, (self.count, *w.shape)), np.broadcast_to(w, (self.count, *w.shape))
        )

    def loss(self, w: Floats) -> Floats:
        """Return F(w) - F(LEFT), exactly: F' is linear between knots."""
        ends = np.sort(
            np.concatenate([np.full((*w.shape, 1), LEFT), self._knots_before(w), w[..., None]], axis=-1),
            axis=-1,
        )
        heights = self.gradients(ends).mean(axis=0)
        areas = (np.diff(ends, axis=-1) * (heights[..., 1:] + heights[..., :-1]) / 2).sum(axis=-1)
        return np.where(w >= LEFT, areas, -areas)

    def _knots_before(self, w: Floats) -> Floats:
        knots = LEFT + WIDTH * np.arange(CELLS + 1)
        return np.clip(knots, np.minimum(w, LEFT)[..., None], np.maximum(w, LEFT)[..., None])

    def least(self) -> float:
        """Return inf F - F(LEFT): the least over the zeros of F', which is linear between knots."""
        knots: Floats = LEFT + WIDTH * np.arange(CELLS + 1, dtype=np.float64)
        height = self.gradients(knots).mean(axis=0)
        slope = np.diff(height) / WIDTH
        with np.errstate(divide="ignore", invalid="ignore"):
            zeros = knots[:-1] - height[:-1] / slope
        inside = zeros[(zeros >= knots[:-1]) & (zeros <= knots[1:])]
        outer = np.array([knots[0] - height[0], knots[-1] - height[-1]])
        points = np.concatenate(
            [inside, knots, np.minimum(outer[:1], LEFT), np.maximum(outer[1:], knots[-1])]
        )
        return float(self.loss(points).min())

    def variance(self, w: Floats) -> Floats:
        """Return S²(w), the variance of the units' derivatives."""
        return self.gradients(w).var(axis=0)


def units(parameters: Floats, count: int, lowest: float) -> Units:
    """Return the units made of numbers in [0, 1]: slopes from `lowest` to 1, left ends from -3 to 1."""
    table = parameters.reshape(count, CELLS + 1)
    return Units(lowest + (1 - lowest) * table[:, 1:], 4 * table[:, 0] - 3)


def all_orders(population: int, subset: int, scheme: str, epochs: int, refresh: int = 1) -> NDArray[np.int64]:
    """Return every equally likely order of a run, one a row; a refresh interval repeats an epoch's order."""
    if scheme == "iid":
        epoch = list(product(range(population), repeat=subset))
    else:
        epoch = list(permutations(range(population), subset))
    rounds = [tuple(word) * refresh for word in epoch]
    return np.array([sum(run, ()) for run in product(rounds, repeat=epochs // refresh)])


def run(
    problem: Units, orders: NDArray[np.int64], steps: Floats, batch: int, start: float, momentum: float = 0.0
) -> Floats:
    """Return the iterates of every order: shape (steps made + 1, orders)."""
    w = np.full(len(orders), start)
    move, path = np.zeros(len(orders)), [np.full(len(orders), start)]
    for t, step in enumerate(steps):
        chosen = orders[:, t * batch : (t + 1) * batch]
        slope = np.mean([problem.gradient(column, w) for column in chosen.T], axis=0)
        move = momentum * move - step * slope
        w = w + move
        path.append(w)
    return np.array(path)
