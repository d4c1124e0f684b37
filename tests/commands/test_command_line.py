"""The command line: what people and programs get, exit codes, and one line on bad input."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest

from softsample_theory import SamplingPlan, cli, coverage, covering_time, occupancy
from softsample_theory.version import __version__


class Answer(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Answer]:
    def run(arguments: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["softsample", *arguments.split()])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        out, err = capsys.readouterr()
        return Answer(int(exit_.value.code or 0), out, err)

    return run


PLAN = "--population 320 --ratio 0.05 --epochs 20"
plan = SamplingPlan(320, 0.05, epochs=20)


def test_help_lists_every_command_without_loading_any() -> None:
    code = (
        "import sys; sys.argv = ['softsample', '--help']\n"
        "from softsample_theory import cli\n"
        "try: cli.main()\n"
        "except SystemExit as end: print(end.code)\n"
        "print({'numpy', 'numba', 'sympy', 'matplotlib', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    *help_text, exit_code, loaded = done.stdout.splitlines()
    assert (exit_code, loaded) == ("0", "set()")
    for name in cli.COMMANDS:
        assert any(name in line for line in help_text)


@pytest.mark.parametrize("name", list(cli.COMMANDS))
def test_every_command_explains_itself(run: Callable[[str], Answer], name: str) -> None:
    answer = run(f"{name} --help")
    assert answer.code == 0
    assert "Usage" in answer.out


def test_version(run: Callable[[str], Answer]) -> None:
    assert run("--version").out == f"softsample {__version__}\n"


def test_coverage_prints_the_papers_reading_beside_iid(run: Callable[[str], Answer]) -> None:
    answer = run(f"coverage {PLAN}")
    assert answer.code == 0
    last = next(line.split() for line in answer.out.splitlines() if line.split()[:1] == ["20"])
    # srs.md section 2.2: mean 205.285, sd 5.511; the band from exact integers (test_subset_coverage_law).
    assert last[1:7] == ["205.285", "64.15", "5.511", "194", "..", "216"]
    assert "iid" in answer.out
    assert answer.err == ""
    assert "iid" not in run(f"coverage {PLAN} --scheme subset").out


def test_coverage_json_is_the_python_result(run: Callable[[str], Answer]) -> None:
    answer = json.loads(run(f"coverage {PLAN} --json").out)
    curve = coverage.curve(plan)
    assert answer["mean"] == curve.mean.tolist()
    assert answer["high"] == curve.high.tolist()
    assert answer["plan"]["subset"] == 16
    assert answer["version"] == __version__
    assert answer["iid"]["std"] == coverage.std(plan.under("iid")).tolist()
    assert "iid" not in json.loads(run(f"coverage {PLAN} --scheme subset --json").out)


def test_coverage_csv_keeps_every_digit(run: Callable[[str], Answer]) -> None:
    rows = list(csv.DictReader(io.StringIO(run(f"coverage {PLAN} --csv").out)))
    assert [float(row["mean"]) for row in rows] == coverage.mean(plan).tolist()
    assert [int(row["epoch"]) for row in rows] == list(range(21))


def test_occupancy_json_is_the_python_result(run: Callable[[str], Answer]) -> None:
    answer = json.loads(run(f"occupancy {PLAN} --json").out)
    assert answer["mean"] == occupancy.spectrum(plan).tolist()
    assert answer["largest"] == list(occupancy.max_load(plan).interval(0.95))


def test_cover_time_needs_no_epochs(run: Callable[[str], Answer]) -> None:
    answer = json.loads(run("cover-time --population 320 --ratio 0.05 --json").out)
    assert answer["mean"] == covering_time.mean(plan)
    assert answer["mean"] == pytest.approx(124.409, abs=5e-4)  # srs.md section 2.5, exact
    text = run("cover-time --population 320 --ratio 0.05").out
    assert "124.4" in text


def test_simulate_is_reproducible_and_close_to_the_law(run: Callable[[str], Answer]) -> None:
    command = f"simulate {PLAN} --replicates 50 --seed 7 --json"
    first, second = run(command).out, run(f"{command} --threads 1").out
    assert first == second
    answer = json.loads(first)
    assert (answer["seed"], answer["replicates"]) == (7, 50)
    assert len(answer["distinct"]) == 50
    assert answer["distinct"][0][:2] == [0, 16]
    table = run(f"simulate {PLAN} --replicates 50 --seed 7 --spectrum")
    assert "seed 7" in table.out
    assert table.err == ""


@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_plots_are_written_whole(run: Callable[[str], Answer], tmp_path, ending: str) -> None:
    path = tmp_path / "new" / f"coverage.{ending}"
    assert run(f"coverage {PLAN} --csv --plot {path}").code == 0
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert b"SamplingPlan(population=320" in path.read_bytes().replace(b"\\(", b"(") or ending == "pdf"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("coverage --population 320 --epochs 20", "ratio and subset are both missing"),
        (f"coverage {PLAN} --subset 3", "give one of the two"),
        ("coverage --population 0 --ratio 0.1 --epochs 3", "population is 0"),
        ("coverage --population x --ratio 0.1 --epochs 3", "'x' is not a whole number"),
        ("coverage --population 1e400 --ratio 0.1 --epochs 3", "population is"),
        ("coverage --population 1/0 --ratio 0.1 --epochs 3", "is not a whole number"),
        ("coverage --population 320 --ratio 2 --epochs 3", "ratio is 2"),
        ("coverage --population 320 --ratio nan --epochs 3", "'nan' is not a number"),
        ("coverage --population 320 --ratio 0.1 --epochs -3", "epochs is -3"),
        (f"coverage {PLAN} --scheme random", "scheme is 'random'"),
        (f"coverage {PLAN} --confidence 1.5", "confidence is 1.5"),
        (f"coverage {PLAN} --json --csv", "--json and --csv are both given"),
        (f"coverage {PLAN} --plot curve.gif", "it must end in one of .pdf, .png, .svg"),
        (f"occupancy {PLAN} --r-max -1", "r_max is -1"),
        ("cover-time --population 320 --ratio 0.1 --items 321", "items is 321"),
        ("cover-time --population 320 --ratio 0.1 --fraction 1.5", "fraction is"),
        (f"simulate {PLAN} --replicates 0", "replicates is 0"),
        (f"simulate {PLAN} --seed -1", "seed is -1"),
        (f"simulate {PLAN} --backend gpu", "backend is 'gpu'"),
        ("verify C99", "C99"),
        ("figures nothing", "nothing"),
        ("unknown", "No such command"),
        ("coverage --nonsense 3", "--nonsense"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    run: Callable[[str], Answer], arguments: str, says: str, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run(arguments)
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.startswith("softsample: error: ")
    assert answer.err.count("\n") == 1
    assert says in answer.err
    assert list(tmp_path.iterdir()) == []


def test_a_bug_is_not_dressed_as_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["softsample", "coverage", *PLAN.split()])

    def broken(*_: object, **__: object) -> None:
        raise ValueError("a fault of ours")

    monkeypatch.setattr(coverage, "curve", broken)
    with pytest.raises(ValueError, match="a fault of ours"):
        cli.main()


def test_a_reader_that_leaves_early_is_no_error() -> None:
    command = f"{sys.executable} -m softsample_theory.cli coverage -n 1000 -r 0.1 -k 3000 --csv"
    done = subprocess.run(
        ["bash", "-c", f"{command} | head -1; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=True,
    )
    header, code = done.stdout.splitlines()
    assert header.startswith("epoch,mean,std,low,high")
    assert code != "0"  # what was asked for was not all written
    assert done.stderr == ""
