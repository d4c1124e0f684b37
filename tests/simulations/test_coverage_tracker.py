"""The account of a run, and its alarm: right samplers stay unflagged, planted faults do not.

Reports flag a right sampler with probability 1e-6 at most each (a union bound inside the report, over bounds
that hold for every n), so the 20 seeds x schemes below flag none but with probability 1e-6 times their
number. Seeds are fixed.
"""

from __future__ import annotations

import io

import numpy as np
import pytest
from scipy import stats

from simulations.training import CoverageTracker, SoftRandomSampler
from simulations.training.coverage_report import _chernoff, _class_std
from softsample_theory import SamplingPlan, coverage
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError

SCHEMES = ("subset", "iid", "poisson", "reshuffle", "fixed", "full")
LABELS = np.arange(500) % 11 // 5  # classes of about 228, 227 and 45 of 500


def run(orders, size=500, classes=LABELS, **options):
    """An account of epochs, each a list of batches' items."""
    tracker = CoverageTracker(size, classes, **options)
    for items in orders:
        for first in range(0, len(items), 64):
            tracker.update(items[first : first + 64])
        tracker.end_epoch()
    return tracker


def orders_of(epochs=12, **arguments):
    sampler = SoftRandomSampler(500, **arguments)
    return [sampler.items(epoch) for epoch in range(epochs)], sampler.plan(epochs)


# Counting -------------------------------------------------------------------------------------------------


def test_counts_are_those_of_numpy():
    orders, _ = orders_of(ratio=0.3, scheme="iid", seed=1)
    tracker = run(orders)
    assert np.array_equal(tracker.visits, np.bincount(np.concatenate(orders), minlength=500))
    assert tracker.distinct_per_epoch.tolist() == [len(set(items.tolist())) for items in orders]
    assert tracker.visits_per_epoch.tolist() == [150] * 12
    union = [len(set(np.concatenate(orders[:k]).tolist())) for k in range(1, 13)]
    assert tracker.coverage.tolist() == [0, *union]
    for label, (items, distinct, visits) in tracker.per_class().items():
        mine = np.equal(LABELS, label)
        assert (items, visits) == (mine.sum(), tracker.visits[mine].sum())
        assert distinct == (tracker.visits[mine] > 0).sum()


def test_counters_widen_before_they_overflow():
    tracker = CoverageTracker(3)
    tracker.update(np.full(255, 1))
    assert tracker.visits.dtype == np.uint8
    tracker.update([1, 2])
    assert tracker.visits.dtype == np.uint16
    tracker.update(np.full(2**16, 1))
    assert tracker.visits.tolist() == [0, 256 + 2**16, 1]
    assert tracker.visits.dtype == np.uint32


def test_epochs_widen_before_they_overflow():
    tracker = CoverageTracker(2)
    for _ in range(2**16 + 1):
        tracker.end_epoch()
    tracker.update([1])
    tracker.end_epoch()
    assert tracker.coverage[-2:].tolist() == [0, 1]


@pytest.mark.parametrize("batch", [[], [2], (2, 2), np.array([[0, 1], [2, 2]], np.uint8), np.int16(1)])
def test_batches_come_in_any_form(batch):
    tracker = CoverageTracker(3)
    tracker(batch)
    expected = np.bincount(np.asarray(batch, int).ravel(), minlength=3)
    assert tracker.visits.tolist() == expected.tolist()


def test_a_refused_batch_counts_nothing():
    tracker = CoverageTracker(3)
    with pytest.raises(ArgumentValueError, match="indices is 3; it must be items from 0 to 2"):
        tracker.update([1, 3])
    with pytest.raises(ArgumentValueError, match="indices is -1"):
        tracker.update([-1])
    with pytest.raises(ArgumentTypeError, match="indices is 'float64'"):
        tracker.update([1.0])
    assert tracker.visits.sum() == 0
    with pytest.raises(ValueError, match="read-only"):
        tracker.visits[0] = 1
    with pytest.raises(ArgumentValueError, match="classes is None"):
        tracker.per_class()


