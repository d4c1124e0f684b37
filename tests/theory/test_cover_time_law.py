"""The covering time of fresh subsets: exact rationals, precise sums, the chain, and the paper's numbers."""

import math
from fractions import Fraction
from functools import cache
from math import comb

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softsample_theory.laws import cover_time_law
from softsample_theory.laws.absorption_chain import crossing_chances, run_to_absorption
from softsample_theory.laws.alternating_sums import double_double_sums
from softsample_theory.laws.contour import unseen_tails
from softsample_theory.laws.cover_time_law import SubsetCoverTimeLaw
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError


def near(value, rel):
    """Relative closeness alone: pytest.approx would also accept an absolute 1e-12."""
    return pytest.approx(value, rel=rel, abs=0)


# References -------------------------------------------------------------------------------------------------


def weights(n, m, s):
    """The pairs (coefficient, x_i) of the SRS paper's Eqs. 12-16, as exact rationals."""
    subsets = comb(n, m)
    return [
        ((-1) ** (s - i + 1) * comb(n, i) * comb(n - i - 1, n - s), Fraction(comb(i, m), subsets))
        for i in range(s)
    ]


def exact_pmf(n, m, s, k):
    """Eq. 12 of the SRS paper; 0**0 = 1 at k = 1."""
    return sum(c * (1 - x) * x ** (k - 1) for c, x in weights(n, m, s))


def exact_sf(n, m, s, k):
    """Eq. 12 summed over all later epochs."""
    return sum(c * x**k for c, x in weights(n, m, s))


def chain_cdf(n, m, s, epochs):
    """P(T <= K) for K = 0..epochs by the hypergeometric chain of the number seen, in exact rationals."""
    law, out = {0: Fraction(1)}, [Fraction(s == 0)]
    for _ in range(epochs):
        after = {}
        for seen, p in law.items():
            for new in range(max(0, m - seen), min(m, n - seen) + 1):
                step = Fraction(comb(n - seen, new) * comb(seen, m - new), comb(n, m))
                after[seen + new] = after.get(seen + new, 0) + p * step
        law = after
        out.append(sum((p for seen, p in law.items() if seen >= s), Fraction(0)))
    return out


@cache
def precise_sf(n, m, r, k):
    """P(U_k >= r) by inclusion and exclusion, with 60 digits more than its cancellation takes."""
    with mp.workdps(60 + int(n * float(mp.mpf(n - m) / n) ** k) + 60 + r):
        total, a, choices = mp.mpf(0), mp.mpf(1), mp.mpf(1)
        for j in range(n - m + 1):
            if j >= r:
                term = mp.binomial(j - 1, r - 1) * choices * a**k
                total += term if (j - r) % 2 == 0 else -term
                if j > r + 5 and term < mp.mpf(10) ** -(mp.mp.dps - 5):
                    break
            choices, a = choices * (n - j) / (j + 1), a * (n - m - j) / (n - j)
        return total


def largest_error(values, exact):
    """The largest relative error of values against references, where these exceed 1e-60."""
    return max(float(abs(v / e - 1)) for v, e in zip(values, exact, strict=True) if e > mp.mpf(10) ** -60)


# Small populations: exact rationals -------------------------------------------------------------------------

SMALL = [(n, m, s) for n in range(1, 9) for m in range(1, n + 1) for s in range(1, n + 1)]


@pytest.mark.parametrize("n", range(1, 9))
def test_pmf_cdf_and_sf_are_those_of_equation_12(n):
    for _, m, s in (case for case in SMALL if case[0] == n):
        law, k = SubsetCoverTimeLaw(n, m, s), range(1, 15)
        for values, exact in (
            (law.pmf(k), [exact_pmf(n, m, s, i) for i in k]),
            (law.sf(k), [exact_sf(n, m, s, i) for i in k]),
            (law.cdf(k), [1 - exact_sf(n, m, s, i) for i in k]),
        ):
            assert all((v == 0) == (e == 0) for v, e in zip(values, exact, strict=True))
            assert [float(v) for v in values] == near([float(e) for e in exact], rel=4e-15)


