"""`softsample simulate` with its records: the numbers of Python, a table for each, one line if bad."""

import json
import sys

import pytest

from simulations import simulate
from softsample_theory import SamplingPlan, cli

PLAN = "--population 320 --ratio 0.05 --epochs 60 --replicates 20 --seed 3"
plan = SamplingPlan(320, 0.05, epochs=60)


@pytest.fixture
def answer(capsys, monkeypatch):
    def run(arguments):
        monkeypatch.setattr(sys, "argv", ["softsample", "simulate", *arguments.split()])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        return int(exit_.value.code or 0), *capsys.readouterr()

    return run


def test_json_holds_what_python_returns(answer):
    code, out, err = answer(
        f"{PLAN} --spectrum --r-max 5 --largest --gaps --g-max 9 --visits --json"
        " --cover-fraction 30% --copies 2"
    )
    record = ("spectrum", "largest", "gaps", "visits")
    same = simulate(plan, 20, 3, record=record, r_max=5, g_max=9, cover_fraction=0.3, copies=2)
    shown = json.loads(out)
    assert (code, err) == (0, "")
    for name in ("distinct", "spectrum", "largest", "gaps", "visits", "covered_at"):
        assert shown[name] == getattr(same, name).tolist()
    assert (shown["cover_items"], shown["copies"]) == (96, 2)
    assert len(set(shown["covered_at"])) > 1


def test_tables_show_each_record(answer):
    code, out, err = answer(f"{PLAN} --largest --gaps --g-max 9 --cover-items 200")
    same = simulate(plan, 20, 3, record=("largest", "gaps"), g_max=9, cover_items=200)
    assert (code, err) == (0, "")
    assert "Most visits to any one item" in out
    assert ["60", *(f"{x:g}" for x in (same.largest[:, 60].min(), same.largest[:, 60].mean()))] == (
        next(line for line in reversed(out.split("Gaps")[0].splitlines()) if "60" in line).split()[:3]
    )
    assert f"9 or more {same.gaps[:, 9].mean():g}" in " ".join(out.split())
    assert "Epochs until 200 items are seen once" in out
    assert f"20 of 20 {same.covered_at.min()} " in " ".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("--visits", "--visits is given without --json"),
        ("--g-max 3", "g_max is 3"),
        ("--cover-items 321", "cover_items is 321"),
        ("--cover-items 3 --cover-fraction 1/2", "give one of the two"),
        ("--copies 0", "copies is 0"),
        ("--gaps --method law", "method is 'law'"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(answer, arguments, says):
    code, out, err = answer(f"{PLAN} {arguments}")
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1