# Ranks and interruptions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [False, True])
def test_ranks_merge_into_the_account_of_one_process(keep):
    whole, _ = orders_of(subset_size=200, scheme="iid", seed=4)
    one = run(whole, keep_epochs=keep)
    merged = CoverageTracker.merged(run([o[r::4] for o in whole], keep_epochs=keep) for r in range(4))
    assert np.array_equal(merged.visits, one.visits)
    assert merged.visits.dtype == one.visits.dtype
    assert np.array_equal(merged.coverage, one.coverage)
    assert merged.per_class() == one.per_class()
    assert np.array_equal(merged.visits_per_epoch, one.visits_per_epoch)
    expected = one.distinct_per_epoch if keep else np.full(12, -1)
    assert np.array_equal(merged.distinct_per_epoch, expected)
    for tracker in (one, merged):
        tracker.update([1, 2, 2])
        tracker.end_epoch()
        assert tracker.distinct_per_epoch[-1] == 2


def test_merging_in_the_middle_of_an_epoch_unites_its_items():
    left, right = CoverageTracker(9), CoverageTracker(9)
    left.update([1, 2, 3])
    right.update([3, 4])
    both = CoverageTracker.merged([left, right])
    both.end_epoch()
    assert (both.distinct_per_epoch.tolist(), both.visits_per_epoch.tolist()) == ([4], [5])
    with pytest.raises(ArgumentValueError, match="epochs is 0; it must be 1"):
        CoverageTracker.merged([both, left])
    with pytest.raises(ArgumentValueError, match="data_size is 8; it must be 9"):
        CoverageTracker.merged([left, CoverageTracker(8)])
    with pytest.raises(ArgumentValueError, match="classes is 'given'"):
        CoverageTracker.merged([left, CoverageTracker(9, classes=np.ones(9, int))])


@pytest.mark.parametrize("keep", [False, True])
def test_an_account_goes_on_from_its_state(keep):
    orders, _ = orders_of(ratio=0.3, seed=2)
    unbroken = run(orders, keep_epochs=keep)
    first = run(orders[:5], keep_epochs=keep)
    first.update(orders[5][:70])
    file = io.BytesIO()
    np.savez(file, **first.state_dict())
    file.seek(0)
    resumed = CoverageTracker(500, LABELS, keep_epochs=keep)
    resumed.load_state_dict(dict(np.load(file)))
    resumed.update(orders[5][70:])
    resumed.end_epoch()
    for items in orders[6:]:
        resumed.update(items)
        resumed.end_epoch()
    assert np.array_equal(resumed.visits, unbroken.visits)
    assert np.array_equal(resumed.coverage, unbroken.coverage)
    assert np.array_equal(resumed.distinct_per_epoch, unbroken.distinct_per_epoch)
    with pytest.raises(ArgumentValueError, match=r"state\['data_size'\] is 500; it must be 7"):
        CoverageTracker(7).load_state_dict(unbroken.state_dict())
    state = unbroken.state_dict()
    del state["first"]
    with pytest.raises(ArgumentValueError, match="with 'first'"):
        resumed.load_state_dict(state)


# Right samplers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("every", [1, 5])
def test_right_samplers_are_not_flagged(scheme, every):
    for seed in range(20):
        size = {} if scheme == "full" else {"ratio": 0.3}
        orders, plan = orders_of(scheme=scheme, refresh_every=every, seed=seed, **size)
        report = run(orders).report(plan)
        assert report.flagged == (), report.table()


def test_stratified_and_sharded_samplers_are_not_flagged():
    for seed in range(20):
        orders, plan = orders_of(ratio=0.1, strata=LABELS, seed=seed)
        assert run(orders).report(plan).flagged == ()
        ranks = [
            SoftRandomSampler(500, 0.1, scheme="iid", shard="independent", seed=seed, rank=r, world_size=4)
            for r in range(4)
        ]
        merged = CoverageTracker.merged(
            run([rank.items(epoch) for epoch in range(12)], keep_epochs=True) for rank in ranks
        )
        assert merged.report(ranks[0].plan(12)).flagged == ()


