"""How much memory there is, asked before it is taken."""

from __future__ import annotations

import os
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
_MEMINFO = Path("/proc/meminfo")


def available_memory() -> int | None:
    """Return the bytes that can still be taken, None where the system does not say.

    The smaller of what the machine has left and what the control group of this process has left (Linux); half
    of the physical memory elsewhere.
    """
    if not _MEMINFO.exists():
        pages = os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
        return pages * os.sysconf("SC_PAGE_SIZE") // 2 if pages > 0 else None
    fields = dict(line.split(":") for line in _MEMINFO.read_text().splitlines())
    left = [int(fields["MemAvailable"].split()[0]) * 1024]
    limit, used = _CGROUP / "memory.max", _CGROUP / "memory.current"
    if limit.exists() and (text := limit.read_text().strip()) != "max":
        left.append(int(text) - int(used.read_text()))
    return max(0, min(left))


def in_words(size: float) -> str:
    """Return a number of bytes as people read it.

    >>> in_words(3_400_000_000)
    '3.4 GB'
    """
    for unit in ("bytes", "kB", "MB", "GB", "TB", "PB"):
        if size < 1000 or unit == "PB":
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError("unreachable")
