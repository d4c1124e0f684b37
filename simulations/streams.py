r"""Counter-based random streams: every random number is a pure function of its coordinates.

The generator is Philox4x32-10 (Salmon et al. 2011): a 64-bit key and a 128-bit counter give 128 random bits,
with no state in between. So a result depends on (plan, replicates, seed) alone, whatever the threads, the
chunks, the workers or the backend, and any single draw can be computed by itself (`draw_at`).

This is layout 1. A change to anything below changes every seeded answer, so it comes with a new `LAYOUT`.

**Coordinates.** The key is the seed, the counter says what the bits are for::

    key     = (seed mod 2^32, seed div 2^32)
    counter = (c0, q + 2^26 purpose, e, i)                        (e the refresh, i the replicate)
    words   : X_2q = w0 + 2^32 w1,  X_2q+1 = w2 + 2^32 w3         (w0..w3 the four 32-bit outputs)

Refresh e is epoch e where every epoch draws afresh; with `refresh_every` R it lasts R epochs, and warm epochs
are not counted. One stream is the sequence X_0, X_1, ... of 64-bit words at fixed (purpose, c0, e, i). What
c0 is depends on the purpose:

=========  ======================================  ====================================================
purpose    c0                                      words
=========  ======================================  ====================================================
DRAWS      block                                   four or three items a word, see below
REDRAWS    t, a word that was refused              attempts 0, 1, ... in the even words X_0, X_2, ...
SPLITS     cut: the first block right of it        consumed in order by the split at that cut
SIZES      block                                   X_0 is inverted into the block's size (`poisson`)
WALKS      0                                       consumed in order by the overlap of two permutations
SHUFFLES   0                                       consumed in order by the permutation begun in refresh e
WEIGHTED   0                                       X_d is draw d among items of unequal weight
ORDERS     as `simulations.orders` says            the ordered items of an epoch
LAWS       as `simulations.exact_law` says         whole curves sampled from their exact law
LEARNING   as `simulations.sgd` says               noise and initial points
=========  ======================================  ====================================================

**Blocks.** The population is cut into full blocks of 2^16 items and one ragged block of L = n mod 2^16 items
at the end (none where L = 0): item j is index j mod 2^16 of block j div 2^16. How many of an epoch's draws
fall into each block is decided first (`simulations.splitting`), so a block of 8 KB works through all epochs
by itself.

**Draws.** In a full block, draw 4t + j is the j-th 16-bit field of X_t. In the ragged block, draws 3t, 3t+1,
3t+2 are the digits of floor(X_t L^3 / 2^64) in base L, the highest first. Uniform because a word with X_t L^3
mod 2^64 < 2^64 mod L^3 is refused (Lemire's test; probability below 2^-16) and the first attempt of its
REDRAWS that passes takes its place.

**Limits.** n <= 2^48; 2^32 refreshes; 2^32 replicates; 2^26 calls of the generator in one stream.

References
----------
J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011.
D. Lemire, Fast random integer generation in an interval, ACM Trans. Model. Comput. Simul. 29(1), 2019.
N. Brackett-Rozinsky, D. Lemire, Batched ranged random integer generation, Softw. Pract. Exper., 2024.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from softsample_theory.validation import count

LAYOUT = 1
DRAWS, REDRAWS, SPLITS, SIZES, WALKS, SHUFFLES, WEIGHTED = range(7)
ORDERS, LAWS, LEARNING = 16, 17, 18

BLOCK = 2**16
LARGEST_POPULATION = 2**48
LARGEST_REFRESHES = 2**32
LARGEST_REPLICATES = 2**32
WORDS_AT_ONCE = 1024

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW, _HIGH, _SECOND_FIELD = np.uint64(0xFFFFFFFF), np.uint64(0xFFFFFFFF00000000), np.uint64(0xFFFF0000)
_ZERO, _ONE, _TWO, _16, _32, _48 = (np.uint64(number) for number in (0, 1, 2, 16, 32, 48))
_FULL, _PURPOSE_SHIFT = np.uint64(BLOCK), np.uint64(26)


def seed_key(seed: int) -> tuple[np.uint64, np.uint64]:
    """Return the generator's key of a seed from 0 to 2**64 - 1: its low and its high 32 bits.

    Raises
    ------
    ArgumentTypeError, ArgumentValueError
        Where the seed is not a whole number or is out of range: there is no default and no hidden state.

    Examples
    --------
    >>> seed_key(2**32 + 7)
    (np.uint64(7), np.uint64(1))
    """
    seed = count("seed", seed, 0, 2**64 - 1)
    return np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32)


def stream_words(
    seed: int, purpose: int, c0: int, epoch: int, replicate: int, words: int
) -> NDArray[np.uint64]:
    """Return the first `words` 64-bit words X_0, X_1, ... of one stream, uint64 (words,).

    Examples
    --------
    >>> stream_words(seed=0, purpose=DRAWS, c0=0, epoch=0, replicate=0, words=2)
    array([16242730742183356629, 11169168799798111308], dtype=uint64)
    """
    key0, key1 = seed_key(seed)
    calls = -(-words // 2)
    buffer = np.empty(2 * calls, np.uint64)
    counter = (np.uint64(c0), np.uint64(counter_word(purpose, 0)), np.uint64(epoch), np.uint64(replicate))
    fill_words(buffer, calls, *counter, key0, key1)
    return buffer[:words]


def draw_at(seed: int, population: int, replicate: int, epoch: int, block: int, draw: int) -> int:
    """Return the item that one draw takes: draw number `draw` into `block`, alone, from its coordinates.

    Under `iid` an epoch visits, in each block, the draws 0, 1, ... up to the block's share of m; under
    `subset` and `poisson` it visits the items of the smallest first occurrences
    (`simulations.kernels.subset_rule`).

    Parameters
    ----------
    seed : int, 0 to 2**64 - 1.
    population : int, n.
    replicate, epoch : int, from 0. With `refresh_every` R the epoch counts subsets, not epochs.
    block : int, from 0 to (n-1) div 2**16.
    draw : int, from 0.

    Returns
    -------
    int, from 0 to n - 1.

    Examples
    --------
    >>> [draw_at(seed=1, population=100, replicate=0, epoch=0, block=0, draw=d) for d in range(4)]
    [89, 46, 84, 71]
    """
    n = count("population", population, 1, LARGEST_POPULATION)
    block = count("block", block, 0, (n - 1) // BLOCK)
    epoch = count("epoch", epoch, 0, LARGEST_REFRESHES - 1)
    replicate = count("replicate", replicate, 0, LARGEST_REPLICATES - 1)
    size = block_size(n, block)
    word, field = divmod(count("draw", draw, 0, 2**27 - 1), draws_in_word(size))
    packs = np.empty(2, np.uint64)
    place = (np.uint64(block), np.uint64(epoch), np.uint64(replicate))
    fill_draws(packs, 2, np.uint64(size), *seed_key(seed), *place, np.uint64(word // 2))
    return block * BLOCK + (int(packs[word % 2]) >> 16 * field & 0xFFFF)


def block_size(population: int, block: int) -> int:
    """Return how many items a block has: 2**16, or n mod 2**16 in the ragged block at the end."""
    return min(BLOCK, population - block * BLOCK)


@njit(cache=True)
def draws_in_word(size: int) -> int:
    """Return how many draws one word holds in a block of this many items."""
    return 4 if size == BLOCK else 3


@njit(cache=True)
def counter_word(purpose: int, call: int) -> np.uint64:
    """Return the second counter word, q + 2^26 purpose."""
    return np.uint64(purpose) << _PURPOSE_SHIFT | np.uint64(call)


@njit(cache=True, inline="always")
def philox(
    c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, key0: np.uint64, key1: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Return the four 32-bit outputs of Philox4x32-10; every number is a uint64 below 2**32."""
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0, c1, c2, c3 = (p1 >> _32) ^ c1 ^ key0, p1 & _LOW, (p0 >> _32) ^ c3 ^ key1, p0 & _LOW
        key0 = (key0 + _W0) & _LOW
        key1 = (key1 + _W1) & _LOW
    return c0, c1, c2, c3


