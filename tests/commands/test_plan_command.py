"""softsample plan: what people and programs get, and one line on bad input or an unreachable target."""

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from softsample_theory import cli
from softsample_theory.planner import RATIOS, plan_for


class Answer(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Answer]:
    def run(arguments: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["softsample", "plan", *arguments.split()])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        out, err = capsys.readouterr()
        return Answer(int(exit_.value.code or 0), out, err)

    return run


IMAGENET = "--population 1281167 --target 0.99 --confidence 0.95"


def test_the_table_names_epochs_cost_leftovers_and_other_schemes(run: Callable[[str], Answer]) -> None:
    answer = run(IMAGENET)
    assert (answer.code, answer.err) == (0, "")
    row = next(line.split() for line in answer.out.splitlines() if line.split()[:2] == ["10", "%"])
    # 0.9^44 n = 12424.3 <= 12811 < 0.9^43 n = 13804.8, sd 109: 44 epochs; 44 ceil(128117/256) = 22044 steps.
    assert row[2:4] == ["128,117", "44"]
    assert row[6:8] == ["22,044", "5,637,148"]
    assert row[10] == "12424"
    for words in ("9.99 times as fast", "4 epochs and 2,024 steps", "iid", "never shows more than itself"):
        assert words in answer.out


def test_json_is_the_python_result(run: Callable[[str], Answer]) -> None:
    answer = json.loads(run(f"{IMAGENET} --epochs 60 --json").out)
    result = plan_for(1_281_167, epochs=60)
    assert result.choice is not None
    assert answer["choice"]["plan"]["subset"] == result.choice.plan.subset
    assert answer["choice"]["probability"] == result.choice.probability
    assert [each["plan"]["epochs"] for each in answer["frontier"]] == [
        each.plan.epochs for each in result.frontier
    ]
    assert answer["reachable"] is True
    assert [each["scheme"] for each in answer["equivalents"]] == ["iid", "poisson", "reshuffle", "fixed"]


def test_csv_is_the_frontier(run: Callable[[str], Answer]) -> None:
    rows = list(csv.DictReader(io.StringIO(run("-n 50000 --csv").out)))
    assert [float(row["ratio"]) for row in rows] == [float(ratio) for ratio in RATIOS]
    runs = plan_for(50_000).frontier
    assert [int(row["epochs"]) for row in rows] == [each.plan.epochs for each in runs]
    assert [float(row["unseen_mean"]) for row in rows] == [each.unseen_mean for each in runs]


@pytest.mark.parametrize(("budget", "samples"), [("2.5x", 125_000), ("125e3", 125_000), ("1/3x", 16_666)])
def test_budgets_in_samples_and_full_epochs(run: Callable[[str], Answer], budget: str, samples: int) -> None:
    answer = json.loads(run(f"-n 50000 -t 0.3 --budget {budget} --json").out)
    assert answer["budget"] == samples
    assert answer["choice"]["samples"] <= samples


def test_class_counts_as_written_and_from_a_file(run: Callable[[str], Answer], tmp_path: Path) -> None:
    path = tmp_path / "counts"
    path.write_text("50\n50, 1850\n50\n", encoding="utf-8")
    written = json.loads(run("-n 2000 -t 0.9 --class-counts 1850,50x3 --json").out)["classes"]
    read = json.loads(run(f"-n 2000 -t 0.9 --class-counts {path} --json").out)["classes"]
    assert written == read
    assert [(each["size"], each["classes"]) for each in read] == [(50, 3), (1850, 1)]
    table = run(f"-n 2000 -t 0.9 --class-counts {path}").out
    assert "exact" in next(line for line in table.splitlines() if line.split()[:1] == ["1,850"])


def test_times_are_those_of_the_model(run: Callable[[str], Answer]) -> None:
    """Payload at 5 %: one warm epoch of 21.335 h, and a twentieth of it for each one sampled."""
    cost = "--batch-size 1 --step-time 0.055005208333333336 --loading-time 0.011666666666666667"
    wish = "-n 320 -t 0.55 --confidence 0.99 --ratio 0.05 --warm-epochs 1"
    answer = json.loads(run(f"{wish} {cost} --full-epochs 20 --json").out)["choice"]
    sampled = answer["plan"]["epochs"] - 1
    assert answer["time"] == pytest.approx(21.335 * (1 + sampled / 20), rel=1e-9)
    assert answer["full_time"] == pytest.approx(426.7, rel=1e-9)


@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_the_picture_is_written_whole(run: Callable[[str], Answer], tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"frontier.{ending}"
    assert run(f"-n 50000 --budget 4x --csv --plot {path}").code == 0
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert b"population=50000" in path.read_bytes() or ending == "pdf"


def test_an_unreachable_target_says_so_in_one_line_and_exits_1(run: Callable[[str], Answer]) -> None:
    wish = "-n 50000 --scheme fixed --ratio 0.1"
    line = "Unreachable: a fixed subset of 5,000 never shows more than itself"
    answer = run(wish)
    assert answer.code == 1
    assert line in answer.out.splitlines()[-1]
    assert (
        "Never reached at 1 %, 2 %, 5 %, 10 %, 20 %, 30 %, 50 %, 75 %: a fixed subset of 37,500" in answer.out
    )
    programs = run(f"{wish} --json")
    assert programs.code == 1
    assert json.loads(programs.out)["reachable"] is False
    columns = run(f"{wish} --csv")
    assert (columns.code, line in columns.err, len(columns.err.splitlines())) == (1, True, 1)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("--target 0.9", "Missing option '--population'"),
        ("-n 0", "population is 0"),
        ("-n 100 --target 1.5", "target is 3/2"),
        ("-n 100 --confidence 0", "confidence is 0"),
        ("-n 100 --ratio 0.1 --epochs 3", "epochs and ratio are given together"),
        ("-n 100 --budget lots", "'lots' is not a whole number"),
        ("-n 100 --budget mex", "'me' is not a number"),
        ("-n 100 --scheme random", "scheme is 'random'"),
        ("-n 100 --class-counts 50,40", "class_counts sum to 90"),
        ("-n 100 --class-counts nowhere.txt", "No such file"),
        ("-n 100 --ratios 0.1,x", "'x' is not a number"),
        ("-n 100 --step-time -1", "step is -1"),
        ("-n 100 --json --csv", "--json and --csv are both given"),
        ("-n 100 --plot frontier.gif", "it must end in one of .pdf, .png, .svg"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(run: Callable[[str], Answer], arguments: str, says: str) -> None:
    answer = run(arguments)
    assert answer.code == 2
    assert answer.out == ""
    assert len(answer.err.splitlines()) == 1
    assert says in answer.err
