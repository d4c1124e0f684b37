"""Unequal item weights as whole numbers, and the table that draws by them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulations.kernels.weighted import Table, fill_table, item_of
from simulations.streams import (
    LARGEST_REFRESHES,
    LARGEST_REPLICATES,
    WEIGHTED,
    counter_word,
    philox,
    seed_key,
)
from softsample_theory.plan import SamplingPlan
from softsample_theory.validation import ArgumentValueError, count, reject_value
from softsample_theory.weighted_coverage import chances

LARGEST_WEIGHTED = 2**26
"""The largest population that is drawn by weight: one stream holds twice as many words."""
_BITS = 63


@dataclass(frozen=True)
class AliasTable:
    """Draws item i with probability exactly W_i / 2^63.

    Attributes
    ----------
    columns : uint64 (2^k, 2), thresholds and aliases (`simulations.kernels.weighted`).
    digest : str, the SHA-256 of the whole weights W, little-endian uint64.
    """

    columns: Table = field(repr=False, compare=False)
    digest: str

    @property
    def shift(self) -> int:
        """63 - k, the bits of a word that are compared with the threshold."""
        return _BITS - (len(self.columns) - 1).bit_length()

    def draw_at(self, seed: int, replicate: int, epoch: int, draw: int) -> int:
        """Return the item that one draw takes, alone, from its coordinates.

        Parameters
        ----------
        seed, replicate, draw : int, from 0.
        epoch : int, from 0; with `refresh_every` it counts draws of the plan, not epochs.

        Examples
        --------
        >>> table = alias_table([1, 2, 0, 5])
        >>> [table.draw_at(seed=1, replicate=0, epoch=0, draw=d) for d in range(8)]
        [3, 1, 3, 3, 3, 3, 0, 1]
        """
        epoch = count("epoch", epoch, 0, LARGEST_REFRESHES - 1)
        replicate = count("replicate", replicate, 0, LARGEST_REPLICATES - 1)
        draw = count("draw", draw, 0, 2 * LARGEST_WEIGHTED - 1)
        place = (np.uint64(counter_word(WEIGHTED, draw // 2)), np.uint64(epoch), np.uint64(replicate))
        halves = philox(np.uint64(0), *place, *seed_key(seed))[2 * (draw % 2) :]
        return int(item_of(halves[0] | halves[1] << np.uint64(32), self.columns, self.shift))


def whole_weights(weights: ArrayLike) -> NDArray[np.uint64]:
    """Return whole weights W_i that add up to 2^63, uint64 (n,): W_i / 2^63 is what item i is drawn with.

    The largest whole number up to 2^63 w_i / sum w, as float64 has it; what is missing to 2^63 goes to the
    items of positive weight in equal parts, the first ones one more; what is too much is taken from the
    largest. A weight of 0 stays 0.

    Accuracy
    --------
    Within 2**-50 + n 2**-62 of the weights given, all items together.

    Examples
    --------
    >>> (whole_weights([1, 2, 0, 5]) / 2**60).tolist()
    [1.0, 2.0, 0.0, 5.0]
    """
    p = chances(weights)
    whole = np.floor(np.ldexp(p, _BITS)).astype(np.uint64)
    missing = 2**_BITS - int(whole.sum())
    if missing < 0:
        whole[whole.argmax()] -= np.uint64(-missing)
        return whole
    positive = np.flatnonzero(p)
    each, more = divmod(missing, positive.size)
    whole[positive] += np.uint64(each)
    whole[positive[:more]] += np.uint64(1)
    return whole


def alias_table(weights: ArrayLike) -> AliasTable:
    """Return the table of these weights.

    Cost
    ----
    About 0.2 us an item; 16 to 32 bytes an item.
    """
    whole = whole_weights(weights)
    k = max(1, (whole.size - 1).bit_length())
    columns = np.zeros((2**k, 2), np.uint64)
    columns[: whole.size, 0] = whole
    fill_table(columns, _BITS - k)
    columns.flags.writeable = False
    return AliasTable(columns, hashlib.sha256(whole.astype("<u8").data).hexdigest())


def table_asked(plan: SamplingPlan, method: str, weights: ArrayLike | None) -> AliasTable | None:
    """Return the table that `simulate` was asked to draw by, None for equal weights."""
    if weights is None:
        return None
    if plan.scheme != "iid":
        reject_value("scheme", plan.scheme, "iid to draw by weights")
    if method != "draws":
        reject_value("method", method, '"draws" to draw by weights')
    if plan.population > LARGEST_WEIGHTED:
        reject_value("population", plan.population, f"at most {LARGEST_WEIGHTED} to draw by weights")
    size = np.size(weights)
    if size != plan.population:
        raise ArgumentValueError(f"weights are {size}; they must be {plan.population}, one for each unit")
    return alias_table(weights)
