r"""Closed bounds beside the exact laws, each named and labelled: lower bound, upper bound or approximation.

They hold for the schemes that draw by chance, and rest on one fact: the indicators "item i has been seen
fewer than d times" are negatively associated. Within an epoch the hits of the n items are a permutation of
fixed numbers (`subset`), multinomial (`iid`) or independent (`poisson`), each negatively associated; epochs
are independent, and each indicator is a decreasing function of its own item's hits alone (Joag-Dev and
Proschan 1983). So products of functions of the indicators, all increasing or all decreasing, have at most
the expectation that they would have if the indicators were independent: every Chernoff-type bound and
:math:`P(\text{none}) \le (1-F)^n` carry over (Dubhashi and Ranjan 1998), and the indicators are negatively
related in the sense of Barbour, Holst and Janson.

References
----------
K. Joag-Dev and F. Proschan, Negative association of random variables, Ann. Statist. 11, 1983.
D. Dubhashi and D. Ranjan, Balls and bins: a study in negative dependence, Random Struct. Algorithms 13, 1998.
A. D. Barbour, L. Holst and S. Janson, Poisson Approximation, Oxford, 1992, Corollary 2.C.2.
C. McDiarmid, On the method of bounded differences, Surveys in Combinatorics, 1989.
"""

from softsample_theory.bounds.bound import Bound
from softsample_theory.bounds.covering_time import covering_time_bounds
from softsample_theory.bounds.distinct_count import coverage_bounds

__all__ = ["Bound", "coverage_bounds", "covering_time_bounds"]
