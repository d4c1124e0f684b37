"""Every claim gets its verdict, every planted fault is seen, and a broken library falls."""

from __future__ import annotations

import pytest

from paper_checks import claims, verify
from paper_checks.srs import library, printed
from paper_checks.srs.experiments import KNOWN_UTTERANCES
from paper_checks.srs.printed_tables import PAIRS
from softsample_theory import SamplingPlan, coverage, covering_time

LIBRARY_CLAIMS = (
    "C01",
    "C02",
    "C03",
    "C04",
    "C05",
    "C06",
    "C07",
    "C08",
    "C09",
    "C10",
    "C11",
    "C14",
    "C16",
    "C18",
    "C19",
)


@pytest.fixture(autouse=True)
def forget_laws():
    yield
    library.coverage_law.cache_clear()
    library.time_law.cache_clear()


@pytest.mark.parametrize("name", claims)
def test_claim_has_the_expected_verdict_and_catches_every_planted_fault(name):
    (outcome,) = verify([name], full=True).outcomes
    assert outcome.complaint == ""
    assert outcome.verdict == claims[name].expected
    assert outcome.planted
    assert outcome.caught == len(outcome.planted)
    assert all(each.first_fault for each in outcome.planted if outcome.expected != "fails as printed")


def test_the_first_eight_claims_are_there_and_exact():
    assert [name for name in claims if name <= "C08"] == [
        "C01", "C02", "C03", "C04", "C05", "C06", "C07", "C07S", "C08",
    ]  # fmt: skip
    assert all(claims[f"C0{i}"].method == "exact" for i in range(1, 9))
    assert all(claims[f"C0{i}"].subjects[0].tolerance == 0 for i in range(1, 9))
    assert claims["C07S"].method == claims["C08S"].method == "symbolic"


def test_the_library_stands_trial_in_the_claims_about_it():
    for name in LIBRARY_CLAIMS:
        assert any("cover" in subject.name for subject in claims[name].subjects), name


def test_printed_formulas_at_values_worked_out_by_hand():
    # n = 3, m = 2, K = 2, as in test_reference: P(2 seen) = 1/3, P(3 seen) = 2/3, mean 8/3.
    assert [printed.distinct_pmf(3, 2, 2, l) * 3 for l in range(4)] == [0, 0, 1, 2]
    assert printed.all_covered(3, 2, 2) * 3 == 2
    assert printed.mean_distinct(3, 2, 2) * 3 == 8
    # Covered at epoch k with probability (2/3) (1/3)^(k-2).
    assert [printed.all_epochs_pmf(3, 2, k) * 27 for k in (1, 2, 3, 4)] == [0, 18, 6, 2]
    assert printed.all_mean_epochs(3, 2) * 2 == printed.mean_epochs(3, 2, 3) * 2 == 5


# A library that is wrong, one function at a time -----------------------------------------------------------


def fallen(names):
    report = verify(names)
    assert not report.passed
    return [outcome.id for outcome in report.outcomes if not outcome.passed]


def test_a_mean_of_independent_draws_falls(monkeypatch):
    right = coverage.mean
    monkeypatch.setattr(coverage, "mean", lambda plan, epochs=None: right(plan.under("iid"), epochs))
    assert fallen(["C02", "C03", "C18"]) == ["C02", "C03", "C18"]


def test_a_mean_off_by_1e_11_falls(monkeypatch):
    right = coverage.mean
    monkeypatch.setattr(coverage, "mean", lambda plan, epochs=None: right(plan, epochs) * (1 + 1e-11))
    assert fallen(["C02", "C18"]) == ["C02", "C18"]


def test_a_refresh_interval_that_is_ignored_falls(monkeypatch):
    right = coverage.mean

    def ignoring(plan, epochs=None):
        return right(SamplingPlan(plan.population, subset=plan.subset, epochs=plan.epochs), epochs)

    monkeypatch.setattr(coverage, "mean", ignoring)
    assert fallen(["C02", "C18"]) == ["C18"]


def test_a_law_of_the_wrong_scheme_falls(monkeypatch):
    right = coverage.law
    monkeypatch.setattr(coverage, "law", lambda plan, epoch=None: right(plan.under("iid"), epoch))
    assert fallen(["C01", "C02"]) == ["C01", "C02"]


def test_a_law_with_the_right_mean_and_the_wrong_spread_falls(monkeypatch):
    right = coverage.law
    monkeypatch.setattr(coverage, "law", lambda plan, epoch=None: right(plan.under("poisson"), epoch))
    assert fallen(["C01", "C02"]) == ["C01"]  # binomial: it sums to 1 and has the mean of Eq. 11 (C02)


def test_the_variance_of_independent_units_falls(monkeypatch):
    right = coverage.variance
    monkeypatch.setattr(coverage, "variance", lambda plan, epochs=None: right(plan.under("poisson"), epochs))
    assert fallen(["C04"]) == ["C04"]


def test_a_covering_time_that_starts_at_zero_falls(monkeypatch):
    right = covering_time.mean
    monkeypatch.setattr(covering_time, "mean", lambda plan, items=None: right(plan, items) - 1)
    assert fallen(["C06", "C07", "C19"]) == ["C06", "C07", "C19"]


# The paper's tables ----------------------------------------------------------------------------------------


def test_the_five_cells_where_the_text_contradicts_the_tables():
    # Read off Tables 2 and 3 by eye: 93.50 > 93.27; 5.63 < 5.65; 5.71 < 5.87; 5.01 < 5.08; 4.58 < 4.62.
    ahead = [(pair.name, rate) for pair in PAIRS for rate in pair.rates[1:] if pair.grad_match_wins(rate)]
    assert ahead == [
        ("CIFAR10 R=1", "20%"),
        ("LibriSpeech R=1", "10%"),
        ("LibriSpeech R=5", "10%"),
        ("LibriSpeech R=5", "20%"),
        ("LibriSpeech R=5", "30%"),
    ]
    (outcome,) = verify(["C44"]).outcomes
    assert outcome.evidence[0].measured == {"contradicting cells": 5.0}
    assert outcome.verdict == "fails as printed"


def test_utterances_of_librispeech():
    (outcome,) = verify(["C45"]).outcomes
    assert outcome.evidence[0].measured["mean seconds an utterance"] == 115.2  # 960 * 3600 / 30,000
    assert KNOWN_UTTERANCES == 281_241


def test_figures_that_the_reports_quote():
    c11, c14, c16 = verify(["C11", "C14", "C16"]).outcomes
    # 95 % quantiles and bounds of the Payload plans, by big integers.
    assert list(c11.evidence[0].measured.values()) == [171, 171, 84, 83, 40, 40]
    tail, hoeffding, mcdiarmid = c14.evidence[0].measured.values()
    assert (round(tail, 4), round(hoeffding, 3), round(mcdiarmid, 3)) == (0.0021, 0.202, 0.905)
    assert [round(value, 4) for value in c16.evidence[0].measured.values()] == [0.3679, 0.3026]
