"""The frame of every page: head, style, sections, tables. Text is escaped here unless marked as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def document(title: str, body: Iterable[Markup]) -> str:
    """Return a whole page with its style inside: it loads nothing from anywhere."""
    style = files("paper_checks.page").joinpath("style.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def element(tag: str, *content: str, **attributes: str) -> Markup:
    """Return an element; a trailing underscore in an attribute's name is dropped (class_)."""
    inside = "".join(html(each) for each in content)
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for name, value in attributes.items()
        if value
    )
    return Markup(f"<{tag}{given}>{inside}</{tag}>")


def html(text: str) -> Markup:
    """Return text as HTML, as it is if it is HTML already."""
    return text if isinstance(text, Markup) else Markup(escape(text, quote=False))


def section(heading: str, *content: str, anchor: str) -> Markup:
    """Return a section with its heading."""
    return element("section", element("h2", heading), *content, id=anchor)


def table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], left: Sequence[int] = (0,), class_: str = ""
) -> Markup:
    """Return a table that scrolls sideways where the window is narrow; columns outside `left` are numbers."""

    def label(tag: str, heading: str) -> dict[str, str]:
        return {"scope": "col"} if tag == "th" else {"data_label": heading}

    def cells(tag: str, row: Sequence[str]) -> Markup:
        return Markup(
            "".join(
                element(tag, cell, class_="" if i in left else "number", **label(tag, headings[i]))
                for i, cell in enumerate(row)
            )
        )

    head = element("thead", element("tr", cells("th", headings)))
    body = element("tbody", *(element("tr", cells("td", row)) for row in rows))
    return element("div", element("table", head, body, class_=class_), class_="scroll")


def mathematics(text: str) -> Markup:
    """Return plain text with its powers raised, its indices lowered and its Greek in Greek.

    >>> mathematics("(1-rho)^K <= exp(-c), S_K")
    '(1−ρ)<sup>K</sup> ≤ exp(−c), S<sub>K</sub>'
    """
    shown = escape(text, quote=False)
    for plain, sign in (("&lt;=", "≤"), ("&gt;=", "≥")):
        shown = shown.replace(plain, sign)
    for name, letter in (("rho", "ρ"), ("lambda", "λ"), ("delta", "δ"), ("eps", "ε")):
        shown = re.sub(rf"\b{name}\b", letter, shown)
    shown = re.sub(r"(?<=[\w(])-(?=\d|\w\b|\()|(?<=[(^ ])-(?=[\wρλ])| - ", _minus, shown)
    shown = re.sub(
        r"\^(?:\(([^()]*)\)|(−?\w+(?:\([^()]*\))?))", lambda hit: f"<sup>{hit[1] or hit[2]}</sup>", shown
    )
    return Markup(re.sub(r"\b([A-Za-z]|sum)_(\w)\b", r"\1<sub>\2</sub>", shown))


def _minus(hit: re.Match[str]) -> str:
    return hit[0].replace("-", "−")
