"""Weighted draws: whole weights, their table, one answer, and coverage that follows the exact moments."""

import struct
from fractions import Fraction
from hashlib import sha256

import numpy as np
import pytest
from scipy import stats

from simulations import simulate
from simulations.comparison import compare
from simulations.streams import WEIGHTED, stream_words
from simulations.weights import alias_table, whole_weights
from softsample_theory import SamplingPlan, weighted_coverage
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError

ALL = ("distinct", "spectrum", "largest", "gaps", "visits")
RNG = np.random.default_rng(2)
WEIGHTS = {
    "one": [3.0],
    "certain": [0, 1, 0],
    "two": [1, 2],
    "eighths": [1, 2, 0, 5],
    "thirds": [1, 1, 1],
    "Pareto": RNG.pareto(1.0, 1000),
    "tiny and huge": np.r_[np.full(70, 1e-18), 1.0, 1e-5],
    "equal": np.ones(2**10),
    "many": RNG.random(10_007),
}


# --- the table ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WEIGHTS)
def test_whole_weights_are_the_weights_to_the_stated_accuracy(name):
    weights = np.asarray(WEIGHTS[name], float)
    whole = [int(w) for w in whole_weights(weights)]
    total = sum(map(Fraction, weights.tolist()))
    errors = [
        abs(Fraction(w, 2**63) - Fraction(v) / total) for w, v in zip(whole, weights.tolist(), strict=True)
    ]
    assert sum(whole) == 2**63
    assert sum(errors) <= Fraction(1, 2**50) + len(whole) * Fraction(1, 2**62)
    assert all(w == 0 for w, v in zip(whole, weights, strict=True) if v == 0)


def given(table):
    """Return how many of the 2^63 values give each item, from the columns' thresholds and aliases."""
    capacity, values = 2**table.shift, {}
    for column, (threshold, alias) in enumerate(table.columns.tolist()):
        assert threshold <= capacity or alias == column
        own = min(threshold, capacity)
        values[column] = values.get(column, 0) + own
        values[alias] = values.get(alias, 0) + capacity - own
    return values


@pytest.mark.parametrize("name", WEIGHTS)
def test_the_table_gives_each_item_exactly_its_whole_weight(name):
    """Counted over all 2^63 values, column by column, in whole numbers."""
    table, whole = alias_table(WEIGHTS[name]), whole_weights(WEIGHTS[name]).tolist()
    values = given(table)
    assert {item: number for item, number in values.items() if number} == {
        item: w for item, w in enumerate(whole) if w
    }
    table.columns.flags.writeable = True
    first = int(table.columns[0, 0])
    table.columns[0] = (first - 1 if first else 1, 1)  # planted: one value of 2^63 goes elsewhere
    assert given(table) != values


# --- one run --------------------------------------------------------------------------------------


def naive_visits(plan, weights, seed, replicate):
    """Return the visits of every epoch, from stream words and a search in the table by Python integers."""
    table = alias_table(weights)
    columns, shift = table.columns.tolist(), table.shift
    visits = np.ones((plan.epochs, plan.population), int)
    for e in range(plan.warm_epochs, plan.epochs):
        visits[e] = 0
        refresh = (e - plan.warm_epochs) // plan.refresh_every
        for word in stream_words(seed, WEIGHTED, 0, refresh, replicate, plan.subset).tolist():
            column, rest = divmod(word >> 1, 2**shift)
            visits[e, column if rest < columns[column][0] else columns[column][1]] += 1
    return visits


