"""How every figure looks: type, ink, palette and sizes, for a paper's page and for a screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAGE_WIDTH = 6.9
"""Width in inches of a figure across both columns of a page."""

INK = "#1b1f24"
"""The colour of text and axes; a page that shows a figure inline may exchange it for its own."""

RATE_COLOURS = {0.05: "#0072B2", 0.1: "#D55E00", 0.2: "#009E73"}
"""Selection rate -> colour, the same in every figure: Okabe and Ito's, for colour-blind readers too."""

SCHEME_COLOURS = {"subset": "#CC79A7", "iid": "#56B4E9"}
"""Scheme -> colour, the same in every figure; from the same palette, and none of the rates' colours."""

RC: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 7.5,
    "mathtext.fontset": "dejavusans",
    "axes.titlesize": 8.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 7.5,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": INK,
    "grid.alpha": 0.12,
    "grid.linewidth": 0.5,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.fontsize": 7.0,
    "legend.frameon": False,
    "lines.linewidth": 1.3,
    "lines.solid_capstyle": "round",
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "savefig.dpi": 220,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "softsample",
}


@contextmanager
def style() -> Iterator[None]:
    """Apply the style to whatever is drawn or saved inside."""
    import matplotlib

    with matplotlib.rc_context(RC):
        yield


def bare(axes: Axes) -> None:
    """Leave nothing of the axes but what is written on them."""
    axes.set_axis_off()
    axes.grid(False)


def percent(rate: float) -> str:
    """Write a selection rate, as 5 %."""
    return f"{100 * rate:g} %"
