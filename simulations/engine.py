"""`simulate`: replicates of a sampling plan, every draw really made."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

from simulations.blockwise import SHARES_BYTES
from simulations.cluster import LOCAL, connection
from simulations.job_run import count_jobs, usable_cores
from simulations.memory import available_memory, in_words
from simulations.records import Records, records_asked
from simulations.result import SimulationResult
from simulations.streams import LARGEST_POPULATION, LARGEST_REFRESHES, LARGEST_REPLICATES
from simulations.versions import versions
from simulations.weights import table_asked
from softsample_theory.plan import SamplingPlan
from softsample_theory.validation import ArgumentValueError, choice, count, reject_type, reject_value

if TYPE_CHECKING:
    from distributed import Client
    from numpy.typing import ArrayLike

METHODS = ("draws", "law")
BACKENDS = ("auto", "numba", "cupy")


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
    g_max: int | None = None,
    cover_items: int | None = None,
    cover_fraction: float | Fraction | None = None,
    copies: int = 1,
    weights: ArrayLike | None = None,
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
    record : what to keep: ``"distinct"`` always; on request ``"spectrum"``; ``"largest"``, the largest count;
        ``"gaps"``, epochs between visits; ``"visits"``, of every unit in every epoch, to n = 65535. The last
        three make the draws again; gaps and visits need ``method="draws"``.
    r_max : int from 1, the last class of the spectrum, "r_max visits or more". By default six standard
        deviations above the mean number of visits, and ten more.
    g_max : int from 1, the last class of the gaps, "g_max epochs or more". By default the longest gap that
        there can be, at most 32 times the mean one.
    cover_items, cover_fraction, copies : `covered_at` is the first epoch by which so many units, or the least
        number that is such a fraction, have been visited `copies` times each, as in
        `softsample_theory.covering_time.law`. By default all units, once.
    weights : real (n,), not negative, for `iid`: each draw takes unit i with probability w_i / sum w, to
        2**-50 (`simulations.weights`), n up to 2**26. `softsample_theory.weighted_coverage` has the exact
        mean and variance. Equal weights make other draws than no weights do.
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
    ns, from n = 10^4 up; `softsample bench` measures it beside NumPy. A block of 2**16 units that is full
    makes no more draws when only coverage is asked. Memory: the result, 4 MB, and up to 1.6 MB
    for each thread; nothing of the population's size. Each of largest, gaps and visits makes the draws once
    more, at 12 to 18 ns a draw; gaps under `reshuffle` take 30 to 100 ns and 32 bytes a unit. Draws by weight
    take 8 to 30 ns, once for each record, and 32 bytes a unit with 24 more for each thread.

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
    cover = (cover_items, cover_fraction, copies)
    table = table_asked(plan, method, weights)
    kept = records_asked(plan, method, record, r_max, g_max, *cover)
    once = kept.bytes_once(plan, method, threads or usable_cores(), table is not None)
    _refuse_what_cannot_fit(plan, replicates, kept, once)
    if method == "draws":
        _refuse_what_no_stream_reaches(plan)
    jobs = kept.jobs(plan, replicates, seed, method, table)
    with connection(client, dask, threads or usable_cores()) as cluster:
        tallies = count_jobs(jobs, 1 if dask == LOCAL else threads, progress, checkpoint, cluster)
    made_by = (plan, seed, method, backend, versions())
    return SimulationResult.of(
        *made_by, **kept.samples(jobs, tallies), weights_digest=jobs[""].weights_digest
    )


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


def _refuse_what_cannot_fit(plan: SamplingPlan, replicates: int, kept: Records, once: int) -> None:
    """Raise where the samples and the room to make them exceed the memory that is left."""
    free = available_memory()
    once, each = SHARES_BYTES + once, kept.bytes_each(plan)
    if free is None or each * replicates + once <= free:
        return
    fit = max(0, free - once) // each
    room = f"each replicate takes {in_words(each)} and {in_words(free)} are free"
    if fit == 0:
        lower = f"fewer, or {kept.widest} lower" if kept.widest else "fewer"
        reject_value("epochs", plan.epochs, f"{lower}: {room}")
    reject_value("replicates", replicates, f"at most {fit}: {room}")
