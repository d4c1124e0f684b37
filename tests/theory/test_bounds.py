"""Every bound on its own side of exact values: all outcomes of small plans, the exact chain at n = 320."""

from fractions import Fraction
from math import comb, exp, factorial, inf, log, log1p

import numpy as np
import pytest

from softsample_theory import SamplingPlan, plans
from softsample_theory.bounds import coverage_bounds, covering_time_bounds
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError

BY_CHANCE = ("subset", "iid", "poisson")


def named(bounds, name, quantity, kind=None):
    """Return the value of the one bound with this name, on a quantity that begins so."""
    found = [
        b for b in bounds if b.name == name and b.quantity.startswith(quantity) and kind in (None, b.kind)
    ]
    assert len(found) == 1
    return found[0].value


def holds(bound, exact, slack=1e-13):
    """Say whether a bound lies on its side of the exact value, up to the rounding of both."""
    room = slack * max(1.0, abs(exact))
    return bound.value <= exact + room if bound.kind == "lower bound" else bound.value >= exact - room


def coverage_chain(n, m, K, scheme):
    """The law of the distinct count after K epochs, by exact transition probabilities: float64 (n+1,)."""
    p = np.zeros(n + 1)
    p[0] = 1
    if scheme == "iid":  # one draw at a time: p'(s) = p(s) s/n + p(s-1) (n-s+1)/n
        s = np.arange(n + 1)
        for _ in range(m * K):
            p = p * s / n + np.append(0.0, (p * (n - s) / n)[:-1])
        return p
    step = np.zeros((n + 1, n + 1))
    for s in range(n + 1):
        for new in range(n - s + 1):
            if scheme == "subset" and new <= m and m - new <= s:
                step[s, s + new] = comb(n - s, new) * comb(s, m - new) / comb(n, m)
            if scheme == "poisson":
                step[s, s + new] = comb(n - s, new) * (m / n) ** new * (1 - m / n) ** (n - s - new)
    for _ in range(K):
        p = p @ step
    return p


SMALL = [
    (9, 3, 1),
    (9, 3, 4),
    (10, 1, 12),
    (10, 6, 2),
    (8, 7, 3),
    (12, 5, 6),
    (5, 5, 2),
    (6, 2, 0),
    (1, 1, 1),
]


@pytest.mark.parametrize("scheme", BY_CHANCE)
@pytest.mark.parametrize(("n", "m", "K"), SMALL)
def test_bounds_on_the_distinct_count(n, m, K, scheme):
    plan = SamplingPlan(n, subset=m, epochs=K, scheme=scheme)
    p, s = coverage_chain(n, m, K, scheme), np.arange(n + 1)
    mean = float(p @ s)
    u = np.arange(n + 1)
    mu = n - mean
    poisson = np.array([exp(-mu) * mu**k / factorial(k) for k in u])
    distance = 0.5 * (np.abs(p[::-1] - poisson).sum() + max(0.0, 1 - poisson.sum()))
    for t in (0.3, 1.0, 2.5, n / 2, n + 1.0):
        exact = {
            "E S": mean,
            "P(S <= E S - t)": float(p[s <= mean - t + 1e-12].sum()),
            "P(S >= E S + t)": float(p[s >= mean + t - 1e-12].sum()),
            "d_TV(n - S, Poisson(E[n - S]))": distance,
        }
        bounds = coverage_bounds(plan, deviation=t)
        for bound in bounds:
            if bound.kind == "approximation":
                assert bound.quantity == "P(S = n)"
                assert abs(bound.value - p[n]) <= named(bounds, "Poisson", "d_TV") + 1e-13
            else:
                assert holds(bound, exact[bound.quantity]), bound


@pytest.mark.parametrize("scheme", BY_CHANCE)
@pytest.mark.parametrize(("n", "m", "R"), [(4, 2, 1), (5, 1, 1), (4, 3, 2), (3, 1, 3), (3, 3, 1), (1, 1, 1)])
@pytest.mark.parametrize("copies", [1, 2, 3])
def test_bracket_of_the_covering_time(all_outcomes, n, m, R, scheme, copies):
    for K in (0, 1, 2, 4):
        plan = SamplingPlan(n, subset=m, epochs=K, scheme=scheme, refresh_every=R)
        covered = float(sum(p for visits, p in all_outcomes(plan).items() if min(visits) >= copies))
        for bound in covering_time_bounds(plan, copies=copies):
            if bound.quantity == "P(T <= K)" and bound.kind != "approximation":
                assert holds(bound, covered), (bound, K)


def covering_law(n, m, scheme):
    """Return K -> P(T <= K), from the chain."""
    return lambda K: coverage_chain(n, m, K, scheme)[n]


