"""Soft random samples in training loops: samplers, and an account of what they covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softsample_theory.lazy_names import lazy_names

if TYPE_CHECKING:
    from simulations.training.samplers import SoftRandomSampler

__all__ = ["SoftRandomSampler"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "SoftRandomSampler": "simulations.training.samplers:SoftRandomSampler",
    },
    globals(),
)
