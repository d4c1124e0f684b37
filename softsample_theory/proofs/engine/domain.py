"""The domain of a theorem: its parameters, their ranges, and the signs that follow from them.

Each range is written with slacks that are free and nonnegative (0 < v <= h is v = h/(1+s) with s >= 0), one
to one onto the range. An expression is nonnegative on the domain if, in the slacks, its numerator and
denominator have coefficients of one sign. The test never errs towards yes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sympy import Expr, Integer, Poly, Pow, Rational, Symbol, sympify

from softsample_theory.proofs.engine.algebra import Named, is_square, numerator_and_denominator

ZERO, ONE = Integer(0), Integer(1)


@dataclass(frozen=True)
class Variable:
    """A free parameter with its range: `low` (open or closed) to `high` (open, closed, or none).

    `word` names it as an argument of `bound`; one without a word is computed there as `given`, with a
    value for 0/0. A `pathwise` one depends on the draws: it stands in claims about one path only.
    """

    symbol: Named
    meaning: str
    low: Expr = ZERO
    low_open: bool = False
    high: Expr | None = None
    high_open: bool = False
    whole: bool = False
    word: str | None = None
    given: Expr | None = None
    pathwise: bool = False
    at_zero_over_zero: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "low", sympify(self.low))
        if self.high is not None:
            object.__setattr__(self, "high", sympify(self.high))
            if self.low != 0 or not (self.low_open or self.high_open):
                raise ValueError(f"{self.symbol}: a range with two ends starts at 0 and is open at one end")

    def in_slack(self) -> tuple[Expr, Symbol, bool]:
        """Return the parameter in its slack, that slack, and whether the slack is strictly positive."""
        slack = Symbol(f"slack({self.symbol})")
        if self.high is None:
            return self.low + slack, slack, self.low_open
        if self.low_open:
            return self.high / (1 + slack), slack, self.high_open
        return self.high * slack / (1 + slack), slack, False

    def range_text(self) -> str:
        """Return the range as people write it."""
        left, right = "<" if self.low_open else "≤", "<" if self.high_open else "≤"
        if self.high is None:
            return f"{self.symbol} {'>' if self.low_open else '≥'} {plain(self.low)}"
        return f"{plain(self.low)} {left} {self.symbol} {right} {plain(self.high)}"


@dataclass(frozen=True)
class Definition:
    """A symbol that abbreviates an expression in those above it; `word` makes it an argument of `bound`."""

    symbol: Named
    value: Expr
    meaning: str
    word: str | None = None
    whole: bool = False


@dataclass(frozen=True)
class Domain:
    """The parameters in order: each range and definition may use those before it."""

    items: tuple[Variable | Definition, ...]

    def __iter__(self) -> Iterator[Variable | Definition]:
        return iter(self.items)

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The free parameters."""
        return tuple(item for item in self.items if isinstance(item, Variable))

    @property
    def faulty(self) -> str | None:
        """Name a range whose upper end is not shown to be positive, if there is one."""
        for item in self.variables:
            if item.high is not None and not self.positive(item.high):
                return f"the upper end of {item.range_text()} is not shown to be positive"
        return None

    @property
    def symbols(self) -> set[Symbol]:
        """All symbols of the domain, free or defined."""
        return {item.symbol for item in self.items}

    def expand(self, expression: Any) -> Expr:
        """Write every defined symbol out."""
        result = sympify(expression)
        for item in reversed(self.items):
            if isinstance(item, Definition):
                result = result.xreplace({item.symbol: item.value})
        return result

    def spelled(self, expression: Any, known: set[Any]) -> Expr:
        """Write out the defined symbols that are not `known`."""
        result = sympify(expression)
        for item in reversed(self.items):
            if isinstance(item, Definition) and item.symbol not in known:
                result = result.xreplace({item.symbol: item.value})
        return result

    def needed(self, expression: Any, *, read: bool = True) -> list[Variable | Definition]:
        """Return the parameters an expression depends on: definitions, ranges, and readings if `read`."""
        needed: set[Any] = set(sympify(expression).free_symbols)
        while True:
            reach = set(needed)
            for item in self.items:
                if item.symbol in needed:
                    reach |= _mentioned(item, read)
            if reach == needed:
                return [item for item in self.items if item.symbol in needed]
            needed = reach

    def nonnegative(self, expression: Any) -> bool:
        """Say whether the expression is shown to be >= 0 on the whole domain, poles excluded."""
        top, bottom, strict = self._in_slacks(expression)
        sign = _one_sign(bottom)
        return sign != 0 and _vanishes_nowhere(bottom, strict) and (top.is_zero or _one_sign(top) == sign)

    def positive(self, expression: Any) -> bool:
        """Say whether the expression is shown to be > 0 on the whole domain."""
        top, _, strict = self._in_slacks(expression)
        return not top.is_zero and self.nonnegative(expression) and _vanishes_nowhere(top, strict)

    def has_no_pole(self, expression: Any) -> bool:
        """Say whether each denominator that the expression shows is nonzero on the whole domain."""
        powers = self.expand(expression).atoms(Pow)
        bottoms = {power.base for power in powers if power.exp.is_negative}
        return all(self.positive(bottom) or self.positive(-bottom) for bottom in bottoms)

    def widened(self) -> Iterator[tuple[str, Domain]]:
        """Yield the domain with each end of each range moved outwards, or taken away."""
        for index, item in enumerate(self.items):
            if isinstance(item, Variable):
                for label, wider in _wider(item):
                    yield (
                        f"{item.symbol}: {label}",
                        Domain((*self.items[:index], wider, *self.items[index + 1 :])),
                    )

    def _in_slacks(self, expression: Any) -> tuple[Poly, Poly, set[Symbol]]:
        result, strict = sympify(expression), set()
        for item in reversed(self.items):
            if isinstance(item, Definition):
                result = result.xreplace({item.symbol: item.value})
                continue
            value, slack, positive = item.in_slack()
            result = result.xreplace({item.symbol: value})
            if positive:
                strict.add(slack)
        return *numerator_and_denominator(result), strict


