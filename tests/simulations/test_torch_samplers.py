"""The sampler inside torch's DataLoader: the same order for every number of workers, and its coverage."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (pip install softsample[train])")

from torch.utils.data import BatchSampler, DataLoader, Dataset, Sampler  # noqa: E402

from simulations.orders import epoch_indices  # noqa: E402
from simulations.training import (  # noqa: E402
    CoverageTracker,
    SoftRandomSampler,
    TorchSoftBatchSampler,
    TorchSoftRandomSampler,
)
from softsample_theory import SamplingPlan  # noqa: E402
from softsample_theory.validation import ArgumentValueError  # noqa: E402

SCHEMES = ("subset", "iid", "poisson", "reshuffle", "fixed", "full")


class Numbers(Dataset):
    """Items that are their own number."""

    def __init__(self, size):
        self.size = size

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        return index


def sampler(scheme="subset", kind=TorchSoftRandomSampler, **changes):
    arguments = {"subset_size": 60} if scheme != "full" else {}
    return kind(200, scheme=scheme, seed=5, **(arguments | changes))


def epochs_of(loader, epochs):
    return [[int(i) for batch in loader for i in batch] for _ in range(epochs)]


def test_they_are_torch_samplers():
    assert isinstance(sampler(), Sampler)
    assert isinstance(TorchSoftBatchSampler(sampler(), 8), BatchSampler)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_loader_visits_the_order_of_the_plan(scheme):
    chosen = sampler(scheme)
    plan = chosen.plan(3)
    loader = DataLoader(Numbers(200), batch_size=7, sampler=chosen)
    for epoch in range(3):
        assert len(loader) == -(-len(chosen) // 7)
        assert epochs_of(loader, 1)[0] == epoch_indices(plan, epoch + 1, seed=5).tolist()


@pytest.mark.parametrize("workers", [{"num_workers": 2}, {"num_workers": 2, "persistent_workers": True}])
def test_workers_change_nothing(workers):
    expected = epochs_of(DataLoader(Numbers(200), batch_size=7, sampler=sampler()), 3)
    loader = DataLoader(Numbers(200), batch_size=7, sampler=sampler(), **workers)
    assert epochs_of(loader, 3) == expected
    again = TorchSoftBatchSampler(sampler(), 7)
    assert epochs_of(DataLoader(Numbers(200), batch_sampler=again, **workers), 3) == expected


def test_a_loader_with_workers_goes_on_from_what_was_trained_on():
    chosen = sampler()
    expected = [chosen.items(epoch).tolist() for epoch in range(2)]
    loader = iter(DataLoader(Numbers(200), batch_size=5, sampler=chosen, num_workers=2))
    trained = [int(i) for _ in range(3) for i in next(loader)]
    assert chosen.position > 15  # the loader has asked ahead
    state = chosen.state_dict(epoch=0, position=15)
    del loader
    resumed = sampler()
    resumed.load_state_dict(state)
    rest = epochs_of(DataLoader(Numbers(200), batch_size=5, sampler=resumed, num_workers=2), 2)
    assert [trained + rest[0], rest[1]] == expected


def test_a_batch_sampler_goes_on_from_its_state():
    chosen = TorchSoftBatchSampler(sampler(), 7)
    batches = list(chosen)
    state = chosen.state_dict(epoch=0, position=21)
    resumed = TorchSoftBatchSampler(sampler(), 7)
    resumed.load_state_dict(state)
    resumed.set_epoch(0)
    assert list(resumed) == batches[3:]


@pytest.mark.parametrize("drop_last", [False, True])
def test_batches_and_their_number(drop_last):
    chosen = TorchSoftBatchSampler(sampler(), 7, drop_last)
    theirs = BatchSampler(sampler(), 7, drop_last)
    assert len(chosen) == len(theirs) == 9 - drop_last
    assert list(chosen) == list(theirs)
    assert DataLoader(Numbers(200), batch_sampler=chosen).batch_size is None


def test_units_are_batches():
    # 29 batches of 7 of 200 items, the last of 4.
    units = sampler(granularity="batch", unit_size=7, subset_size=10)
    batches = TorchSoftBatchSampler(units)
    for epoch in range(3):
        order = epoch_indices(SamplingPlan(29, subset=10, epochs=3), epoch + 1, seed=5)
        assert len(batches) == 10
        assert [batch[0] // 7 for batch in batches] == order.tolist()
    with pytest.raises(ArgumentValueError, match="batch_size is 8; it must be left out"):
        TorchSoftBatchSampler(units, 8)


def test_torch_keeps_its_random_state():
    before = torch.random.get_rng_state()
    list(sampler()), list(TorchSoftBatchSampler(sampler(), 7))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_measured_coverage_of_ranks_with_loaders():
    ranks = [sampler("iid", rank=r, world_size=3) for r in range(3)]
    trackers = [CoverageTracker(200, keep_epochs=True) for _ in ranks]
    for chosen, tracker in zip(ranks, trackers, strict=True):
        for _ in range(6):
            for batch in DataLoader(Numbers(200), batch_size=8, sampler=chosen):
                tracker.update(batch)
            tracker.end_epoch()
    merged = CoverageTracker.merged(trackers)
    alone = sampler("iid", kind=SoftRandomSampler)
    visits = np.bincount(np.concatenate([alone.items(epoch) for epoch in range(6)]), minlength=200)
    assert np.array_equal(merged.visits, visits)
    assert merged.report(alone.plan(6)).flagged == ()
