"""The benchmark: baselines and floors do what they say, and times become the right figures."""

from __future__ import annotations

import json
import sys
from collections import Counter
from itertools import count as counting

import numpy as np
import pytest

import simulations.benchmark as room
from simulations import simulate
from simulations.benchmark import CASES, Case, Effort, benchmark, measurement, rounds
from simulations.benchmark.baselines import bincount_spectrum, mask_coverage, memory_of_baselines
from simulations.benchmark.cases import LEAST_GAINS
from simulations.benchmark.clock import alternated, seconds
from simulations.benchmark.floors import measure_floor
from simulations.kernels.floors import cover_directly, only_count, only_draw, only_mark
from simulations.streams import DRAWS, WORDS_AT_ONCE, fill_draws, seed_key, stream_words
from softsample_theory import SamplingPlan, cli
from softsample_theory.processor import processor_name
from softsample_theory.validation import ArgumentValueError

SEED = 5
LEAST = Effort(rounds=1, draws=1, epochs=1, shared_draws=1, floor_draws=1)
TINY = Case("T", 1000, 100, 3)
PLAN = SamplingPlan(50, subset=30, epochs=4, scheme="iid")


def test_the_mask_counts_distinct_items():
    # The same generator's draws, put into a Python set.
    rng, seen, expected = np.random.default_rng(SEED), set(), []
    for _ in range(4):
        seen |= set(rng.integers(50, size=30).tolist())
        expected.append(len(seen))
    assert mask_coverage(PLAN, np.random.default_rng(SEED)).tolist() == expected


def test_bincount_counts_visits():
    rng, visits = np.random.default_rng(SEED), Counter()
    for spectrum in bincount_spectrum(PLAN, np.random.default_rng(SEED)):
        visits.update(rng.integers(50, size=30).tolist())
        expected = Counter([visits[item] for item in range(50)])
        assert spectrum.tolist() == [expected[r] for r in range(len(spectrum))]
    assert spectrum @ np.arange(len(spectrum)) == 120


def test_memory_of_the_baselines_is_that_of_their_arrays():
    # n = 1e8, m = 1e7: two int64 arrays of n and one of m, 1.6 GB + 80 MB.
    assert memory_of_baselines(CASES["C"].plan("iid")) == 1_680_000_000


def direct_items(population: int, draws: int, epoch: int, replicate: int) -> list[int]:
    """The items of `cover_directly`, from the documented stream, in Python's whole numbers."""
    words = stream_words(SEED, DRAWS, 0, epoch, replicate, draws).tolist()
    halves = [half for word in words for half in (word & 0xFFFFFFFF, word >> 32)]
    return [half * population >> 32 for half in halves[:draws]]


