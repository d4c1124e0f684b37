"""The contour against exact integers, closed forms, a 60-digit integral and known values; and its proof."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import pairwise
from math import comb

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softsample_theory.laws.contour import unseen_log_law, unseen_log_pmf, unseen_tails
from softsample_theory.laws.contour_path import circle_sum, saddle_point
from softsample_theory.laws.unseen_mean import unseen_mean


def exact_counts(n: int, m: int, K: int) -> list[int]:
    """P(U = u) C(n,m)^K for u = 0..n: Eq. 9 in integers, its sums taken as finite differences of C(i,m)^K."""
    row = [comb(i, m) ** K for i in range(n + 1)]
    counts = []
    for s in range(n + 1):
        counts.append(comb(n, s) * row[0])
        row = [b - a for a, b in pairwise(row)]
    return counts[::-1]


def log_of(x: Fraction) -> float:
    with mpmath.workdps(40):
        return float(mpmath.log(mpmath.mpf(x.numerator) / x.denominator))


def worst_on_support(n: int, m: int, K: int) -> float:
    """Largest error of log p over max(1, -log p), of the pmf and both tails, over the whole support."""
    counts = exact_counts(n, m, K)
    total = comb(n, m) ** K
    u = np.arange(n + 1)
    epochs = np.full(n + 1, K)
    pmf, _, good = unseen_log_law(n, m, epochs, u, False)
    below, above, fine = unseen_log_law(n, m, epochs, u, True)
    assert good
    assert fine
    worst, cumulative = 0.0, 0
    for i in range(n + 1):
        for found, count in ((pmf[i], counts[i]), (below[i], cumulative), (above[i], total - cumulative)):
            if count == 0:
                assert found == -math.inf
            else:
                right = log_of(Fraction(count, total))
                worst = max(worst, abs(found - right) / max(1.0, -right))
        cumulative += counts[i]
    return worst


@pytest.mark.parametrize("n", range(1, 13))
def test_every_small_law_on_its_whole_support(n: int) -> None:
    for m in range(1, n + 1):
        for K in (0, 1, 2, 3, 5, 8, 20):
            assert worst_on_support(n, m, K) < 1e-14


@pytest.mark.parametrize(
    ("n", "m", "K"),
    [
        (30, 1, 90),
        (60, 7, 25),
        (60, 59, 2),
        (98, 5, 160),
        (113, 44, 2),
        (150, 75, 7),
        (400, 1, 300),
        (400, 390, 2),
    ],
)
def test_larger_laws_on_their_whole_support(n: int, m: int, K: int) -> None:
    assert worst_on_support(n, m, K) < 5e-14  # 2e-14 seen, at (400, 1, 300) where log p = -160


# Own high-precision sums and big integers: (1e9, 1e8), (1e6, 1e4) by 300-digit alternating sums, n = 2000 by
# integers, the rest by a 40-digit integral over a straight line. Digits as rounded there.
VALUES = [
    (10**9, 10**8, 190, 0, 0.1322082467157504),
    (10**9, 10**8, 190, 2, 0.270633881529028),
    (10**9, 10**8, 150, 100, 1.645959416923705e-4),
    (10**9, 10**8, 150, 140, 0.03253679435503704),
    (10**6, 10**4, 1200, 0, 3.075495679854242e-3),
    (10**6, 10**4, 1200, 5, 0.1659622386702495),
    (2000, 200, 8, 861, 0.03144008186626804),
    (2000, 200, 8, 810, 9.49072161395978e-6),
    (2000, 20, 40, 1338, 0.04421909642599785),
    (2000, 20, 40, 1302, 1.1316360456361301e-5),
    (10**12, 10**11, 20, 121576654590, 1.467042991422861e-6),
    (10**12, 10**11, 20, 121577742000, 4.945803179374235e-10),
    (10**9, 10**6, 500, 606378000, 5.35255908588001e-5),
]


@pytest.mark.parametrize(("n", "m", "K", "u", "p"), VALUES)
def test_values_known_to_15_digits(n: int, m: int, K: int, u: int, p: float) -> None:
    log_p, accepted = unseen_log_pmf(n, m, K, u)
    assert accepted
    assert abs(math.exp(log_p) / p - 1) < 1e-14


def test_tails_known_to_15_digits() -> None:
    # The same 40-digit integral.
    assert abs(unseen_tails(10**12, 10**11, 20, 121576654590)[0] / 0.4999985121202369 - 1) < 1e-14
    assert abs(unseen_tails(10**12, 10**11, 20, 121577742000)[1] / 3.183760146137047e-5 - 1) < 1e-14
    assert abs(unseen_tails(10**9, 10**6, 500, 606378000)[0] / 0.4491245415957698 - 1) < 1e-14


def test_the_inclusion_exclusion_sum_fails_in_float64_where_the_contour_holds() -> None:
    # n = 80: the trap of Eq. 9 as printed. The largest terms of the sum are 1e17 times its value.
    n, m, K, u = 80, 4, 20, 20
    s = n - u
    chances = [comb(s - i, m) / comb(n, m) for i in range(s + 1)]
    printed = comb(n, s) * sum((-1) ** i * comb(s, i) * x**K for i, x in enumerate(chances))
    right = float(Fraction(exact_counts(n, m, K)[u], comb(n, m) ** K))
    assert printed < 0 < right
    assert abs(math.exp(unseen_log_pmf(n, m, K, u)[0]) / right - 1) < 1e-14


def circle_in_60_digits(n: int, m: int, K: int, u: int) -> mpmath.mpf:
    """log P(U = u) by the plain integrand in log-gammas, on a circle around m through the saddle point."""
    G = mpmath.loggamma
    head = G(u + 1) + (K - 1) * G(n + 1) - K * G(n - m + 1)

    def exponent(y):  # type: ignore[no-untyped-def]
        return G(y - (n - u)) + (K - 1) * G(y + 1) - K * G(y - m + 1) - head

    low, high = mpmath.mpf(n - u), mpmath.mpf(2) ** 300
    for _ in range(400):  # bisect the saddle point of F(y) (y-m)^2: the capture-recapture estimate of n
        middle = mpmath.sqrt((low - (n - u) + 1e-30) * (high - (n - u) + 1e-30)) + (n - u)
        psi = mpmath.digamma
        slope = psi(middle - (n - u)) + (K - 1) * psi(middle + 1) - K * psi(middle - m + 1) + 2 / (middle - m)
        low, high = (middle, high) if slope < 0 else (low, middle)
        if high - low < mpmath.mpf(10) ** -6 * (high - (n - u)):
            break
    R = high - m
    curvature = (
        mpmath.psi(1, high - (n - u)) + (K - 1) * mpmath.psi(1, high + 1) - K * mpmath.psi(1, high - m + 1)
    )
    width = 1 / mpmath.sqrt(max(curvature * R * R - 2, mpmath.mpf("0.25")))
    step = min(width / 4, (high - (n - u)) / R / 8)
    half = int(mpmath.ceil(mpmath.pi / step)) if step > mpmath.mpf("1e-3") else None
    step = mpmath.pi / half if half else step
    top = exponent(high) + mpmath.log(R)
    total, j = mpmath.mpf(1) / 2, 0
    while True:
        j += 1
        angle = j * step * (1 - mpmath.mpf(10) ** -55)
        y = m + R * mpmath.expj(angle)
        term = mpmath.exp(exponent(y) + mpmath.log(R) + 1j * angle - top)
        if j == half:
            return top + mpmath.log((total + mpmath.re(term) / 2) * step / mpmath.pi)
        total += mpmath.re(term)
        if abs(term) < mpmath.mpf(10) ** -25:
            return top + mpmath.log(total * step / mpmath.pi)


def test_random_plans_against_60_digits() -> None:
    # The worst of 2,700 such plans was 1e-13; p is down to 1e-20.
    rng = random.Random(2311)
    worst = 0.0
    for _ in range(60):
        n = int(10 ** rng.uniform(3, 15.9))
        m = min(n - 1, max(1, int(n ** rng.uniform(0, 1))))
        K = int(10 ** rng.uniform(0.3, max(0.4, math.log10(n / m * math.log(n))))) + 1
        mu = unseen_mean(n, m, K)
        if mu < 1:
            continue
        p = mu / n
        sd = math.sqrt(mu * (1 - p) * max(1e-9, 1 - K * m / n * p / (1 - p)))
        u = min(max(round(mu + rng.uniform(-8, 8) * sd), 0, n - m * K), n - m - 1)
        with mpmath.workdps(60):
            right = float(circle_in_60_digits(n, m, K, u))
        found, accepted = unseen_log_pmf(n, m, K, u)
        assert accepted
        worst = max(worst, abs(found - right) / max(1.0, abs(right) / 50))
    assert worst < 2e-13


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_the_integrand_falls_along_the_circle(data: st.DataObject) -> None:
    # The proof in numbers: prod_{i<m} |y-i|^(K-1) / prod_{m<=i<=s} |y-i| on y = m + R exp(i phi), R > s - m.
    n = data.draw(st.integers(2, 60))
    m = data.draw(st.integers(1, n - 1))
    s = data.draw(st.integers(m, n))
    K = data.draw(st.integers(1, 50))
    R = (s - m) + data.draw(st.floats(0.01, 2 * n))
    y = m + R * np.exp(1j * np.linspace(0, np.pi, 50)[:-1])
    i = np.arange(s + 1)
    logs = np.log(np.abs(y[:, None] - i)) @ np.where(i < m, K - 1.0, -1.0)
    assert (np.diff(logs) <= 1e-9).all()


def test_around_the_origin_it_would_not_fall() -> None:
    # The check above can fail: on the circle around 0 the zeros are not all left of the centre.
    m, s, K = 30, 59, 6
    y = (s + 1) * np.exp(1j * np.linspace(0, np.pi, 50)[:-1])
    i = np.arange(s + 1)
    logs = np.log(np.abs(y[:, None] - i)) @ np.where(i < m, K - 1.0, -1.0)
    assert (np.diff(logs) > 1).any()


@settings(max_examples=100, deadline=None)
@given(n=st.integers(2, 2**53), ratio=st.floats(1e-9, 1), epochs=st.floats(0, 1), place=st.floats(-7, 7))
def test_tails_are_complements_and_differ_by_the_pmf(
    n: int, ratio: float, epochs: float, place: float
) -> None:
    m = max(1, min(n, int(ratio * n)))
    K = 1 + int((3 * n / m) ** epochs)
    mu = unseen_mean(n, m, K)
    u = min(n, max(0, round(mu + place * math.sqrt(mu * (1 - mu / n)))))
    below, above, good = unseen_tails(n, m, K, u)
    next_below, next_above, fine = unseen_tails(n, m, K, u + 1)
    p = math.exp(unseen_log_pmf(n, m, K, u)[0])
    assert good
    assert fine
    assert below + above == pytest.approx(1.0, abs=2e-16)
    if p > 1e-20:
        difference = next_below - below if below < above else above - next_above
        assert difference == pytest.approx(p, rel=1e-12, abs=4e-13 * max(min(below, above), p))


def test_no_value_is_refused() -> None:
    # 120,000 such values, over the whole support and K to 2**62, were all accepted.
    rng = random.Random(53)
    for _ in range(1500):
        n = int(2 ** rng.uniform(0, 53))
        m = max(1, int(n ** rng.uniform(0, 1)) if rng.random() < 0.7 else n - int(n ** rng.uniform(0, 1)))
        K = int(2 ** rng.uniform(0, 62)) if rng.random() < 0.3 else 2 + int(45 * n / m * rng.random() ** 2)
        low, high = max(0, n - m * K), n - m
        near = int((high - low + 1) ** rng.random()) - 1
        u = rng.choice([rng.randint(low, max(low, high)), low + near, high - near])
        for tails in (False, True):
            first, second, accepted = unseen_log_law(n, m, np.array([K]), np.array([u]), tails)
            assert accepted
            assert first[0] <= 1e-13
            assert second[0] <= 1e-13


def test_the_status_can_refuse() -> None:
    n, m, K = 10**6, 10**5, 10
    u = round(unseen_mean(n, m, K))
    eta, st_n, st_N = math.log(u / unseen_mean(n, m, K)), 1 / (12 * n), 1 / (12 * (n - m))
    case = (float(n), float(m), float(K), float(u), float(m * K - n + u), eta, st_n, st_N)
    x, W = saddle_point(case)
    right = pytest.approx(unseen_log_pmf(n, m, K, u)[0], rel=1e-14)
    assert circle_sum(x, W, math.inf, case) == (right, True)
    rising = (*case[:4], 2e6, *case[5:])  # a planted fault: the modulus rises along the circle
    assert circle_sum(x, W, math.inf, rising)[1] is False
    assert circle_sum(x, 1e-5 * W, math.inf, case)[1] is False  # the nodes run out


def test_iid_draws_far_beyond_full_coverage_and_beyond_float_epochs() -> None:
    # m = 1: P(U = 0) = exp(-mu) (1 + O(mu log n / n)); D = n (ln n - ln 2) draws leave mu = 2. At D = 1e18,
    # P(U >= 1) = mu = 2**53 exp(-1e18 / 2**53) = 5.47e-33.
    n = 2**53
    D = round(n * (math.log(n) - math.log(2)))
    mu = unseen_mean(n, 1, D)
    log_p, accepted = unseen_log_pmf(n, 1, D, 0)
    assert accepted
    assert abs(log_p + mu) < 1e-14
    assert unseen_tails(n, 1, 10**18, 1) == (1.0, pytest.approx(5.47e-33, rel=1e-3), True)


def test_certain_and_impossible_events() -> None:
    assert unseen_log_pmf(5, 2, 0, 5) == (0.0, True)
    assert unseen_log_pmf(5, 2, 1, 3) == (0.0, True)
    assert unseen_log_pmf(5, 2, 1, 2) == (-math.inf, True)
    assert unseen_log_pmf(5, 5, 3, 0) == (0.0, True)
    assert unseen_log_pmf(5, 2, 2, 0) == (-math.inf, True)  # 4 draws cannot show 5 items
    assert unseen_log_pmf(5, 2, 4, 4) == (-math.inf, True)
    assert unseen_log_pmf(5, 2, 4, -1) == (-math.inf, True)
    assert unseen_tails(5, 2, 2, 1) == (0.0, 1.0, True)
    assert unseen_tails(5, 2, 2, 0) == (0.0, 1.0, True)
    assert unseen_tails(5, 2, 2, 4) == (1.0, 0.0, True)
    assert unseen_tails(1, 1, 1, 1) == (1.0, 0.0, True)
