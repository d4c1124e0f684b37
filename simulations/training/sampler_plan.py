"""What a sampler was asked for: checked, in whole numbers, and comparable field by field."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulations.streams import LARGEST_REFRESHES, seed_key
from softsample_theory.plan import SCHEMES, SamplingPlan
from softsample_theory.validation import (
    LARGEST_COUNT,
    ArgumentTypeError,
    choice,
    count,
    fraction,
    reject_type,
    reject_value,
)

Items = NDArray[np.int64]
GRANULARITIES = ("item", "batch", "chunk")
SHARDS = ("strided", "independent")


@dataclass(frozen=True)
class SamplerPlan:
    """Everything that an order depends on but the rank, the epoch and the position.

    `subset_size` counts sampling units over all ranks, after rounding down to a multiple of `world_size`
    where `drop_last` asks for it. `strata` and `weights` are SHA-256 digests, or None.
    """

    data_size: int
    subset_size: int
    scheme: str
    refresh_every: int
    granularity: str
    unit_size: int
    seed: int
    world_size: int
    shard: str
    drop_last: bool
    strata: str | None
    weights: str | None

    @property
    def units(self) -> int:
        """How many sampling units the data set has; the last one may be shorter."""
        return -(-self.data_size // self.unit_size)

    def sampling_plan(self, epochs: int) -> SamplingPlan:
        """Return the plan, in sampling units, whose laws hold for the union of the ranks."""
        return SamplingPlan(
            self.units,
            subset=self.subset_size,
            epochs=epochs,
            scheme=self.scheme,
            refresh_every=self.refresh_every,
            unit_size=self.unit_size,
        )


def sampler_plan(
    data_size: int,
    ratio: float | Fraction | None,
    subset_size: int | None,
    scheme: str,
    refresh_every: int,
    granularity: str,
    unit_size: int,
    seed: int,
    world_size: int,
    shard: str,
    drop_last: bool,
    strata: Items | None,
    weights: Items | None,
) -> SamplerPlan:
    """Return the checked plan; `strata` and `weights` as `labels_of` and `weights_of` give them."""
    data_size = count("data_size", data_size, 1)
    granularity = choice("granularity", granularity, GRANULARITIES)
    unit_size = count("unit_size", unit_size, 1, 1 if granularity == "item" else LARGEST_COUNT)
    units = -(-data_size // unit_size)
    scheme = choice("scheme", scheme, SCHEMES)
    if not isinstance(drop_last, bool):
        reject_type("drop_last", drop_last, "True or False")
    seed_key(seed)
    world_size = count("world_size", world_size, 1, LARGEST_REFRESHES)
    size = _asked_size(units, ratio, subset_size, scheme)
    plan = SamplerPlan(
        data_size=data_size,
        subset_size=_shared_size(size, scheme, world_size) if drop_last else size,
        scheme=scheme,
        refresh_every=count("refresh_every", refresh_every, 1, LARGEST_REFRESHES),
        granularity=granularity,
        unit_size=unit_size,
        seed=int(seed),
        world_size=world_size,
        shard=choice("shard", shard, SHARDS),
        drop_last=drop_last,
        strata=_digest(strata),
        weights=_digest(weights),
    )
    _refuse_what_does_not_combine(plan)
    return plan


def labels_of(name: str, labels: ArrayLike | None, data_size: int) -> Items | None:
    """Return class labels as int64 (n,), or say what is wrong with them."""
    return None if labels is None else _whole_numbers(name, labels, data_size)


def weights_of(weights: ArrayLike | None, data_size: int) -> Items | None:
    """Return weights as int64 (n,): whole numbers >= 0 with a total from 1 to 2**53."""
    if weights is None:
        return None
    values = _whole_numbers("weights", weights, data_size)
    least, total = int(values.min()), int(values.sum(dtype=object))
    if least < 0 or not 1 <= total <= LARGEST_COUNT:
        given = f"from {least} on, {total} in all"
        reject_value("weights", given, f"whole numbers >= 0 with a total from 1 to {LARGEST_COUNT}")
    return values


def _whole_numbers(name: str, values: ArrayLike, size: int) -> Items:
    array = np.asarray(values)
    if array.shape != (size,):
        reject_value(name, array.shape, f"an array of shape ({size},), one entry an item")
    if array.dtype.kind not in "iu" or (array.dtype.kind == "u" and array.max() >= 2**63):
        allowed = "an array of whole numbers: an order is exact for these alone; scale and round fractions"
        reject_type(name, array.dtype.name, allowed)
    return array.astype(np.int64)


def _asked_size(units: int, ratio: float | Fraction | None, subset_size: int | None, scheme: str) -> int:
    if ratio is not None and subset_size is not None:
        raise ArgumentTypeError(
            f"ratio is {ratio!r} and subset_size is {subset_size!r}; give one of the two, not both"
        )
    if ratio is None and subset_size is None and scheme != "full":
        raise ArgumentTypeError("ratio and subset_size are both missing; give one of the two")
    if subset_size is not None:
        subset_size = count("subset_size", subset_size, 1, units)
        if scheme == "full" and subset_size != units:
            reject_value("subset_size", subset_size, f"{units}, or left out, under scheme 'full'")
    elif ratio is not None:
        fraction("ratio", ratio)
    return SamplingPlan(units, ratio, subset=subset_size, epochs=1, scheme=scheme).subset


def _shared_size(size: int, scheme: str, world_size: int) -> int:
    """Round the subset down, so that all ranks take equally many units."""
    if world_size == 1:
        return size
    if scheme == "poisson" or (scheme == "full" and size % world_size):
        what = "has epochs of random size" if scheme == "poisson" else f"takes all {size} units"
        allowed = f"False for {world_size} ranks: scheme {scheme!r} {what}, and ranks differ by one at most"
        reject_value("drop_last", True, allowed)
    if size < world_size:
        reject_value("world_size", world_size, f"at most the subset of {size} units")
    return size - size % world_size


def _refuse_what_does_not_combine(plan: SamplerPlan) -> None:
    item = plan.granularity == "item"
    if plan.strata and not (plan.scheme in ("subset", "fixed") and item and not plan.weights):
        reject_value("strata", "given", "None unless scheme is 'subset' or 'fixed', by item, without weights")
    if plan.weights and not (plan.scheme == "iid" and item):
        reject_value("weights", "given", "None unless scheme is 'iid', by item")
    if plan.shard == "independent" and not (plan.scheme == "iid" and item):
        reject_value("shard", plan.shard, "'strided' unless scheme is 'iid', by item")
    if plan.shard == "independent" and plan.subset_size < plan.world_size:
        reject_value("world_size", plan.world_size, f"at most the subset of {plan.subset_size} items")
    if plan.granularity == "chunk" and plan.units >= LARGEST_REFRESHES:
        reject_value(
            "unit_size", plan.unit_size, f"such that there are fewer than {LARGEST_REFRESHES} chunks"
        )


def _digest(values: Items | None) -> str | None:
    return None if values is None else hashlib.sha256(values.astype("<i8").tobytes()).hexdigest()
