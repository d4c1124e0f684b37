"""Mean and variance of weighted coverage against enumeration, 400-digit sums, and the equal-weight law."""

from collections import Counter
from fractions import Fraction
from itertools import product
from math import prod

import mpmath
import numpy as np
import pytest

from softsample_theory import weighted_coverage
from softsample_theory.laws import OccupancyLaw
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError
from softsample_theory.weighted_coverage import chances, mean, std, variance


def enumerated(weights, draws):
    """Return mean and variance over all sequences of draws, exact fractions."""
    p = [Fraction(w) / sum(map(Fraction, weights)) for w in weights]
    law = Counter()
    for items in product(range(len(p)), repeat=draws):
        law[len(set(items))] += prod((p[i] for i in items), start=Fraction(1))
    first = sum(s * mass for s, mass in law.items())
    return first, sum(s * s * mass for s, mass in law.items()) - first**2


@pytest.mark.parametrize(
    "weights", [[2, 1, 1], [1, 0, 3], [5, 1, 1, 1], [1], [7, 1], [0.5, 0.25, 0.125, 0.125]]
)
@pytest.mark.parametrize("draws", [0, 1, 2, 3, 5, 6])
def test_small_cases_equal_enumeration(weights, draws):
    """3^6 or 4^6 sequences, exact fractions."""
    first, second = enumerated(weights, draws)
    assert mean(weights, draws) == pytest.approx(float(first), rel=1e-15, abs=0)
    assert variance(weights, draws) == pytest.approx(float(second), rel=1e-14, abs=0)


def pair_sum(weights, draws):
    """Return mean and variance from the textbook pair sum, in 400 digits: its cancellation does no harm."""
    with mpmath.workdps(400):
        w = [mpmath.mpf(float(x)) for x in weights if x]
        p = [x / mpmath.fsum(w) for x in w]
        a = [(1 - x) ** draws for x in p]
        pairs = mpmath.fsum((1 - p[i] - p[j]) ** draws - a[i] * a[j] for i in range(len(p)) for j in range(i))
        return mpmath.fsum(1 - x for x in a), mpmath.fsum(x * (1 - x) for x in a) + 2 * pairs


RNG = np.random.default_rng(1)
WEIGHTS = {
    "uniform": RNG.random(25),
    "Pareto 1": RNG.pareto(1.0, 30),
    "Pareto 0.3": RNG.pareto(0.3, 30),
    "equal": np.ones(25),
    "one heavy": np.array([1e6, 1, 1, 2]),
    "nearly certain": np.array([1, 1e-20, 3e-20]),
    "three heavy": np.array([0.3, 0.3, 0.4]),
    "heavy and light": np.r_[np.full(20, 1e-3), 1, 0.9, 0.8],
    "far apart": np.array([1e-200, 1e100, 1e-40, 1e90, 0]),
    "nearly equal": 1 + 1e-12 * RNG.random(20),
}


@pytest.mark.parametrize("draws", [2, 3, 5, 17, 60, 400, 3000])
@pytest.mark.parametrize("name", WEIGHTS)
def test_figures_equal_a_sum_over_pairs_in_400_digits(name, draws):
    """To the stated accuracy: 1e-14 + 3e-16 D p, where p is the largest chance that may still be unseen."""
    weights = WEIGHTS[name]
    first, second = pair_sum(weights, draws)
    p = chances(weights)
    open_ = p * draws * (np.exp(draws * np.log1p(-np.minimum(p, 1 - 1e-16))) > 1e-20 * float(second))
    tolerance = 1e-14 + 3e-16 * open_.max(initial=0.0)
    assert mean(weights, draws) == pytest.approx(float(first), rel=2e-15, abs=0)
    if float(second) < 1e-300:
        assert variance(weights, draws) <= 1e-300
    else:
        assert variance(weights, draws) == pytest.approx(float(second), rel=tolerance, abs=0)
        assert std(weights, draws) == pytest.approx(float(second) ** 0.5, rel=tolerance, abs=0)