def _mentioned(item: Variable | Definition, read: bool) -> set[Any]:
    if isinstance(item, Definition):
        return set(item.value.free_symbols)
    ends = (item.low, item.high, item.given if read and not item.word else None)
    return set().union(*(end.free_symbols for end in ends if end is not None))


def _wider(item: Variable) -> Iterator[tuple[str, Variable]]:
    if item.high is not None:
        yield "upper end x 11/10", replace(item, high=item.high * Rational(11, 10))
        yield "no upper end", replace(item, high=None)
    if item.low_open and (item.high is None or item.high_open):
        yield "lower end let in", replace(item, low_open=False)
    if item.low == 0:
        if item.high is None:
            yield "negative values let in", replace(item, low=Integer(-1))
    elif item.whole:
        yield "lower end - 1", replace(item, low=item.low - 1)
    else:
        yield "lower end x 9/10", replace(item, low=item.low * Rational(9, 10))


def _one_sign(polynomial: Poly) -> int:
    """Return 1 or -1 if all coefficients have that sign, 0 if they are mixed or there are none."""
    signs = {1 if coefficient > 0 else -1 for coefficient in polynomial.coeffs() if coefficient != 0}
    known = all(symbol.name.startswith("slack(") or is_square(symbol) for symbol in polynomial.free_symbols)
    return signs.pop() if len(signs) == 1 and known else 0


def _vanishes_nowhere(polynomial: Poly, strict: set[Symbol]) -> bool:
    """Say whether, given coefficients of one sign, some monomial holds strictly positive slacks alone."""
    gens = polynomial.gens
    return any(
        all(gens[i] in strict for i, power in enumerate(powers) if power) for powers in polynomial.monoms()
    )


def plain(expression: Any) -> str:
    """Return an expression as text: powers as ^, inner products as they are named."""
    return str(sympify(expression)).replace("**", "^").replace("*", " ")


def joined(parts: Iterable[str]) -> str:
    """Join ranges and assumptions with commas."""
    return ", ".join(parts)
