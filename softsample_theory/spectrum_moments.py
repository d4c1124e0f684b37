r"""Covariances of the spectrum N_r where items are drawn by chance: no term as large as n^2 is ever formed.

The visits of two items under `subset` have the correlation -1/(n-1) in each draw, so their joint law is the
bilinear series of Lancaster in the orthonormal Krawtchouk polynomials of one item's binomial count,

.. math:: P(c_1=r, c_2=s) = p_r p_s \sum_{j\ge0} \frac{(-1)^j}{(n-1)^j}\,\phi_j(r)\,\phi_j(s),

and :math:`\mathrm{Cov}(N_r,N_s) = n p_r[r=s] + n(n-1)P(c_1=r,c_2=s) - n^2 p_r p_s` loses its large terms on
paper. Under `iid` every single draw is a subset of one: the same series, with mK draws. Blocks of R epochs
and the part of a block make a product of two such series. Under `poisson` items are independent: only j = 0.

References
----------
H. O. Lancaster, The structure of bivariate distributions, Ann. Math. Statist. 29, 1958.
A. C. Aitken and H. T. Gonin, On fourfold sampling with and without replacement, Proc. R. Soc. Edinb. 1935.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softsample_theory.laws.binomial_law import BinomialLaw
from softsample_theory.laws.block_count_law import BlockCountLaw
from softsample_theory.laws.krawtchouk import krawtchouk
from softsample_theory.validation import ArgumentValueError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NEAR_CERTAIN = 0.9
"""A cell whose number keeps less than a tenth of its own variance is derived from the others."""

_DEEPEST = 1e-70  # expected numbers below this are left out of sums over all cells
_MOST_NUMBERS = 20_000_000  # in the largest table of this file


def covariance(n: int, law: BlockCountLaw, dependent: bool, r_max: int) -> Floats:
    """Return Cov(N_r, N_s), r, s = 0..r_max, for n items with this law of visits: float64, square.

    `dependent`: the number of hits of every draw over all items is fixed (`subset`, `iid`), else items are
    independent (`poisson`).
    """
    if dependent and n == 2:
        return _of_two(law, np.arange(r_max + 1), r_max)
    cells = _cells(n, law, dependent, r_max)
    if cells.leverage().max(initial=0.0) > NEAR_CERTAIN:
        return _from_the_others(cells, law, r_max)
    p, features = cells.by_visits(r_max)
    return n * (np.diag(p) + (cells.sign[:, None] * features).T @ features)


def variance(n: int, law: BlockCountLaw, dependent: bool, r_max: int) -> Floats:
    """Return Var N_r, r = 0..r_max: the diagonal of `covariance`, in memory of order r_max."""
    if dependent and n == 2:
        p = law.pmf(np.arange(r_max + 1))
        twin = 2 * np.arange(r_max + 1) == _visits_of_two(law)
        return 2 * p + np.where(twin, 2 * p, 0.0) - 4 * p * p
    cells = _cells(n, law, dependent, r_max)
    if cells.leverage().max(initial=0.0) > NEAR_CERTAIN:
        return np.diag(_from_the_others(cells, law, r_max)).copy()
    p, features = cells.by_visits(r_max)
    return n * (p + cells.sign @ features**2)


@dataclass(frozen=True)
class _Cells:
    """The values (x, y) of whole blocks and part, with what the series needs at each.

    Attributes
    ----------
    n : items.
    x, y : int64 (C,).
    visits : int64 (C,), W + R x + b y.
    p : float64 (C,), the probability that an item is there.
    features : float64 (F, C), products of the Krawtchouk polynomials of x and of y, the constant first.
    sign : float64 (F,), the factor of n p f(r) p f(s) in the covariance.
    linear : the first `linear` features are those of degree 0 and 1.
    """

    n: int
    x: Integers
    y: Integers
    visits: Integers
    p: Floats
    features: Floats
    sign: Floats
    linear: int

    def leverage(self) -> Floats:
        """Return the share of each cell's variance n p that the exact totals take away, in [0, 1]."""
        return self.p * (self.features[: self.linear] ** 2).sum(axis=0)

    def by_visits(self, r_max: int) -> tuple[Floats, Floats]:
        """Return p and p f summed over the cells with 0..r_max visits."""
        kept = self.visits <= r_max
        visits, weights = self.visits[kept], self.features[:, kept] * self.p[kept]
        sums = np.array([np.bincount(visits, row, r_max + 1) for row in weights])
        return sums[0], sums

    def among(self, a: Integers) -> Floats:
        """Return the covariance of the numbers in the cells `a` by the series."""
        weighted = self.features[:, a] * self.p[a]
        return self.n * (np.diag(self.p[a]) + (self.sign[:, None] * weighted).T @ weighted)


