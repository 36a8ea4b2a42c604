"""Real images made worse in known ways: what a measure of quality ought to notice, and one thing that it can't."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torchvision.transforms.v2.functional import gaussian_blur

from gan_course.data import Dataset
from gan_course.names import check_name
from gan_course.runtime import make_rng


class Damage(NamedTuple):
    """A way to make images worse.

    Attributes:
        amounts: how much of it, from none to a lot.
        unit: an amount in words, with {} for the number.
        describe: what it does, in words.
    """

    amounts: tuple[float, ...]
    unit: str
    describe: str

    def labels(self) -> list[str]:
        """Each amount in words."""
        return [self.unit.format(amount) for amount in self.amounts]


DAMAGES = {
    "blur": Damage((0, 0.3, 0.5, 0.7, 1, 1.5, 2, 3), "σ = {:g} px", "each image loses its sharpness"),
    "noise": Damage((0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1), "σ = {:g}", "each image gets noise (white is 1)"),
    "drop classes": Damage((0, 1, 2, 3, 4, 5, 6, 7), "{:g} of 10 classes gone", "whole classes are missing"),
    "duplicate": Damage((1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005), "{:.1%} of them differ", "few images, repeated"),
    "memorise": Damage((0, 0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 1), "{:.0%} copied", "training images, handed in as new"),
}


class Damaged(NamedTuple):
    """Images in place of fakes.

    Attributes:
        images: (N, C, H, W) in [-1, 1].
        labels: (N,) int64.
        copied: (N,) bool: whether it is an image of the training set, or the same as one before it.
    """

    images: Tensor
    labels: Tensor
    copied: Tensor


def damaged(fresh: Dataset, train: Dataset, kind: str, amount: float, n: int, seed: int = 0) -> Damaged:
    """n real images that were made worse; with the first of the amounts they are as they were.

    Args:
        fresh: images and their labels, more than n, none of them in `train`.
        train: images and their labels, at least n: those that a generator would have learned from.
        kind: a name in `DAMAGES`.
        amount: "blur" and "noise": a standard deviation, in pixels and in brightness (which goes from -1 to 1); "drop
            classes": how many, from class 0 on; "duplicate": the share of images that differ; "memorise": the share
            that is taken from `train`.
        n: how many.
        seed: for which images, and for the noise.

    Raises:
        ValueError: an unknown kind, or too few images are left for n.
    """
    check_name(kind, DAMAGES, "damage")
    rng = make_rng(seed, "damage")
    order = torch.randperm(len(fresh), generator=rng)
    if kind == "drop classes":
        order = order[fresh.labels[order] >= amount]
    if len(order) < n or len(train) < n:
        raise ValueError(f"Expected at least {n:,} images, got {len(order):,} fresh and {len(train):,} to learn from.")
    chosen, copied = order[:n], torch.zeros(n, dtype=torch.bool)
    if kind == "duplicate":
        different = max(1, round(amount * n))
        chosen, copied = chosen[torch.arange(n) % different], torch.arange(n) >= different
    images, labels = fresh.batch(chosen), fresh.labels[chosen]
    if kind == "memorise":
        return _with_copies(images, labels, train, round(amount * n), rng)
    if kind in PIXELS:
        images = PIXELS[kind](images, amount, rng)
    return Damaged(images, labels, copied)


def _with_copies(images, labels, train, count, rng):
    copied = torch.arange(len(images)) < count
    taken = torch.randperm(len(train), generator=rng)[:count]
    return Damaged(
        torch.cat([train.batch(taken), images[count:]]), torch.cat([train.labels[taken], labels[count:]]), copied
    )


def _blur(images, sigma, rng):
    return gaussian_blur(images, 2 * math.ceil(3 * sigma) + 1, sigma) if sigma else images


def _noise(images, std, rng):
    return (images + std * torch.randn(images.shape, generator=rng)).clamp(-1, 1)


PIXELS: dict[str, Callable[[Tensor, float, torch.Generator], Tensor]] = {"blur": _blur, "noise": _noise}
