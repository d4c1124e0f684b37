"""The options that name a sampling plan, the same in every command that takes one."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from softsample_theory.plan import SCHEMES, SamplingPlan


def parse_count(text: str) -> int:
    """Read a whole number as people write it: 50000, 50_000 or 1e12."""
    digits = str(text).replace("_", "").replace(",", "")
    try:
        number = Fraction(digits)
    except (ValueError, ZeroDivisionError):
        number = Fraction(1, 2)
    if number.denominator != 1:
        raise typer.BadParameter(f"{text!r} is not a whole number (50000, 50_000 and 1e12 are)")
    return int(number)


def parse_ratio(text: str) -> Fraction:
    """Read a ratio as the decimal or the fraction that was written: 0.1, 1/3 or 10%."""
    written = str(text).strip()
    try:
        return Fraction(written[:-1]) / 100 if written.endswith("%") else Fraction(written)
    except (ValueError, ZeroDivisionError):
        raise typer.BadParameter(f"{text!r} is not a number in (0, 1], such as 0.1, 1/3 or 10%") from None


PLAN = "Sampling plan"
OUTPUT = "Output"

Population = Annotated[
    int,
    typer.Option(
        "--population", "-n", parser=parse_count, metavar="N", help="Sampling units.", rich_help_panel=PLAN
    ),
]
Ratio = Annotated[
    Fraction | None,
    typer.Option(
        "--ratio", "-r", parser=parse_ratio, metavar="RHO", help="Selection ratio.", rich_help_panel=PLAN
    ),
]
Subset = Annotated[
    int | None,
    typer.Option(
        "--subset",
        "-m",
        parser=parse_count,
        metavar="M",
        help="Units per epoch, in place of --ratio.",
        rich_help_panel=PLAN,
    ),
]
Epochs = Annotated[
    int, typer.Option("--epochs", "-k", parser=parse_count, metavar="K", help="Epochs.", rich_help_panel=PLAN)
]
Scheme = Annotated[
    str | None,
    typer.Option("--scheme", metavar="NAME", help=f"One of {', '.join(SCHEMES)}.", rich_help_panel=PLAN),
]
RefreshEvery = Annotated[
    int,
    typer.Option(
        "--refresh-every",
        parser=parse_count,
        metavar="R",
        help="New draw every R epochs.",
        rich_help_panel=PLAN,
    ),
]
WarmEpochs = Annotated[
    int,
    typer.Option(
        "--warm-epochs",
        parser=parse_count,
        metavar="W",
        help="First W epochs on everything.",
        rich_help_panel=PLAN,
    ),
]
UnitSize = Annotated[
    int,
    typer.Option(
        "--unit-size",
        parser=parse_count,
        metavar="B",
        help="Items in one sampling unit.",
        rich_help_panel=PLAN,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.", rich_help_panel=OUTPUT)]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV.", rich_help_panel=OUTPUT)]
Plot = Annotated[
    Path | None,
    typer.Option("--plot", metavar="FILE", help="Draw to a .pdf, .png or .svg file.", rich_help_panel=OUTPUT),
]


def plan_from_options(
    population: int,
    ratio: Fraction | None,
    subset: int | None,
    epochs: int,
    scheme: str | None,
    refresh_every: int,
    warm_epochs: int,
    unit_size: int = 1,
) -> SamplingPlan:
    """Return the plan that the options name."""
    return SamplingPlan(
        population=population,
        ratio=ratio,
        subset=subset,
        epochs=epochs,
        scheme=scheme or "subset",
        refresh_every=refresh_every,
        warm_epochs=warm_epochs,
        unit_size=unit_size,
    )
