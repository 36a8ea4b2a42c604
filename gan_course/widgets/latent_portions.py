"""Many samples in small portions, so that a new picture is never kept waiting for long."""

import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

PORTION_SECONDS = 0.01  # about so long a portion takes
LEAST = {"cpu": 4}  # samples that are made together even if that takes longer; by device
LEAST_ELSEWHERE = 64


class Portions:
    """Makes samples for what can wait.

    Args:
        sample: z (N, Z), weights (N, K) or None -> samples.
        between: called before each portion; what it raises ends the work.
        device: where the samples are made: its type.
    """

    def __init__(self, sample: Callable[..., Tensor], between: Callable[[], object], device: Callable[[], str]):
        self._sample, self._between, self._device = sample, between, device
        self._portion = 8

    def __call__(self, z: np.ndarray | Tensor, weights: np.ndarray | None = None) -> Tensor:
        """Samples of z (N, Z); weights of the classes are (K,) for all, (N, K), or None."""
        z, done = torch.as_tensor(z), []
        rows = weights if weights is None or weights.ndim == 2 else np.broadcast_to(weights, (len(z), len(weights)))
        least = LEAST.get(self._device(), LEAST_ELSEWHERE)
        while len(z):
            self._between()
            start = time.perf_counter()
            done.append(self._sample(z[: self._portion], None if rows is None else rows[: self._portion]))
            z, rows = z[self._portion :], None if rows is None else rows[self._portion :]
            fitting = len(done[-1]) * PORTION_SECONDS / (time.perf_counter() - start)
            self._portion = max(least, int(min(fitting, 2 * self._portion)))
        return torch.cat(done)
