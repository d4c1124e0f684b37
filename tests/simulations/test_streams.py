"""The random streams: known answers, the documented layout, and draws without bias."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations import streams
from simulations.streams import DRAWS, REDRAWS, draw_at, philox, seed_key, stream_words
from simulations.word_source import next_word, open_source, rewind
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError

# Random123 1.14, tests/kat_vectors, lines "philox4x32 10": counter, key, output.
KNOWN_ANSWERS = [
    ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],  # the hexadecimal digits of pi
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]


def plain_philox(counter, key, rounds=10):
    """Philox4x32 in Python integers, written from the paper's figure 2."""
    (x0, x1, x2, x3), (a, b) = counter, key
    for _ in range(rounds):
        p, q = 0xD2511F53 * x0, 0xCD9E8D57 * x2
        x0, x1, x2, x3 = (q >> 32) ^ x1 ^ a, q % 2**32, (p >> 32) ^ x3 ^ b, p % 2**32
        a, b = (a + 0x9E3779B9) % 2**32, (b + 0xBB67AE85) % 2**32
    return [x0, x1, x2, x3]


def plain_word(seed, purpose, c0, epoch, replicate, t):
    """X_t of a stream, from the layout's own sentence."""
    w = plain_philox([c0, t // 2 + 2**26 * purpose, epoch, replicate], [seed % 2**32, seed // 2**32])
    return w[2 * (t % 2)] + 2**32 * w[2 * (t % 2) + 1]


def plain_draw(seed, population, replicate, epoch, block, draw):
    """One draw in big integers: a 16-bit field, or a base-L digit of floor(X L^3 / 2^64)."""
    size = min(2**16, population - 2**16 * block)
    if size == 2**16:
        index = plain_word(seed, DRAWS, block, epoch, replicate, draw // 4) >> 16 * (draw % 4) & 0xFFFF
    else:
        t, attempt = draw // 3, 0
        word = plain_word(seed, DRAWS, block, epoch, replicate, t)
        while word * size**3 % 2**64 < 2**64 % size**3:
            word = plain_word(seed, REDRAWS, t, epoch, replicate, 2 * attempt)
            attempt += 1
        index = word * size**3 // 2**64 // size ** (2 - draw % 3) % size
    return 2**16 * block + index


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_philox_gives_the_published_known_answers(counter, key, answer):
    assert [int(x) for x in philox(*map(np.uint64, counter), *map(np.uint64, key))] == answer
    assert plain_philox(counter, key) == answer


def test_a_wrong_number_of_rounds_would_be_seen():
    assert all(plain_philox(counter, key, rounds=9) != answer for counter, key, answer in KNOWN_ANSWERS)


@given(
    seed=st.integers(0, 2**64 - 1),
    purpose=st.integers(0, 63),
    c0=st.integers(0, 2**32 - 1),
    epoch=st.integers(0, 2**32 - 1),
    replicate=st.integers(0, 2**32 - 1),
    words=st.integers(0, 70),
)
@settings(max_examples=40, deadline=None)
def test_stream_words_follow_the_layout(seed, purpose, c0, epoch, replicate, words):
    plain = [plain_word(seed, purpose, c0, epoch, replicate, t) for t in range(words)]
    assert stream_words(seed, purpose, c0, epoch, replicate, words).tolist() == plain


def test_a_word_source_reads_the_stream_in_order_over_its_refills():
    source = open_source(*seed_key(2**40 + 3))
    for epoch in (5, 6):
        rewind(source, streams.SPLITS, 7, epoch, 9)
        read = [int(next_word(source)) for _ in range(100)]
        assert read == stream_words(2**40 + 3, streams.SPLITS, 7, epoch, 9, 100).tolist()


@given(
    seed=st.integers(0, 2**64 - 1),
    population=st.one_of(st.integers(1, 200_000), st.sampled_from([1, 2, 65535, 65536, 65537, 2**48])),
    replicate=st.integers(0, 2**32 - 1),
    epoch=st.integers(0, 2**32 - 1),
    draw=st.integers(0, 2**27 - 1),
    data=st.data(),
)
@settings(max_examples=100, deadline=None)
def test_any_single_draw_is_recomputed_from_its_coordinates(seed, population, replicate, epoch, draw, data):
    block = data.draw(st.integers(0, (population - 1) // 2**16))
    item = draw_at(seed, population, replicate, epoch, block, draw)
    assert item == plain_draw(seed, population, replicate, epoch, block, draw)
    assert 2**16 * block <= item < min(population, 2**16 * (block + 1))


def test_refused_words_are_drawn_again():
    """L = 57053 refuses a word with probability (2^64 mod L^3) / 2^64 = 2^-16.8: some of the first 2^20."""
    size, threshold = 57053, 2**64 % 57053**3
    words = stream_words(3, DRAWS, 0, 0, 0, 2**20)
    refused = np.flatnonzero((words * np.uint64(size**3)) < np.uint64(threshold))
    assert len(refused) > 0
    for t in refused[:3].tolist():
        assert draw_at(3, size, 0, 0, 0, 3 * t + 1) == plain_draw(3, size, 0, 0, 0, 3 * t + 1)
        assert draw_at(3, size, 0, 0, 0, 3 * t + 1) != int(words[t]) * size**3 // 2**64 // size % size


@pytest.mark.parametrize("size", [1, 2, 3, 7, 98, 50_000, 65_535])
def test_the_digits_of_accepted_words_are_uniform_by_counting(size):
    """Accepted words per digit triple: exactly (2^64 - 2^64 mod L^3) / L^3, so every triple is equally
    likely.

    The words x of one triple a fill ceil/floor of (a+1) 2^64 / L^3; those with x L^3 mod 2^64 < threshold are
    refused. Counted here in integers for triples at both ends and in the middle.
    """
    cube = size**3
    threshold = 2**64 % cube
    for a in {0, cube // 2, cube - 1}:
        first, end = -(-a * 2**64 // cube), -(-(a + 1) * 2**64 // cube)
        refused = (
            0 if threshold == 0 else sum(x * cube % 2**64 < threshold for x in (first, first + 1, end - 1))
        )
        assert (end - first) - refused == 2**64 // cube


def test_distinct_coordinates_never_share_a_counter():
    """The layout packs call and purpose into one word: 26 and 6 bits."""
    assert int(streams.counter_word(63, 2**26 - 1)) == 2**32 - 1
    purposes = [streams.DRAWS, streams.REDRAWS, streams.SPLITS, streams.SIZES, streams.WALKS]
    purposes += [streams.ORDERS, streams.LAWS, streams.LEARNING]
    assert len({int(streams.counter_word(purpose, 0)) for purpose in purposes}) == len(purposes)


@pytest.mark.parametrize(
    ("seed", "error"),
    [
        (-1, ArgumentValueError),
        (2**64, ArgumentValueError),
        (1.0, ArgumentTypeError),
        (None, ArgumentTypeError),
    ],
)
def test_a_seed_out_of_range_is_refused_in_one_line(seed, error):
    with pytest.raises(
        error, match=r"^seed is .*; it must be a whole number from 0 to 18446744073709551615$"
    ):
        seed_key(seed)


def test_the_layout_is_pinned():
    """SHA-256 of 4096 words of each of two streams, first computed with `plain_word`."""
    digest = hashlib.sha256()
    for purpose in (DRAWS, streams.SPLITS):
        digest.update(stream_words(12345678901234567890, purpose, 3, 2, 1, 4096).astype("<u8").tobytes())
    assert digest.hexdigest() == "93e2912233b59dd5710d72ceac65513043dccc227686fefbef15e24e0c44a853"
