"""C05 to C07, C10, C11: how many epochs until units are covered (Eqs. 12 to 16; the paper's "occupancy")."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, log, log1p
from typing import Any

from paper_checks.claim import Claim, Subject, Tally
from paper_checks.srs import library, printed, reference
from paper_checks.srs.coverage import SOURCE, small_plans
from paper_checks.srs.library import TOLERANCE

PAYLOAD_CHUNKS = 320


def check_epochs_law(formula: Any, tally: Tally) -> None:
    """C05: Eqs. 12 and 14 against the increments of the chain's tails."""
    some, every = formula
    for n, m, k in small_plans(8, 6):
        if k == 0:
            continue
        for s in range(1, n + 1):
            tally.equal(f"n={n} m={m} s={s} k={k}", some(n, m, s, k), _reached_at(n, m, s, k))
        tally.equal(f"n={n} m={m} all k={k}", every(n, m, k), _reached_at(n, m, n, k))


def check_mean_epochs(formula: Any, tally: Tally) -> None:
    """C06: Eqs. 13 and 15 against what the next epoch brings."""
    some, every = formula
    for n, m, _ in small_plans(10, 0):
        for s in range(1, n + 1):
            tally.equal(f"n={n} m={m} s={s}", some(n, m, s), reference.mean_epochs(n, m, s))
        tally.equal(f"n={n} m={m} all", every(n, m), reference.mean_epochs(n, m, n))


def check_collector(formula: Any, tally: Tally) -> None:
    """C07: Eq. 15 at m = 1, Eq. 16 and the chain agree; n H_n - n ln n stays between 0 and n."""
    alternating, harmonic = formula
    for n in range(1, 201):
        right = reference.mean_epochs(n, 1, n)
        tally.equal(f"n={n} Eq. 15", alternating(n), right)
        tally.equal(f"n={n} Eq. 16", harmonic(n), right)
        excess = float(harmonic(n)) / n - log(n)
        tally.judge(f"n={n} O(n)", 0.5 < excess <= 1, f"(n H_n - n ln n)/n is {excess}")
    tally.record("(n H_n - n ln n)/n at n = 200", excess)


def check_bracket(formula: Any, tally: Tally) -> None:
    """C10: lower <= P(all covered) <= upper, never more than the union bound's slack apart."""
    lower, upper = formula
    widest = 0.0
    for n, m, K in small_plans(11, 24):
        covered = reference.distinct_after(n, m, K)[n]
        tally.at_most(f"n={n} m={m} K={K} lower", lower(n, m, K), covered)
        tally.at_most(f"n={n} m={m} K={K} upper", covered, upper(n, m, K))
        widest = max(widest, float(upper(n, m, K) - max(0, lower(n, m, K))))
    tally.record("widest bracket", widest)


def check_sufficient_epochs(epochs: Any, tally: Tally) -> None:
    """C11: the epochs said to suffice do, exactly, on Payload; the least that do are recorded beside them."""
    for m in (16, 32, 64):
        for delta in (Fraction(1, 2), Fraction(1, 10), Fraction(1, 20), Fraction(1, 100)):
            K = epochs(PAYLOAD_CHUNKS, m, delta)
            tally.at_most(f"m={m} delta={delta}", 1 - delta, printed.all_covered(PAYLOAD_CHUNKS, m, K))
            least = _least_epochs(m, delta, K)
            tally.at_most(f"m={m} delta={delta}, one epoch of waste", K, least + (1 if delta < 1 / 4 else 8))
            if delta == Fraction(1, 20):
                tally.record(f"m={m}: bound", K)
                tally.record(f"m={m}: least", least)


# The formulas ----------------------------------------------------------------------------------------------


def _reached_at(n: int, m: int, s: int, k: int) -> Fraction:
    now, before = reference.distinct_after(n, m, k), reference.distinct_after(n, m, k - 1)
    return reference.at_least(now, s) - reference.at_least(before, s)


def _least_epochs(m: int, delta: Fraction, enough: int) -> int:
    K = enough
    while printed.all_covered(PAYLOAD_CHUNKS, m, K - 1) >= 1 - delta:
        K -= 1
    return K


def union_bound(n: int, m: int, K: int) -> Fraction:
    """1 - n q^K."""
    return 1 - n * Fraction(n - m, n) ** K


def association_bound(n: int, m: int, K: int) -> Fraction:
    """(1 - q^K)^n, an upper bound since the units' fates are negatively associated."""
    return (1 - Fraction(n - m, n) ** K) ** n


def union_epochs(n: int, m: int, delta: Fraction | float) -> int:
    """ceil(ln(n/delta) / lambda), lambda = -ln(1-m/n)."""
    return ceil(log(n / delta) / -log1p(-m / n))


def _collector(n: int) -> Fraction:
    return printed.all_mean_epochs(n, 1)


PMF = (printed.epochs_pmf, printed.all_epochs_pmf)
MEANS = (printed.mean_epochs, printed.all_mean_epochs)

