"""The command that times the simulator: bench."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from softsample_theory import output
from softsample_theory.plan_options import Json, count_option
from softsample_theory.status_line import status_line

if TYPE_CHECKING:
    from simulations.benchmark import Benchmark
    from simulations.benchmark.measured import Gain, Row

Cases = Annotated[
    list[str] | None,
    typer.Option("--case", metavar="NAME", help="A, B, C, D or E; again for more. Default: all."),
]
Quick = Annotated[bool, typer.Option("--quick", help="Cases A and B, fewer rounds: ten seconds.")]
Threads = Annotated[int, typer.Option("--threads", metavar="T", help="Compared with one thread.")]
Backend = Annotated[str, typer.Option("--backend", help="auto, numba or cupy.")]
Seed = Annotated[int, count_option("--seed", metavar="S", help="Of every simulation, NumPy's too.")]


def bench(
    case: Cases = None,
    quick: Quick = False,
    threads: Threads = 2,
    backend: Backend = "auto",
    seed: Seed = 1,
    json: Json = False,
) -> None:
    """Time the simulator on this machine against NumPy doing the same. All cases take two minutes."""
    from simulations.benchmark import CASES, FULL, QUICK, QUICK_CASES, benchmark
    from softsample_theory.validation import choice

    names = case or (QUICK_CASES if quick else tuple(CASES))
    asked = {choice("case", name.upper(), tuple(CASES)) for name in names}
    chosen = [CASES[name] for name in CASES if name in asked]
    effort = QUICK if quick else FULL
    with status_line() as say:
        measured = benchmark(chosen, seed, effort=effort, threads=threads, backend=backend, watch=say)
    if json:
        output.print_json(measured)
    else:
        _print_benchmark(measured)


def _print_benchmark(measured: Benchmark) -> None:
    console = output.console()
    for method, title, unit in (
        ("draws", "Every draw made, one thread", "ns a draw"),
        ("law", "In law, no item touched, one thread", "us an epoch"),
    ):
        headings = ["case", "quantity", "scheme", unit, "bar", "NumPy", "ratio", "range", "bar", "of floor"]
        columns = len(headings) if method == "draws" else -1
        rows = [_cells(row)[:columns] for row in measured.rows if row.method == method]
        if rows:
            console.print(output.table(title, headings[:columns], rows, left=(0, 1, 2)))
    if measured.scaling:
        title = f"{measured.threads} threads against one, every draw made, iid, wall time"
        headings = ["case", "quantity", "s on one", "ratio", "range"]
        rows = [
            [each.case, each.quantity, output.number(each.seconds, 3), *_gain(each.gain)]
            for each in measured.scaling
        ]
        console.print(output.table(title, headings, rows, left=(0, 1)))
    for line in _notes(measured):
        console.print(line, style="dim", soft_wrap=True)


def _cells(row: Row) -> list[str]:
    return [
        row.case,
        row.quantity,
        row.scheme,
        output.number(row.cost, 3),
        "" if row.largest_cost is None else f"<= {row.largest_cost:g}",
        "" if row.numpy_cost is None else output.number(row.numpy_cost, 3),
        *_gain(row.gain),
        "" if row.least_gain is None else f">= {row.least_gain:,}",
        "" if row.floor_share is None else f"{row.floor_share:.0%}",
    ]


def _gain(gain: Gain | None) -> list[str]:
    if gain is None:
        return ["", ""]
    median, least, largest = (output.number(each, 3) for each in (gain.median, gain.least, gain.largest))
    return [median, f"{least} .. {largest}"]


def _notes(measured: Benchmark) -> list[str]:
    """Return what has to be known to read the tables."""
    cases = "; ".join(
        f"{case.name}: n = {case.population:,}, m = {case.subset:,}, K = {case.epochs}"
        for case in measured.cases
    )
    floors = "; ".join(
        f"{floor.size:,} items {floor.random_ns:.2f} + {floor.mark_ns:.2f} (coverage) or {floor.count_ns:.2f}"
        " (spectrum)"
        for floor in measured.floors
    )
    versions = ", ".join(f"{name} {version}" for name, version in measured.versions.items())
    load = "" if measured.load is None else f", load {measured.load:.1f}"
    notes = [f"Cases (m draws from n items in each of K epochs): {cases}."]
    notes += [f"Left out: {reason}." for reason in measured.left_out]
    notes += [
        "NumPy: a boolean mask for coverage, bincount for the spectrum, on iid draws beside every scheme."
        f" Times: CPU time of the thread, medians of {measured.rounds} rounds that take NumPy and each row in"
        " turn; compilation is excluded, for every row has run once before.",
        "Floor: what a draw's random bits take alone plus what its store takes alone, in ns a draw, in blocks"
        f' of {floors}; "of floor": that over the time of a draw really made (a full block makes no more).',
        "Bars: what is promised on a 3.7 GHz x86-64 core with AVX-512 that has nothing else to do.",
        f"{measured.processor}, {measured.cores} cores{load}; backend {measured.backend}; {versions}; seed"
        f" {measured.seed}; {measured.date}",
    ]
    return notes
