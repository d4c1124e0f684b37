"""The command of the planner: plan."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Annotated, Any

import typer

from softsample_theory import output
from softsample_theory.plan import SCHEMES
from softsample_theory.plan_options import (
    Csv,
    Json,
    Plot,
    count_option,
    parse_count,
    parse_ratio,
    ratio_option,
)

_WISH, _COST = "What is wanted", "Cost"


def _time_option(name: str, help: str) -> Any:
    return typer.Option(name, metavar="T", help=help, rich_help_panel=_COST)


def plan(
    population: Annotated[
        int, count_option("--population", "-n", metavar="N", help="Sampling units.", panel=_WISH)
    ],
    target: Annotated[
        Fraction, ratio_option("--target", "-t", help="Fraction of the units to be seen.", panel=_WISH)
    ] = Fraction(99, 100),
    confidence: Annotated[
        Fraction, ratio_option("--confidence", help="Probability of reaching the target.", panel=_WISH)
    ] = Fraction(95, 100),
    ratio: Annotated[
        Fraction | None,
        ratio_option("--ratio", "-r", help="Answer for this ratio (default 0.1).", panel=_WISH),
    ] = None,
    epochs: Annotated[
        int | None,
        count_option(
            "--epochs", "-k", metavar="K", help="Or for so many epochs: the least ratio.", panel=_WISH
        ),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(
            "--budget",
            metavar="B",
            help="Or for at most so many samples (3e6) or full epochs (2.5x).",
            rich_help_panel=_WISH,
        ),
    ] = None,
    scheme: Annotated[
        str,
        typer.Option("--scheme", metavar="NAME", help=", ".join(SCHEMES) + ".", rich_help_panel=_WISH),
    ] = "subset",
    refresh_every: Annotated[
        int, count_option("--refresh-every", metavar="R", help="A new draw every R epochs.", panel=_WISH)
    ] = 1,
    warm_epochs: Annotated[
        int,
        count_option(
            "--warm-epochs", metavar="W", help="Epochs on everything first; only a cost here.", panel=_WISH
        ),
    ] = 0,
    class_counts: Annotated[
        str | None,
        typer.Option(
            "--class-counts",
            metavar="C,C,.. or FILE",
            help="Units in each class (1300x1000 repeats one); or a file of them.",
            rich_help_panel=_WISH,
        ),
    ] = None,
    ratios: Annotated[
        str | None,
        typer.Option("--ratios", metavar="RHO,..", help="The grid of the frontier.", rich_help_panel=_WISH),
    ] = None,
    batch_size: Annotated[
        int, count_option("--batch-size", metavar="B", help="Units in one optimiser step.", panel=_COST)
    ] = 256,
    step_time: Annotated[float, _time_option("--step-time", "Time of one optimiser step.")] = 1.0,
    loading_time: Annotated[float, _time_option("--loading-time", "Time to load one unit.")] = 0.0,
    selection_time: Annotated[float, _time_option("--selection-time", "Time to choose one draw.")] = 0.0,
    start_time: Annotated[float, _time_option("--start-time", "Time spent once.")] = 0.0,
    full_epochs: Annotated[
        int | None,
        count_option(
            "--full-epochs",
            metavar="K",
            help="Of the full training compared with; default: the same.",
            panel=_COST,
        ),
    ] = None,
    json: Json = False,
    csv: Csv = False,
    plot: Plot = None,
) -> None:
    """Which ratio and how many epochs reach a coverage, and what they cost: exact laws, searched.

    Exit code 1 where no plan of the kind asked for will do; one line says why.
    """
    from softsample_theory.plan_report import frontier_columns, print_plan
    from softsample_theory.planner import RATIOS, TimeModel, plan_for

    output.one_format(json=json, csv=csv)
    output.check_plot_path(plot)
    answer = plan_for(
        population,
        target,
        confidence,
        epochs=epochs,
        ratio=ratio,
        budget=None if budget is None else _samples(budget, population),
        scheme=scheme,
        refresh_every=refresh_every,
        warm_epochs=warm_epochs,
        class_counts=None if class_counts is None else _class_counts(class_counts),
        batch_size=batch_size,
        time_model=TimeModel(step_time, loading_time, selection_time, start_time),
        full_epochs=full_epochs,
        ratios=RATIOS if ratios is None else [parse_ratio(each) for each in ratios.split(",")],
    )
    if plot is not None:
        from softsample_theory.plan_plot import save_frontier

        save_frontier(answer, plot)
    if json:
        output.print_json(answer)
    elif csv:
        output.print_csv(frontier_columns(answer))
    else:
        print_plan(answer)
    if not answer.reachable:
        if csv:
            output.console(stderr=True).print(f"Unreachable: {answer.reason}.", markup=False, soft_wrap=True)
        raise typer.Exit(1)


def _samples(text: str, population: int) -> int:
    """Read a budget: samples, or with an x at the end full epochs."""
    written = text.strip()
    return floor(parse_ratio(written[:-1]) * population) if written.endswith("x") else parse_count(written)


def _class_counts(text: str) -> Sequence[int]:
    """Read class counts as they were written, or from a file, apart by commas, blanks or lines."""
    written = text if re.fullmatch(r"[0-9][0-9eE_x,\s]*", text) else Path(text).read_text(encoding="utf-8")
    counts: list[int] = []
    for each in re.split(r"[,\s]+", written.strip(" ,\n")):
        size, _, times = each.partition("x")
        counts += [parse_count(size)] * (parse_count(times) if times else 1)
    return counts
