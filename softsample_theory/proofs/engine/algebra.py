"""Exact algebra for proofs: vectors by their inner products, and equality decided over the rationals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import (
    Add,
    Expr,
    Float,
    Integer,
    Mul,
    Poly,
    Pow,
    Rational,
    Symbol,
    expand,
    fraction,
    prime,
    sympify,
    together,
)
from sympy.polys.polyerrors import CoercionFailed, PolynomialError


class ProofError(ValueError):
    """A step has no valid certificate. The message names the theorem and the step."""


class Named(Symbol):
    """A commuting symbol that knows how it is typeset. It carries no sign: signs come from the domain."""

    tex: str

    def __new__(cls, name: str, tex: str | None = None) -> Named:
        """Make a symbol; two with one name are the same symbol."""
        made: Named = Symbol.__xnew__(cls, name)
        made.tex = tex or name
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str, str], dict[str, Any]]:
        return (self.name, self.tex), {}

    def _latex(self, _printer: object) -> str:
        return self.tex


class Vector(Mapping[Named, Expr]):
    """A linear combination of named basis vectors, with coefficients that are expressions."""

    def __init__(self, coefficients: Mapping[Named, Expr]) -> None:
        self._coefficients = dict(coefficients)

    def __getitem__(self, basis: Named) -> Expr:
        return self._coefficients[basis]

    def __iter__(self) -> Any:
        return iter(self._coefficients)

    def __len__(self) -> int:
        return len(self._coefficients)

    def __hash__(self) -> int:
        return hash(frozenset(self._coefficients.items()))

    def __add__(self, other: Vector) -> Vector:
        merged = dict(self._coefficients)
        for basis, coefficient in other.items():
            merged[basis] = merged.get(basis, Integer(0)) + coefficient
        return Vector(merged)

    def __rmul__(self, scale: Any) -> Vector:
        return Vector({basis: sympify(scale) * coefficient for basis, coefficient in self.items()})

    __mul__ = __rmul__

    def __truediv__(self, scale: Any) -> Vector:
        return (1 / sympify(scale)) * self

    def __neg__(self) -> Vector:
        return -1 * self

    def __sub__(self, other: Vector) -> Vector:
        return self + (-other)

    def expression(self) -> Expr:
        """Return the combination as a sum of symbols, for printing."""
        return sum((coefficient * basis for basis, coefficient in self.items()), Integer(0))


def vector(name: str, tex: str | None = None) -> Vector:
    """Return one named basis vector."""
    return Vector({Named(name, tex): Integer(1)})


def inner(u: Vector, v: Vector) -> Expr:
    """Return <u, v>, expanded into one commuting symbol for each unordered pair of basis vectors."""
    return sum((c * d * _pair(i, j) for i, c in u.items() for j, d in v.items()), Integer(0))


def square(u: Vector) -> Expr:
    """Return |u|^2."""
    return inner(u, u)


def _pair(i: Named, j: Named) -> Named:
    if i == j:
        return Named(f"|{i.name}|²", rf"\|{i.tex}\|^2")
    first, second = sorted((i, j), key=lambda basis: basis.name)
    return Named(f"⟨{first.name},{second.name}⟩", rf"\langle {first.tex}, {second.tex}\rangle")


def is_square(symbol: Symbol) -> bool:
    """Say whether a symbol is by its name a squared norm, |v|², or a mean of such, S²: never negative."""
    return symbol.name.endswith("|²") or symbol.name == "S²"


def mentions(symbol: Symbol, basis: Named) -> bool:
    """Say whether a symbol is an inner product in which `basis` takes part."""
    name = symbol.name
    return name == f"|{basis.name}|²" or (
        name.startswith("⟨") and basis.name in name.removeprefix("⟨").removesuffix("⟩").split(",")
    )


def is_zero(expression: Any) -> bool:
    """Decide whether a rational function over Q is the zero function: its numerator is the zero polynomial.

    Anything else than a rational function with rational coefficients is refused: a proof holds no floats and
    no roots. A value at one rational point that is not zero settles the matter sooner; a zero there does not.
    """
    whole = sympify(expression)
    point = zip(sorted(whole.free_symbols, key=str), _POINT, strict=False)
    value = whole.xreplace({symbol: Rational(entry, 7) for symbol, entry in point})
    if value.is_Rational and value != 0:
        return False
    return numerator_and_denominator(expression)[0].is_zero


_POINT = tuple(prime(index) for index in range(6, 106))


def numerator_and_denominator(expression: Any) -> tuple[Poly, Poly]:
    """Return the two polynomials of a rational function over Q, in all its symbols."""
    whole = sympify(expression)
    if whole.has(Float):
        raise ProofError(f"a float stands in {whole}; proofs are exact")
    top, bottom = fraction(together(whole))
    symbols = sorted(whole.free_symbols, key=str) or [Symbol("1")]
    try:
        return Poly(expand(top), *symbols, domain="QQ"), Poly(expand(bottom), *symbols, domain="QQ")
    except (PolynomialError, CoercionFailed):
        raise ProofError(f"{whole} is no rational function with rational coefficients") from None


def degree_in(expression: Any, symbols: set[Symbol]) -> int:
    """Return the total degree of a polynomial in `symbols`; their coefficients may be any other function."""
    whole = sympify(expression)
    inside = sorted(whole.free_symbols & symbols, key=str)
    if not inside:
        return 0
    at_most = _degree_bound(whole, set(inside))
    if at_most is not None and at_most <= 1:
        return at_most
    return int(Poly(expand(together(whole)), *inside).total_degree())


def _degree_bound(part: Expr, symbols: set[Symbol]) -> int | None:
    """Return an upper bound of the degree, read off the shape of the expression; None if it is hidden."""
    if not part.free_symbols & symbols:
        return 0
    if part in symbols:
        return 1
    if isinstance(part, Pow) and part.exp.is_Integer and part.exp > 0:
        base = _degree_bound(part.base, symbols)
        return None if base is None else base * int(part.exp)
    if isinstance(part, Add | Mul):
        degrees = [_degree_bound(each, symbols) for each in part.args]
        if None in degrees:
            return None
        known = [degree for degree in degrees if degree is not None]
        return max(known) if isinstance(part, Add) else sum(known)
    return None
