"""How many of an epoch's draws fall into each block, with integers only: the same on every machine."""
