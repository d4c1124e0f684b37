"""Writes the report: computes everything first, then the files, the page last."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from figures.registry import FIGURES
from figures.rendering import FORMATS, Drawing, produce, save
from figures.table1 import Table1
from paper_checks.page.checks import checks_section
from paper_checks.page.document import Markup, document, element, mathematics, section
from paper_checks.page.inline_svg import inline_svg
from paper_checks.page.numbers import covering_times, table_1
from paper_checks.page.provenance import moment, provenance
from paper_checks.report import Report
from paper_checks.runner import verify
from softsample_theory import output
from softsample_theory.environment import environment
from softsample_theory.version import __version__

TITLE = "Soft random sampling: the paper against theory and simulation"


@dataclass(frozen=True)
class Written:
    """A report on disk: its page, its folder's other files, and what the checks found."""

    page: Path
    files: tuple[Path, ...]
    checks: Report


def write_report(
    out: str | os.PathLike[str],
    seed: int = 1,
    replicates: int = 2000,
    say: Callable[[str], None] = lambda text: None,
) -> Written:
    """Make the figures, run the claims with their planted faults, and write all of it to a folder.

    Parameters
    ----------
    out : the folder, made if need be. It gets ``index.html``, ``checks.json``, ``junit.xml``, ``table1.csv``
        and ``figures/``.
    seed, replicates : of the simulations.
    say : told what is going on.
    """
    folder = Path(out)
    drawings: dict[str, Drawing] = {}
    for name in FIGURES:
        say(f"figure {name}")
        drawings[name] = produce(name, seed, replicates)
    checks = verify(full=True, watch=lambda claim: say(f"{claim.id} {claim.title}"))
    for drawing in drawings.values():
        save(drawing, folder / "figures")
    output.write_text(folder / "table1.csv", drawings["table1"].csv)
    output.write_text(folder / "checks.json", checks.json() + "\n")
    output.write_text(folder / "junit.xml", checks.junit())
    beside = [Path("table1.csv"), Path("checks.json"), Path("junit.xml")]
    beside += [Path("figures") / f"{name}.{suffix}" for name in FIGURES for suffix in FORMATS]
    page = folder / "index.html"
    output.write_text(page, report_page(drawings, checks, seed, replicates, beside))
    return Written(page, tuple(folder / each for each in beside), checks)


def report_page(
    drawings: Mapping[str, Drawing], checks: Report, seed: int, replicates: int, beside: list[Path]
) -> str:
    """Return the page."""
    table: Table1 = drawings["table1"].data
    return document(
        TITLE,
        [
            _header(drawings, checks),
            section(
                "Table 1: how much of the data is seen",
                element(
                    "p",
                    mathematics(
                        "Percent of the data seen at least once when a fresh subset of the given share is"
                        " drawn every epoch. Exact: 100 [1-(1-rho)^K], Eq. 11 of the paper, from the library."
                    ),
                ),
                table_1(table),
                element("p", _behind_table_1(table), class_="byline"),
                anchor="table-1",
            ),
            section("Figure 1: coverage, epoch by epoch", _figure(drawings["coverage"]), anchor="coverage"),
            section(
                "How long until everything has been seen",
                covering_times(drawings["cover-time"].data),
                element("p", _sufficient(), class_="byline"),
                _figure(drawings["cover-time"]),
                anchor="covering-time",
            ),
            section(
                "How often items are seen: simulation against theory",
                _figure(drawings["spectrum"]),
                anchor="spectrum",
            ),
            checks_section(checks),
            provenance(environment(), seed, replicates, table.backend, checks.started, beside),
        ],
    )


def _header(drawings: Mapping[str, Drawing], checks: Report) -> Markup:
    paper = element("i", "Soft Sampling for Efficient Training of Deep Neural Networks on Massive Data")
    return element(
        "header",
        element("h1", TITLE),
        element(
            "p",
            "Soft random sampling trains each epoch on a fresh random subset of the data. This page holds"
            " what the paper ",
            paper,
            " (submission to ICLR 2023) says about it against exact probability laws and against simulations"
            " in which every draw is made.",
            class_="lead",
        ),
        element("p", f"softsample {__version__}, {moment(checks.started)}", class_="byline"),
        element("ul", *_tiles(drawings, checks), class_="tiles"),
    )


def _tiles(drawings: Mapping[str, Drawing], checks: Report) -> list[Markup]:
    table = drawings["table1"].data
    passed = sum(outcome.verdict == outcome.expected for outcome in checks.outcomes)
    planted = sum(len(outcome.planted or ()) for outcome in checks.outcomes)
    caught = sum(outcome.caught or 0 for outcome in checks.outcomes)
    farthest = float(np.abs(table.z).max())
    agree, entries = int(table.agrees.sum()), int(table.agrees.size)
    return [
        _tile(
            agree == entries, f"{agree} of {entries}", "entries of Table 1 reproduced to the printed digit"
        ),
        _tile(
            passed == len(checks.outcomes),
            f"{passed} of {len(checks.outcomes)}",
            "claims got the expected verdict",
        ),
        _tile(caught == planted, f"{caught} of {planted}", "planted faults caught by the checks"),
        _tile(farthest < 5, f"{farthest:.1f} s.e.", "largest distance of simulation from theory in Table 1"),
    ]


def _tile(good: bool, figure: str, text: str) -> Markup:
    return element("li", element("b", figure), text, class_="" if good else "fell")


def _figure(drawing: Drawing) -> Markup:
    picture = element("div", inline_svg(drawing), class_="wide")
    return element("figure", picture, element("figcaption", mathematics(drawing.caption)))


def _behind_table_1(data: Table1) -> str:
    return (
        "Rounded: the exact value at the paper's one decimal. Simulated: mean over runs with n ="
        f" {data.population} units, with its exact standard error; the distance is simulated less exact."
    )


def _sufficient() -> Markup:
    return mathematics(
        "Epochs that suffice for 95 %: ceil(ln(n/.05)/lambda) with lambda = -ln(1-rho), by the union bound;"
        " the quantile is exact."
    )
