"""The floor under a draw: its random bits plus one store, each timed alone on this machine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.benchmark.clock import Work, alternated
from simulations.kernels.floors import only_count, only_draw, only_mark
from simulations.streams import BLOCK, WORDS_AT_ONCE, draws_in_word, fill_draws, seed_key

DRAWS = 20_000_000
"""How many draws one timing makes: some 10 ms."""


@dataclass(frozen=True)
class Floor:
    """What a draw into a block takes at least: two parts that nothing that makes it can leave out.

    Attributes
    ----------
    size : items of the block.
    random_ns : nanoseconds a draw of Philox4x32-10 words made into items of the block.
    mark_ns, count_ns : of setting a draw's bit, and of adding one to its byte.
    """

    size: int
    random_ns: float
    mark_ns: float
    count_ns: float

    def of(self, quantity: str) -> float:
        """Return the nanoseconds a draw under coverage or under the spectrum."""
        return self.random_ns + (self.mark_ns if quantity == "coverage" else self.count_ns)


def measure_floor(size: int, seed: int, rounds: int, draws: int = DRAWS) -> Floor:
    """Return the floor of a block of this size: medians over the rounds, one thread, CPU time."""
    key, zero = seed_key(seed), np.uint64(0)
    packs, spare = np.empty((2, WORDS_AT_ONCE), np.uint64)
    fill_draws(packs, packs.size, np.uint64(size), *key, zero, zero, zero, zero)
    bits, counters = np.zeros(BLOCK // 64, np.uint64), np.zeros(BLOCK, np.uint8)

    def works(repeats: int) -> list[Work]:
        return [
            lambda: only_draw(repeats, spare, size, *key),
            lambda: only_mark(repeats, packs, size, bits),
            lambda: only_count(repeats, packs, size, counters),
        ]

    alternated(works(1), 1)  # compiles
    in_buffer = draws_in_word(size) * WORDS_AT_ONCE
    repeats = max(1, draws // in_buffer)
    times = np.median(alternated(works(repeats), rounds), axis=0) / (repeats * in_buffer)
    return Floor(size, *(1e9 * each for each in times.tolist()))
