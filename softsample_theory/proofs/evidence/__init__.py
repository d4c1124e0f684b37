"""Evidence that does not come from the algebra: searches for violations, worst cases by programs."""