@pytest.mark.parametrize("population", [1, 2, 3, 5, 100, 10**6])
@pytest.mark.parametrize("draws", [0, 1, 2, 10, 1000, 10**6, 3 * 10**7])
def test_equal_weights_give_the_occupancy_law(population, draws):
    """A second way: `OccupancyLaw`, whose moments come from other formulas."""
    law, weights = OccupancyLaw(population, draws), np.full(population, 0.3)
    assert mean(weights, draws) == pytest.approx(law.mean(), rel=3e-15, abs=0)
    if law.var() > 1e-250:
        assert variance(weights, draws) == pytest.approx(law.var(), rel=1e-14 + 3e-16 * draws / population)
    else:
        assert variance(weights, draws) <= 1e-250


def test_few_draws_from_many_items_lose_no_digits_and_a_textbook_sum_would():
    """10 draws, n = 100 000: Var is C(D,2) sum p^2 to a part in a thousand; 10 cancels to 6e-4 else."""
    weights = 1 + np.arange(10**5) % 7
    p = chances(weights)
    with mpmath.workdps(60):
        groups = [(mpmath.mpf(int(w)) / int(weights.sum()), int(np.sum(weights == w))) for w in range(1, 8)]
        a = {q: (1 - q) ** 10 for q, _ in groups}
        expected = mpmath.fsum(k * a[q] * (1 - a[q]) for q, k in groups) + mpmath.fsum(
            (k * (others - (q == r))) * ((1 - q - r) ** 10 - a[q] * a[r])
            for q, k in groups
            for r, others in groups
        )
    assert variance(weights, 10) == pytest.approx(float(expected), rel=1e-14)
    assert float(expected) == pytest.approx(45 * float(np.sum(p**2)), rel=1e-3)
    naive = np.sum((1 - p) ** 10 * (1 - (1 - p) ** 10)) - 10 * np.sum(p * (1 - p) ** 9) ** 2
    assert naive != pytest.approx(float(expected), rel=1e-13)


def test_a_wrong_formula_would_be_seen():
    """Planted: independent items (a Poisson number of draws) have a far larger variance."""
    a = (1 - chances(WEIGHTS["uniform"])) ** 17
    assert np.sum(a * (1 - a)) > 1.5 * variance(WEIGHTS["uniform"], 17)


def test_only_ratios_of_weights_count():
    weights = WEIGHTS["Pareto 1"]
    for scale in (2.0**900, 2.0**-900):
        assert variance(weights * scale, 20) == variance(weights, 20)
    assert mean([3, 1], 5) == mean(np.array([3.0, 1.0], np.float32), 5) == mean([3, 0, 1], 5)
    assert mean([1e308, 1e308], 1) == 1.0


def test_no_digits_are_lost_in_a_long_sum():
    """n = 1e6: chances add up to 1 within 1e-15, and one draw sees one item."""
    weights = np.random.default_rng(0).pareto(1.0, 10**6)
    assert mean(weights, 1) == pytest.approx(1.0, rel=2e-15)
    assert variance(weights, 1) == 0.0


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        ([], ArgumentTypeError, "weights are float64 (0,)"),
        ([[1, 2]], ArgumentTypeError, "weights are int64 (1, 2)"),
        (["a"], ArgumentTypeError, "one row of real numbers"),
        ([1, -1], ArgumentValueError, "weights[1] is -1; it must be finite, 0 or more"),
        ([1, float("nan")], ArgumentValueError, "weights[1] is nan"),
        ([float("inf")], ArgumentValueError, "weights[0] is inf"),
        ([0, 0], ArgumentValueError, "weights are all 0"),
    ],
)
def test_bad_weights_are_named_in_one_line(weights, error, message):
    for function in (mean, variance, std):
        with pytest.raises(error) as caught:
            function(weights, 3)
        assert message in str(caught.value)
    with pytest.raises(ArgumentValueError, match="draws is -1"):
        weighted_coverage.mean([1], -1)
