"""The name of this machine's processor, for whoever reads a measured time."""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")
_NAMES = ("model name", "Model", "cpu model", "uarch")
_SYSCTL = ("/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string")


def processor_name() -> str:
    """Return what the processor calls itself; its architecture where the system gives no name.

    Examples
    --------
    >>> processor_name() != ""
    True
    """
    if _CPUINFO.exists():
        name = name_in(_CPUINFO.read_text(encoding="utf-8", errors="replace"))
    elif platform.system() == "Darwin":
        name = subprocess.run(_SYSCTL, capture_output=True, text=True, check=False).stdout.strip()
    else:
        name = platform.processor()
    return name or platform.machine() or "unknown processor"


def name_in(cpuinfo: str) -> str:
    """Return the name that Linux gives the processor, "" where it gives none.

    Examples
    --------
    >>> name_in("processor: 0\\nmodel name\\t: AMD EPYC  9354\\n")
    'AMD EPYC 9354'
    >>> name_in("processor: 0\\n")
    ''
    """
    lines = (line.partition(":") for line in cpuinfo.splitlines())
    fields = {key.strip(): " ".join(value.split()) for key, _, value in lines}
    return next((fields[key] for key in _NAMES if fields.get(key)), "")
