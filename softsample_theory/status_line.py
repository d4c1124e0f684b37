"""One line on stderr that says what is going on, for people only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from softsample_theory import output


@contextmanager
def status_line() -> Iterator[Callable[[str], None]]:
    """Yield a function that shows a text with a spinner while stderr is a terminal, and else does nothing."""
    console = output.console(stderr=True)
    if not console.is_terminal:
        yield lambda text: None
        return
    with console.status("starting") as status:
        yield status.update
