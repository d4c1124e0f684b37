"""What a benchmark returns: the times, and all that they were measured on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulations.benchmark.cases import Case
from simulations.benchmark.floors import Floor


@dataclass(frozen=True)
class Gain:
    """How many times faster one thing is than another, over rounds that took both.

    Attributes
    ----------
    median, least, largest : of the rounds' ratios.
    """

    median: float
    least: float
    largest: float

    @classmethod
    def of(cls, slow: NDArray[np.float64], fast: NDArray[np.float64]) -> Gain:
        """Return the gain from the two times of each round.

        Examples
        --------
        >>> Gain.of(np.array([8.0, 9.0, 30.0]), np.array([2.0, 3.0, 3.0]))
        Gain(median=4.0, least=3.0, largest=10.0)
        """
        ratios = slow / fast
        return cls(float(np.median(ratios)), float(ratios.min()), float(ratios.max()))


@dataclass(frozen=True)
class Row:
    """What one quantity of one case costs on one thread, by its CPU time; medians over the rounds.

    Attributes
    ----------
    case, quantity, method, scheme : what was timed.
    unit : of the costs: ``"ns a draw"`` of the plan, or ``"us an epoch"``.
    cost, numpy_cost : of the simulator and of NumPy; None where NumPy was not asked.
    gain : NumPy's time over the simulator's; None where NumPy was not asked.
    least_gain, largest_cost : what is promised; None where nothing is.
    floor_share : what the floor under the draws that were made is of the cost; None in law, where none are.
    """

    case: str
    quantity: str
    method: str
    scheme: str
    unit: str
    cost: float
    numpy_cost: float | None
    gain: Gain | None
    least_gain: int | None
    largest_cost: float | None
    floor_share: float | None


@dataclass(frozen=True)
class Scaling:
    """What more threads give on one job, every draw made, scheme `iid`, by wall time.

    Attributes
    ----------
    case, quantity, threads : what was timed.
    seconds : of the job on one thread, the median over the rounds.
    gain : one thread's time over theirs.
    """

    case: str
    quantity: str
    threads: int
    seconds: float
    gain: Gain


@dataclass(frozen=True)
class Benchmark:
    """What was measured, and all that it was measured on.

    Attributes
    ----------
    rows : the costs of one thread.
    floors : random bits and stores alone, for each size of block.
    scaling : several threads against one; empty where one was asked for.
    cases : the plans that were timed.
    left_out : those that were not, each with the reason.
    rounds, seed, threads, backend : what was asked for.
    versions : of softsample, the layout of the streams, NumPy, Numba and Python.
    processor, cores : its name, and how many cores this process may use.
    load : how many processes ran or waited for a core, over the minute before; None where the system does not
        say. Wall times suffer where it is not far below `cores`.
    date : when it began, UTC.
    """

    rows: tuple[Row, ...]
    floors: tuple[Floor, ...]
    scaling: tuple[Scaling, ...]
    cases: tuple[Case, ...]
    left_out: tuple[str, ...]
    rounds: int
    seed: int
    threads: int
    backend: str
    versions: Mapping[str, str]
    processor: str
    cores: int
    load: float | None
    date: str
