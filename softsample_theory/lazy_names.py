"""Public names that load on first use (PEP 562), so that importing a package costs nothing."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping


def lazy_names(
    package: str, table: Mapping[str, str], namespace: dict[str, object]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return the `__getattr__` and `__dir__` of a package whose names live in other modules.

    Parameters
    ----------
    package : the package's `__name__`.
    table : name -> "module:attribute", or "module" where the name is the module itself.
    namespace : the package's `globals()`; what has been loaded once is kept there.
    """

    def get(name: str) -> object:
        if name not in table:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, _, attribute = table[name].partition(":")
        loaded: object = importlib.import_module(module)
        if attribute:
            loaded = getattr(loaded, attribute)
        namespace[name] = loaded
        return loaded

    return get, lambda: sorted({*namespace, *table})
