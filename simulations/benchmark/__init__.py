"""How fast the simulator is on this machine, beside NumPy and beside what a draw takes at least."""

from simulations.benchmark.cases import CASES, QUICK_CASES, Case
from simulations.benchmark.measured import Benchmark
from simulations.benchmark.measurement import benchmark
from simulations.benchmark.rounds import FULL, QUICK, Effort

__all__ = ["CASES", "FULL", "QUICK", "QUICK_CASES", "Benchmark", "Case", "Effort", "benchmark"]
