"""Traps that programs for these laws have fallen into; where it is cheap the wrong way stands beside."""

import math
from fractions import Fraction

import numpy as np
import pytest

from softsample_theory.laws import CollectorLaw, OccupancyLaw


def test_no_variance_is_negative():
    for n in (10**3, 10**6, 10**9, 10**12, 2**53):
        for draws in (2, 3, 2 + n // 1000, n, 30 * n):
            assert OccupancyLaw(n, draws).var() > 0.0
    n = 10**9  # the textbook form at n = 1e9, two draws: a variance of 1e-9 from terms of 1e18
    textbook = n * (n - 1) * (1 - 2 / n) ** 2 + n * (1 - 1 / n) ** 2 - (n * (1 - 1 / n) ** 2) ** 2
    assert abs(textbook / 1e-9 - 1) > 1
    assert OccupancyLaw(n, 2).var() == pytest.approx(1e-9, rel=1e-8)


def test_a_tiny_probability_is_no_one_minus_a_product():
    n, draws = 5 * 10**15 + 1, 10
    exact = 1 - Fraction(math.prod(n - i for i in range(draws)), n**draws)
    naive = 1.0 - math.prod(1.0 - i / n for i in range(draws))
    assert abs(naive / float(exact) - 1) > 1e-4
    assert OccupancyLaw(n, draws).repeat_probability() == pytest.approx(float(exact), rel=1e-15)


@pytest.mark.parametrize("n", [2**31 - 1, 2**31, 2**32, 2**32 + 1])
def test_nothing_stops_at_thirty_two_bits(n):
    law = OccupancyLaw(n, n)
    assert law.mean() == pytest.approx(n * -math.expm1(n * math.log1p(-1 / n)), rel=1e-14)
    k = round(law.mean())
    assert law.pmf(k) == pytest.approx(1 / (math.sqrt(2 * math.pi) * law.std()), rel=1e-4)
    assert CollectorLaw(n).cdf(CollectorLaw(n).mean()) == pytest.approx(0.5704, abs=1e-3)  # exp(-exp(-gamma))


def test_the_pmf_is_not_renormalised():
    """The mass over 12 deviations is 1 by itself; an error would show, as the planted one does."""
    law = OccupancyLaw(10**4, 10**4)
    reach = int(12 * law.std())
    ks = round(law.mean()) + np.arange(-reach, reach + 1)
    assert math.fsum(law.pmf(ks)) == pytest.approx(1.0, abs=2e-14)
    rough = np.exp(-0.5 * ((ks - law.mean()) / law.std()) ** 2) / (math.sqrt(2 * math.pi) * law.std())
    worst = np.max(np.abs(rough / law.pmf(ks) - 1))
    assert worst > 0.01  # and yet, renormalised, its mass would be 1 too
    assert math.fsum(rough / math.fsum(rough)) == pytest.approx(1.0, abs=1e-14)


def test_every_bit_of_the_seed_counts():
    law = OccupancyLaw(10**12, 10**12)
    draws = {int(law.rvs(random_state=seed)) for seed in (1, 257, 1 + 2**32, 1 + 2**64)}  # equal to 8 bits
    assert len(draws) == 4


def test_a_given_generator_is_used():
    law = OccupancyLaw(10**12, 10**12)
    rng = np.random.default_rng(7)
    first, second = law.rvs(5, random_state=rng), law.rvs(5, random_state=rng)
    assert not np.array_equal(first, second)
    assert np.array_equal(first, law.rvs(5, random_state=7))


def test_within_t_draws_is_not_at_draw_t():
    """For three items: T = 3 has probability 6/27, T <= 4 has 36/81."""
    law = CollectorLaw(3)
    assert law.pmf(3) == law.cdf(3) == pytest.approx(6 / 27, rel=1e-15)
    assert law.cdf(4) == pytest.approx(36 / 81, rel=1e-15)
    assert law.pmf(4) == pytest.approx(36 / 81 - 6 / 27, rel=1e-15)
