"""Exact runs of SGD on quadratics: every order enumerated, every number a fraction.

These share nothing with the algebra of the theorems: they are what the theorems are held against.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import permutations, product


def orders(population: int, subset: int, scheme: str) -> Iterator[tuple[int, ...]]:
    """Yield all equally likely orders of one epoch: ordered subsets, or words of independent draws."""
    if scheme == "subset":
        return iter(permutations(range(population), subset))
    return iter(product(range(population), repeat=subset))


def affine_maps(
    points: Sequence[Fraction], curved_step: Fraction, subset: int, batch: int, scheme: str
) -> list[tuple[Fraction, Fraction]]:
    """Return (slope, shift) of one epoch w -> slope w + shift for each order, on f_i = (a/2)(w - x_i)^2."""
    maps = []
    for order in orders(len(points), subset, scheme):
        slope, shift = Fraction(1), Fraction(0)
        for start in range(0, subset, batch):
            mean = sum((points[i] for i in order[start : start + batch]), Fraction(0)) / batch
            slope, shift = (1 - curved_step) * slope, (1 - curved_step) * shift + curved_step * mean
        maps.append((slope, shift))
    return maps


def second_moments(maps: list[tuple[Fraction, Fraction]], start: Fraction, epochs: int) -> list[Fraction]:
    """Return E w^2 at the starts of epochs 1, ..., epochs + 1, from w = start."""
    first, second, moments = start, start**2, [start**2]
    for _ in range(epochs):
        second = _mean([s * s * second + 2 * s * c * first + c * c for s, c in maps])
        first = _mean([s * first + c for s, c in maps])
        moments.append(second)
    return moments


def stationary_variance(maps: list[tuple[Fraction, Fraction]]) -> Fraction:
    """Return the variance that one epoch reproduces."""
    first = _mean([c for _, c in maps]) / (1 - _mean([s for s, _ in maps]))
    rest = _mean([2 * s * c for s, c in maps]) * first + _mean([c * c for _, c in maps])
    return rest / (1 - _mean([s * s for s, _ in maps])) - first**2


def _mean(values: list[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)
