"""The command of the simulator: simulate."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from softsample_theory import output
from softsample_theory.plan import SamplingPlan
from softsample_theory.plan_options import Csv, Json, Plot, count_option, ratio_option, takes_plan
from softsample_theory.validation import ArgumentValueError

if TYPE_CHECKING:
    from simulations.result import SimulationResult

Replicates = Annotated[int, count_option("--replicates", metavar="N", help="Independent runs of the plan.")]
Seed = Annotated[
    int, count_option("--seed", metavar="S", help="From 0 to 2**64 - 1; the same seed, the same runs.")
]
Method = Annotated[
    str, typer.Option("--method", help="draws: every draw made. law: curves from their exact law.")
]
Backend = Annotated[str, typer.Option("--backend", help="auto, numba or cupy.")]
Threads = Annotated[
    int | None, typer.Option("--threads", help="Default: all. The answer does not depend on it.")
]
Spectrum = Annotated[bool, typer.Option("--spectrum", help="Record too how many items were seen r times.")]
Largest = Annotated[bool, typer.Option("--largest", help="Record the most visits to any one item.")]
Gaps = Annotated[bool, typer.Option("--gaps", help="Record the epochs between two visits of an item.")]
Visits = Annotated[bool, typer.Option("--visits", help="Record every visit, for --json; up to 65535 items.")]
LastClass = Annotated[
    int | None, count_option("--r-max", metavar="R", help="The last class of the spectrum, R visits or more.")
]
LastGap = Annotated[
    int | None, count_option("--g-max", metavar="G", help="The last class of the gaps, G epochs or more.")
]
CoverItems = Annotated[
    int | None, count_option("--cover-items", metavar="S", help="covered_at waits for S items. Default: all.")
]
CoverFraction = Annotated[
    Fraction | None, ratio_option("--cover-fraction", help="Or for such a fraction of them.")
]
Copies = Annotated[int, count_option("--copies", metavar="D", help="Until each was visited D times.")]
Checkpoint = Annotated[
    Path | None,
    typer.Option("--checkpoint", metavar="DIR", help="Keep finished chunks here; the same command goes on."),
]
Dask = Annotated[
    str | None,
    typer.Option("--dask", metavar="ADDRESS", help="A Dask scheduler, or local for worker processes here."),
]


@takes_plan
def simulate(
    plan: SamplingPlan,
    replicates: Replicates = 200,
    seed: Seed = 0,
    method: Method = "draws",
    backend: Backend = "auto",
    threads: Threads = None,
    spectrum: Spectrum = False,
    largest: Largest = False,
    gaps: Gaps = False,
    visits: Visits = False,
    r_max: LastClass = None,
    g_max: LastGap = None,
    cover_items: CoverItems = None,
    cover_fraction: CoverFraction = None,
    copies: Copies = 1,
    checkpoint: Checkpoint = None,
    dask: Dask = None,
    json: Json = False,
    csv: Csv = False,
    plot: Plot = None,
) -> None:
    """Run a plan many times and hold the runs against the exact law.

    --json holds every replicate; --csv the summary of each epoch.
    """
    from simulations.comparison import compare
    from simulations.interruption import INTERRUPTED

    output.one_format(json=json, csv=csv)
    output.check_plot_path(plot)
    if visits and not json:
        raise ArgumentValueError("--visits is given without --json; no table or CSV holds every visit")
    asked = {"spectrum": spectrum, "largest": largest, "gaps": gaps, "visits": visits}
    record = ("distinct", *(name for name, wanted in asked.items() if wanted))
    run: dict[str, Any] = {"method": method, "backend": backend, "threads": threads, "record": record}
    run |= {"r_max": r_max, "g_max": g_max}
    run |= {"cover_items": cover_items, "cover_fraction": cover_fraction, "copies": copies}
    try:
        result = _run(plan, replicates, seed, checkpoint=checkpoint, dask=dask, **run)
    except KeyboardInterrupt as stop:
        print(f"softsample: interrupted: {stop}", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    if plot is not None:
        from simulations.plots import save_simulation

        save_simulation(result, plot)
    if json:
        output.print_json(result)
    elif csv:
        output.print_csv(output.fields(compare(result)))
    else:
        _print_simulation(result)


def _run(plan: SamplingPlan, replicates: int, seed: int, **settings: Any) -> SimulationResult:
    """Simulate, with a bar, and with an end to it soon after Ctrl-C."""
    from simulations.engine import simulate
    from simulations.interruption import ends_soon
    from simulations.progress_bar import progress_bar

    kept = "nothing is kept; --checkpoint DIR would keep finished chunks"
    if settings["checkpoint"] is not None:
        where = repr(str(settings["checkpoint"]))
        kept = f"finished chunks are kept in {where}; the same command goes on from there"
    patience = 0.9 if settings["dask"] is None else 5.0  # to take leave of the cluster
    with (
        ends_soon(kept, patience),
        progress_bar(plan, replicates, settings["method"]) as progress,
    ):
        return simulate(plan, replicates, seed, progress=progress, **settings)


def _print_simulation(result: SimulationResult) -> None:
    from simulations.run_tables import tables_of

    console = output.console()
    for table in tables_of(result):
        console.print(table)
    versions = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    console.print(
        f"{result.replicates} replicates of scheme {result.plan.scheme}, seed {result.seed},"
        f" method {result.method}, backend {result.backend}; {versions}",
        style="dim",
    )