@njit(cache=True)
def fill_words(
    words: NDArray[np.uint64],
    calls: int,
    c0: np.uint64,
    c1: np.uint64,
    c2: np.uint64,
    c3: np.uint64,
    key0: np.uint64,
    key1: np.uint64,
) -> None:
    """Write the words of `calls` consecutive calls, two each, from the counter (c0, c1, c2, c3) on.

    The loop has no branch, so that it compiles to vector instructions. It is quickest for multiples of 16
    calls.
    """
    for q in range(calls):
        w0, w1, w2, w3 = philox(c0, c1 + np.uint64(q), c2, c3, key0, key1)
        words[2 * q] = w0 | w1 << _32
        words[2 * q + 1] = w2 | w3 << _32


@njit(cache=True)
def fill_draws(
    packs: NDArray[np.uint64],
    words: int,
    size: np.uint64,
    key0: np.uint64,
    key1: np.uint64,
    block: np.uint64,
    epoch: np.uint64,
    replicate: np.uint64,
    first_call: np.uint64,
) -> None:
    """Write the draws of `words` words from word 2 `first_call` on: four or three 16-bit fields each.

    `packs` is filled in whole vectors of 16 calls where fewer would be slower and as far as it has room, so
    words past those asked for may be written; they are not mapped.
    """
    calls = (words + 1) // 2
    if calls & 15 > 2:
        calls = min(calls + 15 & -16, packs.size // 2)
    fill_words(packs, calls, block, counter_word(DRAWS, first_call), epoch, replicate, key0, key1)
    if size != _FULL:
        threshold = refusal_threshold(size)
        refused, narrow = np.uint64(0), size & _LOW  # tells the compiler that a 32-bit product is enough
        for t in range(words):
            pack = three_digits(packs[t], narrow, threshold)
            refused |= pack
            packs[t] = pack
        if refused >> _48:
            _draw_again(packs[:words], size, threshold, key0, key1, epoch, replicate, _TWO * first_call)


@njit(cache=True)
def fill_window(
    packs: NDArray[np.uint64],
    taken: int,
    share: int,
    size: int,
    key0: np.uint64,
    key1: np.uint64,
    block: np.uint64,
    epoch: np.uint64,
    replicate: np.uint64,
) -> int:
    """Write the next draws of a share of which `taken` are done; return how many there was room for.

    `taken` is a sum of former answers, so a window starts at a whole call.
    """
    in_word = draws_in_word(size)
    draws = min(share - taken, WORDS_AT_ONCE * in_word)
    words, first_call = (draws + in_word - 1) // in_word, taken // (2 * in_word)
    fill_draws(packs, words, np.uint64(size), key0, key1, block, epoch, replicate, np.uint64(first_call))
    return draws


@njit(cache=True)
def refusal_threshold(size: np.uint64) -> np.uint64:
    """Return 2^64 mod L^3."""
    cube = size * size * size
    return (_ZERO - cube) % cube


@njit(cache=True, inline="always")
def three_digits(word: np.uint64, size: np.uint64, threshold: np.uint64) -> np.uint64:
    """Return the base-L digits of floor(x L^3 / 2^64) as 16-bit fields, and bit 48 set where x is refused.

    Each step multiplies the 64-bit fraction by L in two 32-bit halves: the digit is what passes 2^64.
    """
    low = (word & _LOW) * size
    first = (word >> _32) * size + (low >> _32)
    low = (low & _LOW) * size
    second = (first & _LOW) * size + (low >> _32)
    low = (low & _LOW) * size
    third = (second & _LOW) * size + (low >> _32)
    rest = third << _32 | low & _LOW
    fields = first >> _32 | second >> _16 & _SECOND_FIELD | third & _HIGH
    return fields | np.uint64(rest < threshold) << _48


@njit(cache=True)
def _draw_again(
    packs: NDArray[np.uint64],
    size: np.uint64,
    threshold: np.uint64,
    key0: np.uint64,
    key1: np.uint64,
    epoch: np.uint64,
    replicate: np.uint64,
    first_word: np.uint64,
) -> None:
    """Replace each refused word by the first of its further attempts that passes."""
    for t in range(packs.size):
        attempt = np.uint64(0)
        while packs[t] >> _48:
            c1 = counter_word(REDRAWS, attempt)
            w0, w1, _, _ = philox(first_word + np.uint64(t), c1, epoch, replicate, key0, key1)
            packs[t] = three_digits(w0 | w1 << _32, size, threshold)
            attempt += _ONE
