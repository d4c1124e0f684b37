"""What made a file, written into the file itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from softsample_theory.version import __version__


@dataclass(frozen=True)
class Stamp:
    """Where a figure comes from: enough to make it again.

    No date is among it, so that the same figure made twice is the same file, byte for byte.
    """

    figure: str
    title: str
    seed: int
    replicates: int
    parameters: Mapping[str, str]
    version: str = __version__

    def lines(self) -> list[str]:
        """Return the stamp as "key: value" lines."""
        head = {"figure": self.figure, "title": self.title, "made by": f"softsample {self.version}"}
        body = {**head, "seed": self.seed, "replicates": self.replicates, **self.parameters}
        return [*(f"{key}: {value}" for key, value in body.items()), f"again: {self.command()}"]

    def command(self) -> str:
        """Return the command that makes this figure again."""
        return f"softsample figures {self.figure} --seed {self.seed} --replicates {self.replicates}"

    def csv_header(self) -> str:
        """Return the stamp as comment lines."""
        return "".join(f"# {line}\n" for line in self.lines())

    def png(self) -> dict[str, str]:
        """Return the stamp as PNG text chunks."""
        return {
            "Title": self.title,
            "Software": f"softsample {self.version}",
            "Description": "; ".join(self.lines()),
        }

    def pdf(self) -> dict[str, str | None]:
        """Return the stamp as PDF document information."""
        return {
            "Title": self.title,
            "Creator": f"softsample {self.version}",
            "Subject": "; ".join(self.lines()),
            "CreationDate": None,
        }

    def svg(self) -> dict[str, str | None]:
        """Return the stamp as SVG metadata."""
        return {"Title": self.title, "Description": "; ".join(self.lines()), "Date": None}