def test_scores_of_right_samplers_have_mean_zero_and_variance_one():
    # 200 runs; the mean of 200 z has standard error 0.071 and their variance about 0.1 (0.14 for skew ones):
    # bounds at 5 and 6 standard errors.
    scores: dict[str, list[float]] = {}
    for seed in range(200):
        orders, plan = orders_of(ratio=0.2, scheme="subset", seed=1000 + seed, epochs=8)
        for check in run(orders).report(plan).checks:
            if check.std > 1 and check.epoch == 8:
                scores.setdefault(check.quantity, []).append(check.z)
    assert {"distinct items so far", "items visited 2 times or more", "visits to class 2"} <= set(scores)
    for name, z in scores.items():
        assert abs(np.mean(z)) < 5 * 0.071, name
        assert abs(np.var(z) - 1) < 0.8, name


@pytest.mark.parametrize("scheme", ["subset", "iid", "poisson"])
def test_the_false_alarm_rate_is_kept_where_it_can_be_measured(scheme):
    # At a rate of 0.05 at most 29 of 200 runs: P(Bin(200, 0.05) > 29) = 8.7e-8 (scipy).
    assert stats.binom.sf(29, 200, 0.05) < 1e-7
    alarms = 0
    for seed in range(200):
        orders, plan = orders_of(ratio=0.2, scheme=scheme, seed=5000 + seed, epochs=6)
        alarms += bool(run(orders).report(plan, false_alarm=0.05).flagged)
    assert alarms <= 29


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("size", "ratio"), [(1, 1.0), (2, 0.5), (9, 1.0)])
def test_smallest_runs(scheme, size, ratio):
    sampler = SoftRandomSampler(size, 1.0 if scheme == "full" else ratio, scheme=scheme, seed=0)
    orders = [sampler.items(epoch) for epoch in range(7)]
    report = run(orders, size, np.arange(size)).report(sampler.plan(7))
    assert report.flagged == ()
    assert all(0 <= check.p_value <= 1 for check in report.checks)


def test_a_long_run_and_an_empty_one():
    plan = SamplingPlan(500, 0.02, epochs=0)
    assert CoverageTracker(500).report(plan).checks == ()
    orders, plan = orders_of(ratio=0.02, seed=8, epochs=300)
    report = run(orders).report(plan)
    assert report.flagged == ()
    assert 900 < len(report.checks) < 1200  # 3 an epoch, 200 of coverage at most, counts and classes


# Planted faults -------------------------------------------------------------------------------------------


