"""What a run of claims found, and the forms in which it leaves: table, JSON, JUnit XML."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from paper_checks.claim import Evidence
from softsample_theory import output
from softsample_theory.version import __version__

if TYPE_CHECKING:
    from rich.console import RenderableType


WIDE = 125
"""Characters that a table with every column takes."""
COLUMNS = ("id", "claim", "method", "verdict", "cases", "largest error", "planted", "seconds")
NARROW_COLUMNS = ("id", "claim", "verdict", "planted")


@dataclass(frozen=True)
class Planted:
    """What the check made of one wrong formula; `caught` if it got another verdict than the right one."""

    name: str
    caught: bool
    verdict: str
    first_fault: str


@dataclass(frozen=True)
class Outcome:
    """What became of one claim.

    Attributes
    ----------
    id, title, statement, source, method, expected : as in the `Claim`.
    verdict : the joint verdict of its subjects, or ``error``.
    evidence : what was found about each subject.
    planted : what became of the wrong formulas; None if they were not asked for.
    seconds : how long it took.
    error : the traceback, if it crashed.
    """

    id: str
    title: str
    statement: str
    source: str
    method: str
    expected: str
    verdict: str
    evidence: tuple[Evidence, ...]
    planted: tuple[Planted, ...] | None
    seconds: float
    error: str = ""

    @property
    def passed(self) -> bool:
        """Whether the verdict is the expected one and every planted fault was caught."""
        return self.verdict == self.expected and all(each.caught for each in self.planted or ())

    @property
    def caught(self) -> int | None:
        """How many planted faults were caught; None if none were tried."""
        return None if self.planted is None else sum(each.caught for each in self.planted)

    @property
    def cases(self) -> int:
        """How many comparisons were made over all subjects."""
        return sum(each.cases for each in self.evidence)

    @property
    def largest_error(self) -> float:
        """The largest error over all subjects."""
        return max((each.largest_error for each in self.evidence), default=0.0)

    @property
    def complaint(self) -> str:
        """What is wrong, in one line; empty if the claim passed."""
        if self.error:
            return self.error.strip().splitlines()[-1]
        if self.verdict != self.expected:
            wrong = next(each for each in self.evidence if each.verdict != self.expected)
            why = f" ({wrong.first_fault})" if wrong.first_fault else ""
            return f"{wrong.subject}: {wrong.verdict}, expected {self.expected}{why}"
        missed = [each.name for each in self.planted or () if not each.caught]
        return "planted fault not caught: " + ", ".join(missed) if missed else ""

    def planted_text(self) -> str:
        """Say how many planted faults were caught, as "3 of 3"."""
        return "" if self.planted is None else f"{self.caught} of {len(self.planted)}"


@dataclass(frozen=True)
class Report:
    """What a run found: one outcome a claim, in order, and what made it."""

    outcomes: tuple[Outcome, ...]
    full: bool
    started: str
    version: str = __version__
    python: str = field(default_factory=platform.python_version)

    @property
    def passed(self) -> bool:
        """Whether every claim passed."""
        return all(outcome.passed for outcome in self.outcomes)

    @property
    def seconds(self) -> float:
        """How long all claims took."""
        return sum(outcome.seconds for outcome in self.outcomes)

    def summary(self) -> str:
        """Say in one line how the run went."""
        good = sum(outcome.passed for outcome in self.outcomes)
        text = f"{good} of {len(self.outcomes)} claims have the expected verdict"
        if self.full:
            tried = sum(len(outcome.planted or ()) for outcome in self.outcomes)
            caught = sum(outcome.caught or 0 for outcome in self.outcomes)
            text += f"; {caught} of {tried} planted faults caught"
        return f"{text}; {self.seconds:.1f} s"

    def as_dict(self) -> dict[str, Any]:
        """Return everything as JSON knows it."""
        outcomes = [
            {**output.plain(each), "passed": each.passed, "complaint": each.complaint}
            for each in self.outcomes
        ]
        return {
            "passed": self.passed,
            "summary": self.summary(),
            "version": self.version,
            "python": self.python,
            "started": self.started,
            "full": self.full,
            "seconds": self.seconds,
            "outcomes": outcomes,
        }

    def json(self) -> str:
        """Return everything as JSON text."""
        return output.json_text(self.as_dict())

    def table(self, width: int = WIDE) -> RenderableType:
        """Return a table for people, with fewer columns where `width` characters do not hold all."""
        rows = [_cells(outcome) for outcome in self.outcomes]
        shown = [name for name in COLUMNS if width >= WIDE or name in NARROW_COLUMNS]
        if not self.full:
            shown.remove("planted")
        cells = [[row[name] for name in shown] for row in rows]
        left = [i for i, name in enumerate(shown) if name in ("id", "claim", "method", "verdict")]
        return output.table("Claims of the papers", shown, cells, left=left)

    def junit(self) -> str:
        """Return JUnit XML: a failure for an unexpected verdict, an error for a crash."""
        failures = sum(not each.passed and not each.error for each in self.outcomes)
        errors = sum(bool(each.error) for each in self.outcomes)
        attributes = {
            "name": "softsample verify",
            "tests": str(len(self.outcomes)),
            "failures": str(failures),
            "errors": str(errors),
            "time": f"{self.seconds:.3f}",
            "timestamp": self.started,
        }
        suite = ElementTree.Element("testsuite", attributes)
        for outcome in self.outcomes:
            suite.append(_case(outcome))
        ElementTree.indent(suite)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            + ElementTree.tostring(suite, encoding="unicode")
            + "\n"
        )


def _cells(outcome: Outcome) -> dict[str, str]:
    """Return a claim's row; what did not pass is marked."""
    return {
        "id": outcome.id,
        "claim": outcome.title,
        "method": outcome.method,
        "verdict": outcome.verdict if outcome.passed else f"✗ {outcome.verdict}",
        "cases": f"{outcome.cases}",
        "largest error": error_text(outcome),
        "planted": outcome.planted_text(),
        "seconds": f"{outcome.seconds:.2f}",
    }


def error_text(outcome: Outcome) -> str:
    """Return the largest error as people read it: 0 is exact."""
    return f"{outcome.largest_error:.1e}" if outcome.largest_error else "0"


def _case(outcome: Outcome) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase",
        classname="paper_checks",
        name=f"{outcome.id} {outcome.title}",
        time=f"{outcome.seconds:.3f}",
    )
    if outcome.error:
        ElementTree.SubElement(case, "error", message=outcome.complaint).text = outcome.error
    elif not outcome.passed:
        ElementTree.SubElement(case, "failure", message=outcome.complaint).text = outcome.statement
    return case
