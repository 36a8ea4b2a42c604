"""Networks that are told what to make or to judge: the label in both players, in three ways.

| condition    | in the generator                    | in the discriminator                        |
|--------------|-------------------------------------|---------------------------------------------|
| "concat"     | one-hot label, joined to z          | a plane for each class, joined to the image |
| "embedding"  | learned numbers, joined to z        | one learned plane, joined to the image      |
| "projection" | learned numbers, joined to z        | an inner product with the features          |

A label y is a class for each sample, int64 (N,), or a mixture of classes, weights (N, K) in rows that sum to 1. A class
is the mixture that has all its weight in one place, so every network here works with (N, K).
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EMBEDDED = 16  # learned numbers that stand for a label beside z, or beside a point


def label_weights(y: Tensor, classes: int) -> Tensor:
    """(N,) classes, or (N, K) weights, as weights (N, K)."""
    return F.one_hot(y, classes).float() if y.ndim == 1 else y


class LabelPlanes(nn.Module):
    """(N, K) -> (N, K, H, W): the plane of each class has the class's weight everywhere; (N, K) beside points.

    Args:
        classes: K.
        sides: of the samples that it is joined to: (H, W), or () for points.

    Source: Mirza & Osindero 2014, "Conditional Generative Adversarial Nets"; planes as in Isola et al. 2017 and after.
    """

    def __init__(self, classes: int, sides: tuple[int, ...] = ()):
        super().__init__()
        self.channels, self.sides = classes, sides

    def forward(self, weights: Tensor) -> Tensor:
        return weights.view(*weights.shape, *(1 for _ in self.sides)).expand(*weights.shape, *self.sides)


class LabelMap(nn.Module):
    """(N, K) -> (N, 1, H, W): a learned plane for each class, mixed by the weights; (N, 16) beside points and z.

    Args:
        classes: K.
        sides: of the samples that it is joined to: (H, W), or () for points.
    """

    def __init__(self, classes: int, sides: tuple[int, ...] = ()):
        super().__init__()
        self.channels, self.sides = 1 if sides else EMBEDDED, sides
        self.table = nn.Embedding(classes, self.channels * math.prod(sides))

    def forward(self, weights: Tensor) -> Tensor:
        return (weights @ self.table.weight).view(len(weights), self.channels, *self.sides)


class Joined(nn.Module):
    """(x, y) -> what `network` makes of x with its label joined along dimension 1; x is z, an image or a point.

    Args:
        network: takes x with `label.channels` more of them.
        label: weights (N, K) -> (N, channels, ...).
        classes: K.
    """

    def __init__(self, network: nn.Module, label: LabelPlanes | LabelMap, classes: int):
        super().__init__()
        self.network, self.label, self.classes = network, label, classes

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.network(torch.cat((x, self.label(label_weights(y, self.classes))), 1))


class Projection(nn.Module):
    """(x, y) -> logits (N, 1): what D says of x alone, plus the inner product of its features with the label's row.

    Args:
        network: samples -> (N, 1), its last layer linear.
        classes: K.

    Source: Miyato & Koyama 2018, "cGANs with Projection Discriminator", Equation 3.
    """

    def __init__(self, network: nn.Sequential, classes: int):
        super().__init__()
        *layers, head = network
        self.features, self.head, self.classes = nn.Sequential(*layers), head, classes
        self.rows = nn.Linear(head.in_features, classes, bias=False)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        features = self.features(x)
        inner = (self.rows(features) * label_weights(y, self.classes)).sum(1, keepdim=True)
        return self.head(features) + inner


def conditional_generator(
    condition: str, classes: int, module_of: Callable, latent_dim: int, sample_shape: tuple[int, ...], width: int
) -> nn.Module:
    """(z, y) -> samples, around the network that `module_of(Z, sample_shape, width)` makes."""
    label = LabelPlanes(classes) if condition == "concat" else LabelMap(classes)
    return Joined(module_of(latent_dim + label.channels, sample_shape, width), label, classes)


def conditional_discriminator(
    condition: str, classes: int, module_of: Callable, sample_shape: tuple[int, ...]
) -> nn.Module:
    """(x, y) -> logits (N, 1), around the network that `module_of(sample_shape)` makes."""
    if condition == "projection":
        return Projection(module_of(sample_shape), classes)
    channels, *sides = sample_shape
    label = (LabelPlanes if condition == "concat" else LabelMap)(classes, tuple(sides))
    return Joined(module_of((channels + label.channels, *sides)), label, classes)


def told(x: Tensor, y: Tensor | None) -> tuple[Tensor, ...]:
    """What a network is called with: x alone, or with its label where there is one."""
    return (x,) if y is None else (x, y)


def checked_labels(labels, n: int, classes: int) -> Tensor:
    """What a caller asks for, as a label for each of n samples.

    Args:
        labels: one class for all; a class for each, n whole numbers; or a mixture for each, (n, K) weights.
        n: how many samples.
        classes: K.

    Returns:
        (n,) int64 or (n, K) float32.

    Raises:
        ValueError: a shape does not fit, a class does not exist, or weights are no mixture.
    """
    labels = torch.as_tensor(labels)
    if labels.is_floating_point():
        return _checked_mixture(labels, n, classes)
    labels = labels.long().expand(n) if labels.ndim == 0 else labels.long()
    if labels.shape != (n,):
        raise ValueError(f"Expected {n} labels, or one for all, got shape {tuple(labels.shape)}.")
    if n and not 0 <= int(labels.min()) <= int(labels.max()) < classes:
        raise ValueError(f"Expected labels from 0 to {classes - 1}, got {int(labels.min())} to {int(labels.max())}.")
    return labels


def _checked_mixture(weights, n, classes):
    weights = weights.float()
    if weights.shape != (n, classes):
        raise ValueError(
            f"Expected weights of shape ({n}, {classes}), one for each class, got shape {tuple(weights.shape)}: "
            "labels of a class each are whole numbers."
        )
    if n and not (weights.min() >= 0 and ((weights.sum(1) - 1).abs() < 1e-3).all()):
        raise ValueError("Expected weights from 0 on whose rows sum to 1: use w / w.sum(1, keepdim=True).")
    return weights
