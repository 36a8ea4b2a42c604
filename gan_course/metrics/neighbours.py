"""Quality and diversity apart: which samples lie among the other set's neighbours.

Each set stands for the region covered by balls around its samples, each reaching to the sample's k-th
nearest neighbour in its own set.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gan_course.metrics.features import features_pair

BLOCK = 2**23  # distances held at a time: 64 MiB
TIE = 1e-12  # relative to the largest squared norm: squared distances closer than this are equal but for rounding


class PrecisionRecall(NamedTuple):
    """Quality and diversity, each in [0, 1].

    Attributes:
        precision: share of the fakes that lie within the real samples' balls: quality.
        recall: share of the real samples that lie within the fakes' balls: diversity.
    """

    precision: float
    recall: float


class DensityCoverage(NamedTuple):
    """Quality and diversity, both counted in the real samples' balls.

    Attributes:
        density: how many real balls a fake lies in, on average, divided by k: quality; 1 on average for a
            perfect generator, and not bounded by it.
        coverage: share of the real samples whose ball holds a fake: diversity, in [0, 1].
    """

    density: float
    coverage: float


def precision_recall(real: Tensor | np.ndarray, fake: Tensor | np.ndarray, k: int = 3) -> PrecisionRecall:
    """Improved precision and recall; a ball holds its rim.

    One outlier among the real samples has a huge ball that makes any fake near it "precise": see
    `density_coverage`.

    Args:
        real: features (N, d), or images (N, 1, 28, 28), which go through `pretrained.features`.
        fake: the same, of M samples.
        k: neighbours that make a ball, from 1 to the smaller of N and M, less 1.

    Raises:
        ValueError: the features don't fit, or k is out of its range.

    Source: Kynkäänniemi et al. 2019, "Improved Precision and Recall Metric for Assessing Generative Models",
        Equations 1 and 2.
    """
    real, fake, tie = _prepared(real, fake)
    _check_k(k, min(len(real), len(fake)))
    real_balls, fake_balls = _squared_radii(real, k) + tie, _squared_radii(fake, k) + tie
    return PrecisionRecall(
        precision=sum((block <= real_balls).any(dim=1).sum().item() for _, block in _blocks(fake, real)) / len(fake),
        recall=sum((block <= fake_balls).any(dim=1).sum().item() for _, block in _blocks(real, fake)) / len(real),
    )


def density_coverage(real: Tensor | np.ndarray, fake: Tensor | np.ndarray, k: int = 5) -> DensityCoverage:
    """Density and coverage, which an outlier can't flatter.

    A ball does not hold its rim, as in the authors' code, so that a copy of the real set has density 1. For a
    perfect generator with as many samples as there are real ones, coverage is about 1 - ½ᵏ: 0.97 for k = 5.

    Args:
        real: features (N, d), or images (N, 1, 28, 28), which go through `pretrained.features`.
        fake: the same, of M samples.
        k: neighbours that make a ball, from 1 to N - 1.

    Raises:
        ValueError: the features don't fit, or k is out of its range.

    Source: Naeem et al. 2020, "Reliable Fidelity and Diversity Metrics for Generative Models", Equations 3 and 4.
    """
    real, fake, tie = _prepared(real, fake)
    _check_k(k, len(real))
    balls = _squared_radii(real, k) - tie
    held = covered = 0
    for rows, block in _blocks(real, fake):
        inside = block < balls[rows, None]
        held += inside.sum().item()
        covered += inside.any(dim=1).sum().item()
    return DensityCoverage(density=held / (k * len(fake)), coverage=covered / len(real))


def _prepared(real, fake) -> tuple[Tensor, Tensor, float]:
    """Both sets around the real mean, where their products lose the fewest digits, and what counts as a tie."""
    real, fake = features_pair(real, fake)
    middle = real.mean(dim=0)
    real, fake = real - middle, fake - middle
    return real, fake, TIE * max(x.square().sum(dim=1).max().item() for x in (real, fake))


def _check_k(k: int, n: int) -> None:
    if not 1 <= k < n:
        raise ValueError(f"Expected k from 1 to {n - 1:,}, since the set has {n:,} samples, got {k}.")


def _squared_radii(points: Tensor, k: int) -> Tensor:
    """(N,) from each point to its k-th nearest other."""
    return torch.cat([block.kthvalue(k + 1, dim=1).values for _, block in _blocks(points, points)])  # itself is first


def _blocks(x: Tensor, y: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """Squared distances (rows, M) between some rows of x (N, d) and all of y (M, d), until all rows are done."""
    rows, y_norms = max(1, BLOCK // len(y)), y.square().sum(dim=1)
    for start in range(0, len(x), rows):
        part = x[start : start + rows]
        squared = torch.addmm(y_norms, part, y.T, alpha=-2).add_(part.square().sum(dim=1, keepdim=True))
        yield slice(start, start + rows), squared
