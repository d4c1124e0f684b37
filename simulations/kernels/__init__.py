"""The loops over draws: one block of the population at a time, through all epochs."""
