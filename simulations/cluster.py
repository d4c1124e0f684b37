"""The chunks of a job on a Dask cluster: the same numbers as in one process, whichever worker counts what."""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from simulations.chunks import Cut, count_chunk
from simulations.tallies import Counts, Job, Part
from simulations.versions import versions
from softsample_theory.validation import ArgumentTypeError, ArgumentValueError, reject_type

if TYPE_CHECKING:
    from distributed import Client

LOCAL = "local"
PATIENCE = 30
"""How many seconds a scheduler may take to answer, and to have its first worker."""
_AHEAD = 3  # chunks that each thread of the cluster has waiting, so that none is idle while results travel


class ClusterError(OSError):
    """A cluster that cannot be reached, or cannot do the work, in one line."""


@contextmanager
def connection(client: Client | None, dask: str | None, workers: int) -> Iterator[Client | None]:
    """Yield the client to work with, closed at the end if it was made here; None where none is asked for.

    Parameters
    ----------
    client : a client of the caller's, which stays open.
    dask : the address of a scheduler, or "local" for a cluster of `workers` processes on this machine.
    workers : how many.

    Raises
    ------
    ArgumentTypeError, ArgumentValueError
        Where both are given, or Dask is not installed.
    ClusterError
        Where no scheduler answers.
    """
    if client is None and dask is None:
        yield None
        return
    if client is not None and dask is not None:
        raise ArgumentTypeError("client and dask are both given; give one of the two")
    distributed = _distributed()
    if client is not None:
        if not isinstance(client, distributed.Client) or client.asynchronous:
            reject_type("client", client, "a distributed.Client that is not asynchronous")
        yield client
        return
    if not isinstance(dask, str):
        reject_type("dask", dask, f'the address of a scheduler, or "{LOCAL}"')
    with ExitStack() as stack:
        if dask == LOCAL:
            cluster = distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.ERROR,
                preload=__name__,
            )
            target: Any = stack.enter_context(cluster)
        else:
            target = dask
        try:
            own = distributed.Client(target, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as fault:
            raise ClusterError(f"dask is {dask!r}; no scheduler answers there: {_line(fault)}") from fault
        yield stack.enter_context(own)


def count_chunks(
    client: Client, chunks: Cut, numbers: Iterable[int], threads: int
) -> Generator[tuple[int, Counts], None, None]:
    """Yield (number, counts) of these chunks as they are finished, in any order.

    Chunks of a worker that dies are counted again by another. Only a few are under way for each thread of the
    cluster, so that results do not pile up on the workers.

    Raises
    ------
    ClusterError
        Where there is no worker, where a chunk killed every worker that took it, or the scheduler was lost.
    ArgumentValueError
        Where a worker runs other versions.
    """
    distributed = _distributed()
    _wait_for_a_worker(client)
    waiting, arrivals = iter(numbers), distributed.as_completed(loop=client.loop)
    running: dict[Any, int] = {}
    run = uuid4().hex  # two runs under one name would get each other's numbers from a scheduler they share

    def send() -> None:
        if client.status != "running":
            raise ClusterError(f"the cluster was lost: the client is {client.status}")
        room = _AHEAD * max(1, sum(client.nthreads().values())) - len(running)
        for number in islice(waiting, max(0, room)):
            task = (count_as, versions(), chunks.job, chunks[number], threads)
            future = client.submit(*task, pure=False, key=f"softsample-{run}-{number}")
            running[future] = number
            arrivals.add(future)

    try:
        with _faults_in_words(distributed):
            send()
            for future in arrivals:
                counts = future.result()
                number = running.pop(future)
                future.release()
                yield number, counts
                send()
    finally:
        if client.status == "running":
            client.cancel(list(running))


def count_as(made_by: dict[str, str], job: Job, part: Part, threads: int) -> Counts:
    """Return what a chunk counts, on a worker whose versions are those of the caller."""
    here = versions()
    if here != made_by:
        differ = ", ".join(
            f"{name} {here[name]}, not {old}" for name, old in made_by.items() if here[name] != old
        )
        raise ArgumentValueError(
            f"a worker on {socket.gethostname()} runs {differ}; give it the same versions"
        )
    return count_chunk(job, part, threads)


def dask_setup(worker: object) -> None:
    """Let a worker process on this machine ignore Ctrl-C, which is meant for the process that started it.

    It also keeps to itself that it lost its scheduler, as it does whenever that process ends first; what goes
    wrong in a chunk reaches that process as an exception. Dask calls this as a worker starts (``preload``).
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    logging.getLogger("distributed.worker").setLevel(logging.CRITICAL)


def _distributed() -> Any:
    """Return the module `distributed`, or say how to install it."""
    try:
        import distributed
    except ModuleNotFoundError as fault:
        raise ArgumentValueError(
            "a cluster needs Dask, which is not installed: pip install 'softsample[cluster]'"
        ) from fault
    return distributed


def _wait_for_a_worker(client: Client) -> None:
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as fault:
        raise ClusterError(f"the scheduler at {client.scheduler_info()['address']} has no worker") from fault


@contextmanager
def _faults_in_words(distributed: Any) -> Iterator[None]:
    """Turn the cluster's own faults into one line each."""
    try:
        yield
    except distributed.KilledWorker as fault:
        raise ClusterError(
            f"a chunk was given up, its workers died one after another: {_line(fault)}"
        ) from fault
    except ModuleNotFoundError as fault:
        raise ClusterError(f"the workers cannot import softsample: {_line(fault)}") from fault
    except (distributed.CancelledError, distributed.comm.CommClosedError) as fault:
        raise ClusterError(f"the cluster was lost: {_line(fault)}") from fault


def _line(fault: BaseException) -> str:
    """Return the first line of what a fault says."""
    return (str(fault).strip() or type(fault).__name__).splitlines()[0]
