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


# Each bound by its formula, apart from the code: L = 2, σ² = 3, Δ = 5, b = 2, m = 10, n = 40, K = 7.
PLAN = {"smoothness": 2.0, "variance": 3.0, "batch": 2, "subset": 10, "epochs": 7}
FPC = 30 / 39


def subset_bound(x: float, K: float, P: float = 5, fpc: float = FPC, k: float = 0.0) -> float:
    q = (P - 1) / P
    cG = q**2 * x**2 / (4 * (1 - x / 3) ** 2)
    cD = q**2 / (2 * (1 - x / 3) * (1 - x / 2))
    noise = (1 + x / (1 - x + k)) * fpc * x * 3 / 10 + (1 + k) * cD * x**2 * 3 / 10
    return (2 * 5 * 2 / (x * K) + noise) / (1 - (1 + k) * cG)


HAND = [
    ("nonconvex-subset", "bound", {"gap": 5.0, "population": 40, "step": 0.05}, subset_bound(0.5, 7)),
    (
        "nonconvex-subset",
        "family",
        {"gap": 5.0, "population": 40, "step": 0.05, "trade": 0.5},
        subset_bound(0.5, 7, k=0.5),
    ),
    (
        "nonconvex-subset",
        "quarter",
        {"gap": 5.0, "population": 40, "step": 0.02},
        968 / 475 * 5 * 2 / (0.2 * 7) + 1936 / 1425 * FPC * 0.2 * 0.3 + 2112 / 3325 * 0.04 * 0.3,
    ),
    ("nonconvex-distinct", "bound", {"gap": 5.0, "population": 40, "step": 0.25}, 8 / 7 + 0.75 * 38 / 39),
    (
        "momentum-iid",
        "bound",
        {"gap": 5.0, "step": 0.05, "momentum": 0.5},  # h = 0.1
        4 * 5 / (0.1 * 35) + (2 * 2 * 0.1 + 2 * 0.01 * 4 * 0.25 / 0.5) * 1.5,
    ),
    (
        "pl-iid",
        "bound",
        {"gap": 5.0, "step": 0.25, "curvature": 0.4},  # 1 - ημ = 0.9, floor 2 0.25 3/(2 2 0.4)
        0.9**35 * 5 + (1 - 0.9**35) * 1.5 / 1.6,
    ),
    (
        "pl-iid-decaying",
        "bound",
        {"gap": 5.0, "offset": 12.0, "curvature": 0.4},  # 2Lσ²/(bμ²) = 37.5 < γΔ = 60
        60 / (35 + 12),
    ),
    (
        "strongly-convex-iid",
        "bound",
        {"distance2": 4.0, "step": 0.25, "curvature": 0.4},
        0.81**35 * 4 + (1 - 0.81**35) * 0.25 * 3 / (2 * 0.4 * 1.9),
    ),
    ("convex-iid", "bound", {"distance2": 4.0, "step": 0.25}, 4 / (2 * 0.25 * 35) + 0.25 * 3 / 4),
    (
        "convex-subset",
        "bound",
        {"distance2": 4.0, "population": 40, "step": 0.0125},
        0.75 * 4 / (0.0125 * 35) + 1.5 * FPC * 0.0125 * 1.5 + 2.25 * 0.0125**2 * 10 * 1.5,
    ),
    (
        "nonconvex-interval",
        "bound",
        {"gap": 5.0, "population": 40, "step": 0.05, "refresh": 1},
        subset_bound(0.5, 7),
    ),
    (
        "warm-start",
        "bound",
        {"gap": 5.0, "population": 40, "step": 0.02, "warm_epochs": 0},
        subset_bound(0.2, 7),
    ),
    (
        "paper-eq7-repaired",
        "bound",
        {"gap": 5.0, "population": 40, "step": 0.01},
        2 * 10 * 5 / 0.07 + 0.2 * 1.25 * 3,
    ),
]


@pytest.mark.parametrize(("name", "conclusion", "given", "value"), HAND)
def test_bounds_by_hand(name: str, conclusion: str, given: dict[str, float], value: float) -> None:
    plan = {key: PLAN[key] for key in PLAN if not (name == "paper-eq7-repaired" and key == "batch")}
    assert theorems[name].bound(conclusion, **plan, **given) == pytest.approx(value, rel=1e-13)


