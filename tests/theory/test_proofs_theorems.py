"""Every theorem checks, prints and bounds, and nothing in it is idle."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import ClassVar

import numpy as np
import pytest

from softsample_theory.proofs import theorems
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError

SAMPLE = {
    "smoothness": 2.0,
    "variance": 3.0,
    "gap": 5.0,
    "batch": 2,
    "subset": 10,
    "epochs": 7,
    "population": 40,
}


@pytest.mark.parametrize("name", theorems)
def test_every_step_is_certified_and_every_assumption_used(name: str) -> None:
    certificate = theorems[name].check()
    assert certificate.theorem == name
    assert len(certificate.steps) == len(theorems[name].steps)
    assert certificate.unused == ()


@pytest.mark.parametrize("name", theorems)
def test_latex_names_every_step_and_each_formula_parses(name: str) -> None:
    from matplotlib.mathtext import MathTextParser

    theorem = theorems[name]
    source = theorem.latex()
    for step in theorem.steps:
        assert rf"\item[\textsf{{{step.name}}}]" in source
    parser = MathTextParser("agg")
    for formula in re.findall(r"\\\[ (.*?) \\\]|\$(.+?)\$", source):
        parser.parse("$" + "".join(formula).replace(r"\tag", "") + "$")
    assert source.count("{") == source.count("}")


@pytest.mark.parametrize("name", theorems)
def test_text_ends_in_the_conclusion(name: str) -> None:
    theorem = theorems[name]
    text = theorem.text()
    for assumption in theorem.assumptions:
        assert f"[{assumption.key}]" in text
    assert text.count("Conclusion (") == len(theorem.conclusions)


def test_package_loads_without_sympy() -> None:
    code = "import sys, softsample_theory, softsample_theory.proofs; print('sympy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"


def test_unknown_theorem_is_one_line() -> None:
    with pytest.raises(ArgumentValueError, match=r"^theorem is 'fermat'; it must be one of nonconvex-iid"):
        theorems["fermat"]


class TestNonconvexIid:
    """Theorem A against its formula by hand, and at the edges of its assumptions."""

    given: ClassVar = {
        key: SAMPLE[key] for key in ("smoothness", "variance", "gap", "batch", "subset", "epochs")
    }

    def test_bound_is_the_formula(self) -> None:
        # T = 7 * 10/2 = 35: 2*5/(0.25*35) + 0.25*2*3/2 = 8/7 + 3/4
        bound = theorems["nonconvex-iid"].bound(**self.given, step=0.25)
        assert bound == pytest.approx(8 / 7 + 3 / 4, rel=1e-15)

    def test_best_step_beats_every_step_but_one(self) -> None:
        theorem = theorems["nonconvex-iid"]
        best = theorem.bound("best-step", **self.given)
        # 2*2*5/35 + 2*sqrt(2*2*5*3/(2*35))
        assert best == pytest.approx(4 / 7 + 2 * np.sqrt(6 / 7), rel=1e-15)
        step = min(1 / 2, np.sqrt(2 * 5 * 2 / (2 * 3 * 35)))
        steps = np.linspace(0.01, 0.5, 500)
        assert theorem.bound(**self.given, step=step) <= best
        assert np.all(
            theorem.bound(**self.given, step=steps) >= theorem.bound(**self.given, step=step) - 1e-15
        )

    def test_arrays_broadcast(self) -> None:
        given = {**self.given, "step": np.array([[0.1], [0.2]]), "epochs": np.array([1, 2, 3])}
        bound = theorems["nonconvex-iid"].bound(**given)
        assert bound.shape == (2, 3)
        assert bound.dtype == np.float64
        given.update(step=0.2, epochs=3)
        assert bound[1, 2] == theorems["nonconvex-iid"].bound(**given)

    @pytest.mark.parametrize(
        ("wrong", "line"),
        [
            ({"step": 0.51}, r"^step is 0\.51; nonconvex-iid assumes 0 < η ≤ 1/L"),
            ({"step": 0.0}, r"^step is 0; nonconvex-iid assumes 0 < η ≤ 1/L"),
            ({"variance": -1.0}, r"^variance is -1; nonconvex-iid assumes σ² ≥ 0"),
            ({"smoothness": 0.0}, r"^smoothness is 0; nonconvex-iid assumes L > 0"),
            ({"gap": np.array([1.0, -2.0])}, r"^gap is -2; nonconvex-iid assumes Δ ≥ 0"),
            ({"subset": 9}, r"^P = m/b is 4\.5; nonconvex-iid assumes P ≥ 1, a whole number"),
            ({"batch": 2.5}, r"^batch is 2\.5; nonconvex-iid assumes b ≥ 1, a whole number"),
            ({"epochs": 0}, r"^epochs is 0; nonconvex-iid assumes K ≥ 1"),
            ({"step": float("nan")}, r"^step is not finite"),
        ],
    )
    def test_broken_assumptions_are_quoted(self, wrong: dict[str, object], line: str) -> None:
        with pytest.raises(ArgumentValueError, match=line) as fault:
            theorems["nonconvex-iid"].bound(**{**self.given, "step": 0.1, **wrong})
        assert "\n" not in str(fault.value)

    def test_missing_and_unknown_names(self) -> None:
        with pytest.raises(ArgumentTypeError, match=r"takes smoothness, variance, gap, batch"):
            theorems["nonconvex-iid"].bound(smoothness=1.0)
        with pytest.raises(ArgumentTypeError, match=r"step is 'x'; it must be a number"):
            theorems["nonconvex-iid"].bound(**self.given, step="x")
        with pytest.raises(ArgumentValueError, match=r"^conclusion is 'rate'; nonconvex-iid has bound,"):
            theorems["nonconvex-iid"].bound("rate", **self.given)