@pytest.mark.parametrize("scheme", BY_CHANCE)
@pytest.mark.parametrize(("n", "m"), [(9, 3), (10, 1), (10, 6), (8, 7), (5, 5), (1, 1), (12, 5)])
@pytest.mark.parametrize("R", [1, 4])
def test_bounds_on_quantiles_and_mean_of_the_covering_time(n, m, scheme, R):
    plan = SamplingPlan(n, subset=m, epochs=1, scheme=scheme, refresh_every=R)
    cdf = []
    law = covering_law(n, m, scheme)
    while not cdf or 1 - cdf[-1] > 1e-9:
        cdf.append(law(len(cdf)))
        if len(cdf) > 250:
            break
    mean = R * (sum(1 - c for c in cdf) - 1) + 1  # the neglected tail is below 1e-7
    for delta in (0.5, 0.1, 0.01):
        draws = next(K for K, c in enumerate(cdf) if c >= 1 - delta)
        exact = {"least K with P(T <= K) >= 1 - delta": R * (draws - 1) + 1, "E T": mean}
        for bound in covering_time_bounds(plan, delta=delta):
            if bound.kind != "approximation" and bound.quantity in exact:
                assert holds(bound, exact[bound.quantity], slack=1e-6), bound


def test_known_quantiles_and_means():
    # true 95 % quantiles at n = 320 are 171, 83, 40; ceil(ln(n/delta)/lambda) is 171, 84, 40
    quantity = "least K with P(T <= K) >= 1 - delta"
    for ratio, low, high in ((0.05, 171, 171), (0.1, 83, 84), (0.2, 40, 40)):
        bounds = covering_time_bounds(plans.PAYLOAD.plan(ratio), delta=0.05)
        assert named(bounds, "union", quantity) == high
        assert named(bounds, "negative association", quantity) <= low
        rate = -log1p(-plans.PAYLOAD.plan(ratio).ratio)
        assert named(bounds, "union", quantity) == -(-log(320 / 0.05) // rate)
    # E T at n = 320, m = 16: exactly 124.409 (300-digit Eq. 15); (ln n + gamma)/lambda + 1/2 = 124.211;
    # the coupon collector's n H_n/m = 126.942
    bounds = covering_time_bounds(plans.PAYLOAD.plan(0.05))
    assert round(named(bounds, "exponential times", "E T", "approximation"), 3) == 124.211
    assert named(bounds, "negative association", "E T") < 124.409 < named(bounds, "union", "E T")
    iid = covering_time_bounds(plans.PAYLOAD.plan(0.05, scheme="iid"))
    assert round(named(iid, "collector", "E T", "lower bound"), 3) == 126.942


def test_tails_of_the_payload_plan():
    # n = 320, m = 16, K = 20, t = 16: exact lower tail .0021 (chain), Hoeffding .202, McDiarmid .905
    plan = plans.PAYLOAD.plan(0.05)
    p, s = coverage_chain(320, 16, 20, "subset"), np.arange(321)
    mean = float(p @ s)
    assert round(mean, 3) == 205.285
    tail = float(p[s <= mean - 16].sum())
    assert round(tail, 4) == 0.0021
    bounds = coverage_bounds(plan, deviation=16)
    values = [named(bounds, name, "P(S <=") for name in ("Chernoff", "Bernstein", "Hoeffding", "McDiarmid")]
    assert [round(v, 3) for v in values[2:]] == [0.202, 0.905]
    assert [tail, *values] == sorted([tail, *values])


@pytest.mark.parametrize(("m", "K"), [(16, 120), (16, 60), (32, 60)])
def test_poisson_distance_at_three_plans(m, K):
    p = coverage_chain(320, m, K, "subset")[::-1]
    mu = 320 * (1 - m / 320) ** K
    poisson = np.array([exp(-mu + k * log(mu) - sum(log(i) for i in range(1, k + 1))) for k in range(321)])
    distance = 0.5 * np.abs(p - poisson).sum()
    bounds = coverage_bounds(SamplingPlan(320, subset=m, epochs=K))
    assert distance <= named(bounds, "Poisson", "d_TV")
    variance = float(p @ (np.arange(321) - mu) ** 2)
    assert named(bounds, "Poisson", "d_TV") == pytest.approx((1 - exp(-mu)) * (1 - variance / mu), rel=1e-9)
    assert named(bounds, "Poisson", "P(S = n)") == pytest.approx(exp(-mu), rel=1e-12)
    if (m, K) == (16, 120):  # TV .0039 <= .0076; e^-mu over-estimates P(S = n) = .50435
        assert (round(distance, 4), round(named(bounds, "Poisson", "d_TV"), 4)) == (0.0039, 0.0076)
        assert round(p[0], 5) == 0.50435
        assert round(named(bounds, "Poisson", "P(S = n)"), 5) == 0.50703


# Planted wrong variants: each would be caught by the exact values above ----------------------------------


def test_planted_mean_bound():
    # the limit n (1 - e^-rhoK) as an upper bound on the mean: it is a lower one
    plan = plans.PAYLOAD.plan(0.2)
    mean = 320 * (1 - 0.8**20)
    assert named(coverage_bounds(plan), "exponential", "E S") < mean - 1


def test_planted_tail_bounds():
    two = coverage_chain(2, 1, 1, "poisson")  # S ~ Bin(2, 1/2), P(S <= 1 - 1) = 1/4
    assert two[0] > exp(-4 * 1 / 2)  # Hoeffding with 4 in place of 2

    # E[n - S] = 0.1: P(S <= E S - 0.9) = P(U >= 1), on the heavy side
    plan = SamplingPlan(10, subset=9, epochs=2, scheme="poisson")
    tail = 1 - coverage_chain(10, 9, 2, "poisson")[10]
    assert tail > exp(-0.81 / (2 * 0.1 * 0.99))  # Bernstein without its second term
    assert tail > named(coverage_bounds(plan, deviation=0.9), "Chernoff", "P(S >=")  # the two sides exchanged

    halves = coverage_chain(12, 6, 2, "subset")  # P(S <= 9 - 2) = 37/924
    assert halves[:8].sum() > exp(-2 * 4 / 2)  # McDiarmid with c = 1 in place of min(m, n - m)


def test_planted_bracket(all_outcomes):
    # the product formula as a lower bound, or the union bound as an upper one
    plan = SamplingPlan(4, subset=2, epochs=4)
    covered = float(sum(p for visits, p in all_outcomes(plan).items() if min(visits) >= 1))
    bounds = covering_time_bounds(plan)
    lower, upper = (named(bounds, name, "P(T") for name in ("union", "negative association"))
    assert lower < covered - 1e-3
    assert upper > covered + 1e-3


def test_planted_total_variation():
    # the distance bound with the variance of independent items
    p = coverage_chain(9, 3, 4, "subset")[::-1]
    mu = 9 * (2 / 3) ** 4
    poisson = np.array([exp(-mu) * mu**k / factorial(k) for k in range(10)])
    distance = 0.5 * (np.abs(p - poisson).sum() + 1 - poisson.sum())
    assert distance > (1 - exp(-mu)) * (2 / 3) ** 4


# Arguments ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["reshuffle", "fixed", "full"])
@pytest.mark.parametrize("function", [coverage_bounds, covering_time_bounds])
def test_certain_coverage_has_no_bounds(function, scheme):
    plan = SamplingPlan(10, subset=10, epochs=3, scheme=scheme)
    with pytest.raises(
        ArgumentValueError, match=f"certain under the others.*'{scheme}'.*subset, iid, poisson"
    ):
        function(plan)
    with pytest.raises(ArgumentValueError, match="warm_epochs is 1; it must be 0 here"):
        function(SamplingPlan(10, subset=3, epochs=3, warm_epochs=1))


def test_arguments():
    plan = SamplingPlan(10, subset=3, epochs=3)
    for wrong in (0.0, -1.0, inf, float("nan")):
        with pytest.raises(ArgumentValueError, match="deviation"):
            coverage_bounds(plan, deviation=wrong)
    for wrong in (0.0, 1.0):
        with pytest.raises(ArgumentValueError, match="delta"):
            covering_time_bounds(plan, delta=wrong)
    with pytest.raises(ArgumentTypeError, match="copies is True"):
        covering_time_bounds(plan, copies=True)
    with pytest.raises(ArgumentValueError, match="copies is 0"):
        covering_time_bounds(plan, copies=0)


def test_kinds_are_never_mixed():
    plan = plans.PAYLOAD.plan(0.05)
    for bound in (*coverage_bounds(plan, deviation=5), *covering_time_bounds(plan, delta=0.1)):
        assert bound.kind in ("lower bound", "upper bound", "approximation")
        assert (bound.kind == "approximation") == (
            bound.name in ("exponential times", "Poisson") and not bound.quantity.startswith("d_TV")
        )


def test_trillions_of_items():
    # d_TV at n = 1e12, rho = .1, K = 300: (1-e^-mu) u (1 + (n-1)(1-r^K)); 40 digits from Fractions and exp
    plan = SamplingPlan(10**12, 0.1, epochs=300)
    u = Fraction(9, 10) ** 300
    n, m = 10**12, 10**11
    pair = Fraction((n - m) * (n - m - 1), n * (n - 1)) ** 300
    deficit = float(n * u - (n - 1) * pair / u)  # 1 - Var/mu
    mu = float(n * u)
    value = named(coverage_bounds(plan), "Poisson", "d_TV")
    assert value == pytest.approx((1 - exp(-mu)) * deficit, rel=1e-13, abs=0)
