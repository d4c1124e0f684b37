"""The SRS paper's formulas exactly as printed, in rational arithmetic.

Source: "Soft Sampling for Efficient Training of Deep Neural Networks on Massive Data", submission to
ICLR 2023 (OpenReview cnutOGKrz7f), section 3 and Eqs. 9 to 16. The sums alternate and cancel catastrophically
in floating point (from n of about 60 no digit is left); in whole numbers they lose nothing.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

from paper_checks.srs.reference import harmonic

TABLE_1 = {
    (Fraction(5, 100), 10): "40.1",
    (Fraction(5, 100), 20): "64.2",
    (Fraction(5, 100), 30): "78.5",
    (Fraction(10, 100), 10): "65.1",
    (Fraction(10, 100), 20): "87.8",
    (Fraction(10, 100), 30): "95.8",
    (Fraction(20, 100), 10): "89.3",
    (Fraction(20, 100), 20): "98.8",
    (Fraction(20, 100), 30): "99.9",
}
"""Table 1 as printed: (selection rate, epochs) -> expected coverage in percent."""


def distinct_pmf(n: int, m: int, K: int, l: int) -> Fraction:
    """Eq. 9: P(|S_K| = l) = C(n,l) sum_i (-1)^i C(l,i) [C(l-i,m)/C(n,m)]^K."""
    ways = sum((-1) ** i * comb(l, i) * comb(l - i, m) ** K for i in range(l + 1))
    return Fraction(comb(n, l) * ways, comb(n, m) ** K)


def all_covered(n: int, m: int, K: int) -> Fraction:
    """Eq. 10: P(|S_K| = n) = sum_i (-1)^i C(n,i) [C(n-i,m)/C(n,m)]^K."""
    ways = sum((-1) ** i * comb(n, i) * comb(n - i, m) ** K for i in range(n + 1))
    return Fraction(ways, comb(n, m) ** K)


def mean_distinct(n: int, m: int, K: int) -> Fraction:
    """Eq. 11: E|S_K| = n [1 - (1 - m/n)^K]."""
    return n * (1 - (1 - Fraction(m, n)) ** K)


def epochs_pmf(n: int, m: int, s: int, k: int) -> Fraction:
    """Eq. 12: P(k_s = k) = sum_{i<s} (-1)^(s-i+1) C(n,i) C(n-i-1,n-s) (1-x_i) x_i^(k-1).

    Here x_i = C(i,m)/C(n,m), and 0^0 = 1 at k = 1.
    """
    terms = (_weight(n, s, i) * (1 - _x(n, m, i)) * _x(n, m, i) ** (k - 1) for i in range(s))
    return sum(terms, Fraction(0))


def mean_epochs(n: int, m: int, s: int) -> Fraction:
    """Eq. 13: E k_s = sum_{i<s} (-1)^(s-i+1) C(n,i) C(n-i-1,n-s) / (1-x_i)."""
    return sum((_weight(n, s, i) / (1 - _x(n, m, i)) for i in range(s)), Fraction(0))


def all_epochs_pmf(n: int, m: int, k: int) -> Fraction:
    """Eq. 14: Eq. 12 for s = n, P(k_n = k) = sum_{i<n} (-1)^(n-i+1) C(n,i) (1-x_i) x_i^(k-1)."""
    terms = ((-1) ** (n - i + 1) * comb(n, i) * (1 - _x(n, m, i)) * _x(n, m, i) ** (k - 1) for i in range(n))
    return sum(terms, Fraction(0))


def all_mean_epochs(n: int, m: int) -> Fraction:
    """Eq. 15: Eq. 13 for s = n, E k_n = sum_{i<n} (-1)^(n-i+1) C(n,i) / (1-x_i)."""
    return sum(((-1) ** (n - i + 1) * comb(n, i) / (1 - _x(n, m, i)) for i in range(n)), Fraction(0))


def collector_mean(n: int) -> Fraction:
    """Eq. 16: E k_n = n H_n for m = 1."""
    return n * harmonic(n)


def _x(n: int, m: int, i: int) -> Fraction:
    return Fraction(comb(i, m), comb(n, m))


def _weight(n: int, s: int, i: int) -> int:
    return (-1) ** (s - i + 1) * comb(n, i) * comb(n - i - 1, n - s)
