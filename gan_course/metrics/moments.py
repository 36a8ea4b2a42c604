"""Mean and covariance of a set of features that arrives in batches."""

import numpy as np
import torch
from torch import Tensor

from gan_course.metrics.features import as_features


class Moments:
    """Number, mean and covariance of the samples seen so far, in float64 on the CPU.

    Each batch is centred on its own mean before it is squared, so features far from zero lose no digits, as
    they would in E[xxᵀ] - μμᵀ.

    Source: Chan, Golub & LeVeque 1983, "Algorithms for Computing the Sample Variance", Section 3.
    """

    def __init__(self):
        self._n = 0
        self._mean: Tensor | None = None  # (d,)
        self._scatter: Tensor | None = None  # (d, d): sum of (x - mean)(x - mean)ᵀ

    def update(self, batch: Tensor | np.ndarray) -> "Moments":
        """Take in a batch of features (N, d), N from 1, and return self.

        Raises:
            ValueError: the batch is no set of finite features, or of another dimension than those before.
        """
        batch = as_features(batch, least=1)
        mean = batch.mean(dim=0)
        centred = batch - mean
        return self._add(len(batch), mean, centred.T @ centred)

    def merge(self, other: "Moments") -> "Moments":
        """Take in all that `other` has seen, and return self; `other` stays as it is.

        Raises:
            ValueError: the two are of different dimensions.
        """
        return self._add(other._n, other._mean, other._scatter) if other._n else self

    def _add(self, n, mean, scatter):
        if not self._n:
            self._n, self._mean, self._scatter = n, mean, scatter
            return self
        if mean.shape != self._mean.shape:
            raise ValueError(f"Expected features of dimension {len(self._mean)}, as before, got {len(mean)}.")
        total, apart = self._n + n, mean - self._mean
        self._scatter = self._scatter + scatter + torch.outer(apart, apart) * (self._n * n / total)
        self._mean = self._mean + apart * (n / total)
        self._n = total
        return self

    @property
    def n(self) -> int:
        """How many samples were seen."""
        return self._n

    @property
    def mean(self) -> Tensor:
        """(d,), float64."""
        self._check_seen(1)
        return self._mean

    @property
    def cov(self) -> Tensor:
        """(d, d), float64, divided by n - 1 as numpy.cov does."""
        self._check_seen(2)
        return self._scatter / (self._n - 1)

    def _check_seen(self, least: int) -> None:
        if self._n < least:
            raise ValueError(f"Expected at least {least} samples by now, got {self._n}: call update(batch) first.")

    def __repr__(self) -> str:
        return f"Moments(n={self._n:,}" + (f", d={len(self._mean)})" if self._n else ")")
