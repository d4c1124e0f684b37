"""The files: stamped, the same every time, and all three or none."""

from __future__ import annotations

import csv
import io
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from figures import FIGURES, produce, render, save
from figures.registry import load
from figures.rendering import svg_text
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError
from softsample_theory.version import __version__

SEED, REPLICATES = 3, 8


@pytest.fixture(scope="module", params=list(FIGURES))
def drawing(request):
    return produce(request.param, SEED, REPLICATES)


def parsed(text):
    header = [line for line in text.splitlines() if line.startswith("# ")]
    body = io.StringIO("\n".join(line for line in text.splitlines() if not line.startswith("#")))
    return header, list(csv.DictReader(body))


def test_csv_holds_the_plotted_numbers_under_a_stamped_header(drawing):
    header, rows = parsed(drawing.csv)
    assert header[0] == f"# figure: {drawing.name}"
    assert f"# made by: softsample {__version__}" in header
    assert {f"# seed: {SEED}", f"# replicates: {REPLICATES}"} <= set(header)
    assert header[-1] == f"# again: softsample figures {drawing.name} --seed {SEED} --replicates {REPLICATES}"
    columns = load(drawing.name).columns(drawing.data)
    assert list(rows[0]) == list(columns)
    for name, values in columns.items():
        found = [row[name] for row in rows]
        if np.asarray(values).dtype.kind == "f":  # full precision: reading gives the same float64 back
            np.testing.assert_array_equal([float(each) for each in found], values)
        else:
            assert found == [str(each) for each in np.asarray(values).tolist()]


def test_png_and_pdf_carry_the_stamp(drawing, tmp_path):
    pdf, png, text = save(drawing, tmp_path)
    with Image.open(png) as image:
        assert image.info["Title"] == drawing.stamp.title
        assert image.info["Software"] == f"softsample {__version__}"
        assert f"seed: {SEED}; replicates: {REPLICATES}" in image.info["Description"]
        assert image.size[0] == int(6.9 * 220)
    content = pdf.read_bytes()
    assert content.startswith(b"%PDF-")
    assert b"CreationDate" not in content
    assert f"/Creator (softsample {__version__})".encode() in content
    assert text.read_text(encoding="utf-8") == drawing.csv


def test_the_same_figure_twice_is_the_same_bytes(drawing, tmp_path):
    first = save(drawing, tmp_path / "a")
    again = save(produce(drawing.name, SEED, REPLICATES), tmp_path / "b")
    for one, other in zip(first, again, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_svg_is_transparent_and_whole(drawing):
    text = svg_text(drawing)
    assert "<svg" in text
    assert text.rstrip().endswith("</svg>")
    assert "fill: #ffffff" not in text


def test_drawing_computes_nothing(drawing):
    figure = Figure()
    load(drawing.name).draw(figure, drawing.data)  # the data alone suffice, on any figure
    assert figure.axes


def test_captions_quote_the_data(drawing):
    assert {
        "table1": "9 of 9 printed entries",
        "coverage": "Payload 9.75 and 19.00",
        "cover-time": "5 %: mean 124.409, 95 % quantile 171",
        "spectrum": "50,000 items, 10 % an epoch: 2,119.6 (subset) and 2,489.3 (iid)",
    }[drawing.name] in drawing.caption


def test_render_writes_three_files_a_figure_and_names_them(tmp_path):
    seen = []
    paths = render(["table1"], tmp_path, seed=SEED, replicates=REPLICATES, watch=seen.append)
    assert [path.name for path in paths] == ["table1.pdf", "table1.png", "table1.csv"]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["table1.csv", "table1.pdf", "table1.png"]
    assert seen == ["table1"]


def test_a_draw_that_fails_leaves_nothing(tmp_path, monkeypatch):
    broken = SimpleNamespace(**{name: getattr(load("table1"), name) for name in dir(load("table1"))})
    broken.draw = lambda figure, data: 1 / 0
    monkeypatch.setattr("figures.rendering.load", lambda name: broken)
    with pytest.raises(ZeroDivisionError):
        render(["table1"], tmp_path / "out", SEED, REPLICATES)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("breaks_at", ["pdf", "png"])
def test_a_save_that_fails_leaves_the_old_files_and_nothing_new(tmp_path, monkeypatch, breaks_at):
    drawing = produce("table1", SEED, REPLICATES)
    (tmp_path / "table1.pdf").write_bytes(b"old")
    right = Figure.savefig

    def savefig(self, path, format, **options):
        right(self, path, format=format, **options)
        if format == breaks_at:
            raise OSError("No space left on device")

    monkeypatch.setattr(Figure, "savefig", savefig)
    with pytest.raises(OSError, match="No space left"):
        save(drawing, tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["table1.pdf"]
    assert (tmp_path / "table1.pdf").read_bytes() == b"old"


def test_bad_arguments_are_one_line():
    with pytest.raises(
        ArgumentValueError, match=r"^figure is 'table2'; it must be one of table1, coverage, "
    ):
        render(["table1", "table2"])
    with pytest.raises(ArgumentValueError, match=r"^replicates is 1; "):
        produce("table1", 1, 1)
    with pytest.raises(ArgumentTypeError, match=r"^seed is 1\.5 "):
        produce("table1", 1.5)
