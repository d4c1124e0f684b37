"""The SRS paper's own plans, by name, in the sampling units of its experiments.

Source: "Soft Sampling for Efficient Training of Deep Neural Networks on Massive Data", submission to ICLR
2023, section 5. The paper samples batches on CIFAR10 and LibriSpeech and chunks on Payload.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from softsample_theory.plan import SamplingPlan


@dataclass(frozen=True)
class Experiment:
    """One experiment of the paper: its data in sampling units, its epochs and its selection ratios.

    Attributes
    ----------
    name : what the paper calls the data.
    items, item : how many there are, and of what.
    population, unit, unit_size : the sampling units: how many, what they are, and the items in each (the last
        one may hold fewer; on Payload it is the mean).
    epochs : K.
    ratios : the selection ratios of the paper's tables.
    interval : R of the paper's second selection interval, beside R = 1.
    warm_epochs : W, epochs on all data before selection starts (the paper's coverage curves leave them out,
        and so does `plan` unless asked).

    Examples
    --------
    >>> PAYLOAD.plan(0.05).subset
    16
    >>> [plan.subset for plan in CIFAR10]
    [5, 10, 20, 29]
    """

    name: str
    items: int
    item: str
    population: int
    unit: str
    unit_size: int
    epochs: int
    ratios: tuple[float, ...]
    interval: int
    warm_epochs: int

    def plan(
        self, ratio: float, scheme: str = "subset", refresh_every: int = 1, warm_epochs: int = 0
    ) -> SamplingPlan:
        """Return the plan at one selection ratio."""
        return SamplingPlan(
            population=self.population,
            ratio=ratio,
            epochs=self.epochs,
            scheme=scheme,
            refresh_every=refresh_every,
            warm_epochs=warm_epochs,
            unit_size=self.unit_size,
        )

    def __iter__(self) -> Iterator[SamplingPlan]:
        """Yield the plan at each of the paper's ratios."""
        return (self.plan(ratio) for ratio in self.ratios)


CIFAR10 = Experiment(
    name="CIFAR10",
    items=50_000,
    item="images",
    population=98,  # ceil(50000 / 512): a frozen partition into batches
    unit="batch",
    unit_size=512,
    epochs=320,
    ratios=(0.05, 0.1, 0.2, 0.3),
    interval=10,
    warm_epochs=0,
)
LIBRISPEECH = Experiment(
    name="LibriSpeech",
    items=281_241,  # the known count; the paper's "about 30,000" cannot fill 960 hours
    item="utterances",
    population=11_719,  # ceil(281241 / 24)
    unit="batch",
    unit_size=24,
    epochs=30,
    ratios=(0.01, 0.05, 0.1, 0.2, 0.3),
    interval=5,
    warm_epochs=2,
)
PAYLOAD = Experiment(
    name="Payload",
    items=20_300_000,
    item="utterances",
    population=320,
    unit="chunk",
    unit_size=63_438,
    epochs=20,
    ratios=(0.05, 0.1, 0.2),
    interval=10,
    warm_epochs=1,
)

ALL = (CIFAR10, LIBRISPEECH, PAYLOAD)
"""The paper's experiments, in its order."""
