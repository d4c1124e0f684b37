"""The spectrum N_r, against every outcome of small plans and a pair formula of 120 digits at any size."""

from collections import Counter
from fractions import Fraction
from itertools import product

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softsample_theory import SamplingPlan, plans
from softsample_theory.plan import SCHEMES
from softsample_theory.spectrum import spectrum, spectrum_covariance, spectrum_std, spectrum_variance
from softsample_theory.validation import ArgumentValueError
from softsample_theory.visit_counts import block_law


def plan_of(n, m, K, scheme, R=1, W=0):
    size = {} if scheme == "full" else {"subset": m}
    return SamplingPlan(n, **size, epochs=K, scheme=scheme, refresh_every=R, warm_epochs=W)


def scaled_error(got, exact):
    """Largest error over sqrt(Var N_r Var N_s); where a variance is zero, the error itself."""
    sd = np.sqrt(np.diag(exact))
    scale = np.outer(sd, sd)
    return float(np.max(np.abs(got - exact) / np.where(scale > 0, scale, 1.0), initial=0.0))


# Small plans: every outcome -----------------------------------------------------------------------------


def moments_of(outcomes, r_max):
    mean = [Fraction(0)] * (r_max + 1)
    square = Counter()
    for visits, p in outcomes.items():
        numbers = Counter(visits)
        for r in numbers:
            mean[r] += p * numbers[r]
        for r, s in product(numbers, repeat=2):
            square[r, s] += p * numbers[r] * numbers[s]
    rows = range(r_max + 1)
    return (
        np.array([float(x) for x in mean]),
        np.array([[float(square[r, s] - mean[r] * mean[s]) for s in rows] for r in rows]),
    )


SMALL = [
    # the three of the plan's claims, then refresh intervals, warm epochs and edges: (n, m, K, R, W)
    (5, 2, 4, 1, 0),
    (6, 3, 3, 1, 0),
    (4, 1, 5, 1, 0),
    (5, 2, 7, 3, 1),
    (4, 3, 5, 2, 1),
    (4, 2, 7, 3, 0),
    (3, 2, 6, 4, 1),
    (3, 1, 5, 2, 0),
    (2, 1, 5, 2, 0),
    (3, 1, 2, 3, 0),
    (3, 1, 1, 1, 0),
    (4, 2, 0, 1, 0),
    (1, 1, 3, 1, 0),
    (4, 4, 3, 2, 0),
    (3, 2, 1, 1, 2),
]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("n", "m", "K", "R", "W"), SMALL)
def test_small_plans_against_every_outcome(all_outcomes, n, m, K, R, W, scheme):
    plan = plan_of(n, m, K, scheme, R, W)
    r_max = W + K * (m if scheme == "iid" else 2)
    mean, covariance = moments_of(all_outcomes(plan), r_max)
    np.testing.assert_allclose(spectrum(plan, r_max=r_max), mean, rtol=1e-14, atol=0)
    assert scaled_error(spectrum_covariance(plan, r_max=r_max), covariance) < 1e-14
    np.testing.assert_allclose(
        spectrum_variance(plan, r_max=r_max), np.diag(covariance), rtol=1e-14, atol=1e-15
    )


def test_a_wrong_variance_would_be_caught(all_outcomes):
    plan = plan_of(5, 2, 4, "subset")
    _, covariance = moments_of(all_outcomes(plan), 4)
    independent = spectrum_covariance(plan.under("poisson"), r_max=4)  # planted: items taken as independent
    assert scaled_error(independent, covariance) > 0.1


# Any size: 120 digits -----------------------------------------------------------------------------------


def pair_law(n, m, draws, most):
    """P(c1 = i, c2 = j) after so many m-subsets, from the four joint outcomes of two items in one draw."""
    n, m = mp.mpf(n), mp.mpf(m)
    both, one, none = m * (m - 1), m * (n - m), (n - m) * (n - m - 1)
    law = {}
    for i in range(most + 1):
        for j in range(i, most + 1):
            total = mp.mpf(0)
            for k in range(max(0, i + j - draws), i + 1):
                ways = mp.binomial(draws, k) * mp.binomial(draws - k, i - k) * mp.binomial(draws - i, j - k)
                total += ways * both**k * one ** (i + j - 2 * k) * none ** (draws - i - j + k)
            law[i, j] = law[j, i] = total / (n * (n - 1)) ** draws
    return law


