"""The sampler against `simulations.orders`, over ranks, epochs, interruptions and granularities.

Statistical tests use fixed seeds and fail at a p-value below 1e-6; each has a planted fault that it catches.
"""

from __future__ import annotations

import json
import random
import tracemalloc
from fractions import Fraction
from itertools import islice

import numpy as np
import pytest
from scipy import stats

from simulations.orders import epoch_indices, epoch_size
from simulations.training import SoftRandomSampler
from simulations.training.epoch_orders import StratifiedOrder, systematic_sizes
from softsample_theory import SamplingPlan
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError

FALSE_ALARM = 1e-6
SCHEMES = ("subset", "iid", "poisson", "reshuffle", "fixed", "full")
LABELS = np.arange(60) % 7 // 3  # classes of 26, 26 and 8 of 60 items


def sampler(scheme="subset", **changes):
    arguments = {"data_size": 60, "subset_size": 24, "scheme": scheme, "seed": 5} | changes
    if scheme == "full":
        arguments["subset_size"] = None
    return SoftRandomSampler(**arguments)


VARIANTS = [
    *(pytest.param({"scheme": scheme}, id=scheme) for scheme in SCHEMES),
    pytest.param({"scheme": "subset", "refresh_every": 2}, id="subset kept"),
    pytest.param({"scheme": "iid", "refresh_every": 2}, id="iid kept"),
    pytest.param({"strata": LABELS}, id="strata"),
    pytest.param({"scheme": "iid", "weights": np.arange(60)}, id="weights"),
    pytest.param({"granularity": "batch", "unit_size": 7, "subset_size": 4}, id="batch"),
    pytest.param({"granularity": "chunk", "unit_size": 7, "subset_size": 4}, id="chunk"),
    pytest.param({"granularity": "chunk", "unit_size": 7, "scheme": "full"}, id="all chunks"),
]
BY_ITEM = VARIANTS[:-3]


# The order ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("every", [1, 2])
def test_the_order_is_that_of_epoch_indices(scheme, every):
    chosen = sampler(scheme, refresh_every=every)
    subset = 60 if scheme == "full" else 24
    plan = SamplingPlan(60, subset=subset, epochs=5, scheme=scheme, refresh_every=every)
    for epoch in range(5):
        assert chosen.epoch == epoch
        assert len(chosen) == epoch_size(plan, epoch + 1, seed=5)
        assert list(chosen) == epoch_indices(plan, epoch + 1, seed=5).tolist()
    assert chosen.plan(5) == plan


