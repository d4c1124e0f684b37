"""Sampling plans: what they hold, how they round, what they refuse; the paper's plans."""

import dataclasses
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from softsample_theory import SamplingPlan, plans
from softsample_theory.plan import SCHEMES


@pytest.mark.parametrize(
    ("population", "ratio", "subset"),
    [
        (98, 0.05, 5),  # 4.9
        (98, 0.3, 29),  # 29.4
        (10, 0.25, 3),  # 2.5: a half goes up
        (1000, 1e-9, 1),  # never below one
        (50_000, 0.1, 5000),  # 0.1 as a float64 is a little more than 1/10
        (10**15, 0.1, 10**14),  # exact: 1e15 times the float64 nearest to 0.1 is 1e14 + 0.0055
        (3 * 10**15, Fraction(1, 3), 10**15),
        (7, 1, 7),
        (7, np.float32(0.5), 4),
    ],
)
def test_ratio_is_rounded_to_the_nearest_subset(population: int, ratio: float, subset: int) -> None:
    plan = SamplingPlan(population, ratio, epochs=1)
    assert plan.subset == subset
    assert plan.exact_ratio == Fraction(subset, population)
    assert plan.ratio == subset / population


def test_plans_are_values() -> None:
    one = SamplingPlan(population=320, ratio=0.05, epochs=20)
    other = SamplingPlan(population=np.int64(320), subset=16, epochs=20)
    assert one == other
    assert hash(one) == hash(other)
    assert dataclasses.replace(one, epochs=3).epochs == 3
    assert one.under("full").subset == 320
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.epochs = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        ({"population": 0}, ValueError, "population is 0"),
        ({"population": -5}, ValueError, "population is -5"),
        ({"population": True}, TypeError, "population is True"),
        ({"population": 10.0}, TypeError, "population is 10.0"),
        ({"population": 2**53 + 1}, ValueError, "to 9007199254740992"),
        ({"population": "10"}, TypeError, "population is '10'"),
        ({"ratio": 0}, ValueError, "ratio is 0"),
        ({"ratio": 1.5}, ValueError, "ratio is 1.5"),
        ({"ratio": -0.1}, ValueError, "ratio is -0.1"),
        ({"ratio": float("nan")}, ValueError, "ratio is nan"),
        ({"ratio": True}, TypeError, "ratio is True"),
        ({"ratio": None}, TypeError, "ratio and subset are both missing"),
        ({"subset": 3}, TypeError, "give one of the two, not both"),
        ({"ratio": None, "subset": 101}, ValueError, "subset is 101"),
        ({"ratio": None, "subset": 0}, ValueError, "subset is 0"),
        ({"ratio": None, "subset": 5.0}, TypeError, "subset is 5.0"),
        ({"epochs": -1}, ValueError, "epochs is -1"),
        ({"epochs": 1.5}, TypeError, "epochs is 1.5"),
        ({"epochs": 2**40 + 1}, ValueError, "epochs is 1099511627777"),
        ({"population": 2**53, "epochs": 2**40}, ValueError, "epochs is 1099511627776; it must be at most"),
        ({"scheme": "Subset"}, ValueError, "scheme is 'Subset'; it must be one of subset, iid"),
        ({"scheme": None}, TypeError, "scheme is None"),
        ({"scheme": "full"}, ValueError, "it takes all 100 units"),
        ({"refresh_every": 0}, ValueError, "refresh_every is 0"),
        ({"warm_epochs": -1}, ValueError, "warm_epochs is -1"),
        ({"unit_size": 0}, ValueError, "unit_size is 0"),
    ],
)
def test_wrong_input_is_one_line_that_names_the_argument(change: dict, kind: type, says: str) -> None:
    with pytest.raises(kind) as caught:
        SamplingPlan(**{"population": 100, "ratio": 0.1, "epochs": 3, **change})
    message = str(caught.value)
    assert says in message
    assert "\n" not in message


def test_refreshes_count_separate_draws() -> None:
    plan = SamplingPlan(100, 0.1, epochs=10, refresh_every=3, warm_epochs=2)
    # Warm: 1, 2; then draws at epochs 3, 6 and 9.
    assert [plan.refreshes(k) for k in range(11)] == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3]
    assert plan.refreshes() == 3


def test_paper_plans() -> None:
    # SRS paper, section 5: 50,000 images in batches of 512; 281,241 utterances in batches of 24; 320 chunks.
    assert (plans.CIFAR10.population, plans.CIFAR10.epochs) == (-(-50_000 // 512), 320)
    assert (plans.LIBRISPEECH.population, plans.LIBRISPEECH.epochs) == (-(-281_241 // 24), 30)
    assert (plans.PAYLOAD.population, plans.PAYLOAD.epochs) == (320, 20)
    assert [plan.subset for plan in plans.PAYLOAD] == [16, 32, 64]
    assert [each.interval for each in plans.ALL] == [10, 5, 10]
    assert plans.PAYLOAD.plan(0.05, scheme="iid", refresh_every=10).refresh_every == 10


def test_every_scheme_has_a_plan() -> None:
    plan = SamplingPlan(100, 0.1, epochs=3)
    assert [plan.under(scheme).scheme for scheme in SCHEMES] == list(SCHEMES)
    assert SamplingPlan(100, epochs=3, scheme="full").subset == 100


def test_the_bare_import_is_light() -> None:
    heavy = {"sympy", "matplotlib", "numba", "cupy", "torch", "scipy.stats"}
    code = f"import sys, softsample_theory, simulations; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
