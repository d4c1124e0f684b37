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
    from softsample_theory.laws.occupancy_law import OccupancyLaw
    from softsample_theory.laws.point_law import PointLaw
    from softsample_theory.laws.revisit_law import KeptDrawGapLaw, ReshuffleGapLaw
    from softsample_theory.laws.subset_coverage_law import SubsetCoverageLaw

__all__ = [
    "AtomLaw",
    "BinomialLaw",
    "BlockCountLaw",
    "Chance",
    "CollectorLaw",
    "FrozenLaw",
    "GeometricLaw",
    "KeptDrawGapLaw",
    "OccupancyLaw",
    "PointLaw",
    "ReshuffleGapLaw",
    "SubsetCoverTimeLaw",
    "SubsetCoverageLaw",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "AtomLaw": "softsample_theory.laws.atom_law:AtomLaw",
        "BinomialLaw": "softsample_theory.laws.binomial_law:BinomialLaw",
        "BlockCountLaw": "softsample_theory.laws.block_count_law:BlockCountLaw",
        "Chance": "softsample_theory.laws.chance:Chance",
        "CollectorLaw": "softsample_theory.laws.collector_law:CollectorLaw",
        "FrozenLaw": "softsample_theory.laws.frozen_law:FrozenLaw",
        "GeometricLaw": "softsample_theory.laws.geometric_law:GeometricLaw",
        "KeptDrawGapLaw": "softsample_theory.laws.revisit_law:KeptDrawGapLaw",
        "OccupancyLaw": "softsample_theory.laws.occupancy_law:OccupancyLaw",
        "PointLaw": "softsample_theory.laws.point_law:PointLaw",
        "ReshuffleGapLaw": "softsample_theory.laws.revisit_law:ReshuffleGapLaw",
        "SubsetCoverTimeLaw": "softsample_theory.laws.cover_time_law:SubsetCoverTimeLaw",
        "SubsetCoverageLaw": "softsample_theory.laws.subset_coverage_law:SubsetCoverageLaw",
    },
    globals(),
)
