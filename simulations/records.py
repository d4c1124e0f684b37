"""What a simulation is asked to keep: names, last classes, the cover that is waited for, and their jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, sqrt
from typing import Any

from simulations.replays import KEPT, LARGEST_SHUFFLED, LARGEST_VISITED, Replay
from simulations.tallies import Counts, Job, samples
from simulations.weighted_run import WeightedRun
from simulations.weights import AliasTable
from softsample_theory.covering_time import items_asked
from softsample_theory.plan import SamplingPlan
from softsample_theory.validation import ArgumentValueError, choice, count, real, reject_type, reject_value

RECORDS = ("distinct", "spectrum", *KEPT)


@dataclass(frozen=True)
class Records:
    """What is to be kept of a plan.

    Attributes
    ----------
    names : out of `RECORDS`.
    r_max, g_max : the last classes of spectrum and gaps, None where they are not kept.
    cover_items, copies : `covered_at` waits until so many units have been visited so often.
    """

    names: frozenset[str]
    r_max: int | None
    g_max: int | None
    cover_items: int
    copies: int

    def jobs(
        self, plan: SamplingPlan, replicates: int, seed: int, method: str, table: AliasTable | None = None
    ) -> dict[str, Job]:
        """Return the jobs to count by name: coverage and spectrum under no name, then the replays."""
        run, last = (plan, replicates, seed, method), {"gaps": self.g_max, "spectrum": self.counted_classes}
        if table is not None:
            main = "distinct" if self.counted_classes is None else "spectrum"
            names = {"": main, **{name: name for name in KEPT if name in self.names}}
            return {key: WeightedRun(*run, last.get(name), name, table) for key, name in names.items()}
        replays = {name: Replay(*run, last.get(name), name) for name in KEPT if name in self.names}
        return {"": Job(*run, self.counted_classes), **replays}

    def samples(self, jobs: Mapping[str, Job], tallies: Mapping[str, Counts]) -> dict[str, Any]:
        """Return what `SimulationResult.of` takes, from the whole tallies, which are used up."""
        main, tally = jobs[""], tallies[""]
        if isinstance(main, WeightedRun):
            distinct, classes = main.main_samples(tally)
        else:
            distinct, classes = samples(main, tally)
        replays = {
            name: job.samples(tallies[name]) for name, job in jobs.items() if name and isinstance(job, Replay)
        }
        cover = {"cover_items": self.cover_items, "copies": self.copies}
        return {"distinct": distinct, "classes": classes, "r_max": self.r_max, **cover, **replays}

    @property
    def widest(self) -> str | None:
        """The argument that would make a replicate smaller."""
        if self.counted_classes is not None:
            return "copies" if self.counted_classes != self.r_max else "r_max"
        return None if self.g_max is None else "g_max"

    @property
    def counted_classes(self) -> int | None:
        """The last class that is counted: enough for `copies` and for the spectrum."""
        if self.r_max is None:
            return self.copies if self.copies > 1 else None
        return max(self.r_max, self.copies)

    def bytes_each(self, plan: SamplingPlan) -> int:
        """Return about how much memory a replicate takes, while it is counted and after."""
        classes, epochs = self.counted_classes, plan.epochs + 1
        size = 8 * epochs * (3 if classes is None else 2 + classes + 1)
        if classes is not None and classes != self.r_max:
            size += 8 * epochs * (1 if self.r_max is None else self.r_max + 1)
        size += 24 * epochs * ("largest" in self.names) + (0 if self.g_max is None else 8 * (self.g_max + 1))
        return size + 10 * epochs * plan.population * ("visits" in self.names)

    def bytes_once(self, plan: SamplingPlan, method: str, threads: int, weighted: bool) -> int:
        """Return about how much memory is taken whatever the number of replicates is."""
        if weighted:
            return 24 * plan.population * threads
        shuffled = "visits" in self.names or ("gaps" in self.names and plan.scheme == "reshuffle")
        in_law = "largest" in self.names and method == "law" and plan.scheme in ("subset", "iid", "poisson")
        return (32 * plan.population if shuffled else 0) + (
            32 * (plan.epochs + 1) * _high_class(plan) if in_law else 0
        )


def records_asked(
    plan: SamplingPlan,
    method: str,
    record: Iterable[str],
    r_max: int | None,
    g_max: int | None,
    cover_items: int | None,
    cover_fraction: float | Fraction | None,
    copies: int,
) -> Records:
    """Return what is to be kept, every argument checked."""
    names = _names(record)
    if method == "law":
        for name in ("gaps", "visits"):
            if name in names:
                reject_value("method", method, f'"draws" to record {name}: in law no item is touched')
    if "visits" in names and plan.population > LARGEST_VISITED:
        reject_value("population", plan.population, f"at most {LARGEST_VISITED} to record visits")
    if "gaps" in names and plan.scheme == "reshuffle" and plan.population > LARGEST_SHUFFLED:
        reject_value("population", plan.population, f"at most {LARGEST_SHUFFLED} for gaps under reshuffle")
    last = _last_class(plan, names, r_max)
    copies = count("copies", copies, 1, 2**31)
    return Records(
        names, last, _last_gap(plan, names, g_max), _items(plan, cover_items, cover_fraction), copies
    )


def _names(record: Iterable[str]) -> frozenset[str]:
    if isinstance(record, str):
        reject_type("record", record, f"a tuple of names out of {', '.join(RECORDS)}")
    return frozenset(choice("record", name, RECORDS) for name in record)


def _items(plan: SamplingPlan, items: int | None, fraction: float | Fraction | None) -> int:
    """Return how many units `covered_at` waits for, the arguments named as `simulate` names them."""
    if items is not None and fraction is not None:
        raise ArgumentValueError(
            f"cover_items is {items!r} and cover_fraction is {fraction!r}; give one of the two, not both"
        )
    if items is not None:
        return count("cover_items", items, 0, plan.population)
    if fraction is not None:
        real("cover_fraction", fraction, 0.0, 1.0)
    return items_asked(plan, None, fraction)


def _last_class(plan: SamplingPlan, names: frozenset[str], r_max: int | None) -> int | None:
    """Return the spectrum's last class, None where no spectrum is to be kept."""
    if "spectrum" not in names:
        if r_max is not None:
            raise ArgumentValueError(f'r_max is {r_max!r}; it needs record=("spectrum",)')
        return None
    if r_max is not None:
        return count("r_max", r_max, 1, 2**31)
    return _high_class(plan)


def _high_class(plan: SamplingPlan) -> int:
    """Return a number of visits that few items pass: six standard deviations and ten above the mean."""
    warm = min(plan.warm_epochs, plan.epochs)
    drawn = plan.epochs - warm
    mean = drawn * plan.ratio
    spread = sqrt(mean * min(plan.refresh_every, max(1, drawn)))
    most = drawn if plan.scheme in ("subset", "poisson", "fixed", "full") else plan.subset * drawn
    return max(1, warm + (drawn if plan.scheme == "fixed" else min(most, ceil(mean + 6 * spread + 10))))


def _last_gap(plan: SamplingPlan, names: frozenset[str], g_max: int | None) -> int | None:
    """Return the last class of the gaps, None where they are not to be kept."""
    if "gaps" not in names:
        if g_max is not None:
            raise ArgumentValueError(f'g_max is {g_max!r}; it needs record=("gaps",)')
        return None
    if g_max is not None:
        return count("g_max", g_max, 1, 2**31)
    longest = max(1, plan.epochs - plan.warm_epochs - 1)
    return min(longest, plan.refresh_every * ceil(32 / plan.exact_ratio))
