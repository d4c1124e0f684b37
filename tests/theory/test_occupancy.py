"""One item's count, extremes, effective sample size and gaps, against every outcome and known values."""

from collections import Counter
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softsample_theory import SamplingPlan, occupancy, plans
from softsample_theory.plan import SCHEMES
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError

SMALL = [
    # (n, m, K, R, W)
    (5, 2, 4, 1, 0),
    (6, 3, 3, 1, 0),
    (4, 2, 7, 3, 1),
    (4, 3, 5, 2, 1),
    (3, 2, 6, 4, 1),
    (2, 1, 5, 2, 0),
    (4, 2, 0, 1, 0),
    (1, 1, 3, 2, 0),
    (3, 3, 4, 3, 0),
]


def plan_of(n, m, K, scheme, R=1, W=0):
    size = {} if scheme == "full" else {"subset": m}
    return SamplingPlan(n, **size, epochs=K, scheme=scheme, refresh_every=R, warm_epochs=W)


def near(value, rel):
    return pytest.approx(value, rel=rel, abs=0)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("n", "m", "K", "R", "W"), SMALL)
def test_small_plans_against_every_outcome(all_outcomes, n, m, K, R, W, scheme):
    plan = plan_of(n, m, K, scheme, R, W)
    outcomes = all_outcomes(plan)
    one = Counter()
    for visits, p in outcomes.items():
        for v in visits:
            one[v] += p / n
    law = occupancy.law(plan)
    r = np.arange(max(one) + 2)
    np.testing.assert_allclose(law.pmf(r), [float(one[int(v)]) for v in r], rtol=1e-14)
    assert occupancy.mean_count(plan) == pytest.approx(
        float(sum(v * p for v, p in one.items())), rel=1e-15 * 4
    )
    total = sum(p * sum(visits) for visits, p in outcomes.items())
    squares = sum(p * sum(v * v for v in visits) for visits, p in outcomes.items())
    size = float(total**2 / squares) if squares else 0.0
    assert occupancy.effective_sample_size(plan) == pytest.approx(size, rel=1e-14, abs=0)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("n", "m", "K", "R", "W"), SMALL)
def test_extreme_counts_lie_in_their_brackets(all_outcomes, n, m, K, R, W, scheme):
    plan = plan_of(n, m, K, scheme, R, W)
    outcomes = all_outcomes(plan)
    high, low = occupancy.max_load(plan), occupancy.min_load(plan)
    for r in range(W + m * K + 2):
        at_least = float(sum(p for visits, p in outcomes.items() if max(visits) >= r))
        at_most = float(sum(p for visits, p in outcomes.items() if min(visits) <= r))
        for load, exact in ((high, at_least), (low, at_most)):
            assert load.lower(r) <= exact + 1e-14
            assert load.upper(r) >= exact - 1e-14
            if load.exact:
                assert load.lower(r) == pytest.approx(exact, rel=1e-13, abs=1e-15)
    for confidence in (0.0, 0.5, 0.95, 1.0):
        for load, extreme in ((high, max), (low, min)):
            a, b = load.interval(confidence)
            inside = sum(p for visits, p in outcomes.items() if a <= extreme(visits) <= b)
            assert inside >= confidence - 1e-14 or confidence == 0


def test_a_bracket_on_the_wrong_side_would_be_caught(all_outcomes):
    # planted: the product formula taken as an upper bound; for one draw of 2 among 4, P(max >= 1) = 1 > 15/16
    plan = plan_of(4, 2, 1, "subset")
    exact = float(sum(p for visits, p in all_outcomes(plan).items() if max(visits) >= 1))
    assert occupancy.max_load(plan).lower(1) == near(15 / 16, 1e-15)
    assert exact > occupancy.max_load(plan).lower(1) + 0.06


def test_largest_count_of_the_papers_plans():
    # n = 320, m = 16, K = 20 and n = 50,000, 5 %, K = 320; binomial tails to four digits
    payload = occupancy.max_load(plans.PAYLOAD.plan(0.05))
    assert (round(float(payload.lower(6)), 4), round(float(payload.upper(6)), 4)) == (0.1000, 0.1054)
    images = occupancy.max_load(SamplingPlan(50_000, 0.05, epochs=320))
    assert (round(float(images.lower(36)), 3), round(float(images.upper(36)), 3)) == (0.261, 0.303)
    assert float(images.upper(40)) == near(0.0063, 0.005)
    assert images.interval(0.95) == (33, 38)


