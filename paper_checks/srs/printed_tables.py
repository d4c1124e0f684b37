"""Tables 2 to 4 of the SRS paper as printed (ICLR 2023 submission, section 5): digits kept as text."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Row:
    """One row of Table 4: word error rates (percent) on eight test sets, their average, and hours."""

    method: str
    word_errors: tuple[str, ...]
    average: str
    hours: str


@dataclass(frozen=True)
class Pair:
    """Soft sampling (SS) and GRAD-MATCH (GM) at one selection interval, by selection rate in percent."""

    name: str
    larger_is_better: bool
    rates: tuple[str, ...]
    soft_sampling: tuple[str, ...]
    grad_match: tuple[str, ...]

    def grad_match_wins(self, rate: str) -> bool:
        """Say whether GRAD-MATCH is strictly better at this rate."""
        position = self.rates.index(rate)
        lead = Fraction(self.grad_match[position]) - Fraction(self.soft_sampling[position])
        return lead > 0 if self.larger_is_better else lead < 0


def _row(method: str, word_errors: str, average: str, hours: str) -> Row:
    return Row(method, tuple(word_errors.split()), average, hours)


TABLE_4 = (
    _row("full", "6.2 9.7 6.3 22.6 16.5 25.3 16.3 29.0", "16.49", "426.7"),
    _row("5%, fixed subset", "9.7 14.5 10.4 26.8 21.2 24.3 19.0 34.4", "20.04", "21.7"),
    _row("5%, no warm start", "9.5 14.6 9.9 26.4 21.3 24.7 19.0 33.8", "19.90", "22.1"),
    _row("5%, SS R=1", "7.5 12.0 8.0 23.7 18.9 24.1 17.6 30.6", "17.80", "42.3"),
    _row("5%, GM R=10", "7.5 12.1 7.4 23.8 18.7 25.7 17.6 31.2", "18.00", "128.3"),
    _row("10%, fixed subset", "8.2 12.6 8.3 24.5 19.7 24.0 17.7 32.3", "18.41", "41.6"),
    _row("10%, no warm start", "7.8 12.0 8.6 24.3 19.1 22.3 17.2 31.7", "17.88", "40.9"),
    _row("10%, SS R=1", "7.1 11.4 7.8 23.5 18.3 24.6 17.5 30.3", "17.56", "59.8"),
    _row("10%, GM R=10", "7.1 11.4 7.5 23.5 18.2 26.7 18.2 30.8", "17.93", "192.9"),
    _row("20%, fixed subset", "7.2 11.1 7.9 23.8 18.0 25.0 17.7 30.5", "17.65", "89.0"),
    _row("20%, no warm start", "7.0 11.0 7.1 23.5 18.1 23.9 16.6 29.9", "17.14", "89.6"),
    _row("20%, SS R=1", "6.8 10.7 7.2 23.0 17.7 24.9 17.4 29.9", "17.20", "106.4"),
    _row("20%, GM R=10", "6.9 11.0 7.2 23.2 17.5 26.9 17.8 30.3", "17.60", "314.5"),
)

TRAINING_HOURS: tuple[tuple[str, str, int, int, dict[str, str]], ...] = (
    ("CIFAR10", "0.60", 320, 0, {"0.05": "0.03", "0.10": "0.06", "0.20": "0.12", "0.30": "0.18"}),
    (
        "LibriSpeech",
        "103.2",
        30,
        2,
        {"0.01": "8.0", "0.05": "11.7", "0.10": "17.0", "0.20": "27.9", "0.30": "36.5"},
    ),
    ("Payload", "426.7", 20, 1, {"0.05": "42.3", "0.10": "59.8", "0.20": "106.4"}),
)
"""Data, hours on everything, epochs, warm epochs, and hours of soft sampling (R = 1) by selection rate."""

_CIFAR10 = ("5%", "10%", "20%", "30%")
_LIBRISPEECH = ("1%", "5%", "10%", "20%", "30%")
PAIRS = (
    Pair(
        "CIFAR10 R=1",
        True,
        _CIFAR10,
        ("89.59", "92.11", "93.27", "94.29"),
        ("89.88", "92.11", "93.50", "93.83"),
    ),
    Pair(
        "CIFAR10 R=10",
        True,
        _CIFAR10,
        ("87.24", "90.47", "92.71", "93.37"),
        ("87.44", "90.45", "92.63", "93.25"),
    ),
    Pair(
        "LibriSpeech R=1",
        False,
        _LIBRISPEECH,
        ("6.95", "6.02", "5.65", "4.76", "4.48"),
        ("7.09", "6.39", "5.63", "4.95", "4.55"),
    ),
    Pair(
        "LibriSpeech R=5",
        False,
        _LIBRISPEECH,
        ("7.12", "6.35", "5.87", "5.08", "4.62"),
        ("7.10", "6.41", "5.71", "5.01", "4.58"),
    ),
)
"""Accuracies of Table 2 and word error rates of Table 3."""