def independent_law(p, draws, most):
    single = [mp.binomial(draws, i) * p**i * (1 - p) ** (draws - i) for i in range(most + 1)]
    return {(i, j): single[i] * single[j] for i in range(most + 1) for j in range(most + 1)}


def reference(plan, r_max):
    """E N_r and Cov(N_r, N_s) = n P(r)[r=s] + n(n-1) P(r,s) - n^2 P(r) P(s), whatever cancels."""
    n, blocks = plan.population, block_law(plan, plan.epochs)
    p = mp.mpf(blocks.ratio.numerator) / blocks.ratio.denominator
    parts = []
    for draws, weight in ((blocks.blocks * blocks.draws, blocks.weight), (blocks.draws, blocks.part)):
        most = min(draws, r_max // weight) if weight else 0
        pair = (
            pair_law(n, p * n, draws, most) if plan.scheme != "poisson" else independent_law(p, draws, most)
        )
        single = [mp.binomial(draws, i) * p**i * (1 - p) ** (draws - i) for i in range(most + 1)]
        parts.append((pair, single, weight) if weight else ({(0, 0): mp.mpf(1)}, [mp.mpf(1)], 0))
    (pair_x, single_x, R), (pair_y, single_y, b) = parts
    single, pair = Counter(), Counter()
    for (i, x), (j, y) in product(enumerate(single_x), enumerate(single_y)):
        single[R * i + b * j] += x * y
    for ((i, k), x), ((j, h), y) in product(pair_x.items(), pair_y.items()):
        pair[R * i + b * j, R * k + b * h] += x * y
    rows = range(r_max + 1)
    covariance = [
        [n * single[r] * (r == s) + n * (n - 1) * pair[r, s] - n * n * single[r] * single[s] for s in rows]
        for r in rows
    ]
    return [n * single[r] for r in rows], covariance


LARGE = [
    # few repeats, then ordinary and extreme ratios, then refresh intervals: (n, m, K, scheme, R, r_max)
    (10**12, 10**6, 30, "subset", 1, 5),
    (10**12, 10**6, 30, "iid", 1, 5),
    (10**12, 10**6, 30, "poisson", 1, 5),
    (10**12, 1, 5, "subset", 1, 5),
    (10**12, 10**12 - 10**6, 8, "subset", 1, 8),
    (10**12, 10**11, 300, "subset", 1, 40),
    (10**9, 10**8, 20, "iid", 1, 15),
    (320, 16, 20, "iid", 1, 12),
    (3, 1, 60, "subset", 1, 40),
    (4, 2, 100, "subset", 1, 30),
    (10**12, 10**6, 30, "subset", 7, 23),
    (10**12, 10**6, 30, "iid", 7, 16),
    (10**9, 10**8, 23, "iid", 5, 15),
    (2**53, 2**40, 9, "iid", 4, 12),
]


@pytest.mark.parametrize(("n", "m", "K", "scheme", "R", "r_max"), LARGE)
def test_any_size_against_120_digits(n, m, K, scheme, R, r_max):
    plan = plan_of(n, m, K, scheme, R)
    with mp.workdps(120):
        mean, covariance = reference(plan, r_max)
        got = spectrum_covariance(plan, r_max=r_max)
        variance = spectrum_variance(plan, r_max=r_max)
        for r in range(r_max + 1):
            assert abs(spectrum(plan, r_max=r_max)[r] - mean[r]) <= 1e-13 * mean[r]
            assert abs(variance[r] - covariance[r][r]) <= 1e-13 * covariance[r][r] + mp.mpf(10) ** -90
            for s in range(r_max + 1):
                scale = mp.sqrt(abs(covariance[r][r] * covariance[s][s])) + mp.mpf(10) ** -90
                assert abs(got[r, s] - covariance[r][s]) <= 1e-13 * scale


def test_the_textbook_formula_fails_where_repeats_are_few():
    # planted: n p_r + n(n-1) P(r,r) - (n p_r)^2 in float64 at n = 1e12, m = 1e6, K = 30, r = 2
    n, m, K = 1e12, 1e6, 30
    rho = m / n
    p = K * (K - 1) / 2 * rho**2 * (1 - rho) ** (K - 2)
    p11, p10 = m * (m - 1) / (n * (n - 1)), m * (n - m) / (n * (n - 1))
    p00 = (n - m) * (n - m - 1) / (n * (n - 1))
    pair = sum(
        mult * p11**j * p10 ** (4 - 2 * j) * p00 ** (K - 4 + j)
        for j, mult in ((0, 30 * 29 * 28 * 27 / 4), (1, 30 * 29 * 28), (2, 30 * 29 / 2))
    )
    planted = n * p + n * (n - 1) * pair - (n * p) ** 2
    truth = spectrum_variance(plan_of(10**12, 10**6, K, "subset"), r_max=2)[2]
    assert abs(planted / truth - 1) > 1e-13


# Tables and identities ----------------------------------------------------------------------------------


def test_payload_table():
    # E N_0..N_5 and their standard deviations at n = 320, m = 16, K = 20, from Fractions; 3 and 2 decimals
    payload = plans.PAYLOAD.plan(0.05)
    assert spectrum(payload, r_max=5).round(3).tolist() == [114.715, 120.753, 60.377, 19.066, 4.265, 0.718]
    assert spectrum_std(payload, r_max=5).round(2).tolist() == [5.51, 8.68, 6.08, 3.63, 1.92, 0.83]
    iid = spectrum(payload.under("iid"), r_max=5)
    assert iid.round(2).tolist() == [117.54, 117.91, 58.95, 19.59, 4.87, 0.96]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 10**12),
    st.fractions(Fraction(1, 10**6), 1),
    st.integers(0, 60),
    st.sampled_from(SCHEMES),
    st.integers(1, 7),
    st.integers(0, 2),
)
def test_items_and_visits_add_up(n, ratio, K, scheme, R, W):
    size = {} if scheme == "full" else {"ratio": ratio}
    plan = SamplingPlan(n, **size, epochs=K, scheme=scheme, refresh_every=R, warm_epochs=W)
    mean = spectrum(plan)
    r = np.arange(mean.size)
    after = max(0, K - W)
    visits = n * (K - after) + plan.subset * after
    assert mean.sum() == pytest.approx(n, rel=1e-12)
    assert mean @ r == pytest.approx(visits, rel=1e-12)
    covariance, sd = spectrum_covariance(plan), spectrum_std(plan)
    # Items are conserved, and visits unless their number is random; the scale is that of the terms.
    assert np.all(np.abs(covariance.sum(axis=1)) <= 1e-11 * sd * sd.sum() + 1e-9)
    if scheme != "poisson":
        assert np.all(np.abs(covariance @ r) <= 1e-11 * sd * (sd @ r) + 1e-9)


def test_the_default_r_max_leaves_nothing_out():
    plan = SamplingPlan(10**12, 0.1, epochs=500)
    r_max = spectrum(plan).size - 1
    beyond = spectrum(plan, r_max=r_max + 60)[r_max:]
    assert beyond[1:].sum() <= 1e-12 < beyond.sum()


def test_too_many_counts_are_refused():
    plan = SamplingPlan(1000, 0.5, epochs=10**9)
    with pytest.raises(
        ArgumentValueError, match=r"r_max is 500\d*; it must be a whole number from 0 to 1000000"
    ):
        spectrum(plan)
    with pytest.raises(ArgumentValueError, match="r_max is 5000; it must be a whole number from 0 to 4095"):
        spectrum_covariance(plan, r_max=5000)
    assert spectrum(plan, r_max=3).tolist() == [0, 0, 0, 0]
