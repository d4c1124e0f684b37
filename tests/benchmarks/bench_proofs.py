"""Write docs/theorems.md: each theorem with its assumptions, rate, steps, mutants, tightness, oracle.

Run `python tests/benchmarks/bench_proofs.py [STARTS]`; it also prints the times. The last column needs PEPit.
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from pathlib import Path
from time import perf_counter

import numpy as np

from softsample_theory import output
from softsample_theory.proofs import theorems
from softsample_theory.proofs.engine.mutation import score
from softsample_theory.proofs.evidence.attacks import ATTACKS, attack

SEED = 20260
ORACLES: dict[str, list[tuple[str, tuple[object, ...]]]] = {
    "nonconvex-iid": [("nonconvex_iid", (1, 1.0)), ("nonconvex_iid", (2, 1.0))],
    "nonconvex-subset": [("subset_epoch", (2, 2, 0.25)), ("subset_epoch", (3, 2, 0.25))],
    "strongly-convex-iid": [("strongly_convex_iid", (1, 1.0)), ("strongly_convex_iid", (2, 1.0))],
    "convex-iid": [("convex_iid", (1, 1.0)), ("convex_iid", (2, 1.0))],
    "pl-iid": [("pl", ("iid", 2, 1, 0.5)), ("pl", ("iid", 2, 2, 0.5))],
    "pl-subset": [("pl", ("subset", 2, 2, 0.5)), ("pl", ("subset", 3, 2, 0.25))],
}
HEAD = """# The theorems

Written by `python tests/benchmarks/bench_proofs.py`. Each theorem is a file in
`softsample_theory/proofs/derivations/`; `softsample derive NAME` prints its derivation with every step's
justification, `theorems[NAME].bound(...)` evaluates it.

*Steps* are certified exactly; *mutants* are planted faults (a sign, a constant, a term, a citation, a range
or a step changed) that the check rejects, of those made; *equivalent* ones state something true by the same
proof and are listed below with the reason. *Tightness* is the largest left/right that a random search over
{starts} one-dimensional problems (n ≤ 4, exact means) and gradient ascents from the best of them found: none
exceeds 1. *Oracle* is the largest ratio of the exact worst case (PEPit) to the bound at n = 2 or 3 and one or
two steps or one epoch.

| theorem | assumptions | rate | steps | mutants killed | tightness | oracle |
|---|---|---|---|---|---|---|
"""


def main() -> None:
    """Measure, print and write the table."""
    starts = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    rows, notes, seconds = [], [], {"check": 0.0, "mutants": 0.0, "attack": 0.0, "oracle": 0.0}
    for name, theorem in theorems.items():
        certificate = theorem.check()
        seconds["check"] += certificate.seconds
        mutants, seconds["mutants"] = timed(seconds["mutants"], lambda each=theorem: score(each))
        tight, seconds["attack"] = timed(seconds["attack"], lambda each=name: tightness(each, starts))
        worst, seconds["oracle"] = timed(seconds["oracle"], lambda each=name: oracle(each))
        assumed = ", ".join(each.key for each in theorem.assumptions) or "none"
        rate = f"refuted: {theorem.refuted}" if theorem.refuted else theorem.rate
        killed = f"{mutants.killed} of {mutants.made}"
        rows.append([f"`{name}`", assumed, rate, str(len(theorem.steps)), killed, tight, worst])
        notes += [f"- `{name}`, {label}: {reason}." for label, reason in theorem.equivalent.items()]
        print(f"{name}: {certificate.seconds:.2f} s, {killed}, {tight}, {worst}")
    table = "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)
    text = HEAD.format(starts=starts) + table + "\n\n## Equivalent mutants\n\n" + "\n".join(notes) + "\n"
    output.write_text(Path(__file__).parents[2] / "docs" / "theorems.md", text)
    print(", ".join(f"{part} {total:.1f} s" for part, total in seconds.items()))
    print(f"a million bounds: {million():.2f} s")


def timed(before: float, measure: object) -> tuple[object, float]:
    """Return what was measured, and the seconds so far."""
    started = perf_counter()
    return measure(), before + perf_counter() - started


def tightness(name: str, starts: int) -> str:
    """Return the largest left/right that a search finds."""
    if name not in ATTACKS:
        return "-"
    found = attack(name, np.random.default_rng(SEED), starts, climbs=6)
    if found.largest > 1 + 1e-9:
        raise SystemExit(f"{name} is violated: left/right = {found.largest}")
    return f"{found.largest:.3f}"


def oracle(name: str) -> str:
    """Return the largest ratio of PEPit's worst case to the bound."""
    if name not in ORACLES:
        return "-"
    if importlib.util.find_spec("PEPit") is None:
        return "PEPit not installed"
    from softsample_theory.proofs.evidence import worst_case

    ratios = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the solver's remarks on its accuracy
        for function, arguments in ORACLES[name]:
            worst, bound = getattr(worst_case, function)(*arguments)
            ratios.append(worst / bound)
    return f"{max(ratios):.3f}"


def million() -> float:
    """Return the seconds that a million bounds of Theorem B take, once compiled."""
    given = {"smoothness": 1.0, "variance": 1.0, "gap": 1.0, "batch": 1, "subset": 10, "population": 100}
    steps = np.linspace(0.001, 0.09, 1_000_000)
    theorems["nonconvex-subset"].bound(**given, epochs=50, step=0.01)
    started = perf_counter()
    theorems["nonconvex-subset"].bound(**given, epochs=50, step=steps)
    return perf_counter() - started


if __name__ == "__main__":
    main()