def _cells(n: int, law: BlockCountLaw, dependent: bool, r_max: int) -> _Cells:
    degree = 1 + math.ceil(41.5 / math.log(n - 1)) if dependent else 0  # (n-1)**-degree is below 1e-18
    xs = _listed(law.whole, (r_max - law.base) // law.weight, _DEEPEST / n)
    ys = _listed(law.partial, -1, _DEEPEST / n)
    pairs = [(j, k) for total in range(degree + 1) for j in range(total, -1, -1) for k in [total - j]]
    along_x, along_y = krawtchouk(law.whole, xs, degree), krawtchouk(law.partial, ys, degree)
    pairs = [(j, k) for j, k in pairs if j < len(along_x) and k < len(along_y)]
    if xs.size * ys.size * len(pairs) > _MOST_NUMBERS:
        raise ArgumentValueError(
            f"r_max is {r_max}: with it the spectrum has {xs.size * ys.size} cells;"
            f" its covariances allow {_MOST_NUMBERS // len(pairs)} here"
        )
    features = np.array([np.outer(along_x[j], along_y[k]).ravel() for j, k in pairs])
    x, y = np.repeat(xs, ys.size), np.tile(ys, xs.size)
    return _Cells(
        n=n,
        x=x,
        y=y,
        visits=law.base + law.weight * x + law.part * y,
        p=np.outer(law.whole.pmf(xs), law.partial.pmf(ys)).ravel(),
        features=features,
        sign=np.array([_sign(n, j + k) for j, k in pairs]),
        linear=sum(j + k <= 1 for j, k in pairs),
    )


def _sign(n: int, degree: int) -> float:
    """Return the factor of a feature: n(n-1) (-1/(n-1))^j / n for degree j >= 2, -1 for 0 and 1."""
    return -1.0 if degree < 2 else (-1.0) ** degree / float(n - 1) ** (degree - 1)


def _listed(law: BinomialLaw, most: int, tail: float) -> Integers:
    """Return the counts 0..most and, where the law is narrow, all that it takes with more than `tail`."""
    low, high = law.support()
    near = np.arange(low, min(most, high) + 1)
    if law.var() > 4.0:  # then no single count is near certain, and nobody sums over all of them
        return near
    first, last = max(low, int(law.ppf(tail))), int(law.isf(tail))
    return np.union1d(near, np.arange(first, last + 1))


def _from_the_others(cells: _Cells, law: BlockCountLaw, r_max: int) -> Floats:
    r"""Return the covariance with the nearly certain cells derived from the exact totals.

    The numbers of items, of visits in whole blocks and of visits in the part are fixed,
    :math:`\sum_c N_c = n`, :math:`\sum_c x_c N_c` and :math:`\sum_c y_c N_c`; so as many cells as there are
    totals, those with the largest leverage, are linear functions of the rest.
    """
    cells = _not_negligible(cells)
    chosen = _largest_independent(cells)
    others = np.setdiff1d(np.arange(cells.p.size), chosen)
    totals = np.stack([np.ones(cells.x.size), cells.x - cells.x[chosen[0]], cells.y - cells.y[chosen[0]]])
    totals = totals[_total_rows(cells)]
    lift = np.zeros((cells.p.size, others.size))
    lift[others, np.arange(others.size)] = 1.0
    lift[chosen] = -np.linalg.solve(totals[:, chosen], totals[:, others])
    counts, row = np.unique(cells.visits, return_inverse=True)
    merged = np.zeros((counts.size, others.size))
    np.add.at(merged, row, lift)
    merged = merged[counts <= r_max]
    return _with_rare_counts(
        merged @ cells.among(others) @ merged.T, counts[counts <= r_max], cells.n, law, r_max
    )


def _not_negligible(cells: _Cells) -> _Cells:
    kept = cells.n * cells.p >= _DEEPEST
    return _Cells(
        cells.n,
        cells.x[kept],
        cells.y[kept],
        cells.visits[kept],
        cells.p[kept],
        cells.features[:, kept],
        cells.sign,
        cells.linear,
    )


def _largest_independent(cells: _Cells) -> Integers:
    """Return as many cells as there are totals, by leverage, none a combination of those before it."""
    left = cells.features[: cells.linear] * np.sqrt(cells.p)
    chosen: list[int] = []
    for _ in range(cells.linear):
        chosen.append(int(np.argmax((left**2).sum(axis=0))))
        direction = left[:, chosen[-1]] / np.linalg.norm(left[:, chosen[-1]])
        left = left - np.outer(direction, direction @ left)
    return np.array(chosen)


def _total_rows(cells: _Cells) -> list[bool]:
    """Say which totals are fixed: items always; visits where items depend on one another."""
    dependent = cells.linear > 1
    return [True, dependent and bool(np.ptp(cells.x)), dependent and bool(np.ptp(cells.y))]


def _with_rare_counts(matrix: Floats, counts: Integers, n: int, law: BlockCountLaw, r_max: int) -> Floats:
    """Return the matrix over 0..r_max; counts that almost never occur are a law of their own: Var = E."""
    out = np.zeros((r_max + 1, r_max + 1))
    out[np.ix_(counts, counts)] = matrix
    expected = n * law.pmf(np.arange(r_max + 1))
    rare = expected < 1e-50
    out[rare], out[:, rare] = 0.0, 0.0
    out[rare, rare] = expected[rare]
    return out


def _of_two(law: BlockCountLaw, counts: Integers, r_max: int) -> Floats:
    """Return the covariance for two items, whose visits have a fixed sum: the series does not shrink."""
    p = law.pmf(counts)
    joint = np.where(counts[:, None] + counts == _visits_of_two(law), p[:, None], 0.0)
    return 2 * (np.diag(p) + joint - 2 * np.outer(p, p))


def _visits_of_two(law: BlockCountLaw) -> int:
    return 2 * law.base + (law.weight * law.blocks + law.part) * law.draws
