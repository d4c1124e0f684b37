"""The planner against enumeration in exact rationals, the papers' numbers, wrong searches that must fail."""

import math
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softsample_theory import SamplingPlan, coverage_goal, planner
from softsample_theory.coverage_goal import CoverageGoal, fewest_samples, least_epochs, least_subset
from softsample_theory.plan_choice import Wish
from softsample_theory.planner import UnreachableTarget, plan_for
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError

SEARCHED = ("subset", "iid", "poisson", "reshuffle", "fixed")


# An enumeration that shares nothing with the library -------------------------------------------------------


@cache
def seen_law(n, m, draws, scheme):
    """P(S = l), l = 0..n, in exact rationals: by chains of hypergeometric or single draws."""
    if scheme in ("reshuffle", "fixed"):
        l = min(n, m * draws) if scheme == "reshuffle" else min(draws, 1) * m
        return tuple(Fraction(int(i == l)) for i in range(n + 1))
    if scheme == "poisson":
        p = 1 - Fraction(n - m, n) ** draws
        return tuple(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(n + 1))
    law = [Fraction(1)] + [Fraction(0)] * n
    step, times = (1, m * draws) if scheme == "iid" else (m, draws)
    for _ in range(times):
        after = [Fraction(0)] * (n + 1)
        for seen, p in enumerate(law):
            for new in range(min(step, n - seen) + 1):
                ways = math.comb(n - seen, new) * math.comb(seen, step - new)
                after[seen + new] += p * Fraction(ways, math.comb(n, step))
        law = after
    return tuple(law)


def reaches(n, m, draws, scheme, s):
    return sum(seen_law(n, m, draws, scheme)[s:])


def first(candidates, does):
    return next((each for each in candidates if does(each)), None)


def found(search):
    try:
        return search()
    except UnreachableTarget:
        return None


# Confidences that no probability here equals, so that a tie in floating point decides nothing.
@pytest.mark.parametrize("confidence", [Fraction(311, 1009), Fraction(951, 1009)])
@pytest.mark.parametrize("scheme", SEARCHED)
@pytest.mark.parametrize("n", [1, 2, 5, 7])
def test_both_searches_are_enumeration(n, scheme, confidence):
    for s in range(n + 1):
        goal = CoverageGoal(n, Fraction(s, n), confidence)
        assert goal.items == s
        for m in range(1, n + 1):
            plan = SamplingPlan(n, subset=m, epochs=0, scheme=scheme)
            expected = first(range(41), lambda K: reaches(n, m, K, scheme, s) >= confidence)  # noqa: B023
            answer = found(lambda: least_epochs(goal, plan).epochs)  # noqa: B023
            assert answer == expected or (expected is None and answer is not None and answer > 40)
        for K in range(6):
            plan = SamplingPlan(n, subset=1, epochs=K, scheme=scheme)
            expected = first(range(1, n + 1), lambda m: reaches(n, m, K, scheme, s) >= confidence)  # noqa: B023
            assert found(lambda: least_subset(goal, plan).subset) == expected  # noqa: B023


