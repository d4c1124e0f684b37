"""The distributions underneath, as frozen SciPy-style objects: exact, at any size, with stated accuracy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softsample_theory.lazy_names import lazy_names

if TYPE_CHECKING:
    from softsample_theory.laws.binomial_law import BinomialLaw
    from softsample_theory.laws.chance import Chance
    from softsample_theory.laws.collector_law import CollectorLaw
    from softsample_theory.laws.cover_time_law import SubsetCoverTimeLaw
    from softsample_theory.laws.frozen_law import FrozenLaw
    from softsample_theory.laws.occupancy_law import OccupancyLaw
    from softsample_theory.laws.point_law import PointLaw
    from softsample_theory.laws.subset_coverage_law import SubsetCoverageLaw

__all__ = [
    "BinomialLaw",
    "Chance",
    "CollectorLaw",
    "FrozenLaw",
    "OccupancyLaw",
    "PointLaw",
    "SubsetCoverTimeLaw",
    "SubsetCoverageLaw",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "BinomialLaw": "softsample_theory.laws.binomial_law:BinomialLaw",
        "Chance": "softsample_theory.laws.chance:Chance",
        "CollectorLaw": "softsample_theory.laws.collector_law:CollectorLaw",
        "FrozenLaw": "softsample_theory.laws.frozen_law:FrozenLaw",
        "OccupancyLaw": "softsample_theory.laws.occupancy_law:OccupancyLaw",
        "PointLaw": "softsample_theory.laws.point_law:PointLaw",
        "SubsetCoverTimeLaw": "softsample_theory.laws.cover_time_law:SubsetCoverTimeLaw",
        "SubsetCoverageLaw": "softsample_theory.laws.subset_coverage_law:SubsetCoverageLaw",
    },
    globals(),
)
