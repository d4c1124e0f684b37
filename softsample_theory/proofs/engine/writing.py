"""A derivation in words: the same steps as plain text and as LaTeX, each with its justification."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Pow, sympify
from sympy import latex as _tex

from softsample_theory.proofs.engine.algebra import Vector
from softsample_theory.proofs.engine.calculus import Limit, Optimise
from softsample_theory.proofs.engine.domain import Definition, Variable, plain
from softsample_theory.proofs.engine.facts import Average, Fact, SamplingRule
from softsample_theory.proofs.engine.steps import Cases, Expectation, Identity, Induction, Inequality, Step
from softsample_theory.proofs.engine.theorem import Conclusion, Theorem

_RELATIONS = {
    "<=": ("≤", r"\leq"),
    ">=": ("≥", r"\geq"),
    "=": ("=", "="),
    "->": ("→", r"\rightarrow"),
    ">": (">", ">"),
}


def text(theorem: Theorem) -> str:
    """Return the derivation as plain text."""
    return "\n".join(_text_lines(theorem))


def latex(theorem: Theorem) -> str:
    """Return the derivation as LaTeX for a document that loads amsmath and amssymb."""
    return "\n".join(_latex_lines(theorem))


def math(value: Any) -> str:
    """Return an expression or a vector in LaTeX, without delimiters."""
    return str(_tex(value.expression() if isinstance(value, Vector) else sympify(value)))


def shown(value: Any) -> str:
    """Return an expression or a vector as text."""
    return plain(value.expression() if isinstance(value, Vector) else value)


def _text_lines(theorem: Theorem) -> Iterator[str]:
    yield f"{theorem.name}: {theorem.title}"
    yield f"Source: {theorem.source}"
    yield f"Algorithm: {theorem.algorithm}"
    if theorem.refuted:
        yield f"Refuted: {theorem.refuted}"
    yield "Parameters:"
    yield from (f"  {_parameter(item)}" for item in theorem.domain)
    yield "Assumptions and rules:"
    yield from (f"  [{each.key}] {each.text}" for each in theorem.assumptions)
    yield "Steps:"
    for step in theorem.steps:
        relation = _RELATIONS[step.relation][0]
        yield f"  {step.name} ({step.kind}): {shown(step.lhs)} {relation} {shown(step.rhs)}"
        yield from (f"      {line}" for line in _reasons(step, shown, "{}", " x "))
        if step.why:
            yield f"      {step.why}"
    yield from _text_end(theorem)


def _text_end(theorem: Theorem) -> Iterator[str]:
    for label, conclusion in theorem.conclusions.items():
        rhs = _right_side(theorem, conclusion)
        relation = "=" if theorem.step(conclusion.step).relation == "=" else "≤"
        yield f"Conclusion ({label}): {conclusion.meaning} {relation} {shown(rhs)}"
    for name, line in (("Rate", theorem.rate), ("Tightness", theorem.tightness)):
        if line:
            yield f"{name}: {line}"
    yield from (f"Note: {note}" for note in theorem.notes)


def _right_side(theorem: Theorem, conclusion: Conclusion) -> Any:
    """Return the right side with sequences by their closed forms and roots written out."""
    value = sympify(theorem.step(conclusion.step).rhs).xreplace(conclusion.closed())
    roots = {
        item.symbol: item.given
        for item in theorem.domain.variables
        if item.given is not None and any(not power.exp.is_integer for power in item.given.atoms(Pow))
    }
    return value.xreplace(roots)


def _parameter(item: Variable | Definition) -> str:
    if isinstance(item, Definition):
        return f"{item.symbol} = {plain(item.value)}: {item.meaning}"
    given = f", read as {plain(item.given)}" if item.given is not None else ""
    return f"{item.range_text()}{', whole' if item.whole else ''}{given}: {item.meaning}"


def _latex_lines(theorem: Theorem) -> Iterator[str]:
    yield rf"\paragraph{{{escape(theorem.title)}}} ({escape(theorem.source)})"
    yield rf"\emph{{Algorithm.}} {escape(theorem.algorithm)}"
    if theorem.refuted:
        yield rf"\emph{{Refuted.}} {escape(theorem.refuted)}"
    yield r"\begin{itemize}"
    yield from (rf"\item {_range_tex(item)} ({escape(item.meaning)})" for item in theorem.domain)
    for each in theorem.assumptions:
        yield rf"\item[\textsf{{{escape(each.key)}}}] {escape(each.text)}: ${each.tex}$"
    yield r"\end{itemize}"
    yield r"\begin{enumerate}"
    for step in theorem.steps:
        yield rf"\item[\textsf{{{escape(step.name)}}}] \emph{{{step.kind}.}}"
        yield rf"\[ {math(step.lhs)} {_RELATIONS[step.relation][1]} {math(step.rhs)} \]"
        reasons = list(_reasons(step, math, "${}$", r" \times "))
        if step.why:
            reasons.append(escape(step.why))
        yield r" \\ ".join(reasons)
    yield r"\end{enumerate}"
    for label, conclusion in theorem.conclusions.items():
        rhs = _right_side(theorem, conclusion)
        relation = "=" if theorem.step(conclusion.step).relation == "=" else r"\leq"
        said = rf"\textbf{{Conclusion ({escape(label)}).}} {escape(conclusion.meaning)}"
        yield rf"{said} ${relation} {math(rhs)}$."
    yield from (rf"\emph{{Note.}} {escape(note)}" for note in theorem.notes)


def _range_tex(item: Variable | Definition) -> str:
    if isinstance(item, Definition):
        return f"${math(item.symbol)} = {math(item.value)}$"
    if item.high is None:
        return rf"${math(item.symbol)} {'>' if item.low_open else chr(92) + 'geq'} {math(item.low)}$"
    left, right = ("<" if item.low_open else r"\leq"), ("<" if item.high_open else r"\leq")
    return rf"${math(item.low)} {left} {math(item.symbol)} {right} {math(item.high)}$"


def _reasons(step: Step, write: Any, wrap: str, times: str) -> Iterator[str]:
    """Yield the lines of a justification, formulas written by `write` and put into `wrap`."""

    def formula(value: Any) -> str:
        return wrap.format(write(value))

    def term(multiplier: Any, fact: Fact) -> str:
        at_least = r" \geq 0" if times.startswith(" \\") else " ≥ 0"
        product = f"{write(multiplier)}{times}({write(fact.expression)}{at_least})"
        return f"{wrap.format(product)} [{escape(fact.key) if wrap != '{}' else fact.key}]"

    if isinstance(step, Inequality | Induction):
        if isinstance(step, Induction):
            yield "start: " + ", ".join(f"{formula(s.symbol)} = {formula(s.start)}" for s in step.sequences)
            yield "next: " + ", ".join(
                f"{formula(s.symbol)} := {formula(s.advanced)}" for s in step.sequences
            )
        yield from (term(multiplier, fact) for multiplier, fact in step.by)
        yield from (f"square: {formula(c)} times the square of {formula(q)}" for c, q in step.squares)
        if step.slack != 0:
            yield f"and {formula(step.slack)}, nonnegative on the domain"
    elif isinstance(step, Expectation):
        for rule in step.rules:
            yield from _means(rule, formula)
        yield from (f"E of {formula(old)} is named {formula(new)}" for old, new in step.expected.items())
    elif isinstance(step, Optimise):
        place = f"{formula(step.variable)} = {formula(step.at)}"
        yield f"least at {place}: the derivative vanishes there, the second derivative is positive"
    elif isinstance(step, Limit):
        yield f"equal to {formula(step.form)}, continuous where " + ", ".join(
            f"{formula(old)} = {formula(new)}" for old, new in step.point.items()
        )
    elif isinstance(step, Cases):
        yield f"{step.when.key} if {formula(step.split)} is nonnegative, {step.otherwise.key} if not"
    elif isinstance(step, Identity):
        yield "decided over the rationals"


def _means(rule: Average, formula: Any) -> Iterator[str]:
    for symbol, mean in rule.means.items():
        yield f"E of {formula(symbol)} is {formula(mean)} [{rule.key}]"


_ESCAPES = {"&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}"}
_SIGNS = {
    "η": r"$\eta$",
    "σ²": r"$\sigma^2$",
    "σ": r"$\sigma$",
    "μ": r"$\mu$",
    "β": r"$\beta$",
    "γ": r"$\gamma$",
    "κ": r"$\kappa$",
    "Δ": r"$\Delta$",
    "ρ": r"$\rho$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "²": r"$^2$",
    "Σ": r"$\sum$",
    "∇": r"$\nabla$",
    "→": r"$\rightarrow$",
    "⟨": r"$\langle$",
    "⟩": r"$\rangle$",
}


def escape(words: str) -> str:
    """Return plain words as LaTeX text."""
    for sign, command in {**_ESCAPES, **_SIGNS}.items():
        words = words.replace(sign, command)
    return words


__all__ = ["SamplingRule", "escape", "latex", "math", "shown", "text"]
