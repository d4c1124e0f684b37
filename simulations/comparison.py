"""A simulation held against the exact law, epoch by epoch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulations.result import SimulationResult
from softsample_theory import coverage
from softsample_theory.validation import ArgumentValueError


@dataclass(frozen=True)
class Comparison:
    """Simulated against exact coverage after each epoch.

    Attributes
    ----------
    epoch : int64 (K+1,).
    mean, std : float64 (K+1,), exact.
    simulated_mean, simulated_std : float64 (K+1,), of the replicates; the latter NaN for one replicate.
    z : float64 (K+1,), (simulated - exact mean) in exact standard errors; where the count is certain, 0 if
        the simulation agrees and infinite if not.
    """

    epoch: NDArray[np.int64]
    mean: NDArray[np.float64]
    std: NDArray[np.float64]
    simulated_mean: NDArray[np.float64]
    simulated_std: NDArray[np.float64]
    z: NDArray[np.float64]


def compare(result: SimulationResult) -> Comparison:
    """Return the simulated mean coverage beside the exact one, with their distance in standard errors.

    Epochs of one run share their past, so neighbouring z are strongly correlated.

    Raises
    ------
    ArgumentValueError
        For a run of weighted draws: the plan does not know their law.
    """
    if result.weights_digest is not None:
        raise ArgumentValueError(
            "result is of weighted draws; softsample_theory.weighted_coverage has their mean and variance"
        )
    mean, std = coverage.mean(result.plan), coverage.std(result.plan)
    simulated = result.distinct.mean(axis=0)
    gap = simulated - mean
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(gap == 0, 0.0, gap / (std / np.sqrt(result.replicates)))
    spread = result.distinct.std(axis=0, ddof=1) if result.replicates > 1 else np.full(mean.shape, np.nan)
    return Comparison(np.arange(mean.size, dtype=np.int64), mean, std, simulated, spread, z)
