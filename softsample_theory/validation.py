"""Checks on arguments: one clear line that names the argument, what it was and what it may be."""

from __future__ import annotations

import math
from fractions import Fraction
from numbers import Integral, Rational, Real
from typing import NoReturn

LARGEST_COUNT = 2**53
"""The largest population: every count up to here is a float64 without rounding."""


class ArgumentValueError(ValueError):
    """A value outside its range. The command line turns it into exit code 2."""


class ArgumentTypeError(TypeError):
    """A value of the wrong type. The command line turns it into exit code 2."""


def reject_value(name: str, value: object, allowed: str) -> NoReturn:
    """Raise the one line that says what `name` was and what it may be."""
    shown = str(value) if isinstance(value, Fraction) else repr(value)
    raise ArgumentValueError(f"{name} is {shown}; it must be {allowed}")


def reject_type(name: str, value: object, allowed: str) -> NoReturn:
    """Raise the one line that says which type `name` had and what it may be."""
    raise ArgumentTypeError(f"{name} is {value!r} ({type(value).__name__}); it must be {allowed}")


def count(name: str, value: object, low: int = 0, high: int = LARGEST_COUNT) -> int:
    """Return `value` as an int, or say why it is no count from `low` to `high`."""
    allowed = f"a whole number from {low} to {high}"
    if isinstance(value, bool) or not isinstance(value, Integral):
        if getattr(value, "shape", None) == () and getattr(getattr(value, "dtype", None), "kind", "") in "iu":
            return count(name, value.item(), low, high)  # type: ignore[attr-defined]
        reject_type(name, value, allowed)
    number = int(value)
    if not low <= number <= high:
        reject_value(name, number, allowed)
    return number


def real(
    name: str, value: object, low: float, high: float, *, open_low: bool = False, open_high: bool = False
) -> float:
    """Return `value` as a float in the interval, or say why it is not there."""
    allowed = f"a number in {'(' if open_low else '['}{low:g}, {high:g}{')' if open_high else ']'}"
    if isinstance(value, bool) or not isinstance(value, Real):
        reject_type(name, value, allowed)
    number = float(value)
    inside = (low < number if open_low else low <= number) and (
        number < high if open_high else number <= high
    )
    if math.isnan(number) or not inside:
        reject_value(name, value, allowed)
    return number


def fraction(name: str, value: object, *, zero: bool = False, one: bool = True) -> Fraction:
    """Return `value` as an exact Fraction in (0, 1], with either end opened or closed as asked."""
    real(name, value, 0.0, 1.0, open_low=not zero, open_high=not one)
    return Fraction(value) if isinstance(value, Rational) else Fraction(float(value))  # type: ignore[arg-type]


def decimal(name: str, value: object, *, zero: bool = False) -> Fraction:
    """Return the rational number in (0, 1] that is meant: of a float, the decimal that it prints as."""
    number = real(name, value, 0.0, 1.0, open_low=not zero)
    return Fraction(value) if isinstance(value, Rational) else Fraction(repr(number))


def choice(name: str, value: object, allowed: tuple[str, ...]) -> str:
    """Return `value` if it is one of `allowed`."""
    if not isinstance(value, str):
        reject_type(name, value, "one of " + ", ".join(allowed))
    if value not in allowed:
        reject_value(name, value, "one of " + ", ".join(allowed))
    return value
