"""The plans that are timed, and what is promised for them."""

from __future__ import annotations

from dataclasses import dataclass

from softsample_theory.plan import SamplingPlan


@dataclass(frozen=True)
class Case:
    """A plan by its numbers: m of n units in each of K epochs.

    Attributes
    ----------
    name : one letter.
    population, subset, epochs : n, m, K.
    beside_numpy : whether NumPy does it too; left out where it would take minutes.
    methods : what is timed, of ``"draws"`` and ``"law"``.
    """

    name: str
    population: int
    subset: int
    epochs: int
    beside_numpy: bool = True
    methods: tuple[str, ...] = ("draws", "law")

    @property
    def draws(self) -> int:
        """How many draws one replicate makes."""
        return self.subset * self.epochs

    def plan(self, scheme: str) -> SamplingPlan:
        """Return the plan under a scheme."""
        return SamplingPlan(self.population, subset=self.subset, epochs=self.epochs, scheme=scheme)


@dataclass(frozen=True)
class Contender:
    """What is timed beside NumPy.

    Attributes
    ----------
    quantity : ``"coverage"`` or ``"spectrum"``.
    method : ``"draws"`` or ``"law"``.
    scheme : of the plan.
    """

    quantity: str
    method: str
    scheme: str

    @property
    def record(self) -> tuple[str, ...]:
        """What `simulate` is asked to keep."""
        return ("distinct",) if self.quantity == "coverage" else ("spectrum",)

    @property
    def unit(self) -> str:
        """What its cost is counted in."""
        return "ns a draw" if self.method == "draws" else "us an epoch"


CASES = {
    case.name: case
    for case in (
        Case("A", 50_000, 15_000, 50),
        Case("B", 1_281_167, 256_233, 30),
        Case("C", 10**8, 10**7, 10),
        Case("D", 10**9, 10**8, 10, beside_numpy=False),
        Case("E", 10**12, 10**11, 30, beside_numpy=False, methods=("law",)),
    )
}
"""CIFAR10's images, ImageNet's, a hundred million: for NumPy in cache, at its edge and far outside. Then the
cost at a billion with every draw made, and at a million million in law."""

QUICK_CASES = ("A", "B")

LEAST_GAINS = {
    ("coverage", "draws"): {"A": 6, "B": 7, "C": 18},
    ("spectrum", "draws"): {"A": 5, "B": 10, "C": 55},
    ("coverage", "law"): {"A": 200, "B": 1000, "C": 20_000},
    ("spectrum", "law"): {"A": 15, "B": 400, "C": 100_000},
}
"""(quantity, method) -> case -> how many times faster than NumPy `iid` is to be, on one thread."""

LARGEST_COSTS = {
    Contender("coverage", "draws", "iid"): 0.8,
    Contender("coverage", "draws", "subset"): 2.0,
    Contender("spectrum", "draws", "iid"): 1.3,
    Contender("coverage", "law", "iid"): 2.0,
    Contender("coverage", "law", "subset"): 2.0,
    Contender("spectrum", "law", "iid"): 8.0,
    Contender("spectrum", "law", "subset"): 8.0,
}
"""What a draw (ns) or an epoch (us) is to cost at most, on one thread of a 3.7 GHz core."""


def least_gain(case: Case, contender: Contender) -> int | None:
    """Return how many times faster than NumPy it is to be, None where nothing is promised."""
    if contender.scheme != "iid":
        return None
    return LEAST_GAINS[contender.quantity, contender.method].get(case.name)
