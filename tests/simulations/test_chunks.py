"""Chunks: every block of every replicate once, the same sums in any order; and a run that stops when told."""

import io
import itertools
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from simulations import blockwise, chunks, job_run, progress_bar, simulate
from simulations.chunks import CHUNK_COST, CHUNK_ENTRIES, Cut, count_chunk, cut
from simulations.interruption import ends_soon
from simulations.tallies import Job, samples
from softsample_theory import SamplingPlan, output

BOTH = ("distinct", "spectrum")
SCHEMES = ("subset", "iid", "poisson", "reshuffle", "fixed", "full")


def job(n=2**16 * 3 + 77, m=9_000, epochs=5, replicates=7, r_max=None, method="draws", **more):
    return Job(SamplingPlan(n, subset=m, epochs=epochs, **more), replicates, 2, method, r_max)


# --- the cut --------------------------------------------------------------------------------------


def visits(parts, replicates, blocks):
    """Return how often each block of each replicate is in a chunk."""
    times = np.zeros((replicates, blocks), int)
    for part in parts:
        times[part.rows, part.block : part.block + part.blocks] += 1
    return times


@pytest.mark.parametrize("cost", [1, 2_000, 30_000, 100_000, 10**6, 10**12])
@pytest.mark.parametrize(
    "a_job", [job(), job(r_max=4), job(replicates=1), job(m=1), job(method="law"), job(40, 7)]
)
def test_every_block_of_every_replicate_is_in_one_chunk(monkeypatch, a_job, cost):
    monkeypatch.setattr(chunks, "CHUNK_COST", cost)
    parts = cut(a_job)
    assert len(list(parts)) == len(parts)
    assert (visits(parts, a_job.replicates, a_job.blocks) == 1).all()
    assert sum(map(parts.cost, range(len(parts)))) == a_job.replicates * a_job.cost
    assert all(part.replicates > 0 and part.blocks > 0 for part in parts)


def test_a_cut_with_a_gap_or_an_overlap_would_be_seen():
    parts = list(Cut(job(), 1, 3))
    assert (visits(parts, 7, 4) == 1).all()
    for wrong in (replace(parts[5], block=0), replace(parts[5], replicate=6), replace(parts[5], blocks=0)):
        assert not (visits([*parts[:5], wrong, *parts[6:]], 7, 4) == 1).all()


@pytest.mark.parametrize(
    ("a_job", "replicates", "pieces"),
    [
        (job(50_000, 5_000, 30, 10_000), 1667, 1),  # 30 * (5000 + 100 + 10 + 20) draws: 1,949 fit into 3e8
        (job(10**9, 10**8, 30, 2), 1, 11),  # 3.05e9 draws a replicate
        (job(10**12, 10**11, 100, 1), 1, 33_944),  # (1e13 + 120 for each of 100 * 15,258,790 blocks) / 3e8
        (job(50_000, 15_000, 10**6, 3, r_max=50), 1, 1),  # 1.6e10 draws in one block, which nothing can cut
        (job(98, 5, 320, 10**6), 6536, 1),  # 2**21 numbers are 6,553 replicates of 320
        (job(10**12, 10**11, 30, 10**6, method="law"), 66_667, 1),  # 2**21 numbers, 31 each
        (job(100, 7, 50, 3, scheme="fixed"), 3, 1),  # nothing to count
    ],
)
def test_chunks_are_of_a_second_or_of_16_megabytes(a_job, replicates, pieces):
    parts = cut(a_job)
    assert (parts.replicates, parts.pieces) == (replicates, pieces)
    assert parts.replicates == 1 or parts.cost(0) <= CHUNK_COST
    assert parts.replicates * a_job.entries <= CHUNK_ENTRIES or parts.replicates == 1


def test_a_cut_is_a_sequence_that_is_never_written_out():
    parts = cut(job(2**48, 2**40, 1000, 1000))
    assert len(parts) > 10**9
    assert parts[-1].rows == slice(999, 1000)
    assert list(parts[:2]) == [parts[0], parts[1]]
    with pytest.raises(IndexError, match="chunk"):
        parts[len(parts)]


# --- the sums -------------------------------------------------------------------------------------

JOBS = [
    job(r_max=r_max, method=method, scheme=scheme, m=2**16 * 3 + 77 if scheme == "full" else 9_000, **more)
    for scheme, method, r_max in itertools.product(SCHEMES, ("draws", "law"), (None, 3))
    for more in ({}, {"refresh_every": 2}, {"warm_epochs": 2}, {"refresh_every": 3, "warm_epochs": 1})
]


def run(a_job, **settings):
    record = ("distinct",) if a_job.r_max is None else BOTH
    return simulate(
        a_job.plan,
        a_job.replicates,
        a_job.seed,
        method=a_job.method,
        record=record,
        r_max=a_job.r_max,
        **settings,
    ).digest()


