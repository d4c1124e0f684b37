"""`simulate`: equal to a naive run, one answer whatever the chunks, right in law."""

from fractions import Fraction
from math import comb

import mpmath
import numpy as np
import pytest
from numba import njit
from scipy import stats

from simulations import blockwise, engine, simulate
from simulations.compilation import is_compiled
from simulations.kernels.coverage import cover_blocks
from simulations.splitting.shares import share_filler
from simulations.streams import draw_at, draws_in_word, fill_draws, seed_key
from softsample_theory import SamplingPlan
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError

BOTH = ("distinct", "spectrum")


# --- against a naive run --------------------------------------------------------------------------


def naive_refresh(plan, shares, seed, replicate, refresh):
    """Return the items of one refresh, one by one with `draw_at`."""
    items = []
    for block, share in enumerate(shares[replicate, refresh].tolist()):
        size = min(2**16, plan.population - 2**16 * block)
        place, draw, chosen = (seed, plan.population, replicate, refresh, block), 0, []
        goal = share if plan.scheme == "iid" else min(share, size - share)
        while len(chosen) < goal:
            item = draw_at(*place, draw)
            if plan.scheme == "iid" or item not in chosen:
                chosen.append(item)
            draw += 1
        if goal < share:
            chosen = sorted(set(range(2**16 * block, 2**16 * block + size)) - set(chosen))
        items += chosen
    return items


