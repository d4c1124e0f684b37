"""What made the report and how to make it again."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from paper_checks.page.document import Markup, element, section
from softsample_theory import plans
from softsample_theory.environment import Environment


def provenance(
    environment: Environment, seed: int, replicates: int, backend: str, started: str, files: Sequence[Path]
) -> Markup:
    """Return versions, seeds, plans, files and commands as a section."""
    return section(
        "What made this page",
        _pairs(_facts(environment, seed, replicates, backend, started, files)),
        element("p", f"To make it again, with softsample {environment.version}:"),
        element("pre", command(seed, replicates)),
        element("p", "A part of it, or one claim by itself:"),
        element(
            "pre",
            f"softsample figures coverage --seed {seed} --replicates {replicates}\n"
            "softsample verify --full C01 C03\n"
            "softsample coverage --population 320 --ratio 0.05 --epochs 20",
        ),
        anchor="provenance",
    )


def command(seed: int, replicates: int) -> str:
    """Return the command that makes this report again."""
    return f"softsample report --seed {seed} --replicates {replicates}"


def moment(started: str) -> str:
    """Return an ISO time in UTC as people read it.

    >>> moment("2026-01-31T09:05:00+00:00")
    '2026-01-31 09:05 UTC'
    """
    return f"{started[:10]} {started[11:16]} UTC"


def _facts(
    environment: Environment, seed: int, replicates: int, backend: str, started: str, files: Sequence[Path]
) -> dict[str, str]:
    packages = ", ".join(f"{name} {version}" for name, version in environment.packages.items() if version)
    listed = Markup(", ".join(f'<a href="{escape(str(path))}">{escape(str(path))}</a>' for path in files))
    return {
        "softsample": environment.version,
        "made": moment(started),
        "simulations": f"seed {seed}, {replicates:,} runs behind each value, every draw made, on {backend}",
        "python": f"{environment.python}, {environment.system}, {environment.machine}",
        "packages": packages,
        "plans": "; ".join(_plan(each) for each in plans.ALL),
        "beside this page": listed,
    }


def _plan(experiment: plans.Experiment) -> str:
    rates = " / ".join(f"{100 * rate:g}" for rate in experiment.ratios)
    return (
        f"{experiment.name}: {experiment.population:,} units of {experiment.unit_size:,} {experiment.item}, "
        f"{experiment.epochs} epochs, {rates} %"
    )


def _pairs(facts: dict[str, str]) -> Markup:
    rows = [Markup(element("dt", name) + element("dd", value)) for name, value in facts.items()]
    return element("dl", *rows)
