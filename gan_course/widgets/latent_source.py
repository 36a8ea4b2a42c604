"""What a latent lab looks at, and when its weights may be read."""

import contextlib
import functools
import queue
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from gan_course import pretrained
from gan_course.data import Dataset
from gan_course.data.fashion_mnist import load_bundled
from gan_course.latent import GeneratorCopy, weights_of
from gan_course.live import LiveRun
from gan_course.trainer import Trainer
from gan_course.widgets.gan_lab import GanLab

REAL = 400  # real points shown


@dataclass(frozen=True, eq=False)
class Taken:
    """A generator as it was between two rounds.

    Attributes:
        copy: what runs it, once it has loaded `weights`.
        step: rounds done then; None for a module without a trainer.
        real: (N, 2) real points to compare with, if there are.
        data: what it was trained on, if that is known and images.
        class_names: of the labels that it takes; () if it takes none.
    """

    owner: Trainer | nn.Module
    copy: GeneratorCopy
    weights: dict[str, Tensor]
    step: int | None
    real: np.ndarray | None
    data: Dataset | None = None
    class_names: tuple[str, ...] = ()


class Source:
    """A trainer, a live run, or a bare generator.

    Args:
        source: a `GanLab`, `LiveRun` or `Trainer`, or a module (N, Z) -> samples; None: the bundled generator. A
            module that has `classes` is called with weights (N, K) too, and may have `class_names`.
        latent_dim: Z of the module, if it has no attribute of that name; the others know it.

    Raises:
        TypeError: something else, or no latent_dim for a module.
    """

    def __init__(self, source: GanLab | LiveRun | Trainer | nn.Module | None = None, latent_dim: int | None = None):
        source = pretrained.generator() if source is None else source
        source = source.live if isinstance(source, GanLab) else source
        if not isinstance(source, (LiveRun, Trainer, nn.Module)):
            raise TypeError(f"expected a GanLab, LiveRun, Trainer or a generator module, got {source!r}.")
        if latent_dim is None and isinstance(source, nn.Module):
            latent_dim = getattr(source, "latent_dim", None)
        if isinstance(source, nn.Module) == (latent_dim is None):
            raise TypeError("pass latent_dim, the length of z, with a bare module, and only with one.")
        self._live = source if isinstance(source, LiveRun) else None
        self._fixed, self._latent_dim = source, latent_dim
        self._copy: tuple[object, GeneratorCopy] | None = None
        self._was_alive = False

    @property
    def _owner(self):
        return self._fixed if self._live is None else self._live.trainer

    @property
    def name(self) -> str:
        """What it is, in a word."""
        owner = self._owner
        return owner.config.dataset if isinstance(owner, Trainer) else type(owner).__name__

    @property
    def state(self) -> str:
        """ "training", "paused" or "ended" for a live run; "still" for what changes only when told."""
        if self._live is None:
            return "still"
        self._was_alive |= self._live.alive
        if self._was_alive and not self._live.alive:
            return "ended"
        return "training" if self._live.playing else "paused"

    def has_moved(self, taken: Taken) -> bool:
        """Whether a live run has gone on, or back, since."""
        return self._live is not None and (self._owner is not taken.owner or self._owner.steps != taken.step)

    def take_first(self) -> Taken:
        """A first copy, waited for; errors as `GeneratorCopy`."""
        if self._live is None:
            return self.take()
        answer: queue.SimpleQueue[Taken | Exception] = queue.SimpleQueue()
        self.ask(answer.put)
        while True:
            with contextlib.suppress(queue.Empty):
                return _or_raise(answer.get(timeout=1))
            if not self._live.alive:  # it was stopped before it could answer
                return self.take()

    def ask(self, then: Callable[[Taken | Exception], object]) -> None:
        """Have `then` called with a live run's generator between two rounds, in whatever thread may do so."""

        def between_rounds():
            try:
                then(self.take())
            except Exception as error:  # it must not end the run
                then(error)

        self._live.post(between_rounds)

    def take(self) -> Taken:
        """Copy the generator now. The caller vouches that no round is under way; errors as `GeneratorCopy`."""
        owner = self._owner
        if not isinstance(owner, Trainer):
            classes = getattr(owner, "classes", 0)
            copy = self._copy_of(owner, owner, self._latent_dim, classes=classes)
            names = _names(classes, getattr(owner, "class_names", ()))
            return Taken(owner, copy, weights_of(owner), None, None, _bundled_data(owner), names)
        network = owner.generator if owner.ema is None or not owner.steps else owner.ema.module
        config = owner.config
        classes = owner.data.classes if config.condition else 0
        copy = self._copy_of(owner, network, config.latent_dim, config.precision, config.seed, classes)
        data = owner.data if owner.data.kind == "images" else None
        names = _names(classes, owner.data.class_names)
        return Taken(owner, copy, weights_of(network), owner.steps, _some_points(owner), data, names)

    def _copy_of(self, owner, network, *settings, **more):
        if self._copy is None or self._copy[0] is not owner:
            self._copy = owner, GeneratorCopy(network, *settings, **more)
        return self._copy[1]


def _or_raise(answer):
    if isinstance(answer, Exception):
        raise answer
    return answer


def _names(classes, names):
    return tuple(names) if len(names) == classes else tuple(f"class {i}" for i in range(classes))


@functools.cache
def _bundled_sample():
    return load_bundled()


def _bundled_data(module):
    """Part of what the bundled generator was trained on; None for other modules."""
    return _bundled_sample() if isinstance(module, pretrained.ClothesGenerator) else None


def _some_points(trainer):
    if trainer.data.kind != "points":
        return None
    samples = trainer.data.samples
    return samples[torch.linspace(0, len(samples) - 1, REAL).long()].cpu().numpy()