def naive_run(plan, replicates, seed, r_max):
    """Return distinct counts and spectrum by visiting items in an array, epoch by epoch."""
    n, blocks = plan.population, -(-plan.population // 2**16)
    shares = np.empty((replicates, plan.refreshes(), blocks), np.uint32)
    share_filler(plan, seed)(shares, 0, 0, 0)
    distinct = np.zeros((replicates, plan.epochs + 1), int)
    spectrum = np.zeros((replicates, plan.epochs + 1, r_max + 1), int)
    for i in range(replicates):
        visits, items = np.zeros(n, int), np.arange(n)
        for epoch in range(plan.epochs + 1):
            if epoch > 0:
                past_warm = epoch - 1 - plan.warm_epochs
                if past_warm >= 0 and past_warm % plan.refresh_every == 0:
                    items = naive_refresh(plan, shares, seed, i, past_warm // plan.refresh_every)
                np.add.at(visits, items, 1)
            distinct[i, epoch] = np.count_nonzero(visits)
            spectrum[i, epoch] = np.bincount(np.minimum(visits, r_max), minlength=r_max + 1)
    return distinct, spectrum


@pytest.mark.parametrize("scheme", ["subset", "iid", "poisson"])
@pytest.mark.parametrize(("every", "warm"), [(1, 0), (3, 0), (1, 2), (4, 1), (50, 0), (2, 99)])
@pytest.mark.parametrize(("population", "subset", "epochs"), [(40, 7, 11), (1, 1, 3), (6, 6, 5), (9, 5, 0)])
@pytest.mark.parametrize("r_max", [1, 3, 30])
def test_simulate_equals_a_naive_run(scheme, every, warm, population, subset, epochs, r_max):
    plan = SamplingPlan(
        population, subset=subset, epochs=epochs, scheme=scheme, refresh_every=every, warm_epochs=warm
    )
    result = simulate(plan, 3, seed=8, record=BOTH, r_max=r_max)
    distinct, spectrum = naive_run(plan, 3, 8, r_max)
    assert np.array_equal(result.distinct, distinct)
    assert np.array_equal(result.spectrum, spectrum)
    assert np.array_equal(simulate(plan, 3, seed=8).distinct, distinct)
    for covered_at, curve in zip(result.covered_at, distinct, strict=True):
        assert covered_at == next((e for e, seen in enumerate(curve) if seen == population), -1)


@pytest.mark.parametrize("scheme", ["subset", "iid", "poisson"])
def test_simulate_equals_a_naive_run_over_two_blocks(scheme):
    plan = SamplingPlan(2**16 + 40, subset=700, epochs=4, scheme=scheme, refresh_every=2, warm_epochs=0)
    result = simulate(plan, 2, seed=1, record=BOTH, r_max=4)
    distinct, spectrum = naive_run(plan, 2, 1, 4)
    assert np.array_equal(result.distinct, distinct)
    assert np.array_equal(result.spectrum, spectrum)


def permuted_run(plan, rng, r_max):
    """Walk through permutations made by NumPy; return distinct counts and spectrum of one replicate."""
    n, visits, queue = plan.population, np.zeros(plan.population, int), np.empty(0, int)
    rows, items = [np.bincount(visits, minlength=r_max + 1)], np.arange(n)
    for epoch in range(plan.epochs):
        past_warm = epoch - plan.warm_epochs
        if past_warm >= 0 and past_warm % plan.refresh_every == 0:
            if len(queue) < plan.subset:
                queue = np.r_[queue, rng.permutation(n)]
            items, queue = queue[: plan.subset], queue[plan.subset :]
        np.add.at(visits, items, 1)
        rows.append(np.bincount(np.minimum(visits, r_max), minlength=r_max + 1))
    return np.array(rows)


@pytest.mark.parametrize(
    ("population", "subset", "epochs", "warm"),
    [(10, 3, 12, 0), (10, 10, 4, 1), (10, 7, 9, 2), (1, 1, 3, 0), (8, 4, 0, 0)],
)
def test_reshuffle_without_repeats_equals_real_permutations(population, subset, epochs, warm):
    """Nothing is random in the counts: a permutation that drops its tail would miss units."""
    plan = SamplingPlan(population, subset=subset, epochs=epochs, scheme="reshuffle", warm_epochs=warm)
    result = simulate(plan, 2, seed=3, record=BOTH, r_max=20)
    for rng_seed in (0, 1):
        rows = permuted_run(plan, np.random.default_rng(rng_seed), 20)
        assert all(np.array_equal(spectrum, rows) for spectrum in result.spectrum)
    assert np.array_equal(result.distinct, np.tile(population - rows[:, 0], (2, 1)))
    assert np.array_equal(result.distinct, simulate(plan, 2, seed=4).distinct)


def test_reshuffle_with_repeats_follows_the_law_of_the_overlap():
    """n = 10, m = 7: refresh 2 takes 3 units of one permutation and 4 of the next; Hypergeometric(10, 3, 4)
    twice.

    4000 replicates against the exact law, and every spectrum among those that real permutations give.
    """
    plan = SamplingPlan(10, subset=7, epochs=6, scheme="reshuffle", refresh_every=3)
    spectrum = simulate(plan, 4000, seed=5, record=BOTH, r_max=12).spectrum
    twice = spectrum[:, 4, 2]  # after the first epoch of refresh 2: 3 + 0 + 0 visits ... or 0 + 2
    law = stats.hypergeom(10, 3, 4)
    observed = np.bincount(twice, minlength=4)
    assert stats.chisquare(observed, law.pmf(range(4)) * 4000).pvalue > 1e-7
    rng = np.random.default_rng(0)
    possible = {permuted_run(plan, rng, 12).tobytes() for _ in range(300)}
    assert {np.ascontiguousarray(s).tobytes() for s in spectrum[:300]} <= possible
    assert len(possible) == 4


@pytest.mark.parametrize("warm", [0, 2])
def test_fixed_and_full_are_known(warm):
    fixed = simulate(
        SamplingPlan(9, subset=4, epochs=5, scheme="fixed", warm_epochs=warm), 2, seed=0, record=BOTH, r_max=7
    )
    assert fixed.distinct[1].tolist() == ([0, 4, 4, 4, 4, 4] if warm == 0 else [0, 9, 9, 9, 9, 9])
    expected = np.zeros(8, int)
    expected[5], expected[warm] = 4, 5
    assert fixed.spectrum[1, 5].tolist() == expected.tolist()
    assert fixed.covered_at.tolist() == ([-1, -1] if warm == 0 else [1, 1])
    full = simulate(
        SamplingPlan(9, epochs=3, scheme="full", warm_epochs=warm), 1, seed=0, record=BOTH, r_max=2
    )
    assert full.distinct.tolist() == [[0, 9, 9, 9]]
    assert full.spectrum[0].tolist() == [[9, 0, 0], [0, 9, 0], [0, 0, 9], [0, 0, 9]]


# --- one answer -----------------------------------------------------------------------------------

PINNED = [
    (
        SamplingPlan(98, ratio=0.05, epochs=320),
        ("distinct",),
        "b71495828ce300d8d3b56cc30ff84b918463426457cc11c03804d56180a29bf4",
    ),
    (
        SamplingPlan(98, ratio=0.05, epochs=320, refresh_every=10),
        BOTH,
        "8e31732ebd823f7b8154e7f67cea4a96ede2ee1bdecfd6632a61d1414efa7e14",
    ),
    (
        SamplingPlan(50_000, ratio=0.3, epochs=8, scheme="iid"),
        BOTH,
        "6b4799a797579e9102daad5f37ca4e94c262f7c1d46c9180356f7fc5e56fc3e9",
    ),
    (
        SamplingPlan(200_003, ratio=0.1, epochs=6),
        BOTH,
        "bfdc87d31dedba6827553e3415793fc6bade27a170b124d8a27974e5eb9b8ee7",
    ),
    (
        SamplingPlan(200_003, ratio=0.7, epochs=3),
        ("distinct",),
        "9ec880a483779672380bd21b61b3a9d99379e7ac953882bafe35a96d4a81dd53",
    ),
    (
        SamplingPlan(200_003, ratio=0.1, epochs=6, scheme="poisson"),
        BOTH,
        "15adaeda42d2d58ca84f696d6371e0d53be6e6806583a3114e03e05d36d5480e",
    ),
    (
        SamplingPlan(11_719, ratio=0.2, epochs=9, scheme="iid", refresh_every=5, warm_epochs=2),
        BOTH,
        "e7e1ece8a68510f0911ee6d828726e7591b3b26f70ad5f3f3c367053da5cefe4",
    ),
    (
        SamplingPlan(1_281_167, ratio=0.02, epochs=3, scheme="iid"),
        ("distinct",),
        "92109bc7aaaa31840f9b013c4dcaee33c9b8f24bc85259bd9af387331a9e384f",
    ),
    (
        SamplingPlan(10**9, subset=300_000, epochs=2),
        ("distinct",),
        "7bc5f331d2c6ba51e66bcab6d0b9bd3aa7770f823e75578636476737810c1a9c",
    ),
    (
        SamplingPlan(320, subset=100, epochs=30, scheme="reshuffle", refresh_every=4),
        BOTH,
        "efa97d61d04827dc73ec58a741eef2bfb93abf341a7aa8b803b9f1fd28722a11",
    ),
]


@pytest.mark.parametrize(("plan", "record", "digest"), PINNED)
def test_results_are_pinned(plan, record, digest):
    """SHA-256 of whole results, the same on every machine; they change only with a new `streams.LAYOUT`."""
    assert simulate(plan, 2, seed=20231127, record=record).digest() == digest


@pytest.mark.parametrize("scheme", ["subset", "iid", "poisson"])
@pytest.mark.parametrize("record", [("distinct",), BOTH])
def test_threads_and_chunks_change_nothing(scheme, record, monkeypatch):
    plan = SamplingPlan(2**16 * 5 + 77, subset=9_000, epochs=5, scheme=scheme)
    digest = simulate(plan, 7, seed=2, record=record, threads=1).digest()
    monkeypatch.setattr(blockwise, "_PIECE", 3_000)
    for shares_bytes in (blockwise.SHARES_BYTES, 2_000, 100, 1):
        monkeypatch.setattr(blockwise, "SHARES_BYTES", shares_bytes)
        for threads in (1, 2, 5):
            assert simulate(plan, 7, seed=2, record=record, threads=threads).digest() == digest


@pytest.mark.parametrize("scheme", ["subset", "iid", "poisson", "reshuffle", "fixed"])
def test_a_longer_run_begins_with_the_shorter_one(scheme):
    short = SamplingPlan(500, subset=60, epochs=7, scheme=scheme, refresh_every=2)
    long = SamplingPlan(500, subset=60, epochs=30, scheme=scheme, refresh_every=2)
    few = simulate(short, 3, seed=6, record=BOTH, r_max=9)
    many = simulate(long, 10, seed=6, record=BOTH, r_max=9)
    assert np.array_equal(many.distinct[:3, :8], few.distinct)
    assert np.array_equal(many.spectrum[:3, :8], few.spectrum)


def test_another_seed_gives_another_answer():
    plan = SamplingPlan(5000, subset=60, epochs=7)
    digests = {simulate(plan, 3, seed=seed).digest() for seed in (0, 1, 2**32, 2**64 - 1)}
    assert len(digests) == 4


def test_progress_ends_at_its_total_and_comes_from_the_calling_thread(monkeypatch):
    monkeypatch.setattr(blockwise, "_PIECE", 3_000)
    calls = []
    simulate(
        SamplingPlan(300_000, subset=3000, epochs=4),
        3,
        seed=0,
        progress=lambda *a: calls.append(a),
        threads=2,
    )
    done, totals = zip(*calls, strict=True)
    assert list(done) == sorted(done)
    assert len(calls) > 3
    assert set(totals) == {done[-1]}


# --- what it refuses ------------------------------------------------------------------------------

PLAN = SamplingPlan(50, subset=5, epochs=3)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"plan": 3}, ArgumentTypeError, "plan is 3"),
        ({"replicates": 0}, ArgumentValueError, "replicates is 0; it must be a whole number from 1"),
        ({"replicates": True}, ArgumentTypeError, "replicates is True"),
        ({"seed": -1}, ArgumentValueError, "seed is -1"),
        ({"method": "guess"}, ArgumentValueError, "method is 'guess'; it must be one of draws, law"),
        ({"backend": "cupy"}, ArgumentValueError, "backend is 'cupy'"),
        ({"backend": "tpu"}, ArgumentValueError, "backend is 'tpu'; it must be one of auto, numba, cupy"),
        ({"threads": 0}, ArgumentValueError, "threads is 0"),
        ({"record": "spectrum"}, ArgumentTypeError, "record is 'spectrum'"),
        ({"record": ("all",)}, ArgumentValueError, "record is 'all'; it must be one of distinct, spectrum"),
        ({"r_max": 3}, ArgumentValueError, "r_max is 3"),
        ({"record": BOTH, "r_max": 0}, ArgumentValueError, "r_max is 0"),
        ({"plan": SamplingPlan(2**48 + 1, subset=5, epochs=3)}, ArgumentValueError, "population is"),
    ],
)
def test_bad_arguments_are_named_in_one_line(arguments, error, message):
    given = {"plan": PLAN, "replicates": 2, "seed": 0, **arguments}
    with pytest.raises(error) as caught:
        simulate(**given)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_cannot_fit_is_refused_before_it_is_taken(monkeypatch):
    monkeypatch.setattr(engine, "available_memory", lambda: blockwise.SHARES_BYTES + 1_000_000)
    with pytest.raises(
        ArgumentValueError, match="replicates is 10000000; it must be at most 10416: each replicate takes"
    ):
        simulate(PLAN, 10_000_000, seed=0)
    with pytest.raises(
        ArgumentValueError, match=r"epochs is 1000000; it must be fewer: each replicate takes 24\.0 MB"
    ):
        simulate(SamplingPlan(50, subset=5, epochs=1_000_000), 1, seed=0)


