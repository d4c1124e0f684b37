"""Orders against a plain-Python reference, exact laws and planted faults.

Both error rates: every test of a hypothesis fails at a p-value below 1e-6, on fixed seeds; the planted faults
are caught at that level with a power above 0.999, stated beside them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from simulations.kernels import ordering
from simulations.orders import epoch_indices, epoch_size, index_at
from simulations.streams import seed_key
from softsample_theory import SamplingPlan, coverage
from softsample_theory.laws.occupancy_law import OccupancyLaw
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError

FALSE_ALARM = 1e-6
SCHEMES = ("subset", "iid", "poisson", "reshuffle", "fixed", "full")


# A second way to every order: Python integers, one word at a time --------------------------------------


def philox(counter: tuple[int, ...], key: tuple[int, int]) -> list[int]:
    """Philox4x32-10 as its paper writes it (Salmon et al. 2011, section 3.3)."""
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [b >> 32 ^ c[1] ^ k[0], b & 0xFFFFFFFF, a >> 32 ^ c[3] ^ k[1], a & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def test_reference_generator_gives_the_published_words():
    # The known-answer file of Random123: counter and key all zeros; the digits of pi.
    assert philox((0, 0, 0, 0), (0, 0)) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
    counter, key = (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0)
    assert philox(counter, key) == [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]


class Reference:
    """The layout of `simulations.orders`, read from its table."""

    def __init__(self, seed: int, replicate: int) -> None:
        self.key, self.replicate = (seed % 2**32, seed >> 32), replicate

    def word(self, use: int, number: int, w: int) -> int:
        call, half = divmod(w, 2)
        counter = (use * 2**29 + (call >> 26), call % 2**26 + (16 << 26), number, self.replicate)
        words = philox(counter, self.key)
        return words[2 * half] + (words[2 * half + 1] << 32)

    def below(self, bound: int, use: int, number: int, w: int) -> int:
        word = self.word(use, number, w)
        attempt = 8 * w
        while word * bound % 2**64 < 2**64 % bound:
            word = self.word(use + 4, number, attempt)
            attempt += 1
        return word * bound >> 64

    def shuffled(self, items: list[int], steps: int, use: int, number: int) -> list[int]:
        items = list(items)
        for i in range(steps):
            j = i + self.below(len(items) - i, use, number, i)
            items[i], items[j] = items[j], items[i]
        return items

    def drawn(self, plan: SamplingPlan, draw: int, size: int) -> list[int]:
        n = plan.population
        if plan.scheme == "iid":
            return [self.below(n, 0, draw, w) for w in range(size)]
        if plan.scheme == "reshuffle":
            walk = []
            for number in range(draw * size // n, ((draw + 1) * size - 1) // n + 1):
                walk += self.shuffled(list(range(n)), n, 2, number)
            skip = draw * size % n
            return walk[skip : skip + size]
        if 2 * size > n:
            return self.shuffled(list(range(n)), size, 0, draw)[:size]
        taken: dict[int, None] = {}
        w = 0
        while len(taken) < size:
            taken.setdefault(self.below(n, 0, draw, w))
            w += 1
        return list(taken)

    def order(self, plan: SamplingPlan, epoch: int, size: int) -> list[int]:
        since = epoch - 1 - plan.warm_epochs
        if since < 0 or plan.scheme == "full":
            return self.shuffled(list(range(plan.population)), plan.population, 1, epoch - 1)
        draw, age = divmod(since, plan.epochs if plan.scheme == "fixed" else plan.refresh_every)
        items = self.drawn(plan, draw, size)
        return self.shuffled(items, size, 1, epoch - 1) if age else items


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("population", "subset"), [(1, 1), (11, 3), (11, 8), (7, 7), (1500, 1300), (3000, 1030)]
)
def test_orders_are_those_of_the_reference(scheme, population, subset):
    plan = SamplingPlan(population=population, subset=subset, epochs=5, refresh_every=2, warm_epochs=1).under(
        scheme
    )
    for epoch in range(1, 6):
        for seed, replicate in [(0, 0), (2**40 + 3, 2**31 + 5)]:
            got = epoch_indices(plan, epoch, seed, replicate)
            assert got.dtype == np.int64
            size = epoch_size(plan, epoch, seed, replicate)
            assert got.tolist() == Reference(seed, replicate).order(plan, epoch, size)


def test_refused_words_are_replaced():
    # At n = 3 * 2^51 a word is refused with probability (2^64 mod n) / 2^64 = 2^-12: some among 20,000.
    n = 3 * 2**51
    plan = SamplingPlan(population=n, subset=20_000, epochs=1, scheme="iid")
    reference = Reference(5, 0)
    refused = [w for w in range(20_000) if reference.word(0, 0, w) * n % 2**64 < 2**64 % n]
    assert len(refused) > 1
    got = epoch_indices(plan, 1, 5)
    for w in [*refused, 0, 1023, 1024, 19_999]:
        assert got[w] == reference.below(n, 0, 0, w)


def test_any_position_of_a_huge_epoch():
    # Positions on both sides of 2^27, where the call number passes the 26 bits of its counter word.
    plan = SamplingPlan(population=10**15, subset=10**14, epochs=2, scheme="iid")
    for position in (0, 2**27 - 1, 2**27, 10**13 + 1, 10**14 - 1):
        assert index_at(plan, 2, position, 8) == Reference(8, 0).below(10**15, 0, 1, position)
    around = epoch_indices(plan, 2, 8, start=2**27 - 700, stop=2**27 + 700)
    assert around[700] == index_at(plan, 2, 2**27, 8)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_parts_are_parts_of_the_whole(scheme):
    plan = SamplingPlan(population=5000, subset=2100, epochs=4, refresh_every=2, warm_epochs=1).under(scheme)
    for epoch in (1, 2, 3):
        whole = epoch_indices(plan, epoch, 1)
        for start, stop in [(0, 0), (0, 1), (1, 2), (1023, 1026), (7, 2000), (len(whole), len(whole))]:
            assert np.array_equal(epoch_indices(plan, epoch, 1, start=start, stop=stop), whole[start:stop])
        assert index_at(plan, epoch, len(whole) - 1, 1) == whole[-1]


def test_marks_and_hashes_give_the_same_items():
    for n, m in [(1, 1), (100, 50), (10**6, 3000), (2 * 10**6, 5)]:
        a, b = np.empty(m, np.int64), np.empty(m, np.int64)
        ordering.take_distinct_marked(a, n, 3, 4, *seed_key(5))
        ordering.take_distinct_hashed(b, n, 3, 4, *seed_key(5))
        assert np.array_equal(a, b)


# What an epoch visits ---------------------------------------------------------------------------------


def test_repeats_visit_the_same_items_in_a_fresh_order():
    for scheme in ("subset", "iid", "poisson", "reshuffle", "fixed"):
        plan = SamplingPlan(population=400, subset=90, epochs=6, refresh_every=3, scheme=scheme)
        first, second, third, later = (epoch_indices(plan, e, 2) for e in (1, 2, 3, 4))
        assert np.array_equal(np.sort(first), np.sort(second))
        assert np.array_equal(np.sort(first), np.sort(third))
        assert not np.array_equal(first, second)
        assert not np.array_equal(second, third)
        assert np.array_equal(np.sort(first), np.sort(later)) == (scheme == "fixed")


def test_reshuffle_walks_whole_permutations():
    plan = SamplingPlan(population=97, subset=30, epochs=97, scheme="reshuffle")
    walk = np.concatenate([epoch_indices(plan, e, 3) for e in range(1, 98)]).reshape(30, 97)
    assert (np.sort(walk, axis=1) == np.arange(97)).all()
    assert len({tuple(row) for row in walk}) == 30


def test_warm_and_full_epochs_visit_everything_once():
    warm = SamplingPlan(population=50, subset=5, epochs=3, warm_epochs=2)
    full = SamplingPlan(population=50, epochs=3, scheme="full")
    orders = [
        epoch_indices(warm, 1, 0),
        epoch_indices(warm, 2, 0),
        *(epoch_indices(full, e, 0) for e in (1, 2, 3)),
    ]
    for order in orders:
        assert np.array_equal(np.sort(order), np.arange(50))
    assert not np.array_equal(orders[0], orders[1])
    assert epoch_size(warm, 2, 0) == 50
    assert epoch_size(warm, 3, 0) == 5


# Laws -------------------------------------------------------------------------------------------------


def ranks(orders: NDArray[np.int64], population: int) -> NDArray[np.int64]:
    """Number each order: its items as digits."""
    return orders @ population ** np.arange(orders.shape[1])


@pytest.mark.parametrize(
    ("scheme", "population", "subset", "epoch", "outcomes"),
    [
        ("subset", 8, 3, 1, 336),  # 8 * 7 * 6 ordered choices, repeats passed over
        ("subset", 5, 4, 1, 120),  # a shuffle
        ("subset", 8, 3, 2, 336),  # a fresh order of the same items
        ("reshuffle", 5, 3, 3, 100),  # two items of one permutation and one of the next: 5 * 4 * 5
        ("fixed", 5, 4, 3, 120),
        ("full", 5, 5, 2, 120),
        ("iid", 6, 3, 1, 216),
    ],
)
def test_every_ordered_outcome_is_equally_likely(scheme, population, subset, epoch, outcomes):
    plan = SamplingPlan(population=population, subset=subset, epochs=3, refresh_every=2).under(scheme)
    replicates = 12_000
    orders = np.array([epoch_indices(plan, epoch, 9, i) for i in range(replicates)])
    seen, counts = np.unique(ranks(orders, population), return_counts=True)
    assert len(seen) == outcomes
    assert stats.chisquare(counts).pvalue > FALSE_ALARM / 7


def coverage_of(orders: list[NDArray[np.int64]], population: int) -> int:
    seen = np.zeros(population, bool)
    for order in orders:
        seen[order] = True
    return int(seen.sum())


@pytest.mark.parametrize("scheme", ["subset", "iid", "poisson"])
def test_coverage_agrees_with_the_exact_law(scheme):
    # Distinct items after 4 epochs, 600 replicates: mean and variance against the closed ones (z-tests at
    # 1e-6); under `iid` the whole law too.
    plan = SamplingPlan(population=500, subset=120, epochs=4, scheme=scheme)
    found = np.array(
        [coverage_of([epoch_indices(plan, e, 4, i) for e in range(1, 5)], 500) for i in range(600)], np.int64
    )
    mean, deviation = coverage.mean(plan)[4], coverage.std(plan)[4]
    limit = stats.norm.isf(FALSE_ALARM / 2)
    assert abs(found.mean() - mean) < limit * deviation / np.sqrt(600)
    assert abs(found.var() / deviation**2 - 1) < limit * np.sqrt(2 / 600)
    if scheme == "iid":
        law = OccupancyLaw(500, 480)
        u = law.cdf(found) - law.pmf(found) * np.random.default_rng(0).random(600)
        assert stats.kstest(u, "uniform").pvalue > FALSE_ALARM


def test_poisson_sizes_are_binomial():
    plan = SamplingPlan(population=2000, ratio=0.1, epochs=2000, scheme="poisson")
    sizes = np.array([epoch_size(plan, e, 6) for e in range(1, 2001)])
    law = stats.binom(2000, 0.1)
    u = law.cdf(sizes) - law.pmf(sizes) * np.random.default_rng(1).random(2000)
    assert stats.kstest(u, "uniform").pvalue > FALSE_ALARM


# Planted faults ---------------------------------------------------------------------------------------

Order = Callable[[int, int], NDArray[np.int64]]


def repeats(order: Order) -> float:
    """Return z of the overlap of epochs 1 and 2, against the hypergeometric law (n = 200, m = 40)."""
    overlaps = [np.intersect1d(order(1, i), order(2, i)).size for i in range(100)]
    return float(abs(np.mean(overlaps) - 8) / (stats.hypergeom(200, 40, 40).std() / 10))


def ends(order: Order) -> float:
    """Return z of the visits of the first and of the last item, against the binomial law of 400 epochs."""
    orders = [order(e, i) for i in range(200) for e in (1, 2)]
    visits = np.array([[np.isin(item, o) for item in (0, 199)] for o in orders]).sum(axis=0)
    return float(np.abs((visits - 80) / np.sqrt(400 * 0.2 * 0.8)).max())


def tails(order: Order) -> float:
    """Return z of the items that 5 epochs of 40 leave out of 200 under `reshuffle`: any is a fault."""
    return float(sum(200 - coverage_of([order(e, i) for e in range(1, 6)], 200) for i in range(3))) * 1e9


def place(order: Order) -> float:
    """Return z of the mean item at the first position over 400 orders, against the uniform law on 0..199."""
    first = [order(e, i)[0] for i in range(200) for e in (1, 2)]
    return float(abs(np.mean(first) - 99.5) / np.sqrt((200**2 - 1) / 12 / 400))


def test_planted_faults_are_caught():
    # First subset used twice: the overlap is 40 instead of 8, z = 141. A permutation without its last 5 %: 10
    # items missing a walk, where none may be. Off by one (1..n instead of 0..n-1): item 0 never comes, z = 10
    # always. Sorted orders: the first item is near 4, z = 33. The limit is 4.9; each statistic above is
    # constant or within 1 of what is stated: power above 1 - 1e-6, false alarm 1e-6 for each.
    subset = SamplingPlan(population=200, subset=40, epochs=9)
    walk = subset.under("reshuffle")
    limit = stats.norm.isf(FALSE_ALARM / 2)

    def right(epoch: int, i: int) -> NDArray[np.int64]:
        return epoch_indices(subset, epoch, 1, i)

    def walked(epoch: int, i: int) -> NDArray[np.int64]:
        return epoch_indices(walk, epoch, 1, i)

    def dropped(epoch: int, i: int) -> NDArray[np.int64]:
        kept = np.concatenate([epoch_indices(walk, e, 1, i) for e in range(1, 6)])[:190]
        return np.resize(kept, 200)[40 * (epoch - 1) : 40 * epoch]

    faults: list[tuple[Callable[[Order], float], Order, Order]] = [
        (repeats, right, lambda epoch, i: right(max(1, epoch - 1), i)),
        (ends, right, lambda epoch, i: right(epoch, i) + 1),
        (tails, walked, dropped),
        (place, right, lambda epoch, i: np.sort(right(epoch, i))),
    ]
    for test, good, bad in faults:
        assert test(good) < limit
        assert test(bad) > limit


# Bad input --------------------------------------------------------------------------------------------


def test_bad_input_is_refused_in_one_line():
    plan = SamplingPlan(population=10, subset=4, epochs=3)
    for call, line in [
        (lambda: epoch_indices(plan, 0, 1), "epoch is 0; it must be a whole number from 1 to 3"),
        (lambda: epoch_indices(plan, 4, 1), "epoch is 4"),
        (lambda: epoch_indices(plan, 1, -1), "seed is -1"),
        (lambda: epoch_indices(plan, 1, 1, 2**32), "replicate is 4294967296"),
        (lambda: epoch_indices(plan, 1, 1, 0, 3, 2), "start is 3"),
        (lambda: epoch_indices(plan, 1, 1, 0, 0, 5), "stop is 5"),
        (lambda: index_at(plan, 1, 4, 1), "position is 4"),
    ]:
        with pytest.raises(ArgumentValueError, match=line):
            call()
    with pytest.raises(ArgumentTypeError, match=r"epoch is 1\.0"):
        epoch_indices(plan, 1.0, 1)


@pytest.mark.parametrize("scheme", ["reshuffle", "full"])
def test_what_cannot_fit_is_refused(scheme):
    plan = SamplingPlan(population=10**15, subset=10, epochs=3).under(scheme)
    with pytest.raises(ArgumentValueError, match=r"population is 10{15}; .* it takes .* PB and .* are free"):
        epoch_indices(plan, 1, 0)
