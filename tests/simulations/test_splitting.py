"""Block shares from integers: tables against exact fractions, samplers against exact laws, the tree's
bookkeeping.

Statistical tests use fixed seeds. Each compares one p-value with 1e-7, and there are fewer than 60, so that
the file raises a false alarm for at most 6 in 10^6 layouts.
"""

import hashlib
from fractions import Fraction
from itertools import product
from math import comb

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from scipy import stats

from simulations.splitting.binomial import sample_binomial
from simulations.splitting.blocks import share_draws
from simulations.splitting.halves import first_above, half_tables, sample_half
from simulations.splitting.hypergeometric import (
    _accept,
    _floor_of_product_ratio,
    sample_hypergeometric,
    sample_hypergeometric_few,
)
from simulations.splitting.sizes import size_table
from simulations.streams import SPLITS, seed_key, stream_words
from simulations.word_source import open_source, rewind

ALARM = 1e-7
STARTS, TABLES = half_tables(2**53)


@njit
def _sample(kind, samples, left, right, draws, starts, tables, key0, key1):
    source = open_source(key0, key1)
    for i in range(samples.size):
        rewind(source, 2, 0, 0, i)
        if kind == 0:
            samples[i] = sample_half(draws, starts, tables, source)
        elif kind == 1:
            samples[i] = sample_binomial(draws, left, left + right, starts, tables, source)
        else:
            samples[i] = sample_hypergeometric(left, right, draws, starts, tables, source)


def sample(kind, size, left, right, draws, seed=0):
    samples = np.empty(size, np.int64)
    _sample(kind, samples, left, right, draws, STARTS, TABLES, *seed_key(seed))
    return samples


def chi_square(samples, law, bins=40):
    """Return the p-value of Pearson's test against a SciPy law, in bins of about equal probability."""
    edges = np.unique(law.ppf(np.linspace(0, 1, bins + 1)[1:-1]))
    expected = np.diff(np.r_[0, law.cdf(edges), 1]) * len(samples)
    observed = np.bincount(np.searchsorted(edges, samples), minlength=len(edges) + 1)
    keep = expected > 0
    assert observed[~keep].sum() == 0
    return stats.chi2(max(1, keep.sum() - 1)).sf(np.sum((observed - expected)[keep] ** 2 / expected[keep]))


# --- tables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("j", [6, 7, 9, 11])
def test_half_tables_are_the_exact_cdf_of_the_deviation(j):
    """Exact rationals: every entry is 2^63 P(|X - 2^(j-1)| <= i) to the nearest whole number."""
    n, half, mass = 2**j, 2 ** (j - 1), Fraction(0)
    for i, entry in enumerate(TABLES[STARTS[j] : STARTS[j + 1]].tolist()):
        mass += Fraction(comb(n, half + i) * (1 if i == 0 else 2), 2**n)
        assert abs(entry - 2**63 * mass) <= Fraction(1, 2) + Fraction(1, 2**20)
    assert entry == 2**63


