"""The features that a FID lab can compare images by."""

from typing import NamedTuple

from torch import Tensor
from torch.nn.functional import avg_pool2d

from gan_course import pretrained
from gan_course.metrics.features import Network

PATCH = 4  # pixels along each side


class Features(NamedTuple):
    """A way to turn images into rows of numbers.

    Attributes:
        network: images (n, 1, 28, 28) in [-1, 1] -> features (n, d).
        about: what a row is, in words.
    """

    network: Network
    about: str


def patches(images: Tensor) -> Tensor:
    """(n, 1, 28, 28) -> (n, 49): the mean brightness of each patch of 4×4 pixels."""
    return avg_pool2d(images, PATCH).flatten(1)


def known_features(own: Network | None) -> dict[str, Features]:
    """What can be chosen, by name; a learner's own network stands first."""
    features = {
        "network": Features(pretrained.features, "64 numbers an image, made by a classifier of clothes"),
        "patches": Features(patches, "49 numbers an image: how bright each patch of 4×4 pixels is"),
    }
    return features if own is None else {"yours": Features(own, "what your own function makes of an image")} | features
