"""The sampling plan: how many items, how many per epoch, how many epochs, drawn how."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor

from softsample_theory.validation import ArgumentTypeError, choice, count, fraction, reject_value

SCHEMES = ("subset", "iid", "poisson", "reshuffle", "fixed", "full")
"""How an epoch's items are drawn; `SamplingPlan` says what each means."""

LARGEST_EPOCHS = 2**40
LARGEST_VISITS = 2**62
"""The most visits (m times K) that a plan may make: they are counted in int64."""


@dataclass(frozen=True, init=False)
class SamplingPlan:
    r"""A plan of n sampling units, m of them in each of K epochs, drawn under one scheme.

    A frozen value: equal plans are equal and hash alike. Give either `ratio` (:math:`\rho`, which the papers
    also call :math:`\alpha`) or `subset` (m). A :math:`\rho n` that is not whole is rounded to the nearest
    m >= 1, halves up, and :math:`\rho = m/n` is used everywhere after.

    Parameters
    ----------
    population : int
        n, the number of sampling units: items, or batches or chunks of items. From 1 to 2**53.
    ratio : float, optional
        The selection ratio, in (0, 1]. A `fractions.Fraction` is taken exactly.
    subset : int, optional
        m, the units in one epoch, from 1 to n. Under `poisson` the mean size of an epoch.
    epochs : int
        K, from 0 to 2**40.
    scheme : str
        How each epoch is drawn:

        - ``subset``: a fresh uniform m-subset, distinct within the epoch (model G of the SRS paper);
        - ``iid``: m independent uniform draws, repeats allowed within the epoch;
        - ``poisson``: each unit kept independently with probability m/n, so that the size is random;
        - ``reshuffle``: the next m of a random permutation, and a new permutation when it runs out;
        - ``fixed``: one uniform m-subset for ever;
        - ``full``: every unit every epoch (m = n; `ratio` and `subset` may be left out).
    refresh_every : int
        R: a new draw only every R epochs, the same units in between.
    warm_epochs : int
        W: the first W of the K epochs visit every unit once; the scheme starts after them.
    unit_size : int
        Items in one sampling unit. It changes no law; it lets results be read in items.

    Raises
    ------
    ArgumentValueError, ArgumentTypeError
        One line that names the argument, what it was and what it may be.

    Examples
    --------
    >>> plan = SamplingPlan(population=50_000, ratio=0.1, epochs=30)
    >>> plan.subset, plan.ratio, plan.scheme
    (5000, 0.1, 'subset')
    >>> SamplingPlan(population=98, ratio=0.05, epochs=320).subset
    5
    """

    population: int
    subset: int
    epochs: int
    scheme: str = "subset"
    refresh_every: int = 1
    warm_epochs: int = 0
    unit_size: int = 1

    def __init__(
        self,
        population: int,
        ratio: float | Fraction | None = None,
        *,
        subset: int | None = None,
        epochs: int,
        scheme: str = "subset",
        refresh_every: int = 1,
        warm_epochs: int = 0,
        unit_size: int = 1,
    ) -> None:
        n = count("population", population, 1)
        scheme = choice("scheme", scheme, SCHEMES)
        values = {
            "population": n,
            "subset": _subset_size(n, ratio, subset, scheme),
            "epochs": count("epochs", epochs, 0, LARGEST_EPOCHS),
            "scheme": scheme,
            "refresh_every": count("refresh_every", refresh_every, 1, LARGEST_EPOCHS),
            "warm_epochs": count("warm_epochs", warm_epochs, 0, LARGEST_EPOCHS),
            "unit_size": count("unit_size", unit_size, 1),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)
        if self.subset * self.epochs > LARGEST_VISITS:
            reject_value(
                "epochs", self.epochs, f"at most {LARGEST_VISITS // self.subset} with subset {self.subset}"
            )

    @property
    def ratio(self) -> float:
        """The selection ratio m/n in use."""
        return self.subset / self.population

    @property
    def exact_ratio(self) -> Fraction:
        """The selection ratio m/n as a Fraction."""
        return Fraction(self.subset, self.population)

    def under(self, scheme: str) -> SamplingPlan:
        """Return the same plan under another scheme (`full` takes every unit, whatever m was)."""
        if scheme == "full":
            return replace(self, scheme=scheme, subset=self.population)
        return replace(self, scheme=scheme)

    def refreshes(self, epoch: int | None = None) -> int:
        """Return how many separate draws the first `epoch` epochs (default: all) have made.

        >>> SamplingPlan(population=98, subset=5, epochs=320, refresh_every=10).refreshes()
        32
        """
        epoch = self.epochs if epoch is None else count("epoch", epoch, 0)
        return -(-max(0, epoch - self.warm_epochs) // self.refresh_every)


def _subset_size(n: int, ratio: float | Fraction | None, subset: int | None, scheme: str) -> int:
    if ratio is not None and subset is not None:
        raise ArgumentTypeError(f"ratio is {ratio!r} and subset is {subset!r}; give one of the two, not both")
    if scheme == "full":
        if (ratio is not None and fraction("ratio", ratio) != 1) or (
            subset is not None and count("subset", subset) != n
        ):
            given = f"ratio {ratio!r}" if subset is None else f"subset {subset!r}"
            reject_value("scheme", scheme, f"without {given}: it takes all {n} units of the population")
        return n
    if subset is not None:
        return count("subset", subset, 1, n)
    if ratio is None:
        raise ArgumentTypeError("ratio and subset are both missing; give one of the two")
    return min(n, max(1, floor(fraction("ratio", ratio) * n + Fraction(1, 2))))
