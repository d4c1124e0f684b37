"""`softsample verify`, `report` and `figures`: exit codes, one line on bad input, files."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from dataclasses import replace
from types import MappingProxyType
from xml.etree import ElementTree

import pytest

from figures import produce
from paper_checks import claims, registry, verify
from paper_checks.page import write
from softsample_theory.cli import main


@pytest.fixture
def run(monkeypatch, capsys):
    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["softsample", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        return end.value.code, out, err

    return call


@pytest.fixture
def false_claim(monkeypatch):
    false = replace(claims["C41"], expected="fails as printed")
    monkeypatch.setattr(registry, "claims", MappingProxyType({"C41": false, "C44": claims["C44"]}))


def test_verify_prints_a_table_and_exits_0(run):
    code, out, err = run("verify", "C41", "c45", "--full")
    assert code == 0
    assert err == ""
    assert "Averages of Table 4" in out
    assert "2 of 2 claims have the expected verdict; 3 of 3 planted faults caught" in out


def test_verify_exits_1_and_says_why_when_a_claim_falls(run, false_claim):
    code, out, err = run("verify")
    assert code == 1
    assert "✗ holds" in out
    assert err == "C41: mean of eight test sets: holds, expected fails as printed\n"


def test_verify_refuses_an_unknown_claim_in_one_line(run):
    code, out, err = run("verify", "C41", "C99")
    assert (code, out) == (2, "")
    assert err.startswith("softsample: error: claim is 'C99'; it must be one of C01, C02")
    assert err.count("\n") == 1


def test_verify_lists_without_running(run):
    code, out, _ = run("verify", "--list")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == list(claims)


def test_verify_leaves_json_junit_and_html(run, tmp_path):
    code, out, _ = run(
        "verify", "C41", "--json", "--junit", tmp_path / "j.xml", "--html", tmp_path / "c.html"
    )
    assert code == 0
    assert json.loads(out)["outcomes"][0]["id"] == "C41"
    assert ElementTree.parse(tmp_path / "j.xml").getroot().get("failures") == "0"
    assert (tmp_path / "c.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_verify_writes_its_files_when_a_claim_falls_too(run, false_claim, tmp_path):
    code, _, _ = run("verify", "--junit", tmp_path / "j.xml")
    assert code == 1
    assert ElementTree.parse(tmp_path / "j.xml").getroot().get("failures") == "1"


def test_a_file_that_cannot_be_written_is_one_line(run, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = run("verify", "C41", "--junit", tmp_path / "file" / "j.xml")
    assert code == 2
    assert err.startswith("softsample: error: ")
    assert err.count("\n") == 1


produce_once = functools.cache(produce)


@pytest.mark.parametrize(("ids", "code"), [(["C41"], 0), (None, 1)])
def test_report_prints_where_it_is(run, false_claim, monkeypatch, tmp_path, ids, code):
    if ids is not None:
        monkeypatch.setattr(registry, "claims", claims)
    monkeypatch.setattr(write, "verify", lambda full, watch: verify(ids, full, watch))
    monkeypatch.setattr(write, "produce", produce_once)
    found, out, err = run("report", "--out", tmp_path / "here", "--replicates", "16")
    assert found == code
    assert out.splitlines()[0] == f"report: {tmp_path / 'here' / 'index.html'}"
    assert (tmp_path / "here" / "index.html").is_file()
    assert err == ("" if code == 0 else "C41: mean of eight test sets: holds, expected fails as printed\n")


def test_figures_lists_and_writes(run, tmp_path):
    code, out, _ = run("figures", "--list")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == [
        "table1",
        "coverage",
        "cover-time",
        "spectrum",
        "throughput",
    ]
    code, out, err = run("figures", "table1", "--out", tmp_path, "--seed", 2, "--replicates", 16)
    assert (code, err) == (0, "")
    assert out.split() == [str(tmp_path / f"table1.{suffix}") for suffix in ("pdf", "png", "csv")]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("table9",), "figure is 'table9'; it must be one of table1, coverage, cover-time"),
        (("table1", "--replicates", "1"), "replicates is 1; it must be"),
        (("table1", "--seed", "-1"), "seed is -1; it must be"),
    ],
)
def test_figures_refuses_bad_input_in_one_line(run, tmp_path, arguments, line):
    code, out, err = run("figures", *arguments, "--out", tmp_path / "new")
    assert (code, out) == (2, "")
    assert err.startswith(f"softsample: error: {line}")
    assert not (tmp_path / "new").exists()


def test_listing_loads_nothing_heavy():
    code = (
        "import sys, paper_checks, figures; from paper_checks.registry import claims; "
        "print(len(claims), sorted({'numpy', 'sympy', 'matplotlib', 'numba', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split(maxsplit=1) == [str(len(claims)), "[]\n"]
