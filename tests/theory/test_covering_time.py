"""Covering times under every scheme, and what the plan's refresh interval and warm epochs make of them."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softsample_theory import SamplingPlan, covering_time, plans
from softsample_theory.laws.never_law import NeverLaw
from softsample_theory.laws.point_law import PointLaw
from softsample_theory.laws.poisson_cover_time_law import PoissonCoverTimeLaw
from softsample_theory.laws.spaced_law import SpacedLaw
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError


def near(value, rel):
    """Relative closeness alone: pytest.approx would also accept an absolute 1e-12."""
    return pytest.approx(value, rel=rel, abs=0)


def plan(n, m, scheme="subset", **more):
    return SamplingPlan(n, subset=m, epochs=0, scheme=scheme, **more)


# The paper's plans ------------------------------------------------------------------------------------------


def test_mean_epochs_of_the_papers_plans():
    """Payload (320 chunks) and CIFAR10 (98 batches): exact rationals of Eq. 15, three decimals."""
    assert [round(covering_time.mean(each), 3) for each in plans.PAYLOAD] == [124.409, 60.825, 28.986]
    assert [round(covering_time.mean(plans.CIFAR10.plan(r)), 3) for r in (0.05, 0.1)] == [99.590, 48.718]


def test_mean_epochs_under_iid_draws():
    """E D = n H_n draws are n H_n / m epochs, and rounding up to whole epochs adds a half all but exactly."""
    harmonic = sum(Fraction(1, i) for i in range(1, 321))
    for m, epochs in ((16, 126.942), (32, 63.471), (64, 31.735), (96, 21.157)):
        assert round(float(320 * harmonic / m), 3) == epochs
        assert covering_time.mean(plan(320, m, "iid")) == pytest.approx(
            float(320 * harmonic / m) + 0.5, abs=2 / m
        )
        assert covering_time.draws_law(plan(320, m, "iid")).mean() == near(float(320 * harmonic), rel=1e-13)


def test_epochs_for_full_coverage_with_95_percent():
    """n = 320 by Eq. 14; n = 50000 in the bracket 1 - n q^K <= P <= (1 - q^K)^n; iid by draws/m."""
    assert [covering_time.epochs_for(each, fraction=1) for each in plans.PAYLOAD] == [171, 83, 40]
    subset = {2500: (269, 270), 5000: (131, 132), 10_000: (62, 62), 15_000: (39, 39)}
    for m, (low, high) in subset.items():
        assert low <= covering_time.epochs_for(plan(50_000, m), fraction=1) <= high
    iid = {2500: 275.8, 5000: 137.9, 10_000: 68.9, 15_000: 46.0}
    for m, epochs in iid.items():
        assert covering_time.draws_law(plan(50_000, m, "iid")).ppf(0.95) / m == pytest.approx(
            epochs, abs=0.051
        )
        assert covering_time.epochs_for(plan(50_000, m, "iid"), fraction=1) == math.ceil(
            covering_time.draws_law(plan(50_000, m, "iid")).ppf(0.95) / m
        )


def test_several_copies():
    """(320, 16), twice in 150 epochs: 0.2682720497135666 by exact inclusion and exclusion."""
    assert covering_time.law(plan(320, 16), copies=2).cdf(150) == near(0.2682720497135666, rel=1e-14)


# Certain schemes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "m"), [(10, 3), (7, 7), (12, 4), (9, 1), (5, 4)])
def test_reshuffle_walks_through_whole_permutations(n, m):
    """By following the walk: after D draws D // n permutations are complete, D % n items are one ahead."""
    for s in range(1, n + 1):
        for d in (1, 2, 3):
            k = next(
                k for k in range(1, 200) if (m * k // n >= d) or (m * k // n == d - 1 and m * k % n >= s)
            )
            assert covering_time.law(plan(n, m, "reshuffle"), items=s, copies=d) == PointLaw(k)


def test_fixed_and_full_are_certain():
    assert covering_time.law(plan(10, 4, "fixed"), items=4, copies=3) == PointLaw(3)
    assert covering_time.law(plan(10, 10, "full"), copies=3) == PointLaw(3)
    assert covering_time.law(plan(10, 4, "fixed"), items=5) == NeverLaw()


def test_never_is_said_honestly():
    law = covering_time.law(plan(10, 4, "fixed"))
    assert law.support() == (math.inf, math.inf)
    assert (law.mean(), law.median(), law.isf(0.01)) == (math.inf, math.inf, math.inf)
    assert law.ppf([0, 0.5, 1]).tolist() == [math.inf] * 3
    assert math.isnan(law.var())
    assert math.isnan(law.std())
    assert (law.cdf(10**18), law.sf(10**18), law.pmf(3), law.logpmf(3)) == (0, 1, 0, -math.inf)
    assert law.rvs(3, random_state=0).tolist() == [math.inf] * 3
    assert law.interval(0.9) == (math.inf, math.inf)


# Refresh interval and warm epochs ---------------------------------------------------------------------------


def first_time(history, copies, items):
    """The first epoch by which `items` units have `copies` visits, in a list of sets of visited units."""
    counts = {}
    for epoch, visited in enumerate(history, start=1):
        for unit in visited:
            counts[unit] = counts.get(unit, 0) + 1
        if sum(c >= copies for c in counts.values()) >= items:
            return epoch
    return None


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 5), st.integers(0, 3), st.integers(1, 9), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_the_time_is_an_affine_map_of_the_draws(interval, warm, copies, items, seed):
    """Path by path: T = W + R (T'_c - 1) + d' - (c-1) R on random sequences of subsets of six units."""
    rng = np.random.default_rng(seed)
    draws = [set(rng.choice(6, size=3, replace=False).tolist()) for _ in range(80)]
    history = [set(range(6))] * warm + [draw for draw in draws for _ in range(interval)]
    missing = copies - warm
    law = covering_time.law(
        plan(6, 3, "poisson", refresh_every=interval, warm_epochs=warm), items=items, copies=copies
    )
    if missing <= 0:
        assert law == PointLaw(copies)
        return
    needed = -(-missing // interval)
    base = first_time(draws, needed, items)
    assert base is not None
    value = warm + interval * (base - 1) + missing - (needed - 1) * interval
    assert value == first_time(history, copies, items)
    if isinstance(law, SpacedLaw):
        assert law.shift + law.spacing * base == value
        assert law.base == PoissonCoverTimeLaw(6, 3, items, needed)
    else:
        assert (interval, warm) == (1, 0)


def test_a_refresh_interval_stretches_time():
    every, tenth = plan(98, 5), plan(98, 5, refresh_every=10)
    law, slow = covering_time.law(every), covering_time.law(tenth)
    assert slow.mean() == near(10 * law.mean() - 9, rel=1e-15)
    assert slow.var() == near(100 * law.var(), rel=1e-15)
    k = np.arange(900, 1100)
    assert slow.cdf(k) == near(law.cdf((k + 9) // 10), rel=1e-15)
    assert slow.sf(k) == near(law.sf((k + 9) // 10), rel=1e-15)
    assert (slow.pmf(k) > 0).tolist() == ((k - 1) % 10 == 0).tolist()
    assert slow.pmf(991) == law.pmf(100)
    assert slow.logpmf([990, 991]).tolist() == [-math.inf, law.logpmf(100)]
    assert slow.ppf([0.1, 0.9]).tolist() == (10 * law.ppf([0.1, 0.9]) - 9).tolist()
    assert slow.isf([0.1, 1e-9]).tolist() == (10 * law.isf([0.1, 1e-9]) - 9).tolist()
    assert slow.logsf(2000) == near(law.logsf(200), rel=1e-15)
    assert slow.support() == (191, math.inf)
    assert ((slow.rvs(50, random_state=1) - 1) % 10 == 0).all()


def test_warm_epochs_see_everything_once():
    warm = plan(50, 5, warm_epochs=2)
    assert covering_time.law(warm) == PointLaw(1)
    assert covering_time.law(warm, copies=2) == PointLaw(2)
    assert covering_time.mean(warm, copies=3) == near(2 + covering_time.mean(plan(50, 5)), rel=1e-15)
    assert covering_time.law(plan(50, 5, "fixed", warm_epochs=1), copies=1) == PointLaw(1)


# The room's own questions -----------------------------------------------------------------------------------


def test_a_fraction_is_the_decimal_that_it_prints_as():
    """ceil(0.07 * 100) in float64 is 8; the decimal 7/100 of 100 items is 7."""
    assert math.ceil(0.07 * 100) == 8
    assert covering_time.law(plan(100, 5), fraction=0.07).items == 7
    assert covering_time.law(plan(100, 5), fraction=Fraction(7, 100)).items == 7
    assert covering_time.law(plan(2**53, 5), fraction=0.99).items == -(-99 * 2**53 // 100)
    assert covering_time.law(plan(100, 5), fraction=1).items == 100
    assert covering_time.law(plan(100, 5), fraction=0) == PointLaw(0)


@pytest.mark.parametrize("scheme", ["subset", "iid", "poisson", "reshuffle", "full"])
def test_epochs_for_is_the_least_number_that_will_do(scheme):
    each = plan(98, 98 if scheme == "full" else 5, scheme)
    for fraction, confidence in ((0.5, 0.5), (0.9, 0.99), (1, 0.95), (0.99, 1 - 1e-12)):
        k = covering_time.epochs_for(each, fraction, confidence)
        law = covering_time.law(each, fraction=fraction)
        assert isinstance(k, int)
        assert law.sf(k) <= (1 - confidence) * (1 + 1e-3)
        assert law.cdf(k - 1) < confidence


def test_confidence_keeps_the_digits_near_one():
    """1 - 1e-12 as a float64 is 1 - 1.00000008e-12; as the decimal that it prints as it is not."""
    assert covering_time.epochs_for(plan(320, 16), 1, 0.999999999999) == 652
    assert covering_time.epochs_for(plan(320, 16), 1, Fraction(10**12 - 1, 10**12)) == 652  # isf(1e-12)


def test_what_cannot_be_reached_is_said():
    with pytest.raises(ArgumentValueError, match=r"fraction is 0\.5; it must be at most 4 of 10 units"):
        covering_time.epochs_for(plan(10, 4, "fixed"), fraction=0.5)
    with pytest.raises(ArgumentValueError, match="items is 9; it must be at most 4 of 10 units"):
        covering_time.epochs_for(plan(10, 4, "fixed"), items=9)
    with pytest.raises(ArgumentValueError, match="confidence is 1; it must be below 1"):
        covering_time.epochs_for(plan(10, 4), confidence=1)
    assert covering_time.epochs_for(plan(10, 4, "reshuffle"), 1, 1) == 3
    with pytest.raises(ArgumentTypeError, match=r"items is 5 and fraction is 0\.5"):
        covering_time.law(plan(10, 4), items=5, fraction=0.5)
    with pytest.raises(ArgumentValueError, match="copies is 2; it must be 1 where items are fewer"):
        covering_time.law(plan(10, 4), items=5, copies=2)
    with pytest.raises(ArgumentValueError, match="scheme is 'subset'; it must be iid"):
        covering_time.draws_law(plan(10, 4))


def test_mean_variance_std_and_quantile_read_the_law():
    payload = plans.PAYLOAD.plan(0.1)
    law = covering_time.law(payload, fraction=0.95)
    assert covering_time.mean(payload, fraction=0.95) == law.mean()
    assert covering_time.variance(payload, fraction=0.95) == law.var()
    assert covering_time.std(payload, items=304) == math.sqrt(law.var())
    assert covering_time.quantile(payload, [0.1, 0.5], items=304).tolist() == law.ppf([0.1, 0.5]).tolist()


# Order among the schemes ------------------------------------------------------------------------------------


def excess(slower, faster, k):
    """How far the claim P(T_slower <= k) <= P(T_faster <= k) fails, relative to rounding."""
    return max(0.0, float(np.max(slower.cdf(k) - faster.cdf(k) * (1 + 1e-12))))


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 3000).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n), st.integers(1, n))))
def test_iid_is_slower_than_subset_is_slower_than_reshuffle(case):
    """By coupling: pad the distinct items of m draws with others; repeat none before all are seen."""
    n, m, s = case
    laws = [covering_time.law(plan(n, m, scheme), items=s) for scheme in ("iid", "subset", "reshuffle")]
    k = np.unique(np.linspace(0, laws[0].isf(1e-6), 12).astype(int))
    assert excess(laws[0], laws[1], k) == 0
    assert excess(laws[1], laws[2], k) == 0


def test_the_reverse_order_would_be_caught():
    laws = [covering_time.law(plan(100, 20, scheme)) for scheme in ("iid", "subset")]
    assert excess(laws[1], laws[0], np.arange(60)) > 0.01


@pytest.mark.parametrize(("scheme", "n", "m"), [("iid", 6, 2), ("reshuffle", 5, 2)])
def test_copies_with_a_refresh_interval_are_refused_where_a_draw_repeats_items(scheme, n, m):
    # n = 2, m = 2, R = 2, iid: draws (a, a), (b, b) give visits (2,0), (4,0), (4,2): twice each after 3
    # epochs, where the stretched time of the draws, 2 T', says 4.
    with pytest.raises(ValueError, match="refresh_every is 2; it must be 1 for 2 copies"):
        covering_time.law(plan(n, m, scheme, refresh_every=2), copies=2)
    assert covering_time.law(plan(n, m, scheme, refresh_every=2)).mean() > 0
    assert covering_time.law(plan(6, 2, "reshuffle", refresh_every=2), copies=2).mean() == 6
