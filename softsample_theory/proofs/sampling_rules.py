"""The means of random gradients under each way of drawing: rules that exact enumeration has to confirm.

Enumeration is over free deviation vectors d_1, ..., d_(n-1) with d_n = -(d_1 + ... + d_(n-1)): a rule is
compared as a quadratic form in them, over the rationals, so it holds for all values at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import combinations, permutations, product
from typing import Any

from sympy import Expr, Integer, Symbol

from softsample_theory.proofs.engine.algebra import Vector, inner, square
from softsample_theory.proofs.engine.facts import SamplingRule

Coordinates = list[Fraction]
Form = list[list[Fraction]]


def iid_batch() -> SamplingRule:
    """E1: the mean g of b independent uniform gradients is unbiased, with variance S^2/b.

    `fixed` are the vectors known before the draws whose products with g are wanted.
    """

    def means(
        factor: Any, fixed: tuple[Vector, ...], G: Vector, g: Vector, S2: Expr, b: Expr
    ) -> dict[Any, Expr]:
        products = {inner(v, g): inner(v, G) for v in fixed}
        return {**products, square(g): square(G) + factor(b) * S2}

    def draws(n: int, b: int) -> Iterable[Coordinates]:
        units = deviations(n)
        return (mean([units[i] for i in word]) for word in product(range(n), repeat=b))

    return SamplingRule(
        "iid batch",
        "g is the mean of b independent uniform unit gradients at w: E g = ∇F, variance S²/b",
        r"\mathbb{E}[g \mid w] = \nabla F(w),\quad \mathbb{E}[\|g\|^2 \mid w] = \|\nabla F(w)\|^2 + S^2(w)/b",
        means,
        lambda b: 1 / b,
        lambda factor: contradiction(
            draws, lambda n, b: factor(Fraction(b)), ((2, 2), (3, 2), (3, 3), (4, 1))
        ),
    )


def subset_mean() -> SamplingRule:
    """E2: the mean of a uniform m-subset at an epoch's start: unbiased, with variance S^2 fpc/m."""

    def means(factor: Any, G: Vector, N: Vector, S2: Expr, fpc: Expr, m: Expr) -> dict[Any, Expr]:
        return {inner(G, N): Integer(0), square(N): factor(fpc, m) * S2}

    def draws(n: int, m: int) -> Iterable[Coordinates]:
        units = deviations(n)
        return (mean([units[i] for i in chosen]) for chosen in combinations(range(n), m))

    return SamplingRule(
        "subset mean",
        "N is the mean deviation over a uniform m-subset drawn at w: E N = 0, E|N|² = S²(n-m)/(m(n-1))",
        r"\mathbb{E}[N \mid w] = 0,\quad \mathbb{E}[\|N\|^2 \mid w] = \frac{n-m}{m(n-1)}S^2(w)",
        means,
        lambda fpc, m: fpc / m,
        lambda factor: contradiction(
            draws,
            lambda n, m: factor(Fraction(n - m, n - 1), Fraction(m)),
            ((2, 1), (3, 2), (4, 2), (5, 3), (4, 4)),
        ),
    )


def partial_sums() -> SamplingRule:
    """E3: the first r = lb deviations of a random order sum to mean square S^2 r φ, φ = (n-r)/(n-1)."""

    def means(
        factor: Any, G: Vector, S: Vector, S2: Expr, phi: Expr, batches: Expr, b: Expr
    ) -> dict[Any, Expr]:
        return {inner(G, S): Integer(0), square(S): factor(phi, batches * b) / b**2 * S2}

    def draws(n: int, r: int) -> Iterable[Coordinates]:
        units = deviations(n)
        return (total([units[i] for i in order]) for order in permutations(range(n), r))

    return SamplingRule(
        "partial sums",
        "the sum of the deviations of the first r units of a uniform order has mean square S² r(n-r)/(n-1)",
        r"\mathbb{E}\|\sum_{i\leq r}d_i\|^2 = \frac{r(n-r)}{n-1}S^2(w)",
        means,
        lambda phi, r: r * phi,
        lambda factor: contradiction(
            draws,
            lambda n, r: factor(Fraction(n - r, n - 1), Fraction(r)),
            ((3, 2), (4, 2), (4, 3), (5, 2), (3, 3)),
        ),
    )


def distinct_batch() -> SamplingRule:
    """E1': the mean of b distinct uniform units has variance S^2 (n-b)/((n-1)b)."""

    def means(
        factor: Any, fixed: tuple[Vector, ...], G: Vector, N: Vector, S2: Expr, fpc: Expr, b: Expr
    ) -> dict[Any, Expr]:
        products = {inner(v, N): inner(v, G) for v in fixed}
        return {**products, square(N): square(G) + factor(fpc, b) * S2}

    def draws(n: int, b: int) -> Iterable[Coordinates]:
        units = deviations(n)
        return (mean([units[i] for i in chosen]) for chosen in combinations(range(n), b))

    return SamplingRule(
        "distinct batch",
        "the mean over b distinct uniform units is unbiased, with variance S²(n-b)/((n-1)b)",
        r"\mathbb{E}[g \mid w] = \nabla F(w),\quad"
        r" \mathbb{E}[\|g-\nabla F(w)\|^2 \mid w] = \frac{n-b}{(n-1)b}S^2(w)",
        means,
        lambda fpc, b: fpc / b,
        lambda factor: contradiction(
            draws,
            lambda n, b: factor(Fraction(n - b, n - 1), Fraction(b)),
            ((2, 1), (3, 2), (4, 2), (5, 3), (4, 4)),
        ),
    )


