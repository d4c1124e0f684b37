"""The command of the simulator: simulate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from softsample_theory import output
from softsample_theory.epoch_rows import plan_line, shown_epochs
from softsample_theory.plan import SamplingPlan
from softsample_theory.plan_options import Csv, Json, Plot, count_option, takes_plan

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
    record = ("distinct", "spectrum") if spectrum else ("distinct",)
    run = {"method": method, "backend": backend, "threads": threads, "record": record}
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
    from simulations.comparison import compare

    seen = compare(result)
    rows: list[list[str]] = []
    for i in shown_epochs(result.plan.epochs):
        rows.append(
            [
                str(i),
                output.number(seen.simulated_mean[i]),
                output.number(seen.simulated_std[i]),
                output.number(seen.mean[i]),
                output.number(seen.std[i]),
                f"{seen.z[i]:+.2f}",
            ]
        )
    headings = ["epoch", "simulated mean", "simulated sd", "exact mean", "exact sd", "z of the mean"]
    console = output.console()
    console.print(output.table(plan_line(result.plan), headings, rows))
    if result.spectrum is not None:
        console.print(
            output.table(f"Items seen r times after epoch {result.plan.epochs}", *_spectrum_rows(result))
        )
    versions = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    console.print(
        f"{result.replicates} replicates of scheme {result.plan.scheme}, seed {result.seed},"
        f" method {result.method}, backend {result.backend}; {versions}",
        style="dim",
    )


def _spectrum_rows(result: SimulationResult) -> tuple[list[str], list[list[str]]]:
    from softsample_theory import occupancy

    assert result.spectrum is not None
    simulated = result.spectrum[:, -1, :].mean(axis=0)
    last = simulated.size - 1
    exact = occupancy.spectrum(result.plan, r_max=last)
    exact[last] = result.plan.population * occupancy.law(result.plan).sf(last - 1)
    rows = [
        [f"{r} or more" if r == last else str(r), output.number(simulated[r]), output.number(exact[r])]
        for r in range(last + 1)
        if simulated[r] or exact[r] > 1e-6
    ]
    return ["r", "simulated mean", "exact mean"], rows
