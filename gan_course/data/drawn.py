"""Points about lines that a hand has drawn."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_course.data.dataset import Dataset
from gan_course.runtime import make_rng

DOT = 4.0  # a stroke shorter than this many thicknesses, such as a dot, counts as that long


def drawn_points(strokes: Sequence[Any], n: int = 5000, thickness: float = 0.05, seed: int = 0) -> Dataset:
    r"""Draw points from the lines of a hand, blurred by a Gaussian.

    A point is $a + u (b - a) + \sigma \varepsilon$: a segment from $a$ to $b$, chosen with a chance in proportion to
    its length, $u$ uniform in [0, 1), $\sigma$ the thickness, and $\varepsilon$ normal. So all strokes are equally
    dense. A stroke shorter than 4 thicknesses, such as a dot, counts as that long: it gets a share too.

    Args:
        strokes: each a list of the [x, y] that it goes through, shape (K, 2); a dot is a stroke with one of them.
        n: number of points, at least 2.
        thickness: standard deviation of the points about the stroke, along each axis.
        seed: which draw of them; the same strokes and the same seed give the same bits.

    Returns:
        Points (n, 2) named "drawn", without labels, in no particular order.

    Raises:
        ValueError: there is no stroke, a stroke is not as above or not finite, or a number is out of range.
    """
    if n < 2:
        raise ValueError(f"Expected n, the number of points, to be at least 2, got {n}.")
    if not 0 < thickness < math.inf:
        raise ValueError(f"Expected thickness to be above 0 and finite, got {thickness}: 0.05 is a good start.")
    if len(strokes) == 0:
        raise ValueError("There are no strokes to learn from: draw a line or a dot first.")
    parts = [_segments(_path(stroke, i), DOT * thickness) for i, stroke in enumerate(strokes)]
    start, step, length = (torch.cat(part) for part in zip(*parts))
    rng = make_rng(seed, "drawn points")
    chosen = torch.multinomial(length, n, replacement=True, generator=rng)
    along = torch.rand(n, 1, generator=rng, dtype=torch.float64)
    blur = torch.randn(n, 2, generator=rng, dtype=torch.float64)
    return Dataset("drawn", (start[chosen] + along * step[chosen] + thickness * blur).float())


def _path(stroke: Any, index: int) -> Tensor:
    """The stroke as float64 (K, 2), checked."""
    expected = "a list of [x, y], shape (K, 2) with K at least 1"
    try:
        path = np.array(stroke, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"Expected each stroke to be {expected}; stroke {index} is not: {error}.") from error
    if path.ndim != 2 or path.shape[1] != 2 or len(path) == 0:
        hint = " A single stroke goes into a list: [stroke]." if path.shape == (2,) else ""
        raise ValueError(f"Expected each stroke to be {expected}; stroke {index} has shape {path.shape}.{hint}")
    path = torch.from_numpy(path)
    if not path.float().isfinite().all():
        raise ValueError(f"Expected finite coordinates, stroke {index} has some that are not: remove those points.")
    return path


def _segments(path: Tensor, least: float) -> tuple[Tensor, Tensor, Tensor]:
    """Starts (K, 2), steps to the ends (K, 2) and lengths (K,) of a stroke's segments; the last one is a point.

    The lengths add up to `least` or more, and to 0 never: those of a short stroke are stretched.
    """
    step = torch.diff(path, dim=0, append=path[-1:])
    length = torch.linalg.vector_norm(step, dim=1)
    total = length.sum()
    if total == 0:
        return path, step, torch.full_like(length, least / len(length))
    return path, step, length * (total.clamp(min=least) / total)
