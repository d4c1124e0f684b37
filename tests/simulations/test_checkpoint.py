"""Nothing lost: a run that was stopped, killed or out of disk goes on to the same bytes; no damage passes."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from simulations import checkpoint as module
from simulations import chunks, job_run, simulate, versions
from simulations.checkpoint import MANIFEST, Checkpoint, CheckpointError
from simulations.chunks import cut
from simulations.tallies import Job
from softsample_theory import SamplingPlan
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError

BOTH = ("distinct", "spectrum")
PLAN = SamplingPlan(200_000, subset=30_000, epochs=4)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    """Cut one replicate of PLAN, four blocks and 120,000 draws, into two chunks."""
    monkeypatch.setattr(chunks, "CHUNK_COST", 70_000)


def run(checkpoint=None, plan=PLAN, replicates=3, seed=4, **more):
    return simulate(plan, replicates, seed, threads=1, checkpoint=checkpoint, **more)


def stopped(checkpoint, after, **more):
    """Run until so many calls of the progress, then press Ctrl-C; return what is said."""
    calls = 0

    def progress(done, total):
        nonlocal calls
        calls += 1
        if calls > after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        run(checkpoint, progress=progress, **more)
    return str(caught.value)


def chunk_files(directory):
    return sorted(path.name for path in directory.glob("chunk-*"))


# --- going on -------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["subset", "iid", "poisson", "reshuffle", "fixed"])
@pytest.mark.parametrize("method", ["draws", "law"])
@pytest.mark.parametrize("more", [{}, {"record": BOTH, "r_max": 3}])
@pytest.mark.parametrize("every", [1, 3])
def test_a_stopped_run_goes_on_to_the_same_bytes(tmp_path, monkeypatch, scheme, method, more, every):
    plan = SamplingPlan(200_000, subset=30_000, epochs=4, scheme=scheme, refresh_every=every)
    one = Job(plan, 5, 4, method, more.get("r_max")).cost
    monkeypatch.setattr(chunks, "CHUNK_COST", max(1, one // 2))
    settings = {"plan": plan, "replicates": 5, "method": method, **more}
    unbroken = run(**settings)
    if one > 0:
        said = stopped(tmp_path / "run", 3, **settings)
        assert 0 < len(chunk_files(tmp_path / "run")) < len(cut(Job(plan, 5, 4, method, more.get("r_max"))))
        assert said.startswith(f"{len(chunk_files(tmp_path / 'run'))} of ")
        assert said.endswith(
            f"kept in {str(tmp_path / 'run')!r}; the same run with this checkpoint goes on from there"
        )
    resumed = run(tmp_path / "run", **settings)
    assert resumed.digest() == unbroken.digest()
    assert np.array_equal(resumed.covered_at, unbroken.covered_at)
    assert resumed.versions == unbroken.versions

    def nothing_is_counted_again(*_):
        raise AssertionError

    monkeypatch.setattr(job_run, "count_part", nothing_is_counted_again)
    monkeypatch.setattr(job_run, "count_chunk", nothing_is_counted_again)
    assert run(str(tmp_path / "run"), **settings).digest() == unbroken.digest()


def test_progress_starts_at_what_is_kept(tmp_path):
    stopped(tmp_path, 5)
    told = []
    run(tmp_path, progress=lambda *call: told.append(call))
    one = Job(PLAN, 3, 4, "draws", None).cost
    kept = [
        chunks.Cut(Job(PLAN, 3, 4, "draws", None), 1, 2).cost(n) for n in range(len(chunk_files(tmp_path)))
    ]
    assert told[0][0] in np.cumsum(kept)
    assert told[0][0] > 0
    assert told[-1] == (3 * one, 3 * one)


def test_a_chunk_can_be_read_by_numpy_and_its_manifest_by_people(tmp_path):
    result = run(tmp_path, plan=SamplingPlan(50, subset=5, epochs=4))
    (name,) = chunk_files(tmp_path)
    assert np.array_equal(np.load(tmp_path / name).cumsum(axis=1), result.distinct[:, 1:])
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    assert manifest["plan"]["population"] == 50
    assert (manifest["seed"], manifest["replicates"], manifest["method"]) == (4, 3, "draws")
    assert manifest["versions"] == result.versions


def test_what_a_killed_process_had_begun_does_not_count_and_is_cleared_in_time(tmp_path):
    unbroken = run()
    stopped(tmp_path, 3)
    kept = chunk_files(tmp_path)
    half = (tmp_path / kept[0]).read_bytes()[:200]
    new, old = tmp_path / ".chunk-000005-abcd_123.npy", tmp_path / ".chunk-000004-x.npy"
    for path in (new, old, tmp_path / ".manifest-qwert.json"):
        path.write_bytes(half)
    os.utime(old, (0, 0))
    assert run(tmp_path).digest() == unbroken.digest()
    assert new.exists()
    assert not old.exists()


def test_a_directory_in_which_only_a_manifest_was_begun_is_new(tmp_path):
    (tmp_path / ".manifest-qwert.json").write_bytes(b'{"format')
    assert run(tmp_path).digest() == run().digest()


# --- killed ---------------------------------------------------------------------------------------

KILLS = """
import os, random, shutil, signal, sys, time
from simulations import checkpoint, chunks, simulate
from softsample_theory import SamplingPlan

