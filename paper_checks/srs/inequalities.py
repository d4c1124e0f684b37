"""C08, C14, C16: orderings and limits of coverage that the paper's readers rely on."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import exp
from typing import Any

from paper_checks.claim import Claim, Subject, Tally
from paper_checks.srs import library, printed, reference
from paper_checks.srs.coverage import small_plans
from paper_checks.srs.library import TOLERANCE

TAIL_CASES = ((320, 16, 20), (320, 32, 20), (98, 5, 40), (60, 20, 5))
"""Plans (n, m, K) at which whole tails are compared with their bounds."""


def check_unseen_order(formula: Any, tally: Tally) -> None:
    """C08: unseen shares of subsets <= of draws <= exp(-rate K), and the first two are the chains' own."""
    subsets, draws, exponential = formula
    for n, m, K in small_plans(16, 6):
        case = f"n={n} m={m} K={K}"
        tally.at_most(f"{case} left", subsets(n, m, K), draws(n, m, K))
        tally.at_most(f"{case} right", draws(n, m, K), exponential(n, m, K))
        if n <= 6:
            law, law_of_draws = reference.distinct_after(n, m, K), reference.distinct_after_draws(n, m * K)
            tally.equal(f"{case} subsets", subsets(n, m, K), 1 - reference.mean(law) / n)
            tally.equal(f"{case} draws", draws(n, m, K), 1 - reference.mean(law_of_draws) / n)


def check_tails(formula: Any, tally: Tally) -> None:
    """C14: each exact tail lies below its bound, and that below McDiarmid's."""
    narrow, mcdiarmid = formula
    for n, m, K in TAIL_CASES:
        for share, side, tail in _tails(n, m, K):
            case = f"n={n} m={m} K={K} eps={float(share)} {side}"
            bound, wide = narrow(n, m, K, share, side), mcdiarmid(n, m, K, share, side)
            tally.at_most(case, tail, bound)
            tally.judge(case, bound < wide, f"{bound} is not below {wide}")
            if (n, m, K, share, side) == (320, 16, 20, Fraction(5, 100), "low"):
                tally.record("Payload 5 %, eps=.05: exact lower tail", tail)
                tally.record("its bound", bound)
                tally.record("McDiarmid", wide)


def check_lattice(formula: Any, tally: Tally) -> None:
    """C16: along n = c .7^-K the chance of full coverage tends to a limit that depends on c."""
    covered, limit = formula
    K = 40
    for c in (1.0, 0.7**-0.5):
        n = round(c * 0.7**-K)
        found = covered(n, round(0.3 * n), K)
        tally.near(f"c={c:.4f} n={n}", found, limit(c), within=1e-5)
        tally.record(f"c={c:.4f}", found)


# The formulas ----------------------------------------------------------------------------------------------


def unseen_of_subsets(n: int, m: int, K: int) -> Fraction:
    """(1-m/n)^K."""
    return Fraction(n - m, n) ** K


def unseen_of_draws(n: int, m: int, K: int) -> Fraction:
    """(1-1/n)^(mK)."""
    return Fraction(n - 1, n) ** (m * K)


def exponential_unseen(n: int, m: int, K: int) -> Fraction:
    """exp(-mK/n), from below, so that passing under it is exact."""
    return reference.exp_below(Fraction(m * K, n))


def hoeffding(n: int, m: int, K: int, share: Fraction, side: str) -> float:
    """exp(-2 n eps^2): Hoeffding's bound, valid since the units' fates are negatively associated."""
    return exp(-2 * n * share**2)


def mcdiarmid(n: int, m: int, K: int, share: Fraction, side: str) -> float:
    """exp(-2 n^2 eps^2 / (K min(m, n-m)^2)): one epoch's subset moves |S_K| by at most min(m, n-m)."""
    return exp(-2 * n * n * share**2 / (K * min(m, n - m) ** 2))


def bonferroni_covered(n: int, m: int, K: int) -> float:
    """P(all covered) = 1 - E U + E (U)_2/2! - ..., from the chance that j given units stay unseen."""
    total, term, j = 0.0, 1.0, 0
    while abs(term) > 1e-18:
        total += term
        term *= -(n - j) / (j + 1) * ((n - m - j) / (n - j)) ** K
        j += 1
    return total


