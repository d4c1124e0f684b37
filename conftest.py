"""A module that needs an extra is collected for its doctests where the extra is installed."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("torch") else ["simulations/training/torch_samplers.py"]
