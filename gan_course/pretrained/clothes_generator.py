"""A small conditional generator of clothes, trained on the full Fashion-MNIST by `build_generator`."""

import functools

import torch
from torch import Tensor, nn

from gan_course.conditional import conditional_generator
from gan_course.data.fashion_mnist import CLASS_NAMES
from gan_course.networks import dcgan_generator
from gan_course.pretrained.bundle import frozen
from gan_course.pretrained.clothes_classifier import SHAPE

CONDITION, LATENT_DIM, WIDTH = "projection", 64, 32


class ClothesGenerator(nn.Module):
    """(z, y) -> images (N, 1, 28, 28) in [-1, 1]; z (N, 64), y classes (N,) or mixtures of classes (N, 10).

    Attributes:
        latent_dim: 64.
        classes: 10.
        class_names: of the labels 0 to 9.
    """

    latent_dim = LATENT_DIM
    class_names = CLASS_NAMES
    classes = len(CLASS_NAMES)

    def __init__(self):
        super().__init__()
        self.network = conditional_generator(CONDITION, self.classes, dcgan_generator, LATENT_DIM, SHAPE, WIDTH)

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        return self.network(z, y)


@functools.cache
def generator() -> ClothesGenerator:
    """The conditional generator that comes with the course, frozen; always the same object, on the CPU.

    Raises:
        BundleError: its file is missing or damaged.
    """
    return frozen(ClothesGenerator, "generator").to(memory_format=torch.channels_last)
