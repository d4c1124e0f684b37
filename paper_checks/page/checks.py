"""The claims and what became of them, as a table whose rows open."""

from __future__ import annotations

from paper_checks.claim import Evidence, shown
from paper_checks.page.document import Markup, document, element, mathematics, section, table
from paper_checks.page.provenance import moment
from paper_checks.report import Outcome, Planted, Report, error_text

HEADINGS = ("id", "claim", "method", "verdict", "cases", "error", "faults caught", "seconds")


def checks_page(report: Report) -> str:
    """Return a run of claims as a page of its own."""
    head = element(
        "header",
        element("h1", "Claims of the papers, checked"),
        element(
            "p", f"{report.summary()}. softsample {report.version}, {moment(report.started)}.", class_="lead"
        ),
    )
    return document("softsample verify", [head, checks_section(report)])


def checks_section(report: Report) -> Markup:
    """Return the claims as a section."""
    text = element(
        "p",
        "Each claim is held against an account of the same thing that shares no formula with it: chains of"
        " epochs in rational arithmetic, certificates in symbols, the paper's own digits. The library's"
        " functions stand trial beside the printed formulas; an error of 0 means exact agreement. Every check"
        " must also reject wrong formulas planted on purpose. A tick marks the expected verdict: where the"
        " paper errs, that is “fails as printed”.",
    )
    rows = [_row(outcome) for outcome in report.outcomes]
    return section(
        "The claims", text, table(HEADINGS, rows, left=(0, 1, 2, 3), class_="claims"), anchor="claims"
    )


def _row(outcome: Outcome) -> list[str]:
    return [
        element("span", outcome.id, class_="id"),
        _claim(outcome),
        outcome.method,
        verdict(outcome),
        f"{outcome.cases:,}",
        error_text(outcome),
        outcome.planted_text(),
        f"{outcome.seconds:.2f}",
    ]


def verdict(outcome: Outcome) -> Markup:
    """Return the verdict, marked by whether it was the expected one."""
    if not outcome.passed:
        return element("span", f"✗ {outcome.verdict}, expected: {outcome.expected}", class_="bad")
    return element("span", f"✓ {outcome.verdict}", class_="good" if outcome.verdict == "holds" else "note")


def _claim(outcome: Outcome) -> Markup:
    found = [element("li", _finding(each)) for each in outcome.evidence]
    wrong = [element("li", _fault(each)) for each in outcome.planted or ()]
    inside = [element("ul", *found)]
    if wrong:
        inside += [Markup("Planted faults:"), element("ul", *wrong)]
    return Markup(
        element("b", outcome.title)
        + element("small", mathematics(outcome.statement))
        + (element("small", outcome.complaint, class_="bad") if outcome.complaint else "")
        + element("details", element("summary", "evidence"), f"Source: {outcome.source}.", *inside)
    )


def _finding(evidence: Evidence) -> Markup:
    limit = "exactly" if evidence.tolerance == 0 else f"within {evidence.tolerance:.0e}"
    parts = [f"{evidence.subject}: {evidence.verdict}, {evidence.cases:,} comparisons {limit}"]
    if evidence.first_fault:
        parts.append(f"{evidence.faults} failed, first {evidence.first_fault}")
    if evidence.measured:
        parts.append(
            ", ".join(
                f"{name} = {value if isinstance(value, str) else shown(value)}"
                for name, value in evidence.measured.items()
            )
        )
    return mathematics("; ".join(parts))


def _fault(fault: Planted) -> Markup:
    if not fault.caught:
        return element("span", f"{fault.name}: not caught", class_="bad")
    why = f" ({fault.first_fault})" if fault.first_fault else f" (verdict: {fault.verdict})"
    return mathematics(f"{fault.name}: caught{why}")
