"""A step that cites another theorem of this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from softsample_theory.proofs.engine.context import Context
from softsample_theory.proofs.engine.facts import Sequence
from softsample_theory.proofs.engine.steps import Step
from softsample_theory.proofs.engine.theorem import Theorem


@dataclass(frozen=True, kw_only=True)
class Lemma(Step):
    """The claim of a step of another theorem, under its assumptions and on its domain.

    The theorem must pass its own check, its assumptions must be among this theorem's, and the parameters in
    the claim must be the same here, with the same ranges.
    """

    kind: ClassVar[str] = "lemma"
    theorem: Theorem
    step: str

    @property
    def takes_mean(self) -> bool:  # type: ignore[override]
        """Say whether the cited step holds in the mean only."""
        inside = self.theorem.context()
        inside.earlier = {step.name: step for step in self.theorem.steps}
        return inside.in_mean([self.step])

    @property
    def borrowed(self) -> tuple[Sequence, ...]:
        """The sequences of the cited theorem: they mean the same here."""
        return tuple(each for step in self.theorem.steps for each in getattr(step, "sequences", ()))

    def check(self, context: Context) -> None:
        """Certify the claim or raise ProofError."""
        self.theorem.certificate  # noqa: B018  the lemma is checked, once
        source = self.theorem.step(self.step)
        context.require(getattr(source, "case", None) is None, "it cites what holds in one case only")
        context.require(source.relation == "<=" == self.relation, "it cites no inequality")
        for mine, stated in ((self.lhs, source.lhs), (self.rhs, source.rhs)):
            context.same(mine, stated, f"it misquotes {self.theorem.name}")
        its = self.theorem.domain
        absent = set(its.needed(self.claimed())) - set(its.needed(self.claimed(), read=False))
        absent = {item for item in absent if item.symbol not in context.domain.symbols}
        for item in set(its.needed(self.claimed())) - absent:
            context.require(item in context.domain.items, f"{item.symbol} has another range in the lemma")
        for each in self.theorem.assumptions:
            if each.key in self.cited():
                known = context.assumptions.get(each.key) is each
                context.require(known, f"the lemma assumes {each.key!r}, which the theorem does not")
                context.used.add(each.key)

    def cited(self) -> tuple[str, ...]:
        """Return the assumptions that the cited claim rests on."""
        return tuple(sorted(self.theorem.rests_on(self.step)))


def cite(theorem: Theorem, step: str, name: str, why: str = "") -> Lemma:
    """Return the step that cites `step` of `theorem`."""
    source = theorem.step(step)
    return Lemma(name=name, lhs=source.lhs, rhs=source.rhs, theorem=theorem, step=step, why=why)