def faults():
    """Name -> (orders of a broken sampler, the plan that it was to follow)."""
    subset, plan = orders_of(ratio=0.2, seed=3, epochs=10)
    yield "first subset used twice", [subset[0], *subset[:9]], plan
    yield "a subset used twice late", [*subset[:6], *subset[5:9]], plan
    shuffled, walk = orders_of(ratio=0.2, scheme="reshuffle", seed=3, epochs=10)
    passes = [np.concatenate(shuffled[5 * p : 5 * p + 5]) for p in range(2)]
    wrapped = [np.concatenate([order[:499], order[:1]]) for order in passes]
    yield "a wrapped permutation drops one item", [*np.split(wrapped[0], 5), *np.split(wrapped[1], 5)], walk
    yield "padding duplicates", [np.concatenate([o, o[:2]]) for o in subset], plan
    yield "padding in place of items", [np.concatenate([o[:-1], o[:1]]) for o in subset], plan
    ranks = [np.concatenate([o[:50], o[:50]]) for o in subset]
    yield "equal seeds on two ranks", ranks, plan
    draws, iid = orders_of(ratio=0.2, scheme="iid", seed=3, epochs=10)
    yield "equal seeds on two ranks, iid", [np.concatenate([o[:50], o[:50]]) for o in draws], iid
    more, _ = orders_of(ratio=0.2, seed=3, epochs=20)
    yield "distinct draws for independent ones", more, iid
    yield "independent draws for distinct ones", draws, plan
    yield "one subset for ever", [subset[0]] * 10, plan
    long, _ = orders_of(ratio=0.2, scheme="iid", seed=3, epochs=60)
    favoured = [np.where(np.arange(100) < 30, o // 2, o) for o in long]
    yield "the first half favoured", favoured, iid
    class_less = [np.where(LABELS[o] == 2, (o + 5) % 500, o) for o in draws]
    yield "a class left out", class_less, iid


@pytest.mark.parametrize(
    ("fault", "orders", "plan"), list(faults()), ids=lambda v: v if isinstance(v, str) else ""
)
def test_broken_samplers_are_flagged(fault, orders, plan):
    report = run(orders).report(plan)
    assert report.flagged, fault
    assert report.table().splitlines()[1].startswith("FLAGGED")


@pytest.mark.parametrize("keep", [False, True])
def test_equal_seeds_on_ranks_are_flagged_after_merging(keep):
    same = [SoftRandomSampler(500, 0.1, seed=9).items(epoch) for epoch in range(10)]
    merged = CoverageTracker.merged(run(same, keep_epochs=keep) for _ in range(2))
    assert merged.report(SamplingPlan(500, 0.2, epochs=10)).flagged


def test_one_dropped_item_is_named_by_the_first_pass():
    permutation = np.random.default_rng(0).permutation(500)
    wrapped = np.concatenate([permutation[:499], permutation[:1]])
    report = run(np.split(wrapped, 5)).report(SamplingPlan(500, 0.2, epochs=5, scheme="reshuffle"))
    found = {check.quantity: check for check in report.flagged}
    assert found["distinct items so far"].measured == 499
    assert found["distinct items so far"].z == -np.inf


def test_reports_refuse_what_they_cannot_hold_together():
    tracker = CoverageTracker(500)
    with pytest.raises(ArgumentValueError, match=r"plan.population is 8; it must be 500"):
        tracker.report(SamplingPlan(8, 0.5, epochs=1))
    tracker.update([1])
    with pytest.raises(ArgumentValueError, match="between epochs"):
        tracker.report(SamplingPlan(500, 0.5, epochs=1))


# The bounds -----------------------------------------------------------------------------------------------


def test_chernoff_bounds_the_binomial_tails_it_stands_for():
    for size, chance in [(30, 0.2), (400, 0.01), (7, 0.5)]:
        k = np.arange(size + 1)
        tails = np.minimum(stats.binom.cdf(k, size, chance), stats.binom.sf(k - 1, size, chance))
        bounds = np.array([_chernoff(x, size, chance, 1 - chance) for x in k.tolist()])
        assert (bounds >= np.minimum(1, 2 * tails) * (1 - 1e-12)).all()
        assert bounds.min() < 0.02  # at (7, 0.5) it is 2 / 2**7: and it is not one for ever
    assert _chernoff(9, 10, 1.0, 0.0) == 0.0
    assert _chernoff(10, 10, 1.0, 0.0) == 1.0


def test_class_spread_is_that_of_all_outcomes():
    # All 20 subsets of 3 of 6 items, twice: the distinct items among the first two, by enumeration.
    from itertools import combinations, product

    seen = [len({0, 1} & {*a, *b}) for a, b in product(combinations(range(6), 3), repeat=2)]
    plan = SamplingPlan(6, subset=3, epochs=2)
    unseen = 0.25
    got = _class_std(2, 6, unseen * (1 - unseen), float(coverage.variance(plan, [2])[0]))
    assert got == pytest.approx(np.std(seen), rel=1e-12)
