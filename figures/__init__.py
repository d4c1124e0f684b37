"""The paper's tables and figures, regenerated: theory, simulation and the printed numbers side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softsample_theory.lazy_names import lazy_names

if TYPE_CHECKING:
    from figures.registry import FIGURES
    from figures.rendering import Drawing, produce, render, save

__all__ = ["FIGURES", "Drawing", "produce", "render", "save"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "FIGURES": "figures.registry:FIGURES",
        "Drawing": "figures.rendering:Drawing",
        "produce": "figures.rendering:produce",
        "render": "figures.rendering:render",
        "save": "figures.rendering:save",
    },
    globals(),
)
