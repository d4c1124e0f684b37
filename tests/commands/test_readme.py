"""The README is true: its Python runs and says what its comments say, its commands exist."""

import re
from pathlib import Path

import pytest

from softsample_theory import cli, coverage

README = Path(__file__).parents[2] / "README.md"
pytestmark = pytest.mark.skipif(not README.exists(), reason="the README is not part of an installed package")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_every_value_in_the_python_blocks() -> None:
    names: dict[str, object] = {}
    checked = 0
    for line in "\n".join(blocks("python")).splitlines():
        code, _, comment = line.partition("  # ")
        if re.match(r"(from|import|\w+ = |$)", code):
            exec(code, names)
        elif comment[0] in "(0123456789[":
            said, value = comment.partition(",")[0], str(eval(code, names))
            assert value.startswith(said[:-3]) if said.endswith("...") else comment.startswith(value), line
            checked += 1
    assert checked == 6
    result, plan = names["result"], names["plan"]
    error = coverage.std(plan)[30] / 200**0.5  # type: ignore[arg-type]
    assert error == pytest.approx(2.9, abs=0.05)
    assert abs(result.distinct.mean(axis=0)[30] - coverage.mean(plan)[30]) < 4 * error  # type: ignore[attr-defined, arg-type]


def test_every_command_that_it_names_exists() -> None:
    text = README.read_text(encoding="utf-8")
    named = set(re.findall(r"softsample ([a-z-]+)", text.split("## Four jobs")[1]))
    assert {"coverage", "figures", "verify"} <= named
    assert named - {"computes"} <= set(cli.COMMANDS)


def test_its_pictures_and_pages_exist() -> None:
    for path in re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8")):
        assert (README.parent / path).exists(), path
