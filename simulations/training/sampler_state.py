"""A sampler's place as plain numbers and strings, and the refusal of another sampler's place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from simulations.training.sampler_plan import SamplerPlan
from softsample_theory.validation import count, reject_type, reject_value

VERSION = 1


def state_of(asked: SamplerPlan, epoch: int, position: int) -> dict[str, Any]:
    """Return the state: the version, the place, and every field of the plan."""
    return {"version": VERSION, "epoch": epoch, "position": position, **asdict(asked)}


def place_in(state: Mapping[str, Any], asked: SamplerPlan) -> tuple[int, int]:
    """Return (epoch, position) of a state, or say in one line which field is missing or another plan's.

    The position is this sampler's: where ranks share one order item by item, a state of W ranks that have
    visited p items each is a state of V ranks with pW/V each.
    """
    if not isinstance(state, Mapping):
        reject_type("state", state, "a dict from state_dict()")
    here = state_of(asked, 0, 0)
    for field in here:
        if field not in state:
            reject_value("state", sorted(map(str, state)), f"a dict from state_dict(), with {field!r}")
    shared = asked.shard == "strided" and asked.granularity == "item"
    for field, value in here.items():
        free = field in ("epoch", "position") or (field == "world_size" and shared)
        if not free and (type(state[field]) is not type(value) or state[field] != value):
            reject_value(f"state[{field!r}]", state[field], f"{value!r}, as in this sampler")
    visited = count("state['position']", state["position"]) * count("world_size", state["world_size"], 1)
    if visited % asked.world_size:
        reject_value("world_size", asked.world_size, f"a divisor of the {visited} items visited so far")
    return count("state['epoch']", state["epoch"]), visited // asked.world_size
