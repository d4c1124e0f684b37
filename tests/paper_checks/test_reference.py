"""The checks' own yardstick, held against plain enumeration of everything that can be drawn."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import combinations, product
from math import comb

import mpmath
import pytest

from paper_checks.srs import reference


def enumerated(n: int, ways: list[tuple[int, ...]], K: int) -> tuple[Fraction, ...]:
    """Law of the distinct count over every sequence of K equally likely epochs."""
    seen = Counter(len(set().union(*sequence)) for sequence in product(ways, repeat=K))
    return tuple(Fraction(seen[l], len(ways) ** K) for l in range(n + 1))


@pytest.mark.parametrize(
    ("n", "m", "K"), [(1, 1, 3), (3, 2, 2), (4, 1, 4), (4, 2, 4), (5, 2, 3), (5, 4, 3), (6, 3, 2), (4, 2, 0)]
)
def test_chain_of_epochs_is_the_enumeration_of_all_subset_sequences(n, m, K):
    assert reference.distinct_after(n, m, K) == enumerated(n, list(combinations(range(n), m)), K)


@pytest.mark.parametrize(("n", "D"), [(1, 3), (2, 4), (3, 5), (4, 4), (3, 0)])
def test_chain_of_draws_is_the_enumeration_of_all_draw_sequences(n, D):
    assert reference.distinct_after_draws(n, D) == enumerated(n, [(i,) for i in range(n)], D)


def test_laws_worked_out_by_hand():
    # n = 3, m = 2: the second pair repeats the first with probability 1/3, else it completes the set.
    assert reference.distinct_after(3, 2, 2) == (0, 0, Fraction(1, 3), Fraction(2, 3))
    # The first epoch leaves one unit; each later one finds it with probability 2/3: 1 + 3/2.
    assert reference.mean_epochs(3, 2, 3) == Fraction(5, 2)
    assert reference.harmonic(10) == Fraction(7381, 2520)  # OEIS A001008(10) / A002805(10)
    assert reference.mean_epochs(10, 1, 10) == 10 * Fraction(7381, 2520)
    assert reference.variance((Fraction(1, 4), Fraction(1, 2), Fraction(1, 4))) == Fraction(1, 2)


@pytest.mark.parametrize(("n", "m", "s"), [(4, 2, 3), (5, 2, 5), (6, 1, 4), (3, 3, 3)])
def test_mean_epochs_is_the_sum_of_the_chances_of_not_being_there_yet(n, m, s):
    # E T = sum_k P(T > k); the terms fall geometrically, (1 - 1/C(n,m))^200 being far below 1e-12.
    total = sum(1 - reference.at_least(reference.distinct_after(n, m, k), s) for k in range(300))
    assert abs(total - reference.mean_epochs(n, m, s)) < Fraction(1, 10**12)


@pytest.mark.parametrize("x", [Fraction(0), Fraction(1, 7), Fraction(1), Fraction(6), Fraction(12)])
def test_exp_below_is_below_and_close(x):
    with mpmath.workdps(60):
        right = mpmath.exp(-mpmath.mpf(x.numerator) / x.denominator)
        found = reference.exp_below(x)
        found = mpmath.mpf(found.numerator) / found.denominator
        assert found <= right
        assert right - found < mpmath.mpf(10) ** -25


def test_each_epoch_brings_something_with_probability_one():
    assert all(
        sum(reference.new_items(9, m, a, j) for j in range(m + 1)) == 1
        for m in range(1, 10)
        for a in range(10)
    )
    assert reference.new_items(9, 4, 0, 4) == 1
    assert reference.new_items(9, 4, 9, 0) == Fraction(comb(9, 4), comb(9, 4))
