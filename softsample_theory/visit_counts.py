"""How often one item has been visited: its law under every scheme."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import NamedTuple

from softsample_theory.laws.atom_law import AtomLaw
from softsample_theory.laws.block_count_law import BlockCountLaw
from softsample_theory.laws.frozen_law import FrozenLaw
from softsample_theory.laws.point_law import PointLaw
from softsample_theory.plan import LARGEST_VISITS, SamplingPlan
from softsample_theory.validation import count, reject_value


def count_law(plan: SamplingPlan, epoch: int | None = None) -> FrozenLaw:
    """Return the law of one item's visits after `epoch` epochs; `occupancy.law` says which it is."""
    epoch = last_epoch(plan, epoch)
    if plan.scheme == "full" or epoch <= plan.warm_epochs:
        return PointLaw(epoch)
    if plan.scheme in ("subset", "iid", "poisson"):
        blocks = block_law(plan, epoch)
        if blocks.ratio == 1:
            return PointLaw(blocks.support()[0])
        return blocks.whole if (blocks.base, blocks.weight) == (0, 1) else blocks
    n = plan.population
    return AtomLaw({cell.visits: cell.items / n for cell in cells(plan, epoch)})


def last_epoch(plan: SamplingPlan, epoch: int | None) -> int:
    """Return the epoch asked for, by default the plan's last."""
    if epoch is None:
        return plan.epochs
    epoch = count("epoch", epoch, 0, LARGEST_VISITS)
    if plan.subset * epoch > LARGEST_VISITS:
        reject_value("epoch", epoch, f"at most {LARGEST_VISITS // plan.subset} with this subset")
    return epoch


def block_law(plan: SamplingPlan, epoch: int) -> BlockCountLaw:
    """Return the count law of `subset`, `poisson` or `iid` by its blocks, however simple it is.

    The one draw of a block takes the item with probability m/n under `subset` and `poisson`; under `iid` each
    of m draws takes it with probability 1/n.
    """
    warm = min(epoch, plan.warm_epochs)
    blocks, part = divmod(epoch - warm, plan.refresh_every)
    iid = plan.scheme == "iid"
    return BlockCountLaw(
        base=warm,
        weight=plan.refresh_every,
        part=part,
        blocks=blocks,
        draws=plan.subset if iid else 1,
        ratio=Fraction(1, plan.population) if iid else plan.exact_ratio,
    )


class Cell(NamedTuple):
    """The items with one number of visits: how many on average, and the factor of the plan's only chance.

    Their number is `items` + `factor` (h - E h), h the hypergeometric count of `shared_chance`.
    """

    visits: int
    items: Fraction
    factor: int


def cells(plan: SamplingPlan, epoch: int) -> list[Cell]:
    """Return the non-empty cells of `fixed`, `reshuffle` or `full`, by ascending visits."""
    n, m, R = plan.population, plan.subset, plan.refresh_every
    warm = min(epoch, plan.warm_epochs)
    after = epoch - warm
    if plan.scheme != "reshuffle":
        always = n if plan.scheme == "full" else m
        return _merged([(warm, Fraction(n - always), 0), (epoch, Fraction(always), 0)])
    blocks, b = divmod(after, R)
    passes, begun = divmod(m * blocks, n)  # whole permutations, and items into the next one
    spill = max(0, begun + m - n) if b else 0  # items that the part of a block takes from a permutation after
    rest = m - spill if b else 0  # and from this one
    low, high = warm + R * passes, warm + R * (passes + 1)
    h = Fraction(begun * spill, n)  # expected number of items in both
    return _merged(
        [
            (low, Fraction(n - begun - rest), 0),
            (low + b, rest - (spill - h), 1),
            (low + 2 * b, spill - h, -1),
            (high, begun - h, -1),
            (high + b, h, 1),
        ]
    )


def shared_chance(plan: SamplingPlan, epoch: int) -> Fraction:
    """Return Var h: h counts the items that begin a permutation and come again in the part of a block after.

    Where a block of a refreshed `reshuffle` runs over the end of a permutation, the next one is independent
    of it: of its first `spill` items a hypergeometric number h are among the `begun` ones. Else 0.
    """
    n, m = plan.population, plan.subset
    blocks, b = divmod(max(0, epoch - plan.warm_epochs), plan.refresh_every)
    begun = m * blocks % n
    spill = begun + m - n
    if plan.scheme != "reshuffle" or b == 0 or spill <= 0:
        return Fraction(0)
    return Fraction(spill * begun * (n - begun) * (n - spill), n * n * (n - 1))


def _merged(parts: list[tuple[int, Fraction, int]]) -> list[Cell]:
    items: Counter[int] = Counter()
    factors: Counter[int] = Counter()
    for visits, mean, factor in parts:
        items[visits] += mean  # type: ignore[assignment]
        factors[visits] += factor
    return [Cell(v, Fraction(items[v]), factors[v]) for v in sorted(items) if items[v]]
