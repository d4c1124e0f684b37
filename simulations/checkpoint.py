"""Finished chunks of a job, kept in a directory: written whole or not at all, and read only if undamaged.

The directory holds `manifest.json`, which says what is run, and a file for each finished chunk, such as
`chunk-000012.npy`. The file is a NumPy array (`numpy.load` reads it) and, after it, its seal of 32 bytes:
the SHA-256 of the manifest's job, the chunk's number and the array. So a chunk that has lost a byte does not
pass, nor does one of another job, nor one that was renamed. Files come into being by renaming, after their
bytes are on the disk: at whatever moment the process ends, every chunk that has its name is whole. Two
processes may work on one directory; they write the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from simulations.chunks import Cut
from simulations.tallies import Counts
from simulations.versions import versions
from softsample_theory.output import atomic_path
from softsample_theory.validation import reject_type, reject_value

MANIFEST = "manifest.json"
FORMAT = "softsample checkpoint 1"
_CHUNK = re.compile(r"chunk-(\d{6,})\.npy")
_UNFINISHED = re.compile(r"\.(chunk-\d{6,}|manifest)-.+\.(npy|json)")
_STALE = 3600  # seconds after which an unfinished file has no writer any more
_SEAL_BYTES = 32


class CheckpointError(OSError):
    """A chunk that could not be kept; those kept before are whole."""


class Checkpoint:
    """A directory that keeps the finished chunks of one job.

    Parameters
    ----------
    path : the directory; new, empty, or a checkpoint of the same job made by the same versions.
    chunks : the job's chunks.

    Raises
    ------
    ArgumentValueError
        Where the directory belongs to another job, in one line that says what differs, or holds other files.
    """

    def __init__(self, path: str | os.PathLike[str], chunks: Cut) -> None:
        if not isinstance(path, str | os.PathLike):
            reject_type("checkpoint", path, "a directory")
        self.path = Path(path)
        self.chunks = chunks
        job = describe(chunks)
        self._job = json.dumps(job, sort_keys=True).encode()
        self._enter(job)

    def finished(self) -> list[int]:
        """Return the numbers of the chunks that are kept, in order."""
        kept = sorted(int(found[1]) for found in map(_CHUNK.fullmatch, os.listdir(self.path)) if found)
        if kept and kept[-1] >= len(self.chunks):
            self._refuse(f"without chunks of other runs: it holds {self._file(kept[-1]).name}")
        return kept

    def read(self, number: int) -> Counts:
        """Return what a kept chunk counted.

        Raises
        ------
        ArgumentValueError
            Where the chunk is damaged, or another's.
        """
        path = self._file(number)
        if not self._is_sealed(path, number):
            self._refuse(f"whole: {path.name} is damaged; delete that file to count it again")
        counts: Counts = np.load(path, allow_pickle=False)
        return counts

    def write(self, number: int, counts: Counts) -> None:
        """Keep a chunk.

        Raises
        ------
        CheckpointError
            Where the disk is full or fails, in one line.
        """
        numbers = np.ascontiguousarray(counts, "<i8")
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, np.lib.format.header_data_from_array_1_0(numbers))
        body = (header.getvalue(), numbers.reshape(-1).view(np.uint8).data)
        try:
            _write_durably(self._file(number), (*body, self._seal(number, body)))
        except OSError as fault:
            raise CheckpointError(
                f"checkpoint {str(self.path)!r} cannot take chunk {number}: {fault.strerror or fault}; "
                f"{self.state()}"
            ) from fault

    def state(self) -> str:
        """Say how much is kept, and what to do with it."""
        kept = f"{len(self.finished())} of {len(self.chunks)} chunks are kept in {str(self.path)!r}"
        return f"{kept}; the same run with this checkpoint goes on from there"

    def _enter(self, job: Mapping[str, Any]) -> None:
        """Make the directory this job's, or make sure that it is."""
        if self.path.exists() and not self.path.is_dir():
            self._refuse("a directory, and it is a file")
        self.path.mkdir(parents=True, exist_ok=True)
        present = {name for name in os.listdir(self.path) if not _UNFINISHED.fullmatch(name)}
        if MANIFEST in present:
            self._compare(job)
        elif present:
            self._refuse(f"new or empty, or hold a {MANIFEST}: it holds {min(present)}")
        else:
            text = json.dumps(job, indent=2) + "\n"
            _write_durably(self.path / MANIFEST, [text.encode()])
        self._clear_away_unfinished()

    def _compare(self, job: Mapping[str, Any]) -> None:
        """Refuse another job's directory."""
        try:
            there = json.loads((self.path / MANIFEST).read_bytes())
        except ValueError:
            self._refuse(f"whole: its {MANIFEST} is damaged")
        if not isinstance(there, dict):
            self._refuse(f"whole: its {MANIFEST} is damaged")
        differences = list(_differences(there, job))
        if differences:
            self._refuse("of the same run: " + ", ".join(differences))

    def _clear_away_unfinished(self) -> None:
        """Remove what processes that were killed had begun to write."""
        for name in filter(_UNFINISHED.fullmatch, os.listdir(self.path)):
            path = self.path / name
            if path.exists() and path.stat().st_mtime < time.time() - _STALE:
                path.unlink(missing_ok=True)

    def _file(self, number: int) -> Path:
        return self.path / f"chunk-{number:06d}.npy"

    def _seal(self, number: int, body: Iterable[bytes | memoryview]) -> bytes:
        seal = hashlib.sha256(self._job + b"\n%d\n" % number)
        for piece in body:
            seal.update(piece)
        return seal.digest()

    def _is_sealed(self, path: Path, number: int) -> bool:
        size = path.stat().st_size - _SEAL_BYTES
        with path.open("rb") as file:
            pieces = (file.read(min(2**20, size - at)) for at in range(0, size, 2**20))
            return self._seal(number, pieces) == file.read() and size > 0

    def _refuse(self, allowed: str) -> Any:
        reject_value("checkpoint", str(self.path), allowed)


def describe(chunks: Cut) -> dict[str, Any]:
    """Return all that decides the chunks, as JSON knows it."""
    job = chunks.job
    return {
        "format": FORMAT,
        "plan": asdict(job.plan),
        "replicates": job.replicates,
        "seed": job.seed,
        "method": job.method,
        "record": list(job.record),
        "r_max": job.r_max,
        "weights": job.weights_digest,
        "versions": versions(),
        "chunks": {"number": len(chunks), "replicates": chunks.replicates, "pieces": chunks.pieces},
    }


def _differences(there: Mapping[str, Any], here: Mapping[str, Any], of: str = "") -> Iterator[str]:
    """Yield what two manifests say differently, a few words each."""
    for name in sorted({*there, *here}, key=[*here, *there].index):
        old, new = there.get(name), here.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _differences(old, new, f"{of}{name} ")
        elif old != new:
            yield f"its {of}{name} is {json.dumps(old)}, not {json.dumps(new)}"


def _write_durably(path: Path, pieces: Iterable[bytes | memoryview]) -> None:
    """Write a file whole or not at all, and on the disk when this returns."""
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if os.name == "posix":
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
