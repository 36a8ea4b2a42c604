"""A small network that knows the ten kinds of clothes of Fashion-MNIST: its features, and whether labels are obeyed.

Values made from its features (a Fréchet distance, say) can be compared only with values from the same weights, which is
why these come with the course. `build_classifier` made them.
"""

import functools

import numpy as np
import torch
from torch import Tensor, nn

from gan_course.networks import LEAK
from gan_course.pretrained.bundle import frozen

CLASSES = 10
FEATURES = 64
SHAPE = (1, 28, 28)
BATCH = 500  # images at a time


class ClothesClassifier(nn.Module):
    """(N, 1, 28, 28) in [-1, 1] -> logits (N, 10). Leaky ReLU, so that no feature is dead.

    Attributes:
        features: the layers up to the 64 features that the last layer decides by.
        head: the last layer.
    """

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 32, 4, stride=2, padding=1), nn.LeakyReLU(LEAK),  # 32 x 14 x 14
            nn.Conv2d(32, 64, 4, stride=2, padding=1), nn.LeakyReLU(LEAK),  # 64 x 7 x 7
            nn.Flatten(),
            nn.Linear(64 * 7 * 7, FEATURES), nn.LeakyReLU(LEAK),
        )  # fmt: skip
        self.head = nn.Linear(FEATURES, CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.features(images))


@functools.cache
def classifier() -> ClothesClassifier:
    """The classifier that comes with the course, frozen; always the same object, on the CPU.

    Raises:
        BundleError: its file is missing or damaged.
    """
    return frozen(ClothesClassifier, "classifier")


def classify(images: Tensor | np.ndarray) -> Tensor:
    """The class that the bundled classifier sees in each image.

    Args:
        images: (N, 1, 28, 28) in [-1, 1].

    Returns:
        Labels (N,), int64, 0 to 9, on the CPU.

    Raises:
        TypeError, ValueError: the images have another shape or range; the message says which.
        BundleError: as for `classifier`.
    """
    return _through(classifier(), images).argmax(1)


def features(images: Tensor | np.ndarray) -> Tensor:
    """What the bundled classifier decides by: the default features of `fid` and its kin for such images.

    Args:
        images: (N, 1, 28, 28) in [-1, 1].

    Returns:
        (N, 64), float32, on the CPU.

    Raises:
        TypeError, ValueError: the images have another shape or range; the message says which.
        BundleError: as for `classifier`.
    """
    return _through(classifier().features, images)


@torch.no_grad()
def _through(network, images):
    images = torch.as_tensor(images)
    _check(images)
    return torch.cat([network(batch.to("cpu", torch.float32)) for batch in images.split(BATCH)])


def _check(images):
    if images.ndim != 4 or tuple(images.shape[1:]) != SHAPE or not len(images):
        raise ValueError(
            f"The bundled classifier knows grey images (N, 1, 28, 28), got shape {tuple(images.shape)}: resize them, "
            "or give a network of your own."
        )
    if not images.is_floating_point():
        raise TypeError(f"Expected images as floats in [-1, 1], got {images.dtype}: use x / 127.5 - 1.")
    low, high = (float(end) for end in images.aminmax())
    if not (-1.001 <= low and high <= 1.001):  # a NaN is refused too; a resized image may be off by a rounding
        fix = "they look like 0 to 255: use x / 127.5 - 1." if 0 <= low and 1 < high <= 255 else "rescale them."
        raise ValueError(f"Expected images in [-1, 1], got values from {low:g} to {high:g}: {fix}")
