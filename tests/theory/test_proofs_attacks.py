"""The bounds against evidence that shares nothing with their algebra: enumeration, searches, worst cases."""

from __future__ import annotations

import importlib.util
from fractions import Fraction

import numpy as np
import pytest

from softsample_theory.proofs import theorems
from softsample_theory.proofs.evidence.attacks import ATTACKS, attack
from softsample_theory.proofs.evidence.small_problems import Units, all_orders, run
from softsample_theory.proofs.exact_runs import affine_maps, second_moments, stationary_variance


@pytest.mark.parametrize("name", ATTACKS)
def test_no_violation_is_found(name: str) -> None:
    found = attack(name, np.random.default_rng(5), starts=60, climbs=1, iterations=6)
    assert found.tried >= 60
    assert 0.05 < found.largest <= 1 + 1e-9


def test_a_false_bound_is_refuted_by_the_same_search() -> None:
    # A bound 5 % too small: the same search, on the same problems, has to find a violation of it.
    for name in ("pl-iid", "pl-subset", "fixed-subset"):
        found = attack(name, np.random.default_rng(5), starts=60, climbs=1)
        assert found.largest / 0.95 > 1


class TestSmallProblems:
    problem = Units(np.array([[0.5, -1.0, 1.0, 0.0, 0.25, 1.0]] * 2), np.array([-1.0, -2.0]))

    def test_loss_is_the_integral_of_the_gradient(self) -> None:
        points = np.linspace(-3.0, 3.0, 41)
        fine = np.linspace(-1.5, points, 20_001)
        heights = self.problem.gradients(fine).mean(axis=0)
        integral = np.trapezoid(heights, fine, axis=0)
        np.testing.assert_allclose(self.problem.loss(points), integral, atol=5e-8)

    def test_least_is_least(self) -> None:
        grid = self.problem.loss(np.linspace(-10, 10, 20_001))
        assert self.problem.least() <= grid.min() + 1e-12
        assert self.problem.least() == pytest.approx(grid.min(), abs=1e-6)

    def test_orders_are_all_there(self) -> None:
        assert all_orders(3, 2, "subset", 2).shape == (36, 4)
        assert all_orders(2, 1, "iid", 3).shape == (8, 3)
        held = all_orders(3, 2, "subset", 2, refresh=2)
        assert held.shape == (6, 4)
        np.testing.assert_array_equal(held[:, :2], held[:, 2:])

    def test_momentum_by_hand(self) -> None:
        # f' = w on both units: w = 1, 1/2, then move = 1/2 (-1/2) - 1/2 (1/2) = -1/2: w = 0
        units = Units(np.ones((2, 6)), np.array([-1.5, -1.5]))
        path = run(units, np.array([[0, 1]]), np.array([0.5, 0.5]), 1, 1.0, momentum=0.5)
        np.testing.assert_allclose(path[:, 0], [1.0, 0.5, 0.0], atol=1e-15)


# Points and stationary variances of the exact test bed: (points, q, m, b) -> a fraction, by enumeration.
CASES = [
    ((1, 1, -1, -1), Fraction(1, 2), 2, 1, Fraction(11, 45)),  # times s² = 1
    ((0, 1, 2, 3, 4), Fraction(1, 3), 3, 1, None),
    ((0, 1, 3, 7), Fraction(1, 4), 4, 2, None),
    ((0, 1, 2, 3, 9), Fraction(2, 3), 4, 2, None),
]


@pytest.mark.parametrize(("points", "q", "m", "b", "known"), CASES)
def test_stationary_variance_of_subsets_is_exact(
    points: tuple[int, ...], q: Fraction, m: int, b: int, known: Fraction | None
) -> None:
    places = [Fraction(point) for point in points]
    enumerated = stationary_variance(affine_maps(places, q, m, b, "subset"))
    if known is not None:
        assert enumerated == known
    bound = theorems["quadratic-subset"].bound(
        curved_step=float(q), spread=np.var(points), batch=b, subset=m, population=len(points)
    )
    assert bound == pytest.approx(float(enumerated), rel=1e-13)


