"""Points in the plane: mixtures whose modes are known, curves, and points drawn by hand.

Every function takes an explicit random generator and leaves torch's global one alone;
`rng=None` stands for a fresh one with seed 0.
"""

import math
from typing import Any

import torch
from torch import Tensor

from gan_course.data.dataset import POINTS, Dataset, as_dataset


def ring(n: int, modes: int = 8, radius: float = 1.0, std: float = 0.05, rng: torch.Generator | None = None) -> Dataset:
    """Draw from equally likely Gaussians, evenly spaced on a circle.

    Args:
        n: number of points, at least 2.
        modes: number of Gaussians; the angles are 0, 2π/modes, ..., all distinct.
        radius: of the circle.
        std: of each Gaussian along each axis.
        rng: source of randomness, on the CPU.

    Returns:
        Points (n, 2) with the index of their mode as label.

    Raises:
        ValueError: a number is out of range.

    Source: the 8-Gaussian ring of Metz et al. 2017, "Unrolled GANs", section 3.1 (there radius 2, std 0.02).
    """
    _check_positive(modes=modes, radius=radius)
    angles = torch.arange(modes) * (2 * math.pi / modes)
    return _mixture("ring", n, radius * torch.stack([angles.cos(), angles.sin()], dim=1), std, rng)


def grid(n: int, side: int = 5, spacing: float = 2.0, std: float = 0.05, rng: torch.Generator | None = None) -> Dataset:
    """Draw from equally likely Gaussians on a square grid around the origin.

    Args:
        n: number of points, at least 2.
        side: Gaussians along each side of the square, so side² in all.
        spacing: distance between neighbours; 5 and 2.0 put them at -4, -2, 0, 2, 4.
        std: of each Gaussian along each axis.
        rng: source of randomness, on the CPU.

    Returns:
        Points (n, 2) with the index of their mode as label.

    Raises:
        ValueError: a number is out of range.

    Source: the 25-Gaussian grid of Srivastava et al. 2017, "VEEGAN", section 4.1.
    """
    _check_positive(side=side, spacing=spacing)
    ticks = (torch.arange(side) - (side - 1) / 2) * spacing
    return _mixture("grid", n, torch.cartesian_prod(ticks, ticks), std, rng)


def spiral(n: int, turns: float = 2.0, std: float = 0.02, rng: torch.Generator | None = None) -> Dataset:
    """Draw from an Archimedean spiral of radius 1, blurred by a Gaussian.

    Args:
        n: number of points, at least 2.
        turns: how often it goes around the origin.
        std: of the blur along each axis.
        rng: source of randomness, on the CPU.

    Returns:
        Points (n, 2), about equally dense along the curve.

    Raises:
        ValueError: a number is out of range.
    """
    _check_positive(turns=turns)
    rng = rng or _default_rng()
    radius = _uniform(n, rng).sqrt()
    angle = 2 * math.pi * turns * radius
    return _blurred("spiral", radius * angle.cos(), radius * angle.sin(), std, rng)


def moons(n: int, std: float = 0.05, rng: torch.Generator | None = None) -> Dataset:
    """Draw from two interleaved half circles of radius 1, blurred by a Gaussian.

    Args:
        n: number of points, at least 2.
        std: of the blur along each axis.
        rng: source of randomness, on the CPU.

    Returns:
        Points (n, 2), with label 0 on the upper moon and 1 on the lower.

    Raises:
        ValueError: a number is out of range.
    """
    rng = rng or _default_rng()
    labels = _choices(n, 2, rng)
    sign = 1 - 2 * labels
    angle = math.pi * _uniform(n, rng)
    return _blurred("moons", sign * (angle.cos() - 0.5), sign * (angle.sin() - 0.25), std, rng, labels)


def line(n: int, std: float = 0.02, rng: torch.Generator | None = None) -> Dataset:
    """Draw from the segment from (-1, -1) to (1, 1), blurred by a Gaussian.

    Args:
        n: number of points, at least 2.
        std: of the blur along each axis.
        rng: source of randomness, on the CPU.

    Returns:
        Points (n, 2), equally dense along the segment.

    Raises:
        ValueError: a number is out of range.
    """
    rng = rng or _default_rng()
    along = 2 * _uniform(n, rng) - 1
    return _blurred("line", along, along, std, rng)


def points(array: Any) -> Dataset:
    """Take points that were made elsewhere, drawn by hand for example.

    Args:
        array: coordinates (N, D), at least two points, all finite.

    Returns:
        A data set named "points", without labels.

    Raises:
        TypeError: the values are not real numbers.
        ValueError: the shape is not (N, D), or a value is not finite.
    """
    dataset = as_dataset(array)
    if dataset.kind != POINTS:
        raise ValueError(f"Expected points of shape (N, D), got shape {tuple(dataset.samples.shape)}.")
    return dataset


def _mixture(name: str, n: int, centers: Tensor, std: float, rng: torch.Generator | None) -> Dataset:
    _check_positive(std=std)
    rng = rng or _default_rng()
    labels = _choices(n, len(centers), rng)
    samples = centers[labels] + std * _normal(n, rng)
    return Dataset(name, samples, labels, centers=centers, std=std)


def _blurred(
    name: str, x: Tensor, y: Tensor, std: float, rng: torch.Generator, labels: Tensor | None = None
) -> Dataset:
    _check_positive(std=std)
    return Dataset(name, torch.stack([x, y], dim=1) + std * _normal(len(x), rng), labels)


def _default_rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def _uniform(n: int, rng: torch.Generator) -> Tensor:
    return torch.rand(_count(n), generator=rng)


def _normal(n: int, rng: torch.Generator) -> Tensor:
    return torch.randn(_count(n), 2, generator=rng)


def _choices(n: int, choices: int, rng: torch.Generator) -> Tensor:
    return torch.randint(choices, (_count(n),), generator=rng)


def _count(n: int) -> int:
    if n < 2:
        raise ValueError(f"Expected n, the number of points, to be at least 2, got {n}.")
    return n


def _check_positive(**numbers: float) -> None:
    for name, number in numbers.items():
        if not 0 < number < math.inf:
            raise ValueError(f"Expected {name} to be above 0 and finite, got {number}.")