CLAIMS = (
    Claim(
        id="C05",
        title="Law of the covering time",
        statement="The epochs until s units are covered have the law of Eq. 12, and until all are, of Eq."
        " 14 (every n <= 8, m, s, k <= 6; 0^0 = 1 at k = 1).",
        source=f"{SOURCE}, Eqs. 12 and 14",
        method="exact",
        check=check_epochs_law,
        subjects=(
            Subject("Eqs. 12 and 14", PMF),
            Subject(
                "covering_time.law",
                (library.epochs_pmf, lambda n, m, k: library.epochs_pmf(n, m, n, k)),
                TOLERANCE,
            ),
        ),
        planted=(
            Subject(
                "power k in place of k-1", (lambda n, m, s, k: printed.epochs_pmf(n, m, s, k + 1), PMF[1])
            ),
            Subject(
                "s-1 units in place of s",
                (lambda n, m, s, k: printed.epochs_pmf(n, m, max(1, s - 1), k), PMF[1]),
            ),
            Subject("Eq. 14 for single draws", (PMF[0], lambda n, m, k: printed.all_epochs_pmf(n, 1, k))),
        ),
    ),
    Claim(
        id="C06",
        title="Mean covering time",
        statement="The mean number of epochs until s units are covered is Eq. 13, and until all are, Eq. 15"
        " (every n <= 10, m, s).",
        source=f"{SOURCE}, Eqs. 13 and 15",
        method="exact",
        check=check_mean_epochs,
        subjects=(
            Subject("Eqs. 13 and 15", MEANS),
            Subject(
                "covering_time.mean",
                (library.mean_epochs, lambda n, m: library.mean_epochs(n, m, n)),
                TOLERANCE,
            ),
        ),
        planted=(
            Subject(
                "n H_n / m, draws shared out over epochs",
                (MEANS[0], lambda n, m: printed.collector_mean(n) / m),
            ),
            Subject("epochs counted from zero", (lambda n, m, s: printed.mean_epochs(n, m, s) - 1, MEANS[1])),
            Subject(
                "a mean 1e-9 too large",
                (lambda *a: library.mean_epochs(*a) * (1 + 1e-9), MEANS[1]),
                TOLERANCE,
            ),
        ),
    ),
    Claim(
        id="C07",
        title="Coupon collector as a special case",
        statement="At m = 1 Eq. 15 is n H_n = n ln n + O(n), Eq. 16 (every n <= 200).",
        source=f"{SOURCE}, Eqs. 15 and 16",
        method="exact",
        check=check_collector,
        subjects=(
            Subject("Eqs. 15 and 16", (_collector, printed.collector_mean)),
            Subject("covering_time.mean", (lambda n: library.mean_epochs(n, 1, n),) * 2, TOLERANCE),
        ),
        planted=(
            Subject("n H_(n-1)", (_collector, lambda n: n * reference.harmonic(n - 1))),
            Subject("n ln n", (_collector, lambda n: n * log(n)), TOLERANCE),
            Subject("signs of Eq. 15 reversed", (lambda n: -_collector(n), printed.collector_mean)),
        ),
    ),
    Claim(
        id="C10",
        title="Bracket of full coverage",
        statement="1 - n q^K <= P(all covered after K epochs) <= (1-q^K)^n (every n <= 11, m, K <= 24).",
        source="derived: union bound and negative association",
        method="exact",
        check=check_bracket,
        subjects=(
            Subject("union bound and association bound", (union_bound, association_bound)),
            Subject(
                "bounds.covering_time_bounds",
                (library.covered_from_below, library.covered_from_above),
                TOLERANCE,
            ),
        ),
        planted=(
            Subject("the two exchanged", (association_bound, union_bound)),
            Subject(
                "lower bound 1 - (n-1) q^K",
                (lambda n, m, K: union_bound(n, m, K) + _q_to(n, m, K), association_bound),
            ),
            Subject(
                "upper bound one epoch early",
                (union_bound, lambda n, m, K: association_bound(n, m, max(0, K - 1))),
            ),
        ),
    ),
    Claim(
        id="C11",
        title="Epochs that suffice",
        statement="ceil(ln(n/delta)/lambda) epochs cover all 320 Payload chunks with probability at least"
        " 1-delta, and for delta <= 1/10 waste at most one epoch (exact, by Eq. 10, which C01 checks).",
        source="derived from the bracket C10",
        method="exact",
        check=check_sufficient_epochs,
        subjects=(
            Subject("ceil(ln(n/delta)/lambda)", union_epochs),
            Subject("bounds.covering_time_bounds", library.sufficient_epochs),
            Subject("covering_time.epochs_for, exact", library.least_epochs),
        ),
        planted=(
            Subject("rounded down", lambda n, m, delta: union_epochs(n, m, delta) - 1),
            Subject("rate in place of lambda", lambda n, m, delta: ceil(log(n / delta) * n / m)),
            Subject(
                "(ln n + gamma)/lambda, the mean",
                lambda n, m, delta: ceil((log(n) + 0.5772) / -log1p(-m / n)),
            ),
        ),
    ),
)


def _q_to(n: int, m: int, K: int) -> Fraction:
    return Fraction(n - m, n) ** K
