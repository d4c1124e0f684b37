"""Timing beside other processes: the thread's own CPU time, and rounds that alternate."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Work = Callable[[], object]
Clock = Callable[[], float]


def seconds(work: Work, clock: Clock = time.thread_time) -> float:
    """Return how long one call takes: by default the CPU time of this thread.

    That clock does not run while another process has the core, so it suits work of one thread and no other.
    """
    start = clock()
    work()
    return clock() - start


def alternated(works: Sequence[Work], rounds: int, clock: Clock = time.thread_time) -> NDArray[np.float64]:
    """Return the seconds of each work in each round, float64 (rounds, works).

    A round takes the works one after the other, so that a machine that slows down slows all of them down, and
    the ratios within a round stay what they are.
    """
    return np.array([[seconds(work, clock) for work in works] for _ in range(rounds)])
