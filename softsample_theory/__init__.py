"""Exact laws, bounds and proofs for training on soft random samples: no randomness, no input or output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softsample_theory.lazy_names import lazy_names
from softsample_theory.version import __version__

if TYPE_CHECKING:
    from softsample_theory import (
        bounds,
        coverage,
        covering_time,
        laws,
        occupancy,
        planner,
        plans,
        weighted_coverage,
    )
    from softsample_theory.plan import SamplingPlan

__all__ = [
    "SamplingPlan",
    "__version__",
    "bounds",
    "coverage",
    "covering_time",
    "laws",
    "occupancy",
    "planner",
    "plans",
    "weighted_coverage",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "SamplingPlan": "softsample_theory.plan:SamplingPlan",
        "bounds": "softsample_theory.bounds",
        "coverage": "softsample_theory.coverage",
        "covering_time": "softsample_theory.covering_time",
        "laws": "softsample_theory.laws",
        "occupancy": "softsample_theory.occupancy",
        "planner": "softsample_theory.planner",
        "plans": "softsample_theory.plans",
        "weighted_coverage": "softsample_theory.weighted_coverage",
    },
    globals(),
)
