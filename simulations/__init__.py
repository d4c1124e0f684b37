"""Simulation of sampling plans: every draw really made, or whole curves from their exact law."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softsample_theory.lazy_names import lazy_names

if TYPE_CHECKING:
    from simulations.engine import simulate
    from simulations.result import SimulationResult

__all__ = ["SimulationResult", "simulate"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "SimulationResult": "simulations.result:SimulationResult",
        "simulate": "simulations.engine:simulate",
    },
    globals(),
)