def test_kernels_are_compiled_once_they_have_run():
    simulate(PLAN, 1, seed=0)
    assert is_compiled(cover_blocks)
    assert not is_compiled(njit(lambda x: x))


def test_a_result_is_read_only_and_says_what_made_it():
    result = simulate(PLAN, 2, seed=5)
    assert (result.plan, result.seed, result.replicates, result.method, result.backend) == (
        PLAN,
        5,
        2,
        "draws",
        "numba",
    )
    assert set(result.versions) >= {"softsample", "layout", "numpy", "numba"}
    assert result.spectrum is None
    assert result.r_max is None
    for array in (result.distinct, result.covered_at):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


# --- right in law ---------------------------------------------------------------------------------


def exact_law(plan):
    """Return the law of the distinct count after all epochs: the chain over epochs, in exact fractions."""
    n, m = plan.population, plan.subset
    law = {0: Fraction(1)}
    for _ in range(plan.epochs):
        after: dict[int, Fraction] = {}
        for seen, mass in law.items():
            for new, p in epoch_law(plan.scheme, n, m, n - seen).items():
                after[seen + new] = after.get(seen + new, Fraction(0)) + mass * p
        law = after
    return np.array([float(law.get(d, 0)) for d in range(n + 1)])


def epoch_law(scheme, n, m, unseen):
    """Return the law of the new items of one epoch: hypergeometric, binomial, or m single draws."""
    if scheme == "subset":
        return {
            k: Fraction(comb(unseen, k) * comb(n - unseen, m - k), comb(n, m))
            for k in range(min(unseen, m) + 1)
        }
    if scheme == "poisson":
        p = Fraction(m, n)
        return {k: comb(unseen, k) * p**k * (1 - p) ** (unseen - k) for k in range(unseen + 1)}
    law = {0: Fraction(1)}
    for _ in range(m):
        after: dict[int, Fraction] = {}
        for k, mass in law.items():
            hit = Fraction(unseen - k, n)
            after[k] = after.get(k, Fraction(0)) + mass * (1 - hit)
            after[k + 1] = after.get(k + 1, Fraction(0)) + mass * hit
        law = {k: mass for k, mass in after.items() if mass}
    return law


