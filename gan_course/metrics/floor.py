"""Real samples against real samples: what a Fréchet distance is where there is nothing to find."""

import torch
from torch import Tensor

from gan_course.metrics.features import as_features
from gan_course.metrics.frechet import frechet_from_features
from gan_course.runtime import make_rng


def two_halves(features: Tensor, n: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Two random sets of n different samples each, none of them in both: (n, d) and (n, d).

    Args:
        features: (N, d), N from 2·n.
        n: from 2.
        seed: for the draw.

    Raises:
        ValueError: the features are refused, or n does not fit.
    """
    features = as_features(features)
    if not 2 <= n <= len(features) // 2:
        raise ValueError(
            f"Expected n from 2 to {len(features) // 2:,}, half of the {len(features):,} samples, got {n:,}."
        )
    drawn = torch.randperm(len(features), generator=make_rng(seed, f"two halves {n}"))[: 2 * n]
    return features[drawn[:n]], features[drawn[n:]]


def fid_floor(features: Tensor, n: int, draws: int = 20, seed: int = 0) -> Tensor:
    """The Fréchet distance between two sets of n real samples each, several times: true value 0, all of it is bias.

    Large n take most of the samples in each draw, so that the draws scatter less than sets of other samples would.

    Args:
        features: (N, d), N from 2·n.
        n: samples in each set, from 2.
        draws: how many times.
        seed: for the draws.

    Returns:
        (draws,), float64.

    Raises:
        ValueError: as for `two_halves`.
    """
    distances = [frechet_from_features(*two_halves(features, n, seed * draws + k)) for k in range(draws)]
    return torch.tensor(distances, dtype=torch.float64)
