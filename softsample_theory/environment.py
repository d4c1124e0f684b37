"""What this machine and installation are: the facts that a result needs to be repeated."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version

from softsample_theory.version import __version__

PACKAGES = (
    "numpy",
    "scipy",
    "numba",
    "sympy",
    "matplotlib",
    "typer",
    "rich",
    "torch",
    "dask",
    "scikit-learn",
)
CUPY_WHEELS = ("cupy-cuda13x", "cupy-cuda12x", "cupy")


@dataclass(frozen=True)
class Environment:
    """Versions, machine and backends.

    Attributes
    ----------
    version : of softsample.
    python, system, machine : as the platform names them.
    processors : logical processors that this process may use.
    packages : version by name, None where not installed.
    backends : for each simulation backend, what is there or what is missing.
    """

    version: str
    python: str
    system: str
    machine: str
    processors: int
    packages: dict[str, str | None]
    backends: dict[str, str]


def environment() -> Environment:
    """Return the facts of this machine and installation."""
    return Environment(
        version=__version__,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()}",
        machine=platform.machine(),
        processors=_processors(),
        packages={name: _version(name) for name in PACKAGES},
        backends={"numba": f"available, {_processors()} processors", "cupy": _cupy()},
    )


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _version(package: str) -> str | None:
    try:
        return installed_version(package)
    except PackageNotFoundError:
        return None


def _cupy() -> str:
    found = next((name for name in CUPY_WHEELS if _version(name)), None)
    if found is None:
        return "not installed: pip install 'softsample[cuda13]' (or cuda12)"
    import cupy

    try:
        devices = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as fault:
        return f"{found} {_version(found)}, but no device: {fault}"
    names = [cupy.cuda.runtime.getDeviceProperties(i)["name"].decode() for i in range(devices)]
    return f"{found} {_version(found)} on {', '.join(names)}"
