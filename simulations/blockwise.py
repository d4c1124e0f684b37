"""Running a kernel over all (replicate, block) pairs: shares first, then the draws, in pieces over threads.

Nothing here decides a number: pieces only say who does what and when, and what they add are integers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from simulations.splitting.shares import Shares, share_filler
from simulations.streams import BLOCK
from softsample_theory.plan import SamplingPlan

T = TypeVar("T")
Counts = NDArray[np.int64]
Kernel = Callable[[Counts, Shares, int, int, int, int], object]
"""kernel(out, shares, from_block, to_block, first_block, first_replicate) adds what the blocks give.

Or puts it together as the run's `merge` does."""

SHARES_BYTES = 4 * 2**20
_PIECE = 4_000_000  # draws, some 4 ms: far below a second, far above the 50 us of a thread
_IDLE_EPOCH = 100  # what a block costs in an epoch without draws, in draws


@dataclass(frozen=True)
class Batch:
    """What is shared out at once: some replicates, and some blocks of theirs.

    `row` is the first replicate's row in the output.
    """

    row: int
    replicate: int
    replicates: int
    block: int
    blocks: int


@dataclass(frozen=True)
class BlockRun:
    """The part of a plan that is drawn at random, block by block: some replicates, and some blocks of theirs.

    Attributes
    ----------
    plan, seed : what is run.
    replicates, first_replicate : which replicates.
    blocks, first_block : which blocks of the population; all from the first one on by default.
    threads : how many threads at most.
    progress : called with (draws done, draws in all) after each piece, from the calling thread.
    merge : how the counts of two blocks are put together.
    """

    plan: SamplingPlan
    replicates: int
    seed: int
    threads: int = 1
    progress: Callable[[int, int], object] | None = None
    first_replicate: int = 0
    first_block: int = 0
    blocks: int | None = None
    merge: np.ufunc = np.add

    def run(self, kernel: Kernel, out: Counts) -> Counts:
        """Let the kernel bring every block into `out`, whose first axis is the replicates."""
        if self._refreshes == 0:
            return out
        done, total = 0, cost_in_draws(self.plan, self.replicates, self._blocks)
        with ExitStack() as stack:
            pool = (
                stack.enter_context(ThreadPoolExecutor(self.threads)) if self._worth_threads(total) else None
            )
            for batch in self._batches():
                shares = np.empty((batch.replicates, self._refreshes, batch.blocks), np.uint32)
                for _ in _in_order(pool, self._sharing(shares, batch)):
                    pass
                for cost, add in _in_order(pool, self._pieces(kernel, out, shares, batch)):
                    add()
                    done += cost
                    if self.progress is not None:
                        self.progress(done, total)
        return out

    @property
    def _refreshes(self) -> int:
        return self.plan.refreshes()

    @property
    def _blocks(self) -> int:
        return blocks_of(self.plan) - self.first_block if self.blocks is None else self.blocks

    def _worth_threads(self, cost: int) -> bool:
        return self.threads > 1 and cost > _PIECE // 2

    def _batches(self) -> Iterator[Batch]:
        """Yield the batches whose shares fit into SHARES_BYTES: many replicates, or some blocks of one."""
        row = 4 * self._refreshes
        blocks = max(1, min(self._blocks, SHARES_BYTES // row))
        replicates = max(1, SHARES_BYTES // (row * blocks))
        for i in range(0, self.replicates, replicates):
            for b in range(0, self._blocks, blocks):
                batch = (
                    min(replicates, self.replicates - i),
                    self.first_block + b,
                    min(blocks, self._blocks - b),
                )
                yield Batch(i, self.first_replicate + i, *batch)

    def _sharing(self, shares: Shares, batch: Batch) -> Iterator[Callable[[], object]]:
        """Yield the calls that fill the shares: a range of replicates each, or a range of epochs of one."""
        fill = share_filler(self.plan, self.seed)
        step = max(1, min(-(-batch.replicates // self.threads), _PIECE // (self._refreshes * batch.blocks)))
        epochs = self._refreshes if step > 1 else max(1, -(-self._refreshes // self.threads))
        for i in range(0, batch.replicates, step):
            for e in range(0, self._refreshes, epochs):
                part = shares[i : i + step, e : e + epochs]
                yield partial(fill, part, e, batch.block, batch.replicate + i)

    def _pieces(
        self, kernel: Kernel, out: Counts, shares: Shares, batch: Batch
    ) -> Iterator[Callable[[], tuple[int, Callable[[], object]]]]:
        """Yield the calls that run the kernel: a range of replicates each, or a range of blocks of one.

        A call answers with its cost and with what is left to do in the calling thread.
        """
        one = cost_in_draws(self.plan, 1, batch.blocks)
        step = max(1, min(-(-batch.replicates // (4 * self.threads)), _PIECE // one))
        blocks = batch.blocks if step > 1 else max(1, batch.blocks * _PIECE // max(one, _PIECE))
        for i in range(0, batch.replicates, step):
            for b in range(0, batch.blocks, blocks):
                yield partial(
                    self._piece, kernel, out, shares, batch, i, step, b, min(b + blocks, batch.blocks)
                )

    def _piece(
        self, kernel: Kernel, out: Counts, shares: Shares, batch: Batch, i: int, step: int, b: int, end: int
    ) -> tuple[int, Callable[[], object]]:
        """Run the kernel into rows of its own, or, where others add to the same rows, beside them."""
        rows = out[batch.row + i : batch.row + min(i + step, batch.replicates)]
        alone = end - b == self._blocks
        target = rows if alone else np.zeros_like(rows)
        kernel(target, shares[i : i + step], b, end, batch.block, batch.replicate + i)
        add = (lambda: None) if alone else partial(self.merge, rows, target, out=rows)
        return cost_in_draws(self.plan, len(rows), end - b), add


def blocks_of(plan: SamplingPlan) -> int:
    """Return how many blocks the population has."""
    return -(-plan.population // BLOCK)


def cost_in_draws(plan: SamplingPlan, replicates: int, blocks: int) -> int:
    """Return about how many draws these replicates make in that many blocks, idle epochs counted too."""
    draws = plan.subset * blocks // blocks_of(plan)
    return replicates * plan.refreshes() * (draws + _IDLE_EPOCH * blocks)


def _in_order(pool: ThreadPoolExecutor | None, calls: Iterable[Callable[[], T]]) -> Iterator[T]:
    """Yield what the calls return, in their order; on the way out, call none that has not begun."""
    if pool is None:
        yield from (call() for call in calls)
        return
    futures = [pool.submit(call) for call in calls]
    try:
        for future in futures:
            yield future.result()
    finally:
        for future in futures:
            future.cancel()
