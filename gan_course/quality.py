"""How good a run's images are as it goes on, measured beside the training on a copy of its generator."""

import bisect
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gan_course import pretrained, runtime
from gan_course.conditional import told
from gan_course.data import Dataset
from gan_course.metrics import Moments, class_coverage, frechet_distance
from gan_course.time_machine import copied
from gan_course.trainer import Trainer

FAKES, REALS = 2_000, 10_000  # that an FID is made from
GLANCE = 200  # samples for the classes alone
PORTION = 50  # samples at a time
IDLE = 0.5  # of its time the measuring thread leaves to the training
CLOTHES = "fashion-mnist"  # what the course's network knows; also the first part of the full set's name


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured of one step.

    Attributes:
        step: of the run.
        shares: (10,) share of the samples that the course's classifier takes for each class.
        classes: classes with at least one sample.
        classes_1_percent: classes with at least 1% of the samples.
        fakes: how many samples.
        fid: with the course's features; None if only the classes were looked at.
        reals: how many real images the FID was made from.
    """

    step: int
    shares: np.ndarray
    classes: int
    classes_1_percent: int
    fakes: int
    fid: float | None = None
    reals: int = 0


class QualityLog:
    """What was measured of one run, by its steps."""

    def __init__(self):
        self._all: list[Measured] = []

    def add(self, measured: Measured) -> None:
        """Keep it; a later step may have been measured before."""
        bisect.insort(self._all, measured, key=_step)

    def until(self, step: int) -> "QualityLog":
        """What was measured up to `step`."""
        log = QualityLog()
        log._all = self._all[: bisect.bisect_right(self._all, step, key=_step)]
        return log

    @property
    def newest(self) -> Measured | None:
        """The last step's."""
        return self._all[-1] if self._all else None

    @property
    def fids(self) -> list[Measured]:
        """Those with an FID."""
        return [measured for measured in self._all if measured.fid is not None]


def _step(measured):
    return measured.step


def can_measure(trainer: Trainer) -> bool:
    """Whether the run makes images that the course's network knows."""
    return trainer.data.name.startswith(CLOTHES) and trainer.data.sample_shape == pretrained.SHAPE


class Snapshot:
    """A run's generator as it is now; take it between two rounds, and sample it from any thread.

    Args:
        trainer: the run.
        fakes: how many samples can be drawn.
    """

    def __init__(self, trainer: Trainer, fakes: int):
        network = trainer.generator if trainer.ema is None or not trainer.steps else trainer.ema.module
        self._network = copied(network).eval().requires_grad_(False)
        self._device, self._precision = trainer.device, trainer.config.precision
        self._z = trainer.latents(fakes, seed=1)
        self._labels = trainer.labels(fakes)
        self.step, self.fakes, self.data = trainer.steps, fakes, trainer.data

    @torch.no_grad()
    def sample(self, start: int) -> Tensor:
        """Up to PORTION images in [-1, 1], from the start-th on, on the CPU."""
        part = slice(start, start + PORTION)
        labels = None if self._labels is None else self._labels[part]
        with runtime.autocast(self._device, self._precision):
            return self._network(*told(self._z[part], labels)).float().cpu().clamp(-1, 1)


_known: dict[str, Moments] = {}  # of real images, by their digest


def _real_moments(data: Dataset) -> Moments:
    """Of the first REALS images, made a few at a time, for the training goes on meanwhile."""
    if data.digest in _known:
        return _known[data.digest]
    moments = Moments()
    for index in torch.arange(min(len(data), REALS)).split(PORTION):
        with _Unhurried():
            moments.update(pretrained.features(data.batch(index)))
    _known[data.digest] = moments
    return moments


def measure(snapshot: Snapshot, with_fid: bool, progress: Callable[[float], object] = lambda share: None) -> Measured:
    """Measure a snapshot, in portions with pauses.

    Args:
        snapshot: from `Snapshot`.
        with_fid: whether to compute an FID too; with few samples it is far too large.
        progress: called with the share that is done.
    """
    moments, labels = Moments(), []
    for start in range(0, snapshot.fakes, PORTION):
        with _Unhurried():
            features = pretrained.features(snapshot.sample(start))
            labels.append(pretrained.classifier().head(features).argmax(1))
            if with_fid:
                moments.update(features)
        progress(min(1.0, (start + PORTION) / snapshot.fakes))
    seen = class_coverage(torch.cat(labels), len(snapshot.data.class_names))
    shares = seen.counts.numpy() / snapshot.fakes
    counted = snapshot.step, shares, seen.classes, seen.classes_1_percent, snapshot.fakes
    if not with_fid:
        return Measured(*counted)
    real = _real_moments(snapshot.data)
    return Measured(*counted, frechet_distance(real.mean, real.cov, moments.mean, moments.cov), real.n)


class _Unhurried:
    """A piece of work, and after it a pause that leaves IDLE of the time to others."""

    def __enter__(self):
        self._began = time.perf_counter()

    def __exit__(self, *error):
        time.sleep((time.perf_counter() - self._began) * IDLE / (1 - IDLE))


class Watch:
    """Measures snapshots in a thread that lives as long as a measurement, one at a time.

    Args:
        found: called in that thread with what was measured, and with whatever `begin` was given for it.
        failed: called in that thread with an error.

    Attributes:
        done: the share of an FID that is done; None while none is measured.
    """

    def __init__(self, found: Callable[[Measured, object], object], failed: Callable[[Exception], object]):
        self._found, self._failed = found, failed
        self._thread: threading.Thread | None = None
        self.done: float | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being measured."""
        return self._thread is not None and self._thread.is_alive()

    def begin(self, snapshot: Snapshot, with_fid: bool, owner: object) -> None:
        """Measure this snapshot; only while nothing is being measured."""
        self.done = 0.0 if with_fid else None
        self._thread = threading.Thread(
            target=self._work, args=(snapshot, with_fid, owner), name="gan-course quality", daemon=True
        )
        self._thread.start()

    def _work(self, snapshot, with_fid, owner):
        """Errors of this thread would reach no cell."""
        try:
            measured = measure(snapshot, with_fid, self._tell if with_fid else lambda share: None)
        except Exception as error:
            self.done = None
            self._failed(error)
            return
        self.done = None
        self._found(measured, owner)

    def _tell(self, share):
        self.done = share