@pytest.mark.parametrize(("population", "draws"), [(1000, 101), (70_000, 5001), (3, 1)])
def test_direct_coverage_is_that_of_its_draws(population, draws):
    new, bits = np.zeros(3, np.int64), np.full(-(-population // 64), 7, np.uint64)
    cover_directly(new, draws, population, bits, *seed_key(SEED), 2)
    seen, expected, planted = set(), [], set()
    for epoch in range(3):
        fresh = set(direct_items(population, draws, epoch, 2)) - seen
        seen |= fresh
        expected.append(len(fresh))
        planted |= set(direct_items(population, draws, epoch, 3))
    assert new.tolist() == expected
    if draws > 1:
        assert planted != seen  # a wrong replicate would be noticed
    marked = np.flatnonzero(np.unpackbits(bits.view(np.uint8), bitorder="little"))
    assert set(marked.tolist()) == seen


@pytest.mark.parametrize(("size", "fields"), [(2**16, 4), (50_000, 3)])
def test_floors_do_the_draws_and_the_stores(size, fields):
    key, zero = seed_key(SEED), np.uint64(0)
    packs, expected = np.zeros((2, WORDS_AT_ONCE), np.uint64)
    only_draw(3, packs, size, *key)
    fill_draws(expected, WORDS_AT_ONCE, np.uint64(size), *key, zero, np.uint64(2), zero, zero)
    assert packs.tolist() == expected.tolist()
    items = [word >> 16 * j & 0xFFFF for word in packs.tolist() for j in range(fields)]
    bits, counters = np.zeros(1024, np.uint64), np.zeros(2**16, np.uint8)
    only_mark(2, packs, size, bits)
    marked = np.flatnonzero(np.unpackbits(bits.view(np.uint8), bitorder="little"))
    assert marked.tolist() == sorted(set(items))
    only_count(2, packs, size, counters)
    assert counters.tolist() == (2 * np.bincount(items, minlength=2**16)).tolist()
    floor = measure_floor(size, SEED, rounds=2, draws=1)
    assert min(floor.random_ns, floor.mark_ns, floor.count_ns) >= 0
    assert floor.of("coverage") == floor.random_ns + floor.mark_ns
    assert floor.of("spectrum") == floor.random_ns + floor.count_ns


def test_rounds_alternate_and_times_are_the_clock_s():
    said, ticks = [], counting()
    works = [lambda: said.append("a"), lambda: said.append("b"), lambda: next(ticks)]
    times = alternated(works, 2, clock=lambda: float(next(ticks)))
    assert said == ["a", "b", "a", "b"]
    assert times.tolist() == [[1, 1, 2], [1, 1, 2]]  # the third work moves the clock itself
    assert seconds(lambda: None, clock=lambda: 4.0) == 0


def planted_times(monkeypatch, times):
    """Let the clock say these seconds: NumPy's, then each contender's, in every round."""
    monkeypatch.setattr(rounds, "alternated", lambda works, *_: np.array(times)[:, : len(works)])


def test_times_become_costs_and_gains(monkeypatch):
    planted_times(monkeypatch, [[6.0, 1, 2, 4, 8], [8.0, 2, 4, 4, 8], [30.0, 3, 5, 4, 16]])
    effort = Effort(rounds=3, draws=600, epochs=30, shared_draws=1, floor_draws=1)
    measured = benchmark([TINY], SEED, effort=effort)
    iid, subset, law, law_subset = measured.rows[:4]
    # 300 draws a replicate and 600 asked for: 2 replicates. Medians: NumPy 8 s, iid 2 s, subset 4 s.
    assert (iid.quantity, iid.method, iid.scheme, iid.unit) == ("coverage", "draws", "iid", "ns a draw")
    assert iid.cost == pytest.approx(1e9 * 2 / 600, rel=1e-15)
    assert iid.numpy_cost == pytest.approx(1e9 * 8 / 300, rel=1e-15)
    assert subset.cost == pytest.approx(1e9 * 4 / 600, rel=1e-15)
    # Ratios within rounds, a replicate each: 6/0.5, 8/1, 30/1.5.
    assert (iid.gain.median, iid.gain.least, iid.gain.largest) == (12, 8, 20)
    # 3 epochs a replicate and 30 asked for: 10 replicates; 4 s over 30 epochs, in microseconds.
    assert (law.method, law.unit) == ("law", "us an epoch")
    assert law.cost == pytest.approx(1e6 * 4 / 30, rel=1e-15)
    assert law.gain.median == 20  # 6, 8 and 30 over 0.4
    assert law_subset.floor_share is None
    floor = measured.floors[0].of("coverage")
    assert iid.floor_share == pytest.approx(floor / iid.cost, rel=1e-15)  # 300 draws do not cover 1000 items
    assert measured.scaling[0].gain.median == 6  # 6, 4 and 10: one thread's seconds over two's, a round each


def test_full_blocks_make_no_more_draws():
    case = Case("T", 10, 10, 50)
    effort = Effort(rounds=1, draws=10_000, epochs=1, shared_draws=1, floor_draws=1)
    measured = benchmark([case], SEED, effort=effort, schemes=["iid"], threads=1)
    coverage, _, spectrum, _ = measured.rows
    made = simulate(case.plan("iid"), 20, SEED).covered_at.mean() / 50
    # A coupon collector of 10 items takes 29.3 draws on average, 2.9 epochs of 10, and ends within one.
    assert 2.5 / 50 < made < 4.5 / 50
    floor = measured.floors[0]
    assert coverage.floor_share == pytest.approx(made * floor.of("coverage") / coverage.cost, rel=1e-14)
    assert spectrum.floor_share == pytest.approx(floor.of("spectrum") / spectrum.cost, rel=1e-14)


def test_every_row_is_there_with_what_made_it():
    measured = benchmark(
        [TINY, Case("U", 10**12, 5, 2, beside_numpy=False, methods=("law",))], SEED, effort=LEAST
    )
    found = [(row.case, row.quantity, row.method, row.scheme) for row in measured.rows]
    assert found == [
        (case, quantity, method, scheme)
        for case, methods in (("T", ("draws", "law")), ("U", ("law",)))
        for quantity in ("coverage", "spectrum")
        for method in methods
        for scheme in ("iid", "subset")
    ]
    assert all((row.gain is None) == (row.case == "U") == (row.numpy_cost is None) for row in measured.rows)
    assert [(each.case, each.quantity, each.threads) for each in measured.scaling] == [
        ("T", "coverage", 2),
        ("T", "spectrum", 2),
    ]
    assert [floor.size for floor in measured.floors] == [1000, 2**16]
    assert set(measured.versions) == {"softsample", "layout", "numpy", "numba", "python"}
    assert (measured.seed, measured.backend, measured.left_out) == (SEED, "numba", ())
    assert measured.processor == processor_name()
    assert measured.date.endswith("+00:00")


def test_one_thread_is_not_compared_with_itself():
    assert benchmark([TINY], effort=LEAST, threads=1).scaling == ()


def test_promises_are_those_of_the_three_cases():
    # The bars the simulator was built to: factors over NumPy in cases A, B and C.
    assert [list(gains.values()) for gains in LEAST_GAINS.values()] == [
        [6, 7, 18],
        [5, 10, 55],
        [200, 1000, 20_000],
        [15, 400, 100_000],
    ]
    assert [(c.population, c.subset, c.epochs) for c in list(CASES.values())[:3]] == [
        (50_000, 15_000, 50),
        (1_281_167, 256_233, 30),
        (10**8, 10**7, 10),
    ]


def test_what_does_not_fit_is_left_out_by_name(monkeypatch):
    monkeypatch.setattr(measurement, "available_memory", lambda: 10**9)
    measured = benchmark([TINY, CASES["C"]], effort=LEAST, threads=1)
    assert measured.left_out == ("case C: NumPy takes 1.7 GB for it, and 1.0 GB are free",)
    assert [case.name for case in measured.cases] == ["T"]
    with pytest.raises(ArgumentValueError, match=r"^there is nothing to time: case C: NumPy takes 1\.7 GB"):
        benchmark([CASES["C"]])


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"threads": 0}, "threads is 0; "),
        ({"schemes": ["full"]}, "scheme is 'full'; it must be one of iid, subset, poisson"),
        ({"backend": "cupy"}, "backend is 'cupy'; "),
        ({"seed": -1}, "seed is -1; "),
        ({"cases": []}, "there is nothing to time: no case is given"),
    ],
)
def test_bad_arguments_are_one_line(settings, line):
    with pytest.raises(ArgumentValueError) as refused:
        benchmark(**{"cases": [TINY], "effort": LEAST, **settings})
    assert str(refused.value).startswith(line)


