"""What a step may cite: assumptions, sampling rules and the claims of earlier steps, each by its key.

A citation holds the key, the place where the statement is used, and the expression claimed to be >= 0. The
checker makes that expression anew from the theorem as it stands and compares: a changed, dropped or misquoted
statement is found where it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sympy import Expr, Integer, Pow, Rational, Symbol, sympify

from softsample_theory.proofs.engine.algebra import Named, is_zero


@dataclass(frozen=True)
class Fact:
    """A cited inequality `expression` >= 0: the statement `key` at the place `at`."""

    key: str
    expression: Expr
    at: Any = None


@dataclass(frozen=True)
class Assumption:
    """A statement that a theorem assumes: a family of inequalities `instance(...)` >= 0."""

    key: str
    text: str
    tex: str
    instance: Callable[..., Expr] = field(repr=False)

    def at(self, *place: Any) -> Fact:
        """Cite the assumption at one place (points, gradients, iterates)."""
        return Fact(self.key, self.instance(*place), place)

    def again(self, place: Any) -> Expr:
        """Return the expression that a citation at `place` must hold."""
        return self.instance(*place)


@dataclass(frozen=True)
class Average:
    """A cited rule of expectation: each random symbol and what its mean is."""

    key: str
    means: Mapping[Symbol, Expr]
    at: Any = None


@dataclass(frozen=True)
class SamplingRule:
    """A law of random draws, as the means of inner products: shown by exact enumeration of small cases.

    `factor` is the rule's rational function of the sizes; `enumerate_small(factor)` returns the first
    small case in which enumeration contradicts it, or None.
    """

    key: str
    text: str
    tex: str
    means: Callable[..., Mapping[Symbol, Expr]] = field(repr=False)
    factor: Callable[..., Any] = field(repr=False)
    enumerate_small: Callable[[Callable[..., Any]], str | None] = field(repr=False)

    def at(self, *place: Any) -> Average:
        """Cite the rule for given vectors and sizes."""
        return Average(self.key, self.means(self.factor, *place), place)

    def again(self, place: Any) -> Mapping[Symbol, Expr]:
        """Return the means that a citation at `place` must hold."""
        return self.means(self.factor, *place)

    def fault(self) -> str | None:
        """Return the small case that contradicts the rule, if there is one."""
        return self.enumerate_small(self.factor)

    def scaled(self, scale: Rational) -> SamplingRule:
        """Return the rule with its factor changed: a mutant that enumeration must catch."""
        factor = self.factor
        return SamplingRule(
            self.key,
            self.text,
            self.tex,
            self.means,
            lambda *sizes: scale * factor(*sizes),
            self.enumerate_small,
        )


@dataclass(frozen=True)
class Sequence:
    """A quantity indexed by the step t: its value at the start and its value one step on."""

    symbol: Named
    start: Expr
    advanced: Expr
    meaning: str
    random: bool = False
    closed: Expr | None = None
    index: Symbol | None = None

    def closed_form_holds(self) -> bool:
        """Say whether the closed form starts and advances as the sequence does."""
        if self.closed is None or self.index is None:
            return False
        now, ahead = (_powers_named(self.closed, self.index, shift) for shift in (0, 1))
        begins = is_zero(self.closed.xreplace({self.index: Integer(0)}) - self.start)
        return begins and is_zero(ahead - sympify(self.advanced).xreplace({self.symbol: now}))


def _powers_named(closed: Expr, index: Symbol, shift: int) -> Expr:
    """Return a closed form at index + shift with each power base^index as one symbol."""
    powers = {
        power: power.base**shift * Named(f"({power.base})^{index}")
        for power in closed.atoms(Pow)
        if power.exp == index
    }
    return closed.xreplace(powers).xreplace({index: index + shift})


def counter(symbol: Named, start: int = 0) -> Sequence:
    """Return an index: start, start + 1, start + 2, ..."""
    closed = symbol if start == 0 else None
    return Sequence(symbol, Integer(start), symbol + 1, "the index", closed=closed, index=symbol)


def power(symbol: Named, base: Expr, index: Named) -> Sequence:
    """Return the powers of a base: 1, a, a^2, ..., each one symbol in the algebra."""
    meaning = f"the powers of {base}"
    return Sequence(symbol, Integer(1), base * symbol, meaning, closed=base**index, index=index)


def running_sum(symbol: Named, term: Expr, meaning: str, *, random: bool = True) -> Sequence:
    """Return the sum of `term` over the steps made so far."""
    return Sequence(symbol, Integer(0), symbol + term, meaning, random)


def moving(symbol: Named, start: Expr, ahead: Expr, meaning: str) -> Sequence:
    """Return the mean of a quantity of the iterate: its value at the start, and one step on."""
    return Sequence(symbol, start, ahead, meaning, True)
