"""The steps a proof is made of. Each kind has one rule, and `check` refuses whatever the rule does not cover.

Every decision is exact: identities over the rationals, signs by coefficients on the domain. Vectors enter
through their inner products, commuting symbols; a claim is `left <= right` unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sympy import Expr, Symbol, sympify

from softsample_theory.proofs.engine.algebra import ProofError, Vector, degree_in, mentions, square
from softsample_theory.proofs.engine.context import Context
from softsample_theory.proofs.engine.facts import Average, Fact, Sequence

Terms = tuple[tuple[Any, Fact], ...]
Squares = tuple[tuple[Any, Any], ...]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: its name, what it claims, and a sentence that says why in words."""

    kind: ClassVar[str] = ""
    relation: ClassVar[str] = "<="
    takes_mean: ClassVar[bool] = False
    name: str
    lhs: Any
    rhs: Any
    why: str = ""

    def claimed(self) -> Expr:
        """Return right side minus left side."""
        return sympify(self.rhs) - sympify(self.lhs)

    def cited(self) -> tuple[str, ...]:
        """Return the keys of the facts that the step cites."""
        facts = [fact for _, fact in getattr(self, "by", ())]
        facts += [getattr(self, name) for name in ("of", "when", "otherwise") if hasattr(self, name)]
        return tuple(each.key for each in [*facts, *getattr(self, "rules", ())])

    def fact(self, at: Mapping[Symbol, Any] | None = None) -> Fact:
        """Cite this step's claim, with symbols replaced where it is used."""
        if at is None:
            return Fact(self.name, self.claimed())
        place = tuple((old, sympify(new)) for old, new in at.items())
        return Fact(self.name, self.claimed().xreplace(dict(place)), place)

    def check(self, context: Context) -> None:
        """Certify the claim or raise ProofError."""
        raise ProofError("a step without a kind has no certificate")


@dataclass(frozen=True, kw_only=True)
class Identity(Step):
    """left == right, decided over the rationals, with no pole on the domain."""

    kind: ClassVar[str] = "identity"
    relation: ClassVar[str] = "="

    def check(self, context: Context) -> None:
        """Certify the claim or raise ProofError."""
        context.same(self.lhs, self.rhs, "the two sides differ")
        for side in (self.lhs, self.rhs):
            context.require(context.domain.has_no_pole(side), "a denominator may vanish on the domain")


@dataclass(frozen=True, kw_only=True)
class Inequality(Step):
    """right - left == sum of multiplier x cited fact + sum of coefficient x square + slack, all shown >= 0.

    `by` pairs multipliers with facts, `squares` pairs coefficients with vectors or scalars, `slack` is a
    function of the parameters alone. Multipliers, coefficients and slack pass the sign test on the domain.
    """

    kind: ClassVar[str] = "inequality"
    by: Terms = ()
    squares: Squares = ()
    slack: Any = 0
    case: Fact | None = None

    def check(self, context: Context) -> None:
        """Certify the claim or raise ProofError."""
        certify(context, self.claimed(), self.by, self.squares, self.slack, self.case)


@dataclass(frozen=True, kw_only=True)
class Cases(Step):
    """A claim that holds if a quantity is >= 0 and if it is <= 0 holds."""

    kind: ClassVar[str] = "cases"
    when: Fact
    otherwise: Fact
    split: Any

    def check(self, context: Context) -> None:
        """Certify the claim or raise ProofError."""
        for fact, sign in ((self.when, 1), (self.otherwise, -1)):
            cited = context.cite(fact, as_case=True)
            context.same(self.claimed(), cited, f"case {fact.key!r} shows another claim")
            step = context.earlier.get(fact.key)
            case = step.case if isinstance(step, Inequality) else None
            if case is None:
                raise ProofError(f"{fact.key!r} is no case")
            context.same(case.expression, sign * self.split, "the two cases do not cover everything")


@dataclass(frozen=True, kw_only=True)
class Expectation(Step):
    """Take means on both sides of a cited inequality that is linear in its random symbols.

    Each random symbol gets its mean from a rule; `expected` names the means of function values. A random
    symbol left over, a product of two, or a random coefficient fails.
    """

    kind: ClassVar[str] = "expectation"
    takes_mean: ClassVar[bool] = True
    of: Fact
    rules: tuple[Average, ...]
    expected: Mapping[Symbol, Symbol] = field(default_factory=dict)
    random: tuple[Vector, ...] = ()

    def check(self, context: Context) -> None:
        """Certify the claim or raise ProofError."""
        before = context.cite(self.of)
        means: dict[Symbol, Any] = {**context.average(self.rules), **self.expected}
        new = set(self.expected.values())
        context.require(
            len(new) == len(self.expected) and not new & (before.free_symbols | context.domain.symbols),
            "the mean of a function value needs a name of its own",
        )
        paths = {item.symbol for item in context.domain.variables if item.pathwise}
        context.require(not self.claimed().free_symbols & paths, "a quantity of one path is left over")
        bases = [basis for each in self.random for basis in each]
        randoms = set(self.expected) | {
            symbol for symbol in before.free_symbols if any(mentions(symbol, basis) for basis in bases)
        }
        missing = randoms - set(means)
        context.require(not missing, f"no rule gives the mean of {sorted(map(str, missing))}")
        context.require(degree_in(before, randoms) <= 1, "it is not linear in the random quantities")
        after = before.xreplace(means)
        left_over = {s for s in after.free_symbols if any(mentions(s, basis) for basis in bases)}
        context.require(not left_over, f"{sorted(map(str, left_over))} is still random")
        context.same(self.claimed(), after, "the means do not give the claim")