@pytest.mark.parametrize("changes", VARIANTS)
def test_parts_positions_and_batches_are_those_of_the_pass(changes):
    chosen = sampler(**changes)
    for epoch in range(3):
        chosen.set_epoch(epoch)
        size = len(chosen)
        whole = list(chosen)
        assert len(whole) == size
        assert chosen.items(epoch).tolist() == whole
        assert chosen.items(epoch, 3, size - 1).tolist() == whole[3 : size - 1]
        chosen.set_epoch(epoch)
        assert [chosen[position] for position in (0, size // 2, size - 1)] == [
            whole[0], whole[size // 2], whole[-1]
        ]  # fmt: skip
        batch_size = None if changes.get("granularity") == "batch" else 5
        assert chosen.batch_count(batch_size) == -(-size // 5) or batch_size is None
        count = chosen.batch_count(batch_size)
        batches = [batch.tolist() for batch in chosen.batches(batch_size)]
        assert [item for batch in batches for item in batch] == whole
        assert len(batches) == count


def test_a_shorter_last_batch_can_be_left_out():
    chosen = sampler(subset_size=23)
    assert chosen.batch_count(5, drop_last=True) == 4
    assert [len(batch) for batch in chosen.batches(5, drop_last=True)] == [5, 5, 5, 5]
    assert chosen.epoch == 1
    assert [len(batch) for batch in chosen.batches(5)] == [5, 5, 5, 5, 3]


def test_huge_corpora_need_no_memory_under_iid():
    # m = 1e11 of n = 1e12: an order of 800 GB, of which a pass takes 8192 items at a time.
    huge = SoftRandomSampler(10**12, 0.1, scheme="iid", seed=3, rank=1, world_size=4)
    huge.items(0, 0, 8192)  # compiled
    tracemalloc.start()
    state = huge.state_dict(epoch=7, position=10**10)
    huge.load_state_dict(state)
    taken = list(islice(huge, 3))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    plan = SamplingPlan(10**12, subset=10**11, epochs=8, scheme="iid")
    first = 1 + 4 * 10**10
    assert taken == epoch_indices(plan, 8, 3, start=first, stop=first + 12)[::4].tolist()
    assert peak < 2e6
    assert huge.batch_count(512) == -(-(10**11) // 4 // 512)


def test_no_global_random_state_is_touched():
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002  the state that must stay
    before = random.getstate(), np.random.get_state()[1].tobytes()  # noqa: NPY002
    list(sampler()), list(sampler("poisson", strata=None)), list(sampler(strata=LABELS))
    assert (random.getstate(), np.random.get_state()[1].tobytes()) == before  # noqa: NPY002


# Epochs ---------------------------------------------------------------------------------------------------


def test_every_pass_visits_the_next_epoch():
    chosen = sampler()
    epochs = [chosen.items(epoch).tolist() for epoch in range(4)]
    assert [list(chosen), list(chosen)] == epochs[:2]
    run = iter(chosen)
    assert [next(run), next(run)] == epochs[2][:2]
    assert (chosen.epoch, chosen.position) == (2, 2)
    assert list(chosen) == epochs[3]  # epoch 2 was left early
    assert list(run) == epochs[2][2:]  # an older pass goes on undisturbed
    assert (chosen.epoch, chosen.position) == (4, 0)


def test_set_epoch_says_which_comes_next():
    chosen = sampler()
    expected = chosen.items(6).tolist()
    chosen.set_epoch(6)
    assert list(chosen) == expected
    chosen.set_epoch(6)
    assert list(islice(chosen, 3)) == expected[:3]
    chosen.set_epoch(6)
    assert list(chosen) == expected
    with pytest.raises(ArgumentValueError, match=r"^epoch is -1; it must be a whole number from 0 to"):
        chosen.set_epoch(-1)


# Ranks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", BY_ITEM)
@pytest.mark.parametrize("world_size", [2, 3, 8])
def test_ranks_together_visit_the_order_of_one_process(changes, world_size):
    drop = changes.get("scheme") not in ("poisson", "full")
    alone = sampler(**changes)
    ranks = [sampler(**changes, rank=r, world_size=world_size, drop_last=drop) for r in range(world_size)]
    for epoch in range(3):
        whole = alone.items(epoch)
        shares = [rank.items(epoch) for rank in ranks]
        together = np.empty_like(whole)
        for r, share in enumerate(shares):
            together[r::world_size] = share
        assert np.array_equal(together, whole)
        sizes = {len(share) for share in shares}
        assert max(sizes) - min(sizes) <= (0 if drop else 1)


@pytest.mark.parametrize("granularity", ["batch", "chunk"])
def test_ranks_share_units(granularity):
    # 60 items in 9 units of 7, the last of 4.
    arguments = {"granularity": granularity, "unit_size": 7, "subset_size": 6}
    alone = sampler(**arguments)
    ranks = [sampler(**arguments, rank=r, world_size=3) for r in range(3)]
    for epoch in range(4):
        plan = SamplingPlan(9, subset=6, epochs=4)
        units = epoch_indices(plan, epoch + 1, seed=5)
        lengths = np.where(units == 8, 4, 7)
        pieces = np.split(alone.items(epoch), np.cumsum(lengths)[:-1])
        for unit, piece in zip(units, pieces, strict=True):
            assert sorted(piece) == list(range(7 * unit, min(60, 7 * unit + 7)))
            assert granularity == "chunk" or sorted(piece) == piece.tolist()
        for r, rank in enumerate(ranks):
            assert rank.items(epoch).tolist() == np.concatenate(pieces[r::3]).tolist()


def test_chunks_are_visited_in_fresh_orders():
    chosen = sampler("full", granularity="chunk", unit_size=60)
    orders = {tuple(chosen.items(epoch)) for epoch in range(50)}
    assert len(orders) == 50  # of 60! = 8e81 orders: a repeat has probability 1e-79
    again = sampler("iid", granularity="chunk", unit_size=15, subset_size=4)
    chunks = [tuple(chunk) for epoch in range(9) for chunk in np.split(again.items(epoch), 4)]
    assert len(set(chunks)) == 36  # the four chunks, visited again in an epoch too, each time differently


def test_subsets_are_rounded_down_to_equal_shares_and_say_so():
    shared = [sampler(subset_size=23, rank=r, world_size=4) for r in range(4)]
    assert [rank.subset_size for rank in shared] == [20] * 4
    assert [len(rank) for rank in shared] == [5] * 4
    assert shared[0].plan(3) == SamplingPlan(60, subset=20, epochs=3)
    assert len(np.unique(np.concatenate([rank.items(0) for rank in shared]))) == 20  # nothing padded
    kept = [sampler(subset_size=23, rank=r, world_size=4, drop_last=False) for r in range(4)]
    assert [len(rank) for rank in kept] == [6, 6, 6, 5]


def test_independent_ranks_draw_from_their_own_replicates():
    plan = SamplingPlan(60, subset=8, epochs=3, scheme="iid")
    for r in range(3):
        own = sampler("iid", rank=r, world_size=3, shard="independent")
        assert own.items(1).tolist() == epoch_indices(plan, 2, seed=5, replicate=r).tolist()
    weights = np.arange(60)
    tickets = SamplingPlan(int(weights.sum()), subset=12, epochs=1, scheme="iid")
    own = sampler("iid", rank=1, world_size=2, shard="independent", weights=weights)
    drawn = epoch_indices(tickets, 1, seed=5, replicate=1)
    assert own.items(0).tolist() == np.repeat(np.arange(60), weights)[drawn].tolist()


# Stop and go on -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", VARIANTS)
@pytest.mark.parametrize("rank", [0, 1])
def test_the_rest_of_an_interrupted_run_is_the_same(changes, rank):
    arguments = changes | {"rank": rank, "world_size": 2, "drop_last": False}
    unbroken = sampler(**arguments)
    epochs = [list(unbroken) for _ in range(4)]
    for stop in (1, len(epochs[1]) - 1, len(epochs[1])):
        broken = sampler(**arguments)
        list(broken)
        before = list(islice(broken, stop))
        state = json.loads(json.dumps(broken.state_dict()))
        resumed = sampler(**arguments)
        resumed.load_state_dict(state)
        resumed.set_epoch(state["epoch"])  # as hosts do after a resume
        if stop < len(epochs[1]):
            assert before + list(resumed) == epochs[1]
        assert resumed.epoch == 2  # a state at the end of an epoch is the start of the next
        assert [list(resumed), list(resumed)] == epochs[2:]


def test_a_state_says_what_was_trained_on_and_not_what_was_prefetched():
    ahead = sampler()
    list(islice(ahead, 20))
    resumed = sampler()
    resumed.load_state_dict(ahead.state_dict(position=12))
    assert list(resumed) == ahead.items(0, 12).tolist()
    finished = sampler()
    assert finished.state_dict(epoch=3, position=24)["epoch"] == 4  # the end of one is the start of the next


def test_a_run_goes_on_with_another_number_of_ranks():
    whole = sampler().items(2)
    state = sampler(rank=1, world_size=4).state_dict(epoch=2, position=3)
    ranks = [sampler(rank=r, world_size=3) for r in range(3)]
    for r, rank in enumerate(ranks):
        rank.load_state_dict(state)
        assert list(rank) == whole[12 + r :: 3].tolist()
    with pytest.raises(ArgumentValueError, match="world_size is 8; it must be a divisor of the 12 items"):
        sampler(world_size=8).load_state_dict(state)


OTHERS = {
    "version": {},
    "data_size": {"data_size": 61},
    "subset_size": {"subset_size": 23},
    "scheme": {"scheme": "iid"},
    "refresh_every": {"refresh_every": 2},
    "granularity": {"granularity": "batch"},
    "unit_size": {"granularity": "chunk", "unit_size": 2},
    "seed": {"seed": 6},
    "shard": {"scheme": "iid", "shard": "independent"},
    "drop_last": {"drop_last": False},
    "strata": {"strata": LABELS},
    "weights": {"scheme": "iid", "weights": np.ones(60, int)},
}


@pytest.mark.parametrize("field", [*OTHERS, "epoch", "position"])
def test_a_state_of_another_plan_is_refused_by_field(field):
    state = sampler().state_dict()
    other = sampler(**OTHERS[field]).state_dict()[field] if field in OTHERS else -1
    changed = state | {field: 2 if field == "version" else other}
    with pytest.raises(ArgumentValueError, match=rf"^state\['{field}'\] is .*; it must be [^\n]*$"):
        sampler().load_state_dict(changed)
    del changed[field]
    with pytest.raises(ArgumentValueError, match=rf"with '{field}'$"):
        sampler().load_state_dict(changed)


def test_a_state_of_other_strata_is_refused():
    state = sampler(strata=LABELS).state_dict()
    with pytest.raises(ArgumentValueError, match=r"state\['strata'\]"):
        sampler(strata=LABELS[::-1]).load_state_dict(state)
    with pytest.raises(ArgumentTypeError, match="state is 7"):
        sampler().load_state_dict(7)


# Strata ---------------------------------------------------------------------------------------------------


def test_class_sizes_are_proportional_and_exact_on_average():
    for ends, subset in [([26, 52, 60], 24), ([1, 2, 1000], 10), ([4, 8], 2), ([5], 3), ([3, 4], 4)]:
        n = ends[-1]
        classes = np.diff([0, *ends])
        sizes = np.array([systematic_sizes(ends, subset, u) for u in range(n)])
        assert (sizes.sum(axis=1) == subset).all()
        for number, total in zip(classes, sizes.sum(axis=0), strict=True):
            assert Fraction(int(total), n) == Fraction(subset * int(number), n)  # over all u: exact
        exact = subset * classes / n
        assert (np.abs(sizes - exact) < 1).all()
        assert (sizes <= classes).all()


def test_strata_take_their_sizes_distinct_and_in_one_shuffled_order():
    order = StratifiedOrder(LABELS, 24, "subset", 1, seed=5)
    chosen = sampler(strata=LABELS)
    for epoch in range(5):
        items = chosen.items(epoch)
        assert len(np.unique(items)) == 24
        assert np.bincount(LABELS[items], minlength=3).tolist() == order.class_sizes(epoch)
        assert (np.diff(LABELS[items]) < 0).any()
    kept = sampler("fixed", strata=LABELS)
    assert sorted(kept.items(0)) == sorted(kept.items(9))
    assert kept.items(0).tolist() != kept.items(9).tolist()


def inclusion_p_value(visits: np.ndarray, epochs: int, chance: float) -> float:
    """The least p-value over items of Bin(epochs, chance), times their number."""
    low, high = stats.binom.cdf(visits, epochs, chance), stats.binom.sf(visits - 1, epochs, chance)
    return float(2 * np.minimum(low, high).min() * visits.size)


def test_every_item_of_every_class_is_drawn_with_the_same_probability():
    # One class of a single item: of 3 items in 60 it is drawn with probability 1/20, as all others.
    labels = np.where(np.arange(60) == 17, 9, LABELS)
    chosen = sampler(strata=labels, subset_size=3)
    visits = sum(np.bincount(chosen.items(epoch), minlength=60) for epoch in range(2000))
    assert inclusion_p_value(visits, 2000, 1 / 20) > FALSE_ALARM
    # Planted: sizes rounded to the nearest whole number never draw it; P(Bin(2000, 1/20) = 0) < 1e-44.
    rounded = visits.copy()
    rounded[17] = 0
    assert inclusion_p_value(rounded, 2000, 1 / 20) < FALSE_ALARM


# Weights --------------------------------------------------------------------------------------------------


def test_weights_own_their_share_of_the_tickets():
    weights = np.array([3, 0, 1, 2**52])
    chosen = SoftRandomSampler(4, subset_size=4, scheme="iid", weights=weights, seed=1)
    tickets = epoch_indices(SamplingPlan(2**52 + 4, subset=4, epochs=1, scheme="iid"), 1, 1)
    owners = [0 if t < 3 else 2 if t < 4 else 3 for t in tickets]
    assert chosen.items(0).tolist() == owners


def test_weights_are_the_law_of_a_draw():
    weights = np.array([5, 0, 1, 10, 4])
    chosen = SoftRandomSampler(5, ratio=1.0, scheme="iid", weights=weights, seed=11)
    counts = sum(np.bincount(chosen.items(epoch), minlength=5) for epoch in range(4000))
    assert counts[1] == 0
    expected = 20_000 * weights[weights > 0] / 20
    assert stats.chisquare(counts[weights > 0], expected).pvalue > FALSE_ALARM
    # Planted: weights of 12 for 10. Noncentrality 20,000 sum (p-q)^2/q = 165 on 2 degrees of freedom, where
    # the level 1e-6 is at 28: power above 1 - 1e-12.
    shifted = np.array([5, 1, 12, 4]) * 20_000 / 22
    assert stats.chisquare(counts[weights > 0], shifted).pvalue < FALSE_ALARM


# Refusals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"data_size": 0}, "data_size is 0"),
        ({"data_size": 60.0}, "data_size is 60.0"),
        ({"subset_size": 61}, "subset_size is 61; it must be a whole number from 1 to 60"),
        ({"ratio": 0.5}, "give one of the two, not both"),
        ({"subset_size": None}, "ratio and subset_size are both missing"),
        ({"subset_size": None, "ratio": 1.5}, "ratio is 1.5"),
        ({"scheme": "bag"}, "scheme is 'bag'"),
        ({"granularity": "file"}, "granularity is 'file'"),
        ({"unit_size": 2}, "unit_size is 2"),
        ({"seed": -1}, "seed is -1"),
        ({"rank": 1}, "rank is 1; it must be a whole number from 0 to 0"),
        ({"world_size": 25}, "world_size is 25; it must be at most the subset of 24 units"),
        ({"drop_last": 1}, "drop_last is 1"),
        ({"scheme": "poisson", "world_size": 2}, "drop_last is True; it must be False for 2 ranks"),
        ({"scheme": "full", "subset_size": None, "world_size": 7}, "drop_last is True"),
        ({"shard": "blocks"}, "shard is 'blocks'"),
        ({"shard": "independent"}, "shard is 'independent'; it must be 'strided' unless"),
        ({"strata": LABELS, "scheme": "iid"}, "strata is 'given'"),
        ({"strata": LABELS[1:]}, r"strata is \(59,\)"),
        ({"weights": np.ones(60, int)}, "weights is 'given'"),
        ({"weights": np.full(60, 0.5), "scheme": "iid"}, "weights is 'float64'.*scale and round"),
        ({"weights": np.zeros(60, int), "scheme": "iid"}, "total from 1 to"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(changes, said):
    with pytest.raises((ArgumentValueError, ArgumentTypeError), match=said) as caught:
        sampler(**changes)
    assert "\n" not in str(caught.value)


def test_full_takes_no_other_size():
    with pytest.raises(ArgumentValueError, match="subset_size is 24; it must be 60, or left out"):
        SoftRandomSampler(60, subset_size=24, scheme="full", seed=0)


def test_batches_say_what_they_need():
    with pytest.raises(ArgumentTypeError, match="batch_size is None"):
        sampler().batch_count()
    units = sampler(granularity="batch", unit_size=7, subset_size=4)
    with pytest.raises(ArgumentValueError, match="batch_size is 5; it must be left out"):
        units.batch_count(5)
    with pytest.raises(ArgumentValueError, match="drop_last is True"):
        units.batch_count(drop_last=True)
    with pytest.raises(ArgumentValueError, match="weights is 'given'"):
        sampler("iid", weights=np.ones(60, int)).plan(3)


def test_smallest_samplers():
    one = SoftRandomSampler(1, 1.0, seed=0)
    assert [list(one), list(one)] == [[0], [0]]
    assert sorted(SoftRandomSampler(3, scheme="full", seed=0)) == [0, 1, 2]
    scarce = sampler("poisson", subset_size=1)
    sizes = [len(list(scarce)) for _ in range(40)]
    assert 0 in sizes  # an empty epoch is an epoch: P(none of 40 is empty) = (1 - (59/60)^60)^40 < 2e-8
    assert scarce.epoch == 40
