"""Does a conditional generator make what it is asked for? A classifier that it never met looks at what it made.

Measure it: a GAN does not obey because it gets the label, but because D sees the label too. The control is a run on
shuffled labels, which say nothing about the images: its obedience is that of chance, 1/K.
"""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor, nn

from gan_course import pretrained, runtime
from gan_course.data import Dataset
from gan_course.trainer import Trainer

Maker = Callable[[Tensor], Tensor]  # labels (N,) -> samples (N, ...)


def confusion(
    source: Trainer | nn.Module | Maker,
    per_class: int = 100,
    classes: int | None = None,
    classify: Callable[[Tensor], Tensor] = pretrained.classify,
    seed: int = 0,
) -> Tensor:
    """What a classifier sees in samples of each class that was asked for.

    Args:
        source: a run with a condition; a generator (z, y) -> samples with `latent_dim` and `classes`, such as
            `pretrained.generator()`; or a function from labels (N,) to samples (N, ...).
        per_class: samples of each class, from 1.
        classes: K; None: what the source says, or 10 for a function.
        classify: samples (N, ...) -> labels (N,); the classifier that comes with the course.
        seed: for the z of a generator; a run's are fixed by the run.

    Returns:
        (K, K), float32, in rows that sum to 1: row i is the share of each class seen where i was asked for.

    Raises:
        ValueError: a run without a condition, a number out of range, or a classifier that knows other classes.
    """
    if per_class < 1:
        raise ValueError(f"per_class must be at least 1, got {per_class}.")
    maker, known = _maker(source, seed)
    classes = classes or known
    table = torch.zeros(classes, classes)
    for asked in range(classes):
        seen = classify(maker(torch.full((per_class,), asked)))
        if seen.min() < 0 or seen.max() >= classes:
            raise ValueError(f"The classifier saw class {int(seen.max())} among samples of {classes} classes.")
        table[asked] = torch.bincount(seen, minlength=classes) / per_class
    return table


def obedience(table: Tensor) -> float:
    """Share of the samples that are what was asked for: the mean of a confusion table's diagonal, chance is 1/K."""
    return table.diagonal().mean().item()


def with_shuffled_labels(data: Dataset, seed: int = 0) -> Dataset:
    """The same samples and as many of each label, but dealt out at random: the control of every claim of obedience.

    Raises:
        ValueError: there are no labels.
    """
    if data.labels is None:
        raise ValueError(f"{data.name!r} has no labels to shuffle.")
    order = torch.randperm(len(data), generator=runtime.make_rng(seed, "shuffled labels")).to(data.labels.device)
    return replace(data, labels=data.labels[order])


def _maker(source, seed) -> tuple[Maker, int]:
    """What makes samples of labels, and how many classes there are."""
    if isinstance(source, Trainer):
        if source.config.condition is None:
            raise ValueError("This run knows no labels, so it can't obey: begin one with TrainConfig(condition=...).")
        return lambda y: source.sample(labels=y), source.data.classes
    if not isinstance(source, nn.Module):
        return source, pretrained.CLASSES
    rng = runtime.make_rng(seed, "obedience")

    @torch.no_grad()
    def make(y):
        return source(torch.randn(len(y), source.latent_dim, generator=rng), y)

    return make, source.classes
