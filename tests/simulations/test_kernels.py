"""The kernels against a reference that draws item by item and keeps sets, from the same counters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.kernels.coverage import cover_blocks
from simulations.kernels.marking import bitset_words, complement, count_marked, mark_all, mark_new
from simulations.kernels.repeated_spectrum import count_repeated_draws
from simulations.kernels.spectrum import count_draws, count_subsets
from simulations.kernels.subset_rule import FEW, mark_subset, pick_subset
from simulations.streams import DRAWS, WORDS_AT_ONCE, draw_at, seed_key, stream_words

SEED = 2**33 + 5
KEY = seed_key(SEED)
SIZES = [1, 2, 63, 64, 65, 100, 4096, 65_535, 65_536]


def plain_draws(population, block, epoch, replicate):
    """Yield the draws of a block one by one (a refused word sends the whole word to `draw_at`)."""
    size = min(2**16, population - 2**16 * block)
    draw = 0
    for word in stream_words(SEED, DRAWS, block, epoch, replicate, 400_000).tolist():
        if size == 2**16:
            items = [word >> 16 * j & 0xFFFF for j in range(4)]
        elif word * size**3 % 2**64 < 2**64 % size**3:
            items = [draw_at(SEED, population, replicate, epoch, block, draw + j) % 2**16 for j in range(3)]
        else:
            triple = word * size**3 >> 64
            items = [triple // size**2, triple // size % size, triple % size]
        yield from items
        draw += len(items)


def plain_visits(population, block, epoch, replicate, share, without_repeats):
    """Return the items of one block that an epoch visits: a list, with repeats if it may have them."""
    size = min(2**16, population - 2**16 * block)
    draws = plain_draws(population, block, epoch, replicate)
    if not without_repeats:
        return [next(draws) for _ in range(share)]
    marked = set()
    while len(marked) < min(share, size - share):
        marked.add(next(draws))
    return sorted(marked if 2 * share <= size else set(range(size)) - marked)


def plain_run(population, shares, without_repeats, first_block=0, first_replicate=0):
    """Yield (replicate, epoch, block, visited items)."""
    for (i, e, b), share in np.ndenumerate(shares):
        visits = plain_visits(
            population, first_block + b, e, first_replicate + i, int(share), without_repeats
        )
        yield i, e, b, visits


def edge_shares(size, without_repeats):
    """Return shares of one block over epochs: none, one, about half, all, and some in between."""
    shares = [
        0,
        1,
        size // 2,
        min(size, size // 2 + 1),
        size // 10,
        size,
        min(size, 16),
        min(size, 17),
        3 % (size + 1),
    ]
    return np.array(shares if without_repeats else [*shares, 2 * size + 1], np.uint32)


def population_of(size):
    """Return a population and the block of it with this many items: a ragged second one, or a full first."""
    return (2 * 2**16, 0) if size == 2**16 else (2**16 + size, 1)


@pytest.mark.parametrize("without_repeats", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_coverage_equals_a_reference_with_sets(size, without_repeats):
    population, block = population_of(size)
    shares = edge_shares(size, without_repeats)[None, :, None]
    new = np.zeros(shares.shape[:2], np.int64)
    cover_blocks(new, without_repeats, shares, population, 0, 1, block, 4, *KEY)
    seen, plain = set(), np.zeros_like(new)
    for i, e, _, visits in plain_run(population, shares, without_repeats, block, 4):
        plain[i, e] = len(set(visits) - seen)
        seen |= set(visits)
    assert np.array_equal(new, plain)


@pytest.mark.parametrize("without_repeats", [False, True])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("top", [1, 3, 300])
def test_moves_equal_a_reference_with_counters(size, without_repeats, top):
    population, block = population_of(size)
    shares = edge_shares(size, without_repeats)[None, :, None]
    moves = np.zeros((1, shares.shape[1] + 2, top + 1), np.int64)
    kernel = count_subsets if without_repeats else count_draws
    kernel(moves, 2, top, np.min_scalar_type(top), shares, population, 0, 1, block, 4, *KEY)
    counts, plain = np.zeros(size, int), np.zeros_like(moves)
    for i, e, _, visits in plain_run(population, shares, without_repeats, block, 4):
        for item in visits:
            if counts[item] < top:
                plain[i, 2 + e, counts[item]] += 1
            counts[item] += 1
    assert np.array_equal(moves, plain)


@pytest.mark.parametrize(("last", "warm"), [(1, 0), (4, 2), (50, 0), (3, 3)])
def test_repeated_draws_equal_a_reference_that_visits_them_again(last, warm):
    population, every, epochs = 2**16 + 90, 3, 8
    shares = np.array([40, 0, 100], np.uint32)[None, :, None]
    changes = np.zeros((1, warm + epochs + 1, last + 1), np.int64)
    count_repeated_draws(changes, warm, every, shares, population, 0, 1, 1, 0, *KEY)
    counts, plain = np.full(90, warm), []
    refreshes = [visits for _, _, _, visits in plain_run(population, shares, False, 1)]
    for e in range(epochs):
        np.add.at(counts, refreshes[e // every], 1)
        plain.append(np.bincount(np.minimum(counts, last), minlength=last + 1))
    start = np.bincount([min(warm, last)] * 90, minlength=last + 1)
    assert np.array_equal(changes[0, warm + 1 :].cumsum(axis=0) + start, plain)
    assert not changes[0, : warm + 1].any()


def test_many_blocks_and_replicates_add_into_one_row_each():
    population = 2 * 2**16 + 500
    shares = np.array([[[300, 0, 40], [5000, 7, 500]], [[1, 2, 3], [4, 70, 499]]], np.uint32)
    for without_repeats in (False, True):
        new = np.zeros((2, 2), np.int64)
        cover_blocks(new, without_repeats, shares, population, 0, 2, 0, 7, *KEY)
        cover_blocks(new, without_repeats, shares, population, 2, 3, 0, 7, *KEY)
        seen, plain = {}, np.zeros_like(new)
        for i, e, b, visits in plain_run(population, shares, without_repeats, 0, 7):
            before = seen.setdefault((i, b), set())
            plain[i, e] += len(set(visits) - before)
            before |= set(visits)
        assert np.array_equal(new, plain)


@given(size=st.integers(1, 200), data=st.data(), epoch=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_the_subset_rule_marks_exactly_the_smallest_first_occurrences(size, data, epoch):
    chosen = data.draw(st.integers(0, size))
    bits = np.full(4, 2**64 - 1, np.uint64)  # what was there before is cleared
    packs = np.empty(WORDS_AT_ONCE, np.uint64)
    mark_subset(bits, chosen, size, *KEY, np.uint64(0), np.uint64(epoch), np.uint64(3), packs)
    marked = [item for item in range(size) if int(bits[item // 64]) >> item % 64 & 1]
    assert marked == plain_visits(size, 0, epoch, 3, chosen, True)
    assert count_marked(bits, bitset_words(size)) == chosen
    if chosen <= FEW and 2 * chosen <= size:
        items = np.full(FEW, 999, np.uint64)
        pick_subset(items, chosen, size, *KEY, np.uint64(0), np.uint64(epoch), np.uint64(3), packs)
        assert sorted(items[:chosen].tolist()) == marked


def test_every_subset_of_a_small_block_is_equally_likely():
    """C(7, 3) = 35 sets, 35 000 epochs: chi-square, 34 degrees of freedom, whose 1e-7 tail is at 95.34."""
    packs, bits, seen = np.empty(WORDS_AT_ONCE, np.uint64), np.zeros(1, np.uint64), np.zeros(128, int)
    for epoch in range(35_000):
        mark_subset(bits, 3, 7, *KEY, np.uint64(0), np.uint64(epoch), np.uint64(0), packs)
        seen[int(bits[0])] += 1
    sets = [s for s in range(128) if bin(s).count("1") == 3]
    assert seen.sum() == seen[sets].sum()
    assert np.sum((seen[sets] - 1000) ** 2 / 1000) < 95.34


@given(
    items=st.lists(st.integers(0, 199), max_size=60),
    in_word=st.sampled_from([3, 4]),
    cut=st.floats(0, 1),
    size=st.just(200),
)
@settings(max_examples=60, deadline=None)
def test_marking_in_bulk_and_one_by_one_agree(items, in_word, cut, size):
    packs = np.zeros(-(-len(items) // in_word) + 1, np.uint64)
    for draw, item in enumerate(items):
        packs[draw // in_word] |= np.uint64(item << 16 * (draw % in_word))
    middle = int(cut * len(items))
    bulk, singly = np.zeros(4, np.uint64), np.zeros(4, np.uint64)
    mark_all(bulk, packs, 0, middle, in_word)
    mark_all(bulk, packs, middle, len(items), in_word)
    new = mark_new(singly, packs, 0, middle, in_word) + mark_new(singly, packs, middle, len(items), in_word)
    assert np.array_equal(bulk, singly)
    assert new == len(set(items)) == count_marked(bulk, 4)
    complement(bulk, size)
    assert count_marked(bulk, 4) == size - len(set(items))
