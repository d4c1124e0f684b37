"""Where a covering time lies and how widely it spreads: starting values, never answers."""

from __future__ import annotations

import math

from softsample_theory.laws.time_law import MEDIAN_LEVEL

NORMAL_SLOPE = 0.87  # -dz / d log(-log Phi(z)) at z = 0


def decay_rate(n: int, m: int) -> float:
    """Return lambda = -log(1 - m/n), the rate at which the unseen fade; inf where m = n."""
    if m == n:
        return math.inf
    return -math.log1p(-m / n) if 2 * m < n else math.log(n / (n - m))


def cover_scale(
    n: int, m: int, s: int, copies: int = 1, fixed_size: bool = True
) -> tuple[float, float, float]:
    """Return the rough (location, width, smoothness) of `TimeLaw._scale`, for m < n and s >= 1.

    With `fixed_size` every epoch has m items, otherwise m on average; m = 1 counts single draws. The epoch
    is sought where u = n - s + 1/2 items are short of copies, on average. Around it their number falls at
    some rate and has some standard deviation; both give the width.
    """
    u = n - s + 0.5
    rate = decay_rate(n, m)
    if copies == 1:
        epoch = (math.log(n / u) if 2 * s > n else -math.log1p(-(s - 0.5) / n)) / rate
        slope = rate
        loss = -math.expm1(-epoch * rate) - fixed_size * epoch * (m / (n - m)) * (u / n)
    else:
        epoch, slope, loss = _with_copies(n, m, u, copies, fixed_size)
    sd = math.sqrt(max(u * loss, 1e-6))
    smoothness = 1 / (rate * (2 + u / sd))
    if s == n:  # P(T <= K) is near exp(-u(K))
        return epoch + math.log(u) / slope, 1 / slope, smoothness
    width = max(0.05, NORMAL_SLOPE * sd / (slope * u))
    return epoch + MEDIAN_LEVEL * width, width, smoothness


def _with_copies(n: int, m: int, u: float, copies: int, fixed_size: bool) -> tuple[float, float, float]:
    """Return the epoch with u short items, the rate at which they fade there, and Var/u of their number."""
    from scipy.special import betainc, gammaln

    rho, q = m / n, 1 - m / n

    def short(epochs: float) -> float:
        return float(betainc(epochs - copies + 1, copies, q))  # P(Bin(epochs, rho) < copies)

    low, high = float(copies), 2.0 * copies
    while short(high) > u / n:
        low, high = high, 2 * high
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if short(middle) > u / n else (low, middle)
    step = 0.01 * high
    slope = math.log(short(high) / short(high + step)) / step
    choices = gammaln(high + 1) - gammaln(copies + 1) - gammaln(high - copies + 1)
    just_enough = math.exp(choices + copies * math.log(rho) + (high - copies) * math.log1p(-rho))
    tied = copies**2 * q * just_enough**2 / (high * rho)  # the sum of all counts is fixed
    return high, slope, 1 - u / n - fixed_size * tied * n / u
