"""Convergence and generalisation bounds whose every step is certified exactly.

`theorems` maps names to theorems. `theorem.check()` decides each step over the rationals,
`theorem.bound(...)` evaluates the conclusion, `theorem.latex()` and `theorem.text()` print the derivation.
SymPy is loaded with the first theorem, not with this package.
"""

from softsample_theory.proofs.registry import theorems

__all__ = ["theorems"]
