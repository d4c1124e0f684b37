"""Cumulants of the number of items seen under `subset`, after any epochs, from precise factorial moments."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext

DIGITS = 220
"""Carried because the moments cancel: to n**4, 64 digits at n = 2**53, and as many again with few repeats."""


def seen_cumulants(population: int, subset: int, epochs: int) -> tuple[float, float, float, float]:
    r"""Return the first four cumulants of S, to 1e-15 relative each, in about 0.2 ms.

    U = n - S has the factorial moments :math:`E (U)_j = (n)_j [(n-m)_j / (n)_j]^K`. S has the cumulants of U
    with the odd ones negated, the mean apart.

    >>> seen_cumulants(320, 16, 20)[:2]
    (205.2845048292665, 30.371082588948866)
    """
    n, m, K = population, subset, epochs
    if K == 0 or K == 1 or m == n:
        return (float(n) if m == n and K else float(min(K, 1) * m)), 0.0, 0.0, 0.0
    with localcontext(Context(prec=DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN)):
        f1, f2, f3, f4 = (_factorial_moment(n, m, K, j) for j in (1, 2, 3, 4))
        second = f2 + f1
        third = f3 + 3 * f2 + f1
        fourth = f4 + 6 * f3 + 7 * f2 + f1
        k2 = second - f1**2
        k3 = third - 3 * second * f1 + 2 * f1**3
        k4 = fourth - 4 * third * f1 - 3 * second**2 + 12 * second * f1**2 - 6 * f1**4
        return float(n - f1), float(k2), -float(k3), float(k4)


def _factorial_moment(n: int, m: int, K: int, j: int) -> Decimal:
    falling, chance = Decimal(1), Decimal(1)
    for i in range(j):
        falling *= n - i
        chance *= Decimal(max(0, n - m - i)) / Decimal(n - i) if n > i else 0
    return falling * chance**K
