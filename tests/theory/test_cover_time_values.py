"""Numbers of covering times: the paper's plans, large populations, exact means; wrong laws are caught."""

import math
from fractions import Fraction
from math import comb

import mpmath as mp
import numpy as np
import pytest

from softsample_theory.laws.cover_time_law import SubsetCoverTimeLaw
from softsample_theory.laws.time_law import TimeLaw
from softsample_theory.laws.unseen_mean import unseen_mean


def near(value, rel):
    """Relative closeness alone: pytest.approx would also accept an absolute 1e-12."""
    return pytest.approx(value, rel=rel, abs=0)


def weights(n, m, s):
    """The pairs (coefficient, x_i) of the SRS paper's Eqs. 12-16, as exact rationals."""
    subsets = comb(n, m)
    return [
        ((-1) ** (s - i + 1) * comb(n, i) * comb(n - i - 1, n - s), Fraction(comb(i, m), subsets))
        for i in range(s)
    ]


def exact_mean(n, m, s):
    """Eq. 13 of the SRS paper (Eq. 15 where s = n, Eq. 16 where m = 1 too)."""
    return sum(c / (1 - x) for c, x in weights(n, m, s))


def exact_variance(n, m, s):
    """From E T^2 = sum of c (1+x)/(1-x)^2, the second moment of each geometric term."""
    return sum(c * (1 + x) / (1 - x) ** 2 for c, x in weights(n, m, s)) - exact_mean(n, m, s) ** 2


