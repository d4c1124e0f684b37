"""C01 to C04, C09: how many distinct units have been seen (section 3, Eqs. 9 to 11 and Table 1)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from paper_checks.claim import Claim, Subject, Tally
from paper_checks.srs import library, printed, reference
from paper_checks.srs.library import TOLERANCE

SOURCE = "Soft Sampling, ICLR 2023 submission, section 3"


def small_plans(largest: int, epochs: int) -> Iterator[tuple[int, int, int]]:
    """Yield every (n, m, K) with n <= largest, 1 <= m <= n and 0 <= K <= epochs."""
    for n in range(1, largest + 1):
        for m in range(1, n + 1):
            for K in range(epochs + 1):
                yield n, m, K


def check_distinct_law(formula: Any, tally: Tally) -> None:
    """C01: Eqs. 9 and 10 against the chain of epochs."""
    pmf, all_covered = formula
    for n, m, K in small_plans(8, 6):
        law = reference.distinct_after(n, m, K)
        for l in range(n + 1):
            tally.equal(f"n={n} m={m} K={K} l={l}", pmf(n, m, K, l), law[l])
        tally.equal(f"n={n} m={m} K={K} all", all_covered(n, m, K), law[n])


def check_sum_and_mean(formula: Any, tally: Tally) -> None:
    """C02: Eq. 9 sums to 1 and its mean is Eq. 11."""
    pmf, mean = formula
    for n, m, K in small_plans(8, 6):
        law = [pmf(n, m, K, l) for l in range(n + 1)]
        tally.equal(f"n={n} m={m} K={K} sum", sum(law), 1)
        tally.equal(f"n={n} m={m} K={K} mean", mean(n, m, K), sum(l * p for l, p in enumerate(law)))


def check_table_1(coverage_fraction: Any, tally: Tally) -> None:
    """C03: the nine entries of Table 1 at their one decimal."""
    for (rate, K), entry in printed.TABLE_1.items():
        percent = 100 * coverage_fraction(rate, K)
        tally.near(f"rate {float(rate):.0%} K={K}", percent, Fraction(entry), within=Fraction(1, 20))
        tally.record(f"{float(rate):.0%}, K={K}", percent)


def check_variance(variance: Any, tally: Tally) -> None:
    """C04: the variance against the chain's, and below that of independent units."""
    for n, m, K in small_plans(8, 6):
        found, unseen = variance(n, m, K), Fraction(n - m, n) ** K
        tally.equal(f"n={n} m={m} K={K}", found, reference.variance(reference.distinct_after(n, m, K)))
        tally.at_most(f"n={n} m={m} K={K} bound", found, n * unseen * (1 - unseen))


def check_dominance(tail: Any, tally: Tally) -> None:
    """C09: subset coverage is stochastically above that of as many independent draws."""
    of_subsets, of_draws = tail
    for n, m, K in small_plans(8, 5):
        for s in range(n + 1):
            tally.at_most(f"n={n} m={m} K={K} s={s}", of_draws(n, m, K, s), of_subsets(n, m, K, s))


# The formulas ----------------------------------------------------------------------------------------------


def pair_variance(n: int, m: int, K: int) -> Fraction:
    """n q^K + n(n-1) p00^K - n^2 q^(2K), p00 = (n-m)(n-m-1)/(n(n-1)): two given units are unseen together."""
    return _variance(n, K, Fraction(n - m, n), both_unseen(n, m))


def both_unseen(n: int, m: int) -> Fraction:
    """Return the chance that an epoch misses two given units."""
    return Fraction((n - m) * (n - m - 1), n * (n - 1)) if n > 1 else Fraction(0)


def _variance(n: int, K: int, q: Fraction, p00: Fraction) -> Fraction:
    return n * q**K + n * (n - 1) * p00**K - n * n * q ** (2 * K)


def iid_pmf(n: int, m: int, K: int, l: int) -> Fraction:
    """The misreading: m K independent draws, which may repeat within an epoch."""
    return reference.distinct_after_draws(n, m * K)[l]


def iid_mean(n: int, m: int, K: int) -> Fraction:
    """Mean of the misreading, n [1 - (1-1/n)^(mK)]."""
    return n * (1 - Fraction(n - 1, n) ** (m * K))


def _eq_11_fraction(rate: Fraction, K: int) -> Fraction:
    return printed.mean_distinct(320, int(320 * rate), K) / 320


def _chain_fraction(rate: Fraction, K: int) -> Fraction:
    return reference.mean(reference.distinct_after(20, int(20 * rate), K)) / 20


def _library_fraction(rate: Fraction, K: int, scheme: str = "subset") -> float:
    return library.mean_distinct(320, int(320 * rate), K, scheme) / 320


def _subset_tail(n: int, m: int, K: int, s: int) -> Fraction:
    return reference.at_least(reference.distinct_after(n, m, K), s)


def _iid_tail(n: int, m: int, K: int, s: int) -> Fraction:
    return reference.at_least(reference.distinct_after_draws(n, m * K), s)


def _library_tail(scheme: str) -> Any:
    return lambda n, m, K, s: float(library.coverage_law(n, m, K, scheme).sf(s - 1))


