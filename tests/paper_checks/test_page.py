"""The report: whole, self-contained, well-formed, and with the numbers in it."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from figures import FIGURES
from paper_checks import verify
from paper_checks.page import write
from paper_checks.page.checks import checks_page
from paper_checks.page.document import element, mathematics, table
from paper_checks.page.provenance import moment

VOID = {"meta", "br", "img", "link", "hr"}


class Structure(HTMLParser):
    """Checks that elements close in order, and gathers ids and whatever the page would load."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.loads, self.text = [], [], [], []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.ids += [attributes["id"]] if "id" in attributes else []
        if tag in {"img", "script", "link", "iframe", "object", "image"}:
            self.loads.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def structure(page):
    found = Structure()
    found.feed(page)
    found.close()
    assert found.open == []
    return found


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A report on few runs and few claims: the claims have tests of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write, "verify", lambda full, watch: verify(["C03", "C41", "C45"], full, watch))
        said = []
        report = write.write_report(tmp_path_factory.mktemp("report"), seed=5, replicates=64, say=said.append)
    assert "figure coverage" in said
    assert "C03 Table 1" in said
    return report


def test_report_writes_the_page_and_everything_beside_it(written):
    folder = written.page.parent
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert names == {"index.html", "checks.json", "junit.xml", "table1.csv"} | {
        f"figures/{name}.{suffix}" for name in FIGURES for suffix in ("pdf", "png", "csv")
    }
    assert {str(path.relative_to(folder)) for path in written.files} == names - {"index.html"}
    assert json.loads((folder / "checks.json").read_text())["passed"] is True
    assert ElementTree.parse(folder / "junit.xml").getroot().get("tests") == "3"
    assert (folder / "table1.csv").read_text() == (folder / "figures" / "table1.csv").read_text()


def test_page_is_well_formed_with_ids_of_their_own(written):
    found = structure(written.page.read_text(encoding="utf-8"))
    assert [name for name, times in Counter(found.ids).items() if times > 1] == []


def test_page_loads_nothing_from_anywhere(written):
    page = written.page.read_text(encoding="utf-8")
    assert structure(page).loads == []
    assert "@import" not in page
    assert "url(http" not in page
    addresses = set(re.findall(r'(?:href|src)="([^"#]+)"', page))
    assert {address for address in addresses if ":" in address} == set()
    assert all((written.page.parent / address).is_file() for address in addresses)


def test_page_has_the_nine_numbers_of_table_1_printed_and_exact(written):
    page = written.page.read_text(encoding="utf-8")
    # 100 (1 - (1-rate)^K) to six decimals, by rational arithmetic; the printed ones are the paper's.
    for printed, exact in (
        ("40.1", "40.126306"), ("64.2", "64.151408"), ("78.5", "78.536124"),
        ("65.1", "65.132156"), ("87.8", "87.842335"), ("95.8", "95.760884"),
        ("89.3", "89.262582"), ("98.8", "98.847078"), ("99.9", "99.876206"),
    ):  # fmt: skip
        assert f">{printed}</td>" in page
        assert f">{exact}</td>" in page
    assert "<b>9 of 9</b>" in page


def test_page_has_covering_times_claims_and_what_made_it(written):
    page = written.page.read_text(encoding="utf-8")
    text = "".join(structure(page).text)
    for part in (
        "124.409",
        "60.825",
        "28.986",
        "171",
        "C03",
        "C45",
        "✓ fails as printed",
        "3 of 3",
    ):
        assert part in text, part
    for part in (
        "seed 5, 64 runs",
        "numpy",
        "CIFAR10: 98 units",
        "softsample report --seed 5 --replicates 64",
    ):
        assert part in text, part
    assert page.count("<svg") == 3
    assert "#1b1f24" not in re.sub(r"<style>.*?</style>", "", page, count=1, flags=re.DOTALL)


def test_checks_page_shows_what_fell_and_escapes_it():
    report = verify(["C41"], full=True)
    (outcome,) = report.outcomes
    (evidence,) = outcome.evidence
    wrong = replace(evidence, verdict="fails as printed", faults=1, first_fault="a < b & <script>")
    fallen = replace(outcome, verdict="fails as printed", evidence=(wrong,))
    page = checks_page(replace(report, outcomes=(fallen,)))
    structure(page)
    assert "<script>" not in page
    assert "a &lt; b &amp; &lt;script&gt;" in page
    assert "✗ fails as printed, expected: holds" in page


def test_pieces():
    assert element("p", "a < b", element("b", "c"), class_="x") == '<p class="x">a &lt; b<b>c</b></p>'
    assert mathematics("(1-1/n)^(mK) <= e^-x, .7^-K") == (
        "(1−1/n)<sup>mK</sup> ≤ e<sup>−x</sup>, .7<sup>−K</sup>"
    )
    assert mathematics("(1-rho)^ceil(K/R)") == "(1−ρ)<sup>ceil(K/R)</sup>"
    assert mathematics("coverage.unseen_mean, 1e-12, S_K") == "coverage.unseen_mean, 1e−12, S<sub>K</sub>"
    assert 'data-label="n"' in table(("name", "n"), [("a", "1")])
    assert moment("2026-01-31T23:59:58+00:00") == "2026-01-31 23:59 UTC"
