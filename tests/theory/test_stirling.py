"""The pieces of log-factorials, against 60-digit mpmath."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softsample_theory.laws.stirling import log_root_two_pi, phi, stirling_error, stirling_factor


def reference_stirling(x: float) -> mp.mpf:
    # 60 digits beyond the size of x log x, which cancels
    with mp.workdps(60 + max(0, 2 * round(math.log10(x) + 1))):
        x = mp.mpf(x)
        return mp.loggamma(x + 1) - (x * mp.log(x) - x + mp.log(2 * mp.pi * x) / 2)


def reference_phi(e: float) -> mp.mpf:
    with mp.workdps(60 + max(0, -2 * round(math.log10(abs(e))))):
        e = mp.mpf(e)
        return (1 + e) * mp.log(1 + e) - e


def relative_error(got: float, reference: mp.mpf) -> float:
    return float(abs(mp.mpf(got) - reference) / abs(reference))


@pytest.mark.parametrize("k", [*range(1, 40), 100, 1000, 10**6, 10**9, 10**12, 2**53])
def test_stirling_error_at_integers(k):
    assert relative_error(stirling_error(float(k)), reference_stirling(float(k))) <= 5e-16


@settings(max_examples=150, deadline=None)
@given(st.floats(-300, 15))
def test_stirling_error_at_reals(exponent):
    x = 10.0**exponent
    assert relative_error(stirling_error(x), reference_stirling(x)) <= (1e-15 if x < 0.3 else 5e-16)


@pytest.mark.parametrize("x", [0.3, 0.3001, 0.5, 0.7, 0.9999, 1.5, 3.25, 9.999999, 10.0000001, 15.5, 16.0])
def test_stirling_error_where_the_method_changes(x):
    assert relative_error(stirling_error(x), reference_stirling(x)) <= 5e-16


def test_stirling_error_has_a_convention_at_zero():
    assert stirling_error(0.0) == 0.0
    assert stirling_factor(0.0) == 0.0


def test_stirling_factor_gives_log_factorials():
    for k in range(1, 21):
        log_factorial = k * math.log(k) - k + stirling_factor(float(k))
        assert log_factorial == pytest.approx(math.log(math.factorial(k)), rel=1e-15, abs=2e-15)
        assert stirling_factor(float(k)) == log_root_two_pi(float(k)) + stirling_error(float(k))


@settings(max_examples=150, deadline=None)
@given(st.floats(-150, 0), st.sampled_from([-1.0, 1.0]))
def test_phi_near_zero(exponent, sign):
    e = sign * 10.0**exponent
    if e > -1.0:
        assert relative_error(phi(e), reference_phi(e)) <= 1e-15


@pytest.mark.parametrize("e", [-0.999999, -0.9, -0.51, -0.5, -0.49, 0.99, 1.0, 1.01, 7.5, 1e5, 1e300])
def test_phi_away_from_zero(e):
    assert relative_error(phi(e), reference_phi(e)) <= 1e-15


def test_phi_at_its_ends():
    assert phi(-1.0) == 1.0  # the limit of x log x at 0 is 0
    assert phi(0.0) == 0.0
    assert math.isnan(phi(-1.5))


def test_the_textbook_form_of_phi_would_be_caught():
    e = 1e-9
    planted = (1 + e) * np.log1p(e) - e
    assert relative_error(planted, reference_phi(e)) > 1e-9