@pytest.mark.parametrize(("every", "warm"), [(1, 0), (3, 0), (2, 2), (50, 0), (2, 99)])
@pytest.mark.parametrize(
    ("population", "subset", "epochs"), [(40, 33, 8), (1, 1, 3), (5, 5, 4), (3000, 2500, 2), (9, 5, 0)]
)
def test_every_record_equals_a_naive_run(every, warm, population, subset, epochs):
    plan = SamplingPlan(
        population,
        subset=subset,
        epochs=epochs,
        scheme="iid",
        refresh_every=every,
        warm_epochs=min(warm, epochs),
    )
    weights = np.arange(population) ** 2 + 1
    visits = np.array([naive_visits(plan, weights, 7, i) for i in range(2)])
    counts = np.cumsum(np.concatenate([np.zeros((2, 1, population), int), visits], axis=1), axis=1)
    result = simulate(plan, 2, 7, weights=weights, record=ALL, r_max=6, g_max=3, copies=2, cover_fraction=0.3)
    assert np.array_equal(result.visits, visits)
    assert np.array_equal(result.distinct, np.count_nonzero(counts, axis=2))
    assert np.array_equal(result.largest, counts.max(axis=2))
    for r in range(7):
        assert np.array_equal(result.spectrum[:, :, r], np.sum(np.minimum(counts, 6) == r, axis=2))
    for i in range(2):
        gaps = [np.diff(np.flatnonzero(column)) for column in visits[i, plan.warm_epochs :].T]
        gaps = np.minimum(np.concatenate([*gaps, np.zeros(0, int)]), 3)
        assert result.gaps[i].tolist() == np.bincount(gaps, minlength=4).tolist()
    enough = (counts >= 2).sum(axis=2) >= result.cover_items
    assert result.covered_at.tolist() == [int(row.argmax()) if row.any() else -1 for row in enough]
    assert np.array_equal(simulate(plan, 2, 7, weights=weights).distinct, result.distinct)


def test_threads_replicates_and_epochs_change_nothing(tmp_path):
    plan = SamplingPlan(200, subset=150, epochs=5, scheme="iid")
    weights = WEIGHTS["Pareto"][:200]
    result = simulate(plan, 9, 1, weights=weights, record=ALL, threads=1)
    for threads in (2, 5):
        again = simulate(plan, 9, 1, weights=weights, record=ALL, threads=threads, checkpoint=tmp_path)
        assert again.digest() == result.digest()
    few = simulate(SamplingPlan(200, subset=150, epochs=3, scheme="iid"), 4, 1, weights=weights)
    assert np.array_equal(few.distinct, result.distinct[:4, :4])
    with pytest.raises(ArgumentValueError, match="its weights is"):
        simulate(plan, 9, 1, weights=weights[::-1], record=ALL, checkpoint=tmp_path)


def test_a_result_says_which_weights_made_it():
    plan = SamplingPlan(4, subset=3, epochs=2, scheme="iid")
    digest = simulate(plan, 1, 0, weights=[1, 2, 0, 5]).weights_digest
    assert digest == sha256(struct.pack("<4Q", 2**60, 2**61, 0, 5 * 2**60)).hexdigest()
    assert simulate(plan, 1, 0, weights=[0.5, 1, 0, 2.5]).weights_digest == digest
    assert simulate(plan, 1, 0, weights=[1, 2, 1, 5]).weights_digest != digest
    assert simulate(plan, 1, 0).weights_digest is None


def test_results_are_pinned():
    """SHA-256 of a whole result, the same on every machine; it changes only with a new `streams.LAYOUT`."""
    plan = SamplingPlan(320, subset=100, epochs=12, scheme="iid", refresh_every=2, warm_epochs=1)
    weights = np.arange(320) % 7
    result = simulate(plan, 2, 20231127, weights=weights, record=ALL, r_max=9, g_max=8)
    assert result.digest() == "299f9264fd5f587861c42c5869ec1f7b1c99aa13beab522e7d1ef087540a73e0"


# --- right in law ---------------------------------------------------------------------------------


def test_draws_follow_their_weights():
    """1.6e7 draws over 50 items: Pearson's p-value above 1e-7; below it for one weight a hundredth up."""
    weights = RNG.pareto(1.0, 50) + 0.1
    plan = SamplingPlan(50, subset=50, epochs=4000, scheme="iid")
    hits = simulate(plan, 80, 3, weights=weights, record=("visits",)).visits.sum(axis=(0, 1), dtype=int)
    expected = weights / weights.sum() * hits.sum()
    assert stats.chisquare(hits, expected).pvalue > 1e-7
    wrong = weights.copy()
    wrong[wrong.argmax()] *= 1.01
    assert stats.chisquare(hits, wrong / wrong.sum() * hits.sum()).pvalue < 1e-7