def test_stability_bounds_by_hand() -> None:
    # G = 3, η = 0.1, n = 40, T = 7 * 10/2 = 35
    plan = {"lipschitz": 3.0, "population": 40, "batch": 2, "subset": 10, "epochs": 7, "smoothness": 2.0}
    assert theorems["stability-convex"].bound(**plan, step=0.1) == pytest.approx(
        2 * 9 * 0.1 * 35 / 40, rel=1e-14
    )
    strong = theorems["stability-strongly-convex"].bound(**plan, step=0.1, curvature=0.5)
    assert strong == pytest.approx(2 * 9 / (40 * 0.5) * (1 - 0.95**35), rel=1e-14)
    loose = theorems["stability-nonconvex"].bound(**plan, step=0.1)
    assert loose == pytest.approx(2 * 9 / (40 * 2) * (1.2**35 - 1), rel=1e-13)
    burnt = theorems["stability-burn-in"].bound(**plan, step_constant=0.5, burn_in=2)
    # the chance that two subsets of 10 in 40 hold one unit: 1 - (3/4)²; Q = βc = 1
    assert burnt == pytest.approx(1 - 0.75**2 + 2 * 9 / (40 * 2) * (7 / 2 - 1), rel=1e-14)


def test_the_first_term_of_the_burn_in_is_the_coverage_of_one_unit() -> None:
    from softsample_theory import SamplingPlan, coverage

    plan = SamplingPlan(population=40, subset=10, epochs=5)
    given = {"lipschitz": 0.0, "population": 40, "batch": 2, "subset": 10, "epochs": 9, "smoothness": 1.0}
    burnt = theorems["stability-burn-in"].bound(**given, step_constant=1.0, burn_in=5)
    assert burnt == pytest.approx(coverage.mean(plan)[-1] / 40, rel=1e-14)


def test_a_burn_in_longer_than_the_run_is_refused() -> None:
    given = {"lipschitz": 1.0, "population": 40, "batch": 2, "subset": 10, "epochs": 4, "smoothness": 1.0}
    with pytest.raises(ArgumentValueError, match=r"is 0\.8; stability-burn-in assumes V ≥ 1"):
        theorems["stability-burn-in"].bound(**given, step_constant=1.0, burn_in=5)


def test_the_batch_divides_the_subset_everywhere() -> None:
    # m = 3, b = 2, K = 2: the number of steps is whole, the steps of an epoch are not
    given = {"lipschitz": 1.0, "population": 4, "batch": 2, "subset": 3, "epochs": 2, "smoothness": 1.0}
    with pytest.raises(ArgumentValueError, match=r"^P = m/b is 1\.5"):
        theorems["stability-convex"].bound(**given, step=0.1)


def test_edges_are_answered() -> None:
    plan = {"smoothness": 1.0, "variance": 1.0, "gap": 1.0, "epochs": 3, "step": 0.5, "batch": 1}
    # n = m: no subset noise; n = m = 1: (n-m)/(n-1) is 0/0, and is 0
    whole = theorems["nonconvex-subset"].bound(**plan, subset=1, population=1)
    assert whole == pytest.approx(2 / (0.5 * 3), rel=1e-15)
    assert theorems["fixed-subset"].bound(variance=2.0, subset=5, population=5) == 0.0
    assert (
        theorems["nonconvex-subset"].bound(**{**plan, "gap": 0.0, "variance": 0.0}, subset=1, population=9)
        == 0
    )


@pytest.mark.parametrize(
    ("name", "wrong", "line"),
    [
        ("nonconvex-subset", {"step": 0.2}, r"^x = .* is 2; nonconvex-subset assumes 0 < x < 1"),
        ("nonconvex-subset", {"population": 9}, r"^population is 9; nonconvex-subset assumes n ≥ m"),
        ("nonconvex-subset", {"batch": 3}, r"^P = m/b is 3\.33"),
        ("nonconvex-subset", {"variance": -3.0}, r"^variance is -3; nonconvex-subset assumes σ² ≥ 0"),
    ],
)
def test_broken_assumptions_of_theorem_b_are_quoted(name: str, wrong: dict[str, float], line: str) -> None:
    given = {**PLAN, "gap": 5.0, "population": 40, "step": 0.05, **wrong}
    if "step" in wrong:
        given["smoothness"] = 2.0
    with pytest.raises(ArgumentValueError, match=line):
        theorems[name].bound(**given)


def test_refuted_statements_bound_nothing() -> None:
    for name in ("paper-eq7", "paper-eq8", "paper-remark"):
        assert theorems[name].refuted
        with pytest.raises(ArgumentValueError, match=f"^{name} bounds nothing; it is refuted: "):
            theorems[name].bound(step=0.1)
    with pytest.raises(ArgumentValueError, match=r"^pass-drift bounds nothing; it is a lemma"):
        theorems["pass-drift"].bound()