@pytest.mark.parametrize("j", [20, 27])
def test_half_tables_agree_with_the_incomplete_beta_function_of_mpmath(j):
    """P(|X - n/2| <= i) = 1 - 2 I_{1/2}(n/2 + i + 1, n/2 - i), 40 digits."""
    table = TABLES[STARTS[j] : STARTS[j + 1]]
    n = 2**j
    with mpmath.workdps(40):
        for i in (0, 1, len(table) // 20, len(table) // 5, len(table) // 2):
            # the tail as a sum of ratios of binomial weights, from the first one left out
            weight = mpmath.binomial(n, n // 2 + i + 1) / mpmath.mpf(2) ** n
            tail, term, k = mpmath.mpf(0), weight, n // 2 + i + 1
            while term > weight * mpmath.mpf(10) ** -35:
                tail += term
                term *= mpmath.mpf(n - k) / (k + 1)
                k += 1
            assert abs(int(table[i]) - 2**63 * (1 - 2 * tail)) < 0.51


def test_half_tables_are_pinned_and_do_not_depend_on_how_many_are_made():
    digest = hashlib.sha256(TABLES.astype("<u8").tobytes()).hexdigest()
    assert (len(TABLES), digest) == (
        180984,
        "2b4f670b5d8911c0922877db3efd5bd842dc7ac6ec13b42edd6ae449ca8f85fa",
    )
    starts, few = half_tables(2**12)
    assert np.array_equal(few, TABLES[: STARTS[13]])
    assert np.array_equal(starts[6:14], STARTS[6:14])


@pytest.mark.parametrize(
    ("items", "subset", "population"),
    [(1, 1, 3), (7, 3, 7), (98, 5, 98), (300, 299, 300), (2, 1, 2**48), (400, 1, 100_000)],
)
def test_size_tables_are_the_exact_binomial_cdf(items, subset, population):
    least, table = size_table(items, subset, population)
    p, mass = Fraction(subset, population), Fraction(0)
    cdf = []
    for k in range(items + 1):
        mass += comb(items, k) * p**k * (1 - p) ** (items - k)
        cdf.append(mass)
    assert all(2**64 * cdf[k] < 2 for k in range(least))
    for i, entry in enumerate(table.tolist()):
        assert abs(entry - 2**63 * cdf[least + i]) <= Fraction(1, 2) + Fraction(1, 2**20)
    assert entry == 2**63


def test_a_size_is_certain_where_every_item_is_kept():
    least, table = size_table(65_536, 9, 9)
    assert (least, table.tolist()) == (65_536, [2**63])


@given(table=st.lists(st.integers(0, 2**63 - 1), max_size=70), value=st.integers(0, 2**63 - 1))
@settings(max_examples=100, deadline=None)
def test_first_above_finds_the_first_larger_entry(table, value):
    entries = [*sorted(table), 2**63]
    assert first_above(np.array(entries, np.uint64), np.uint64(value)) == next(
        i for i, entry in enumerate(entries) if entry > value
    )


# --- samplers -------------------------------------------------------------------------------------


def plain_half(coins, words):
    """Heads among fair coins from the same words, with exact fractions in place of tables."""
    heads = bin(next(words) % 2 ** (coins % 64)).count("1") if coins % 64 else 0
    for j in range(6, coins.bit_length()):
        if coins >> j & 1:
            word, n, deviation = next(words), 2**j, 0
            mass = Fraction(comb(n, n // 2), 2**n)
            while word // 2 >= 2**63 * mass:
                deviation += 1
                mass += Fraction(2 * comb(n, n // 2 + deviation), 2**n)
            heads += n // 2 + (deviation if word % 2 else -deviation)
    return heads


def plain_binomial(draws, p, words):
    """Uniforms below p from the same words: the binary digits of p, one by one."""
    if p == 1:
        return draws
    below, equal = 0, draws
    while equal and p:
        digit, p = divmod(2 * p, 1)
        same = plain_half(equal, words)
        below, equal = below + digit * (equal - same), same
    return below


def plain_hypergeometric(left, right, draws, words):
    """Proposals accepted with their exact probability r(k) / max r, from the same words."""
    if 2 * draws > left + right:
        return left - plain_hypergeometric(left, right, left + right - draws, words)
    if draws == 0 or left == 0 or right == 0:
        return 0 if draws == 0 or left == 0 else draws

    def ratio(k):
        return Fraction(
            comb(left, k) * comb(right, draws - k), comb(draws, k) * left**k * right ** (draws - k)
        )

    best = max(ratio(k) for k in range(draws + 1))
    while True:
        k = (
            plain_half(draws, words)
            if left == right
            else plain_binomial(draws, Fraction(left, left + right), words)
        )
        if k > left or draws - k > right:
            continue
        if next(words) < 2**64 * ratio(k) / best:
            return k


@pytest.mark.parametrize(
    ("kind", "left", "right", "draws"),
    [
        (0, 1, 1, 1), (0, 1, 1, 63), (0, 1, 1, 64), (0, 1, 1, 700), (1, 1, 2, 100), (1, 99, 1, 130),
        (1, 5, 0, 9),
        (2, 4, 4, 3), (2, 4, 4, 4), (2, 4, 4, 8), (2, 1, 1, 1), (2, 64, 34, 5), (2, 64, 34, 93),
        (2, 3, 90, 40),
        (2, 90, 3, 46), (2, 100, 100, 70), (2, 7, 0, 5), (2, 0, 7, 5), (2, 5, 5, 0),
    ],
)  # fmt: skip
def test_samplers_equal_a_reference_in_exact_fractions(kind, left, right, draws):
    """The same words, read by a Python version without tables or truncated products: equal count by count."""
    samples = sample(kind, 60, left, right, draws, seed=11)
    for i, k in enumerate(samples.tolist()):
        words = iter(stream_words(11, SPLITS, 0, 0, i, 2000).tolist())
        if kind == 0:
            plain = plain_half(draws, words)
        elif kind == 1:
            plain = plain_binomial(draws, Fraction(left, left + right), words)
        else:
            plain = plain_hypergeometric(left, right, draws, words)
        assert k == plain


@pytest.mark.parametrize(
    ("left", "right", "draws"),
    [
        (65_536, 65_536, 6_554),
        (65_536, 4_464, 7_000),
        (2**20, 3, 500_000),
        (3, 2**20, 500_000),
        (2**30, 2**29, 2**20),
    ],
)
def test_the_acceptance_product_is_exact_to_two_to_the_minus_61_a_factor(left, right, draws):
    """The largest accepted chance, by bisection, against r(k)/r(k*) in exact integers."""
    total = left + right
    mode = left * (draws - 1) // total + 1
    spread = int((draws * left * right / total**2) ** 0.5) + 1
    for k in {mode, mode + 1, min(mode + spread, left, draws), min(mode + 4 * spread, left, draws)}:
        numerator = denominator = 1
        for j in range(mode, k):
            numerator *= (left - j) * right
            denominator *= (right - draws + j + 1) * left
        low, high = 0, 2**64 - 1
        while low < high:
            middle = (low + high + 1) // 2
            accepted = _accept(left, right, draws, mode, k, np.uint64(middle))
            low, high = (middle, high) if accepted else (low, middle - 1)
        assert abs(low * denominator - 2**64 * numerator) <= (8 * (k - mode) + 8) * denominator


@given(z=st.integers(1, 2**60), share=st.fractions(0, 1), y=st.integers(0, 2**60), scale=st.integers(0, 60))
@settings(max_examples=200, deadline=None)
def test_the_mode_is_found_without_overflow(z, share, y, scale):
    x, y = int(share * z), y >> scale
    assert _floor_of_product_ratio(x, y, z) == x * y // z


@pytest.mark.parametrize(
    ("kind", "left", "right", "draws", "law"),
    [
        (0, 1, 1, 13_107, stats.binom(13_107, 0.5)),
        (0, 1, 1, 2**20 + 5, stats.binom(2**20 + 5, 0.5)),
        (0, 1, 1, 2**29 + 77, stats.binom(2**29 + 77, 0.5)),
        (1, 1, 2, 100_000, stats.binom(100_000, 1 / 3)),
        (1, 32_768, 17_232, 15_000, stats.binom(15_000, 0.65536)),
        (1, 1, 999, 15_000, stats.binom(15_000, 1e-3)),
        (2, 65_536, 65_536, 6_554, stats.hypergeom(2**17, 2**16, 6_554)),
        (2, 65_536, 65_536, 65_536, stats.hypergeom(2**17, 2**16, 65_536)),
        (2, 65_536, 4_464, 7_000, stats.hypergeom(70_000, 65_536, 7_000)),
        (2, 65_536, 4_464, 66_000, stats.hypergeom(70_000, 65_536, 66_000)),
        (2, 2**22, 2**21 + 99, 2**21, stats.hypergeom(2**22 + 2**21 + 99, 2**22, 2**21)),
    ],
)
def test_samplers_follow_their_laws(kind, left, right, draws, law):
    for seed in (1, 2, 3):
        assert chi_square(sample(kind, 20_000, left, right, draws, seed), law) > ALARM


def test_a_proposal_taken_without_its_acceptance_would_be_caught():
    """The planted fault: the binomial proposal itself, whose variance is 1/(1 - m/N) times too large."""
    law = stats.hypergeom(2**17, 2**16, 26_214)
    assert chi_square(sample(0, 20_000, 1, 1, 26_214), law) < 1e-30


def test_a_table_read_one_entry_too_far_would_be_caught():
    shifted = np.r_[TABLES[STARTS[13] + 1 : STARTS[14]], np.uint64(2**63)]
    samples = np.empty(200_000, np.int64)
    words = stream_words(1, SPLITS, 0, 0, 0, len(samples)).tolist()
    for i, word in enumerate(words):
        deviation = first_above(shifted, np.uint64(word >> 1))
        samples[i] = 4096 + (deviation if word & 1 else -deviation)
    assert chi_square(samples, stats.binom(8192, 0.5)) < 1e-7


# --- the tree -------------------------------------------------------------------------------------


def shares(population, draws, without_repeats, replicates, epochs, blocks, first=(0, 0, 0), seed=5):
    array = np.empty((replicates, epochs, blocks), np.uint32)
    first_replicate, first_epoch, first_block = first
    place = (first_epoch, first_block, first_replicate)
    share_draws(array, population, draws, without_repeats, *place, *seed_key(seed), STARTS, TABLES)
    return array.astype(np.int64)


@pytest.mark.parametrize("without_repeats", [False, True])
@pytest.mark.parametrize(
    ("population", "draws"),
    [
        (1, 1), (2**16 - 1, 700), (2**16, 700), (2**16 + 1, 2**16 + 1), (2**16 + 1, 2), (2**17, 2**16),
        (70_000, 7_000),
        (1_281_167, 256_233), (2**16 * 37, 2**16 * 37), (2**16 * 1000 + 17, 10**6),
    ],
)  # fmt: skip
def test_shares_add_up_and_fit(population, draws, without_repeats):
    blocks = -(-population // 2**16)
    array = shares(population, draws, without_repeats, 2, 3, blocks)
    assert np.all(array.sum(axis=2) == draws)
    if without_repeats:
        sizes = np.minimum(2**16, population - 2**16 * np.arange(blocks))
        assert np.all(array <= sizes)


@pytest.mark.parametrize("without_repeats", [False, True])
def test_any_part_of_the_shares_is_made_alone(without_repeats):
    whole = shares(2**16 * 45 + 321, 10**5, without_repeats, 3, 4, 46)
    for i, e, b, width in [(0, 0, 0, 46), (1, 2, 7, 1), (2, 1, 31, 3), (0, 3, 45, 1), (2, 0, 30, 16)]:
        part = shares(2**16 * 45 + 321, 10**5, without_repeats, 3 - i, 4 - e, width, (i, e, b))
        assert np.array_equal(part, whole[i:, e:, b : b + width])


@pytest.mark.parametrize("without_repeats", [False, True])
def test_the_joint_law_of_the_shares_of_a_few_draws_is_exact(without_repeats):
    """n = 3 full blocks and one of 30 000 items, m = 3: all 20 compositions, against exact probabilities."""
    sizes = [2**16, 2**16, 2**16, 30_000]
    array = shares(sum(sizes), 3, without_repeats, 60, 1000, 4).reshape(-1, 4)
    observed, expected = [], []
    for parts in product(range(4), repeat=4):
        if sum(parts) == 3:
            observed.append(np.all(array == parts, axis=1).sum())
            ways = Fraction(1)
            for size, k in zip(sizes, parts, strict=True):
                ways *= Fraction(comb(size, k)) if without_repeats else Fraction(size**k, [1, 1, 2, 6][k])
            everything = Fraction(comb(sum(sizes), 3)) if without_repeats else Fraction(sum(sizes) ** 3, 6)
            expected.append(float(ways / everything) * len(array))
    assert sum(observed) == len(array)
    assert stats.chi2(len(observed) - 1).sf(np.sum((np.array(observed) - expected) ** 2 / expected)) > ALARM


@pytest.mark.parametrize(("without_repeats", "ratio"), [(False, 1.0), (True, 0.8)])
def test_the_shares_of_many_blocks_have_the_right_spread(without_repeats, ratio):
    """m/n = 0.2 over 11 blocks: variance of a share m p (1-p), times (1 - m/n) (n/(n-1)) without repeats.

    The mean square of 11 x 3000 standardised shares against its expectation 1; its standard error is below
    sqrt(2/3000), so 0.14 is over 5.4 standard errors.
    """
    population = 2**16 * 10 + 40_000
    draws = population // 5
    array = shares(population, draws, without_repeats, 3, 1000, 11).reshape(-1, 11)
    p = np.r_[np.full(10, 2**16), 40_000] / population
    z = (array - draws * p) / np.sqrt(draws * p * (1 - p) * ratio)
    assert abs(np.mean(z**2) - 1) < 0.14
    assert np.max(np.abs(z.mean(axis=0))) < 5.5 / np.sqrt(len(array))
    assert np.max(np.abs((z**2).mean(axis=0) - 1)) < 5.5 * np.sqrt(2 / len(array))


def test_counts_up_to_two_to_the_48_stay_in_range():
    for kind in (0, 1, 2):
        samples = sample(kind, 20, 2**47, 2**47 - 1, 2**46 + 12345)
        z = (samples - (2**46 + 12345) / 2) / 2**22
        assert np.all(np.abs(z) < 8)
    assert sample_hypergeometric_few(5, 5, 0, STARTS, TABLES, open_source(*seed_key(0))) == 0