@pytest.mark.parametrize(("n", "m", "s"), [(5, 2, 5), (6, 1, 4), (7, 3, 6), (8, 5, 8)])
def test_equation_12_is_the_hypergeometric_chain(n, m, s):
    """Two exact ways to the references above."""
    assert chain_cdf(n, m, s, 12) == [1 - exact_sf(n, m, s, k) if k else Fraction(0) for k in range(13)]


# Large populations: sums with hundreds of digits, the chain -------------------------------------------------

LARGE = [(98, 5, 1), (320, 16, 1), (320, 64, 20), (513, 25, 1), (700, 30, 2), (2000, 20, 1), (2000, 1, 1)]
LARGE += [(2000, 200, 30), (10**6, 10**5, 1), (10**9, 100, 1), (10**9, 10**8, 6), (10**12, 10**11, 1)]
LARGE += [(10**12, 10**6, 20), (10**12, 5 * 10**11, 1)]


@pytest.mark.parametrize(("n", "m", "r"), LARGE)
def test_both_tails_and_the_pmf_keep_their_digits_down_to_1e_60(n, m, r):
    law = SubsetCoverTimeLaw(n, m, n - r + 1)
    k = sorted(
        {int(law.ppf(p)) for p in (1e-57, 1e-30, 1e-12, 1e-4, 0.5)}
        | {int(law.isf(p)) for p in (0.1, 1e-9, 1e-57)}
    )
    sf = [precise_sf(n, m, r, i) for i in k]
    with mp.workdps(200):
        cdf, pmf = [1 - p for p in sf], [precise_sf(n, m, r, i - 1) - precise_sf(n, m, r, i) for i in k]
    assert largest_error(law.sf(k), sf) < 2e-13
    assert largest_error(law.cdf(k), cdf) < 2e-13
    assert largest_error(law.pmf(k), pmf) < 2e-13


FEW_REPEATS = [(10**12, 1000, 5000), (10**12, 10**6, 2 * 10**7), (10**9, 10, 20_000), (5000, 50, 700)]
PARTIAL = [
    (5000, 900, 4000),
    (10**6, 5 * 10**5, 10**6 - 3),
    (3000, 2990, 3000),
    (700, 3, 650),
    (320, 16, 317),
]