def p_value(samples, law):
    """Return Pearson's p-value, cells of less than five expected pooled with their neighbours."""
    cells, expected, observed, e, o = np.bincount(samples, minlength=len(law)), [], [], 0.0, 0
    for count, mass in zip(cells, law, strict=True):
        e, o = e + mass * len(samples), o + count
        if e >= 5:
            expected.append(e)
            observed.append(o)
            e, o = 0.0, 0
    expected[-1] += e
    observed[-1] += o
    statistic = np.sum((np.array(observed) - expected) ** 2 / expected)
    return stats.chi2(len(expected) - 1).sf(statistic)


LAW_PLANS = [SamplingPlan(40, subset=8, epochs=4, scheme=scheme) for scheme in ("subset", "iid", "poisson")]


def test_distinct_counts_follow_the_exact_laws():
    """3 schemes x 40 seeds x 2000 replicates: 120 p-values and 3 of all seeds together, uniform by
    Kolmogorov-Smirnov.

    None below 4e-9 and the uniformity test above 4e-7: a false alarm in fewer than 1 of 10^6 layouts. The
    laws are exact fractions. The pooled 80 000 replicates are what the faults below are measured against.
    """
    values = []
    for plan in LAW_PLANS:
        law = exact_law(plan)
        samples = [simulate(plan, 2000, seed=seed).distinct[:, -1] for seed in range(40)]
        values += [p_value(sample, law) for sample in samples]
        assert p_value(np.concatenate(samples), law) > 4e-9
    assert min(values) > 4e-9
    assert stats.kstest(values, "uniform").pvalue > 4e-7


