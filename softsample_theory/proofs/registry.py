"""The theorems by name, each loaded when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from softsample_theory.validation import ArgumentValueError

if TYPE_CHECKING:
    from softsample_theory.proofs.engine.theorem import Theorem

MODULES = {
    "nonconvex-iid": "nonconvex_iid",
    "pass-drift": "pass_drift",
    "nonconvex-subset": "nonconvex_subset",
    "pl-iid": "pl_iid",
    "pl-iid-decaying": "pl_iid:decaying",
    "pl-subset": "pl_subset",
    "pl-subset-decaying": "pl_subset:decaying",
    "strongly-convex-iid": "strongly_convex_iid",
    "convex-iid": "convex_iid",
    "convex-subset": "convex_subset",
    "momentum-iid": "momentum_iid",
    "fixed-subset": "fixed_subset",
    "quadratic-iid": "quadratics:iid",
    "quadratic-subset": "quadratics:subset",
    "stability-convex": "stability",
    "stability-strongly-convex": "stability:strongly_convex",
    "stability-nonconvex": "stability:nonconvex",
    "paper-eq7": "paper_eq7",
    "paper-eq7-repaired": "paper_eq7:repaired",
    "paper-eq8": "paper_eq8",
    "paper-remark": "paper_remark",
    "nonconvex-distinct": "nonconvex_distinct",
    "nonconvex-interval": "interval",
    "warm-start": "warm_start",
    "noise-factors": "noise_factors",
    "gap-identity": "generalisation_gap",
    "stability-burn-in": "stability_burn_in",
}


class Theorems(Mapping[str, "Theorem"]):
    """The theorems by name; an unknown name gives one line that lists the known ones."""

    def __getitem__(self, name: str) -> Theorem:
        if name not in MODULES:
            raise ArgumentValueError(f"theorem is {name!r}; it must be one of {', '.join(MODULES)}")
        module, _, attribute = MODULES[name].partition(":")
        loaded = importlib.import_module(f"softsample_theory.proofs.derivations.{module}")
        theorem: Theorem = getattr(loaded, attribute or "theorem")
        return theorem

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


theorems = Theorems()
