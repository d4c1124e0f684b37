"""The conclusion of a theorem as a NumPy function that first holds its arguments to the assumptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, lambdify

from softsample_theory.proofs.engine.domain import Definition, Domain, Variable, plain
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError

if TYPE_CHECKING:
    from softsample_theory.proofs.engine.theorem import Conclusion, Theorem

MODULES = [{"Max": np.maximum}, "numpy"]
Numbers = NDArray[np.float64]


class Evaluator:
    """One conclusion of one theorem, compiled: SymPy is used here and never in a call."""

    def __init__(self, theorem: Theorem, conclusion: Conclusion) -> None:
        self._theorem = theorem.name
        value = theorem.step(conclusion.step).rhs.xreplace(conclusion.closed())
        items = theorem.domain.needed(value)
        self._inputs = [item for item in items if item.word]
        symbols = [item.symbol for item in self._inputs]
        self._given: list[tuple[Variable, Any]] = []
        for item in items:
            if isinstance(item, Variable) and item.given is not None and not item.word:
                known = [*symbols, *(earlier.symbol for earlier, _ in self._given)]
                reading = theorem.domain.spelled(item.given, set(known))
                self._given.append((item, lambdify(known, reading, MODULES, cse=True)))
        every = [*symbols, *(item.symbol for item, _ in self._given)]
        self._ends = [
            (item, *(_compile(every, theorem.domain, end) for end in (item.low, item.high)))
            for item in items
            if isinstance(item, Variable)
        ]
        value = theorem.domain.spelled(value, set(every))
        unknown = value.free_symbols - set(every)
        if unknown:
            raise ValueError(f"{theorem.name}: the conclusion leaves {sorted(map(str, unknown))} open")
        self._formula = lambdify(every, value, MODULES, cse=True)

    @property
    def words(self) -> tuple[str, ...]:
        """The arguments, in order."""
        return tuple(item.word or "" for item in self._inputs)

    def __call__(self, given: dict[str, Any]) -> Numbers | float:
        """Evaluate at the arguments given by word."""
        arrays = self._arrays(given)
        named = dict(zip((item.symbol for item in self._inputs), arrays, strict=True))
        for item, formula in self._given:
            with np.errstate(all="ignore"):  # what is out of range is refused below, by name
                value = np.asarray(formula(*named.values()), dtype=np.float64)
            if item.at_zero_over_zero is not None:
                value = np.where(np.isnan(value), item.at_zero_over_zero, value)
            named[item.symbol] = value
        every = list(named.values())
        for item, low, high in self._ends:
            self._hold(item, named, low, high, every)
        result = np.asarray(self._formula(*every), dtype=np.float64)
        shape = np.broadcast_shapes(*(np.shape(each) for each in arrays))
        return float(result) if shape == () else np.broadcast_to(result, shape).copy()

    def _arrays(self, given: dict[str, Any]) -> list[Numbers]:
        words = [item.word or "" for item in self._inputs]
        if set(given) != set(words):
            raise ArgumentTypeError(
                f"{self._theorem} takes {', '.join(words)}; given were {', '.join(given) or 'none'}"
            )
        return [_numbers(item, given[item.word or ""]) for item in self._inputs]

    def _hold(
        self, item: Variable, named: dict[Any, Numbers], low: Any, high: Any, every: list[Numbers]
    ) -> None:
        value = named[item.symbol]
        with np.errstate(all="ignore"):
            inside = (value > low(*every)) if item.low_open else (value >= low(*every))
            if item.high is not None:
                inside &= (value < high(*every)) if item.high_open else (value <= high(*every))
            if item.whole:
                inside &= value == np.round(value)
        if not np.all(inside):
            self._refuse(item, value, np.asarray(inside))

    def _refuse(self, item: Variable, value: Numbers, inside: NDArray[np.bool_]) -> None:
        value, inside = np.broadcast_arrays(value, inside)
        worst = float(value[~inside].ravel()[0])
        name = item.word or f"{item.symbol} = {plain(item.given)}"
        whole = ", a whole number" if item.whole else ""
        raise ArgumentValueError(
            f"{name} is {repr(worst).removesuffix('.0')}; {self._theorem} assumes"
            f" {item.range_text()}{whole} ({item.meaning})"
        )


def _compile(symbols: list[Any], domain: Domain, end: Expr | None) -> Any:
    return None if end is None else lambdify(symbols, domain.spelled(end, set(symbols)), MODULES)


def _numbers(item: Variable | Definition, value: Any) -> Numbers:
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        raise ArgumentTypeError(f"{item.word} is {value!r}; it must be a number or an array of numbers")
    numbers = array.astype(np.float64)
    if not np.all(np.isfinite(numbers)):
        raise ArgumentValueError(f"{item.word} is not finite; it must be ({item.meaning})")
    if isinstance(item, Definition) and item.whole and not np.all(numbers == np.round(numbers)):
        raise ArgumentValueError(f"{item.word} must be a whole number ({item.meaning})")
    return numbers