def faulty_run(fault, replicates, rng, plan):
    """Simulate a plan with NumPy and one planted fault; return the distinct counts after all epochs."""
    n, m = plan.population, plan.subset
    keys = rng.random((replicates, plan.epochs, n))
    if fault == "an off-by-one block":
        keys[:, :, -1] = 2.0  # the last item is never drawn
    elif fault == "a first subset used twice":
        keys[:, 1] = keys[:, 0]
    elif fault == "a reused stream":
        keys[1::2] = keys[::2]
    chosen = np.argsort(keys, axis=2)[:, :, :m]
    seen = np.zeros((replicates, n), bool)
    np.put_along_axis(seen, chosen.reshape(replicates, -1), True, axis=1)
    return seen.sum(axis=1)


@pytest.mark.parametrize("fault", ["an off-by-one block", "a first subset used twice"])
def test_planted_faults_are_caught_in_the_law(fault):
    """Power: of 20 faulty runs every log p-value is below log 1e-8, their mean by four standard deviations or
    more.

    A normal variable passes four standard deviations with probability 3e-5, so the power is above 0.999.
    """
    plan, size = LAW_PLANS[0], 20_000
    law, rng = exact_law(plan), np.random.default_rng(9)
    assert p_value(faulty_run("no fault", size, rng, plan), law) > 1e-7
    logs = np.log([p_value(faulty_run(fault, size, rng, plan), law) + 1e-300 for _ in range(20)])
    assert logs.max() < np.log(1e-8)
    assert logs.mean() + 4 * logs.std() < np.log(1e-8)


def pair_correlation(distinct):
    """Return the correlation of neighbouring replicates in standard errors."""
    even, odd = distinct[::2], distinct[1::2]
    return np.corrcoef(even, odd)[0, 1] * np.sqrt(len(even))


