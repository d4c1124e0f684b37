"""The proof engine: exact algebra, domains with signs, step kinds, theorems, mutants."""
