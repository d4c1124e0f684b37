"""C41, C42, C44, C45: what the paper's own tables say, by arithmetic on the printed digits (section 5)."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from paper_checks.claim import Claim, Subject, Tally
from paper_checks.srs import printed_tables as tables

SOURCE = "Soft Sampling, ICLR 2023 submission, section 5"
KNOWN_UTTERANCES = 281_241
"""Utterances in LibriSpeech's 960 hours of training data."""


def check_averages(average: Callable[[tuple[Fraction, ...]], Fraction], tally: Tally) -> None:
    """C41: the thirteen averages of Table 4, from its eight columns."""
    for row in tables.TABLE_4:
        found = average(tuple(map(Fraction, row.word_errors)))
        tally.near(row.method, found, Fraction(row.average), within=Fraction(1, 200))


def check_time_model(hours: Callable[[Fraction, int, int, Fraction], Fraction], tally: Tally) -> None:
    """C42: the model is within 8 % of every reported time."""
    worst = Fraction(0)
    for name, full, K, W, reported in tables.TRAINING_HOURS:
        for rate, text in reported.items():
            model, seen = hours(Fraction(full), K, W, Fraction(rate)), Fraction(text)
            tally.approximates(f"{name} at {rate}", model, seen, within=seen * Fraction(8, 100))
            worst = max(worst, abs(model / seen - 1))
    tally.record("largest deviation", worst)


def check_text_against_tables(wins: Callable[[tables.Pair, str], bool], tally: Tally) -> None:
    """C44: above the smallest rate no cell should show GRAD-MATCH ahead."""
    for pair in tables.PAIRS:
        for rate in pair.rates[1:]:
            tally.judge(f"{pair.name}, {rate}", not wins(pair, rate), "GRAD-MATCH is ahead")
    tally.record("contradicting cells", tally.faults)


def check_data_sizes(utterances: int, tally: Tally) -> None:
    """C45: 960 hours over so many utterances of at most 35 s each."""
    seconds = Fraction(960 * 3600, utterances)
    tally.record("mean seconds an utterance", seconds)
    tally.at_most("mean length of a LibriSpeech utterance in seconds", seconds, 35)


# The formulas ----------------------------------------------------------------------------------------------


def plain_average(values: tuple[Fraction, ...]) -> Fraction:
    """Mean of the test sets, each counted once."""
    return sum(values, Fraction(0)) / len(values)


def model_hours(full: Fraction, K: int, W: int, rate: Fraction) -> Fraction:
    """t_full (W + (K-W) rate)/K: W epochs on everything, the rest on a share."""
    return full * (W + (K - W) * rate) / K


CLAIMS = (
    Claim(
        id="C41",
        title="Averages of Table 4",
        statement="Each of the thirteen averages of Table 4 is the mean of its eight word error rates.",
        source=f"{SOURCE}, Table 4",
        method="exact",
        check=check_averages,
        subjects=(Subject("mean of eight test sets", plain_average),),
        planted=(
            Subject("the last test set left out", lambda values: plain_average(values[:-1])),
            Subject("median", lambda values: sum(sorted(values)[3:5], Fraction(0)) / 2),
        ),
    ),
    Claim(
        id="C42",
        title="Training time",
        statement="The hours of soft sampling in Tables 2 to 4 are t_full (W + (K-W) rate)/K within 8 %,"
        " with W = 0, 2 and 1 epochs on all data for CIFAR10, LibriSpeech and Payload.",
        source=f"derived from {SOURCE}, Tables 2 to 4",
        method="numeric",
        check=check_time_model,
        subjects=(Subject("t_full (W + (K-W) rate)/K", model_hours),),
        planted=(
            Subject("warm epochs ignored", lambda full, K, W, rate: model_hours(full, K, 0, rate)),
            Subject("one more warm epoch", lambda full, K, W, rate: model_hours(full, K, W + 1, rate)),
        ),
        expected="approximation",
    ),
    Claim(
        id="C44",
        title="Where GRAD-MATCH is ahead",
        statement="The text says that GRAD-MATCH beats soft sampling only at the smallest rate, at equal"
        " interval. Tables 2 and 3 contradict it in five cells.",
        source=f"{SOURCE}, text and Tables 2 and 3",
        method="exact",
        check=check_text_against_tables,
        subjects=(Subject("Tables 2 and 3", tables.Pair.grad_match_wins),),
        planted=(
            Subject("only leads above a whole point", lambda pair, rate: abs(_lead(pair, rate)) > 1),
            Subject("no cell ever", lambda pair, rate: False),
        ),
        expected="fails as printed",
    ),
    Claim(
        id="C45",
        title="Size of LibriSpeech",
        statement="The text gives LibriSpeech about 30,000 utterances of at most 35 s in 960 hours; that"
        " many would have to last 115 s on average. The known count is 281,241.",
        source=f"{SOURCE}, description of the data",
        method="exact",
        check=check_data_sizes,
        subjects=(Subject("30,000 utterances", 30_000),),
        planted=(Subject("the known count", KNOWN_UTTERANCES),),
        expected="fails as printed",
    ),
)


def _lead(pair: tables.Pair, rate: str) -> Fraction:
    position = pair.rates.index(rate)
    return Fraction(pair.grad_match[position]) - Fraction(pair.soft_sampling[position])