def half_then_half(path, pieces):
    body = b"".join(pieces)
    with open(path, "wb") as file:
        for half in (body[: len(body) // 2], body[len(body) // 2 :]):
            file.write(half)
            file.flush()
            time.sleep(0.001)

if sys.argv[2] == "careless":
    checkpoint._write_durably = half_then_half
chunks.CHUNK_COST = 70_000
plan, directory = SamplingPlan(200_000, subset=30_000, epochs=4), sys.argv[1]

def run(checkpoint=None):
    return simulate(plan, 30, seed=4, threads=1, record=("distinct", "spectrum"), checkpoint=checkpoint)

unbroken = run().digest()
start = time.monotonic()
run(directory)
whole = time.monotonic() - start
shutil.rmtree(directory)
moments, kills, kept = random.Random(20231127), 0, set()
while kills < 20:
    child = os.fork()
    if child == 0:
        os._exit(0 if run(directory).digest() == unbroken else 1)
    time.sleep(whole * moments.random() / 2)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        kills += 1
        kept.add(len([name for name in os.listdir(directory) if name.startswith("chunk")])
                 if os.path.exists(directory) else 0)
    elif os.WEXITSTATUS(status) != 0:
        sys.exit("a resumed run failed or gave other bytes")
    else:
        shutil.rmtree(directory)
same = run(directory).digest() == unbroken
print(kills, len(kept) > 5, same)
"""


def killed(directory, writer):
    return subprocess.run(
        [sys.executable, "-c", KILLS, str(directory), writer], capture_output=True, text=True, timeout=120
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_killed_at_twenty_moments_it_goes_on_to_the_same_bytes(tmp_path):
    done = killed(tmp_path / "run", "as it is")
    assert (done.stdout, done.stderr) == ("20 True True\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_the_same_kills_find_out_a_writer_that_does_not_rename(tmp_path):
    done = killed(tmp_path / "run", "careless")
    assert done.returncode != 0
    assert "damaged" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="renaming over an open file needs POSIX")
def test_two_processes_may_share_a_directory(tmp_path):
    code = (
        "from simulations import chunks, simulate\nfrom softsample_theory import SamplingPlan\n"
        "chunks.CHUNK_COST = 70_000\n"
        "plan = SamplingPlan(200_000, subset=30_000, epochs=4)\n"
        f"print(simulate(plan, 30, 4, threads=1, checkpoint={str(tmp_path)!r}).digest())"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    assert {process.communicate(timeout=60)[0] for process in both} == {run(replicates=30).digest() + "\n"}


# --- refused --------------------------------------------------------------------------------------


def refusal(checkpoint, **more):
    with pytest.raises(ArgumentValueError) as caught:
        run(checkpoint, **more)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"checkpoint is {str(checkpoint)!r}; it must be ")
    return str(caught.value)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished checkpoint of the run; copy it before spoiling it."""
    directory = tmp_path_factory.mktemp("finished") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "CHUNK_COST", 70_000)
        run(directory)
    return directory


def damages(whole):
    """Yield spoilt copies of a file: single bits turned, cut short, made longer, emptied, zeroed."""
    for at in (0, 7, 40, 127, 128, 130, len(whole) - 33, len(whole) - 32, len(whole) - 1):
        for bit in (0, 7):
            yield whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]
    for length in (0, 1, 31, 32, 33, 128, len(whole) - 32, len(whole) - 1):
        yield whole[:length]
    yield whole + b"\0"
    yield bytes(len(whole))


