"""The command `derive`: one line on bad names, the whole derivation otherwise."""

from __future__ import annotations

import pytest

from softsample_theory.proofs import theorems
from softsample_theory.proofs.commands import derive
from softsample_theory.validation import ArgumentValueError


def test_list_names_every_theorem(capsys: pytest.CaptureFixture[str]) -> None:
    derive(list_=True)
    printed = capsys.readouterr().out
    for name in theorems:
        assert name in printed


def test_text_and_latex(capsys: pytest.CaptureFixture[str]) -> None:
    derive("nonconvex-iid")
    printed = capsys.readouterr().out
    assert "A5 (inequality)" in printed
    assert "Checked: nonconvex-iid: 10 steps certified" in printed
    derive("nonconvex-iid", latex=True)
    printed = capsys.readouterr().out
    assert printed.startswith("% nonconvex-iid: 10 steps certified")
    assert r"\begin{enumerate}" in printed


def test_bad_names_are_one_line() -> None:
    with pytest.raises(ArgumentValueError, match=r"^theorem is 'x'; it must be one of nonconvex-iid, "):
        derive("x")
    with pytest.raises(ArgumentValueError, match=r"^no theorem is named"):
        derive()
