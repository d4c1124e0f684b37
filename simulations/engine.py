"""`simulate`: replicates of a sampling plan, every draw really made."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from math import ceil, sqrt
from typing import TYPE_CHECKING

from simulations.blockwise import SHARES_BYTES
from simulations.cluster import LOCAL, connection
from simulations.job_run import count_job, usable_cores
from simulations.memory import available_memory, in_words
from simulations.result import SimulationResult
from simulations.streams import LARGEST_POPULATION, LARGEST_REFRESHES, LARGEST_REPLICATES
from simulations.tallies import Job, samples
from simulations.versions import versions
from softsample_theory.plan import SamplingPlan
from softsample_theory.validation import ArgumentValueError, choice, count, reject_type, reject_value

if TYPE_CHECKING:
    from distributed import Client

METHODS = ("draws", "law")
BACKENDS = ("auto", "numba", "cupy")
RECORDS = ("distinct", "spectrum")


def simulate(
    plan: SamplingPlan,
    replicates: int,
    seed: int,
    *,
    method: str = "draws",
    backend: str = "auto",
    threads: int | None = None,
    record: Iterable[str] = ("distinct",),
    r_max: int | None = None,
    progress: Callable[[int, int], object] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    client: Client | None = None,
    dask: str | None = None,
) -> SimulationResult:
    """Simulate a sampling plan: what each epoch of each replicate has seen.

    The result depends on (plan, replicates, seed, method) alone: not on threads, chunks or the machine, and
    not on what else is recorded. Replicate i of a run of 10 is replicate i of a run of 100, and the first
    epochs of a long run are those of a short one.

    Parameters
    ----------
    plan : the sampling plan. For ``method="draws"`` up to 2**48 units and 2**32 refreshes.
    replicates : int, independent repetitions, from 1 to 2**32.
    seed : int, 0 to 2**64 - 1. There is no default and no hidden state.
    method : ``"draws"`` makes every draw; ``"law"`` samples the same curves from their exact law without
        touching an item. The two agree in law, not number by number.
    backend : ``"numba"`` on the CPU; ``"auto"`` takes what there is.
    threads : int, how many at most; by default one for each core this process may use.
    record : what to keep: ``"distinct"`` always, ``"spectrum"`` on request.
    r_max : int from 1, the last class of the spectrum, "r_max visits or more". By default six standard
        deviations above the mean number of visits, and ten more.
    progress : called with (done, in all), in draws or what takes as long: after every chunk, and where every
        draw is made here, after every few milliseconds of work.
    checkpoint : a directory, new, empty, or of this very run. Finished chunks, of a second or so each, are
        kept there; a run that was stopped, in whatever way, goes on from them to the same bytes.
    client : a `distributed.Client`: the chunks are counted on its cluster, to the same bytes.
    dask : the address of a Dask scheduler, or ``"local"`` for worker processes on this machine, as many as
        `threads` says (in a script, under ``if __name__ == "__main__":``). On a cluster `threads` is what one
        chunk may use, by default 1.

    Returns
    -------
    SimulationResult

    Raises
    ------
    ArgumentValueError, ArgumentTypeError
        For arguments out of range, where the result would not fit into memory, and where the checkpoint is
        damaged or another run's.
    CheckpointError, ClusterError
        Both are an OSError: where a chunk could not be kept, and where a cluster cannot do the work.
    KeyboardInterrupt
        On Ctrl-C, with a line that says what is kept.

    Accuracy
    --------
    No approximation is made. Block shares are within 2**-40 of their law in total variation for each split
    (`simulations.splitting`); the draws inside a block are uniform without bias.

    Cost
    ----
    One thread of a 3.7 GHz core, a draw: coverage 0.7 ns (`iid`) to 1.0 ns (`subset`), spectrum 1.2 to 2.6
    ns, from n = 10^4 up; `tests/benchmarks/bench_engine.py` measures it beside NumPy. A block of 2**16 units
    that is full makes no more draws when only coverage is asked. Memory: the result, 4 MB, and up to 0.3 MB
    for each thread; nothing of the population's size.

    Examples
    --------
    >>> from softsample_theory import SamplingPlan
    >>> result = simulate(SamplingPlan(population=98, ratio=0.1, epochs=4), replicates=2, seed=1)
    >>> result.distinct
    array([[ 0, 10, 19, 29, 37],
           [ 0, 10, 20, 26, 31]])
    """
    if not isinstance(plan, SamplingPlan):
        reject_type("plan", plan, "a SamplingPlan")
    replicates = count("replicates", replicates, 1, LARGEST_REPLICATES)
    seed = count("seed", seed, 0, 2**64 - 1)
    choice("method", method, METHODS)
    backend = _backend(backend)
    threads = None if threads is None else count("threads", threads, 1, 4096)
    last_class = _last_class(plan, _records(record), r_max)
    _refuse_what_cannot_fit(plan, replicates, last_class)
    if method == "draws":
        _refuse_what_no_stream_reaches(plan)
    job = Job(plan, replicates, seed, method, last_class)
    with connection(client, dask, threads or usable_cores()) as cluster:
        tally = count_job(job, 1 if dask == LOCAL else threads, progress, checkpoint, cluster)
    return SimulationResult.of(plan, seed, method, backend, versions(), *samples(job, tally))


def _refuse_what_no_stream_reaches(plan: SamplingPlan) -> None:
    """Raise where the coordinates of the draws run out (`simulations.streams`)."""
    law = 'see method="law"'
    if plan.population > LARGEST_POPULATION:
        reject_value("population", plan.population, f"at most {LARGEST_POPULATION} to make every draw; {law}")
    if plan.refreshes() > LARGEST_REFRESHES:
        reject_value(
            "epochs", plan.epochs, f"at most {LARGEST_REFRESHES} refreshes to make every draw; {law}"
        )


def _backend(backend: str) -> str:
    """Return the backend that will run."""
    if choice("backend", backend, BACKENDS) == "cupy":
        raise ArgumentValueError(
            "backend is 'cupy'; this version simulates on the CPU only, with 'numba' or 'auto'"
        )
    return "numba"


def _records(record: Iterable[str]) -> tuple[str, ...]:
    """Return what is to be kept, each name checked."""
    if isinstance(record, str):
        reject_type("record", record, f"a tuple of names out of {', '.join(RECORDS)}")
    return tuple(choice("record", name, RECORDS) for name in record)


def _last_class(plan: SamplingPlan, records: tuple[str, ...], r_max: int | None) -> int | None:
    """Return the spectrum's last class, None where no spectrum is to be kept."""
    if "spectrum" not in records:
        if r_max is not None:
            raise ArgumentValueError(f'r_max is {r_max!r}; it needs record=("spectrum",)')
        return None
    if r_max is not None:
        return count("r_max", r_max, 1, 2**31)
    warm = min(plan.warm_epochs, plan.epochs)
    drawn = plan.epochs - warm
    mean = drawn * plan.ratio
    spread = sqrt(mean * min(plan.refresh_every, max(1, drawn)))
    most = drawn if plan.scheme in ("subset", "poisson", "fixed", "full") else plan.subset * drawn
    return max(1, warm + (drawn if plan.scheme == "fixed" else min(most, ceil(mean + 6 * spread + 10))))


def _refuse_what_cannot_fit(plan: SamplingPlan, replicates: int, r_max: int | None) -> None:
    """Raise where the samples and the room to make them exceed the memory that is left."""
    free = available_memory()
    each = 8 * (plan.epochs + 1) * (3 if r_max is None else 2 + r_max + 1)
    if free is None or each * replicates + SHARES_BYTES <= free:
        return
    fit = max(0, free - SHARES_BYTES) // each
    room = f"each replicate takes {in_words(each)} and {in_words(free)} are free"
    if fit == 0:
        reject_value(
            "epochs", plan.epochs, f"fewer: {room}" if r_max is None else f"fewer, or r_max lower: {room}"
        )
    reject_value("replicates", replicates, f"at most {fit}: {room}")