@cache
def _tails(n: int, m: int, K: int) -> list[tuple[Fraction, str, Fraction]]:
    """Return (eps, side, P(|S_K| that far from its mean on that side)), exact, for eps = 1 % to 10 %."""
    law, mean = [printed.distinct_pmf(n, m, K, l) for l in range(n + 1)], printed.mean_distinct(n, m, K)
    found = []
    for share in (Fraction(step, 100) for step in range(1, 11)):
        found.append((share, "low", sum(p for l, p in enumerate(law) if l <= mean - n * share)))
        found.append((share, "high", sum(p for l, p in enumerate(law) if l >= mean + n * share)))
    return [(share, side, Fraction(tail)) for share, side, tail in found]


def _library_bound(name: str) -> Any:
    return lambda n, m, K, share, side: library.tail_bound(n, m, K, share, side, name)


def _library_unseen(scheme: str) -> Any:
    return lambda n, m, K: library.unseen_fraction(n, m, K, scheme)


CLAIMS = (
    Claim(
        id="C08",
        title="Three unseen shares in order",
        statement="(1-rho)^K <= (1-1/n)^(mK) <= exp(-rho K): subsets leave less unseen than draws, and"
        " draws less than the exponential (every n <= 16, m, K <= 6).",
        source="derived (Bernoulli's inequality); C08S proves it for every n, m, K",
        method="exact",
        check=check_unseen_order,
        subjects=(
            Subject("closed forms", (unseen_of_subsets, unseen_of_draws, exponential_unseen)),
            Subject(
                "coverage.unseen_mean",
                (_library_unseen("subset"), _library_unseen("iid"), lambda n, m, K: exp(-m * K / n)),
                TOLERANCE,
            ),
        ),
        planted=(
            Subject("subsets and draws exchanged", (unseen_of_draws, unseen_of_subsets, exponential_unseen)),
            Subject(
                "exponent m K/(n-1)",
                (
                    unseen_of_subsets,
                    unseen_of_draws,
                    lambda n, m, K: exponential_unseen(max(1, n - 1), m, K),
                ),
            ),
            Subject(
                "draws as (1-1/n)^K",
                (unseen_of_subsets, lambda n, m, K: unseen_of_draws(n, 1, K), exponential_unseen),
            ),
        ),
    ),
    Claim(
        id="C14",
        title="Bounds by negative association",
        statement="Both tails of |S_K| beyond n eps lie below exp(-2 n eps^2), and below Chernoff's and"
        " Bernstein's bounds; McDiarmid's is wider than each (four plans with K min(m, n-m)^2 > n, ten eps,"
        " whole exact law).",
        source="derived (negative association of the units' fates)",
        method="numeric",
        check=check_tails,
        subjects=(
            Subject("Hoeffding and McDiarmid", (hoeffding, mcdiarmid)),
            *(
                Subject(
                    f"bounds.coverage_bounds: {name}", (_library_bound(name), _library_bound("McDiarmid"))
                )
                for name in ("Hoeffding", "Bernstein", "Chernoff")
            ),
        ),
        planted=(
            Subject(
                "exp(-2 n^2 eps^2)", (lambda n, m, K, e, side: hoeffding(n * n, m, K, e, side), mcdiarmid)
            ),
            Subject("the two exchanged", (mcdiarmid, hoeffding)),
            Subject("as if sd were sqrt(n)/8", (lambda n, m, K, e, side: exp(-32 * n * e**2), mcdiarmid)),
        ),
    ),
    Claim(
        id="C16",
        title="No single limit law at fixed rate",
        statement="At rate .3 along n = c .7^-K, P(all covered after K) tends to exp(-c): .3679 for c = 1"
        " and .3026 for c = .7^(-1/2). The covering time less ln n/lambda has no limit law (n near 1.6e6"
        " and 1.9e6).",
        source="derived (the law lives on a lattice)",
        method="numeric",
        check=check_lattice,
        subjects=(
            Subject("inclusion and exclusion, exp(-c)", (bonferroni_covered, lambda c: exp(-c))),
            Subject("coverage.law, exp(-c)", (library.all_covered, lambda c: exp(-c))),
        ),
        planted=(
            Subject("one limit for every c", (bonferroni_covered, lambda c: exp(-1))),
            Subject(
                "draws in place of subsets",
                (lambda n, m, K: exp(-n * (1 - 1 / n) ** (m * K)), lambda c: exp(-c)),
            ),
        ),
    ),
)