@pytest.mark.parametrize("kind", ["classes", "Pareto", "equal"])
def test_coverage_has_the_exact_mean_and_variance(kind):
    """n = 400, K = 6, 20 000 replicates: |z| < 5.5 for the means and variances, false alarm 5e-7 over all.

    Planted: the moments of equal weights, and the variance of independent items.
    """
    weights = {"classes": np.repeat([1, 10, 50], [300, 90, 10]), "Pareto": WEIGHTS["Pareto"][:400]}.get(
        kind, np.ones(400)
    )
    plan, size = SamplingPlan(400, subset=120, epochs=6, scheme="iid"), 20_000
    seen = simulate(plan, size, 11, weights=weights).distinct
    for epoch in (2, 3, 6):
        mean, variance = (
            f(weights, 120 * epoch) for f in (weighted_coverage.mean, weighted_coverage.variance)
        )
        sample = seen[:, epoch]
        error = np.sqrt(((sample - mean) ** 4).mean() - variance**2) / np.sqrt(size)
        assert abs(sample.mean() - mean) < 5.5 * np.sqrt(variance / size)
        assert abs(((sample - mean) ** 2).mean() - variance) < 5.5 * error
        a = (1 - weighted_coverage.chances(weights)) ** (120 * epoch)
        assert abs(((sample - mean) ** 2).mean() - np.sum(a * (1 - a))) > 10 * error
        if kind != "equal":
            other = weighted_coverage.mean(np.ones(400), 120 * epoch)
            assert abs(sample.mean() - other) > 20 * np.sqrt(variance / size)


def test_replicates_are_independent():
    """|z| of the correlation of neighbouring replicates below 5.5, false alarm 4e-8."""
    plan = SamplingPlan(100, subset=60, epochs=2, scheme="iid")
    seen = simulate(plan, 20_000, 5, weights=np.arange(100)).distinct[:, -1]
    assert abs(np.corrcoef(seen[::2], seen[1::2])[0, 1]) * 100 < 5.5
    assert abs(np.corrcoef(seen[::2], seen[::2] + seen[1::2])[0, 1]) * 100 > 30  # planted: shared draws


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"weights": [1, 2]}, ArgumentValueError, "weights are 2; they must be 4, one for each unit"),
        ({"weights": [1, 2, -3, 4]}, ArgumentValueError, "weights[2] is -3"),
        ({"weights": ["a"] * 4}, ArgumentTypeError, "row of real numbers"),
        ({"method": "law"}, ArgumentValueError, "method is 'law'; it must be \"draws\" to draw by weights"),
        (
            {"plan": SamplingPlan(4, subset=2, epochs=1)},
            ArgumentValueError,
            "scheme is 'subset'; it must be iid",
        ),
        (
            {"plan": SamplingPlan(2**26 + 1, subset=2, epochs=1, scheme="iid")},
            ArgumentValueError,
            "population is 67108865; it must be at most 67108864 to draw by weights",
        ),
    ],
)
def test_bad_arguments_are_named_in_one_line(arguments, error, message):
    plan = SamplingPlan(4, subset=2, epochs=1, scheme="iid")
    with pytest.raises(error) as caught:
        simulate(**{"plan": plan, "replicates": 1, "seed": 0, "weights": [1, 2, 3, 4], **arguments})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_weighted_runs_are_not_held_against_the_law_of_equal_weights():
    plan = SamplingPlan(4, subset=2, epochs=1, scheme="iid")
    with pytest.raises(ArgumentValueError, match="weighted draws"):
        compare(simulate(plan, 1, 0, weights=[1, 2, 3, 4]))
