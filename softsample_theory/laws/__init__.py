"""The distributions underneath, as frozen SciPy-style objects: exact, at any size, with stated accuracy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softsample_theory.lazy_names import lazy_names

if TYPE_CHECKING:
    from softsample_theory.laws.atom_law import AtomLaw
    from softsample_theory.laws.binomial_law import BinomialLaw
    from softsample_theory.laws.block_count_law import BlockCountLaw
    from softsample_theory.laws.chance import Chance
    from softsample_theory.laws.collector_law import CollectorLaw
    from softsample_theory.laws.cover_time_law import SubsetCoverTimeLaw
    from softsample_theory.laws.frozen_law import FrozenLaw
    from softsample_theory.laws.geometric_law import GeometricLaw
    from softsample_theory.laws.iid_cover_time_law import IidCoverTimeLaw
    from softsample_theory.laws.multiple_cover_time_law import SubsetMultipleCoverTimeLaw
    from softsample_theory.laws.never_law import NeverLaw
    from softsample_theory.laws.occupancy_law import OccupancyLaw
    from softsample_theory.laws.point_law import PointLaw
    from softsample_theory.laws.poisson_cover_time_law import PoissonCoverTimeLaw
    from softsample_theory.laws.revisit_law import KeptDrawGapLaw, ReshuffleGapLaw
    from softsample_theory.laws.spaced_law import SpacedLaw
    from softsample_theory.laws.subset_coverage_law import SubsetCoverageLaw

__all__ = [
    "AtomLaw",
    "BinomialLaw",
    "BlockCountLaw",
    "Chance",
    "CollectorLaw",
    "FrozenLaw",
    "GeometricLaw",
    "IidCoverTimeLaw",
    "KeptDrawGapLaw",
    "NeverLaw",
    "OccupancyLaw",
    "PointLaw",
    "PoissonCoverTimeLaw",
    "ReshuffleGapLaw",
    "SpacedLaw",
    "SubsetCoverTimeLaw",
    "SubsetCoverageLaw",
    "SubsetMultipleCoverTimeLaw",
]

_ROOMS = {
    "AtomLaw": "atom_law",
    "BinomialLaw": "binomial_law",
    "BlockCountLaw": "block_count_law",
    "Chance": "chance",
    "CollectorLaw": "collector_law",
    "FrozenLaw": "frozen_law",
    "GeometricLaw": "geometric_law",
    "IidCoverTimeLaw": "iid_cover_time_law",
    "KeptDrawGapLaw": "revisit_law",
    "NeverLaw": "never_law",
    "OccupancyLaw": "occupancy_law",
    "PointLaw": "point_law",
    "PoissonCoverTimeLaw": "poisson_cover_time_law",
    "ReshuffleGapLaw": "revisit_law",
    "SpacedLaw": "spaced_law",
    "SubsetCoverTimeLaw": "cover_time_law",
    "SubsetCoverageLaw": "subset_coverage_law",
    "SubsetMultipleCoverTimeLaw": "multiple_cover_time_law",
}

__getattr__, __dir__ = lazy_names(
    __name__, {law: f"{__name__}.{room}:{law}" for law, room in _ROOMS.items()}, globals()
)
