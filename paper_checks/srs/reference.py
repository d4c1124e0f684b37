"""Independent accounts of coverage, from the definition of the sampling and in whole numbers only.

Nothing here uses inclusion and exclusion or any formula of the paper: an epoch that meets `a` items already
seen finds j new ones in C(n-a, j) C(a, m-j) of C(n, m) ways, and the rest is counting.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import comb


@cache
def distinct_after(n: int, m: int, K: int) -> tuple[Fraction, ...]:
    """Return P(|S_K| = l) for l = 0..n after K epochs of a fresh uniform m-subset.

    >>> distinct_after(3, 2, 2)
    (Fraction(0, 1), Fraction(0, 1), Fraction(1, 3), Fraction(2, 3))
    """
    if K == 0:
        return (Fraction(1), *[Fraction(0)] * n)
    law = [Fraction(0)] * (n + 1)
    for seen, p in enumerate(distinct_after(n, m, K - 1)):
        if p:
            for new in range(max(0, m - seen), min(m, n - seen) + 1):
                law[seen + new] += p * new_items(n, m, seen, new)
    return tuple(law)


def new_items(n: int, m: int, seen: int, new: int) -> Fraction:
    """Return the probability that an epoch brings `new` items that are not among the `seen`."""
    return Fraction(comb(n - seen, new) * comb(seen, m - new), comb(n, m))


@cache
def distinct_after_draws(n: int, D: int) -> tuple[Fraction, ...]:
    """Return P(|S| = l) for l = 0..n after D independent uniform draws.

    >>> distinct_after_draws(2, 2)
    (Fraction(0, 1), Fraction(1, 2), Fraction(1, 2))
    """
    if D == 0:
        return (Fraction(1), *[Fraction(0)] * n)
    before = distinct_after_draws(n, D - 1)
    return tuple(
        before[l] * Fraction(l, n) + (before[l - 1] * Fraction(n - l + 1, n) if l else 0)
        for l in range(n + 1)
    )


def at_least(law: tuple[Fraction, ...], s: int) -> Fraction:
    """Return P(X >= s)."""
    return sum(law[s:], Fraction(0))


def mean(law: tuple[Fraction, ...]) -> Fraction:
    """Return the mean of a law on 0, 1, 2, ..."""
    return sum((l * p for l, p in enumerate(law)), Fraction(0))


def variance(law: tuple[Fraction, ...]) -> Fraction:
    """Return the variance of a law on 0, 1, 2, ..."""
    return sum((l * l * p for l, p in enumerate(law)), Fraction(0)) - mean(law) ** 2


@cache
def mean_epochs(n: int, m: int, s: int, seen: int = 0) -> Fraction:
    """Return the mean number of epochs until s items are seen, by what the next epoch brings.

    >>> mean_epochs(3, 2, 3)
    Fraction(5, 2)
    """
    if seen >= s:
        return Fraction(0)
    total, stay = Fraction(1), Fraction(0)
    for new in range(max(0, m - seen), min(m, n - seen) + 1):
        p = new_items(n, m, seen, new)
        if new:
            total += p * mean_epochs(n, m, s, seen + new)
        else:
            stay = p
    return total / (1 - stay)


def harmonic(n: int) -> Fraction:
    """Return H_n = 1 + 1/2 + ... + 1/n.

    >>> harmonic(4)
    Fraction(25, 12)
    """
    return sum((Fraction(1, j) for j in range(1, n + 1)), Fraction(0))


def exp_below(x: Fraction) -> Fraction:
    """Return a rational lower bound of exp(-x), x >= 0, closer than 1e-25 for x <= 12.

    The partial sums of an alternating series whose terms shrink lie on either side of its limit; those that
    end with a negative term lie below.

    >>> 0 < 2.718281828459045**-1 - float(exp_below(Fraction(1))) + 1e-16 < 2e-16
    True
    """
    last = 2 * max(40, int(x) + 1) + 1
    term = total = Fraction(1)
    for j in range(1, last + 1):
        term *= -x / j
        total += term
    return total
