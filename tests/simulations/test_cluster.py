"""A real Dask cluster of two processes: the same bytes as one process, whatever happens to its workers."""

import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

distributed = pytest.importorskip("distributed", reason="needs Dask: pip install 'softsample[cluster]'")

from simulations import chunks, cluster, job_run, simulate  # noqa: E402
from simulations.chunks import cut  # noqa: E402
from simulations.cluster import ClusterError, count_as, count_chunks  # noqa: E402
from simulations.tallies import Job  # noqa: E402
from simulations.versions import versions  # noqa: E402
from softsample_theory import SamplingPlan  # noqa: E402
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError  # noqa: E402

BOTH = ("distinct", "spectrum")
PLAN = SamplingPlan(200_000, subset=30_000, epochs=4)


@pytest.fixture(scope="module")
def client():
    two = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", "silence_logs": 50}
    with (
        distributed.LocalCluster(**two, preload=cluster.__name__) as local,
        distributed.Client(local) as client,
    ):
        yield client


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    """Cut one replicate of PLAN, four blocks and 120,000 draws, into two chunks."""
    monkeypatch.setattr(chunks, "CHUNK_COST", 70_000)


def run(plan=PLAN, replicates=8, **more):
    return simulate(plan, replicates, 4, threads=1, **more)


# --- one answer -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "more"),
    [
        (PLAN, {}),
        (PLAN, {"record": BOTH, "r_max": 3}),
        (PLAN.under("iid"), {"record": BOTH}),
        (PLAN.under("poisson"), {}),
        (SamplingPlan(10**12, 0.1, epochs=300, scheme="iid"), {"method": "law"}),
        (SamplingPlan(500, 0.3, epochs=200, scheme="reshuffle", refresh_every=3), {"record": BOTH}),
        (PLAN.under("fixed"), {}),
    ],
)
def test_a_cluster_gives_the_bytes_of_one_process(client, plan, more):
    told = []
    remote = run(plan, client=client, progress=lambda *call: told.append(call), **more)
    assert remote.digest() == run(plan, **more).digest()
    assert all(earlier[0] <= later[0] for earlier, later in itertools.pairwise(told))
    assert told[-1][0] == told[-1][1]
    assert not client.futures


def test_both_processes_take_part(client):
    assert len(set(client.run(os.getpid).values()) - {os.getpid()}) == 2
    parts = cut(Job(PLAN, 30, 4, "draws", None))
    assert len(parts) == 60
    assert sorted(number for number, _ in count_chunks(client, parts, range(60), 1)) == list(range(60))
    ran = client.run(lambda dask_worker: sum("softsample" in str(entry) for entry in dask_worker.state.log))
    assert all(entries > 0 for entries in ran.values())


def test_runs_that_share_a_scheduler_do_not_get_each_others_numbers(client, monkeypatch):
    keys, submit = [], client.submit

    def watched(*arguments, key, **more):
        keys.append(key)
        return submit(*arguments, key=key, **more)

    monkeypatch.setattr(client, "submit", watched)
    first, second = (cut(Job(PLAN, 5, seed, "draws", None)) for seed in (1, 2))
    both = [count_chunks(client, parts, range(10), 1) for parts in (first, second)]
    for arrivals in zip(*both, strict=True):
        for parts, (number, counts) in zip((first, second), arrivals, strict=True):
            assert np.array_equal(counts, chunks.count_chunk(parts.job, parts[number]))
    assert len({key.split("-")[1] for key in keys}) == 2
    assert len(set(keys)) == 20
    assert all(len(key.split("-")[1]) == 32 for key in keys)


def test_a_chunk_that_arrives_twice_or_not_at_all_would_be_seen(client, monkeypatch):
    honest = cluster.count_chunks

    def twice(*arguments):
        for arrival in honest(*arguments):
            yield arrival
            if arrival[0] == 3:
                yield arrival

    def never(*arguments):
        return (arrival for arrival in honest(*arguments) if arrival[0] != 3)

    whole = run().digest()
    for faulty in (twice, never):
        monkeypatch.setattr(job_run, "count_chunks", faulty)
        assert run(client=client).digest() != whole


def test_a_scheduler_is_found_by_its_address(client):
    address = client.scheduler_info()["address"]
    assert run(dask=address).digest() == run().digest()
    assert client.nthreads()


# --- workers that die, runs that stop -------------------------------------------------------------


def test_a_worker_is_killed_midway(client):
    """SIGKILL to one of two processes after the fifth of 60 chunks: its chunks are counted again."""
    before = set(client.run(os.getpid).values())
    calls = []

    def kill(done, total):
        calls.append(done)
        if len(calls) == 5:
            os.kill(min(before), signal.SIGKILL)

    assert run(replicates=30, client=client, progress=kill).digest() == run(replicates=30).digest()
    assert len(calls) == 60
    client.wait_for_workers(2, timeout=30)
    assert min(before) not in client.run(os.getpid).values()


def test_a_stopped_cluster_run_goes_on_here_or_there(client, tmp_path):
    def interrupt(done, total):
        if done > total / 3:
            raise KeyboardInterrupt

    for where in ({}, {"client": client}):
        directory = tmp_path / f"run{len(where)}"
        with pytest.raises(KeyboardInterrupt, match="of 16 chunks are kept"):
            run(client=client, checkpoint=directory, progress=interrupt)
        assert not client.futures
        kept = len(list(directory.glob("chunk-*")))
        assert 0 < kept < 16
        told = []
        resumed = run(
            checkpoint=directory, progress=lambda done, total, told=told: told.append(done), **where
        )
        assert resumed.digest() == run().digest()
        assert len([done for done in set(told) if done > told[0]]) >= 16 - kept


