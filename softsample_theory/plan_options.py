"""The options that name a sampling plan, the same in every command that takes one."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from softsample_theory.plan import SCHEMES, SamplingPlan


def takes_plan(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the plan options, read into its parameter `plan`.

    One with a parameter `beside` gets there the same plan under `iid` if no scheme was named, else None. One
    marked by `needs_no_epochs` has no --epochs.
    """
    own = inspect.signature(function, eval_str=True).parameters
    options = dict(_PLAN_OPTIONS)
    if getattr(function, "needs_no_epochs", False):
        del options["epochs"]

    def command(**given: Any) -> None:
        chosen = {name: given.pop(name) for name in options}
        scheme = chosen.pop("scheme")
        plan = SamplingPlan(**{"epochs": 0, **chosen}, scheme=scheme or "subset")
        if "beside" in own:
            given["beside"] = None if scheme else plan.under("iid")
        function(plan=plan, **given)

    kept = [parameter for name, parameter in own.items() if name not in ("plan", "beside")]
    parameters = [*options.values(), *kept]
    command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
    )
    command.__doc__, command.__name__ = function.__doc__, function.__name__
    return command


def needs_no_epochs(function: Callable[..., None]) -> Callable[..., None]:
    """Mark a command whose answer does not depend on the plan's number of epochs."""
    function.needs_no_epochs = True  # type: ignore[attr-defined]
    return function


def parse_count(text: str) -> int:
    """Read a whole number as people write it: 50000, 50_000 or 1e12."""
    try:
        number = Fraction(str(text).replace("_", ""))
    except (ValueError, ZeroDivisionError):
        number = Fraction(1, 2)
    if number.denominator != 1:
        raise typer.BadParameter(f"{text!r} is not a whole number (50000, 50_000 and 5e4 are).")
    return int(number)


def parse_ratio(text: str) -> Fraction:
    """Read a ratio as the decimal or the fraction that was written: 0.1, 1/3 or 10%."""
    written = str(text).strip()
    try:
        return Fraction(written[:-1]) / 100 if written.endswith("%") else Fraction(written)
    except (ValueError, ZeroDivisionError):
        raise typer.BadParameter(f"{text!r} is not a number such as 0.1, 1/3 or 10%.") from None


_OUTPUT = "Output"
Json = Annotated[bool, typer.Option("--json", help="Print JSON.", rich_help_panel=_OUTPUT)]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV.", rich_help_panel=_OUTPUT)]
Plot = Annotated[
    Path | None,
    typer.Option(
        "--plot", metavar="FILE", help="Draw to a .pdf, .png or .svg file.", rich_help_panel=_OUTPUT
    ),
]
Confidence = Annotated[
    float, typer.Option("--confidence", metavar="P", help="Of bands and quantiles, at each epoch by itself.")
]


def count_option(*names: str, metavar: str, help: str, panel: str | None = None) -> Any:
    """Return a Typer option that reads a whole number as people write it."""
    return typer.Option(*names, parser=parse_count, metavar=metavar, help=help, rich_help_panel=panel)


def ratio_option(*names: str, help: str, panel: str | None = None) -> Any:
    """Return a Typer option that reads a ratio as it was written."""
    return typer.Option(*names, parser=parse_ratio, metavar="RHO", help=help, rich_help_panel=panel)


def _option(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _plan_options() -> typing.Iterator[inspect.Parameter]:
    panel = "Sampling plan"

    def counted(*names: str, metavar: str, help: str) -> Any:
        return count_option(*names, metavar=metavar, help=help, panel=panel)

    ratio = ratio_option("--ratio", "-r", help="Selection ratio.", panel=panel)
    scheme = typer.Option("--scheme", metavar="NAME", help=", ".join(SCHEMES) + ".", rich_help_panel=panel)
    yield _option(
        "population", Annotated[int, counted("--population", "-n", metavar="N", help="Sampling units.")]
    )
    yield _option("ratio", Annotated[Fraction | None, ratio], None)
    yield _option(
        "subset",
        Annotated[
            int | None, counted("--subset", "-m", metavar="M", help="Units per epoch (or give --ratio).")
        ],
        None,
    )
    yield _option("epochs", Annotated[int, counted("--epochs", "-k", metavar="K", help="Epochs.")])
    yield _option("scheme", Annotated[str | None, scheme], None)
    for name, metavar, default, text in (
        ("refresh_every", "R", 1, "A new draw every R epochs."),
        ("warm_epochs", "W", 0, "The first W epochs visit everything."),
        ("unit_size", "B", 1, "Items in one sampling unit."),
    ):
        option = counted("--" + name.replace("_", "-"), metavar=metavar, help=text)
        yield _option(name, Annotated[int, option], default)


_PLAN_OPTIONS = {parameter.name: parameter for parameter in _plan_options()}