@pytest.mark.parametrize(
    ("points", "q", "m", "b"), [((0, 1, 3), Fraction(1, 3), 2, 1), ((1, -1), Fraction(1, 2), 2, 2)]
)
def test_stationary_variance_of_independent_draws_is_exact(
    points: tuple[int, ...], q: Fraction, m: int, b: int
) -> None:
    enumerated = stationary_variance(affine_maps([Fraction(p) for p in points], q, m, b, "iid"))
    given = {"curved_step": float(q), "spread": np.var(points), "batch": b}
    assert theorems["quadratic-iid"].bound("stationary", **given) == pytest.approx(
        float(enumerated), rel=1e-13
    )
    late = theorems["quadratic-iid"].bound(**given, start=5.0, steps=400)
    assert late == pytest.approx(float(enumerated), rel=1e-13)


def test_d1_moments() -> None:
    # E w_k² = (1 - 4^-(k-1))/3 from w_1 = 0: averages 0, 1/8, 3/16, 57/256, 313/1280, by the recursion
    maps = affine_maps([Fraction(1), Fraction(-1)], Fraction(1, 2), 1, 1, "subset")
    moments = second_moments(maps, Fraction(0), 4)
    assert moments == [(1 - Fraction(1, 4) ** k) / 3 for k in range(5)]
    averages = [sum(moments[: k + 1]) / (k + 1) for k in range(5)]
    assert averages == [0, Fraction(1, 8), Fraction(3, 16), Fraction(57, 256), Fraction(313, 1280)]


def test_d2_stationary_excess() -> None:
    # 11/9000 against the printed 3/10000: (a/2) 11/45 with a = 1/100
    maps = affine_maps([Fraction(1), Fraction(1), Fraction(-1), Fraction(-1)], Fraction(1, 2), 2, 1, "subset")
    assert Fraction(1, 200) * stationary_variance(maps) == Fraction(11, 9000)
    assert Fraction(1, 200) * second_moments(maps, Fraction(0), 1)[1] == Fraction(11, 9600)


def test_fixed_subset_floor_of_quadratics_by_enumeration() -> None:
    from itertools import combinations

    points = [Fraction(p) for p in (0, 1, 3, 7, 8)]
    mean = sum(points) / 5
    spread = sum((p - mean) ** 2 for p in points) / 5
    for m in range(1, 6):
        squares = [(sum(chosen) / m - mean) ** 2 for chosen in combinations(points, m)]
        floor = theorems["fixed-subset"].bound(
            "quadratic", curvature=1.0, spread=float(spread), subset=m, population=5
        )
        assert floor == pytest.approx(float(sum(squares) / len(squares)), rel=1e-14)


pepit = pytest.mark.skipif(
    importlib.util.find_spec("PEPit") is None, reason="PEPit is not installed (extra `test`)"
)
"""Skips where the oracle is absent; its own warnings are not this project's."""


@pepit
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("oracle", "arguments", "ratio"),
    [  # ratios worst/bound, from the first run at Clarabel's accuracy of about 1e-5
        ("nonconvex_iid", (1, 0.5), 0.4444),
        ("nonconvex_iid", (2, 1.0), 0.7500),
        ("subset_epoch", (2, 2, 0.5), 0.6207),
        ("subset_epoch", (3, 2, 0.5), 0.4727),
        ("strongly_convex_iid", (1, 1.0), 1.0000),
        ("strongly_convex_iid", (2, 1.0), 1.0000),
        ("convex_iid", (1, 0.5), 0.4000),
        ("convex_iid", (2, 1.0), 0.5000),
        ("pl", ("iid", 2, 1, 0.5), 0.9558),
        ("pl", ("subset", 2, 2, 0.5), 0.9462),
        ("pl", ("subset", 3, 2, 0.25), 0.9718),
    ],
)
def test_worst_cases_stay_below_the_bounds(oracle: str, arguments: tuple[object, ...], ratio: float) -> None:
    from softsample_theory.proofs.evidence import worst_case

    worst, bound = getattr(worst_case, oracle)(*arguments)
    assert worst <= bound * (1 + 2e-5)
    assert worst / bound == pytest.approx(ratio, abs=3e-4)


@pepit
@pytest.mark.filterwarnings("ignore")
def test_the_oracle_refutes_a_bound_with_less_noise() -> None:
    from softsample_theory.proofs.evidence import worst_case

    worst, _ = worst_case.strongly_convex_iid(1, 1.0)
    # (1-ημ)² + 0.9 η²σ²/b for (1-ημ)² + η²σ²/b at η = 1, μ = 0.1: algebra with a false mean would pass it
    assert worst > 0.9**2 + 0.9