@pytest.mark.parametrize("refresh_every", [1, 3])
@pytest.mark.parametrize("scheme", SEARCHED)
def test_fewest_samples_is_enumeration(scheme, refresh_every):
    n, confidence = 5, Fraction(799, 1009)
    for s in range(n + 1):
        goal = CoverageGoal(n, Fraction(s, n), confidence)
        sums = [
            m * K
            for m in range(1, n + 1)
            for K in range(60)
            if reaches(n, m, -(-K // refresh_every), scheme, s) >= confidence
        ]
        plan = SamplingPlan(n, subset=1, epochs=0, scheme=scheme, refresh_every=refresh_every)
        assert fewest_samples(goal, plan) == min(sums)


# Numbers known from elsewhere ------------------------------------------------------------------------------


def test_epochs_for_all_with_95_percent():
    """srs.md 2.5: 171, 83, 40 exactly at n = 320; brackets 1 - n q^K <= P <= (1 - q^K)^n at n = 50000."""
    runs = planner.frontier(320, 1, Fraction(19, 20), ratios=[0.05, 0.1, 0.2])
    assert [run.epochs for run in runs] == [171, 83, 40]
    runs = planner.frontier(50_000, 1, Fraction(19, 20), ratios=[0.05, 0.1, 0.2, 0.3])
    assert runs[0].epochs in (269, 270)
    assert runs[1].epochs in (131, 132)
    assert [run.epochs for run in runs[2:]] == [62, 39]
    iid = planner.frontier(50_000, 1, Fraction(19, 20), scheme="iid", ratios=[0.05, 0.1, 0.2])
    assert [run.epochs for run in iid] == [276, 138, 69]  # 275.8, 137.9, 68.9 in draws/m


def test_epochs_for_99_percent_at_ten_billion():
    """The mean unseen share is 0.9^K or exp(-K/10), its sd below 2e-6: K is where the mean passes 0.01."""
    answer = plan_for(10**10, ratio=0.1)
    assert answer.choice.plan.epochs == math.ceil(math.log(0.01) / math.log(0.9)) == 44
    others = {each.scheme: each for each in answer.equivalents}
    assert others["iid"].epochs == math.ceil(10 * math.log(100)) == 47
    assert others["poisson"].epochs == 44
    assert others["reshuffle"].epochs == 10
    assert others["fixed"].epochs is None
    assert "a fixed subset of 1,000,000,000 never shows more" in others["fixed"].epochs_reason
    assert others["fixed"].subset == answer.items == 99 * 10**8
    # Independent units: normal, 0.01 n less 1.64485 sd unseen on average. The ratio follows to seven digits.
    share = 0.01 - 1.64485 * math.sqrt(0.01 * 0.99 / 10**10)
    assert others["poisson"].subset / 10**10 == pytest.approx(1 - share ** (1 / 44), rel=1e-7)


def test_the_answer_agrees_with_the_printed_table():
    """Table 1 of the paper: 10 % for 30 epochs sees 95.8 % on average; half the time it sees more."""
    answer = plan_for(50_000, 0.9576, 0.5, epochs=30)
    assert answer.choice.plan.subset == pytest.approx(5000, abs=1)
    assert 1 - answer.choice.unseen_mean / 50_000 == pytest.approx(0.9576, abs=1e-5)


# Properties -------------------------------------------------------------------------------------------------


@given(
    n=st.integers(2, 10**12),
    target=st.fractions(0, 1),
    confidence=st.fractions(Fraction(1, 50), Fraction(49, 50)),
    warm=st.integers(0, 2),
    R=st.integers(1, 4),
)
@settings(max_examples=40, deadline=None)
def test_epochs_fall_with_the_ratio_and_order_the_schemes(n, target, confidence, warm, R):
    def epochs(scheme, more=0):
        goal = CoverageGoal(n, target + more * (1 - target) / 2, confidence)
        bare = SamplingPlan(n, 1, epochs=0, scheme=scheme, warm_epochs=warm, refresh_every=R)
        subsets = sorted({max(1, n // d) for d in (1000, 10, 2, 1)})
        return [least_epochs(goal, replace(bare, subset=m)).epochs for m in subsets]

    walk, fresh, plain, higher = epochs("reshuffle"), epochs("subset"), epochs("iid"), epochs("subset", 1)
    assert all(a >= b for a, b in pairwise(fresh))
    assert all(a <= b <= c for a, b, c in zip(walk, fresh, plain, strict=True))
    assert all(a <= b for a, b in zip(fresh, higher, strict=True))
    sampled = {K - warm for K in fresh}
    assert all(k == 0 or k % R == 1 % R for k in sampled)


def test_two_sides_of_every_answer():
    answer = plan_for(1_281_167, epochs=60, class_counts=None)
    for run in answer.frontier:
        assert run.probability >= 0.95
        assert run.one_epoch_less is None or run.one_epoch_less < 0.95
    assert answer.choice.one_unit_less < 0.95 <= answer.choice.probability


def test_warm_epochs_are_a_cost_and_no_coverage():
    cold, warm = plan_for(50_000, ratio=0.1), plan_for(50_000, ratio=0.1, warm_epochs=2)
    assert warm.choice.plan.epochs == cold.choice.plan.epochs + 2
    assert warm.choice.samples == cold.choice.samples + 100_000
    assert warm.choice.probability == cold.choice.probability
    assert warm.choice.unseen_mean == cold.choice.unseen_mean


def test_edges():
    assert plan_for(10, target=0).choice.plan.epochs == 0
    assert plan_for(10, target=0, epochs=0).choice.plan.subset == 1
    assert plan_for(1, target=1, confidence=1).choice.plan.epochs == 1
    assert plan_for(10, target=1, confidence=1, ratio=1.0).choice.plan.epochs == 1
    assert plan_for(10, target=1, confidence=1, scheme="reshuffle", ratio=0.3).choice.plan.epochs == 4
    assert plan_for(10, scheme="full").choice.plan == SamplingPlan(10, epochs=1, scheme="full")
    assert plan_for(10, scheme="full", epochs=7).choice.plan.epochs == 7
    assert plan_for(2**53, target=1, ratio=0.5).choice.plan.epochs == 58  # ceil((53 ln 2 - ln .0513)/ln 2)


# Wrong searches are caught ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("shift", "says"), [(-1, "does not"), (1, "one epoch less does too")])
def test_a_search_that_is_one_off_is_caught(monkeypatch, shift, says):
    right = coverage_goal._epochs_quantile
    monkeypatch.setattr(coverage_goal, "_epochs_quantile", lambda *given: right(*given) + shift)
    with pytest.raises(ArithmeticError, match=says):
        plan_for(50_000, ratio=0.1)


def test_the_mean_field_answer_is_caught(monkeypatch):
    """log(1-target)/log(1-ratio) = 43.7: 44 epochs suffice for the mean (srs.md), 45 with 95 %."""
    monkeypatch.setattr(
        coverage_goal, "_epochs_quantile", lambda *_: math.ceil(math.log(0.01) / math.log(0.9))
    )
    with pytest.raises(ArithmeticError, match="does not"):
        plan_for(50_000, ratios=[0.1])
    monkeypatch.undo()
    assert plan_for(50_000, confidence=0.5, ratios=[0.1]).choice.plan.epochs == 44


def test_a_subset_that_is_one_off_is_caught():
    goal = CoverageGoal(50_000, 0.99, 0.95)
    least = least_subset(goal, SamplingPlan(50_000, 1, epochs=45))
    more, less = replace(least, subset=least.subset + 1), replace(least, subset=least.subset - 1)
    with pytest.raises(ArithmeticError, match="one unit less does too"):
        coverage_goal._check(goal, more, coverage_goal.one_unit_less(more), "unit")
    with pytest.raises(ArithmeticError, match="does not"):
        coverage_goal._check(goal, less, coverage_goal.one_unit_less(less), "unit")


# Budgets and what cannot be reached -------------------------------------------------------------------------


def test_a_budget_takes_the_smallest_ratio_that_fits():
    answer = plan_for(1_281_167, budget=4 * 1_281_167)
    fitting = [run.plan for run in answer.frontier if run.samples <= 4 * 1_281_167]
    assert answer.choice.plan == fitting[0]
    assert answer.choice.plan.ratio == pytest.approx(0.3, abs=1e-6)  # 13 epochs: 3.9 full ones


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"scheme": "fixed", "ratio": 0.1}, "a fixed subset of 5,000 never shows more than itself"),
        ({"confidence": 1, "ratio": 0.1}, "confidence must be below 1"),
        ({"epochs": 0}, "0 sampled epochs under subset cannot do"),
        ({"epochs": 2, "warm_epochs": 3}, "2 epochs are fewer than the 3 warm ones"),
        ({"epochs": 4, "scheme": "iid"}, "4 sampled epochs under iid cannot do: even with 50,000 of 50,000"),
        ({"budget": 49_499}, "49,500 is the least that any ratio"),
        ({"budget": 99_499, "warm_epochs": 1}, "99,500 is the least that any ratio"),
        ({"budget": 49_500, "ratios": [0.1]}, "too small for the ratios listed, not for every other: 49,500"),
    ],
)
def test_unreachable_targets_say_so_in_one_line(given, says):
    answer = plan_for(50_000, **given)
    assert not answer.reachable
    assert answer.choice is answer.matched is answer.every_class is None
    assert says in answer.reason
    assert "\n" not in answer.reason


def test_a_ratio_that_needs_more_epochs_than_a_plan_has():
    bare = SamplingPlan(2**53, subset=1, epochs=0)
    with pytest.raises(UnreachableTarget, match="a plan has at most"):
        Wish(CoverageGoal(2**53, 1, 0.95), bare, subset=1).choose([])


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"target": 1.5}, ArgumentValueError, "target is 1.5"),
        ({"target": "all"}, ArgumentTypeError, "target is 'all'"),
        ({"confidence": 0}, ArgumentValueError, "confidence is 0"),
        ({"ratio": 0.1, "epochs": 3}, ArgumentTypeError, "epochs and ratio are given together"),
        ({"ratio": 2}, ArgumentValueError, "ratio is 2"),
        ({"epochs": -1}, ArgumentValueError, "epochs is -1"),
        ({"budget": 1.5}, ArgumentTypeError, "budget is 1.5"),
        ({"scheme": "random"}, ArgumentValueError, "scheme is 'random'"),
        ({"refresh_every": 0}, ArgumentValueError, "refresh_every is 0"),
        ({"warm_epochs": -1}, ArgumentValueError, "warm_epochs is -1"),
        ({"batch_size": 0}, ArgumentValueError, "batch_size is 0"),
        ({"full_epochs": 0}, ArgumentValueError, "full_epochs is 0"),
        ({"time_model": 3}, ArgumentTypeError, "time_model is 3"),
        ({"ratios": 0.1}, ArgumentTypeError, "ratios is 0.1"),
        ({"class_counts": [50, 40]}, ArgumentValueError, "class_counts sum to 90"),
        ({"class_counts": [100, 0]}, ArgumentValueError, r"class_counts\[1\] is 0"),
        ({"class_counts": 100}, ArgumentTypeError, "class_counts is 100"),
    ],
)
def test_bad_input_is_one_line(given, error, says):
    with pytest.raises(error, match=says) as fault:
        plan_for(100, **given)
    assert "\n" not in str(fault.value)
