"""The measured figure: made only when named, stamped as a measurement, with rates of the times it took."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from matplotlib.figure import Figure

from figures import FIGURES, produce, throughput
from figures.registry import MEASURED, load, select
from simulations.benchmark import clock
from softsample_theory.processor import processor_name


@pytest.fixture
def small(monkeypatch):
    """Two populations and short timings."""
    monkeypatch.setattr(throughput, "POPULATIONS", (10**3, 10**4))
    monkeypatch.setattr(throughput, "ROUNDS", 2)
    monkeypatch.setattr(throughput, "DRAWS", 3_000)
    monkeypatch.setattr(throughput, "LAW_EPOCHS", 50)


def test_measured_figures_are_made_only_when_named():
    assert select(None) == list(FIGURES)
    assert not set(FIGURES) & set(MEASURED)
    assert select(["throughput", "table1"]) == ["table1", "throughput"]
    assert load("throughput").TITLE == throughput.TITLE


def test_the_figure_says_what_measured_it_and_when(small):
    drawing = produce("throughput", 3, 8)
    lines = drawing.csv.splitlines()
    assert f"# measured on: {processor_name()}" in lines
    assert f"# date: {drawing.data.date}" in lines
    assert any(line.startswith("# versions: softsample ") for line in lines)
    assert drawing.caption.startswith("A measurement, not a result to repeat: ")
    assert "At n = 10,000" in drawing.caption
    rows = list(csv.DictReader(io.StringIO("\n".join(line for line in lines if line[0] != "#"))))
    assert [(row["method"], row["population"]) for row in rows] == [
        (name, str(n)) for n in (10**3, 10**4) for name in throughput.METHODS
    ]
    figure = Figure()
    throughput.draw(figure, drawing.data)  # the data alone suffice, on any figure
    assert drawing.data.processor in figure.get_supxlabel()


def test_rates_are_draws_over_seconds(small, monkeypatch):
    times = np.array([[1.0, 2.0, 4.0, 5.0], [3.0, 2.0, 4.0, 5.0]])
    monkeypatch.setattr(clock, "alternated", lambda works, rounds: times)
    data = throughput.compute(1, 8)
    # n = 1000: 10 epochs of 100 draws; 3 runs of them fit into DRAWS, 5 runs of 10 epochs into LAW_EPOCHS.
    assert data.rate[:4].tolist() == [(3000 + 1000) / 2, 1500, 750, 1000]
    assert (data.slowest[0], data.fastest[0]) == (1000, 3000)
    # n = 10,000: 10,000 draws a run, one run.
    assert data.rate[5:].tolist() == [5000, 2500, 10_000]


def test_no_more_runs_than_were_asked_for(small, monkeypatch):
    monkeypatch.setattr(clock, "alternated", lambda works, rounds: np.ones((2, len(works))))
    data = throughput.compute(1, 2)
    assert data.rate[:4].tolist() == [2000, 2000, 2000, 2000]


def test_large_populations_are_not_given_to_numpy():
    assert {name: method.largest for name, method in throughput.METHODS.items()} == {
        "mask": 10**8,
        "direct": 10**8,
        "draws": 10**9,
        "law": 10**12,
    }
