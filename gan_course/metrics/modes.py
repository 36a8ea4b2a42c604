"""Which modes of a mixture, or which classes, a generator's samples reach."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

PAPER_SAMPLES = 2500  # that VEEGAN and PacGAN count modes in


@dataclass(frozen=True, eq=False)
class ModeCoverage:
    """How well samples cover a mixture: numbers, or tensors (...) for an ensemble.

    Attributes:
        modes: modes covered, those with at least one high-quality sample.
        modes_1_percent: modes that hold at least 1% of all samples, as high-quality samples: less lenient.
        high_quality: share of the samples that are close to a mode.
        reverse_kl: KL(share of the modes among the high-quality samples ‖ uniform) in nats, from 0 for all
            modes alike to log K for a single one; NaN without high-quality samples.
        counts: high-quality samples by nearest mode, int64 (..., K) on the CPU.
    """

    modes: int | Tensor
    modes_1_percent: int | Tensor
    high_quality: float | Tensor
    reverse_kl: float | Tensor
    counts: Tensor


@dataclass(frozen=True, eq=False)
class ClassCoverage:
    """How samples spread over classes: numbers, or tensors (...) for an ensemble.

    Attributes:
        classes: classes with at least one sample.
        classes_1_percent: classes that hold at least 1% of the samples.
        reverse_kl: KL(share of the classes ‖ uniform) in nats, from 0 to log K.
        counts: samples by class, int64 (..., K) on the CPU.
    """

    classes: int | Tensor
    classes_1_percent: int | Tensor
    reverse_kl: float | Tensor
    counts: Tensor


@torch.no_grad()
def mode_coverage(
    samples: Tensor | np.ndarray, centers: Tensor | np.ndarray, std: float, sigmas: float = 3.0
) -> ModeCoverage:
    """Count modes and high-quality samples.

    A sample is of high quality if it lies within `sigmas`·`std` of its nearest mode. Perfect samples in the
    plane score 1 - exp(-sigmas²/2), which is 98.9% for 3. A sample that is NaN or infinite is near no mode.

    Args:
        samples: (..., N, D); the papers draw N = `PAPER_SAMPLES`.
        centers: (K, D).
        std: of each mode along each axis, above 0.
        sigmas: above 0; the papers take 3 in the plane and 10 in 1,200 dimensions.

    Raises:
        ValueError: a shape does not fit, or a number is not above 0.

    Sources: Srivastava et al. 2017, "VEEGAN", Section 4.1; Lin et al. 2018, "PacGAN", Section 4.1.
    """
    samples, centers = _points(samples, centers)
    for name, number in (("std", std), ("sigmas", sigmas)):
        if not 0 < number < math.inf:
            raise ValueError(f"Expected {name} to be above 0 and finite, got {number}.")
    # Not by a matrix product, whose rounding is as large as a small mode.
    distances = torch.cdist(samples, centers, compute_mode="donot_use_mm_for_euclid_dist")
    distance, nearest = distances.min(dim=-1)
    good = distance <= sigmas * std
    counts = _tally(nearest, good, len(centers))
    return ModeCoverage(
        modes=_plain((counts > 0).sum(-1)),
        modes_1_percent=_plain(_holding_1_percent(counts, samples.shape[-2])),
        high_quality=_plain(counts.sum(-1).double() / samples.shape[-2]),
        reverse_kl=_plain(_kl_to_uniform(counts)),
        counts=counts,
    )


@torch.no_grad()
def class_coverage(predictions: Tensor | np.ndarray, n_classes: int) -> ClassCoverage:
    """Count the classes that a classifier sees in samples.

    For images: `class_coverage(extract_features(images, classifier), 10)`.

    Args:
        predictions: logits or probabilities, floats (..., N, K), of which the largest decides; or labels,
            whole numbers (..., N) from 0 to K - 1.
        n_classes: K, from 1.

    Raises:
        ValueError: a shape does not fit, a logit is NaN, or a label is out of its range.
    """
    labels = _as_labels(torch.as_tensor(predictions), n_classes)
    counts = _tally(labels, torch.ones_like(labels, dtype=torch.bool), n_classes)
    return ClassCoverage(
        classes=_plain((counts > 0).sum(-1)),
        classes_1_percent=_plain(_holding_1_percent(counts, labels.shape[-1])),
        reverse_kl=_plain(_kl_to_uniform(counts)),
        counts=counts,
    )


def _tally(index: Tensor, counted: Tensor, n: int) -> Tensor:
    """How often each of 0 ... n - 1 stands among the counted ones: (..., N), (..., N) -> (..., n) on the CPU."""
    counts = torch.zeros(*index.shape[:-1], n, dtype=torch.int64, device=index.device)
    return counts.scatter_add_(-1, index, counted.long()).cpu()


def _holding_1_percent(counts: Tensor, n: int) -> Tensor:
    return (100 * counts >= n).sum(-1)


def _kl_to_uniform(counts: Tensor) -> Tensor:
    share = counts.double() / counts.sum(-1, keepdim=True)
    return (math.log(counts.shape[-1]) - torch.special.entr(share).sum(-1)).clamp_min(0)


def _plain(numbers: Tensor) -> float | int | Tensor:
    return numbers.item() if numbers.ndim == 0 else numbers


def _points(samples, centers) -> tuple[Tensor, Tensor]:
    samples, centers = torch.as_tensor(samples), torch.as_tensor(centers)
    if samples.ndim < 2 or centers.ndim != 2 or samples.shape[-1] != centers.shape[-1] or not samples.numel():
        raise ValueError(
            "Expected samples (..., N, D) and centers (K, D) of one dimension D, got shapes "
            f"{tuple(samples.shape)} and {tuple(centers.shape)}."
        )
    dtype = torch.promote_types(samples.dtype, torch.float32)  # half precision can't tell small modes apart
    return samples.to(dtype), centers.to(samples.device, dtype)


def _as_labels(predictions: Tensor, n_classes: int) -> Tensor:
    if predictions.is_floating_point():
        return _decided(predictions, n_classes)
    if predictions.ndim < 1 or not predictions.numel() or predictions.min() < 0 or predictions.max() >= n_classes:
        raise ValueError(
            f"Expected labels (..., N) from 0 to {n_classes - 1}, got shape {tuple(predictions.shape)}"
            + (f" with {predictions.min()} to {predictions.max()}." if predictions.numel() else ".")
        )
    return predictions.long()


def _decided(logits: Tensor, n_classes: int) -> Tensor:
    if logits.ndim < 2 or logits.shape[-1] != n_classes or not logits.numel():
        raise ValueError(f"Expected logits (..., N, {n_classes}), got shape {tuple(logits.shape)}.")
    if logits.isnan().any():
        raise ValueError(f"Expected logits without NaN, got {int(logits.isnan().sum()):,}: look at the classifier.")
    return logits.argmax(-1)
