"""Largest counts, gaps, raw visits and covering times: each other's sums, one answer, and right in law."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from simulations import blockwise, chunks, simulate
from simulations.replays import Replay
from softsample_theory import SamplingPlan, covering_time
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError

ALL = ("distinct", "spectrum", "largest", "gaps", "visits")
SCHEMES = ("subset", "iid", "poisson", "reshuffle", "fixed", "full")


def plan_of(scheme, n, m, epochs, every=1, warm=0):
    subset = None if scheme == "full" else m
    return SamplingPlan(n, subset=subset, epochs=epochs, scheme=scheme, refresh_every=every, warm_epochs=warm)


# --- one run, counted in five ways ----------------------------------------------------------------


def from_visits(visits, r_max, g_max, warm):
    """Return distinct, spectrum, largest and gaps of one replicate, item by item from its raw visits."""
    n = visits.shape[1]
    counts = np.vstack([np.zeros((1, n), int), np.cumsum(visits, axis=0, dtype=int)])
    spectrum = [np.bincount(np.minimum(row, r_max), minlength=r_max + 1) for row in counts]
    gaps = np.zeros(g_max + 1, int)
    for item in range(n):
        for gap in np.diff(np.flatnonzero(visits[warm:, item])).tolist():
            gaps[min(gap, g_max)] += 1
    return np.count_nonzero(counts, axis=1), np.array(spectrum), counts.max(axis=1), gaps


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("every", "warm"), [(1, 0), (3, 0), (2, 2), (4, 1), (50, 0), (2, 99)])
@pytest.mark.parametrize(
    ("population", "subset", "epochs"), [(40, 7, 11), (40, 29, 9), (1, 1, 3), (6, 6, 5), (9, 5, 0)]
)
def test_every_record_follows_from_the_visits(scheme, every, warm, population, subset, epochs):
    """The other four are counted by other kernels, or by no kernel, from the same counters."""
    plan = plan_of(scheme, population, subset, epochs, every, warm)
    result = simulate(plan, 3, seed=8, record=ALL, r_max=6, g_max=3)
    assert result.visits.dtype == np.uint16
    assert result.visits.shape == (3, epochs, population)
    for i in range(3):
        distinct, spectrum, largest, gaps = from_visits(result.visits[i], 6, 3, warm)
        assert result.distinct[i].tolist() == distinct.tolist()
        assert np.array_equal(result.spectrum[i], spectrum)
        assert result.largest[i].tolist() == largest.tolist()
        assert result.gaps[i].tolist() == gaps.tolist()
    sizes = result.visits.sum(axis=2, dtype=int)
    assert np.all(sizes[:, :warm] == population)
    if scheme != "poisson":
        assert np.all(sizes[:, warm:] == plan.subset)
    assert result.visits[:, warm:].max(initial=0) <= {"iid": subset, "reshuffle": 2}.get(scheme, 1)
    for first in range(warm, epochs, every):
        kept = result.visits[:, first : first + (epochs if scheme in ("fixed", "full") else every)]
        assert np.all(kept == kept[:, :1])


def test_a_mistaken_record_would_be_seen():
    """Planted: visits of one epoch moved to the next change gaps or spectrum."""
    result = simulate(plan_of("subset", 40, 7, 11), 1, seed=8, record=ALL, r_max=6, g_max=10)
    visits = result.visits[0].copy()
    visits[[3, 4]] = visits[[4, 3]]
    _, spectrum, _, gaps = from_visits(visits, 6, 10, 0)
    assert not np.array_equal(spectrum, result.spectrum[0])
    assert gaps.tolist() != result.gaps[0].tolist()


@pytest.mark.parametrize("every", [1, 3])
def test_reshuffle_takes_every_unit_once_before_any_twice(every):
    """n = 40, m = 7: in draws of 7 the first 40 units taken are a permutation, and so are the next 40."""
    plan = plan_of("reshuffle", 40, 7, 40 * every, every)
    visits = simulate(plan, 5, seed=3, record=("visits",)).visits[:, ::every].astype(int)
    taken = np.cumsum(visits, axis=1)
    assert np.all(taken.max(axis=2) - taken.min(axis=2) <= 2)
    for draws in (40, 80, 120, 160, 200, 240, 280):
        if draws % 7 == 0:
            assert np.all(taken[:, draws // 7 - 1] == draws // 40)
    assert np.all(taken[:, 4] <= 1)  # 35 units of the first permutation


# --- one answer -----------------------------------------------------------------------------------

PINNED = {
    "subset": "ab49e83e5db31d352a6f44d6c69ffdb36f239072fb7d67d207d48faeb0549599",
    "iid": "8a4d1781649146bd419793501aecc1109f136fdb80620e08e310dc30eb781822",
    "poisson": "45c1f2b0ee17f6dbb68b871bd7bee4a23a18c64933dfb1916b201ab77189fee7",
    "reshuffle": "6b87002fe629e8c3816be515d809c0ff22d6c82386b58c91d9529a56ed3f47ef",
    "fixed": "57d1104bf7b7e5eabb4929de627148f025fc148dcb1d952db0e42f1a10cc576d",
}


@pytest.mark.parametrize(("scheme", "digest"), PINNED.items())
def test_results_are_pinned(scheme, digest):
    """SHA-256 of whole results, the same on every machine; they change only with a new `streams.LAYOUT`."""
    plan = plan_of(scheme, 320, 100, 12, every=2, warm=1)
    assert simulate(plan, 2, seed=20231127, record=ALL, r_max=9, g_max=8).digest() == digest


@pytest.mark.parametrize("scheme", ["subset", "iid", "poisson"])
def test_threads_and_chunks_change_nothing(scheme, monkeypatch):
    plan = plan_of(scheme, 2**16 * 3 + 77, 90_000, 5)
    record = ("largest", "gaps")
    digest = simulate(plan, 3, seed=2, record=record, threads=1).digest()
    monkeypatch.setattr(blockwise, "_PIECE", 30_000)
    monkeypatch.setattr(chunks, "CHUNK_COST", 200_000)
    monkeypatch.setattr(chunks, "_LEAST_WORK", 1)
    assert chunks.cut(Replay(plan, 3, 2, "draws", None, "largest")).pieces > 1
    for shares_bytes in (blockwise.SHARES_BYTES, 100):
        monkeypatch.setattr(blockwise, "SHARES_BYTES", shares_bytes)
        for threads in (1, 3):
            assert simulate(plan, 3, seed=2, record=record, threads=threads).digest() == digest


@pytest.mark.parametrize("scheme", SCHEMES)
def test_more_replicates_and_epochs_begin_with_the_fewer(scheme):
    few = simulate(plan_of(scheme, 50, 20, 6, every=2), 2, seed=6, record=("largest", "visits"))
    many = simulate(plan_of(scheme, 50, 20, 13, every=2), 4, seed=6, record=("largest", "visits", "gaps"))
    assert np.array_equal(many.visits[:2, :6], few.visits)
    assert np.array_equal(many.largest[:2, :7], few.largest)


def test_checkpoints_keep_every_record(tmp_path):
    plan = plan_of("iid", 200, 90, 6)
    fresh = simulate(plan, 4, seed=1, record=ALL).digest()
    assert simulate(plan, 4, seed=1, record=ALL, checkpoint=tmp_path).digest() == fresh
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"largest", "gaps", "visits"}
    assert simulate(plan, 4, seed=1, record=ALL, checkpoint=tmp_path).digest() == fresh
    other = {"record": ("spectrum", "gaps"), "checkpoint": tmp_path / "other"}
    simulate(plan, 4, seed=1, g_max=3, **other)
    with pytest.raises(ArgumentValueError, match="its r_max is 3, not 4"):
        simulate(plan, 4, seed=1, g_max=4, **other)


def test_progress_runs_once_over_all_records():
    calls = []
    simulate(plan_of("iid", 200, 90, 6), 4, seed=1, record=ALL, progress=lambda *call: calls.append(call))
    done, totals = zip(*calls, strict=True)
    assert list(done) == sorted(done)
    assert set(totals) == {done[-1]}


# --- covering times -------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["draws", "law"])
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("copies", [1, 2, 5])
@pytest.mark.parametrize("items", [0, 1, 30, 40])
def test_covered_at_follows_from_the_spectrum(method, scheme, copies, items):
    plan = plan_of(scheme, 40, 25, 12, every=2, warm=1)
    cover = {"cover_items": items, "copies": copies, "method": method}
    result = simulate(plan, 4, seed=2, record=("spectrum",), r_max=99, **cover)
    for spectrum, at in zip(result.spectrum, result.covered_at, strict=True):
        enough = [sum(row[copies:]) >= items for row in spectrum.tolist()]
        assert at == (enough.index(True) if True in enough else -1)
    for settings in ({}, {"record": ("spectrum",), "r_max": 1}):
        again = simulate(plan, 4, seed=2, **cover, **settings)
        assert np.array_equal(again.covered_at, result.covered_at)
        assert again.r_max == settings.get("r_max")
    assert np.array_equal(again.spectrum[:, :, 0], result.spectrum[:, :, 0])
    assert np.array_equal(again.spectrum[:, :, 1], result.spectrum[:, :, 1:].sum(axis=2))


def test_a_fraction_means_the_decimal_that_it_prints_as():
    """ceil(0.07 * 100) is 8 in floating point, 7 in decimals."""
    result = simulate(plan_of("subset", 100, 7, 2), 2, seed=0, cover_fraction=0.07)
    assert (result.cover_items, result.covered_at.tolist()) == (7, [1, 1])


@pytest.mark.parametrize(
    ("scheme", "items", "copies"),
    [("subset", 36, 1), ("subset", 40, 2), ("iid", 36, 1), ("iid", 40, 2), ("poisson", 36, 2)],
)
def test_covering_times_follow_their_exact_laws(scheme, items, copies):
    """Two-sided Kolmogorov distance of 4000 replicates from `covering_time.law` below 0.0432.

    By the Dvoretzky-Kiefer-Wolfowitz inequality P(D > 0.0432) <= 2 exp(-2 * 4000 * 0.0432^2) = 7e-7. A law
    shifted by one epoch is farther off. The law for two copies under `subset` has no figure, nan, for a few
    early epochs.
    """
    plan = plan_of(scheme, 40, 12, 60)
    law = covering_time.law(plan, items, copies=copies)
    at = simulate(plan, 4000, seed=4, cover_items=items, copies=copies).covered_at
    at = np.where(at < 0, 61, at)
    epochs = np.arange(60)
    empirical = (at[:, None] <= epochs).mean(axis=0)
    assert np.isnan(law.cdf(epochs)).sum() <= 3
    assert np.nanmax(np.abs(empirical - law.cdf(epochs))) < 0.0432
    assert np.nanmax(np.abs(empirical - law.cdf(epochs + 1))) > 0.0432


# --- right in law ---------------------------------------------------------------------------------


def expected_gaps(n, epochs, seen):
    """Return E gaps[g], g = 0..K-1, where each epoch visits an item with probability `seen`: exact.

    n (K - g) places of a gap, each taken with probability p^2 (1-p)^(g-1).
    """
    gaps = [n * (epochs - g) * seen**2 * (1 - seen) ** (g - 1) for g in range(1, epochs)]
    return np.array([0.0, *map(float, gaps)])


@pytest.mark.parametrize("scheme", ["subset", "iid", "poisson"])
def test_gaps_follow_their_expectation(scheme):
    """n = 60, K = 20, m = 15: z of each class over 3000 replicates by their own spread, |z| < 6.

    19 classes, normal to 6 standard errors: false alarm 4e-8. Planted: p of an item drawn without repeats
    against that of draws with repeats.
    """
    p = {"iid": 1 - Fraction(59, 60) ** 15}.get(scheme, Fraction(1, 4))
    gaps = simulate(plan_of(scheme, 60, 15, 20), 3000, seed=3, record=("gaps",), g_max=19).gaps
    error = gaps[:, 1:12].std(axis=0, ddof=1) / np.sqrt(3000)
    z = (gaps.mean(axis=0) - expected_gaps(60, 20, p))[1:12] / error
    assert np.abs(z).max() < 6
    wrong = {"iid": Fraction(1, 4)}.get(scheme, 1 - Fraction(59, 60) ** 15)
    assert np.abs((gaps.mean(axis=0) - expected_gaps(60, 20, wrong))[1:12] / error).max() > 20


def test_gaps_of_a_walk_follow_their_law():
    """n = 20, m = 10, two permutations: a unit in both inner halves has a gap of 1, in both outer ones of 3.

    As many of either, a hypergeometric number: Pearson's p-value of 4000 replicates above 1e-7; below it for
    halves that shared a unit with probability 0.45.
    """
    plan = plan_of("reshuffle", 20, 10, 4)
    gaps = simulate(plan, 4000, seed=5, record=("gaps",), g_max=4).gaps
    assert gaps[:, 1:].sum(axis=1).tolist() == [20] * 4000
    overlap = gaps[:, 1]  # units of the first lap's end in the next one's start
    assert np.array_equal(overlap, gaps[:, 3])
    law = stats.hypergeom(20, 10, 10)
    cells = np.bincount(overlap, minlength=11)[2:9]
    assert (
        stats.chisquare(cells, law.pmf(range(2, 9)) / law.pmf(range(2, 9)).sum() * cells.sum()).pvalue > 1e-7
    )


@pytest.mark.parametrize(("scheme", "every"), [("reshuffle", 1), ("reshuffle", 3), ("fixed", 1)])
def test_walks_visit_every_pair_of_units_alike(scheme, every):
    """n = 5, m = 3, 20 000 runs: Pearson statistics of units and of pairs, false alarm below 1e-7 each.

    Epoch 2 of `reshuffle` takes two units of the first permutation and one of the next; only runs where they
    differ are counted, uniform 3-subsets then. A subset hits 3 of 5 units and 3 of 10 pairs. Its indicators
    have the covariance 3/10 (I - J/5) over units; over pairs a tenth of the square of the Petersen graph's
    adjacency (eigenvalues 1 and -2). So the statistics are at most 1/2 chi^2_4 and 4/3 chi^2_9.
    """
    plan = plan_of(scheme, 5, 3, 2 * every, every)
    second = simulate(plan, 20_000, seed=6, record=("visits",)).visits[:, -1].astype(int)
    second = second[second.max(axis=1) == 1]
    units = second.sum(axis=0)
    pairs = (second.T @ second)[np.triu_indices(5, 1)]
    for cells, largest in ((units, 1 / 2), (pairs, 4 / 3)):
        law, expected = stats.chi2(cells.size - 1), cells.sum() / cells.size
        assert law.sf(np.sum((cells - expected) ** 2) / expected / largest) > 1e-7
        cells[0] += cells[0] // 5  # planted: one cell a fifth too full
        assert law.sf(np.sum((cells - expected) ** 2) / expected / largest) < 1e-7


@pytest.mark.parametrize("scheme", ["subset", "iid", "poisson"])
def test_largest_counts_agree_between_the_two_methods(scheme):
    """Two independent samples of 3000: two-sample Kolmogorov-Smirnov p-value above 1e-7 (ties make it safe).

    Planted: the largest count one epoch later.
    """
    plan = plan_of(scheme, 50, 15, 30, every=2, warm=1)
    made = simulate(plan, 3000, seed=1, record=("largest",)).largest
    in_law = simulate(plan, 3000, seed=1, method="law", record=("largest",)).largest
    assert stats.ks_2samp(made[:, -1], in_law[:, -1]).pvalue > 1e-7
    assert stats.ks_2samp(made[:, -1], made[:, -3]).pvalue < 1e-12


def test_the_largest_count_in_law_is_the_top_class_of_its_spectrum():
    """With more than 32 visits, so that classes are added."""
    plan = plan_of("iid", 30, 30, 90, warm=5)
    result = simulate(plan, 5, seed=9, method="law", record=("spectrum", "largest"), r_max=300)
    top = 300 - (result.spectrum[:, :, ::-1] > 0).argmax(axis=2)
    assert np.array_equal(result.largest, top)
    assert result.largest.max() > 64


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"g_max": 3}, ArgumentValueError, 'g_max is 3; it needs record=("gaps",)'),
        ({"record": ("gaps",), "g_max": 0}, ArgumentValueError, "g_max is 0"),
        ({"record": ("gaps",), "method": "law"}, ArgumentValueError, "method is 'law'; it must be \"draws\""),
        ({"record": ("visits",), "method": "law"}, ArgumentValueError, "to record visits"),
        ({"copies": 0}, ArgumentValueError, "copies is 0"),
        (
            {"cover_items": 51},
            ArgumentValueError,
            "cover_items is 51; it must be a whole number from 0 to 50",
        ),
        ({"cover_fraction": 1.5}, ArgumentValueError, "cover_fraction is 1.5"),
        ({"cover_fraction": "all"}, ArgumentTypeError, "cover_fraction is 'all'"),
        ({"cover_items": 5, "cover_fraction": 0.5}, ArgumentValueError, "give one of the two"),
        (
            {"plan": plan_of("iid", 65_536, 5, 3), "record": ("visits",)},
            ArgumentValueError,
            "population is 65536; it must be at most 65535 to record visits",
        ),
        (
            {"plan": plan_of("reshuffle", 2**26 + 1, 5, 3), "record": ("gaps",)},
            ArgumentValueError,
            "population is 67108865; it must be at most 67108864 for gaps under reshuffle",
        ),
        (
            {"plan": plan_of("iid", 60_000, 5, 10**9), "record": ("visits",)},
            ArgumentValueError,
            "epochs is 1000000000; it must be fewer",
        ),
    ],
)
def test_bad_arguments_are_named_in_one_line(arguments, error, message):
    given = {"plan": plan_of("subset", 50, 5, 3), "replicates": 2, "seed": 0, **arguments}
    with pytest.raises(error) as caught:
        simulate(**given)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_records_are_read_only():
    result = simulate(plan_of("subset", 50, 5, 3), 2, seed=5, record=ALL)
    for array in (result.largest, result.gaps, result.visits):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    assert (result.g_max, result.copies, result.cover_items) == (2, 1, 50)
