"""A theorem: assumptions, algorithm, steps and conclusions in one object to be checked and evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING, Any, NoReturn

from sympy import Expr, Symbol

from softsample_theory.proofs.engine.algebra import ProofError
from softsample_theory.proofs.engine.context import Context
from softsample_theory.proofs.engine.domain import Domain
from softsample_theory.proofs.engine.facts import Assumption, SamplingRule, Sequence
from softsample_theory.proofs.engine.steps import Step
from softsample_theory.validation import ArgumentValueError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Conclusion:
    """What a theorem concludes: the claim of one of its steps, and what its symbols stand for at the end.

    `meaning` says the left side in words; `sequences` are those on the right side, by their closed forms.
    """

    step: str
    meaning: str
    sequences: tuple[Sequence, ...] = ()

    def closed(self) -> dict[Symbol, Expr]:
        """Return the closed form of every sequence, by symbol."""
        return {each.symbol: each.closed for each in self.sequences if each.closed is not None}


@dataclass(frozen=True)
class Certificate:
    """The record of a check that passed."""

    theorem: str
    steps: tuple[tuple[str, str], ...]
    used: frozenset[str]
    unused: tuple[str, ...]
    seconds: float

    def __str__(self) -> str:
        kinds = ", ".join(sorted({kind for _, kind in self.steps}))
        tail = f"; not used: {', '.join(self.unused)}" if self.unused else ""
        return f"{self.theorem}: {len(self.steps)} steps certified ({kinds}){tail}"


@dataclass(frozen=True, kw_only=True)
class Theorem:
    """A statement with its proof, certified by `check`, evaluated by `bound`, printed by `latex`.

    `also` names steps that are stated for their own sake; every other step must be cited or concluded.
    `equivalent` names the mutants that state something true by the same proof, each with the reason.

    Examples
    --------
    >>> from softsample_theory.proofs import theorems
    >>> theorem = theorems["nonconvex-iid"]
    >>> print(theorem.check())  # doctest: +ELLIPSIS
    nonconvex-iid: ... steps certified (...)
    """

    name: str
    title: str
    source: str
    algorithm: str
    domain: Domain
    assumptions: tuple[Assumption | SamplingRule, ...]
    steps: tuple[Step, ...]
    conclusions: Mapping[str, Conclusion]
    rate: str = ""
    tightness: str = ""
    notes: tuple[str, ...] = ()
    refuted: str = ""
    also: tuple[str, ...] = ()
    equivalent: Mapping[str, str] = field(default_factory=dict)

    def check(self) -> Certificate:
        """Verify every step, in order, and return the record.

        Raises
        ------
        ProofError
            At the first step without a valid certificate, naming it.

        Notes
        -----
        Each call decides every identity and every sign again; a lemma is checked once a process.
        """
        started = perf_counter()
        context = self.context()
        if self.domain.faulty:
            raise ProofError(f"{self.name}: {self.domain.faulty}")
        self._check_rules()
        for step in self.steps:
            self.check_step(step, context)
            context.earlier[step.name] = step
        self._check_conclusions(context.used)
        unused = tuple(each.key for each in self.assumptions if each.key not in context.used)
        steps = tuple((step.name, step.kind) for step in self.steps)
        return Certificate(self.name, steps, frozenset(context.used), unused, perf_counter() - started)

    @cached_property
    def certificate(self) -> Certificate:
        """The record of the first check, for theorems that cite this one."""
        return self.check()

    def context(self) -> Context:
        """Return an empty context with this theorem's domain and assumptions."""
        return Context(self.domain, {each.key: each for each in self.assumptions})

    def check_step(self, step: Step, context: Context) -> None:
        """Check one step, or raise ProofError with the theorem's and the step's names before the reason."""
        if step.name in context.earlier or step.name in context.assumptions:
            raise ProofError(f"{self.name}, step {step.name}: the name is taken")
        context.case = None
        try:
            step.check(context)
        except ProofError as fault:
            raise ProofError(f"{self.name}, step {step.name}: {fault}") from None

    def rests_on(self, name: str) -> set[str]:
        """Return the keys of the assumptions and rules that a step uses, itself or by the steps it cites."""
        names = {step.name for step in self.steps}
        cited = set(self.step(name).cited())
        return (cited - names).union(*(self.rests_on(each) for each in cited & names))

    def step(self, name: str) -> Step:
        """Return the step of that name."""
        return next(each for each in self.steps if each.name == name)

    @property
    def words(self) -> tuple[str, ...]:
        """The arguments of `bound` for the first conclusion."""
        return self._evaluator(next(iter(self.conclusions))).words if self.conclusions else ()

    def bound(self, conclusion: str = "bound", /, **given: Any) -> NDArray[np.float64] | float:
        """Evaluate the right side of a conclusion with NumPy.

        Parameters
        ----------
        conclusion : str
            Which conclusion; the first by default. `theorem.conclusions` lists them.
        **given : array_like
            One value or array for each name in `theorem.words`; they broadcast together.

        Returns
        -------
        float or ndarray of float64
            The bound, of the broadcast shape.

        Raises
        ------
        ArgumentValueError
            If a value breaks an assumption; the line quotes it.
        ArgumentTypeError
            If a name is missing or unknown, or a value is no number.

        Notes
        -----
        Cost: the first call compiles the formula (about 10 ms); after that no SymPy is used, and a million
        parameter sets take well under a second.
        """
        if self.refuted or not self.conclusions:
            self._refuse_to_bound()
        return self._evaluator(conclusion)(given)

    def latex(self) -> str:
        """Return the whole derivation in LaTeX: statement, assumptions, each step with its justification."""
        from softsample_theory.proofs.engine.writing import latex

        return latex(self)

    def text(self) -> str:
        """Return the whole derivation as plain text."""
        from softsample_theory.proofs.engine.writing import text

        return text(self)

    @cached_property
    def _evaluators(self) -> dict[str, Any]:
        return {}

    def _evaluator(self, conclusion: str) -> Any:
        if conclusion not in self.conclusions:
            known = ", ".join(self.conclusions)
            raise ArgumentValueError(f"conclusion is {conclusion!r}; {self.name} has {known}")
        if conclusion not in self._evaluators:
            from softsample_theory.proofs.engine.evaluation import Evaluator

            self._evaluators[conclusion] = Evaluator(self, self.conclusions[conclusion])
        return self._evaluators[conclusion]

    def _refuse_to_bound(self) -> NoReturn:
        why = f"is refuted: {self.refuted}" if self.refuted else "is a lemma for other theorems"
        raise ArgumentValueError(f"{self.name} bounds nothing; it {why}")

    def _check_rules(self) -> None:
        for each in self.assumptions:
            fault = each.fault() if isinstance(each, SamplingRule) else None
            if fault:
                raise ProofError(f"{self.name}, rule {each.key}: enumeration contradicts it: {fault}")

    def _check_conclusions(self, used: set[str]) -> None:
        names = {step.name for step in self.steps}
        stated = {each.step for each in self.conclusions.values()} | set(self.also)
        if not set(self.also) <= names:
            raise ProofError(f"{self.name}: there is no step {sorted(set(self.also) - names)}")
        if idle := [step.name for step in self.steps if step.name not in used | stated]:
            raise ProofError(f"{self.name}: {', '.join(idle)} is neither cited nor concluded")
        for label, conclusion in self.conclusions.items():
            if conclusion.step not in names:
                raise ProofError(f"{self.name}, conclusion {label}: there is no step {conclusion.step!r}")
            step = self.step(conclusion.step)
            for sequence in conclusion.sequences:
                if not sequence.closed_form_holds():
                    what = f"{sequence.symbol} has another closed form"
                    raise ProofError(f"{self.name}, conclusion {label}: {what}")
            if getattr(step, "case", None) is not None:
                raise ProofError(f"{self.name}, conclusion {label}: {step.name} holds in one case only")
