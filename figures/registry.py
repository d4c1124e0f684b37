"""The figures by name, each a module that computes, then draws."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

from softsample_theory.validation import reject_value

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURES: Mapping[str, str] = {
    "table1": "figures.table1",
    "coverage": "figures.coverage",
    "cover-time": "figures.cover_time",
    "spectrum": "figures.spectrum",
}
"""Name -> module, in the order of the report."""

MEASURED: Mapping[str, str] = {"throughput": "figures.throughput"}
"""Figures of times, measured on this machine while they are made: never the same twice, and made only when
named."""


class FigureModule(Protocol):
    """What each figure's module defines. `compute` draws nothing and `draw` computes nothing."""

    TITLE: str
    SIZE: tuple[float, float]

    def compute(self, seed: int, replicates: int) -> Any:
        """Return the figure's data, a frozen dataclass of named arrays."""

    def draw(self, figure: Figure, data: Any) -> None:
        """Draw the data."""

    def caption(self, data: Any) -> str:
        """Say what is seen, with the data's own figures."""

    def columns(self, data: Any) -> Mapping[str, Sequence[Any]]:
        """Return the plotted numbers as named columns of equal length."""

    def parameters(self, data: Any) -> Mapping[str, str]:
        """Return what made the data, beside seed and replicates."""


def load(name: str) -> FigureModule:
    """Return a figure's module; an unknown name is an `ArgumentValueError`."""
    (known,) = select([name])
    return cast(FigureModule, importlib.import_module({**FIGURES, **MEASURED}[known]))


def select(names: Iterable[str] | None) -> list[str]:
    """Return the names asked for, each once, in the registry's order; for None or none all of `FIGURES`."""
    asked, known = set(names or FIGURES), [*FIGURES, *MEASURED]
    for name in sorted(asked - set(known)):
        reject_value("figure", name, "one of " + ", ".join(known))
    return [name for name in known if name in asked]
