"""A bar on stderr with draws a second and the time that is left, for people only."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from simulations.tallies import Progress
from softsample_theory import output
from softsample_theory.plan import SamplingPlan


@contextmanager
def progress_bar(plan: SamplingPlan, replicates: int, method: str) -> Iterator[Progress | None]:
    """Yield what `simulate` takes as `progress`, which draws a bar; None while stderr is no terminal."""
    console = output.console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    steps = plan.subset * plan.refreshes() if method == "draws" else plan.epochs
    pace = Pace(replicates * steps, "draws" if method == "draws" else "epochs")
    columns = (TextColumn("simulating"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[pace]}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, pace=_at_first(method))

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, pace=pace.text(done, total, time.monotonic()))

        yield show


def _at_first(method: str) -> str:
    """Return what is worth saying before anything is done: that the kernels are being compiled, if so."""
    from simulations.compilation import is_compiled
    from simulations.kernels.coverage import cover_blocks
    from simulations.kernels.exact_curves import coverage_chain

    ready = is_compiled(cover_blocks if method == "draws" else coverage_chain)
    return "" if ready else "compiling the kernels, once after installation"


class Pace:
    """How fast a run goes, and how long it still takes, since its progress was first told.

    Parameters
    ----------
    amount : what the whole run does, in `units`.
    units : their name.
    """

    def __init__(self, amount: int, units: str) -> None:
        self.amount = amount
        self.units = units
        self.start: tuple[int, float] | None = None

    def text(self, done: int, total: int, now: float) -> str:
        """Return the pace in words.

        >>> pace = Pace(amount=4_000_000_000, units="draws")
        >>> pace.text(100, 400, now=5.0), pace.text(200, 400, now=7.5)
        ('', '4.00e+08 draws/s, 5 s left')
        """
        if self.start is None:
            self.start = done, now
        first, began = self.start
        if done == first or now == began:
            return ""
        share = (done - first) / total / (now - began)
        return f"{self.amount * share:.2e} {self.units}/s, {_duration((1 - done / total) / share)} left"


def _duration(seconds: float) -> str:
    """Return a time as people say it.

    >>> _duration(42.4), _duration(605), _duration(7300)
    ('42 s', '10 min 5 s', '2 h 1 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
