"""The numbers behind each figure: exact against rational arithmetic, simulated against exact."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest

from figures import cover_time, coverage, spectrum, table1
from softsample_theory import coverage as theory
from softsample_theory import covering_time, plans

SEED, REPLICATES = 7, 400
LARGEST_Z = 7
"""A mean of 400 runs is nearly normal: beyond 7 standard errors with probability below 3e-12 a value, and
there are some 1500 values here, so a right simulator fails with probability below 1e-8. A mean that is wrong
by 10 standard errors passes with probability below 0.002."""


@pytest.fixture(scope="module")
def first_table():
    return table1.compute(SEED, REPLICATES)


@pytest.fixture(scope="module")
def figure_1():
    return coverage.compute(SEED, REPLICATES)


@pytest.fixture(scope="module")
def times():
    return cover_time.compute(SEED, REPLICATES)


@pytest.fixture(scope="module")
def agreements():
    return spectrum.compute(SEED, REPLICATES)


def unseen(rate: str, K: int) -> Fraction:
    return (1 - Fraction(rate)) ** K


def test_table_1_prints_the_paper_and_is_exact(first_table):
    # Table 1 of the paper, row by row; the exact value is 100 (1 - (1-rate)^K) in rational arithmetic.
    assert list(first_table.printed) == [40.1, 64.2, 78.5, 65.1, 87.8, 95.8, 89.3, 98.8, 99.9]
    assert first_table.agrees.all()
    rates = ["0.05"] * 3 + ["0.1"] * 3 + ["0.2"] * 3
    exact = [float(100 * (1 - unseen(rate, K))) for rate, K in zip(rates, [10, 20, 30] * 3, strict=True)]
    np.testing.assert_allclose(first_table.exact, exact, rtol=1e-14)
    assert [f"{value:.3f}" for value in first_table.exact[[0, 4, 8]]] == ["40.126", "87.842", "99.876"]


def test_table_1_simulation_agrees_and_states_its_error(first_table):
    assert np.abs(first_table.z).max() < LARGEST_Z
    # sd of |S_20| at n = 320, m = 16 is sqrt(30.3707...) = 5.511 (pair formula, C04), over 320 and sqrt(400).
    assert first_table.standard_error[1] == pytest.approx(100 * 5.511 / 320 / 20, rel=1e-4)


def test_a_wrong_printed_digit_does_not_agree(first_table):
    wrong = first_table.printed.copy()
    wrong[4] += 0.1
    assert (first_table.rounded == wrong).sum() == 8


def test_figure_1_has_the_paper_s_panels_rates_and_intervals(figure_1):
    found = [(curve.data, curve.rate, curve.interval, len(curve.epoch) - 1) for curve in figure_1.curves]
    assert found == [
        (name, rate, interval, K)
        for name, K, seldom in (("CIFAR10", 320, 10), ("LibriSpeech", 30, 5), ("Payload", 20, 10))
        for rate in (0.05, 0.1)
        for interval in (1, seldom)
    ]


def test_figure_1_means_are_eq_11_at_the_interval_s_draws(figure_1):
    for curve in figure_1.curves:
        q = 1 - Fraction(curve.subset, curve.population)
        exact = [float(100 * (1 - q ** -(-int(k) // curve.interval))) for k in curve.epoch]
        np.testing.assert_allclose(curve.mean, exact, rtol=1e-12)
        plan = plans.SamplingPlan(
            curve.population, subset=curve.subset, epochs=len(curve.epoch) - 1, refresh_every=curve.interval
        )
        np.testing.assert_array_equal(curve.std, theory.std(plan) * (100 / plan.population))


def test_figure_1_ends_where_the_rates_say(figure_1):
    # Payload and LibriSpeech at the longer interval after 2 and 6 draws: 1 - .95^2, 1 - .9^2, 1 - q^6.
    ends = {(c.data, c.rate): c.mean[-1] for c in figure_1.curves if c.interval > 1}
    assert ends["Payload", 0.05] == pytest.approx(9.75, rel=1e-14)
    assert ends["Payload", 0.1] == pytest.approx(19.0, rel=1e-14)
    assert ends["LibriSpeech", 0.05] == pytest.approx(100 * (1 - (1 - 586 / 11719) ** 6), rel=1e-12)


def test_figure_1_simulation_agrees(figure_1):
    assert figure_1.largest_z() < LARGEST_Z
    for curve in figure_1.curves:
        assert curve.paths.shape == (coverage.PATHS, len(curve.epoch))
        assert (np.diff(curve.paths) >= 0).all()
        assert curve.paths[:, 0].max() == 0
        assert curve.simulated_mean[1] == pytest.approx(100 * curve.subset / curve.population, rel=1e-14)


def test_cover_time_is_the_library_s_law_and_srs_s_values(times):
    assert [time.subset for time in times.times] == [16, 32, 64]
    # Means by Eq. 15 to 300 digits; 95 % quantiles by Eq. 10 in big integers.
    assert [round(time.mean, 3) for time in times.times] == [124.409, 60.825, 28.986]
    assert [time.quantile for time in times.times] == [171, 83, 40]
    for time in times.times:
        law = covering_time.law(plans.PAYLOAD.plan(time.rate))
        np.testing.assert_array_equal(time.pmf, law.pmf(time.epoch))
        np.testing.assert_array_equal(time.cdf, law.cdf(time.epoch))


def test_cover_time_lies_in_its_bracket_and_its_pmf_sums_to_it(times):
    for time in times.times:
        slack = 1e-12
        assert (time.lower <= time.cdf + slack).all()
        assert (time.cdf <= time.upper + slack).all()
        np.testing.assert_allclose(np.cumsum(time.pmf), time.cdf, atol=1e-12)
        assert time.lower[time.quantile] > 0.94
        assert time.cdf[time.first - 1] < 1e-5 <= time.cdf[time.first]
        assert 1 - time.cdf[time.last] <= 1e-5


def test_cover_time_simulation_agrees(times):
    for time in times.times:
        assert time.simulated.sum() == pytest.approx(1, abs=1e-12)
        assert abs(time.simulated_mean - time.mean) < LARGEST_Z * time.standard_error


def test_spectrum_is_exact_under_both_schemes(agreements):
    found = [(each.population, each.subset, each.epoch[-1], each.scheme) for each in agreements.found]
    assert found == [
        (n, m, K, scheme) for n, m, K in ((320, 16, 20), (50_000, 5_000, 30)) for scheme in ("subset", "iid")
    ]
    for each in agreements.found:
        n, m, K = each.population, each.subset, int(each.epoch[-1])
        # An item's visits: binomial, one chance in every epoch of m/n, or in every draw of 1/n; in fractions.
        chances, p = (K, Fraction(m, n)) if each.scheme == "subset" else (m * K, Fraction(1, n))
        q = 1 - p
        for r in each.r.tolist()[:: 1 if n == 320 else 4]:
            exact = float(n) * comb(chances, r) * float(p) ** r * float(q) ** (chances - r)
            assert each.items[r] == pytest.approx(exact, rel=1e-10)
        draws_until = [K_ if each.scheme == "subset" else m * K_ for K_ in each.epoch.tolist()]
        exact = [n * -np.expm1(k * np.log1p(-float(p))) for k in draws_until]
        np.testing.assert_allclose(each.seen, exact, rtol=1e-10)


def test_spectrum_simulation_agrees(agreements):
    # At most 120 residuals of sums of 100 items or more: the bound above holds for their normal part, and a
    # Poisson count of mean 100 lies 7 deviations above it with probability 5e-10.
    assert 80 < agreements.residuals() <= 200
    assert agreements.largest_z() < LARGEST_Z
    for each in agreements.found:
        assert np.isfinite(each.items_z[:2]).all()
        assert np.isnan(each.seen_z[0])
        assert np.isnan(each.seen_z[1]) == (each.scheme == "subset")  # the first epoch sees m for sure
        z = (each.simulated_items[0] - each.items[0]) / (each.items_std[0] / REPLICATES**0.5)
        assert each.items_z[0] == pytest.approx(z, rel=1e-12)


def test_the_other_scheme_s_spectrum_would_not_agree(agreements):
    subset, iid = agreements.found[2:]
    error = subset.items_std[0] / REPLICATES**0.5
    assert abs(iid.simulated_items[0] - subset.items[0]) > 100 * error  # 2489 against 2120, s.e. 1.7


def test_data_depend_on_the_seed_alone():
    again, other = table1.compute(SEED, 20), table1.compute(SEED + 1, 20)
    np.testing.assert_array_equal(table1.compute(SEED, 20).simulated, again.simulated)
    assert (other.simulated != again.simulated).any()
    np.testing.assert_array_equal(other.exact, again.exact)
