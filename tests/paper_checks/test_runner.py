"""The runner hides nothing: crashes, unexpected verdicts and missed faults all fail the run."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType
from xml.etree import ElementTree

import pytest
from rich.console import Console

from paper_checks import Claim, Subject, Tally, claims, registry, verify
from paper_checks.claim import relative_error, shown
from softsample_theory import output
from softsample_theory.validation import ArgumentValueError


def check_doubling(formula, tally):
    for i in range(4):
        tally.equal(f"i={i}", formula(i), 2 * i)
    tally.record("largest", formula(3))


DOUBLING = Claim(
    id="X1",
    title="Doubling",
    statement="f(i) = 2i & more < all",
    source="here",
    method="exact",
    check=check_doubling,
    subjects=(Subject("2 i", lambda i: 2 * i),),
    planted=(Subject("i^2", lambda i: i * i),),
)
FALSE = replace(DOUBLING, id="X2", subjects=(Subject("3 i", lambda i: 3 * i),))
BLIND = replace(DOUBLING, id="X3", planted=(Subject("i + i", lambda i: i + i),))
CRASHING = replace(DOUBLING, id="X4", subjects=(DOUBLING.subjects[0], Subject("1/i", lambda i: 1 // i)))
EMPTY = replace(DOUBLING, id="X5", check=lambda formula, tally: None)
CRASHING_FAULT = replace(DOUBLING, id="X6", planted=(Subject("1/i", lambda i: 1 // i),))


@pytest.fixture
def only(monkeypatch):
    def put(*given):
        monkeypatch.setattr(registry, "claims", MappingProxyType({each.id: each for each in given}))

    return put


def test_a_claim_that_holds(only):
    only(DOUBLING)
    report = verify(full=True)
    (outcome,) = report.outcomes
    assert report.passed
    assert (outcome.verdict, outcome.cases, outcome.largest_error, outcome.planted_text()) == (
        "holds", 4, 0.0, "1 of 1",
    )  # fmt: skip
    assert outcome.evidence[0].measured == {"largest": 6.0}
    assert outcome.planted[0].first_fault == "i=1: 1, not 2"
    assert outcome.seconds > 0
    assert report.summary().startswith(
        "1 of 1 claims have the expected verdict; 1 of 1 planted faults caught"
    )


def test_a_false_claim_fails_the_run(only):
    only(DOUBLING, FALSE)
    report = verify()
    assert not report.passed
    assert [outcome.passed for outcome in report.outcomes] == [True, False]
    assert report.outcomes[1].complaint == "3 i: fails as printed, expected holds (i=1: 3, not 2)"
    assert report.outcomes[1].largest_error == 0.5
    only(replace(FALSE, expected="fails as printed"))
    assert verify().passed


def test_a_missed_planted_fault_fails_the_run_but_only_where_it_was_tried(only):
    only(BLIND)
    assert verify().passed
    report = verify(full=True)
    assert not report.passed
    assert report.outcomes[0].complaint == "planted fault not caught: i + i"


@pytest.mark.parametrize(
    ("claim", "error"),
    [(CRASHING, "ZeroDivision"), (CRASHING_FAULT, "ZeroDivision"), (EMPTY, "compared nothing")],
)
def test_a_crash_is_an_error_with_its_traceback_and_fails_the_run(only, claim, error):
    only(claim)
    report = verify(full=True)
    (outcome,) = report.outcomes
    assert not report.passed
    assert outcome.verdict == "error"
    assert error in outcome.complaint
    assert "Traceback" in outcome.error


def test_an_interrupt_is_not_swallowed(only):
    def interrupted(formula, tally):
        raise KeyboardInterrupt

    only(replace(DOUBLING, check=interrupted))
    with pytest.raises(KeyboardInterrupt):
        verify()


def test_claims_are_chosen_once_in_order_and_by_any_case():
    seen = []
    report = verify(["c44", "C41", "C44"], watch=lambda claim: seen.append(claim.id))
    assert [outcome.id for outcome in report.outcomes] == seen == ["C41", "C44"]


def test_an_unknown_id_is_refused_before_anything_runs():
    with pytest.raises(ArgumentValueError, match=r"^claim is 'C99'; it must be one of C01, C02, .*C45$"):
        verify(["C41", "C99"])


def test_registry_is_read_only_and_refuses_two_of_a_name():
    with pytest.raises(TypeError):
        claims["C01"] = DOUBLING
    with pytest.raises(ValueError, match="two claims are called X1"):
        registry._by_id([DOUBLING, DOUBLING])
    assert list(claims) == sorted(claims)


def test_a_claim_knows_its_words():
    with pytest.raises(ArgumentValueError, match="method is 'guess'"):
        replace(DOUBLING, method="guess")
    with pytest.raises(ArgumentValueError, match="expected is 'error'"):
        replace(DOUBLING, expected="error")


# What a report leaves --------------------------------------------------------------------------------------


def test_json_holds_everything(only):
    only(DOUBLING, FALSE, CRASHING)
    report = verify(full=True)
    found = json.loads(report.json())
    assert found["passed"] is False
    assert [each["verdict"] for each in found["outcomes"]] == ["holds", "fails as printed", "error"]
    assert found["outcomes"][0]["evidence"][0] == {
        "subject": "2 i", "tolerance": 0.0, "verdict": "holds", "cases": 4, "faults": 0, "first_fault": "",
        "largest_error": 0.0, "measured": {"largest": 6.0},
    }  # fmt: skip
    assert found["outcomes"][0]["planted"][0]["caught"] is True
    assert found["outcomes"][2]["planted"] is None


def test_junit_parses_and_counts(only):
    only(DOUBLING, FALSE, CRASHING)
    suite = ElementTree.fromstring(verify(full=True).junit())
    assert (suite.tag, suite.get("tests"), suite.get("failures"), suite.get("errors")) == (
        "testsuite", "3", "1", "1",
    )  # fmt: skip
    holds, fails, crashes = suite
    assert len(holds) == 0
    assert holds.get("name") == "X1 Doubling"
    assert fails.find("failure").get("message").startswith("3 i: fails as printed")
    assert fails.find("failure").text == "f(i) = 2i & more < all"
    assert "Traceback" in crashes.find("error").text


def test_table_shows_every_claim_and_marks_what_fell(only):
    only(DOUBLING, FALSE)
    console = output.console()
    with console.capture() as captured:
        console.print(verify(full=True).table())
    text = captured.get()
    assert "X1" in text
    assert "✗ fails as printed" in text
    assert "planted" in text


def test_table_fits_into_80_characters_with_nothing_cut():
    report = verify(["C07", "C08S", "C44"], full=True)
    console = Console(width=80)
    with console.capture() as captured:
        console.print(report.table(console.width))
    text = captured.get()
    assert "…" not in text
    for part in ("C08S", "Three unseen shares in order, proved", "fails as printed", "4 of 4"):
        assert part in text


# The tally -------------------------------------------------------------------------------------------------


def test_equal_is_exact_at_tolerance_zero():
    tally = Tally()
    tally.equal("same", Fraction(1, 3), Fraction(2, 6))
    assert tally.verdict == "holds"
    tally.equal("a float for a third", 1 / 3, Fraction(1, 3))  # off by 2^-54 / 3: not equal
    assert tally.verdict == "fails as printed"
    assert 0 < tally.largest_error < 1e-16


def test_equal_is_relative_at_a_tolerance_and_absolute_at_zero():
    tally = Tally(1e-12)
    tally.equal("close", 1e-300 * (1 + 9e-13), 1e-300)
    tally.equal("zero", 1e-13, 0)
    assert tally.faults == 0
    tally.equal("far", 1e-300 * (1 + 2e-12), 1e-300)
    tally.equal("nan", math.nan, 1)
    tally.equal("inf", math.inf, 1)
    assert tally.faults == 3
    assert tally.first_fault.startswith("far: ")


def test_at_most_near_and_approximates():
    tally = Tally()
    tally.at_most("equal", Fraction(1, 2), 0.5)
    tally.near("edge", Fraction(5, 2), 2, within=Fraction(1, 2))
    assert tally.verdict == "holds"
    tally.approximates("close", 1.0, 1.1, within=0.2)
    assert tally.verdict == "approximation"
    tally.at_most("above", Fraction(1, 2) + Fraction(1, 10**30), 0.5)
    assert tally.verdict == "fails as printed"
    other = Tally()
    other.at_most("nan", math.nan, 1)
    other.near("far", 3, 2, within=Fraction(1, 2))
    assert other.faults == 2


def test_errors_are_taken_without_rounding():
    assert relative_error(Fraction(10**20 + 1, 10**20), 1) == 1e-20
    assert relative_error(1, Fraction(1, 10**400)) == math.inf
    assert relative_error(-1.0, 1.0) == 2.0
    assert shown(Fraction(10**5000, 3)) == "inf"
