"""The report: one self-contained HTML page, with the numbers behind it beside it."""