@pytest.mark.parametrize(("n", "m", "s"), FEW_REPEATS + PARTIAL)
def test_the_law_is_the_absorption_of_the_chain(n, m, s):
    """The chain shares no formula with the contour and the sums; it is within 2e-14 here (next test)."""
    law, first = SubsetCoverTimeLaw(n, m, s), -(-s // m)
    pmf, cdf, sf, _, _ = run_to_absorption(n, m, n - s + 1, 400, 3e8)
    k = np.arange(first, first + len(pmf))
    for values, reference in ((law.pmf(k), pmf), (law.cdf(k), cdf), (law.sf(k), sf)):
        seen = reference > 1e-60
        assert values[seen] == near(reference[seen], rel=3e-13)


@pytest.mark.parametrize(
    ("n", "m", "r", "room"), [(98, 5, 1, 60), (320, 16, 1, 100), (320, 16, 20, 200), (2000, 1000, 1, 20)]
)
def test_the_chain_keeps_its_digits_at_any_depth(n, m, r, room):
    """Against sums with hundreds of digits, to 1e-200."""
    pmf, cdf, sf, _, _ = run_to_absorption(n, m, r, room, 1e9)
    first = (n - r) // m + 1
    for i in {0, 1, 2, len(pmf) // 4, len(pmf) // 2, len(pmf) - 1}:
        with mp.workdps(700):
            above, before = precise_sf(n, m, r, first + i), precise_sf(n, m, r, first + i - 1)
            assert sf[i] == near(float(above), rel=2e-14)
            assert cdf[i] == near(float(1 - above), rel=2e-14)
            assert pmf[i] == near(float(before - above), rel=2e-14)


def test_the_double_double_sum_knows_its_error():
    """True errors against 200-digit sums stay below the stated bound plus one rounding, accepted or not."""
    rejected = 0
    for n, m, r in [(98, 5, 1), (320, 16, 3), (2000, 1, 1), (10**9, 10**8, 1), (10**12, 10**10, 20)]:
        for mu in (0.01, 1, 5, 12, 17, 25):
            k = round(math.log(n / mu) / -math.log1p(-m / n))
            above, below, error = double_double_sums(n, m, k, r, False)
            exact = precise_sf(n, m, r, k)
            with mp.workdps(100):
                assert abs(above - exact) <= error + 2e-16 * exact
                assert abs(below - (1 - exact)) <= error + 2e-16 * (1 - exact)
            rejected += error > 1e-14 * min(above, below)
    assert rejected >= 5  # the bound does say no where digits are gone


def test_crossing_chances_are_hypergeometric_tails():
    """Exact rationals: P(fewer than r of r+i unseen items stay unseen)."""
    n, m, r = 60, 13, 9
    subsets = comb(n, m)
    for i, chance in enumerate(crossing_chances(n, m, r, 13)):
        u = r + i
        exact = sum(Fraction(comb(u, a) * comb(n - u, m - a), subsets) for a in range(i + 1, min(u, m) + 1))
        assert chance == near(float(exact), rel=1e-14)


def test_values_that_no_method_vouches_for_are_refused(monkeypatch):
    monkeypatch.setattr(
        cover_time_law, "unseen_tails", lambda n, m, K, r: (*unseen_tails(n, m, K, r)[:2], False)
    )
    law = SubsetCoverTimeLaw(5000, 50, 4000)
    assert law.cdf(160) == near(SubsetCoverTimeLaw(5000, 50, 4000)._tails(160)[0], rel=1e-14)  # by the chain
    monkeypatch.setattr(cover_time_law, "_LONGEST_CHAIN", 1e3)
    with pytest.raises(ArithmeticError, match="no method vouches for epoch 160"):
        SubsetCoverTimeLaw(5000, 50, 4000).cdf(160)


# Properties -------------------------------------------------------------------------------------------------

SIZES = st.integers(1, 10**12).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n), st.integers(0, n)))


@settings(max_examples=60, deadline=None)
@given(SIZES, st.floats(1e-30, 0.999))
def test_quantiles_are_exact(case, p):
    law = SubsetCoverTimeLaw(*case)
    q, u = int(law.ppf(p)), int(law.isf(p))
    assert law.cdf(q) >= p > law.cdf(q - 1)
    assert law.sf(u) <= p < law.sf(u - 1)


@settings(max_examples=60, deadline=None)
@given(SIZES)
def test_tails_are_monotone_and_add_up(case):
    law = SubsetCoverTimeLaw(*case)
    middle, spread = int(law.median()), max(1, int(law.std()))
    k = np.unique(np.clip(middle + spread * np.arange(-6, 7), -1, None))
    cdf, sf = law.cdf(k), law.sf(k)
    assert (np.diff(cdf) >= -1e-13 * cdf[1:]).all()
    assert (np.diff(sf) <= 1e-13 * sf[:-1]).all()
    assert cdf + sf == pytest.approx(np.ones(k.size), abs=4e-15)
    assert law.var() >= 0


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 200).flatmap(
        lambda n: st.tuples(st.just(n), st.integers(max(1, n // 8), n), st.integers(0, n))
    )
)
def test_the_pmf_sums_to_one_and_has_the_mean(case):
    law = SubsetCoverTimeLaw(*case)
    k = np.arange(int(law.support()[0]), int(law.isf(1e-20)) + 1)
    pmf = law.pmf(k)
    assert math.fsum(pmf) == near(1, rel=1e-14)
    assert math.fsum(k * pmf) == near(law.mean(), rel=1e-13)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(3, 10**10).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n - 1), st.integers(2, n)))
)
def test_more_items_take_longer_and_larger_subsets_less(case):
    n, m, s = case
    law = SubsetCoverTimeLaw(n, m, s)
    k = int(law.median())
    assert law.sf(k) >= SubsetCoverTimeLaw(n, m, s - 1).sf(k) * (1 - 1e-12)
    assert law.sf(k) >= SubsetCoverTimeLaw(n, m + 1, s).sf(k) * (1 - 1e-12)