EXACT = (printed.distinct_pmf, printed.all_covered)

CLAIMS = (
    Claim(
        id="C01",
        title="Law of the distinct count",
        statement="After K epochs of fresh uniform m-subsets the number of distinct units has the law of"
        " Eq. 9, and all are covered with the probability of Eq. 10 (every n <= 8, m, K <= 6, against the"
        " chain of epochs).",
        source=f"{SOURCE}, Eqs. 9 and 10",
        method="exact",
        check=check_distinct_law,
        subjects=(
            Subject("Eqs. 9 and 10", EXACT),
            Subject("coverage.law", (library.distinct_pmf, library.all_covered), TOLERANCE),
        ),
        planted=(
            Subject("draws that repeat within an epoch", (iid_pmf, printed.all_covered)),
            Subject(
                "one epoch too many", (lambda n, m, K, l: printed.distinct_pmf(n, m, K + 1, l), EXACT[1])
            ),
            Subject("Eq. 10 with C(n-i,m) read as (n-i)^m", (EXACT[0], lambda n, m, K: iid_pmf(n, m, K, n))),
            Subject(
                "a pmf 1e-9 too large",
                (lambda *a: library.distinct_pmf(*a) * (1 + 1e-9), EXACT[1]),
                TOLERANCE,
            ),
        ),
    ),
    Claim(
        id="C02",
        title="Expected coverage",
        statement="Eq. 9 sums to 1 and its mean is n[1-(1-m/n)^K], Eq. 11 (every n <= 8, m, K <= 6).",
        source=f"{SOURCE}, Eqs. 9 and 11",
        method="exact",
        check=check_sum_and_mean,
        subjects=(
            Subject("Eqs. 9 and 11", (printed.distinct_pmf, printed.mean_distinct)),
            Subject("coverage.law, coverage.mean", (library.distinct_pmf, library.mean_distinct), TOLERANCE),
        ),
        planted=(
            Subject("n[1-(1-1/n)^(mK)], the mean of independent draws", (printed.distinct_pmf, iid_mean)),
            Subject(
                "m K, as if nothing were seen twice", (printed.distinct_pmf, lambda n, m, K: min(n, m * K))
            ),
            Subject(
                "Eq. 9 without C(n,l)",
                (lambda n, m, K, l: _without_choice(n, m, K, l), printed.mean_distinct),
            ),
        ),
    ),
    Claim(
        id="C03",
        title="Table 1",
        statement="The nine expected coverages of Table 1 are Eq. 11 rounded to one decimal.",
        source=f"{SOURCE}, Table 1",
        method="exact",
        check=check_table_1,
        subjects=(
            Subject("Eq. 11", _eq_11_fraction),
            Subject("chain of epochs, n = 20", _chain_fraction),
            Subject("coverage.mean", _library_fraction),
        ),
        planted=(
            Subject("independent draws, n = 320", lambda rate, K: _library_fraction(rate, K, "iid")),
            Subject("1 - exp(-rate K)", lambda rate, K: 1 - reference.exp_below(rate * K)),
            Subject("one epoch too few", lambda rate, K: _eq_11_fraction(rate, K - 1)),
        ),
    ),
    Claim(
        id="C04",
        title="Variance of the distinct count",
        statement="Var|S_K| = n q^K + n(n-1) p00^K - n^2 q^(2K) with p00 = (n-m)(n-m-1)/(n(n-1)), at most"
        " the n q^K (1-q^K) of independent units (every n <= 8, m, K <= 6).",
        source="derived from Eq. 9; the paper prints no variance",
        method="exact",
        check=check_variance,
        subjects=(
            Subject("variance from pairs", pair_variance),
            Subject("coverage.variance", library.variance_distinct, TOLERANCE),
        ),
        planted=(
            Subject("units as if independent", lambda n, m, K: _variance(n, K, _q(n, m), _q(n, m) ** 2)),
            Subject(
                "n^2 pairs in place of n(n-1)",
                lambda n, m, K: pair_variance(n, m, K) + n * both_unseen(n, m) ** K,
            ),
            Subject(
                "a variance 1e-9 too large", lambda *a: library.variance_distinct(*a) * (1 + 1e-9), TOLERANCE
            ),
        ),
    ),
    Claim(
        id="C09",
        title="Subsets cover more than draws",
        statement="P(|S_K| >= s) is at least as large for m-subsets as for m independent draws an epoch"
        " (every n <= 8, m, K <= 5, s).",
        source="derived (coupling: pad the distinct draws to m units)",
        method="exact",
        check=check_dominance,
        subjects=(
            Subject("chains of epochs and of draws", (_subset_tail, _iid_tail)),
            Subject("coverage.law", (_library_tail("subset"), _library_tail("iid")), TOLERANCE),
        ),
        planted=(Subject("the two schemes exchanged", (_iid_tail, _subset_tail)),),
    ),
)


def _without_choice(n: int, m: int, K: int, l: int) -> Fraction:
    return printed.distinct_pmf(n, m, K, l) / reference.comb(n, l)


def _q(n: int, m: int) -> Fraction:
    return Fraction(n - m, n)
