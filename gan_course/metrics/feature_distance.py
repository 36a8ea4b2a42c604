"""Fréchet distance between sets of images, through features: FID where these are an Inception network's.

A value belongs to its features, its sample size and its resizing: compare only what shares all three.
"""

import itertools
import warnings
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gan_course.metrics.features import Network, Progress, as_pair, features_of
from gan_course.metrics.frechet import frechet_distance, frechet_from_features
from gan_course.metrics.moments import Moments
from gan_course.runtime import make_rng

ENOUGH = 2_000  # samples; with fewer, or with fewer than dimensions, the bias is too large to overlook
GROUPS = 10  # of the jackknife
SMALLEST = 2 * GROUPS  # samples in a subset
T_95 = 2.262  # 97.5% quantile of Student's t with GROUPS - 1 degrees of freedom


def fid(
    real: Tensor | np.ndarray,
    fake: Tensor | np.ndarray,
    features: Network | None = None,
    batch_size: int = 256,
    progress: Progress | None = None,
) -> float:
    """The squared Fréchet distance between the features of two sets of samples.

    Args:
        real: images (N, C, H, W), or features already (N, d).
        fake: the same, (M, C, H, W) or (M, d).
        features: what turns images (n, C, H, W) into features (n, d); see `extract_features`. None: for images
            (N, 1, 28, 28) the network that comes with the course, `pretrained.features`.
        batch_size: images at a time.
        progress: called after each batch with the images done and the images in all, of both sets together.

    Returns:
        At least 0; small is good.

    Warns:
        UserWarning: a set has fewer samples than dimensions, or fewer than 2,000; one side's images seem to be in
            [0, 1] and the other's in [-1, 1].

    Raises:
        ValueError: other images without `features`, or features that don't fit.

    Source: Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule", Equation 6.
    """
    real, fake = _both(real, fake, features, batch_size, progress)
    _warn_of_bias(len(real), len(fake), real.shape[1])
    return frechet_from_features(real, fake)


def fid_per_class(
    real: Tensor | np.ndarray,
    fake: Tensor | np.ndarray,
    real_labels: Tensor | np.ndarray,
    fake_labels: Tensor | np.ndarray,
    features: Network | None = None,
    batch_size: int = 256,
    progress: Progress | None = None,
) -> dict[int, float]:
    """`fid` of each class by itself: what a conditional generator makes of each of its orders.

    Args:
        real, fake, features, batch_size, progress: as for `fid`.
        real_labels: (N,) whole numbers.
        fake_labels: (M,) the labels that were asked for.

    Returns:
        The distance by class, for every class among the real samples.

    Warns:
        UserWarning: a class has few samples, as for `fid`; said once, of the smallest.

    Raises:
        ValueError: as for `fid`; labels that don't fit, or a real class with fewer than 2 samples on a side.
    """
    real_labels, fake_labels = _labels(real, real_labels, "real"), _labels(fake, fake_labels, "fake")
    classes = real_labels.unique().tolist()
    sizes = {c: (int((real_labels == c).sum()), int((fake_labels == c).sum())) for c in classes}
    for c, (reals, fakes) in sizes.items():
        if min(reals, fakes) < 2:
            raise ValueError(
                f"Expected at least 2 samples of class {c} on both sides, got {reals} real and {fakes} fake ones."
            )
    real, fake = _both(real, fake, features, batch_size, progress)
    _warn_of_bias(*min(sizes.values(), key=min), real.shape[1])
    return {c: frechet_from_features(real[real_labels == c], fake[fake_labels == c]) for c in classes}


class FidInfinity(NamedTuple):
    """What the distance would be with endlessly many fakes.

    Attributes:
        value: the extrapolation; may fall a little below 0 where the distance is about 0.
        low, high: 95% interval for the luck of this draw of fakes, the real samples being as they are.
        sizes: how many fakes each point of the line is made from.
        fids: the distance at each size.
    """

    value: float
    low: float
    high: float
    sizes: tuple[int, ...]
    fids: tuple[float, ...]


def fid_infinity(
    real_features: Tensor | np.ndarray,
    fake_features: Tensor | np.ndarray,
    sizes: Sequence[int] | None = None,
    seed: int = 0,
    both: bool = False,
) -> FidInfinity:
    """Take the bias out of a Fréchet distance: a straight line in 1/n through random subsets of the fakes, at 1/n = 0.

    As published, only the fakes are subsets; the bias that too few real samples cause stays. With `both`, subsets of
    n real samples stand against those of n fakes, and that bias goes too. The interval is a jackknife's: the line is
    drawn again without each tenth of the samples. (The scatter around the line would give a far too narrow one, since
    the subsets share samples.)

    Args:
        real_features: (N, d).
        fake_features: (M, d).
        sizes: of the subsets, at least 3 different ones, from 20 to M; None for ten, evenly spaced from M/10
            or 2·d, whichever is more, to M.
        seed: for the subsets.
        both: whether the real samples are subsets of the same sizes; M in all that is said of the sizes is then the
            smaller of N and M.

    Raises:
        ValueError: the features or sizes don't fit, or with `sizes=None` M is below 4·d or 200.

    Source: Chong & Forsyth 2020, "Effectively Unbiased FID and Inception Score and where to find them",
        Section 4; the interval is not theirs.
    """
    real, fake = as_pair(real_features, fake_features)
    most = min(len(real), len(fake)) if both else len(fake)
    sizes = _usual_sizes(most, fake.shape[1]) if sizes is None else _checked_sizes(sizes, most)
    rng = make_rng(seed, "fid_infinity")
    fakes = _Subsets(fake, sizes, rng)
    reals = _Subsets(real, sizes, rng) if both else _Whole(real)
    fids = _distances(reals, fakes)
    left_out = [_at_infinity(fakes.sizes(g), _distances(reals, fakes, g)) for g in range(GROUPS)]
    reach = T_95 * float(np.std(left_out)) * (GROUPS - 1) ** 0.5
    value = _at_infinity(sizes, fids)
    return FidInfinity(value, value - reach, value + reach, tuple(sizes), tuple(fids))


