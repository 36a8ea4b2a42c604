"""What every data set of the course is: a checked tensor of samples with a name."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

POINTS, IMAGES = "points", "images"


class DataError(ValueError):
    """Data on disk is missing, damaged or unreadable; the message names the file and the repair."""


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Samples to learn from, all in memory and checked once.

    Don't change `samples` in place: `digest` is computed once.

    Attributes:
        name: what the set is called.
        samples: points, float32 (N, D), or images (N, C, H, W), as uint8 in 0..255 or float32 in [-1, 1].
        labels: class or mode of each sample, int64 (N,), or None.
        class_names: name of each label, or empty.
        centers: for a mixture, its modes, float32 (K, D), or None.
        std: for a mixture, the standard deviation of each mode along each axis, or None.

    Raises:
        TypeError: a dtype is not one of those above.
        ValueError: a shape or a value is not as above; the message says how to repair it.
    """

    name: str
    samples: Tensor
    labels: Tensor | None = None
    class_names: tuple[str, ...] = ()
    centers: Tensor | None = None
    std: float | None = None

    def __post_init__(self):
        _check_shape(self.samples)
        _check_dtype(self.samples)
        _check_values(self.samples)
        if self.labels is not None:
            _check_labels(self.labels, len(self.samples), len(self.class_names))
        if (self.centers is None) != (self.std is None):
            raise ValueError("centers and std describe a mixture together: give both, or neither.")
        if self.centers is not None:
            _check_modes(self.centers, self.std, self.sample_shape)

    @property
    def kind(self) -> str:
        """Either "points" or "images"."""
        return POINTS if self.samples.ndim == 2 else IMAGES

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """Shape of one sample: (D,) or (C, H, W)."""
        return tuple(self.samples.shape[1:])

    @property
    def classes(self) -> int:
        """How many labels there can be: 0 to `classes` - 1; 0 without labels."""
        if self.labels is None:
            return 0
        return len(self.class_names) or int(self.labels.max()) + 1

    @cached_property
    def digest(self) -> str:
        """Sha256 in hex of the samples and, if there are any, the labels: values, shape and dtype."""
        digest = hashlib.sha256()
        for tensor in (self.samples, self.labels):
            if tensor is not None:
                digest.update(f"{tensor.dtype} {tuple(tensor.shape)} ".encode())
                digest.update(tensor.detach().cpu().contiguous().numpy())
        return digest.hexdigest()

    def __len__(self) -> int:
        return len(self.samples)

    def __repr__(self) -> str:
        classes = f", {len(self.class_names)} classes" if self.class_names else ""
        modes = f", {len(self.centers)} modes" if self.centers is not None else ""
        return f"Dataset({self.name!r}, {len(self):,} {self.kind} of shape {self.sample_shape}{classes}{modes})"

    def to(self, device: torch.device | str) -> "Dataset":
        """Return the same data on `device`."""
        tensors = {"samples": self.samples, "labels": self.labels, "centers": self.centers}
        return replace(self, **{name: t.to(device) for name, t in tensors.items() if t is not None})

    def batch(self, index: Tensor) -> Tensor:
        """Gather samples as float32 on the device where the data is.

        Args:
            index: which samples, int64 (N,).

        Returns:
            Points (N, D) as they are, or images (N, C, H, W) in [-1, 1]: uint8 x becomes x / 127.5 - 1,
            so that 0 is -1 exactly and 255 is 1 exactly.
        """
        samples = self.samples[index]
        return samples.float().div_(127.5).sub_(1) if samples.dtype == torch.uint8 else samples


def as_dataset(data: Any) -> Dataset:
    """Make a `Dataset` of what a learner hands in.

    Args:
        data: a `Dataset` (returned as it is), or a tensor or array, which is copied: points (N, D) of any
            real dtype, or images (N, C, H, W), as uint8 in 0..255 or as floats in [-1, 1].

    Raises:
        TypeError: the values are not real numbers, or images are neither uint8 nor float.
        ValueError: the shape or a value does not fit; the message says how to repair it.
    """
    if isinstance(data, Dataset):
        return data
    samples = data.detach().clone() if isinstance(data, Tensor) else _from_array(data)
    real = samples.dtype != torch.bool and not samples.is_complex()
    if real and (samples.ndim == 2 or samples.is_floating_point()):
        samples = samples.float()
    return Dataset(POINTS if samples.ndim == 2 else IMAGES, samples)


