"""The `softsample` command: a table of names, each loaded when it runs, so that help costs nothing."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any, NamedTuple, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from softsample_theory.validation import ArgumentTypeError, ArgumentValueError
from softsample_theory.version import __version__


class Entry(NamedTuple):
    """Where a command lives ("module:function") and its line in the help."""

    target: str
    help: str


COMMANDS: Mapping[str, Entry] = {
    "coverage": Entry(
        "softsample_theory.commands:coverage",
        "Distinct items seen after each epoch: exact law, band, bounds.",
    ),
    "occupancy": Entry(
        "softsample_theory.commands:occupancy", "How often items are seen: counts, spectrum, extremes."
    ),
    "cover-time": Entry(
        "softsample_theory.commands:cover_time", "Epochs until items, a fraction or all are seen."
    ),
    "plan": Entry(
        "softsample_theory.plan_command:plan",
        "Which ratio and epochs reach a coverage, and their cost.",
    ),
    "simulate": Entry(
        "simulations.commands:simulate", "Run a plan many times, draw by draw or from its exact law."
    ),
    "bench": Entry("simulations.bench_command:bench", "Time the simulator on this machine against NumPy."),
    "figures": Entry("figures.commands:figures", "Regenerate the paper's tables and figures."),
    "verify": Entry("paper_checks.commands:verify", "Check the paper's claims; exit 1 if one falls."),
    "report": Entry("paper_checks.commands:report", "Write the whole comparison as one HTML page."),
    "derive": Entry(
        "softsample_theory.proofs.commands:derive", "Print a theorem with its proof, step by step."
    ),
    "info": Entry("softsample_theory.commands:info", "Versions, machine and available backends."),
}
"""The project's own commands; another package adds its own by the entry-point group `softsample.commands`."""


class CommandTable(TyperGroup):
    """A group whose commands are imported only when they are run."""

    describing = False

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the command names: this project's in its own order, then those of other packages."""
        return [*COMMANDS, *sorted(set(_added_commands()) - set(COMMANDS))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command; while the help is being written, only its name and its line."""
        entry = COMMANDS.get(cmd_name) or _added_commands().get(cmd_name)
        if entry is None:
            return None
        if self.describing:
            return TyperCommand(name=cmd_name, help=entry.help)
        module, _, function = entry.target.partition(":")
        app = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
        app.command(cmd_name)(getattr(importlib.import_module(module), function))
        return typer.main.get_command(app)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help from the table alone."""
        self.describing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self.describing = False


def _added_commands() -> dict[str, Entry]:
    return {
        point.name: Entry(point.value, f"From {point.dist.name if point.dist else 'another package'}.")
        for point in entry_points(group="softsample.commands")
    }


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"softsample {__version__}")
        raise typer.Exit


app = typer.Typer(
    cls=CommandTable,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def softsample(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Theory and simulation of training on soft random samples."""


UsageError: Any = typer.BadParameter.__base__  # Typer exports only its subclass


def main() -> NoReturn:
    """Run the command line: exit 0, 1 when a check fell, 2 on bad input (one line, no traceback)."""
    try:
        status = app(standalone_mode=False)
    except (ArgumentValueError, ArgumentTypeError, OSError) as fault:
        _refuse(str(fault))
    except UsageError as fault:
        if type(fault).__name__ == "NoArgsIsHelpError":
            raise SystemExit(2) from None  # the help has been printed
        name = fault.ctx.info_name if fault.ctx and fault.ctx.parent else None
        hint = f" (see softsample {name} --help)" if name else " (see softsample --help)"
        _refuse(fault.format_message() + hint)
    except (KeyboardInterrupt, typer.Abort):
        print("softsample: interrupted", file=sys.stderr)
        raise SystemExit(130) from None
    sys.stdout.flush()
    raise SystemExit(status if isinstance(status, int) else 0)


def _refuse(message: str) -> NoReturn:
    print(f"softsample: error: {' '.join(message.split())}", file=sys.stderr)
    raise SystemExit(2) from None


if __name__ == "__main__":
    main()
