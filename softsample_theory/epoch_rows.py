"""Which epochs a table for people lists, and the line that names its plan."""

from __future__ import annotations

from softsample_theory.plan import SamplingPlan

TABLE_ROWS = 24
"""A table for people lists at most about this many epochs; --csv and --json list all."""


def shown_epochs(epochs: int) -> list[int]:
    """Return the epochs that a table lists: all if few, else evenly spaced ones and the last."""
    if epochs < TABLE_ROWS:
        return list(range(epochs + 1))
    power = 10 ** len(str(epochs // TABLE_ROWS))
    step = next(
        power * tenths // 10 for tenths in (1, 2, 5, 10) if power * tenths // 10 * TABLE_ROWS >= epochs
    )
    return sorted({1, *range(0, epochs + 1, step), epochs})


def plan_line(plan: SamplingPlan) -> str:
    """Return a plan in one line."""
    parts = [f"n = {plan.population:,}", f"m = {plan.subset:,} ({plan.ratio:.4g})"]
    if plan.refresh_every > 1:
        parts.append(f"new draw every {plan.refresh_every} epochs")
    if plan.warm_epochs:
        parts.append(f"{plan.warm_epochs} warm epochs")
    if plan.unit_size > 1:
        parts.append(f"units of {plan.unit_size:,} items")
    return ", ".join(parts)
