"""The mean of partial sums when one subset serves several passes: a rule confirmed by enumeration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import permutations
from typing import Any

from sympy import Expr, Integer

from softsample_theory.proofs.engine.algebra import Vector, inner, square
from softsample_theory.proofs.engine.facts import SamplingRule
from softsample_theory.proofs.sampling_rules import (
    Coordinates,
    deviations,
    mean,
    second_moment,
    total,
)


def round_sums() -> SamplingRule:
    """The first s passes and r batches over one subset: E|S|^2 = S^2 [(s^2 P + 2 s r) fpc + r φ]/b.

    The order may be drawn once or anew in each pass: the rule is the same.
    """

    def means(
        factor: Any, G: Vector, S: Vector, S2: Expr, sizes: tuple[Expr, Expr, Expr, Expr, Expr, Expr]
    ) -> dict[Any, Expr]:
        return {inner(G, S): Integer(0), square(S): factor(*sizes) * S2}

    return SamplingRule(
        "round sums",
        "after s passes and r batches over one subset the deviations sum to E|S|² = S²[(s²P+2sr)fpc + rφ]/b",
        r"\mathbb{E}\|S\|^2 = \frac{(s^2P+2sr)\frac{n-m}{n-1} + r\varphi}{b}S^2(w)",
        means,
        lambda s, r, P, b, fpc, phi: ((s**2 * P + 2 * s * r) * fpc + r * phi) / b,
        _contradiction,
    )


def _contradiction(factor: Callable[..., Any]) -> str | None:
    for n, m, b, passes in ((3, 2, 1, 2), (4, 2, 1, 3), (4, 3, 1, 2), (4, 2, 2, 2)):
        variance, P = second_moment(deviations(n)), m // b
        for fresh in (False, True):
            rounds = [list(each) for each in _rounds(n, m, b, passes, fresh)]
            for steps in range(1, P * passes):
                s, r = divmod(steps, P)
                sizes = (s, r, P, b, Fraction(n - m, n - 1), Fraction(n - r * b, n - 1))
                value = factor(*(Fraction(size) for size in sizes))
                stated = [[value * entry for entry in row] for row in variance]
                if second_moment([total(each[:steps]) for each in rounds]) != stated:
                    return f"the second moment is another at {(n, m, b, passes)} after {steps} steps"
    return None


def _rounds(n: int, m: int, b: int, passes: int, fresh: bool) -> Iterator[list[Coordinates]]:
    """Yield the batch deviations of each equally likely round, step by step."""
    units = deviations(n)
    for order in permutations(range(n), m):
        later = permutations(order) if fresh else [order]
        for other in later:
            orders = [order] + [other] * (passes - 1)
            yield [mean([units[i] for i in each[k : k + b]]) for each in orders for k in range(0, m, b)]
