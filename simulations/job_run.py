"""A job, chunk by chunk: what is kept is read, what is missing is counted here or on a cluster, and kept."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from simulations.checkpoint import Checkpoint
from simulations.chunks import Cut, count_chunk, cut
from simulations.cluster import ClusterError, count_chunks
from simulations.tallies import Counts, Job, Progress, count_part

if TYPE_CHECKING:
    from distributed import Client


def count_jobs(
    jobs: Mapping[str, Job],
    threads: int | None,
    progress: Progress | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    client: Client | None = None,
) -> dict[str, Counts]:
    """Return the tallies of a run's jobs by name; a checkpoint keeps each named one in a directory within."""
    total, before, tallies = sum(job.replicates * job.cost for job in jobs.values()), 0, {}
    for name, job in jobs.items():
        place = checkpoint if checkpoint is None or not name else Path(checkpoint) / name
        tallies[name] = count_job(job, threads, _among(progress, before, total), place, client)
        before += job.replicates * job.cost
    return tallies


def count_job(
    job: Job,
    threads: int | None,
    progress: Progress | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    client: Client | None = None,
) -> Counts:
    """Return the tally of a whole job.

    Parameters
    ----------
    job : what is counted.
    threads : how many for one chunk at most; None is one on a cluster, and here one for each core.
    progress : called with (done, in all) as the job goes on; it starts at what was kept.
    checkpoint : the directory that keeps finished chunks.
    client : of the cluster that counts the chunks.

    Raises
    ------
    KeyboardInterrupt
        With a line that says what is kept and how to go on.
    """
    chunks, tally = cut(job), job.empty(job.replicates)
    store = None if checkpoint is None else Checkpoint(checkpoint, chunks)
    meter = Meter(progress, job.replicates * job.cost)
    try:
        kept = set() if store is None else _read_kept(store, chunks, tally, meter)
        missing = (number for number in range(len(chunks)) if number not in kept)
        if client is None:
            counted = _count_here(chunks, missing, tally, threads or usable_cores(), meter)
        else:
            counted = _count_there(client, chunks, missing, tally, threads or 1)
        with closing(counted):  # whatever happens here, nothing is left to count on a cluster
            for number, counts in counted:
                if store is not None:
                    store.write(number, counts)
                meter.finish(chunks.cost(number))
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_state(store)) from None
    except ClusterError as fault:
        raise ClusterError(f"{fault}; {_state(store)}") from fault
    return tally


def _among(progress: Progress | None, before: int, total: int) -> Progress | None:
    """Return the progress of one job among several."""
    return None if progress is None else lambda done, _: progress(before + done, total)


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Meter:
    """How much of a job is done: whole chunks, and some of the one at work."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress = progress
        self.total = total
        self.done = 0

    def finish(self, cost: int) -> None:
        """Count a finished chunk."""
        self.done += cost
        if self.progress is not None:
            self.progress(self.done, self.total)

    def within(self, cost: int) -> Progress | None:
        """Return the progress inside a chunk of this cost."""
        if self.progress is None:
            return None
        progress, done, total = self.progress, self.done, self.total
        return lambda part, whole: progress(done + cost * part // whole, total)


def _state(store: Checkpoint | None) -> str:
    """Say what is kept."""
    return "nothing is kept; a checkpoint would keep finished chunks" if store is None else store.state()


def _read_kept(store: Checkpoint, chunks: Cut, tally: Counts, meter: Meter) -> set[int]:
    """Add the chunks that are kept; return their numbers."""
    kept, cost = store.finished(), 0
    for number in kept:
        chunks.put(number, store.read(number), tally)
        cost += chunks.cost(number)
    if kept:
        meter.finish(cost)
    return set(kept)


def _count_here(
    chunks: Cut, numbers: Iterable[int], tally: Counts, threads: int, meter: Meter
) -> Generator[tuple[int, Counts], None, None]:
    """Count chunk after chunk into the tally; where a chunk has rows of its own, in place."""
    for number in numbers:
        part, progress = chunks[number], meter.within(chunks.cost(number))
        if chunks.pieces == 1:
            counts = tally[part.rows]
            count_part(chunks.job, part, counts, threads, progress)
        else:
            counts = count_chunk(chunks.job, part, threads, progress)
            chunks.put(number, counts, tally)
        yield number, counts


def _count_there(
    client: Client, chunks: Cut, numbers: Iterable[int], tally: Counts, threads: int
) -> Generator[tuple[int, Counts], None, None]:
    """Let a cluster count the chunks, and add them to the tally as they arrive."""
    with closing(count_chunks(client, chunks, numbers, threads)) as arriving:
        for number, counts in arriving:
            chunks.put(number, counts, tally)
            yield number, counts
