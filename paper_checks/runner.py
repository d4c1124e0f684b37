"""Runs claims and says what became of each."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from paper_checks.claim import Claim, Evidence, Subject
from paper_checks.registry import select
from paper_checks.report import Outcome, Planted, Report


def verify(
    ids: Iterable[str] | None = None,
    full: bool = False,
    watch: Callable[[Claim], None] | None = None,
) -> Report:
    """Run claims and return a report; `report.passed` says whether every verdict is the expected one.

    Parameters
    ----------
    ids : the claims to run, such as ``["C01", "C03"]``; all of them by default.
    full : also hold each check against its planted wrong formulas, all of which it must reject.
    watch : called with each claim before it runs.

    Raises
    ------
    ArgumentValueError
        For an unknown id. A claim that crashes raises nothing: its verdict is ``error``, and the run fails.

    Examples
    --------
    >>> report = verify(["C41"], full=True)
    >>> report.passed, report.outcomes[0].verdict, report.outcomes[0].caught
    (True, 'holds', 2)
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    outcomes = []
    for claim in select(ids):
        if watch is not None:
            watch(claim)
        outcomes.append(run(claim, full))
    return Report(tuple(outcomes), full=full, started=started)


def run(claim: Claim, full: bool) -> Outcome:
    """Run one claim; whatever it raises becomes the verdict ``error`` with its traceback."""
    clock = time.perf_counter()
    evidence: list[Evidence] = []
    planted: tuple[Planted, ...] | None = None
    error = ""
    try:
        for subject in claim.subjects:
            evidence.append(claim.examine(subject))
        planted = tuple(plant(claim, fault) for fault in claim.planted) if full else None
    except Exception:  # whatever it is, it is reported with this claim, fails the run, and spares the others
        error = traceback.format_exc()
    return Outcome(
        id=claim.id,
        title=claim.title,
        statement=claim.statement,
        source=claim.source,
        method=claim.method,
        expected=claim.expected,
        verdict="error" if error else _joint_verdict(claim, evidence),
        evidence=tuple(evidence),
        planted=planted,
        seconds=time.perf_counter() - clock,
        error=error,
    )


def plant(claim: Claim, fault: Subject) -> Planted:
    """Hold the check against one wrong formula."""
    found = claim.examine(fault)
    return Planted(fault.name, found.verdict != claim.expected, found.verdict, found.first_fault)


def _joint_verdict(claim: Claim, evidence: Iterable[Evidence]) -> str:
    """Return the expected verdict if every subject got it, else the first other one."""
    return next((each.verdict for each in evidence if each.verdict != claim.expected), claim.expected)
