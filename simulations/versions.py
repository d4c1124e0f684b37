"""The versions that decide what a run returns."""

from __future__ import annotations

import numba
import numpy as np

from simulations.streams import LAYOUT
from softsample_theory.version import __version__


def versions() -> dict[str, str]:
    """Return the versions that a result carries: of softsample, the streams' layout, NumPy and Numba."""
    return {
        "softsample": __version__,
        "layout": str(LAYOUT),
        "numpy": np.__version__,
        "numba": numba.__version__,
    }
