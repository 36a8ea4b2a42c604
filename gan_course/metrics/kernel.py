"""Kernel distance between two sets of features: KID where these are an Inception network's."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gan_course.metrics.features import features_pair
from gan_course.runtime import make_rng


class Kid(NamedTuple):
    """Estimates of one distance from random subsets.

    Attributes:
        mean: of the estimates; unbiased, so it may fall a little below 0 where the sets are alike.
        std: their scatter, √(mean of squared deviations). It tells of subsets of that size, not of the mean.
    """

    mean: float
    std: float


def kid(
    real_features: Tensor | np.ndarray,
    fake_features: Tensor | np.ndarray,
    subsets: int = 100,
    subset_size: int = 1_000,
    seed: int = 0,
) -> Kid:
    """The kernel distance, averaged over random subsets of both sets.

    Unlike the Fréchet distance it does not depend on the sample size, but for its scatter.

    Args:
        real_features: (N, d), or images (N, 1, 28, 28), which go through `pretrained.features`.
        fake_features: the same, of M samples.
        subsets: how many, from 1.
        subset_size: samples drawn from each side, without repetition; from 2 to the smaller of N and M.
        seed: for the draws.

    Raises:
        ValueError: the features don't fit, or a number is out of its range.

    Source: Bińkowski et al. 2018, "Demystifying MMD GANs", Section 4.
    """
    real, fake = features_pair(real_features, fake_features)
    fewest = min(len(real), len(fake))
    if not 2 <= subset_size <= fewest:
        raise ValueError(
            f"Expected subset_size from 2 to {fewest:,}, the number of samples in the smaller set, got "
            f"{subset_size:,}: set subset_size=, or make more samples."
        )
    if subsets < 1:
        raise ValueError(f"Expected subsets to be at least 1, got {subsets}.")
    rng = make_rng(seed, "kid")
    estimates = [_mmd2(_draw(real, subset_size, rng), _draw(fake, subset_size, rng)) for _ in range(subsets)]
    return Kid(float(np.mean(estimates)), float(np.std(estimates)))


def _draw(features, n, rng):
    return features[torch.randperm(len(features), generator=rng)[:n]]


def _mmd2(x: Tensor, y: Tensor) -> float:
    """Unbiased estimate of the squared maximum mean discrepancy from (m, d) and (m, d): Equation 4 there."""
    m = len(x)
    within = sum((k.sum() - k.trace()) / (m * (m - 1)) for k in (_kernel(x, x), _kernel(y, y)))
    return (within - 2 * _kernel(x, y).mean()).item()


def _kernel(x, y):
    return (x @ y.T / x.shape[1] + 1).pow_(3)
