"""Whether the kernels still have to be compiled: once after installation, some ten seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def is_compiled(kernel: Any) -> bool:
    """Say whether a kernel is compiled, in this process or in the cache that its installation left.

    Examples
    --------
    >>> from simulations.streams import counter_word
    >>> _ = counter_word(1, 0)
    >>> is_compiled(counter_word)
    True
    """
    if kernel.signatures:
        return True
    folder = kernel.stats.cache_path
    name = f"{kernel.__module__.rpartition('.')[2]}.{kernel.__qualname__}-*.nbi"
    return folder is not None and any(Path(folder).glob(name))
