r"""A run's account held against the exact laws of its plan, with an alarm for broken samplers.

Each check is one count, its exact mean and standard deviation, and a bound p on the probability that a right
sampler strays as far to either side:

- **visits and distinct items in each epoch**, and the repeats within it: certain but for `poisson` (binomial)
  and the distinct items of `iid` (occupancy law);
- **coverage after each epoch**: from `coverage.law`, exact;
- **new items in each epoch**, given those seen before: Chernoff's bound
  :math:`2e^{-N\,\mathrm{KL}(x/N \| P)}` for N indicators of mean P that are negatively associated;
- **distinct items summed over draws** under `iid`: McDiarmid's :math:`2e^{-2t^2/(mJ)}`;
- **items visited r times or more** at the end: Chernoff's bound; exact where certain; Chebyshev's
  :math:`1/z^2` for `reshuffle` with a refresh interval;
- **distinct items and visits of each class** at the end: Chernoff's bound again.

A check is flagged where p times the number of checks is below `false_alarm`, so that a right sampler is
flagged with probability `false_alarm` at most (union bound), however many epochs and classes there are.

References
----------
K. Joag-Dev, F. Proschan, Negative association of random variables with applications, Ann. Statist. 11, 1983.
W. Hoeffding, Probability inequalities for sums of bounded random variables, JASA 58, 1963, theorems 1 and 4.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from simulations.training.tracker import UNKNOWN, CoverageTracker
from softsample_theory import coverage, occupancy
from softsample_theory.laws.frozen_law import FrozenLaw
from softsample_theory.laws.point_law import PointLaw
from softsample_theory.plan import SamplingPlan
from softsample_theory.validation import real, reject_value

MOST_EPOCHS = 200
"""Coverage is checked after each epoch up to as many; in longer runs after as many epochs, evenly in log."""
MOST_COUNTS, LARGEST_COUNT = 64, 1000
"""How many counts r are checked, and up to which."""


@dataclass(frozen=True)
class Check:
    """One count: measured, its exact mean and standard deviation, z and the bound p."""

    quantity: str
    epoch: int
    measured: int
    mean: float
    std: float
    p_value: float

    @property
    def z(self) -> float:
        """Standard deviations from the mean; infinite where a certain count is another."""
        gap = self.measured - self.mean
        return 0.0 if gap == 0 else gap / self.std if self.std else math.copysign(math.inf, gap)


@dataclass(frozen=True)
class CoverageReport:
    """All checks of a run; `flagged` are those that a right sampler would not show."""

    plan: SamplingPlan
    false_alarm: float
    checks: tuple[Check, ...]

    @property
    def flagged(self) -> tuple[Check, ...]:
        """The checks with p times their number below `false_alarm`."""
        return tuple(check for check in self.checks if check.p_value * len(self.checks) < self.false_alarm)

    def table(self, rows: int = 12) -> str:
        """Return the checks of least p as text, flagged ones first."""
        lines = [f"{'':8}{'quantity':32}{'epoch':>7}{'measured':>12}{'exact mean':>14}{'std':>11}{'z':>9}"]
        alarm = set(self.flagged)
        for check in sorted(self.checks, key=lambda check: check.p_value)[:rows]:
            mark = "FLAGGED" if check in alarm else ""
            lines.append(
                f"{mark:8}{check.quantity:32}{check.epoch:7}{check.measured:12}"
                f"{check.mean:14.2f}{check.std:11.2f}{check.z:9.2f}"
            )
        verdict = f"{len(alarm)} of {len(self.checks)} checks flagged at a false-alarm rate of "
        return "\n".join([*lines, f"{verdict}{self.false_alarm:g}"])


def coverage_report(
    tracker: CoverageTracker, plan: SamplingPlan, false_alarm: float = 1e-6
) -> CoverageReport:
    """Return the account of the closed epochs beside the exact laws of the plan.

    Parameters
    ----------
    tracker : of one process, or `CoverageTracker.merged` over ranks; between epochs.
    plan : what the sampler was to do, as `SoftRandomSampler.plan` gives it. Its number of epochs does not
        matter.
    false_alarm : in (0, 1), the probability at most of any flag on a right sampler. A stratified sampler
        strays less than its plan, and is flagged less.

    Examples
    --------
    >>> from simulations.training import CoverageTracker, SoftRandomSampler
    >>> sampler, tracker = SoftRandomSampler(1000, 0.1, seed=1), CoverageTracker(1000)
    >>> for _ in range(20):
    ...     tracker.update(list(sampler))
    ...     tracker.end_epoch()
    >>> tracker.report(sampler.plan(20)).flagged
    ()
    """
    real("false_alarm", false_alarm, 0.0, 1.0, open_low=True, open_high=True)
    if plan.population != tracker.data_size:
        allowed = (
            f"{tracker.data_size}, as in the tracker; track batches or chunks where the plan counts them"
        )
        reject_value("plan.population", plan.population, allowed)
    if tracker.in_progress:
        reject_value("tracker", f"{tracker.in_progress} visits into an epoch", "between epochs: end_epoch()")
    epochs = tracker.epochs
    every = max(1, epochs) if plan.scheme == "fixed" else plan.refresh_every
    plan = replace(plan, epochs=epochs, refresh_every=every)
    checks = [*_epochs(tracker, plan), *_coverage(tracker, plan), *_new_items(tracker, plan)]
    if epochs:
        checks += [*_counts(tracker, plan), *(_classes(tracker, plan) if tracker.classes is not None else ())]
    return CoverageReport(plan, false_alarm, tuple(checks))


# The checks -----------------------------------------------------------------------------------------------


def _epochs(tracker: CoverageTracker, plan: SamplingPlan) -> Iterator[Check]:
    """Visits of each epoch, and its distinct items or repeats."""
    n, m = plan.population, plan.subset
    drawn = coverage.law(replace(plan, epochs=1, warm_epochs=0), 1)  # the distinct items of one draw
    everything, nothing = PointLaw(n), PointLaw(0)
    pairs = zip(tracker.visits_per_epoch.tolist(), tracker.distinct_per_epoch.tolist(), strict=True)
    for epoch, (visits, distinct) in enumerate(pairs, 1):
        warm = epoch <= plan.warm_epochs
        size: FrozenLaw = everything if warm else drawn if plan.scheme == "poisson" else PointLaw(m)
        yield _exact("visits in the epoch", epoch, visits, size)
        if distinct == UNKNOWN:
            continue
        if plan.scheme == "iid" and not warm:
            yield _exact("distinct items in the epoch", epoch, distinct, drawn)
        elif plan.scheme != "reshuffle" or warm or _inside_one_permutation(plan, epoch):
            yield _exact("repeats in the epoch", epoch, visits - distinct, nothing)
    if plan.scheme == "iid":
        yield from _summed(tracker, plan, drawn)


def _summed(tracker: CoverageTracker, plan: SamplingPlan, drawn: FrozenLaw) -> Iterator[Check]:
    """Distinct items of all draws together; one item drawn differently changes the sum by one at most."""
    fresh = [epoch for epoch in range(1, tracker.epochs + 1) if _draws_afresh(plan, epoch)]
    distinct = tracker.distinct_per_epoch[np.array(fresh, np.int64) - 1]
    if not fresh or (distinct == UNKNOWN).any():
        return
    measured, mean = int(distinct.sum()), len(fresh) * float(drawn.mean())
    p = min(1.0, 2 * math.exp(-2 * (measured - mean) ** 2 / (plan.subset * len(fresh))))
    std = math.sqrt(len(fresh)) * float(drawn.std())
    yield Check("distinct items, summed", tracker.epochs, measured, mean, std, p)


def _inside_one_permutation(plan: SamplingPlan, epoch: int) -> bool:
    begun = plan.subset * (plan.refreshes(epoch) - 1) % plan.population
    return begun + plan.subset <= plan.population


def _coverage(tracker: CoverageTracker, plan: SamplingPlan) -> Iterator[Check]:
    measured = tracker.coverage
    last = tracker.epochs
    listed = np.arange(1, last + 1)
    if last > MOST_EPOCHS:
        listed = np.unique(np.geomspace(1, last, MOST_EPOCHS).round().astype(np.int64))
    for epoch in listed.tolist():
        yield _exact("distinct items so far", epoch, int(measured[epoch]), coverage.law(plan, epoch))


def _new_items(tracker: CoverageTracker, plan: SamplingPlan) -> Iterator[Check]:
    """First visits of each epoch, given how many items were unseen: an epoch repeated shows here."""
    if plan.scheme not in ("subset", "iid", "poisson"):
        return
    n, one = plan.population, replace(plan, epochs=1, warm_epochs=0, refresh_every=1)
    missed = float(coverage.unseen_mean(one, [1])[0]) / n
    total = float(coverage.variance(one, [1])[0])
    seen = tracker.coverage.tolist()
    for epoch in range(plan.warm_epochs + 1, tracker.epochs + 1):
        unseen, new = n - seen[epoch - 1], seen[epoch] - seen[epoch - 1]
        if unseen == 0:
            return
        if _draws_afresh(plan, epoch):
            std = _class_std(unseen, n, missed * (1 - missed), total)
            p = _chernoff(new, unseen, 1 - missed, missed)
            yield Check("new items in the epoch", epoch, new, unseen * (1 - missed), std, p)
        else:
            yield _exact("new items in the epoch", epoch, new, PointLaw(0))


def _draws_afresh(plan: SamplingPlan, epoch: int) -> bool:
    return epoch > plan.warm_epochs and (epoch - 1 - plan.warm_epochs) % plan.refresh_every == 0


def _counts(tracker: CoverageTracker, plan: SamplingPlan) -> Iterator[Check]:
    """Items visited r times or more; r = 1 is coverage."""
    law = occupancy.law(plan)
    n, visits = plan.population, tracker.visits
    top = min(LARGEST_COUNT, max(2, int(visits.max()), int(law.mean() + 1)))
    rs = np.unique(np.linspace(2, top, min(MOST_COUNTS, top - 1)).round().astype(np.int64))
    covariance = occupancy.spectrum_covariance(plan, r_max=int(rs[-1]))
    below = np.cumsum(np.cumsum(covariance, axis=0), axis=1).diagonal()
    for r in rs.tolist():
        chance, std = float(law.sf(r - 1)), math.sqrt(max(0.0, below[r - 1]))
        measured = int(np.count_nonzero(visits >= r))
        if plan.scheme in ("subset", "iid", "poisson"):
            p = _chernoff(measured, n, chance, float(law.cdf(r - 1)))
        else:
            gap = abs(measured - n * chance)
            p = 1.0 if gap < 0.5 else 0.0 if std == 0 else min(1.0, (std / gap) ** 2)
        yield Check(f"items visited {r} times or more", tracker.epochs, measured, n * chance, std, p)


def _classes(tracker: CoverageTracker, plan: SamplingPlan) -> Iterator[Check]:
    """Distinct items and visits of each class, from the moments of exchangeable items."""
    n, epoch = plan.population, tracker.epochs
    law = occupancy.law(plan)
    unseen = float(coverage.unseen_mean(plan, [epoch])[0]) / n
    total = float(coverage.variance(plan, [epoch])[0])
    visits = float(law.var()) * (n if plan.scheme == "poisson" else 0)
    for label, (items, distinct, visited) in tracker.per_class().items():
        std = _class_std(items, n, unseen * (1 - unseen), total)
        p = _chernoff(distinct, items, 1 - unseen, unseen)
        yield Check(f"distinct items of class {label}", epoch, distinct, items * (1 - unseen), std, p)
        std = _class_std(items, n, float(law.var()), visits)
        p = _class_visits_bound(plan, epoch, items, visited)
        yield Check(f"visits to class {label}", epoch, visited, items * law.mean(), std, p)


def _class_visits_bound(plan: SamplingPlan, epoch: int, items: int, visited: int) -> float:
    """Chernoff's bound on draws that count up to one each: a refresh interval's R visits are one draw."""
    warm = min(epoch, plan.warm_epochs)
    draws, share = plan.refreshes(epoch), items / plan.population
    after = visited - warm * items
    if plan.scheme == "full" or draws == 0 or (share == 1 and plan.scheme != "poisson"):
        certain = items * (epoch if plan.scheme == "full" else warm)
        certain += 0 if plan.scheme == "full" else plan.subset * (epoch - warm)
        return float(visited == certain)
    poisson = plan.scheme == "poisson"
    size = items * draws if poisson else plan.subset * draws
    filled = (epoch - warm) / (plan.refresh_every * draws)  # below one where the last interval is cut short
    chance = filled * (plan.ratio if poisson else share)
    return _chernoff(after / plan.refresh_every, size, chance, 1 - chance)


def _class_std(items: int, n: int, variance: float, total: float) -> float:
    """Return the standard deviation of a class's sum, given those of one item and of all n together."""
    covariance = (total - n * variance) / (n * (n - 1)) if n > 1 else 0.0
    return math.sqrt(max(0.0, items * variance + items * (items - 1) * covariance))


# p-values -------------------------------------------------------------------------------------------------


def _exact(quantity: str, epoch: int, measured: int, law: FrozenLaw) -> Check:
    p = min(1.0, 2 * min(float(law.cdf(measured)), float(law.sf(measured - 1))))
    return Check(quantity, epoch, measured, float(law.mean()), float(law.std()), p)


def _chernoff(measured: float, size: int, chance: float, rest: float) -> float:
    """Return min(1, 2 exp(-size KL(measured/size || chance))); `rest` is 1 - chance, given for its digits."""
    x, distance = measured / size, 0.0
    for part, expected in ((x, chance), ((size - measured) / size, rest)):
        if part > 0:
            distance += part * math.log(part / expected) if expected > 0 else math.inf
    return min(1.0, 2 * math.exp(-size * max(0.0, distance)))
