"""Densities on the line: Gaussians and mixtures of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gan_course.theory.grid import checked_grid, checked_values, integral

_erfc = np.vectorize(math.erfc, otypes=[float])


def gaussian(x, mean: float, std: float) -> np.ndarray:
    r"""exp(-(x - mean)² / (2·std²)) / (std·√(2π)), the density of a Gaussian.

    In float64 it is exactly 0 from about 38 standard deviations on.

    Args:
        x: numbers of any shape.
        mean: its centre.
        std: its standard deviation, above 0.

    Raises:
        ValueError: `std` is not above 0, or a parameter is not finite.
    """
    _check_gaussian(mean, std)
    return np.exp(-0.5 * ((np.asarray(x, dtype=float) - mean) / std) ** 2) / (std * math.sqrt(2 * math.pi))


def mixture(x, means: Sequence[float], stds: Sequence[float], weights: Sequence[float] | None = None) -> np.ndarray:
    """The density of a mixture of Gaussians, Σ weight·gaussian(x, mean, std).

    Args:
        x: numbers of any shape.
        means, stds: of each component; every std above 0.
        weights: of each component, at least 0, with sum 1; None: all equal.

    Raises:
        ValueError: the lists are not of one length, or a number is out of its range.
    """
    return Mixture(means, stds, weights).pdf(x)


@dataclass(frozen=True)
class Mixture:
    """A mixture of Gaussians on the line, to draw from and to compute with.

    Args:
        means, stds: of each component; every std above 0.
        weights: of each component, at least 0, with sum 1; None: all equal.

    Raises:
        ValueError: the lists are not of one length, or a number is out of its range.
    """

    means: Sequence[float]
    stds: Sequence[float]
    weights: Sequence[float] | None = None

    def __post_init__(self):
        weights = np.full(len(self.means), 1 / max(len(self.means), 1)) if self.weights is None else self.weights
        for name, numbers in (("means", self.means), ("stds", self.stds), ("weights", weights)):
            object.__setattr__(self, name, tuple(float(number) for number in numbers))  # the class is frozen
        lengths = len(self.means), len(self.stds), len(self.weights)
        if len(set(lengths)) > 1 or not lengths[0]:
            raise ValueError(
                "expected a mean, a std and a weight for each component, at least one, "
                f"got {lengths[0]} means, {lengths[1]} stds and {lengths[2]} weights."
            )
        for mean, std in zip(self.means, self.stds):
            _check_gaussian(mean, std)
        if min(self.weights) < 0 or not math.isclose(sum(self.weights), 1, abs_tol=1e-9):
            raise ValueError(
                f"weights must be at least 0 and have the sum 1, got {list(self.weights)} with the sum "
                f"{sum(self.weights):g}: divide each by their sum."
            )

    def pdf(self, x) -> np.ndarray:
        """The density at `x`, in the shape of `x`."""
        return sum(weight * gaussian(x, mean, std) for mean, std, weight in self._components())

    def cdf(self, x) -> np.ndarray:
        """The probability of a value up to `x`, in the shape of `x`."""
        x = np.asarray(x, dtype=float)
        return sum(w * 0.5 * _erfc((mean - x) / (std * math.sqrt(2))) for mean, std, w in self._components())

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw `n` values (n,)."""
        chosen = rng.choice(len(self.means), size=n, p=self.weights)
        return np.take(self.means, chosen) + np.take(self.stds, chosen) * rng.standard_normal(n)

    def _components(self):
        return zip(self.means, self.stds, self.weights)


def normalize(p, x) -> np.ndarray:
    """`p` scaled so that its integral over the grid is 1, by the trapezoid rule.

    Args:
        p: (K,) values, at least 0, not all of them 0: a curve drawn by hand, say.
        x: (K,) grid, increasing.

    Raises:
        ValueError: the grid does not increase, or `p` cannot be made a density.
    """
    x = checked_grid(x)
    p = checked_values(p, "p", x)
    mass = integral(p, x)
    if not mass > 0:
        raise ValueError("p is 0 all over the grid, so it cannot be normalized: move the grid to where its mass is.")
    return p / mass


def _check_gaussian(mean, std):
    if not 0 < std < math.inf:
        raise ValueError(f"std, the standard deviation, must be above 0 and finite, got {std}.")
    if not math.isfinite(mean):
        raise ValueError(f"mean must be finite, got {mean}.")