def test_effective_sample_size_formula():
    # n rho K / (rho K + 1 - rho) = 320 * 1 / 1.95; without repeats of the draw: iid, 320 / (1 + (1 - 1/320))
    payload = plans.PAYLOAD.plan(0.05)
    assert occupancy.effective_sample_size(payload) == near(320 / 1.95, 1e-15 * 4)
    assert occupancy.effective_sample_size(payload.under("iid")) == near(320 / (2 - 1 / 320), 1e-15 * 4)
    assert occupancy.effective_sample_size(payload.under("fixed")) == near(16, 1e-15 * 4)
    assert occupancy.effective_sample_size(payload.under("full")) == 320


def test_gaps_between_visits():
    payload = plans.PAYLOAD.plan(0.05)
    assert occupancy.revisit_gap(payload).mean() == near(20, 1e-15)
    assert occupancy.revisit_gap(payload.under("iid")).mean() == near(
        float(1 / (1 - Fraction(319, 320) ** 16)), 1e-15
    )
    assert occupancy.revisit_gap(payload.under("reshuffle")).support() == (1, 39)
    assert occupancy.revisit_gap(payload.under("full")).support() == (1, 1)
    assert occupancy.revisit_gap(payload.under("fixed")).support() == (1, 1)
    kept = occupancy.revisit_gap(plans.PAYLOAD.plan(0.05, refresh_every=10))
    assert kept.mean() == near(20, 1e-15)
    assert kept.pmf([1, 2, 11]) == pytest.approx([(9 + 0.05) / 10, 0, 0.05 * 0.95 / 10], rel=1e-14, abs=0)


def test_gaps_on_a_simulated_walk():
    # 40,000 permutations of 7, 3 an epoch: gaps of one item, pairs of neighbours dependent; sd below 0.0035
    rng = np.random.default_rng(20221101)
    places = 7 * np.arange(40_000) + rng.integers(0, 7, 40_000)
    epochs = np.unique(places // 3)
    gaps = np.diff(epochs)
    law = occupancy.revisit_gap(SamplingPlan(7, subset=3, epochs=1, scheme="reshuffle"))
    for j in (1, 2, 3, 4, 5):
        assert abs(np.mean(gaps == j) - law.pmf(j)) < 5 * 0.0035  # false alarm below 1e-6
    once = occupancy.revisit_gap(SamplingPlan(7, subset=3, epochs=1))  # planted: memoryless gaps
    assert abs(np.mean(gaps == 1) - once.pmf(1)) > 0.1


@settings(max_examples=50, deadline=None)
@given(
    st.integers(1, 2**53),
    st.fractions(Fraction(1, 10**12), 1),
    st.integers(0, 2**8),
    st.sampled_from(SCHEMES),
    st.integers(1, 5),
)
def test_laws_of_any_plan_are_laws(n, ratio, K, scheme, R):
    size = {} if scheme == "full" else {"ratio": ratio}
    plan = SamplingPlan(n, **size, epochs=K, scheme=scheme, refresh_every=R)
    law = occupancy.law(plan)
    low, high = law.support()
    r = np.arange(low, min(high, int(law.isf(1e-17))) + 1)
    p = law.pmf(r)
    assert p.sum() == pytest.approx(1, rel=1e-12)
    assert p @ r == pytest.approx(law.mean(), rel=1e-12)
    assert law.mean() == pytest.approx(plan.subset * K / n, rel=1e-14)
    assert 0 <= occupancy.effective_sample_size(plan) <= n * (1 + 1e-15)
    assert np.abs(law.cdf(r) + law.sf(r) - 1).max() <= 1e-15
    load = occupancy.max_load(plan)
    tails = [float(load.upper(v)) for v in r[-3:]]
    assert all(a >= b for a, b in pairwise(tails))


def test_the_epoch_is_checked():
    plan = plans.PAYLOAD.plan(0.05)
    assert occupancy.law(plan, 0).support() == (0, 0)
    assert occupancy.mean_count(plan, 40) == 2.0  # beyond the plan's own 20 epochs
    with pytest.raises(ArgumentValueError, match="epoch is -1"):
        occupancy.law(plan, -1)
    with pytest.raises(ArgumentTypeError, match=r"epoch is 1\.5"):
        occupancy.spectrum(plan, 1.5)
    with pytest.raises(ArgumentValueError, match="at most 288230376151711744 with this subset"):
        occupancy.max_load(plan, 2**60)
