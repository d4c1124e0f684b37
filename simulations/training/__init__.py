"""Soft random samples in training loops: samplers, and an account of what they covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softsample_theory.lazy_names import lazy_names

if TYPE_CHECKING:
    from simulations.training.samplers import SoftRandomSampler
    from simulations.training.torch_samplers import TorchSoftBatchSampler, TorchSoftRandomSampler
    from simulations.training.tracker import CoverageTracker

__all__ = ["CoverageTracker", "SoftRandomSampler", "TorchSoftBatchSampler", "TorchSoftRandomSampler"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "CoverageTracker": "simulations.training.tracker:CoverageTracker",
        "SoftRandomSampler": "simulations.training.samplers:SoftRandomSampler",
        "TorchSoftBatchSampler": "simulations.training.torch_samplers:TorchSoftBatchSampler",
        "TorchSoftRandomSampler": "simulations.training.torch_samplers:TorchSoftRandomSampler",
    },
    globals(),
)
