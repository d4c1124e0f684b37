"""A job, chunk by chunk: what every run does, whoever counts the chunks and wherever they are kept."""

from __future__ import annotations

from simulations.chunks import cut
from simulations.tallies import Counts, Job, Progress, count_part


def count_job(job: Job, threads: int, progress: Progress | None = None) -> Counts:
    """Return the tally of a whole job, chunk after chunk."""
    chunks, tally = cut(job), job.empty(job.replicates)
    done, total = 0, job.replicates * job.cost
    for number, part in enumerate(chunks):
        cost = chunks.cost(number)
        count_part(job, part, tally[part.rows], threads, _within(progress, done, cost, total))
        done += cost
        if progress is not None:
            progress(done, total)
    return tally


def _within(progress: Progress | None, done: int, cost: int, total: int) -> Progress | None:
    """Return the progress of one chunk, as that of the whole job."""
    if progress is None:
        return None
    return lambda part, whole: progress(done + cost * part // whole, total)