@pytest.mark.parametrize("a_job", JOBS, ids=lambda a_job: f"{a_job.plan.scheme}-{a_job.method}-{a_job.r_max}")
def test_chunks_add_up_to_the_uncut_run_in_any_order(monkeypatch, a_job):
    whole = run(a_job, threads=1)
    assert len(cut(a_job)) == 1
    for cost, threads in ((1, 1), (20_000, 2), (150_000, 3)):
        monkeypatch.setattr(chunks, "CHUNK_COST", cost)
        assert run(a_job, threads=threads) == whole
    monkeypatch.setattr(chunks, "CHUNK_COST", max(1, a_job.cost // 3))
    parts, tally = list(cut(a_job)), a_job.empty(a_job.replicates)
    assert len(parts) >= (7 if a_job.entries else 1)
    random.Random(1).shuffle(parts)
    for part in parts:
        tally[part.rows] += count_chunk(a_job, part)
    distinct, spectrum = samples(a_job, tally)
    other = simulate(a_job.plan, a_job.replicates, 2, method=a_job.method, record=BOTH, r_max=3)
    assert np.array_equal(distinct, other.distinct)
    assert spectrum is None or np.array_equal(spectrum, other.spectrum)


def test_a_chunk_counted_twice_or_not_at_all_would_be_seen(monkeypatch):
    a_job = job(r_max=3)
    whole = run(a_job)
    monkeypatch.setattr(chunks, "CHUNK_COST", 20_000)
    honest = job_run.cut
    for faulty in (lambda parts: [*parts[:-1], parts[0]], lambda parts: [parts[1], *parts[1:]]):

        class Faulty(Cut):
            def __getitem__(self, number, faulty=faulty):
                return faulty(list(honest(self.job)))[number]

        monkeypatch.setattr(job_run, "cut", lambda a: Faulty(a, honest(a).replicates, honest(a).pieces))
        assert run(a_job) != whole


# --- progress and Ctrl-C --------------------------------------------------------------------------


@pytest.mark.parametrize("a_job", [job(), job(r_max=3), job(method="law"), job(scheme="reshuffle", r_max=2)])
def test_progress_is_told_for_every_chunk(monkeypatch, a_job):
    monkeypatch.setattr(chunks, "CHUNK_COST", 20_000)
    monkeypatch.setattr(blockwise, "_PIECE", 3_000)
    told = []
    run(a_job, progress=lambda *call: told.append(call))
    done, totals = zip(*told, strict=True)
    assert set(totals) == {a_job.replicates * a_job.cost} == {done[-1]}
    assert list(done) == sorted(done)
    parts = cut(a_job)
    assert set(itertools.accumulate(map(parts.cost, range(len(parts))))) <= set(done)


def test_an_interrupted_run_says_that_nothing_is_kept(monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK_COST", 20_000)

    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="nothing is kept; a checkpoint would keep finished chunks"):
        run(job(), progress=interrupt)


def python(code, *, wait_for="ready", then=signal.SIGINT):
    """Run code, send it a signal when it has printed the word, return its exit code and what it printed."""
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    assert first.strip() == wait_for, process.communicate()
    time.sleep(0.5)  # it has said the word; now let it begin what the signal is to interrupt
    process.send_signal(then)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def test_ctrl_c_stops_a_long_simulation_at_once():
    """3e13 draws are hours; the run ends within the 30 s that the test gives it."""
    code = """
import sys
from softsample_theory import cli
from simulations import progress_bar
from contextlib import nullcontext
def bar(*_):
    return nullcontext(lambda done, total: print("ready", flush=True))
progress_bar.progress_bar = bar
sys.argv = "softsample simulate -n 1e6 -r 0.3 -k 1000 --replicates 100000".split()
cli.main()
"""
    returned, _, err = python(code)
    assert (returned, err) == (
        130,
        "softsample: interrupted: nothing is kept; a checkpoint would keep finished chunks\n",
    )


STUCK = """
import contextlib, hashlib, time
from simulations.interruption import ends_soon
began = time.perf_counter()
hashlib.pbkdf2_hmac("sha256", b"", b"", 10**5)
rounds = int(10**5 * {seconds} / (time.perf_counter() - began))
with {guard}:
    print("ready", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"", b"", rounds)  # compiled, without the interpreter's lock
    print("finished", flush=True)
"""


def test_ctrl_c_ends_a_process_that_is_stuck_in_compiled_code():
    code = STUCK.format(guard='ends_soon("all is kept", patience=0.2)', seconds=60)
    assert python(code) == (130, "", "softsample: interrupted: all is kept\n")


def test_without_the_guard_the_step_is_finished_first():
    """The same step, some seconds long: Python heeds the signal only at its end."""
    code = STUCK.format(guard="contextlib.nullcontext()", seconds=4)
    returned, out, err = python(code)
    assert returned != 130
    assert out == ""
    assert err.strip().endswith("KeyboardInterrupt")


def test_the_guard_leaves_a_body_alone_that_stops_by_itself():
    handler, descriptor = signal.getsignal(signal.SIGINT), signal.set_wakeup_fd(-1)
    with pytest.raises(KeyboardInterrupt), ends_soon("unused", patience=60):
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is handler
    assert signal.set_wakeup_fd(descriptor) == -1


def test_there_is_a_bar_on_a_terminal_only(monkeypatch):
    plan = SamplingPlan(1000, subset=10, epochs=5)
    with progress_bar.progress_bar(plan, 3, "draws") as progress:
        assert progress is None
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, width=100)
    monkeypatch.setattr(output, "console", lambda *, stderr: terminal)
    with progress_bar.progress_bar(plan, 3, "draws") as progress:
        assert progress is not None
        for done in (10, 40, 80):
            progress(done, 100)
    assert "simulating" in screen.getvalue()
    assert "draws/s" in screen.getvalue()
    assert "80%" in screen.getvalue()
