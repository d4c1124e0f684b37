"""The claims of the SRS paper, theme by theme.

Source: "Soft Sampling for Efficient Training of Deep Neural Networks on Massive Data", submission to
ICLR 2023, OpenReview cnutOGKrz7f.
"""

from __future__ import annotations

from paper_checks.claim import Claim
from paper_checks.srs import coverage, covering_time, experiments, inequalities, intervals, symbolic

CLAIMS: tuple[Claim, ...] = (
    *coverage.CLAIMS,
    *covering_time.CLAIMS,
    *inequalities.CLAIMS,
    *symbolic.CLAIMS,
    *intervals.CLAIMS,
    *experiments.CLAIMS,
)
