"""The steps a proof is made of. Each kind has one rule, and `check` refuses whatever the rule does not cover.

Every decision is exact: identities over the rationals, signs by coefficients on the domain. Vectors enter
through their inner products, commuting symbols; a claim is `left <= right` unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sympy import Expr, Symbol, sympify

from softsample_theory.proofs.engine.algebra import ProofError, Vector, degree_in, is_zero, mentions, square
from softsample_theory.proofs.engine.context import Context
from softsample_theory.proofs.engine.facts import Average, Fact, Sequence

Terms = tuple[tuple[Any, Fact], ...]
Squares = tuple[tuple[Any, Any], ...]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: its name, what it claims, and a sentence that says why in words."""

    kind: ClassVar[str] = ""
    relation: ClassVar[str] = "<="
    name: str
    lhs: Any
    rhs: Any
    why: str = ""

    def claimed(self) -> Expr:
        """Return right side minus left side."""
        return sympify(self.rhs) - sympify(self.lhs)

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
            context.require(no_pole(context, side), "a denominator may vanish on the domain")


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
            len(new) == len(self.expected) and not new & (before.free_symbols | context.deterministic()),
            "the mean of a function value needs a name of its own",
        )
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
    Facts about one step are used in the mean, so they must be affine in what is random.
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
            self._starts_its_range(context, each)
        if self.equality:
            context.require(self.base == 0, "the base fails")
            context.require(not (self.by or self.squares or self.slack), "an equality cites no inequality")
            context.same(ahead, self.keep * claim, "the step fails")
            return
        context.nonnegative(self.base, "right minus left at the start")
        fixed = context.deterministic() | {each.symbol for each in self.sequences if not each.random}
        for _, fact in self.by:
            degree = degree_in(fact.expression, fact.expression.free_symbols - fixed)
            context.require(degree <= 1, f"{fact.key!r} is not affine in what is random")
        own = Fact(self.name, claim)
        context.nonnegative(self.keep, "the factor on the claim at t")
        certify(context, ahead - self.keep * own.expression, self.by, self.squares, self.slack)

    def _starts_its_range(self, context: Context, sequence: Sequence) -> None:
        """Fail if an index is claimed for values that the induction does not reach."""
        for item in context.domain.variables:
            if item.symbol == sequence.symbol:
                context.require(item.whole, f"{sequence.symbol} is an index and must be whole")
                context.same(item.low, sequence.start, f"the range of {sequence.symbol} starts elsewhere")


@dataclass(frozen=True, kw_only=True)
class Optimise(Step):
    """`objective` >= `value` for every positive `variable`, with equality at `at`.

    Certified by a vanishing derivative at `at`, a second derivative that is positive for every positive
    variable (so the objective is convex), and the value there.
    """

    kind: ClassVar[str] = "optimise"
    relation: ClassVar[str] = ">="
    variable: Symbol
    at: Any

    def check(self, context: Context) -> None:
        """Certify the claim or raise ProofError."""
        objective, at = context.domain.expand(self.lhs), context.domain.expand(self.at)
        slope = objective.diff(self.variable)
        context.require(is_zero(slope.subs(self.variable, at)), "the derivative does not vanish there")
        convex = context.domain.positive(slope.diff(self.variable))
        context.require(convex, "the second derivative may be <= 0")
        context.require(context.domain.positive(at), "the optimum is not shown to be positive")
        context.same(objective.subs(self.variable, at), self.rhs, "the value there is another")

    def claimed(self) -> Expr:
        """Return objective minus value."""
        return sympify(self.lhs) - sympify(self.rhs)


@dataclass(frozen=True, kw_only=True)
class Limit(Step):
    """The limit of `lhs` is `rhs`: `form` equals lhs where both are defined and is continuous at `point`."""

    kind: ClassVar[str] = "limit"
    relation: ClassVar[str] = "->"
    form: Any
    point: Mapping[Symbol, Any]
    given: Mapping[Symbol, Any] = field(default_factory=dict)

    def check(self, context: Context) -> None:
        """Certify the claim or raise ProofError."""
        given = {symbol: sympify(value) for symbol, value in self.given.items()}
        left, form = (context.domain.expand(side).xreplace(given) for side in (self.lhs, self.form))
        context.same(left, form, "the form to be continued is another function")
        point = {symbol: sympify(value) for symbol, value in self.point.items()}
        top, bottom = sympify(self.form).as_numer_denom()
        at_point = context.domain.expand(bottom.xreplace(point))
        context.require(
            context.domain.positive(at_point) or context.domain.positive(-at_point),
            "the form has a pole at the point",
        )
        context.same(top.xreplace(point), self.rhs * bottom.xreplace(point), "the limit is another")


def certify(
    context: Context, claim: Any, by: Terms, squares: Squares, slack: Any, case: Fact | None = None
) -> None:
    """Certify claim >= 0 by multipliers, squares and slack, or raise ProofError."""
    certificate, context.case = sympify(slack), case
    for multiplier, fact in by:
        expression = fact.expression if fact is case else context.cite(fact)
        certificate += multiplier * expression
        context.nonnegative(multiplier, f"the multiplier of {fact.key!r}")
    for coefficient, base in squares:
        certificate += coefficient * (square(base) if isinstance(base, Vector) else sympify(base) ** 2)
        context.nonnegative(coefficient, "the coefficient of a square")
    if slack != 0:
        context.nonnegative(slack, "the slack")
    context.same(claim, certificate, "right minus left is not the combination given")


def no_pole(context: Context, expression: Any) -> bool:
    """Say whether the denominator of an expression is nonzero on the domain."""
    return context.domain.has_no_pole(expression)
