"""What a claim is: a check, the formulas it is held against, and the wrong formulas it must reject.

A check is a function `check(formula, tally)`. It compares what `formula` says with an independent account
of the same thing, case by case, and writes every comparison into `tally`. The formula is a parameter, so the
same check judges the printed formula, the library's function and formulas planted with a fault.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from softsample_theory.validation import choice

METHODS = ("exact", "symbolic", "numeric", "monte-carlo", "training")
"""How a claim is checked; `exact` is rational arithmetic, without rounding."""

VERDICTS = ("holds", "fails as printed", "approximation")
"""What a check can find."""

LARGEST_FLOAT = Fraction(sys.float_info.max)

Check = Callable[[Any, "Tally"], None]


@dataclass(frozen=True)
class Subject:
    """One formula that a claim is held against.

    Attributes
    ----------
    name : what the formula is, as a reader of the report would call it.
    formula : a function, or a tuple of functions where a claim joins several.
    tolerance : the largest relative error that still counts as agreement; 0 asks for equality.
    """

    name: str
    formula: Any
    tolerance: float = 0.0


@dataclass(frozen=True)
class Evidence:
    """What a check found about one subject.

    Attributes
    ----------
    subject, tolerance : the formula under test and the error allowed.
    verdict : one of `VERDICTS`.
    cases : how many comparisons were made.
    faults : how many of them failed.
    first_fault : the first failure, in words; empty if there was none.
    largest_error : the largest error seen, relative where the right value is not zero.
    measured : the figures that the check recorded, by name.
    """

    subject: str
    tolerance: float
    verdict: str
    cases: int
    faults: int
    first_fault: str
    largest_error: float
    measured: Mapping[str, float | str]


@dataclass
class Tally:
    """Counts the comparisons of one check and keeps its worst and its first failure."""

    tolerance: float = 0.0
    cases: int = 0
    faults: int = 0
    approximate: bool = False
    first_fault: str = ""
    largest_error: float = 0.0
    measured: dict[str, float | str] = field(default_factory=dict)

    def equal(self, case: str, found: Any, right: Any) -> None:
        """Compare two numbers: exactly if the tolerance is 0, else by relative error (absolute at zero)."""
        error = relative_error(found, right)
        self.largest_error = max(self.largest_error, error)
        agrees = found == right if self.tolerance == 0 else error <= self.tolerance
        self.judge(case, agrees, f"{shown(found)}, not {shown(right)}")

    def at_most(self, case: str, low: Any, high: Any) -> None:
        """Demand low <= high; a subject in floating point may overstep by its tolerance."""
        excess = 0.0 if low <= high else relative_error(low, high)
        self.largest_error = max(self.largest_error, excess)
        self.judge(case, excess <= self.tolerance, f"{shown(low)} exceeds {shown(high)}")

    def near(self, case: str, found: Any, right: Any, within: Any) -> None:
        """Demand |found - right| <= within, for values known only approximately (printed digits, say)."""
        gap = abs(Fraction(found) - Fraction(right))
        self.judge(case, gap <= within, f"{shown(found)} is {shown(gap)} from {shown(right)}")

    def approximates(self, case: str, found: Any, right: Any, within: Any) -> None:
        """Demand |found - right| <= within of something that claims no more than closeness."""
        self.approximate = True
        self.near(case, found, right, within)

    def judge(self, case: str, passed: bool, otherwise: str) -> None:
        """Count one comparison; if it failed, keep the first failure in words."""
        self.cases += 1
        if not passed:
            self.faults += 1
            self.first_fault = self.first_fault or f"{case}: {otherwise}"

    def record(self, name: str, value: Any) -> None:
        """Keep one measured figure for the report."""
        self.measured[name] = value if isinstance(value, str) else float(value)

    @property
    def verdict(self) -> str:
        """Say what these comparisons amount to."""
        if self.faults:
            return "fails as printed"
        return "approximation" if self.approximate else "holds"


@dataclass(frozen=True)
class Claim:
    """One claim of a paper, or one derived from it, and the way to check it.

    Attributes
    ----------
    id : short and stable, such as ``C01``.
    title : the claim in a few words.
    statement : the claim in full, in our words, with the paper's equation number.
    source : where it is claimed.
    method : one of `METHODS`.
    check : compares a formula with an independent account of it; see the module's docstring.
    subjects : what is under test: the printed formula and, where there is one, the library's function.
    planted : the same with a fault in it. Each must get another verdict than `expected`.
    expected : one of `VERDICTS`.
    """

    id: str
    title: str
    statement: str
    source: str
    method: str
    check: Check
    subjects: tuple[Subject, ...]
    planted: tuple[Subject, ...]
    expected: str = "holds"

    def __post_init__(self) -> None:
        choice("method", self.method, METHODS)
        choice("expected", self.expected, VERDICTS)

    def examine(self, subject: Subject) -> Evidence:
        """Return what the check finds about one formula.

        Raises
        ------
        ArithmeticError
            If the check compared nothing: no verdict can rest on that.
        """
        tally = Tally(subject.tolerance)
        self.check(subject.formula, tally)
        if tally.cases == 0:
            raise ArithmeticError(f"the check of {self.id} compared nothing")
        return Evidence(
            subject=subject.name,
            tolerance=subject.tolerance,
            verdict=tally.verdict,
            cases=tally.cases,
            faults=tally.faults,
            first_fault=tally.first_fault,
            largest_error=tally.largest_error,
            measured=tally.measured,
        )


def relative_error(found: Any, right: Any) -> float:
    """Return |found - right| / |right|, or |found - right| where the right value is zero, without rounding.

    >>> relative_error(1.5, Fraction(1))
    0.5
    """
    if found != found or right != right:  # NaN agrees with nothing
        return float("inf")
    if found == right:
        return 0.0
    if abs(found) == float("inf") or abs(right) == float("inf"):
        return float("inf")
    found, right = Fraction(found), Fraction(right)
    return _float(abs(found - right) / (abs(right) or 1))


def shown(value: Any) -> str:
    """Return a number short enough for one line.

    >>> shown(Fraction(2, 3)), shown(Fraction(1, 10**12)), shown(0.25)
    ('2/3', '1e-12', '0.25')
    """
    if isinstance(value, Fraction | int) and max(abs(value.numerator), value.denominator) < 10**6:
        return str(value)
    return f"{_float(value):.6g}"


def _float(value: Any) -> float:
    """Return the nearest float; infinity beyond the largest."""
    if abs(value) > LARGEST_FLOAT:
        return float("inf") if value > 0 else float("-inf")
    return float(value)
