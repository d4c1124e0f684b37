"""The command of the figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from softsample_theory.plan_options import count_option
from softsample_theory.status_line import status_line

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME]...", help="Figures; all but the measured ones by default (see --list)."),
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files go.")]
Seed = Annotated[int, count_option("--seed", metavar="S", help="Seed of the simulations.")]
Replicates = Annotated[
    int, count_option("--replicates", metavar="R", help="Runs behind each simulated value.")
]
List = Annotated[bool, typer.Option("--list", help="List the figures and make none.")]


def figures(
    names: Names = None,
    out: Out = Path("report/figures"),
    seed: Seed = 1,
    replicates: Replicates = 2000,
    list_: List = False,
) -> None:
    """Regenerate the paper's tables and figures: PDF, PNG and the plotted numbers as CSV."""
    from figures.registry import FIGURES, MEASURED, load, select
    from figures.rendering import render

    if list_:
        for name in select(names or [*FIGURES, *MEASURED]):
            print(f"{name:<11} {load(name).TITLE}{' (only when named)' if name in MEASURED else ''}")
        return
    with status_line() as say:
        for path in render(names, out, seed, replicates, watch=lambda name: say(f"figure {name}")):
            print(path)
