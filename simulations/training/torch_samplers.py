"""The sampler as torch's own kinds of sampler, for `DataLoader(sampler=...)` and `(batch_sampler=...)`.

The order comes from `SoftRandomSampler`; torch's generators are not used. Samplers run in the loader's main
process, so workers, persistent or not, change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from torch.utils.data import BatchSampler, Sampler

from simulations.training.samplers import SoftRandomSampler


class TorchSoftRandomSampler(SoftRandomSampler, Sampler[int]):
    """`SoftRandomSampler`, with all of its arguments and methods, that is a torch `Sampler`.

    Shard with `rank` and `world_size`, not with `DistributedSampler`, which pads by repetition.

    Examples
    --------
    >>> from torch.utils.data import DataLoader
    >>> loader = DataLoader(range(1000), batch_size=3, sampler=TorchSoftRandomSampler(1000, 0.005, seed=0))
    >>> [batch.tolist() for batch in loader]
    [[240, 161, 105], [341, 962]]
    """


class TorchSoftBatchSampler(BatchSampler):
    """A `SoftRandomSampler` batch by batch, as a torch `BatchSampler`.

    Parameters
    ----------
    sampler : the sampler, of any granularity.
    batch_size : int, or None under granularity ``"batch"``, where each sampling unit is a batch.
    drop_last : bool, whether to leave out a shorter last batch of the epoch.

    Examples
    --------
    >>> sampler = SoftRandomSampler(10, subset_size=2, granularity="batch", unit_size=3, seed=1)
    >>> list(TorchSoftBatchSampler(sampler))
    [[3, 4, 5], [6, 7, 8]]
    """

    def __init__(
        self, sampler: SoftRandomSampler, batch_size: int | None = None, drop_last: bool = False
    ) -> None:
        sampler.batch_count(batch_size, drop_last)  # refuses what does not fit
        super().__init__(sampler, batch_size or sampler.asked.unit_size, drop_last)
        self._sampler, self._asked_size = sampler, batch_size

    def __iter__(self) -> Iterator[list[int]]:
        for batch in self._sampler.batches(self._asked_size, self.drop_last):
            yield batch.tolist()

    def __len__(self) -> int:
        return self._sampler.batch_count(self._asked_size, self.drop_last)

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch, from 0, the next pass visits."""
        self._sampler.set_epoch(epoch)

    def state_dict(self, epoch: int | None = None, position: int | None = None) -> dict[str, Any]:
        """Return the sampler's state; `position` counts items, not batches."""
        return self._sampler.state_dict(epoch, position)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where the state was taken."""
        self._sampler.load_state_dict(state)
