"""Every mutant of every theorem is rejected, except those named as equivalent, which must be."""

from __future__ import annotations

import pytest

from softsample_theory.proofs import theorems
from softsample_theory.proofs.engine.mutation import mutants, rejected, score


@pytest.mark.parametrize("name", theorems)
def test_every_mutant_is_rejected(name: str) -> None:
    result = score(theorems[name])
    assert result.survivors == ()
    assert result.killed == result.made > 0


@pytest.mark.parametrize("name", theorems)
def test_equivalent_mutants_exist_and_pass(name: str) -> None:
    theorem = theorems[name]
    made = {label: (mutant, changed) for label, mutant, changed in mutants(theorem)}
    for label, reason in theorem.equivalent.items():
        assert reason
        assert not rejected(*made[label]), f"{label} is rejected: it needs no excuse"
