"""The real images that a FID lab works on, and their features, made once and a few at a time."""

import functools
import threading
from collections.abc import Iterator

import torch
from torch import Tensor

from gan_course.data import Dataset, load
from gan_course.metrics.features import Network, extract_features

PORTION = 250  # images between two looks at what a hand wants now
COMPARED = 1_000  # real images on either side of a damage


class Images:
    """Images of clothes: the first `COMPARED` are what a generator would have learned from, the others are fresh."""

    @functools.cached_property
    def all(self) -> Dataset:
        """Both."""
        return load("fashion-mnist")

    @functools.cached_property
    def train(self) -> Dataset:
        """Those that count as the training set."""
        return self._part(slice(COMPARED))

    @functools.cached_property
    def fresh(self) -> Dataset:
        """The others."""
        return self._part(slice(COMPARED, None))

    def _part(self, which):
        data = self.all
        return Dataset(data.name, data.samples[which], data.labels[which], data.class_names)


class Pool:
    """Images and their features.

    Args:
        network: images (n, 1, 28, 28) in [-1, 1] -> features (n, d).
        images: None: their own.
    """

    def __init__(self, network: Network, images: Images | None = None):
        self.images = images or Images()
        self._network = network
        self._parts: list[Tensor] = []
        self._adding = threading.Lock()  # the lab's thread adds some, and whoever asks it for an answer

    def fill(self, n: int | None = None) -> Iterator[float]:
        """Make the features of the first n images, or of all, that are still missing; yields the share that is done."""
        data = self.images.all
        n = len(data) if n is None else n
        while (done := len(self)) < n:
            yield done / n
            with self._adding:
                if len(self) == done:
                    index = torch.arange(done, min(done + PORTION, len(data)))
                    self._parts.append(self.features_of(data.batch(index)))

    def __len__(self) -> int:
        """Of how many images there are features."""
        return sum(map(len, self._parts))

    @property
    def features(self) -> Tensor:
        """(N, d) of as many images as there are features, float64."""
        return torch.cat(list(self._parts))

    def features_of(self, images: Tensor) -> Tensor:
        """(n, d) of other images, float64."""
        return extract_features(images, self._network)