def test_a_worker_of_another_version_is_refused(client, monkeypatch):
    job = Job(PLAN, 3, 4, "draws", None)
    part = cut(job)[1]
    assert np.array_equal(count_as(versions(), job, part, 1), chunks.count_chunk(job, part))
    monkeypatch.setattr(cluster, "versions", lambda: {**versions(), "numba": "0.1"})
    with pytest.raises(
        ArgumentValueError, match=r"a worker on \S+ runs numba \S+, not 0\.1; give it the same"
    ):
        run(client=client)


def test_a_chunk_that_kills_its_workers_is_one_line(client, monkeypatch):
    def dies(*_):
        os._exit(1)

    monkeypatch.setattr(cluster, "count_as", dies)
    set_failures = lambda number: client.run_on_scheduler(  # noqa: E731
        lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", number)
    )
    set_failures(0)
    with pytest.raises(
        ClusterError, match=r"a chunk was given up, its workers died one after another: .*chunk"
    ):
        run(client=client)
    set_failures(3)
    client.wait_for_workers(2, timeout=30)
    assert not client.futures


def test_a_worker_without_the_package_is_one_line(client, monkeypatch):
    def misses(*_):
        raise ModuleNotFoundError("No module named 'simulations'")

    monkeypatch.setattr(cluster, "count_as", misses)
    with pytest.raises(
        ClusterError, match="the workers cannot import softsample: No module named 'simulations'"
    ):
        run(client=client)


def test_a_scheduler_that_is_lost_is_one_line_and_the_finished_chunks_stay(tmp_path):
    own = {"n_workers": 1, "processes": False, "dashboard_address": "127.0.0.1:0", "silence_logs": 50}
    with distributed.LocalCluster(**own) as local, distributed.Client(local) as client:

        def lose(done, total):
            local.close()

        with pytest.raises(ClusterError, match="the cluster was lost") as caught:
            run(replicates=100, client=client, checkpoint=tmp_path, progress=lose)
    assert "of 200 chunks are kept in" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert run(replicates=100, checkpoint=tmp_path).digest() == run(replicates=100).digest()


# --- refused --------------------------------------------------------------------------------------


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    for how in ({"dask": "local"}, {"client": object()}):
        with pytest.raises(ArgumentValueError) as caught:
            run(**how)
        assert str(caught.value) == (
            "a cluster needs Dask, which is not installed: pip install 'softsample[cluster]'"
        )


@pytest.mark.parametrize(
    ("how", "error", "says"),
    [
        ({"client": 3}, ArgumentTypeError, r"client is 3 \(int\); it must be a distributed.Client"),
        ({"dask": 3}, ArgumentTypeError, "dask is 3"),
        ({"dask": "nonsense://"}, ClusterError, "dask is 'nonsense://'; no scheduler answers there"),
        (
            {"dask": "tcp://127.0.0.1:1"},
            ClusterError,
            "dask is 'tcp://127.0.0.1:1'; no scheduler answers there",
        ),
    ],
)
def test_a_cluster_that_is_none_is_one_line(monkeypatch, how, error, says):
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    with pytest.raises(error, match=says) as caught:
        run(**how)
    assert "\n" not in str(caught.value)


def test_two_clusters_are_one_too_many(client):
    with pytest.raises(ArgumentTypeError, match="client and dask are both given"):
        run(client=client, dask="local")


def test_a_scheduler_without_workers_is_one_line(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.3)
    nobody = {"n_workers": 0, "processes": False, "dashboard_address": "127.0.0.1:0"}
    with (
        distributed.LocalCluster(**nobody) as local,
        distributed.Client(local) as client,
        pytest.raises(ClusterError, match=r"the scheduler at \S+ has no worker"),
    ):
        run(client=client)


# --- the command ----------------------------------------------------------------------------------


def test_the_command_brings_up_worker_processes(tmp_path):
    plan = ["simulate", "-n", "320", "-r", "0.05", "-k", "20", "--replicates", "50", "--json"]
    here = [sys.executable, "-m", "softsample_theory.cli", *plan]
    alone = subprocess.run(here, capture_output=True, text=True)
    there = [*here, "--dask", "local", "--threads", "2", "--checkpoint", str(tmp_path / "run")]
    answer = subprocess.run(there, capture_output=True, text=True)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout == alone.stdout
    assert len(json.loads(answer.stdout)["distinct"]) == 50
    assert len(list((tmp_path / "run").glob("chunk-*"))) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal to a process group")
def test_ctrl_c_at_a_terminal_reaches_all_processes_and_ends_in_one_line(tmp_path):
    """3e12 draws are an hour; the signal comes when the first chunk is kept."""
    plan = ["simulate", "-n", "1e6", "-r", "0.3", "-k", "100", "--replicates", "100000"]
    how = ["--dask", "local", "--threads", "2", "--checkpoint", str(tmp_path)]
    process = subprocess.Popen(
        [sys.executable, "-m", "softsample_theory.cli", *plan, *how],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("chunk-*")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert re.fullmatch(r"softsample: interrupted: \d+ of \d+ chunks are kept in .*goes on from there\n", err)
