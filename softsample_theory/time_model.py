"""What a plan costs: optimiser steps, samples processed, and time by a stated model."""

from __future__ import annotations

from dataclasses import dataclass

from softsample_theory.plan import SamplingPlan
from softsample_theory.validation import count, real

LARGEST_TIME = 1e300


@dataclass(frozen=True)
class TimeModel:
    r"""The time of a run as a sum of what it does: steps, loads, selections, and a start.

    .. math:: t = t_0 + c_{step}\,(W \lceil n/B \rceil + (K-W) \lceil m/B \rceil)
              + c_{load}\,(Wn + (K-W)m) + c_{select}\,\lceil (K-W)/R \rceil

    Any unit of time will do, the same in all four; by default the unit is one optimiser step and nothing else
    takes time.

    Parameters
    ----------
    step : float
        Time of one optimiser step, on a batch of `batch_size` units.
    loading : float
        Time to load one sampling unit, paid each time that the unit is used.
    selection : float
        Time to choose the units of one draw, paid once in `refresh_every` epochs. Drawing at random costs
        next to nothing; methods that rank the data by gradients may pay more than an epoch of training.
    start : float
        Time spent once in a run.

    Accuracy
    --------
    Within 7 % of the hours of the SRS paper's Tables 2 to 4 for random sampling, and for GRAD-MATCH on
    CIFAR10. Those of GRAD-MATCH on Payload are not the sum of the parts that the paper states.

    Examples
    --------
    The Payload runs of the paper: 426.7 hours for 20 full epochs of 320 chunks, 42 s of it to load a chunk.

    >>> from softsample_theory import plans
    >>> load = 42 / 3600
    >>> model = TimeModel(step=426.7 / 20 / 320 - load, loading=load)
    >>> run = plans.PAYLOAD.plan(0.05, warm_epochs=1)
    >>> round(model.time(run, batch_size=1), 1), round(model.full_time(320, epochs=20, batch_size=1), 1)
    (41.6, 426.7)
    """

    step: float = 1.0
    loading: float = 0.0
    selection: float = 0.0
    start: float = 0.0

    def __post_init__(self) -> None:
        for name in ("step", "loading", "selection", "start"):
            object.__setattr__(self, name, real(name, getattr(self, name), 0.0, LARGEST_TIME))

    def time(self, plan: SamplingPlan, batch_size: int) -> float:
        """Return the time that the plan takes."""
        return (
            self.start
            + self.step * optimiser_steps(plan, batch_size)
            + self.loading * samples_processed(plan)
            + self.selection * (0 if plan.scheme == "full" else plan.refreshes())
        )

    def full_time(self, population: int, epochs: int, batch_size: int) -> float:
        """Return the time that so many epochs on all the data take."""
        steps = epochs * -(-population // batch_size)
        return self.start + self.step * steps + self.loading * population * epochs


def optimiser_steps(plan: SamplingPlan, batch_size: int) -> int:
    """Return the optimiser steps in batches of `batch_size` units; the last of an epoch may be short.

    Under `poisson` an epoch counts with its mean size.

    >>> optimiser_steps(SamplingPlan(50_000, 0.1, epochs=12, warm_epochs=2), batch_size=512)
    296
    """
    batch_size = count("batch_size", batch_size, 1)
    warm = min(plan.warm_epochs, plan.epochs)
    return warm * -(-plan.population // batch_size) + (plan.epochs - warm) * -(-plan.subset // batch_size)


def samples_processed(plan: SamplingPlan) -> int:
    """Return the sampling units that training goes through, repeats counted; under `poisson` on average.

    >>> samples_processed(SamplingPlan(50_000, 0.1, epochs=12, warm_epochs=2))
    150000
    """
    warm = min(plan.warm_epochs, plan.epochs)
    return warm * plan.population + (plan.epochs - warm) * plan.subset


@dataclass(frozen=True)
class FullSchedule:
    """Training on all data with as many optimiser steps as a plan: the control that a comparison needs.

    Attributes
    ----------
    epochs : whole epochs.
    more_steps : steps into the epoch after them.
    stretch : epochs of this schedule to one of the plan's, on average: multiply the epochs at which the
        learning rate changes by it.
    """

    epochs: int
    more_steps: int
    stretch: float


def matched_full_schedule(plan: SamplingPlan, batch_size: int) -> FullSchedule:
    """Return the full-data schedule with the plan's number of optimiser steps.

    >>> matched_full_schedule(SamplingPlan(50_000, 0.1, epochs=44), batch_size=500)
    FullSchedule(epochs=4, more_steps=40, stretch=0.1)
    """
    steps = optimiser_steps(plan, batch_size)
    in_an_epoch = -(-plan.population // batch_size)
    whole, more = divmod(steps, in_an_epoch)
    return FullSchedule(whole, more, steps / in_an_epoch / plan.epochs if plan.epochs else 1.0)
