"""A probability and its complement, each to full relative accuracy and with more digits than a float64.

A binomial law of n = 1e12 trials feels the 20th digit of its success probability, and 1 - q^K feels the
digits that a float64 close to 1 has lost. So a probability here is a pair of double-doubles.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction

from softsample_theory.validation import count, fraction

LARGEST_TRIES = 2**62
"""The most tries or trials: more than any plan draws, and an int64."""


@dataclass(frozen=True)
class Chance:
    """The probability p = `p` + `p_low` of an event and its complement q = `q` + `q_low`.

    Made by `Chance.of`, `Chance.all_of` and `Chance.any_of`. `log_p` and `log_q` stay finite where p or q is
    below the smallest float64.

    Accuracy
    --------
    p and q to 1e-31 relative each, their logarithms to half a unit in the last place.

    Examples
    --------
    >>> from fractions import Fraction
    >>> Chance.any_of(Fraction(1, 10), 400).q    # 0.9**400; as 1 - p it would be 0
    4.977414122938492e-19
    """

    p: float
    q: float
    p_low: float = field(repr=False)
    q_low: float = field(repr=False)
    log_p: float = field(repr=False)
    log_q: float = field(repr=False)

    @classmethod
    def of(cls, probability: float | Fraction | Chance) -> Chance:
        """Return the chance of one event; a `Fraction` is taken exactly, a `Chance` as it is."""
        return probability if isinstance(probability, Chance) else cls.all_of(probability, 1)

    @classmethod
    def all_of(cls, probability: float | Fraction, tries: int) -> Chance:
        """Return the chance p^tries that an event happens in every one of `tries` independent tries."""
        p = fraction("probability", probability, zero=True)
        tries = count("tries", tries, 0, LARGEST_TRIES)
        # The complement of p**tries is about as small as 1 - p: carry as many more digits as it will lose.
        digits = 60 + max(0, -_magnitude(1 - p)) + len(str(tries))
        context = Context(prec=digits, Emax=MAX_EMAX, Emin=MIN_EMIN)
        base = context.divide(Decimal(p.numerator), Decimal(p.denominator))
        yes = context.power(base, tries) if tries else Decimal(1)
        return cls._pair(yes, context.subtract(Decimal(1), yes))

    @classmethod
    def any_of(cls, probability: float | Fraction, tries: int) -> Chance:
        """Return the chance 1 - (1-p)^tries that an event happens in at least one of `tries` tries."""
        return cls.all_of(1 - fraction("probability", probability, zero=True), tries).complement()

    @classmethod
    def fewer_than(cls, successes: int, probability: float | Fraction, tries: int) -> Chance:
        """Return the chance that an event happens fewer than `successes` times in `tries` independent tries.

        Takes one multiplication of 60 or more digits for each of the successes.
        """
        p = fraction("probability", probability, zero=True)
        tries = count("tries", tries, 0, LARGEST_TRIES)
        successes = count("successes", successes, 0, LARGEST_TRIES)
        if p == 1 or tries < successes:
            return cls.of(1 if tries < successes else 0)
        # The complement is at least about p**successes: carry as many more digits as it will lose.
        digits = 60 + successes * (1 - min(0, _magnitude(p))) + len(str(tries))
        context = Context(prec=digits, Emax=MAX_EMAX, Emin=MIN_EMIN)
        hit, miss = Fraction(p).as_integer_ratio(), (1 - p).as_integer_ratio()
        odds = context.divide(Decimal(hit[0] * miss[1]), Decimal(hit[1] * miss[0]))
        term = (
            context.power(context.divide(Decimal(miss[0]), Decimal(miss[1])), tries) if tries else Decimal(1)
        )
        total = Decimal(0)
        for j in range(successes):
            total = context.add(total, term)
            term = context.multiply(
                term, context.divide(context.multiply(odds, Decimal(tries - j)), Decimal(j + 1))
            )
        return cls._pair(total, context.subtract(Decimal(1), total))

    def complement(self) -> Chance:
        """Return the chance that the event does not happen."""
        return Chance(self.q, self.p, self.q_low, self.p_low, self.log_q, self.log_p)

    @classmethod
    def _pair(cls, yes: Decimal, no: Decimal) -> Chance:
        (p, p_low), (q, q_low) = _two_floats(yes), _two_floats(no)
        return cls(p, q, p_low, q_low, _log(yes, no), _log(no, yes))


def _magnitude(x: Fraction) -> int:
    """Return the decimal exponent of x, to within one; 0 for x = 0."""
    return len(str(x.numerator)) - len(str(x.denominator)) if x else 0


def _two_floats(x: Decimal) -> tuple[float, float]:
    high = float(x)
    return high, float(Context(prec=60, Emax=MAX_EMAX, Emin=MIN_EMIN).subtract(x, Decimal(high)))


def _log(x: Decimal, complement: Decimal) -> float:
    """Return log x, from the complement alone where x has no digits left beside 1."""
    if complement < Decimal("1e-25"):
        return -float(complement)
    return float(x.ln(Context(prec=25, Emax=MAX_EMAX, Emin=MIN_EMIN))) if x else -math.inf
