"""A figure as part of a page: it takes the page's ink, so that it is right on light and on dark ground."""

from __future__ import annotations

import re
from html import escape

from figures.rendering import Drawing, svg_text
from figures.style import INK
from paper_checks.page.document import Markup


def inline_svg(drawing: Drawing) -> Markup:
    """Return a figure as inline SVG, as wide as its column.

    Its ids get the figure's name in front, since ids must differ within a page.
    """
    text = svg_text(drawing)
    text = text[text.index("<svg") :]
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = text.replace(INK, "currentColor")
    text = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{drawing.name}-", text)
    text = re.sub(r'(?<=")\s(?:width|height)="[\d.]+pt"', "", text, count=2)
    return Markup(text.replace("<svg", f'<svg role="img" aria-label="{escape(drawing.stamp.title)}"', 1))
