"""Coverage curves under every scheme: laws, moments and bands agree, with refreshes and warm epochs."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softsample_theory import SamplingPlan, coverage, plans
from softsample_theory.laws import BinomialLaw, OccupancyLaw, PointLaw, SubsetCoverageLaw
from softsample_theory.plan import SCHEMES


def test_table_1_of_the_paper() -> None:
    # SRS paper, Table 1: percent of the data seen, printed to one decimal.
    printed = {0.05: (40.1, 64.2, 78.5), 0.1: (65.1, 87.8, 95.8), 0.2: (89.3, 98.8, 99.9)}
    for ratio, row in printed.items():
        seen = 100 * coverage.mean(SamplingPlan(1_000_000, ratio, epochs=30))[[10, 20, 30]] / 1_000_000
        assert tuple(seen.round(1)) == row


def test_each_scheme_has_its_law() -> None:
    plan = SamplingPlan(320, 0.05, epochs=20)
    assert coverage.law(plan) == SubsetCoverageLaw(320, 16, 20)
    assert coverage.law(plan, epoch=3) == SubsetCoverageLaw(320, 16, 3)
    assert coverage.law(plan.under("iid")) == OccupancyLaw(320, 320)
    assert isinstance(coverage.law(plan.under("poisson")), BinomialLaw)
    assert coverage.law(plan.under("reshuffle"), epoch=19) == PointLaw(304)
    assert coverage.law(plan.under("fixed")) == PointLaw(16)
    assert coverage.law(plan.under("full"), epoch=0) == PointLaw(0)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("refresh_every", "warm_epochs"), [(1, 0), (3, 0), (1, 2), (4, 1)])
def test_curves_are_the_moments_and_quantiles_of_the_laws(
    scheme: str, refresh_every: int, warm_epochs: int
) -> None:
    plan = SamplingPlan(97, subset=11, epochs=13, refresh_every=refresh_every, warm_epochs=warm_epochs).under(
        scheme
    )
    curve = coverage.curve(plan, confidence=0.9)
    for epoch in range(plan.epochs + 1):
        law = coverage.law(plan, epoch)
        assert curve.mean[epoch] == pytest.approx(law.mean(), rel=1e-14, abs=0)
        assert curve.std[epoch] == pytest.approx(law.std(), rel=1e-13, abs=0)
        assert (curve.low[epoch], curve.high[epoch]) == law.interval(0.9)
        assert curve.unseen_mean[epoch] == pytest.approx(97 - law.mean(), rel=1e-12, abs=1e-13)
    assert (coverage.variance(plan) == curve.std**2).all() or np.allclose(
        coverage.variance(plan), curve.std**2
    )


@pytest.mark.parametrize("population", [50, 50_000, 10**9, 10**12])
def test_the_iid_band_is_that_of_the_occupancy_law(population: int) -> None:
    # Two algorithms for one law: the contour at subsets of one, and the tilted sums of OccupancyLaw.
    plan = SamplingPlan(population, 0.1, epochs=60, scheme="iid")
    epochs = np.array([1, 2, 7, 30, 60])
    for confidence in (0.5, 0.95, 0.999999):
        low, high = coverage.interval(plan, confidence, epochs)
        for i, epoch in enumerate(epochs):
            assert (low[i], high[i]) == OccupancyLaw(population, plan.subset * int(epoch)).interval(
                confidence
            )


def test_whole_support_at_confidence_0_and_close_to_1() -> None:
    plan = SamplingPlan(20, subset=3, epochs=4)
    low, high = coverage.interval(plan, 0.0)
    assert (low <= high).all()
    low, high = coverage.interval(plan, 1 - 2**-53)
    assert (low >= [0, 3, 3, 3, 3]).all()
    assert (high <= [0, 3, 6, 9, 12]).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 400), st.data())
def test_stochastic_order_iid_subset_reshuffle(population: int, data: st.DataObject) -> None:
    subset = data.draw(st.integers(1, population))
    epoch = data.draw(st.integers(0, 12))
    plan = SamplingPlan(population, subset=subset, epochs=epoch)
    s = np.arange(-1, population + 1)
    survival = [coverage.law(plan.under(scheme)).sf(s) for scheme in ("iid", "subset", "reshuffle")]
    # srs.md section 2.2: padding the distinct items of m draws to m gives a coupling.
    assert (survival[0] <= survival[1] * (1 + 1e-12) + 1e-15).all()
    assert (survival[1] <= survival[2] + 1e-12).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.sampled_from(["subset", "iid", "poisson"]), st.data())
def test_laws_are_laws(population: int, scheme: str, data: st.DataObject) -> None:
    plan = SamplingPlan(
        population,
        subset=data.draw(st.integers(1, population)),
        epochs=data.draw(st.integers(0, 9)),
        scheme=scheme,
    )
    law = coverage.law(plan)
    s = np.arange(-1, population + 2)
    pmf, cdf, sf = law.pmf(s), law.cdf(s), law.sf(s)
    assert pmf.sum() == pytest.approx(1, abs=1e-12)
    assert (np.diff(cdf) >= -1e-15).all()
    np.testing.assert_allclose(cdf + sf, 1, atol=1e-13)
    np.testing.assert_allclose(np.cumsum(pmf), cdf, atol=1e-12)
    assert (pmf * s).sum() == pytest.approx(coverage.mean(plan)[-1], rel=1e-12, abs=1e-13)


def test_equation_9_of_the_paper() -> None:
    def printed(n: int, m: int, K: int, seen: int) -> Fraction:
        return comb(n, seen) * sum(
            (-1) ** i * comb(seen, i) * Fraction(comb(seen - i, m), comb(n, m)) ** K for i in range(seen + 1)
        )

    def misprinted(n: int, m: int, K: int, seen: int) -> Fraction:
        return comb(n, seen) * sum(
            (-1) ** i * comb(seen, i) * Fraction(comb(seen - i, m), comb(n, m)) ** (K + 1)
            for i in range(seen + 1)
        )

    def agrees(formula) -> bool:
        for n, m, K in [(5, 2, 3), (8, 3, 4), (12, 1, 7), (30, 4, 6)]:
            law = coverage.law(SamplingPlan(n, subset=m, epochs=K))
            for seen in range(m, n + 1):
                right = float(formula(n, m, K, seen))
                if abs(law.pmf(seen) - right) > 1e-12 * right:
                    return False
        return True

    assert agrees(printed)
    assert not agrees(misprinted)


def test_the_largest_plans_have_curves() -> None:
    plan = SamplingPlan(10**12, 0.1, epochs=500)
    curve = coverage.curve(plan)
    assert (curve.low <= np.ceil(curve.mean)).all()
    assert (curve.mean <= curve.high).all()
    half_width = (curve.high - curve.low)[10] / 2
    assert half_width == pytest.approx(1.96 * curve.std[10], rel=1e-3)


def test_wrong_input_is_named() -> None:
    plan = plans.PAYLOAD.plan(0.05)
    with pytest.raises(ValueError, match=r"confidence is 1\.0"):
        coverage.interval(plan, 1.0)
    with pytest.raises(ValueError, match="epochs is"):
        coverage.mean(plan, [1.5])
    with pytest.raises(ValueError, match="epochs is"):
        coverage.mean(plan, [-1])
    with pytest.raises(ValueError, match="epoch is -1"):
        coverage.law(plan, -1)
    with pytest.raises(ValueError, match="name the epochs wanted"):
        coverage.mean(SamplingPlan(10, 0.1, epochs=10**8))
    assert coverage.mean(SamplingPlan(10, 0.1, epochs=10**8), [10**8]) == [10.0]