@dataclass(frozen=True, kw_only=True)
class Induction(Step):
    """A claim about sequences, for every t: it holds at the start, and if it holds at t then at t + 1.

    Right minus left is `base` at the start. The step is certified as right(t+1) - left(t+1) ==
    keep x (right(t) - left(t)) + multipliers x facts + squares + slack.
    """

    kind: ClassVar[str] = "induction"
    sequences: tuple[Sequence, ...]
    by: Terms = ()
    squares: Squares = ()
    slack: Any = 0
    keep: Any = 1
    base: Any = 0
    equality: bool = False

    @property
    def relation(self) -> str:  # type: ignore[override]
        """Return = for a claim that two sequences are equal."""
        return "=" if self.equality else "<="

    def check(self, context: Context) -> None:
        """Certify the claim or raise ProofError."""
        starts = {each.symbol: sympify(each.start) for each in self.sequences}
        moves = {each.symbol: sympify(each.advanced) for each in self.sequences}
        claim = context.domain.expand(self.claimed())
        base, ahead = claim.xreplace(starts), claim.xreplace(moves)
        context.same(base, self.base, "right minus left at the start is another")
        for each in self.sequences:
            context.define(each)
            self._stays_in_range(context, each)
        if self.equality:
            context.require(self.base == 0, "the base fails")
            context.require(not (self.by or self.squares or self.slack), "an equality cites no inequality")
            context.same(ahead, self.keep * claim, "the step fails")
            return
        context.nonnegative(self.base, "right minus left at the start")
        context.nonnegative(self.keep, "the factor on the claim at t")
        certify(context, ahead - self.keep * claim, self.by, self.squares, self.slack, own=self.sequences)

    def _stays_in_range(self, context: Context, sequence: Sequence) -> None:
        """Fail if a sequence that is a parameter leaves its range, or an index starts elsewhere."""
        variables = context.domain.variables
        mine = next((item for item in variables if item.symbol == sequence.symbol), None)
        if not sequence.random and not (mine and mine.pathwise):
            loose = context.random(sequence.start, self.sequences) | context.random(
                sequence.advanced, self.sequences
            )
            context.require(
                not loose, f"{sequence.symbol} is called fixed but depends on {sorted(map(str, loose))}"
            )
        if mine is None:
            return
        if mine.whole or sequence.advanced == sequence.symbol + 1:
            plain_index = mine.whole and sequence.advanced == sequence.symbol + 1
            context.require(plain_index, f"{sequence.symbol} is no plain index of whole numbers")
            context.same(mine.low, sequence.start, f"the range of {sequence.symbol} starts elsewhere")
            self._ranges_shrink(context, sequence)
            return
        for value in (sequence.start, sequence.advanced):
            above = context.domain.positive if mine.low_open else context.domain.nonnegative
            below = context.domain.positive if mine.high_open else context.domain.nonnegative
            inside = above(value - mine.low) and (mine.high is None or below(mine.high - value))
            context.require(inside, f"{sequence.symbol} may leave its range")

    def _ranges_shrink(self, context: Context, index: Sequence) -> None:
        """Fail if a range that depends on the index grows with it: the claim before would not reach it."""
        for item in context.domain.variables:
            for end, sign in ((item.low, -1), (item.high, 1)):
                if end is not None and end.has(index.symbol):
                    change = sign * (end - end.xreplace({index.symbol: index.advanced}))
                    context.nonnegative(change, f"the shrinking of the range of {item.symbol}")


def certify(
    context: Context,
    claim: Any,
    by: Terms,
    squares: Squares,
    slack: Any,
    case: Fact | None = None,
    own: tuple[Sequence, ...] = (),
) -> None:
    """Certify claim >= 0 by multipliers, squares and slack, or raise ProofError.

    If some cited step holds in the mean only, so does the claim: then all terms must be affine in what is
    random, for means pass through nothing else.
    """
    context.case = case
    certificate = sympify(slack) + sum(multiplier * fact.expression for multiplier, fact in by)
    certificate += sum(coefficient * _squared(base) for coefficient, base in squares)
    context.same(claim, certificate, "right minus left is not the combination given")
    in_mean = context.in_mean(fact.key for _, fact in by)
    for multiplier, fact in by:
        if fact is not case:
            context.cite(fact)
        context.nonnegative(multiplier, f"the multiplier of {fact.key!r}")
        if in_mean:
            term = context.domain.expand(multiplier * fact.expression)
            affine = degree_in(term, context.random(term, own)) <= 1
            context.require(affine, f"{fact.key!r} is not affine in what is random")
    for coefficient, base in squares:
        context.nonnegative(coefficient, "the coefficient of a square")
        fixed = isinstance(base, Vector) or not context.random(base, own)
        context.require(fixed or not in_mean, "the mean of a square is no square of a mean")
    if slack != 0:
        context.nonnegative(slack, "the slack")
    context.require(context.domain.has_no_pole(claim), "a denominator may vanish on the domain")


def _squared(base: Any) -> Expr:
    return square(base) if isinstance(base, Vector) else sympify(base) ** 2
