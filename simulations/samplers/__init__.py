"""Exact discrete samplers for Numba kernels, driven by counter-based streams."""
