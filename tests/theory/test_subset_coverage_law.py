"""SubsetCoverageLaw against exact integers, SciPy's chain and Eq. 9 in full."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from softsample_theory.laws import OccupancyLaw, SubsetCoverageLaw
from softsample_theory.laws.subset_cumulants import seen_cumulants
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError


def exact_pmf(n: int, m: int, K: int) -> list[Fraction]:
    """P(S = s), s = 0..n: Eq. 9 in integers, its sums taken as finite differences of C(i,m)^K."""
    row = [comb(i, m) ** K for i in range(n + 1)]
    total = comb(n, m) ** K
    law = []
    for s in range(n + 1):
        law.append(Fraction(comb(n, s) * row[0], total))
        row = [b - a for a, b in pairwise(row)]
    return law


def eq_9(n: int, m: int, K: int, s: int) -> Fraction:
    """Eq. 9 of the SRS paper as printed, in rationals."""
    terms = ((-1) ** i * comb(s, i) * Fraction(comb(s - i, m), comb(n, m)) ** K for i in range(s + 1))
    return comb(n, s) * sum(terms, Fraction(0))


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8])
def test_eq_9_as_printed(n: int) -> None:
    for m in range(1, n + 1):
        for K in range(6):
            law = SubsetCoverageLaw(n, m, K)
            for s in range(n + 1):
                assert law.pmf(s) == pytest.approx(float(eq_9(n, m, K, s)), rel=1e-14, abs=0)


# The units of the SRS paper (98, 320), small n, and m near n.
EXACT = [
    (9, 2, 6),
    (60, 3, 40),
    (60, 31, 4),
    (60, 58, 2),
    (98, 5, 40),
    (98, 10, 30),
    (320, 16, 20),
    (320, 64, 12),
]


@pytest.mark.parametrize(("n", "m", "K"), EXACT)
def test_pmf_cdf_and_sf_against_integers(n: int, m: int, K: int) -> None:
    right = exact_pmf(n, m, K)
    law = SubsetCoverageLaw(n, m, K)
    s = np.arange(n + 1)
    pmf, cdf, sf = law.pmf(s), law.cdf(s), law.sf(s)
    below = Fraction(0)
    for i in range(n + 1):
        below += right[i]
        for found, value in ((pmf[i], right[i]), (cdf[i], below), (sf[i], 1 - below)):
            if value > 1e-60:
                assert abs(found / float(value) - 1) < (1e-13 if value > 1e-25 else 3e-13)
            elif value == 0:
                assert found == 0


@pytest.mark.parametrize(("n", "m", "K"), [(60, 3, 40), (98, 5, 40), (320, 16, 20)])
def test_quantiles_against_integers(n: int, m: int, K: int) -> None:
    below = np.cumsum(np.array(exact_pmf(n, m, K), dtype=object))
    law = SubsetCoverageLaw(n, m, K)
    for p in (1e-12, 0.001, 0.025, 0.3, 0.5, 0.9, 0.975, 1 - 1e-9):
        exact = Fraction(p)
        assert law.ppf(p) == next(s for s in range(n + 1) if below[s] >= exact)
        assert law.isf(p) == next(s for s in range(n + 1) if 1 - below[s] <= exact)
    # isf keeps tails that 1 - p cannot express: P(S > q) <= 1e-25.
    assert law.isf(1e-25) == next(s for s in range(n + 1) if 1 - below[s] <= Fraction(1e-25))


def test_two_thousand_items_against_integers() -> None:
    # (2000, 200, 8): one exact value a side and the band; integers by Eq. 9.
    n, m, K = 2000, 200, 8
    law = SubsetCoverageLaw(n, m, K)
    for s in (1100, 1190):
        total = comb(n, m) ** K
        count = comb(n, s) * sum((-1) ** i * comb(s, i) * comb(s - i, m) ** K for i in range(s - m + 1))
        assert law.pmf(s) == pytest.approx(float(Fraction(count, total)), rel=2e-14)


def test_scipys_hypergeometric_chain() -> None:
    n, m, K = 320, 32, 10
    p = np.zeros(n + 1)
    p[0] = 1.0
    for _ in range(K):
        after = np.zeros(n + 1)
        for s in np.flatnonzero(p > 1e-300):
            new = np.arange(max(0, m - s), min(m, n - s) + 1)
            after[s + new] += p[s] * stats.hypergeom.pmf(new, n, n - s, m)
        p = after
    law = SubsetCoverageLaw(n, m, K)
    s = np.flatnonzero(p > 1e-15)
    np.testing.assert_allclose(law.pmf(s), p[s], rtol=2e-11)  # SciPy's own error, 40 multiplications deep


def test_moments_against_the_exact_law() -> None:
    for n, m, K in ((9, 2, 6), (60, 31, 4), (98, 5, 40)):
        right = exact_pmf(n, m, K)
        mean = sum(s * p for s, p in enumerate(right))
        central = [sum((s - mean) ** j * p for s, p in enumerate(right)) for j in (2, 3, 4)]
        cumulants = (mean, central[0], central[1], central[2] - 3 * central[0] ** 2)
        assert seen_cumulants(n, m, K) == pytest.approx([float(c) for c in cumulants], rel=1e-15)
        law = SubsetCoverageLaw(n, m, K)
        skewness, excess = law.stats("sk")
        assert skewness == pytest.approx(float(cumulants[2]) / float(cumulants[1]) ** 1.5, rel=1e-13)
        assert excess == pytest.approx(float(cumulants[3] / cumulants[1] ** 2), rel=1e-13)
        entropy = -sum(float(p) * math.log(p) for p in right if p)
        assert law.entropy() == pytest.approx(entropy, rel=1e-12)


def test_cumulants_against_the_law_of_total_cumulance() -> None:
    # The second way: E U, k2, k3 and k4 epoch by epoch; no term is larger than its result.
    for n, m, K in ((10**12, 10**11, 20), (10**9, 10**6, 50), (5000, 4000, 3), (10**12, 1, 300)):
        q, rho, N = (n - m) / n, m / n, n - m
        A = q * rho / (n - 1)
        T = A * (m - N) / (n * (n - 2))
        B = A / ((n - 2) * (n - 3))
        s, mu, k2, k3, k4 = 0.0, float(n), 0.0, 0.0, 0.0
        H = N * m
        for _ in range(K):
            g0, g1 = mu * s, s - mu
            G, VG = g0 - k2, g1 * g1 * k2 - 2 * g1 * k3 + k4 + 2 * k2 * k2
            c4 = B * (
                (n * (n + 1) - 6 * H) * G - 6 * (G * G + VG) * (1 - H / n * (5 * n - 6) / (n * (n - 1)))
            )
            k2, k3, k4 = (
                q * q * k2 + A * G,
                q**3 * k3 + 3 * A * q * (g1 * k2 - k3) + T * (g0 * g1 - 3 * g1 * k2 + 2 * k3),
                q**4 * k4
                + 6 * q * q * A * (g1 * k3 - k4 - 2 * k2 * k2)
                + 3 * A * A * VG
                + 4 * q * T * ((g1 * g1 - 2 * g0) * k2 - 3 * g1 * k3 + 2 * (k4 + 3 * k2 * k2))
                + c4,
            )
            s, mu = s + rho * mu, mu * q
        assert seen_cumulants(n, m, K) == pytest.approx((s, k2, -k3, k4), rel=1e-12)


def test_the_papers_plan() -> None:
    # srs.md section 2.2: n = 320, m = 16, K = 20 has mean 205.285 (205.2845 exactly) and sd 5.511.
    right = exact_pmf(320, 16, 20)
    below = np.cumsum(np.array(right, dtype=object))
    low = next(s for s in range(321) if below[s] >= Fraction(0.025))
    high = next(s for s in range(321) if 1 - below[s] <= Fraction(0.025))
    law = SubsetCoverageLaw(320, 16, 20)
    assert (low, high) == law.interval(0.95) == (194, 216)
    assert law.mean() == pytest.approx(205.2845048292665, rel=1e-15)
    assert law.std() == pytest.approx(5.511, abs=5e-4)


def test_edges_are_answered() -> None:
    for n, m, K, s in ((7, 2, 0, 0), (7, 2, 1, 2), (7, 7, 3, 7), (1, 1, 5, 1), (2**53, 2**53, 2**40, 2**53)):
        law = SubsetCoverageLaw(n, m, K)
        assert law.support() == (s, s)
        assert law.pmf([s - 1, s, s + 1]).tolist() == [0, 1, 0]
        assert law.cdf([s - 1, s]).tolist() == [0, 1]
        assert law.sf([s - 1, s]).tolist() == [1, 0]
        assert (law.mean(), law.var(), law.entropy()) == (s, 0, 0)
        assert law.interval(0.95) == (s, s)
        assert law.rvs(3, random_state=1).tolist() == [s] * 3
    law = SubsetCoverageLaw(5, 2, 3)
    assert law.pmf([2.5, np.nan, 6]).tolist()[0] == 0
    assert math.isnan(law.pmf(np.nan))
    assert law.cdf(3.7) == law.cdf(3)


def test_logarithms_reach_where_probabilities_underflow() -> None:
    law = SubsetCoverageLaw(2000, 1, 20_000)
    assert law.cdf(1500) == 0.0
    assert law.logcdf(1500) < -745
    # P(S = m) = C(n, m)^-(K-1): all subsets are the same one.
    same = SubsetCoverageLaw(400, 100, 30)
    assert same.logpmf(100) == pytest.approx(-29 * math.log(comb(400, 100)), rel=1e-14)
    assert same.logcdf(100) == same.logpmf(100)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((0, 1, 1), ArgumentValueError),
        ((5, 6, 1), ArgumentValueError),
        ((5, 2, -1), ArgumentValueError),
        ((5.0, 2, 1), ArgumentTypeError),
        ((5, True, 1), ArgumentTypeError),
        ((2**53 + 1, 2, 1), ArgumentValueError),
    ],
)
def test_bad_arguments_get_one_line(arguments: tuple, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"^(population|subset|epochs) is .*; it must be") as caught:
        SubsetCoverageLaw(*arguments)
    assert "\n" not in str(caught.value)


def chi_square_of(draws: np.ndarray, law: SubsetCoverageLaw) -> float:
    """The p-value of a chi-square test of draws against the law, cells of at least 10 expected."""
    edges = np.unique(law.ppf(np.linspace(0.02, 0.98, 30)))
    cdf = np.concatenate([[0.0], law.cdf(edges), [1.0]])
    seen = np.histogram(draws, np.concatenate([[-np.inf], edges + 0.5, [np.inf]]))[0]
    expected = draws.size * np.diff(cdf)
    assert expected.min() > 10
    return float(stats.chi2.sf(np.sum((seen - expected) ** 2 / expected), expected.size - 1))


@pytest.mark.parametrize(
    ("n", "m", "K"), [(320, 16, 20), (98, 5, 60), (10**6, 10, 900), (10**12, 10**11, 20)]
)
def test_draws_follow_the_law(n: int, m: int, K: int) -> None:
    # Fixed seed; false alarm 1e-6 a case. A law one epoch off is refused at the same level.
    law = SubsetCoverageLaw(n, m, K)
    draws = law.rvs(4000, random_state=20231127)
    assert draws.dtype == np.int64
    assert chi_square_of(draws, law) > 1e-6
    assert chi_square_of(SubsetCoverageLaw(n, m, K + 1).rvs(4000, random_state=1), law) < 1e-6
    np.testing.assert_array_equal(draws, law.rvs(4000, random_state=20231127))


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 200), ratio=st.floats(0, 1), K=st.integers(0, 60))
def test_the_pmf_is_a_law(n: int, ratio: float, K: int) -> None:
    m = max(1, round(ratio * n))
    law = SubsetCoverageLaw(n, m, K)
    s = np.arange(n + 1)
    p, cdf, sf = law.pmf(s), law.cdf(s), law.sf(s)
    assert p.sum() == pytest.approx(1.0, abs=1e-13)
    assert (p * s).sum() == pytest.approx(law.mean(), rel=1e-13)
    assert (p * (s - law.mean()) ** 2).sum() == pytest.approx(law.var(), rel=1e-11, abs=1e-24)
    assert (np.diff(cdf) >= -1e-15).all()
    np.testing.assert_allclose(cdf + sf, 1.0, rtol=0, atol=3e-16)
    np.testing.assert_allclose(np.cumsum(p), cdf, rtol=0, atol=1e-13)


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 2**53), ratio=st.floats(1e-9, 1), K=st.integers(0, 10**6), p=st.floats(1e-200, 1 - 1e-9)
)
def test_quantiles_are_exact_for_the_cdf(n: int, ratio: float, K: int, p: float) -> None:
    law = SubsetCoverageLaw(n, max(1, int(ratio * n)), K)
    q = law.ppf(p)
    assert law.cdf(q) >= p > law.cdf(q - 1)
    q = law.isf(p)
    assert law.sf(q) <= p < law.sf(q - 1)


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 10**6), ratio=st.floats(0, 1), K=st.integers(0, 40), p=st.floats(0.001, 0.999))
def test_subsets_see_stochastically_more_than_iid_draws(n: int, ratio: float, K: int, p: float) -> None:
    # srs.md section 2.2: |S|_iid <=_st |S|_subset.
    m = max(1, round(ratio * n))
    assert OccupancyLaw(n, m * K).ppf(p) <= SubsetCoverageLaw(n, m, K).ppf(p)


@pytest.mark.parametrize(("n", "D"), [(50, 30), (365, 23), (10**6, 10**6), (10**12, 10**7), (2**53, 2**53)])
def test_one_item_an_epoch_is_the_occupancy_law(n: int, D: int) -> None:
    # Two algorithms that share nothing: the tilted Poisson form of `occupancy_kernel`, and the contour.
    subset, iid = SubsetCoverageLaw(n, 1, D), OccupancyLaw(n, D)
    s = np.unique(
        np.clip(np.round(iid.mean() + iid.std() * np.linspace(-8, 8, 33)), 1, min(n, D)).astype(np.int64)
    )
    np.testing.assert_allclose(subset.pmf(s), iid.pmf(s), rtol=2e-13)
    np.testing.assert_allclose(subset.cdf(s), iid.cdf(s), rtol=5e-13)
    np.testing.assert_allclose(subset.sf(s), iid.sf(s), rtol=5e-13)
