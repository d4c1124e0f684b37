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
    covered_at : int64 (replicates,), the first epoch after which `cover_items` units have been visited
        `copies` times each; by default, after which every unit has been seen. -1 where K epochs were too few.
    cover_items, copies : what `covered_at` waits for.
    largest : int64 (replicates, K+1), the most visits that any one unit has had after 0..K epochs.
    gaps : int64 (replicates, g_max+1), how many times a unit was visited in some epoch and next g epochs
        later; the last class is "g_max or more", class 0 is empty. Warm epochs are left out, and an epoch
        that draws a unit twice is one visit, as in `softsample_theory.occupancy.revisit_gap`, the law in an
        endless run; K epochs hold K - g places for a gap of g, so they show fewer long ones.
    visits : uint16 (replicates, K, n), visits of every unit in epochs 1..K.
    weights_digest : the SHA-256 of the weights that the draws went by (`simulations.weights.whole_weights`).

    The last four are None unless they were recorded or given.
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
    cover_items: int
    copies: int
    largest: NDArray[np.int64] | None = None
    gaps: NDArray[np.int64] | None = None
    visits: NDArray[np.uint16] | None = None
    weights_digest: str | None = None

    @classmethod
    def of(
        cls,
        plan: SamplingPlan,
        seed: int,
        method: str,
        backend: str,
        versions: Mapping[str, str],
        distinct: NDArray[np.int64],
        classes: NDArray[np.int64] | None,
        *,
        r_max: int | None,
        cover_items: int,
        copies: int,
        largest: NDArray[np.int64] | None = None,
        gaps: NDArray[np.int64] | None = None,
        visits: NDArray[np.uint16] | None = None,
        weights_digest: str | None = None,
    ) -> SimulationResult:
        """Return the result of these samples, with the covering time read off.

        `classes` is a spectrum of at least as many classes as are to be kept and as `copies` needs.
        """
        seen = distinct
        if copies > 1:
            assert classes is not None
            seen = plan.population - classes[:, :, :copies].sum(axis=2)
        covered = seen >= cover_items
        covered_at = np.where(covered.any(axis=1), covered.argmax(axis=1), -1).astype(np.int64)
        spectrum = None if classes is None or r_max is None else _lumped(classes, r_max)
        for array in (distinct, spectrum, covered_at, largest, gaps, visits):
            if array is not None:
                array.flags.writeable = False
        made_by = (plan, seed, len(distinct), method, backend, versions)
        cover = (covered_at, cover_items, copies)
        return cls(*made_by, distinct, spectrum, *cover, largest, gaps, visits, weights_digest)

    @property
    def r_max(self) -> int | None:
        """The last class of the spectrum, "r_max times or more"; None where no spectrum was recorded."""
        return None if self.spectrum is None else self.spectrum.shape[2] - 1

    @property
    def g_max(self) -> int | None:
        """The last class of the gaps, "g_max epochs or more"; None where no gaps were recorded."""
        return None if self.gaps is None else self.gaps.shape[1] - 1

    def digest(self) -> str:
        """Return the SHA-256 of the samples: little-endian int64, in the order of the attributes."""
        digest = hashlib.sha256()
        for name in ("distinct", "spectrum", "largest", "gaps", "visits"):
            array = getattr(self, name)
            if array is not None:
                digest.update(("" if name in ("distinct", "spectrum") else name).encode())
                digest.update(repr(array.shape).encode())
                digest.update(np.ascontiguousarray(array, "<i8").data)
        return digest.hexdigest()

    def __repr__(self) -> str:
        return (
            f"SimulationResult({self.plan!r}, replicates={self.replicates}, seed={self.seed}, "
            f"method={self.method!r}, backend={self.backend!r})"
        )


def _lumped(classes: NDArray[np.int64], r_max: int) -> NDArray[np.int64]:
    """Return a spectrum with the classes from r_max on in one."""
    if classes.shape[2] == r_max + 1:
        return classes
    spectrum = classes[:, :, : r_max + 1].copy()
    spectrum[:, :, r_max] = classes[:, :, r_max:].sum(axis=2)
    return spectrum
