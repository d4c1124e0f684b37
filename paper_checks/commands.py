"""The commands of the checks: verify and report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from softsample_theory import output
from softsample_theory.plan_options import Json, count_option
from softsample_theory.status_line import status_line

if TYPE_CHECKING:
    from paper_checks.report import Report

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Claims to run; all by default.")]
Full = Annotated[bool, typer.Option("--full", help="Also hold each check against its planted faults.")]
Junit = Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML.")]
Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a self-contained page.")]
List = Annotated[bool, typer.Option("--list", help="List the claims and run none.")]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the report goes.")]
Seed = Annotated[int, count_option("--seed", metavar="S", help="Seed of the simulations.")]
Replicates = Annotated[
    int, count_option("--replicates", metavar="R", help="Runs behind each simulated value.")
]


def verify(
    ids: Ids = None,
    full: Full = False,
    json: Json = False,
    junit: Junit = None,
    html: Html = None,
    list_: List = False,
) -> None:
    """Check the papers' claims; exit 1 if a verdict is not the expected one or a planted fault is missed."""
    from paper_checks.registry import select
    from paper_checks.runner import verify as run

    if list_:
        for claim in select(ids):
            print(f"{claim.id:<5} {claim.method:<9} {claim.title}")
        return
    with status_line() as say:
        report = run(ids, full, watch=lambda claim: say(f"{claim.id} {claim.title}"))
    if json:
        print(report.json())
    else:
        _print(report)
    if junit is not None:
        output.write_text(junit, report.junit())
    if html is not None:
        from paper_checks.page.checks import checks_page

        output.write_text(html, checks_page(report))
    raise typer.Exit(0 if report.passed else 1)


def report(out: Out = Path("report"), seed: Seed = 1, replicates: Replicates = 2000) -> None:
    """Write Table 1, the figures and the checks as one HTML page, with the numbers behind it beside it."""
    from paper_checks.page.write import write_report

    with status_line() as say:
        written = write_report(out, seed=seed, replicates=replicates, say=say)
    print(f"report: {written.page.resolve()}")
    print(written.checks.summary())
    _print_complaints(written.checks)
    raise typer.Exit(0 if written.checks.passed else 1)


def _print(report: Report) -> None:
    console = output.console()
    console.print(report.table(console.width))
    console.print(report.summary())
    _print_complaints(report)


def _print_complaints(report: Report) -> None:
    for outcome in report.outcomes:
        if not outcome.passed:
            output.console(stderr=True).print(
                f"{outcome.id}: {outcome.complaint}", markup=False, soft_wrap=True
            )
