"""How results leave a command: tables for people, JSON or CSV for programs, files whole or not at all."""

from __future__ import annotations

import csv
import dataclasses
import json
import math
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from softsample_theory.validation import ArgumentValueError

if TYPE_CHECKING:
    from rich.console import Console, Group


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside `path`, with its suffix; on success rename it, else leave nothing."""
    final = Path(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{final.stem}-", suffix=final.suffix, dir=final.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(final)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a text file whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def plain(value: Any) -> Any:
    """Return `value` as JSON knows it: arrays as lists, dataclasses as objects, infinities as strings."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {math.inf: "inf", -math.inf: "-inf"}.get(value, "nan")
    return value


def fields(result: Any) -> dict[str, Any]:
    """Return the fields of a result dataclass by name, as they are."""
    return {field.name: getattr(result, field.name) for field in dataclasses.fields(result)}


def number(value: float, digits: int = 6) -> str:
    """Write a number for people: whole parts with separators, else `digits` significant digits."""
    if not math.isfinite(value):
        return {math.inf: "never"}.get(value, "-")
    if value == round(value) and abs(value) < 1e15:
        return f"{value:,.0f}"
    if abs(value) >= 10**digits:
        return f"{value:,.0f}" if abs(value) < 1e15 else f"{value:.{digits}g}"
    return f"{value:.{digits}g}"


def json_text(result: Any) -> str:
    """Return a result as JSON, one top-level field a line, numbers at full precision."""
    fields = plain(result)
    if not isinstance(fields, dict):
        return json.dumps(fields)
    lines = (f"  {json.dumps(key)}: {json.dumps(value, allow_nan=False)}" for key, value in fields.items())
    return "{\n" + ",\n".join(lines) + "\n}"


def print_json(result: Any) -> None:
    """Print a result as JSON on stdout."""
    print(json_text(result))


def print_csv(columns: Mapping[str, Sequence[Any]]) -> None:
    """Print named columns as CSV on stdout, floats at full precision."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(plain(np.asarray(column)) for column in columns.values()), strict=True))


def console(*, stderr: bool = False) -> Console:
    """Return a console; away from a terminal it is wide enough that no cell is cut."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else 160)


def table(
    title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], *, left: Sequence[int] = (0,)
) -> Group:
    """Return a title over a table of text cells: the columns in `left` are text, the others numbers."""
    from rich import box
    from rich.console import Group
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    body = Table(box=box.SIMPLE_HEAD, show_header=any(headings))
    for index, heading in enumerate(headings):
        text = index in left
        body.add_column(escape(heading), justify="left" if text else "right", no_wrap=not text or index == 0)
    for row in rows:
        body.add_row(*(escape(cell) for cell in row))
    return Group(Text(title, style="bold"), body) if title else Group(body)


def one_format(*, json: bool, csv: bool) -> None:
    """Refuse two output formats at once."""
    if json and csv:
        raise ArgumentValueError("--json and --csv are both given; choose one")


PLOT_FORMATS = (".pdf", ".png", ".svg")


def check_plot_path(path: Path | None) -> None:
    """Refuse, before any work, a plot file whose ending names no picture format."""
    if path is not None and path.suffix.lower() not in PLOT_FORMATS:
        raise ArgumentValueError(f"--plot is {str(path)!r}; it must end in one of {', '.join(PLOT_FORMATS)}")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