@pytest.fixture
def run(monkeypatch, capsys):
    """The command on a tiny case."""
    monkeypatch.setattr(room, "CASES", {"T": TINY, "E": Case("E", 10**12, 5, 2, False, ("law",))})
    monkeypatch.setattr(room, "QUICK_CASES", ("T",))
    for name in ("FULL", "QUICK"):
        monkeypatch.setattr(room, name, LEAST)

    def run(arguments):
        monkeypatch.setattr(sys, "argv", ["softsample", "bench", *arguments.split()])
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = capsys.readouterr()
        return int(end.value.code or 0), out, err

    return run


def test_the_command_prints_tables_and_how_to_read_them(run):
    code, out, err = run("")
    assert (code, err) == (0, "")  # no progress where stderr is no terminal
    for part in (
        "Every draw made, one thread",
        "In law, no item touched",
        "2 threads against one",
        "compilation is excluded",
        "T: n = 1,000, m = 100, K = 3; E: n = 1,000,000,000,000",
        "Floor: ",
        processor_name(),
        "seed 1",
    ):
        assert part in out, part
    rows = [line.split()[:3] for line in out.splitlines() if line.split()[:1] == ["T"]]
    assert rows.count(["T", "coverage", "subset"]) == 2


def test_the_command_s_json_is_the_result(run):
    code, out, _ = run("--quick --threads 1 --seed 9 --backend numba --json")
    answer = json.loads(out)
    assert (code, answer["seed"], answer["threads"], answer["scaling"]) == (0, 9, 1, [])
    assert {row["case"] for row in answer["rows"]} == {"T"}
    assert set(answer["rows"][0]["gain"]) == {"median", "least", "largest"}


def test_the_command_refuses_a_case_it_does_not_know(run):
    _, out, _ = run("--case E --case t --case T --json")
    assert [each["name"] for each in json.loads(out)["cases"]] == ["T", "E"]
    code, _, err = run("--case Z")
    assert (code, err) == (2, "softsample: error: case is 'Z'; it must be one of T, E\n")