# Edges ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "epoch"), [((5, 2, 0), 0), ((5, 2, 2), 1), ((5, 5, None), 1), ((1, 1, None), 1), ((9, 4, 1), 1)]
)
def test_certain_times(case, epoch):
    law = SubsetCoverTimeLaw(*case)
    assert law.support() == (epoch, epoch)
    assert (law.mean(), law.var(), law.ppf(0.3), law.isf(0.3)) == (epoch, 0, epoch, epoch)
    assert law.pmf([epoch - 1, epoch, epoch + 1]).tolist() == [0, 1, 0]
    assert law.cdf([epoch - 1, epoch]).tolist() == [0, 1]
    assert law.sf([epoch - 1, epoch]).tolist() == [1, 0]


def test_impossible_times_have_probability_zero():
    law = SubsetCoverTimeLaw(10**12, 10**11)
    assert law.support() == (10, math.inf)
    assert (law.cdf(9), law.sf(9), law.pmf(9)) == (0, 1, 0)
    assert law.logpmf(9) == -math.inf
    assert law.cdf(10**15) == 1


def test_part_of_a_huge_population_late_in_time():
    """Far beyond T: no loop over the items may start (mean unseen below 1, 5e8 of them asked for)."""
    assert SubsetCoverTimeLaw(10**9, 10**8, 5 * 10**8).sf([8, 300, 10**15]).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    "case",
    [
        (2**53 - 7, 945_952_530_110_860, 2**53 - 7),
        (3_914_826_850_334_456, 7, 387_825_783_752),
        (10**12, 10**6, 10**12),
    ],
)
def test_the_first_epochs_of_a_huge_population(case):
    """Full cover in ceil(s/m) epochs has a chance of exp(-1e7) or less: an honest zero, at once."""
    law = SubsetCoverTimeLaw(*case)
    k = int(law.support()[0]) + np.arange(3)
    assert law.cdf(k).tolist() == law.pmf(k).tolist() == [0, 0, 0]
    assert law.sf(k).tolist() == [1, 1, 1]


@pytest.mark.parametrize("m", [1, 10**6, 2**52, 2**53 - 1])
def test_the_largest_population(m):
    law = SubsetCoverTimeLaw(2**53, m)
    q = int(law.ppf(0.5))
    assert law.cdf(q) >= 0.5 > law.cdf(int(math.nextafter(q, 0)) if q > 2**53 else q - 1)
    rate = -math.log1p(-m / 2**53) if m < 2**52 else math.log(2**53 / (2**53 - m))
    assert law.mean() == pytest.approx((math.log(2**53) + np.euler_gamma) / rate + 0.5, rel=1e-6, abs=0.6)


def test_bad_arguments_are_named():
    with pytest.raises(ArgumentValueError, match=r"items is 6; it must be a whole number from 0 to 5$"):
        SubsetCoverTimeLaw(5, 2, 6)
    with pytest.raises(ArgumentValueError, match="subset is 0"):
        SubsetCoverTimeLaw(5, 0)
    with pytest.raises(ArgumentTypeError, match=r"population is 5\.0"):
        SubsetCoverTimeLaw(5.0, 2)


def test_equal_laws_are_equal():
    assert SubsetCoverTimeLaw(5, 2) == SubsetCoverTimeLaw(5, 2, 5)
    assert hash(SubsetCoverTimeLaw(5, 2)) == hash(SubsetCoverTimeLaw(5, 2, 5))
    assert SubsetCoverTimeLaw(5, 2) != SubsetCoverTimeLaw(5, 2, 4)
