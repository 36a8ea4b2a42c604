"""Features: what the distances between sets of images compare in place of pixels."""

import contextlib
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn

BRIGHT = 10.0  # above this, positive floats are no image whose values were scaled
Network = Callable[[Tensor], Tensor]  # images (n, C, H, W) -> features (n, d)
Progress = Callable[[int, int], None]  # (images done, images in all)


def features_of(
    samples: Tensor | np.ndarray, network: Network | None, batch_size: int = 256, progress: Progress | None = None
) -> Tensor:
    """Features of whatever a metric was given.

    Args:
        samples: features already, (N, d), or images (N, C, H, W).
        network: what turns images into features; features already there don't go through it. None: the network
            that comes with the course (`pretrained.features`), for images (N, 1, 28, 28).
        batch_size, progress: as for `extract_features`.

    Returns:
        (N, d), checked, float64, on the CPU.

    Raises:
        ValueError: other images without a network, or features that `as_features` refuses.
    """
    if np.ndim(samples) != 4:
        return as_features(samples)
    return extract_features(samples, _default_for(samples) if network is None else network, batch_size, progress)


def _default_for(images):
    from gan_course import pretrained  # which needs more than torch and numpy

    if tuple(images.shape[1:]) != pretrained.SHAPE:
        raise ValueError(
            f"Got images of shape {tuple(images.shape)} and no network: give features=, a callable from images "
            "(N, C, H, W) to features (N, d), or flatten the images yourself to compare raw pixels. The network that "
            "comes with the course knows grey images (N, 1, 28, 28)."
        )
    return pretrained.features


@torch.no_grad()
def extract_features(
    images: Tensor | np.ndarray, network: Network, batch_size: int = 256, progress: Progress | None = None
) -> Tensor:
    """Send images through a network, batch by batch.

    A module is used as for evaluation (`eval`), on the device where it is, and left as it was.

    Args:
        images: (N, C, H, W), N from 2; uint8 in 0..255 reach the network in [-1, 1], others as they are.
        network: images (n, C, H, W) -> features or logits (n, d).
        batch_size: images at a time, from 1.
        progress: called after each batch with the images done and the images in all.

    Returns:
        (N, d), float64, on the CPU.

    Raises:
        ValueError: floats that look like 0 to 255, or the network's answer is not (n, d), or not finite; the message
            says which.
    """
    images = torch.as_tensor(images)
    _check_not_bytes(images)
    parts = []
    with _evaluating(network):
        for batch in images.split(batch_size):
            answer = network(_ready(batch, network))
            _check_answer(answer, len(batch))
            parts.append(as_double(answer))
            if progress is not None:
                progress(sum(map(len, parts)), len(images))
    return as_features(torch.cat(parts))


@contextlib.contextmanager
def _evaluating(network: Network) -> Iterator[None]:
    modes = {module: module.training for module in network.modules()} if isinstance(network, nn.Module) else {}
    for module in modes:
        module.training = False
    try:
        yield
    finally:
        for module, training in modes.items():
            module.training = training


def _ready(batch: Tensor, network: Network) -> Tensor:
    if batch.dtype == torch.uint8:
        batch = batch.float().div_(127.5).sub_(1)  # as `Dataset.batch` does
    weight = next(network.parameters(), None) if isinstance(network, nn.Module) else None
    return batch if weight is None else batch.to(weight.device)


def _check_not_bytes(images: Tensor) -> None:
    """A network of a learner's own may want any range, but nobody means floats from 0 to 255."""
    if images.dtype == torch.uint8 or not images.numel():
        return
    low, high = (float(end) for end in images.aminmax())
    if low >= 0 and BRIGHT < high <= 255:
        raise ValueError(
            f"Got images as {images.dtype} with values from {low:g} to {high:g}. They look like 0 to 255: use "
            "x / 127.5 - 1, or x.to(torch.uint8)."
        )


def _check_answer(answer: Tensor, n: int) -> None:
    if not isinstance(answer, Tensor | np.ndarray):
        raise ValueError(f"Expected the network to return a tensor of features (n, d), got {type(answer).__name__}.")
    if answer.ndim != 2 or len(answer) != n:
        raise ValueError(
            f"Expected the network to turn {n} images into features of shape ({n}, d), got {tuple(answer.shape)}: "
            "let it end in flatten(1)."
        )


def as_features(array: Tensor | np.ndarray, least: int = 2) -> Tensor:
    """A set of features, checked.

    Args:
        array: (N, d), all finite.
        least: the smallest N that will do.

    Returns:
        The same numbers in float64, on the CPU.

    Raises:
        ValueError: the shape does not fit, or a value is NaN or infinite.
    """
    features = as_double(array)
    if features.ndim != 2 or len(features) < least or not features.shape[1]:
        advice = " Turn images into features first: extract_features(images, network)." if features.ndim == 4 else ""
        raise ValueError(
            f"Expected features (N, d) with N of at least {least}, got shape {tuple(features.shape)}.{advice}"
        )
    bad = ~features.isfinite().all(dim=1)
    if bad.any():
        raise ValueError(
            f"Expected finite features, got NaN or infinity in {int(bad.sum()):,} of {len(bad):,} samples, the first "
            f"at index {int(bad.nonzero()[0])}: remove those samples, or find out where they come from."
        )
    return features


def as_pair(real: Tensor | np.ndarray, fake: Tensor | np.ndarray) -> tuple[Tensor, Tensor]:
    """Two sets of features (N, d) and (M, d), checked as by `as_features`.

    Raises:
        ValueError: one of them is refused, or their dimensions differ.
    """
    real, fake = as_features(real), as_features(fake)
    if real.shape[1] != fake.shape[1]:
        raise ValueError(
            f"Expected features of one dimension, got shapes {tuple(real.shape)} and {tuple(fake.shape)}: "
            "make both with the same network."
        )
    return real, fake


def features_pair(real: Tensor | np.ndarray, fake: Tensor | np.ndarray) -> tuple[Tensor, Tensor]:
    """Features of two sets as by `as_pair`; images (N, 1, 28, 28) go through the network that comes with the course.

    Raises:
        ValueError: as for `features_of` and `as_pair`.
    """
    return as_pair(features_of(real, None), features_of(fake, None))


def as_double(array: Tensor | np.ndarray | float) -> Tensor:
    """The same numbers in float64, on the CPU, without a gradient."""
    if isinstance(array, Tensor):
        return array.detach().cpu().double()  # first to the CPU: some devices know no float64
    return torch.from_numpy(np.array(array, dtype=np.float64, order="C"))
