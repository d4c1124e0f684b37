"""Every claim, in order: one package a paper, gathered here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from paper_checks import srs
from paper_checks.claim import Claim
from softsample_theory.validation import reject_value


def _by_id(gathered: Iterable[Claim]) -> Mapping[str, Claim]:
    table: dict[str, Claim] = {}
    for claim in sorted(gathered, key=lambda each: each.id):
        if claim.id in table:
            raise ValueError(f"two claims are called {claim.id}")
        table[claim.id] = claim
    return MappingProxyType(table)


claims = _by_id(srs.CLAIMS)
"""Claim id -> claim, in the order of the ids."""


def select(ids: Iterable[str] | None) -> list[Claim]:
    """Return the claims asked for, each once and in the registry's order; all of them for None or none.

    Raises
    ------
    ArgumentValueError
        For an id that no claim has.

    Examples
    --------
    >>> [claim.id for claim in select(["C03", "c01"])]
    ['C01', 'C03']
    """
    asked = {name.upper(): name for name in ids or ()}
    for key, name in asked.items():
        if key not in claims:
            reject_value("claim", name, "one of " + ", ".join(claims))
    return [claim for key, claim in claims.items() if not asked or key in asked]
