"""What images are turned into before they are compared, by the name of the features."""

import torch
from torch import Tensor
from torchvision.transforms.v2.functional import resize, rgb_to_grayscale

from gan_course import pretrained
from gan_course.commands import CommandError
from gan_course.metrics.features import Network
from gan_course.pretrained.bundle import read_about


def side_of(features: str) -> int | None:
    """Height and width to which a folder's images are resized; None: that network does it by itself, its own way."""
    return None if features == "inception" else pretrained.SHAPE[1]


def extractor(features: str) -> tuple[Network, str]:
    """The network of that name, and what it is in words.

    Raises:
        CommandError: the extra that brings the inception network is not installed.
        OSError: its weights can't be had here.
    """
    if features == "pixels":
        return lambda images: images.flatten(1), "pixels"
    if features == "inception":
        from gan_course.metrics.inception import Inception

        try:
            return Inception(), "Inception-v3, the published FID's"
        except ImportError as error:
            raise CommandError(str(error)) from error
    sha256 = read_about("classifier")["sha256"]
    return pretrained.features, f"the course's network of clothes ({sha256[:12]})"


def prepared(images: Tensor, features: str) -> Tensor:
    """Images as that network wants them: grey 28x28 for the bundled one, as they are for the others."""
    if features != "bundled" or tuple(images.shape[1:]) == pretrained.SHAPE:
        return images
    if images.shape[1] == 3:
        images = rgb_to_grayscale(images)
    shape = list(pretrained.SHAPE[1:])
    return torch.cat([resize(batch, shape, antialias=True) for batch in images.split(500)])