class _Subsets:
    """Random subsets of samples in GROUPS groups, each group of which can be left out."""

    def __init__(self, samples: Tensor, sizes: list[int], rng: torch.Generator):
        self._samples = samples
        self._subsets = [torch.randperm(len(samples), generator=rng)[:n] for n in sizes]
        self._group = torch.randperm(len(samples), generator=rng) % GROUPS

    def _without(self, group: int | None) -> list[Tensor]:
        return self._subsets if group is None else [s[self._group[s] != group] for s in self._subsets]

    def sizes(self, group: int) -> list[int]:
        return [len(subset) for subset in self._without(group)]

    def moments(self, group: int | None) -> Iterator[Moments]:
        return (Moments().update(self._samples[subset]) for subset in self._without(group))


class _Whole:
    """All samples, in place of each subset."""

    def __init__(self, samples: Tensor):
        self._moments = Moments().update(samples)

    def moments(self, group: int | None) -> Iterator[Moments]:
        return itertools.repeat(self._moments)


def _distances(reals: "_Subsets | _Whole", fakes: _Subsets, group: int | None = None) -> list[float]:
    pairs = zip(reals.moments(group), fakes.moments(group))
    return [frechet_distance(real.mean, real.cov, fake.mean, fake.cov) for real, fake in pairs]


def _at_infinity(sizes, fids) -> float:
    return float(np.polyfit(1 / np.asarray(sizes), fids, 1)[1])


def fewest_for_infinity(d: int) -> int:
    """How many samples `fid_infinity` needs in d dimensions, if it is to choose the sizes."""
    return max(4 * d, 10 * SMALLEST)


def _usual_sizes(n: int, d: int) -> list[int]:
    least = fewest_for_infinity(d)
    if n < least:
        raise ValueError(
            f"Expected at least {least:,} fakes for features of dimension {d:,}, got {n:,}: from fewer, the bias is no "
            "straight line in 1/n. Make more, or give sizes=."
        )
    return np.linspace(max(n / 10, 2 * d), n, 10).round().astype(int).tolist()


def _checked_sizes(sizes: Sequence[int], n: int) -> list[int]:
    sizes = [int(size) for size in sizes]
    if len(set(sizes)) < 3 or min(sizes) < SMALLEST or max(sizes) > n:
        raise ValueError(f"Expected sizes to be at least 3 different numbers from {SMALLEST} to {n:,}, got {sizes}.")
    return sizes


def _both(real, fake, features, batch_size, progress):
    total = len(real) + len(fake)

    def counted(before):
        return None if progress is None else lambda done, _: progress(before + done, total)

    real_features = features_of(real, features, batch_size, counted(0))
    pair = as_pair(real_features, features_of(fake, features, batch_size, counted(len(real))))
    _warn_of_ranges(real, fake)
    return pair


def _labels(samples, labels, which: str) -> Tensor:
    labels = torch.as_tensor(labels).cpu()
    if labels.shape != (len(samples),) or labels.is_floating_point():
        raise ValueError(
            f"Expected {which}_labels to be whole numbers of shape ({len(samples)},), got {labels.dtype} of shape "
            f"{tuple(labels.shape)}."
        )
    return labels


def _warn_of_ranges(real, fake) -> None:
    """One side in [0, 1] and the other in [-1, 1] can't be told for sure, only suspected."""
    if np.ndim(real) != 4 or np.ndim(fake) != 4:
        return
    lows = {side: _lowest(images) for side, images in (("real", real), ("fake", fake))}
    brightest, darkest = max(lows, key=lows.get), min(lows, key=lows.get)
    if lows[brightest] >= 0 and lows[darkest] < -0.5:
        warnings.warn(
            f"The {darkest} images have values down to {lows[darkest]:.3g}, the {brightest} ones only down to "
            f"{lows[brightest]:.3g}: if those are in [0, 1], use 2 * x - 1.",
            stacklevel=4,
        )


def _lowest(images) -> float:
    """uint8 counts as in [-1, 1]."""
    images = torch.as_tensor(images)
    low = float(images.min()) if len(images) else 0.0
    return low / 127.5 - 1 if images.dtype == torch.uint8 else low


def _warn_of_bias(n: int, m: int, d: int) -> None:
    if min(n, m) < max(d, ENOUGH):
        warnings.warn(
            f"{n:,} real and {m:,} fake samples in {d:,} dimensions: with fewer than {max(d, ENOUGH):,} of each the "
            "distance comes out too large. Compare only values from equally many samples, or see fid_infinity.",
            stacklevel=3,
        )
