"""Table 1 beside the printed numbers, and the covering times, as tables of a page."""

from __future__ import annotations

from figures.cover_time import CoveringTimes
from figures.style import percent
from figures.table1 import Table1
from paper_checks.page.document import Markup, element, table
from paper_checks.srs.covering_time import union_epochs


def table_1(data: Table1) -> Markup:
    """Return Table 1: printed, exact, rounded, simulated, and whether they agree."""
    rows = [
        [
            percent(float(data.rate[i])) if i % 3 == 0 else "",
            f"{data.epochs[i]}",
            f"{data.printed[i]:.1f}",
            f"{data.rounded[i]:.1f}",
            _mark(bool(data.agrees[i])),
            f"{data.exact[i]:.6f}",
            f"{data.simulated[i]:.3f} ± {data.standard_error[i]:.3f}",
            f"{round(float(data.z[i]), 1) + 0.0:+.1f}".replace("-", "−"),
        ]
        for i in range(data.rate.size)
    ]
    headings = (
        "rate",
        "epochs",
        "printed",
        "rounded",
        "agree",
        "exact",
        "simulated ± s.e.",
        "distance in s.e.",
    )
    return table(headings, rows, class_="thirds")


def covering_times(data: CoveringTimes) -> Markup:
    """Return the mean, the 95 % quantile and the sufficient number of epochs of each plan."""
    rows = [
        [
            f"{percent(time.rate)}",
            f"{time.subset} of {time.population}",
            f"{time.mean:.3f}",
            f"{time.simulated_mean:.2f} ± {time.standard_error:.2f}",
            f"{time.quantile}",
            f"{union_epochs(time.population, time.subset, 0.05)}",
        ]
        for time in data.times
    ]
    headings = (
        "rate",
        "chunks an epoch",
        "exact mean",
        "simulated ± s.e.",
        "95 % quantile",
        "epochs that suffice",
    )
    return table(headings, rows)


def _mark(agrees: bool) -> Markup:
    return element("span", "✓", class_="good") if agrees else element("span", "✗", class_="bad")
