"""Exact draws from any log-concave law on the integers, by rejection from one hat for all of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


def draw_log_concave(
    pmf: Callable[[Integers], Floats],
    support: tuple[int, int | float],
    mean: float,
    size: int | tuple[int, ...] | None,
    rng: np.random.Generator,
) -> Any:
    r"""Return int64 draws of a log-concave law whose mode is within 2 of its mean.

    With p the pmf at the mode m, log-concavity gives :math:`P(m + i) \le p \min(1, e^{1 - p |i|})`. A point
    y from the hat :math:`\min(1, e^{w - p |y|})`, w = 1 + p/2, is rounded to an integer and kept with the
    odds of pmf to hat: 4 + p tries a draw on average, whatever the law (Devroye 1987).

    Parameters
    ----------
    pmf : callable
        The pmf, of a flat int64 array inside the support.
    support : tuple
        The least and the largest value.
    mean : float
        The mean of the law.
    size : int, tuple of int or None
        The shape of the result; None for a scalar.
    rng : numpy.random.Generator
        The source of uniform numbers.

    References
    ----------
    L. Devroye, A simple generator for discrete log-concave distributions, Computing 39, 1987.
    """
    mode, p = _mode(pmf, support, mean)
    wanted = math.prod(np.atleast_1d(size).tolist()) if size is not None else 1
    kept = [np.empty(0, dtype=np.int64)]
    while (missing := wanted - sum(part.size for part in kept)) > 0:
        kept.append(_accepted(pmf, support, mode, p, 5 * missing + 16, rng)[:missing])
    draws = np.concatenate(kept)
    return draws[0] if size is None else draws.reshape(size)


def _mode(
    pmf: Callable[[Integers], Floats], support: tuple[int, int | float], mean: float
) -> tuple[int, float]:
    near = int(mean) + np.arange(-2, 4)
    near = near[(near >= support[0]) & (near <= support[1])]
    values = pmf(near)
    best = int(np.argmax(values))
    return int(near[best]), float(values[best])


def _accepted(
    pmf: Callable[[Integers], Floats],
    support: tuple[int, int | float],
    mode: int,
    p: float,
    tries: int,
    rng: np.random.Generator,
) -> Integers:
    w = 1.0 + 0.5 * p
    flat = rng.random(tries) < w / (1.0 + w)
    y = np.where(flat, w * rng.random(tries), w + rng.standard_exponential(tries)) / p
    points = mode + (np.rint(y) * rng.choice([-1.0, 1.0], tries)).astype(np.int64)
    height = rng.random(tries) * np.exp(np.minimum(0.0, w - p * y)) * p
    inside = (points >= support[0]) & (points <= support[1])
    points, height = points[inside], height[inside]
    return points[height <= pmf(points)]
