"""Makes figures and writes them: PDF, PNG and the plotted numbers as CSV, all three or none."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from figures.registry import load, select
from figures.stamp import Stamp
from figures.style import style
from softsample_theory import output
from softsample_theory.validation import count

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("pdf", "png", "csv")


@dataclass(frozen=True)
class Drawing:
    """A finished figure.

    Attributes
    ----------
    name, caption : what it is called and what is seen.
    data : the module's own dataclass of named arrays.
    figure : the Matplotlib figure.
    csv : the plotted numbers, stamped.
    stamp : what made it.
    """

    name: str
    caption: str
    data: Any
    figure: Figure
    csv: str
    stamp: Stamp


def render(
    names: Iterable[str] | None = None,
    out: str | os.PathLike[str] = "figures",
    seed: int = 1,
    replicates: int = 2000,
    watch: Callable[[str], None] | None = None,
) -> list[Path]:
    """Make figures and write each as NAME.pdf, NAME.png and NAME.csv.

    Parameters
    ----------
    names : of `FIGURES`, all by default, and of `MEASURED`.
    out : the folder, made if need be.
    seed : of the simulations, a whole number >= 0.
    replicates : runs behind each simulated value, at least 2.
    watch : called with each name before its figure is made.

    Returns
    -------
    list of Path
        The files, three a figure. A figure that fails leaves none, and no earlier file is damaged.

    Raises
    ------
    ArgumentValueError, ArgumentTypeError
        For an unknown name, or a seed or a number of replicates out of range.
    """
    paths = []
    for name in select(names):
        if watch is not None:
            watch(name)
        paths += save(produce(name, seed, replicates), out)
    return paths


def produce(name: str, seed: int = 1, replicates: int = 2000) -> Drawing:
    """Compute one figure and draw it, writing nothing."""
    from matplotlib.figure import Figure

    seed, replicates = count("seed", seed), count("replicates", replicates, 2)
    module = load(name)
    data = module.compute(seed, replicates)
    stamp = Stamp(name, module.TITLE, seed, replicates, module.parameters(data))
    with style():
        figure = Figure(figsize=module.SIZE)
        module.draw(figure, data)
        figure.draw_without_rendering()
        figure.set_layout_engine(
            "none"
        )  # settled once, lest a file's last bits depend on those made before it
    text = stamp.csv_header() + _csv_text(module.columns(data))
    return Drawing(name, module.caption(data), data, figure, text, stamp)


def save(drawing: Drawing, out: str | os.PathLike[str]) -> list[Path]:
    """Write a figure's PDF, PNG and CSV: all three are complete before the first gets its name."""
    paths = [Path(out) / f"{drawing.name}.{suffix}" for suffix in FORMATS]
    with ExitStack() as whole, style():
        pdf, png, text = (whole.enter_context(output.atomic_path(path)) for path in paths)
        drawing.figure.savefig(pdf, format="pdf", metadata=drawing.stamp.pdf())
        drawing.figure.savefig(png, format="png", metadata=drawing.stamp.png())
        text.write_text(drawing.csv, encoding="utf-8")
    return paths


def svg_text(drawing: Drawing) -> str:
    """Return a figure as SVG with a transparent ground."""
    with style(), io.StringIO() as buffer:
        drawing.figure.savefig(buffer, format="svg", metadata=drawing.stamp.svg(), transparent=True)
        return buffer.getvalue()


def _csv_text(columns: Any) -> str:
    with io.StringIO(newline="") as buffer:
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*(output.plain(np.asarray(each)) for each in columns.values()), strict=True))
        return buffer.getvalue()
