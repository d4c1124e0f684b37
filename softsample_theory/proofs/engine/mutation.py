"""Mutants of a theorem: one sign, constant, term, citation, range or step changed; `check` rejects each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sympy import Add, Integer, Rational, sympify

from softsample_theory.proofs.engine.algebra import ProofError
from softsample_theory.proofs.engine.domain import Definition, Domain
from softsample_theory.proofs.engine.facts import Average, SamplingRule, Sequence
from softsample_theory.proofs.engine.steps import Step
from softsample_theory.proofs.engine.theorem import Theorem

SCALE = Rational(9, 10)


@dataclass(frozen=True)
class Score:
    """How many mutants were made and rejected; the names of the survivors and of the equivalent ones."""

    made: int
    killed: int
    survivors: tuple[str, ...]
    equivalent: tuple[str, ...] = ()


def score(theorem: Theorem) -> Score:
    """Check every mutant of a theorem but those that it lists as equivalent."""
    known, made, survivors = theorem.equivalent, 0, []
    for name, mutant, changed in mutants(theorem):
        if name in known:
            continue
        made += 1
        if not rejected(mutant, changed):
            survivors.append(name)
    return Score(made, made - len(survivors), tuple(survivors), tuple(known))


def rejected(mutant: Theorem, changed: str | None) -> bool:
    """Say whether `check` rejects a mutant: the changed step is tried first, for speed."""
    try:
        if changed is not None:
            context = mutant.context()
            for step in mutant.steps:
                if step.name == changed:
                    mutant.check_step(step, context)
                    break
                context.earlier[step.name] = step
        mutant.check()
    except ProofError:
        return True
    return False


def mutants(theorem: Theorem) -> Iterator[tuple[str, Theorem, str | None]]:
    """Yield each mutant: its name, the changed theorem, and the changed step if it is one."""
    for index, step in enumerate(theorem.steps):
        before, after = theorem.steps[:index], theorem.steps[index + 1 :]
        for label, changed in step_mutants(step):
            yield f"{step.name}: {label}", replace(theorem, steps=(*before, changed, *after)), step.name
        yield f"{step.name}: step dropped", replace(theorem, steps=(*before, *after)), None
    for index, each in enumerate(theorem.assumptions):
        rest = (*theorem.assumptions[:index], *theorem.assumptions[index + 1 :])
        yield f"[{each.key}] dropped", replace(theorem, assumptions=rest), None
        if isinstance(each, SamplingRule):
            for label, scale in (("x 9/10", SCALE), ("sign", Integer(-1)), ("x 2", Integer(2))):
                yield f"[{each.key}] {label}", replace(theorem, assumptions=(*rest, each.scaled(scale))), None
    for label, domain in theorem.domain.widened():
        yield f"domain {label}", replace(theorem, domain=domain), None
    for label, domain in _redefined(theorem.domain):
        yield f"definition {label}", replace(theorem, domain=domain), None


def step_mutants(step: Step) -> Iterator[tuple[str, Step]]:
    """Yield a step with one thing in it changed."""
    for name in ("lhs", "rhs", "slack", "at", "form", "split", "keep", "base"):
        if hasattr(step, name) and not callable(getattr(step, name)):
            for label, value in changed_terms(getattr(step, name)):
                yield f"{name} {label}", _with(step, name, value)
    for name in ("by", "squares"):
        for label, pairs in _changed_pairs(getattr(step, name, ())):
            yield f"{name} {label}", _with(step, name, pairs)
    for label, sequences in _changed_sequences(getattr(step, "sequences", ())):
        yield f"sequence {label}", _with(step, "sequences", sequences)
    for label, rules in _changed_rules(getattr(step, "rules", ())):
        yield f"rule {label}", _with(step, "rules", rules)
    for name in ("expected", "point", "given"):
        for label, mapping in _changed_mapping(getattr(step, name, None) or {}):
            yield f"{name} {label}", _with(step, name, mapping)
    if hasattr(step, "mutants"):
        yield from step.mutants()


def _with(step: Step, name: str, value: Any) -> Step:
    return replace(step, **{name: value})


def changed_terms(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield an expression with one of its terms scaled, with its sign changed, or dropped."""
    terms = Add.make_args(sympify(value))
    for i, term in enumerate(terms):
        if term == 0:
            continue
        rest = Add(*terms[:i], *terms[i + 1 :])
        yield f"term {i + 1} x 9/10", rest + SCALE * term
        yield f"term {i + 1} sign", rest - term
        if len(terms) > 1 or term != 0:
            yield f"term {i + 1} dropped", rest


def _changed_pairs(pairs: tuple[tuple[Any, Any], ...]) -> Iterator[tuple[str, Any]]:
    for i, (multiplier, what) in enumerate(pairs):
        before, after = pairs[:i], pairs[i + 1 :]
        yield f"{i + 1} x 9/10", (*before, (SCALE * multiplier, what), *after)
        yield f"{i + 1} sign", (*before, (-sympify(multiplier), what), *after)
        yield f"{i + 1} dropped", (*before, *after)
        for j in range(i + 1, len(pairs)):
            if sympify(pairs[j][0]) != sympify(multiplier):
                swapped = list(pairs)
                swapped[i], swapped[j] = (pairs[j][0], what), (multiplier, pairs[j][1])
                yield f"{i + 1} and {j + 1} swapped", tuple(swapped)


def _changed_sequences(sequences: tuple[Sequence, ...]) -> Iterator[tuple[str, Any]]:
    for i, each in enumerate(sequences):
        before, after = sequences[:i], sequences[i + 1 :]
        yield f"{each.symbol} starts 1 higher", (*before, replace(each, start=each.start + 1), *after)
        yield f"{each.symbol} starts 1 lower", (*before, replace(each, start=each.start - 1), *after)
        for label, value in changed_terms(each.advanced):
            yield f"{each.symbol} next {label}", (*before, replace(each, advanced=value), *after)


def _changed_rules(rules: tuple[Average, ...]) -> Iterator[tuple[str, Any]]:
    for i, each in enumerate(rules):
        before, after = rules[:i], rules[i + 1 :]
        yield f"[{each.key}] dropped", (*before, *after)
        for symbol, mean in each.means.items():
            changed = replace(each, means={**each.means, symbol: SCALE * mean + int(mean == 0)})
            yield f"[{each.key}] {symbol} x 9/10", (*before, changed, *after)


def _changed_mapping(mapping: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    for symbol, value in mapping.items():
        yield f"{symbol} dropped", {old: new for old, new in mapping.items() if old != symbol}
        yield f"{symbol} moved", {**mapping, symbol: value + 1}


def _redefined(domain: Domain) -> Iterator[tuple[str, Domain]]:
    for i, item in enumerate(domain.items):
        if isinstance(item, Definition):
            changed = replace(item, value=SCALE * item.value)
            yield f"{item.symbol} x 9/10", Domain((*domain.items[:i], changed, *domain.items[i + 1 :]))


__all__ = ["Score", "changed_terms", "mutants", "rejected", "score", "step_mutants"]
