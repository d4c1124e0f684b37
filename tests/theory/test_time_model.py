"""What plans cost, against the hours that the SRS paper reports."""

from dataclasses import replace

import pytest

from softsample_theory import SamplingPlan, plans
from softsample_theory.planner import TimeModel, plan_for
from softsample_theory.time_model import matched_full_schedule, optimiser_steps, samples_processed

LOAD = 42 / 3600  # hours to load a chunk of Payload; 320 of them 3.73 h (srs.md section 6)
PAYLOAD_TIME = TimeModel(step=426.7 / 20 / 320 - LOAD, loading=LOAD)
LIBRISPEECH_TIME = TimeModel(step=103.2 / 30 / 11_719)
CIFAR10_TIME = TimeModel(step=0.60 / 320 / 98, selection=1.485 / 320)  # GM at R = 1 adds 1.48 to 1.49 h


@pytest.mark.parametrize(
    ("experiment", "model", "interval", "warm", "scheme", "hours"),
    [  # the paper's Tables 2 to 4, in hours
        (plans.LIBRISPEECH, LIBRISPEECH_TIME, 1, 2, "subset", (8.0, 11.7, 17.0, 27.9, 36.5)),
        (plans.PAYLOAD, PAYLOAD_TIME, 1, 1, "subset", (42.3, 59.8, 106.4)),
        (plans.PAYLOAD, PAYLOAD_TIME, 1, 0, "subset", (22.1, 40.9, 89.6)),
        (plans.PAYLOAD, PAYLOAD_TIME, 1, 0, "fixed", (21.7, 41.6, 89.0)),
        (plans.CIFAR10, replace(CIFAR10_TIME, selection=0.0), 1, 0, "subset", (0.03, 0.06, 0.12, 0.18)),
        (plans.CIFAR10, CIFAR10_TIME, 1, 0, "subset", (1.52, 1.55, 1.60, 1.66)),  # GRAD-MATCH
        (plans.CIFAR10, CIFAR10_TIME, 10, 0, "subset", (0.18, 0.21, 0.27, 0.33)),  # every 10 epochs
    ],
)
def test_the_time_model_gives_the_papers_hours(experiment, model, interval, warm, scheme, hours):
    for ratio, reported in zip(experiment.ratios, hours, strict=True):
        run = experiment.plan(ratio, scheme, refresh_every=interval, warm_epochs=warm)
        assert model.time(run, batch_size=1) == pytest.approx(reported, rel=0.08)


def test_a_time_model_without_warm_epochs_or_selections_misses_them():
    cold = plans.PAYLOAD.plan(0.05)
    assert PAYLOAD_TIME.time(cold, 1) != pytest.approx(42.3, rel=0.08)
    ranked = plans.CIFAR10.plan(0.05, refresh_every=10)
    assert replace(CIFAR10_TIME, selection=0.0).time(ranked, 1) != pytest.approx(0.18, rel=0.08)


def test_cost_against_full_training():
    """Speed-ups of Payload by the model: 20/(1 + 19 m/320), the reported 10.09, 7.14 and 4.01 within 8 %."""
    full = PAYLOAD_TIME.time(plans.PAYLOAD.plan(1.0).under("full"), 1)
    assert full == pytest.approx(426.7, rel=1e-12)
    for plan, reported in zip(plans.PAYLOAD, (10.09, 7.14, 4.01), strict=True):
        speedup = full / PAYLOAD_TIME.time(replace(plan, warm_epochs=1), 1)
        assert speedup == pytest.approx(20 / (1 + 19 * plan.subset / 320), rel=1e-12)
        assert speedup == pytest.approx(reported, rel=0.08)
    answer = plan_for(320, ratio=0.1, batch_size=1, time_model=PAYLOAD_TIME, full_epochs=20)
    assert answer.choice.full_time == pytest.approx(426.7, rel=1e-12)


def test_steps_samples_and_the_matched_schedule():
    plan = SamplingPlan(1000, subset=130, epochs=9, warm_epochs=2)
    assert optimiser_steps(plan, 64) == 2 * 16 + 7 * 3  # ceil(1000/64), ceil(130/64)
    assert samples_processed(plan) == 2 * 1000 + 7 * 130
    matched = matched_full_schedule(plan, 64)
    assert 16 * matched.epochs + matched.more_steps == 53
    assert matched.stretch == pytest.approx(53 / 16 / 9, rel=1e-15)
