"""Whether the kernels still have to be compiled: once after installation, some ten seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def is_compiled(kernel: Any) -> bool:
    """Say whether a kernel is compiled, in this process or in the cache that its installation left.

    Examples
    --------
    >>> from simulations.streams import seed_key
    >>> is_compiled(seed_key)
    True
    """
    if not hasattr(kernel, "stats"):
        return True
    cache = Path(kernel.stats.cache_path)
    name = f"{kernel.__module__.rpartition('.')[2]}.{kernel.__qualname__}-*.nbi"
    return bool(kernel.signatures) or any(cache.glob(name))