def test_replicates_and_epochs_are_independent_and_a_reused_stream_would_be_caught():
    """|z| > 5.5 has probability 4e-8; a stream used by two replicates gives z = sqrt(10 000) = 100."""
    for plan in LAW_PLANS:
        result = simulate(plan, 20_000, seed=1)
        new = np.diff(result.distinct, axis=1)
        assert abs(pair_correlation(result.distinct[:, -1])) < 5.5
        if plan.scheme == "poisson":  # sizes of neighbouring epochs, by the new items given those seen before
            unseen = plan.population - result.distinct[:, :-1]
            residual = new - unseen * plan.ratio
            z = np.mean(residual[:, 1] * residual[:, 2]) / np.std(residual[:, 1] * residual[:, 2])
            assert abs(z) * np.sqrt(len(new)) < 5.5
    assert pair_correlation(faulty_run("a reused stream", 2000, np.random.default_rng(0), LAW_PLANS[0])) > 30


@pytest.mark.parametrize("size", [98, 40_000, 50_000, 65_535, 65_536])
def test_draws_are_uniform_and_a_bias_of_one_in_a_thousand_would_be_caught(size):
    """8e7 draws: those in the first half, in standard errors. |z| < 5.5; a bias of 1e-3 gives z = 8.9 +- 1.

    So the false-alarm rate is 4e-8 a size, and a planted bias of 1e-3 is caught with probability 0.9997.
    """
    half, draws = size // 2, 0
    inside = 0
    packs, in_word = np.empty(2**16, np.uint64), draws_in_word(size)
    first, epoch = np.uint64(0), 0
    while draws < 80_000_000:
        fill_draws(packs, packs.size, np.uint64(size), *seed_key(7), first, np.uint64(epoch), first, first)
        fields = packs.view("<u2").reshape(-1, 4)[:, :in_word]
        inside += np.count_nonzero(fields < half)
        draws += fields.size
        epoch += 1
    p = half / size
    z = (inside - draws * p) / np.sqrt(draws * p * (1 - p))
    assert abs(z) < 5.5
    # planted: every item of the first half 0.2 % likelier than one of the second, so its share is 0.1 % up
    assert z + 0.001 * draws * p / np.sqrt(draws * p * (1 - p)) > 5.5


@pytest.mark.parametrize("scheme", ["subset", "iid", "poisson"])
def test_means_and_variances_over_several_blocks(scheme):
    """n = 4 blocks and a ragged one, m/n = 0.1, K = 5: z of mean and variance against closed forms, |z| <
    5.5.

    Unseen: n q^K, q = 1 - m/n (`subset`, `poisson`) or (1 - 1/n)^m (`iid`); the pair probability gives the
    variance: n q^K + n (n-1) p2^K - (n q^K)^2, p2 = (n-m)(n-m-1)/(n(n-1)), q^2 or (1-2/n)^m. In exact
    fractions.
    """
    n, replicates = 2**16 * 4 + 1234, 400
    plan = SamplingPlan(n, subset=n // 10, epochs=5, scheme=scheme)
    m = plan.subset
    q = Fraction(n - m, n) if scheme != "iid" else Fraction((1 - 1 / n) ** m)
    if scheme == "subset":
        variance = (
            n * q**5 + n * (n - 1) * Fraction((n - m) * (n - m - 1), n * (n - 1)) ** 5 - (n * q**5) ** 2
        )
    elif scheme == "poisson":
        variance = n * q**5 * (1 - q**5)
    else:
        with mpmath.workdps(40):
            one, two = (1 - mpmath.mpf(1) / n) ** (5 * m), (1 - mpmath.mpf(2) / n) ** (5 * m)
            variance = n * one + n * (n - 1) * two - (n * one) ** 2
    mean, variance = n - n * float(q) ** 5, float(variance)
    seen = simulate(plan, replicates, seed=12).distinct[:, -1]
    assert abs(seen.mean() - mean) < 5.5 * np.sqrt(variance / replicates)
    assert abs(seen.var(ddof=1) / variance - 1) < 5.5 * np.sqrt(2 / replicates)


def test_a_plan_too_large_to_walk_over_item_by_item():
    """n = 10^10, m = 1000, K = 3: expected distinct 3000 - 3 (m^2/n) = 2999.7 of `subset`."""
    result = simulate(SamplingPlan(10**10, subset=1000, epochs=3), 1, seed=0)
    assert 2990 <= result.distinct[0, -1] <= 3000
