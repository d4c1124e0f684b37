"""C18 and C19: selection every R epochs, and walking through a permutation instead of drawing afresh."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil

from paper_checks.claim import Claim, Subject, Tally
from paper_checks.srs import library, reference
from paper_checks.srs.coverage import small_plans
from paper_checks.srs.library import TOLERANCE


def check_interval_rule(mean: Callable[[int, int, int, int], Fraction], tally: Tally) -> None:
    """C18: walk the epochs one by one, drawing anew only when R have passed since the last draw."""
    for n, m, K in small_plans(6, 12):
        for R in range(1, 7):
            draws = sum(1 for epoch in range(K) if epoch % R == 0)
            right = reference.mean(reference.distinct_after(n, m, draws))
            tally.equal(f"n={n} m={m} K={K} R={R}", mean(n, m, K, R), right)


def check_reshuffle(epochs: Callable[[int, int], float], tally: Tally) -> None:
    """C19: lay the first permutation out and count the epochs that it takes to reach its end."""
    for n in range(1, 121):
        for m in range(1, n + 1):
            position = walked = 0
            while position < n:
                position += m
                walked += 1
            tally.equal(f"n={n} m={m}", epochs(n, m), walked)


def interval_mean(n: int, m: int, K: int, R: int) -> Fraction:
    """n [1 - (1-m/n)^ceil(K/R)]."""
    return n * (1 - Fraction(n - m, n) ** -(-K // R))


CLAIMS = (
    Claim(
        id="C18",
        title="Selection interval",
        statement="With a new subset only every R epochs the expected coverage is n[1-(1-rho)^ceil(K/R)]"
        " (every n <= 6, m, K <= 12, R <= 6).",
        source="Soft Sampling, ICLR 2023 submission, Figure 1 (R = 5 and 10) with Eq. 11",
        method="exact",
        check=check_interval_rule,
        subjects=(
            Subject("n[1-(1-rho)^ceil(K/R)]", interval_mean),
            Subject(
                "coverage.mean, refresh_every=R",
                lambda n, m, K, R: library.mean_distinct(n, m, K, R=R),
                TOLERANCE,
            ),
        ),
        planted=(
            Subject("floor(K/R)", lambda n, m, K, R: n * (1 - Fraction(n - m, n) ** (K // R))),
            Subject("R ignored", lambda n, m, K, R: interval_mean(n, m, K, 1)),
        ),
    ),
    Claim(
        id="C19",
        title="Without replacement across epochs",
        statement="Walking through a permutation covers everything after ceil(1/rho) epochs, sizes that do"
        " not divide n included (every n <= 120, m).",
        source="derived; the shuffle-and-split rule of RS2 (Okanovic et al., ICLR 2024)",
        method="exact",
        check=check_reshuffle,
        subjects=(
            Subject("ceil(n/m)", lambda n, m: -(-n // m)),
            Subject("covering_time.mean, scheme='reshuffle'", lambda n, m: library.reshuffle_epochs(n, m)),
        ),
        planted=(
            Subject("floor(n/m)", lambda n, m: n // m),
            Subject("ceil of 1/rho in floating point", lambda n, m: ceil(1 / (m / n))),
        ),
    ),
)
