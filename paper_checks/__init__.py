"""The papers' claims as programs: each says what it checks, how, and which verdict it expects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softsample_theory.lazy_names import lazy_names

if TYPE_CHECKING:
    from paper_checks.claim import Claim, Evidence, Subject, Tally
    from paper_checks.registry import claims
    from paper_checks.report import Outcome, Report
    from paper_checks.runner import verify

__all__ = ["Claim", "Evidence", "Outcome", "Report", "Subject", "Tally", "claims", "verify"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Claim": "paper_checks.claim:Claim",
        "Evidence": "paper_checks.claim:Evidence",
        "Outcome": "paper_checks.report:Outcome",
        "Report": "paper_checks.report:Report",
        "Subject": "paper_checks.claim:Subject",
        "Tally": "paper_checks.claim:Tally",
        "claims": "paper_checks.registry:claims",
        "verify": "paper_checks.runner:verify",
    },
    globals(),
)