def test_a_damaged_chunk_is_refused_by_name(tmp_path, finished):
    directory = Path(shutil.copytree(finished, tmp_path / "run"))
    path = directory / "chunk-000004.npy"
    whole, spoilt = path.read_bytes(), 0
    for damaged in damages(whole):
        path.write_bytes(damaged)
        assert refusal(directory).endswith(
            "whole: chunk-000004.npy is damaged; delete that file to count it again"
        )
        spoilt += 1
    assert spoilt == 28
    path.unlink()
    assert run(directory).digest() == run().digest()
    assert path.read_bytes() == whole


def test_a_chunk_in_the_place_of_another_is_refused(tmp_path, finished):
    directory = Path(shutil.copytree(finished, tmp_path / "run"))
    shutil.copy(directory / "chunk-000000.npy", directory / "chunk-000002.npy")
    assert "chunk-000002.npy is damaged" in refusal(directory)


def test_a_chunk_of_another_run_is_refused(tmp_path, finished):
    directory = Path(shutil.copytree(finished, tmp_path / "run"))
    run(tmp_path / "other", seed=5)
    shutil.copy(tmp_path / "other" / "chunk-000002.npy", directory / "chunk-000002.npy")
    assert "chunk-000002.npy is damaged" in refusal(directory)
    shutil.copy(finished / "chunk-000002.npy", directory / "chunk-000002.npy")
    shutil.copy(finished / "chunk-000002.npy", directory / "chunk-000099.npy")
    assert refusal(directory).endswith("without chunks of other runs: it holds chunk-000099.npy")


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"seed": 5}, "its seed is 4, not 5"),
        ({"replicates": 4}, "its replicates is 3, not 4, its chunks number is 6, not 8"),
        ({"plan": PLAN.under("iid")}, 'its plan scheme is "subset", not "iid"'),
        ({"plan": SamplingPlan(200_000, subset=30_001, epochs=4)}, "its plan subset is 30000, not 30001"),
        (
            {"plan": SamplingPlan(200_000, subset=30_000, epochs=4, unit_size=2)},
            "its plan unit_size is 1, not 2",
        ),
        ({"method": "law"}, 'its method is "draws", not "law"'),
        (
            {"record": BOTH, "r_max": 7},
            'its record is ["distinct"], not ["distinct", "spectrum"], its r_max is null',
        ),
    ],
)
def test_the_checkpoint_of_another_run_is_refused(finished, other, says):
    assert refusal(finished, **other).split("of the same run: ")[1].startswith(says)


def test_the_checkpoint_of_another_layout_or_version_or_cut_is_refused(finished, monkeypatch):
    monkeypatch.setattr(versions, "LAYOUT", 2)
    assert refusal(finished).endswith('of the same run: its versions layout is "1", not "2"')
    monkeypatch.undo()
    monkeypatch.setattr(chunks, "CHUNK_COST", 70_000)
    monkeypatch.setattr(versions, "__version__", "99.0")
    assert 'its versions softsample is "' in refusal(finished)
    monkeypatch.undo()
    monkeypatch.setattr(chunks, "CHUNK_COST", 35_000)
    assert "its chunks number is 6, not 12" in refusal(finished)


@pytest.mark.parametrize("text", ["", "{", "[1]", "\xff", '"softsample"'])
def test_a_damaged_manifest_is_refused(tmp_path, finished, text):
    directory = Path(shutil.copytree(finished, tmp_path / "run"))
    (directory / MANIFEST).write_text(text, encoding="latin-1")
    assert refusal(directory).endswith("whole: its manifest.json is damaged")


def test_a_changed_manifest_is_refused(tmp_path, finished):
    directory = Path(shutil.copytree(finished, tmp_path / "run"))
    text = (directory / MANIFEST).read_text()
    (directory / MANIFEST).write_text(text.replace('"seed": 4', '"seed": 6'))
    assert refusal(directory).endswith("of the same run: its seed is 6, not 4")


def test_a_directory_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("all my work")
    assert refusal(tmp_path).endswith("new or empty, or hold a manifest.json: it holds thesis.tex")
    assert os.listdir(tmp_path) == ["thesis.tex"]
    assert refusal(tmp_path / "thesis.tex").endswith("a directory, and it is a file")
    with pytest.raises(ArgumentTypeError, match="checkpoint is 3"):
        run(3)


