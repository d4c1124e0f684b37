"""What a simulation returns: the samples, and all that made them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softsample_theory.plan import SamplingPlan


@dataclass(frozen=True, eq=False, repr=False)
class SimulationResult:
    """Replicates of one sampling plan. The arrays are read-only.

    Attributes
    ----------
    plan : the sampling plan.
    seed, replicates : what the run was asked for. Replicate i is the same in a longer run, and so are its
        first epochs under the same plan with more of them.
    method : ``"draws"``, every draw made, or ``"law"``, curves from their exact law. They agree in law, not
        number by number.
    backend : what ran: ``"numba"``.
    versions : of softsample, the layout of the streams, NumPy and Numba.
    distinct : int64 (replicates, K+1), distinct units seen after 0..K epochs.
    spectrum : int64 (replicates, K+1, r_max+1), units visited exactly r times after 0..K epochs; the last
        class is "r_max times or more". None unless it was recorded.
    covered_at : int64 (replicates,), the first epoch after which every unit has been seen; -1 where K epochs
        were too few.
    """

    plan: SamplingPlan
    seed: int
    replicates: int
    method: str
    backend: str
    versions: Mapping[str, str]
    distinct: NDArray[np.int64]
    spectrum: NDArray[np.int64] | None
    covered_at: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        plan: SamplingPlan,
        seed: int,
        method: str,
        backend: str,
        versions: Mapping[str, str],
        distinct: NDArray[np.int64],
        spectrum: NDArray[np.int64] | None,
    ) -> SimulationResult:
        """Return the result of these samples, with the covering time read off."""
        covered = distinct == plan.population
        covered_at = np.where(covered.any(axis=1), covered.argmax(axis=1), -1).astype(np.int64)
        for array in (distinct, spectrum, covered_at):
            if array is not None:
                array.flags.writeable = False
        return cls(plan, seed, len(distinct), method, backend, versions, distinct, spectrum, covered_at)

    @property
    def r_max(self) -> int | None:
        """The last class of the spectrum, "r_max times or more"; None where no spectrum was recorded."""
        return None if self.spectrum is None else self.spectrum.shape[2] - 1

    def digest(self) -> str:
        """Return the SHA-256 of the samples: little-endian int64, distinct then spectrum."""
        digest = hashlib.sha256()
        for array in (self.distinct, self.spectrum):
            if array is not None:
                digest.update(repr(array.shape).encode())
                digest.update(np.ascontiguousarray(array, "<i8").data)
        return digest.hexdigest()

    def __repr__(self) -> str:
        return (
            f"SimulationResult({self.plan!r}, replicates={self.replicates}, seed={self.seed}, "
            f"method={self.method!r}, backend={self.backend!r})"
        )
