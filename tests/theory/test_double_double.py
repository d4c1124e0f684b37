"""Double-double arithmetic, against exact rationals."""

from fractions import Fraction

import mpmath as mp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softsample_theory.laws.double_double import (
    dd_add,
    dd_divide,
    dd_exp,
    dd_multiply,
    dd_power,
    two_product,
    two_sum,
)

finite = st.floats(1e-30, 1e30) | st.floats(-1e30, -1e-30)
pairs = st.tuples(finite, st.floats(-1.0, 1.0)).map(lambda p: two_sum(p[0], p[1] * p[0] * 2.0**-54))


def exact(pair: tuple[float, float]) -> Fraction:
    return Fraction(pair[0]) + Fraction(pair[1])


def within(got: tuple[float, float], truth: Fraction, bound: float) -> bool:
    return got[0] == got[0] + got[1] and abs(exact(got) - truth) <= abs(truth) * Fraction(bound)


@settings(max_examples=150, deadline=None)
@given(finite, finite)
def test_sums_and_products_of_two_lose_nothing(a, b):
    assert exact(two_sum(a, b)) == Fraction(a) + Fraction(b)
    assert exact(two_product(a, b)) == Fraction(a) * Fraction(b)


@settings(max_examples=150, deadline=None)
@given(pairs, pairs)
def test_operations_keep_a_hundred_bits(a, b):
    assert within(dd_add(*a, *b), exact(a) + exact(b), 2.0**-104)
    assert within(dd_multiply(*a, *b), exact(a) * exact(b), 2.0**-102)
    assert within(dd_divide(*a, *b), exact(a) / exact(b), 2.0**-100)


@settings(max_examples=60, deadline=None)
@given(pairs)
def test_a_sum_of_opposite_signs_keeps_its_digits(a):
    nearby = two_sum(-a[0], a[1] / 3.0)
    assert within(dd_add(*a, *nearby), exact(a) + exact(nearby), 2.0**-104)


@pytest.mark.parametrize(
    ("numerator", "n", "k"), [(9, 10, 0), (9, 10, 1), (9, 10, 150), (999_999, 10**6, 20_000)]
)
def test_powers(numerator, n, k):
    base = dd_divide(float(numerator), 0.0, float(n), 0.0)
    assert within(dd_power(*base, k), exact(base) ** k, max(k, 1) * 2.0**-102)


def test_powers_of_integers_are_exact():
    assert dd_power(3.0, 0.0, 66) == two_sum(float(3**66), float(3**66 - int(float(3**66))))


@settings(max_examples=150, deadline=None)
@given(
    st.floats(-600.0, -1e-6) | st.floats(1e-6, 700.0) | st.floats(1e-150, 1e-6) | st.floats(-1e-6, -1e-150),
    st.floats(-1.0, 1.0),
)
def test_exponentials(a, part):
    pair = two_sum(a, part * a * 2.0**-54)
    with mp.workdps(60):
        truth = mp.exp(mp.mpf(pair[0]) + mp.mpf(pair[1]))
        got = dd_exp(*pair)
        assert abs(mp.mpf(got[0]) + mp.mpf(got[1]) - truth) / truth <= (30 + abs(a)) * mp.mpf("2e-32")


def test_exponentials_far_below():
    assert dd_exp(-1e3, 0.0)[0] == 0.0


def test_plain_floats_would_be_caught():
    a, b = (1.0, 2.0**-60), (1.0, -(2.0**-61))
    planted = (a[0] * b[0], 0.0)
    assert not within(planted, exact(a) * exact(b), 2.0**-102)