# --- a full disk ----------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_full_disk_is_one_line_and_the_finished_chunks_stay(tmp_path, monkeypatch, fault):
    real, calls = os.fsync, 0

    def fsync(descriptor):
        nonlocal calls
        calls += 1
        if calls > 6:  # two for the manifest and for each chunk: the file's and the directory's
            raise OSError(fault, os.strerror(fault))
        real(descriptor)

    monkeypatch.setattr(module.os, "fsync", fsync)
    with pytest.raises(CheckpointError) as caught:
        run(tmp_path / "run")
    assert str(caught.value) == (
        f"checkpoint {str(tmp_path / 'run')!r} cannot take chunk 2: {os.strerror(fault)}; 2 of 6 chunks "
        f"are kept in {str(tmp_path / 'run')!r}; the same run with this checkpoint goes on from there"
    )
    monkeypatch.setattr(module.os, "fsync", real)
    assert sorted(os.listdir(tmp_path / "run")) == ["chunk-000000.npy", "chunk-000001.npy", MANIFEST]
    assert run(tmp_path / "run").digest() == run().digest()


FULL_DISK = """
import os, subprocess, sys
from simulations import chunks, simulate
from softsample_theory import SamplingPlan
chunks.CHUNK_COST = 70_000
plan = SamplingPlan(200_000, subset=30_000, epochs=4)
def run(checkpoint=None):
    return simulate(plan, 60, 4, threads=1, checkpoint=checkpoint).digest()
try:
    run(sys.argv[1])
except OSError as fault:
    print(fault)
kept = [name for name in os.listdir(sys.argv[1]) if name.startswith("chunk")]
subprocess.run(["mount", "-o", "remount,size=50m", sys.argv[1]], check=True)
print(len(kept), run(sys.argv[1]) == run())
"""


def may_mount():
    if shutil.which("unshare") is None or sys.platform != "linux":
        return False
    attempt = "mount -t tmpfs tmpfs /mnt"
    return subprocess.run(["unshare", "-m", "sh", "-c", attempt], capture_output=True).returncode == 0


@pytest.mark.skipif(not may_mount(), reason="needs the right to mount a small file system")
def test_a_disk_that_really_is_full(tmp_path):
    """128 kB of file system hold the manifest and some thirty chunks of a page each, of 120."""
    commands = 'mount -t tmpfs -o size=128k tmpfs "$2" && exec "$0" -c "$1" "$2"'
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", commands, sys.executable, FULL_DISK, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    said, kept, same = done.stdout.rsplit(maxsplit=2)
    assert 5 < int(kept) < 60
    assert f"cannot take chunk {kept}: No space left on device; {kept} of 120 chunks are kept" in said
    assert "\n" not in said
    assert same == "True"


# --- the command ----------------------------------------------------------------------------------


def command(*arguments):
    plan = ["simulate", "-n", "320", "-r", "0.05", "-k", "20", "--replicates", "50", "--json"]
    return subprocess.run(
        [sys.executable, "-m", "softsample_theory.cli", *plan, *arguments], capture_output=True, text=True
    )


def test_the_command_keeps_goes_on_and_refuses(tmp_path):
    directory = str(tmp_path / "run")
    first = command("--seed", "7", "--checkpoint", directory)
    assert (first.returncode, first.stderr) == (0, "")
    assert len(json.loads(first.stdout)["distinct"]) == 50
    assert command("--seed", "7", "--checkpoint", directory).stdout == first.stdout
    other = command("--seed", "8", "--checkpoint", directory)
    assert (other.returncode, other.stdout) == (2, "")
    says = (
        f"softsample: error: checkpoint is {directory!r}; it must be of the same run: its seed is 7, not 8\n"
    )
    assert other.stderr == says


def test_a_checkpoint_object_answers_what_it_keeps(tmp_path):
    parts = cut(Job(PLAN, 3, 4, "draws", None))
    store = Checkpoint(tmp_path, parts)
    assert store.finished() == []
    for number in (5, 0):
        counts = chunks.count_chunk(parts.job, parts[number])
        store.write(number, counts)
        assert np.array_equal(store.read(number), counts)
    assert store.finished() == [0, 5]
    with pytest.raises(FileNotFoundError):
        store.read(1)
