"""What a step is checked against: the theorem's domain, its assumptions, and the steps before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sympy import Expr, Symbol

from softsample_theory.proofs.engine.algebra import ProofError, is_zero, numerator_and_denominator
from softsample_theory.proofs.engine.domain import Domain, plain
from softsample_theory.proofs.engine.facts import Assumption, Average, Fact, SamplingRule, Sequence


class Claimed(Protocol):
    """A step that concludes an inequality."""

    @property
    def name(self) -> str:
        """The step's name."""
        ...

    @property
    def relation(self) -> str:
        """The relation claimed between the left and the right side."""
        ...

    @property
    def takes_mean(self) -> bool:
        """Whether the claim holds in the mean, not on every path."""
        ...

    def claimed(self) -> Expr:
        """Return right side minus left side."""
        ...

    def cited(self) -> tuple[str, ...]:
        """Return the keys of the facts cited."""
        ...


@dataclass
class Context:
    """The statements that may be cited while one theorem is checked, and a record of those that were."""

    domain: Domain
    assumptions: Mapping[str, Assumption | SamplingRule]
    earlier: dict[str, Claimed] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    case: Fact | None = None

    def require(self, holds: bool, why: str) -> None:
        """Fail the step for the reason given unless `holds`."""
        if not holds:
            raise ProofError(why)

    def same(self, left: Any, right: Any, why: str) -> None:
        """Fail unless two expressions are the same rational function once definitions are written out."""
        left, right = self.domain.expand(left), self.domain.expand(right)
        self.require(left == right or is_zero(left - right), why)

    def nonnegative(self, expression: Any, what: str) -> None:
        """Fail unless the expression is shown to be >= 0 on the domain."""
        shown = self.domain.nonnegative(expression)
        self.require(shown, f"{what} = {plain(expression)} is not shown to be >= 0")

    def cite(self, fact: Fact, *, as_case: bool = False) -> Expr:
        """Return the cited expression after comparing it with the statement as it stands in the theorem.

        A step that holds in one case only is cited as a case, never as a claim.
        """
        if fact.key in self.assumptions:
            source = self.assumptions[fact.key]
            self.require(isinstance(source, Assumption), f"{fact.key} is a rule, cited as an inequality")
            stated = source.again(fact.at)
        elif fact.key in self.earlier:
            step = self.earlier[fact.key]
            general = as_case or getattr(step, "case", None) is None
            self.require(general, f"{fact.key!r} holds in one case only")
            self.require(step.relation in ("<=", ">=", "="), f"{fact.key!r} is no inequality")
            stated = self.domain.expand(step.claimed())
            if fact.at is not None:
                self.require(not set(dict(fact.at)) & self._moving(), f"it moves a sequence of {fact.key!r}")
                stated = stated.xreplace(self._inside(dict(fact.at), fact.key))
        else:
            raise ProofError(f"it cites {fact.key!r}, which is neither an assumption nor an earlier step")
        self.same(fact.expression, stated, f"it misquotes {fact.key!r}")
        self.used.add(fact.key)
        return fact.expression

    def _inside(self, place: dict[Symbol, Expr], key: str) -> dict[Symbol, Expr]:
        """Return the parameters' new values after checking that they lie in their ranges (in this case)."""
        variables = {item.symbol: item for item in self.domain.variables}
        self.require(set(place) <= set(variables), f"it replaces what is no parameter in {key!r}")
        place = {symbol: self.domain.expand(value) for symbol, value in place.items()}
        whole = {symbol for symbol, item in variables.items() if item.whole}
        for symbol, item in variables.items():
            old, value = (symbol, item.low, item.high), place.get(symbol, symbol)
            low, high = (end if end is None else self.domain.expand(end).xreplace(place) for end in old[1:])
            if (value, low, high) == old:
                continue
            where = f"{key!r} at {symbol} = {plain(value)}"
            self.require(self._shown(value - low, strict=item.low_open), f"{where} may fall below its range")
            if high is not None:
                self.require(self._shown(high - value, strict=item.high_open), f"{where} may pass its range")
            if item.whole:
                self.require(_whole(value, whole), f"{where} may not be whole")
        return place

    def _shown(self, expression: Expr, *, strict: bool) -> bool:
        if self.domain.positive(expression) or (not strict and self.domain.nonnegative(expression)):
            return True
        if self.case is None or strict:
            return False
        return self.domain.nonnegative(expression / self.case.expression)

    def average(self, rules: Iterable[Average]) -> dict[Symbol, Expr]:
        """Return the means of random symbols after comparing each with its rule as it stands."""
        means: dict[Symbol, Expr] = {}
        for rule in rules:
            source = self.assumptions.get(rule.key)
            if not isinstance(source, SamplingRule):
                raise ProofError(f"it cites {rule.key!r}, which is no sampling rule of this theorem")
            stated = source.again(rule.at)
            self.require(set(stated) == set(rule.means), f"it misquotes {rule.key!r}")
            for symbol, mean in rule.means.items():
                self.same(mean, stated[symbol], f"it misquotes {rule.key!r}")
            self.used.add(rule.key)
            means.update(rule.means)
        return means

    def in_mean(self, keys: Iterable[str]) -> bool:
        """Say whether some cited step holds in the mean only, not on every path of the draws."""
        steps = [self.earlier[key] for key in keys if key in self.earlier]
        return any(step.takes_mean or self.in_mean(step.cited()) for step in steps)

    def random(self, expression: Any, own: Iterable[Sequence] = ()) -> set[Symbol]:
        """Return the symbols that depend on the draws: all that are not known to be fixed."""
        fixed = self.domain.symbols - {item.symbol for item in self.domain.variables if item.pathwise}
        fixed |= {each.symbol for each in [*self._sequences(), *own] if not each.random}
        return self.domain.expand(expression).free_symbols - fixed

    def define(self, sequence: Sequence) -> None:
        """Fail if another step defines the sequence otherwise."""
        for other in self._sequences():
            if other.symbol == sequence.symbol:
                self.same(sequence.start, other.start, f"{sequence.symbol} starts elsewhere in another step")
                self.same(
                    sequence.advanced, other.advanced, f"{sequence.symbol} advances otherwise elsewhere"
                )

    def _sequences(self) -> list[Sequence]:
        own = [each for step in self.earlier.values() for each in getattr(step, "sequences", ())]
        return own + [each for step in self.earlier.values() for each in getattr(step, "borrowed", ())]

    def _moving(self) -> set[Symbol]:
        """Return the symbols of sequences other than plain indices."""
        return {each.symbol for each in self._sequences() if each.advanced != each.symbol + 1}


def _whole(value: Expr, whole: set[Symbol]) -> bool:
    """Say whether an expression is a polynomial in whole parameters with whole coefficients."""
    if not value.free_symbols <= whole or not value.is_polynomial():
        return False
    top, bottom = numerator_and_denominator(value)
    return bool(bottom.is_one and all(coefficient.is_integer for coefficient in top.coeffs()))
