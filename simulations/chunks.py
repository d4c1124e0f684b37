"""How a job is cut into chunks: a pure function of the job, whoever counts them, in whatever order.

A chunk is some replicates, or, where one replicate alone takes long, some blocks of the population in one. It
takes a second or so on one core and keeps at most 16 MB: what is lost when a machine stops, and what travels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from simulations.tallies import Counts, Job, Part, Progress, count_part

CHUNK_COST = 3 * 10**8
"""What a chunk costs at most, in draws of about 2 ns, unless one block of one replicate costs more."""
CHUNK_ENTRIES = 2**21
"""How many numbers a chunk holds at most, unless one replicate holds more."""
_LEAST_WORK = 20  # draws for each number that a part of a replicate holds, or cutting it would not pay


@dataclass(frozen=True)
class Cut(Sequence[Part]):
    """The chunks of a job, in order, each made when it is asked for.

    Attributes
    ----------
    job : what is cut.
    replicates : how many replicates a chunk has at most.
    pieces : how many chunks a replicate is cut into; 1 unless `replicates` is 1.
    """

    job: Job
    replicates: int
    pieces: int

    def __len__(self) -> int:
        return self.pieces * -(-self.job.replicates // self.replicates)

    @overload
    def __getitem__(self, number: int) -> Part: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Part]: ...
    def __getitem__(self, number: int | slice) -> Part | Sequence[Part]:
        if isinstance(number, slice):
            return [self[i] for i in range(*number.indices(len(self)))]
        if not -len(self) <= number < len(self):
            raise IndexError(f"chunk {number} of {len(self)}")
        group, piece = divmod(number % len(self), self.pieces)
        first = group * self.replicates
        blocks = self.job.blocks
        start, end = blocks * piece // self.pieces, blocks * (piece + 1) // self.pieces
        return Part(first, min(self.replicates, self.job.replicates - first), start, end - start)

    def cost(self, number: int) -> int:
        """Return about what a chunk costs, in draws of about 2 ns."""
        part, one, blocks = self[number], self.job.cost, self.job.blocks
        before, after = one * part.block // blocks, one * (part.block + part.blocks) // blocks
        return part.replicates * (after - before)

    def put(self, number: int, counts: Counts, tally: Counts) -> None:
        """Put what a chunk counted to the tally of the whole job."""
        rows = tally[self[number].rows]
        self.job.merge(rows, counts, out=rows)


def cut(job: Job) -> Cut:
    """Cut a job into chunks.

    Examples
    --------
    >>> from softsample_theory import SamplingPlan
    >>> plan = SamplingPlan(population=50_000, ratio=0.1, epochs=30)
    >>> chunks = cut(Job(plan, replicates=10_000, seed=1, method="draws", r_max=None))
    >>> len(chunks), chunks[0]
    (6, Part(replicate=0, replicates=1667, block=0, blocks=1))
    """
    one, entries = max(1, job.cost), max(1, job.entries)
    if one > CHUNK_COST:
        worth = one // (_LEAST_WORK * entries)
        return Cut(job, 1, max(1, min(-(-one // CHUNK_COST), job.blocks, worth)))
    most = max(1, min(CHUNK_COST // one, CHUNK_ENTRIES // entries))
    groups = -(-job.replicates // most)
    return Cut(job, -(-job.replicates // groups), 1)


def count_chunk(job: Job, part: Part, threads: int = 1, progress: Progress | None = None) -> Counts:
    """Return what one chunk counts, int64 (part.replicates, ...)."""
    tally = job.empty(part.replicates)
    count_part(job, part, tally, threads, progress)
    return tally
