"""The unseen of one class: exact rationals, 700-digit sums, and wrong laws that must be told apart."""

import math
from fractions import Fraction

import mpmath
import pytest

from softsample_theory import SamplingPlan
from softsample_theory.class_coverage import _bernstein, by_class, class_law, every_class
from softsample_theory.laws.class_unseen_law import ClassUnseenLaw
from softsample_theory.planner import plan_for


def rational_class_law(n, c, unseen_chance):
    """P(U_c = j) by inclusion and exclusion, from P(i given items are all unseen)."""
    return [
        sum((-1) ** (i - j) * math.comb(i, j) * math.comb(c, i) * unseen_chance(i) for i in range(j, c + 1))
        for j in range(c + 1)
    ]


@pytest.mark.parametrize(
    ("n", "m", "K", "c"), [(6, 2, 3, 3), (40, 7, 9, 15), (30, 30, 2, 9), (25, 1, 30, 25)]
)
def test_class_laws_are_inclusion_and_exclusion(n, m, K, c):
    left = max(0, n - m * K)
    chances = {
        "subset": lambda i: Fraction(math.comb(n - i, m), math.comb(n, m)) ** K,
        "iid": lambda i: Fraction(n - i, n) ** (m * K),
        "poisson": lambda i: Fraction(n - m, n) ** (K * i),
        "fixed": lambda i: Fraction(math.comb(n - i, m), math.comb(n, m)),
        "reshuffle": lambda i: Fraction(math.comb(left, i), math.comb(n, i)),
    }
    for scheme, chance in chances.items():
        law = class_law(SamplingPlan(n, subset=m, epochs=K, scheme=scheme), c)
        exact = rational_class_law(n, c, chance)
        assert law.pmf(range(c + 1)) == pytest.approx([float(p) for p in exact], abs=1e-13)
        mean = sum(j * p for j, p in enumerate(exact))
        variance = sum((j - mean) ** 2 * p for j, p in enumerate(exact))
        assert law.mean() == pytest.approx(float(mean), rel=1e-13)
        assert law.var() == pytest.approx(float(variance), rel=1e-11, abs=1e-14)


def test_a_class_law_on_a_lattice():
    """n = 1e6, a class of 1000: the mixture runs over every 6th u or so; exact by 700-digit sums."""
    n, m, K, c = 10**6, 10**5, 20, 1000
    law = class_law(SamplingPlan(n, subset=m, epochs=K), c)
    assert isinstance(law, ClassUnseenLaw)
    assert law._step > 5
    with mpmath.workdps(700):
        chance, chances = mpmath.mpf(1), [mpmath.mpf(1)]
        for i in range(c):
            chance *= (mpmath.mpf(n - m - i) / (n - i)) ** K
            chances.append(math.comb(c, i + 1) * chance)
        for j in (90, 122, 160):
            exact = sum((-1) ** (i - j) * math.comb(i, j) * chances[i] for i in range(j, c + 1))
            assert law.pmf(j) == pytest.approx(float(exact), rel=1e-11)


@pytest.mark.parametrize(("n", "c"), [(10**6, 20), (10**6, 300_000), (10**6, 990_000)])
def test_the_lattice_of_a_class_law_leaves_nothing(monkeypatch, n, c):
    """Against the sum over every u; a lattice four times as coarse is told apart."""
    plan = SamplingPlan(n, subset=n // 10, epochs=20)
    law = class_law(plan, c)
    step, at = law._step, [law.isf(0.5), law.isf(1e-3), law.isf(1e-9)]
    assert step > 15
    tails = law.sf(at)
    monkeypatch.setattr(ClassUnseenLaw, "_step", 1)
    assert tails == pytest.approx(class_law(plan, c).sf(at), rel=1e-12, abs=0)
    monkeypatch.setattr(ClassUnseenLaw, "_step", 4 * step)
    if c < 900_000:
        with pytest.raises(ArithmeticError, match="sums to"):
            class_law(plan, c).sf(at)
    else:  # nearly all items: the weights still sum to one, but U_c follows U, and its tails are steps
        assert tails != pytest.approx(class_law(plan, c).sf(at), rel=1e-2, abs=0)


def test_a_class_law_that_takes_the_unseen_as_independent_is_told_apart():
    """A planted wrong law: Bin(c, q^K) for fresh subsets, whose units are not independent."""
    law = class_law(SamplingPlan(40, subset=7, epochs=9), 15)
    wrong = class_law(SamplingPlan(40, subset=7, epochs=9, scheme="poisson"), 15)
    assert wrong.mean() == pytest.approx(law.mean(), rel=1e-12)
    assert abs(wrong.pmf(2) - law.pmf(2)) > 1e-3


def test_the_bounds_of_large_classes_are_bounds():
    law = class_law(SamplingPlan(10_000, subset=500, epochs=30), 800)
    for confidence in (Fraction(1, 2), Fraction(19, 20), 1 - Fraction(1, 10**9)):
        high, _ = _bernstein(law.mean(), 800, 0, confidence)
        assert law.sf(high) <= float(1 - confidence)
    for spare in (150, 180, 220, 300):
        assert _bernstein(law.mean(), 800, spare, Fraction(1, 2))[1] <= law.cdf(spare)
    assert _bernstein(law.mean(), 800, 800, Fraction(1))[0] == 800


def test_classes_in_the_answer():
    answer = plan_for(2000, target=0.9, ratio=0.1, class_counts=[50, 1850, 50, 50])
    small, large = answer.classes
    assert (small.size, small.classes, large.size, large.classes) == (50, 3, 1850, 1)
    assert {small.kind, large.kind} == {"exact"}
    plan = answer.choice.plan
    assert small.unseen_mean == pytest.approx(50 * 0.9**plan.epochs, rel=1e-13)
    law = class_law(plan, 50)
    assert small.probability == law.cdf(5)
    assert law.sf(small.unseen_high) <= 0.05 < law.sf(small.unseen_high - 1)
    bound = 1 - 3 * (1 - small.probability) - (1 - large.probability)
    assert answer.every_class == every_class(answer.classes) == pytest.approx(max(0, bound), abs=1e-15)


def test_a_class_too_large_for_its_exact_law_is_labelled():
    plan = SamplingPlan(2**53, subset=2**50, epochs=20)
    (half,) = by_class(plan, [2**52, 2**52], Fraction(1, 2), Fraction(19, 20))
    assert half.kind == "bound"
    assert half.unseen_mean == pytest.approx(2**52 * 0.875**20, rel=1e-13)
    assert half.unseen_mean < half.unseen_high < half.unseen_mean * (1 + 1e-6)
