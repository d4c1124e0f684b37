"""The letters of the proofs, each made once: a symbol carries no sign, its range stands in the theorem."""

from __future__ import annotations

from sympy import Rational

from softsample_theory.proofs.engine.algebra import Named, inner, square, vector
from softsample_theory.proofs.engine.domain import Variable

HALF = Rational(1, 2)

# Sizes
n = Named("n")
m = Named("m")
b = Named("b")
P = Named("P")
K = Named("K")
T = Named("T")
t = Named("t")
# Constants of the loss
L = Named("L")
mu = Named("μ", r"\mu")
sigma2 = Named("σ²", r"\sigma^2")
Delta = Named("Δ", r"\Delta")
F_inf = Named("inf F", r"\inf F")
# Step sizes
eta = Named("η", r"\eta")
x = Named("x")
# The iterate w, the next one w⁺, and the values and gradients there
w_next = r"w^+"
F = Named("F(w)", "F(w)")
F_next = Named("F(w⁺)", r"F(w^+)")
EF_next = Named("E F(w⁺)", r"\mathbb{E}F(w^+)")
S2 = Named("S²", r"S^2(w)")
G = vector("∇F", r"\nabla F(w)")
g = vector("g")
GG = square(G)
# Sums over the run
SUM = Named("Σ|∇F|²", r"\sum_{s<t}\mathbb{E}\|\nabla F(w_s)\|^2")
A = Named("a^t", "a^t")

SMOOTHNESS = Variable(L, "L, the smoothness of the loss", low_open=True, word="smoothness")
VARIANCE = Variable(sigma2, "σ², the largest variance of the gradients of single units", word="variance")
GAP = Variable(Delta, "Δ = F(w_0) - inf F, the gap at the start", word="gap")
BATCH = Variable(b, "b, units in a batch", low=1, whole=True, word="batch")
EPOCHS = Variable(K, "K, epochs", low=1, whole=True, word="epochs")

PL = Variable(mu, "μ, the Polyak-Łojasiewicz constant", low_open=True, high=L, word="curvature")
COUNTED = "it only counts the steps, and the proof sees their number t"
SEPARATE = "the finite-population factor is a parameter with a range of its own, used in the lemma"
MEANINGLESS = "no problem has a negative value; the range only turns away meaningless arguments"

__all__ = [name for name in dir() if not name.startswith("_")]
__all__ += ["inner", "square", "vector"]
