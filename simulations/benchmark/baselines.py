"""What NumPy does for the same plan: the strongest simple ways, one epoch after the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softsample_theory.plan import SamplingPlan


def mask_coverage(plan: SamplingPlan, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the distinct items after each of K epochs, int64 (K,), by a mask that is set and summed.

    Examples
    --------
    >>> plan = SamplingPlan(population=1, subset=1, epochs=2, scheme="iid")
    >>> mask_coverage(plan, np.random.default_rng(0))
    array([1, 1])
    """
    seen, distinct = np.zeros(plan.population, bool), np.empty(plan.epochs, np.int64)
    for e in range(plan.epochs):
        seen[rng.integers(plan.population, size=plan.subset)] = True
        distinct[e] = seen.sum()
    return distinct


def bincount_spectrum(plan: SamplingPlan, rng: np.random.Generator) -> list[NDArray[np.intp]]:
    """Return the items seen 0, 1, 2, ... times after each of K epochs, by counting draws, then counts.

    Examples
    --------
    >>> plan = SamplingPlan(population=1, subset=1, epochs=2, scheme="iid")
    >>> bincount_spectrum(plan, np.random.default_rng(0))
    [array([0, 1]), array([0, 0, 1])]
    """
    visits, spectrum = np.zeros(plan.population, np.int64), []
    for _ in range(plan.epochs):
        visits += np.bincount(rng.integers(plan.population, size=plan.subset), minlength=plan.population)
        spectrum.append(np.bincount(visits))
    return spectrum


BASELINES = {"coverage": mask_coverage, "spectrum": bincount_spectrum}
"""Quantity -> what NumPy does for it. Both draw with `Generator.integers`, repeats and all: drawing a subset
without repeats would take NumPy longer, so the ratios of other schemes are on the low side."""


def memory_of_baselines(plan: SamplingPlan) -> int:
    """Return about how many bytes the larger of them takes: two arrays of counts, and an epoch's draws."""
    return 16 * plan.population + 8 * plan.subset
