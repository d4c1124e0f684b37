"""The command `derive`: print a theorem's derivation, every step with its justification."""

from __future__ import annotations

from typing import Annotated

import typer

from softsample_theory import output
from softsample_theory.proofs import theorems
from softsample_theory.validation import ArgumentValueError

Name = Annotated[str | None, typer.Argument(metavar="THEOREM", help="A name from --list.")]
Latex = Annotated[bool, typer.Option("--latex", help="Print LaTeX (amsmath, amssymb).")]
List = Annotated[bool, typer.Option("--list", help="List the theorems.")]


def derive(theorem: Name = None, latex: Latex = False, list_: List = False) -> None:
    """Print the derivation of a theorem after checking every step of it."""
    if list_:
        _print_list()
        return
    if theorem is None:
        raise ArgumentValueError(f"no theorem is named; choose one of {', '.join(theorems)}, or --list")
    chosen = theorems[theorem]
    certificate = chosen.check()
    if latex:
        print(f"% {certificate}")
        print(chosen.latex())
    else:
        print(chosen.text())
        print(f"Checked: {certificate}")


def _print_list() -> None:
    rows = []
    for name, theorem in theorems.items():
        rows.append([name, theorem.title, "refuted" if theorem.refuted else theorem.rate])
    output.console().print(output.table("Theorems", ["name", "statement", "rate"], rows, left=(0, 1, 2)))