def batch_pair() -> SamplingRule:
    """E4: two disjoint batches of a uniform order have mean deviations with covariance -S^2/(n-1).

    R is a combination of the batches before, with weights of sum `weight`, and N is the next batch.
    """

    def means(factor: Any, R: Vector, N: Vector, weight: Expr, S2: Expr, n: Expr) -> dict[Any, Expr]:
        return {inner(R, N): factor(n) * weight * S2}

    def fault(factor: Callable[..., Any]) -> str | None:
        for n, b in ((2, 1), (3, 1), (4, 2), (5, 2)):
            units = deviations(n)
            pairs = [
                (mean([units[i] for i in order[:b]]), mean([units[i] for i in order[b:]]))
                for order in permutations(range(n), 2 * b)
            ]
            variance = second_moment(units)
            stated = [[factor(Fraction(n)) * entry for entry in row] for row in variance]
            if cross_moment(pairs) != stated:
                return f"the covariance is another at {(n, b)}"
        return None

    return SamplingRule(
        "batch pair",
        "the mean deviations of two disjoint batches of a uniform order have covariance -S²/(n-1)",
        r"\mathbb{E}\langle N_i, N_j\rangle = -\frac{S^2}{n-1},\quad i \neq j",
        means,
        lambda n: -1 / (n - 1),
        fault,
    )


def hits() -> SamplingRule:
    """A given unit is in a batch of b with mean count b/n: independent draws, or any place of an order."""

    def means(factor: Any, h: Symbol, b: Expr, n: Expr) -> dict[Any, Expr]:
        return {h: factor(b, n)}

    def fault(factor: Callable[..., Any]) -> str | None:
        for n, b in ((2, 1), (3, 2), (4, 2)):
            words = [word.count(0) for word in product(range(n), repeat=b)]
            orders = [order[-b:].count(0) for order in permutations(range(n))]
            for counts in (words, orders):
                if Fraction(sum(counts), len(counts)) != factor(Fraction(b), Fraction(n)):
                    return f"the mean count is another at {(n, b)}"
        return None

    return SamplingRule(
        "hits",
        "the unit that differs is in a batch b/n times in the mean, under each scheme alike",
        r"\mathbb{E}h_t = b/n",
        means,
        lambda b, n: b / n,
        fault,
    )


def place_values() -> SamplingRule:
    """Each place of a uniform order is uniform: the values of P batches at one point sum to P means."""

    def means(factor: Any, total_value: Symbol, mean_value: Expr, P: Expr) -> dict[Any, Expr]:
        return {total_value: factor(P) * mean_value}

    def fault(factor: Callable[..., Any]) -> str | None:
        for n, b, P in ((3, 1, 2), (4, 2, 2), (4, 1, 3)):
            values = [Fraction(2) ** i for i in range(n)]
            sums = [
                sum((values[i] for i in order[: b * P]), Fraction(0)) / b for order in permutations(range(n))
            ]
            if sum(sums) / len(sums) != factor(Fraction(P)) * sum(values) / n:
                return f"the mean sum is another at {(n, b, P)}"
        return None

    return SamplingRule(
        "places",
        "each place of a uniform order is uniform: at a point known before, P batch values sum to P means",
        r"\mathbb{E}\sum_{j<P}f_{B_j}(w) = P F(w)",
        means,
        lambda P: P,
        fault,
    )


def contradiction(
    draws: Callable[..., Iterable[Coordinates]],
    factor: Callable[..., Fraction],
    cases: Iterable[tuple[int, ...]],
) -> str | None:
    """Return the first case in which the draws' mean is not 0 or their second moment not factor x S^2."""
    for sizes in cases:
        samples = list(draws(*sizes))
        if any(mean(samples)):
            return f"the mean is not zero at {sizes}"
        variance = second_moment(deviations(sizes[0]))
        stated = [[factor(*sizes) * entry for entry in row] for row in variance]
        if second_moment(samples) != stated:
            return f"the second moment is another at {sizes}"
    return None


def deviations(n: int) -> list[Coordinates]:
    """Return n deviation vectors with sum zero, as coordinates in the n - 1 free ones."""
    free = [[Fraction(int(i == j)) for j in range(n - 1)] for i in range(n - 1)]
    return [*free, [Fraction(-1)] * (n - 1)]


def total(vectors: list[Coordinates]) -> Coordinates:
    """Return the sum of vectors."""
    return [sum(entries, Fraction(0)) for entries in zip(*vectors, strict=True)]


def mean(vectors: list[Coordinates]) -> Coordinates:
    """Return the mean of vectors."""
    return [entry / len(vectors) for entry in total(vectors)]


def second_moment(samples: list[Coordinates]) -> Form:
    """Return the mean of |sample|^2 as a quadratic form in the free deviations."""
    return cross_moment([(sample, sample) for sample in samples])


def cross_moment(pairs: list[tuple[Coordinates, Coordinates]]) -> Form:
    """Return the mean of <first, second> as a bilinear form in the free deviations."""
    size = range(len(pairs[0][0]))
    return [
        [sum((first[i] * second[j] for first, second in pairs), Fraction(0)) / len(pairs) for j in size]
        for i in size
    ]
