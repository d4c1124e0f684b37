"""Ctrl-C that is heeded within a second, even where a kernel is at work that nothing can stop."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

INTERRUPTED = 130
"""The exit code of a process that Ctrl-C has ended."""


@contextmanager
def ends_soon(message: str, patience: float = 0.9) -> Iterator[None]:
    """End the process where the body has not stopped by itself `patience` seconds after Ctrl-C.

    Python raises KeyboardInterrupt between two of its own steps, so one long step in compiled code would hold
    it up. A thread of its own is told of the signal at once, and waits. It serves commands, from the main
    thread; nothing on the disk needs a proper end (`simulations.checkpoint`).
    """
    hearing, told = socket.socketpair()
    told.setblocking(False)
    stopped = threading.Event()
    threading.Thread(target=_watch, args=(hearing, stopped, message, patience), daemon=True).start()
    before = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        stopped.set()
        signal.set_wakeup_fd(before)
        told.close()


def _watch(hearing: socket.socket, stopped: threading.Event, message: str, patience: float) -> None:
    """Wait for the signal, then for the body to stop; the other end is closed when it has."""
    with hearing:
        while number := hearing.recv(1):
            if number[0] == signal.SIGINT and not stopped.wait(patience):
                print(f"softsample: interrupted: {message}", file=sys.stderr, flush=True)
                os._exit(INTERRUPTED)