def test_mean_and_variance_are_those_of_equations_13_to_16():
    cases = [
        (n, m, s)
        for n in (2, 3, 7, 12, 16, 21, 34, 60, 130)
        for m in (1, 2, n // 3, n - 1)
        for s in (2, n - 2, n)
    ]
    for n, m, s in cases:
        if not (1 <= m <= n and 1 <= s <= n):
            continue
        law, variance = SubsetCoverTimeLaw(n, m, s), exact_variance(n, m, s)
        assert law.mean() == near(float(exact_mean(n, m, s)), rel=2e-15), (n, m, s)
        assert law.var() == near(float(variance), rel=3e-14), (n, m, s)


def test_one_item_an_epoch_is_the_coupon_collector():
    """Eq. 16: n H_n, and the variance n^2 sum 1/i^2 - n H_n; 30-digit mpmath at n = 1e9."""
    with mp.workdps(30):
        n = mp.mpf(10) ** 9
        mean = n * mp.harmonic(n)
        variance = n**2 * (mp.zeta(2) - mp.zeta(2, n + 1)) - mean
    law = SubsetCoverTimeLaw(10**9, 1)
    assert law.mean() == near(float(mean), rel=1e-14)
    assert law.var() == near(float(variance), rel=1e-12)


# Numbers of the paper's plans -------------------------------------------------------------------------------

# E T of the paper's plans: three decimals, by exact rationals of Eq. 15 (recomputed in the test below).
COVER_MEANS = {(320, 16): 124.409, (320, 32): 60.825, (320, 64): 28.986, (320, 96): 18.323}
COVER_MEANS |= {(98, 5): 99.590, (98, 10): 48.718, (2084, 208): 78.689}
# E T_s at n = 320 for s = 50, 90, 95, 99 and 100 %, two decimals, by the hypergeometric chain.
PARTIAL_MEANS = {
    16: (13.97, 45.16, 58.39, 88.61, 124.41),
    32: (7.05, 22.24, 28.69, 43.40, 60.83),
    64: (3.79, 10.77, 13.81, 20.76, 28.99),
}


def test_the_papers_plans_take_so_many_epochs():
    for (n, m), mean in COVER_MEANS.items():
        assert round(SubsetCoverTimeLaw(n, m).mean(), 3) == mean
    for m, means in PARTIAL_MEANS.items():
        assert (
            tuple(round(SubsetCoverTimeLaw(320, m, s).mean(), 2) for s in (160, 288, 304, 317, 320)) == means
        )


def test_the_papers_chunks_by_exact_rationals():
    for m in (16, 32, 64):
        assert SubsetCoverTimeLaw(320, m).mean() == near(float(exact_mean(320, m, 320)), rel=2e-15)


# E T from 80-digit sums of sf over every epoch; variances to the digits printed.
LARGE_MEANS = {
    (10**9, 10**8, 10**9): (202.667589823009, 148.2643992),
    (10**9, 5 * 10**7, 10**9): (415.768345835336, 625.2953305),
    (10**12, 5 * 10**11, 10**12): (41.1958833360533, 3.507055294),
    (10**5, 1000, 10**5): (1203.46495923256, 16283.92937),
    (2000, 200, 2000): (78.1406681661856, 147.9089215),
    (10**9, 10**8, 10**9 - 5): (180.995967201564, None),
    (10**6, 10**5, 10**6 - 20): (102.957663225387, None),
    (10**12, 3 * 10**11, 10**12 - 2): (75.3811690716962, None),
    (50_000, 5000, 49_990): (80.8727506379066, None),
    (10**9, 10**8, 5 * 10**8): (7.0, None),  # certain to 1e-300, where the mean-field value is 7.08
}


@pytest.mark.parametrize(("case", "moments"), LARGE_MEANS.items())
def test_means_of_large_populations(case, moments):
    law = SubsetCoverTimeLaw(*case)
    assert law.mean() == near(moments[0], rel=1e-14)
    assert moments[1] is None or law.var() == near(moments[1], rel=3e-10)


@pytest.mark.parametrize(
    "case", [(50, 1, 50), (320, 16, 320), (2000, 6, 1500), (10**6, 40_000, 10**6 - 7), (10**4, 9000, 10**4)]
)
def test_the_coarse_sums_are_the_sums_over_every_epoch(case):
    law = SubsetCoverTimeLaw(*case)
    assert law._spacing() > 1 or case[0] in (50, 10**4)
    k = np.arange(int(law.isf(1e-25)) + 1)
    sf = law.sf(k)
    mean, second = math.fsum(sf), math.fsum((2 * k + 1) * sf)
    assert law.mean() == near(mean, rel=2e-15)
    assert law.var() == near(second - mean * mean, rel=1e-11)  # this side of the check cancels


def test_the_mean_oscillates_for_ever():
    r"""At fixed m/n there is no Gumbel limit: T is an integer, and n q^K takes values on a geometric grid.

    The period in log n is lambda = log(1/q); the first harmonic of E T - (log n + gamma)/lambda - 1/2 has the
    amplitude 2 |Gamma(2 pi i/lambda)| / lambda = 0.01813 at q = 1/10, where a Gumbel limit would have 0.
    """
    rate = math.log(10)
    with mp.workdps(20):
        amplitude = float(2 * abs(mp.gamma(2j * mp.pi / rate)) / rate)
    assert amplitude == pytest.approx(0.01813, abs=1e-5)
    n = [round(10 ** (12 + i / 16) / 10) * 10 for i in range(17)]
    rest = [
        SubsetCoverTimeLaw(i, i - i // 10).mean() - (math.log(i) + np.euler_gamma) / rate - 0.5 for i in n
    ]
    assert rest[16] == pytest.approx(rest[0], abs=1e-9)
    assert max(rest) == pytest.approx(amplitude, rel=0.02)
    assert min(rest) == pytest.approx(-amplitude, rel=0.02)


# What is wrong must show ------------------------------------------------------------------------------------


def test_the_printed_sum_is_worthless_in_float64():
    """Eq. 15 in float64 has lost every digit at n = 60, and from seven to fourteen of them at n = 40."""

    def in_floats(n, m):
        return sum((-1) ** (n - i + 1) * float(comb(n, i)) / (1 - comb(i, m) / comb(n, m)) for i in range(n))

    assert abs(in_floats(60, 3) / float(exact_mean(60, 3, 60)) - 1) > 0.1
    assert 1e-9 < abs(in_floats(40, 3) / float(exact_mean(40, 3, 40)) - 1) < 1e-2
    assert SubsetCoverTimeLaw(60, 3).mean() == near(float(exact_mean(60, 3, 60)), rel=2e-15)


class WithinForAt(SubsetCoverTimeLaw):
    """Planted: the epoch after T in place of T."""

    def _tails(self, K):
        return super()._tails(max(K - 1, self.support()[0]))


class AsIfIndependent(SubsetCoverTimeLaw):
    """Planted: (1 - q^K)^n, the upper bracket, in place of the value."""

    def _tails(self, K):
        log_cdf = self.population * math.log1p(
            -unseen_mean(self.population, self.subset, K) / self.population
        )
        return math.exp(log_cdf), -math.expm1(log_cdf)


def largest_error(law, k):
    """The largest relative error of sf against Eq. 12, summed exactly."""
    exact = [sum(c * x**i for c, x in weights(law.population, law.subset, law.items)) for i in k]
    return max(abs(float(Fraction(float(law.sf(i))) / e - 1)) for i, e in zip(k, exact, strict=True))


@pytest.mark.parametrize("planted", [WithinForAt, AsIfIndependent])
def test_planted_wrong_laws_are_caught(planted):
    n, m, k = 60, 3, [60, 90, 120, 200]
    assert largest_error(SubsetCoverTimeLaw(n, m), k) < 1e-15
    assert largest_error(planted(n, m), k) > 1e-3
    assert planted(n, m).mean() != near(SubsetCoverTimeLaw(n, m).mean(), rel=1e-4)


def test_a_coarser_sum_would_show():
    """Planted: a lattice twice as coarse as the law bears."""

    class TooCoarse(SubsetCoverTimeLaw):
        def _spacing(self):
            return 3 * TimeLaw._spacing(self)

    exact = float(exact_mean(60, 3, 60))
    assert abs(TooCoarse(60, 3).mean() / exact - 1) > 1e-9