def _from_array(data: Any) -> Tensor:
    array = np.asarray(data)
    if array.dtype.kind not in "fiu":
        raise TypeError(
            f"Expected a tensor or array of real numbers, got {type(data).__name__} of dtype {array.dtype}."
        )
    dtype = np.float32 if array.dtype.kind == "f" else array.dtype.newbyteorder("=")
    return torch.from_numpy(np.array(array, dtype=dtype, order="C"))


def _check_shape(samples: Tensor) -> None:
    shape = tuple(samples.shape)
    if samples.ndim not in (2, 4):
        advice = {
            1: " For points on a line, use x[:, None].",
            3: " For grey images (N, H, W), use x[:, None]; one image is not a data set.",
        }
        expected = "points (N, D) or images (N, C, H, W)"
        raise ValueError(f"Expected {expected}, got shape {shape}.{advice.get(samples.ndim, '')}")
    if len(samples) < 2 or samples.numel() == 0:
        raise ValueError(f"Expected at least 2 samples, none of them empty, got shape {shape}: give more data.")
    if samples.ndim == 4 and shape[1] > 4 >= shape[3]:
        expected = "images with the channels first, (N, C, H, W)"
        raise ValueError(f"Expected {expected}, got shape {shape}: use x.permute(0, 3, 1, 2).")


def _check_dtype(samples: Tensor) -> None:
    allowed = (torch.float32,) if samples.ndim == 2 else (torch.uint8, torch.float32)
    if samples.dtype not in allowed:
        expected = "points as float32" if samples.ndim == 2 else "images as uint8 in 0..255 or float32 in [-1, 1]"
        fix = "x.float()" if samples.ndim == 2 else "x.to(torch.uint8) if the values are 0..255"
        raise TypeError(f"Expected {expected}, got {samples.dtype}: use {fix}.")


def _check_values(samples: Tensor) -> None:
    if samples.dtype == torch.uint8:
        return
    bad = ~torch.isfinite(samples)
    if bad.any():
        first = tuple(bad.nonzero()[0].tolist())
        raise ValueError(
            f"Expected finite float32 values, got {int(bad.sum()):,} that are NaN or infinite, "
            f"the first at index {first}: remove those samples."
        )
    if samples.ndim == 4:
        _check_range(*(float(end) for end in samples.aminmax()))


def _check_range(low: float, high: float) -> None:
    if -1 <= low and high <= 1:
        return
    fix = "Rescale them: 2 * (x - x.min()) / (x.max() - x.min()) - 1."
    if low >= 0 and high <= 255:
        fix = "They look like 0 to 255: use x / 127.5 - 1."
    raise ValueError(f"Expected images as floats in [-1, 1], got values from {low:g} to {high:g}. {fix}")


def _check_labels(labels: Tensor, samples: int, classes: int) -> None:
    if labels.dtype != torch.int64:
        raise TypeError(f"Expected labels as int64, got {labels.dtype}: use labels.long().")
    if labels.shape != (samples,):
        raise ValueError(f"Expected one label per sample, shape ({samples},), got {tuple(labels.shape)}.")
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or (classes and high >= classes):
        expected = f"0 to {classes - 1}" if classes else "0 or more"
        raise ValueError(f"Expected labels {expected}, got {low} to {high}: number the classes from 0.")


def _check_modes(centers: Tensor, std: float, sample_shape: tuple[int, ...]) -> None:
    if centers.ndim != 2 or tuple(centers.shape[1:]) != sample_shape:
        raise ValueError(f"Expected centers of shape (K, {sample_shape[0]}), got {tuple(centers.shape)}.")
    if not std > 0:
        raise ValueError(f"Expected std above 0, got {std}.")
