"""The theory of the game in one dimension: what a perfect player would do, in closed form or by quadrature.

Densities are float64 arrays (K,) of values on a grid `x` (K,), or distributions, which have `pdf(x)`: a `Mixture`, or
one of scipy.stats. Logarithms are natural. Two-parameter games, whose every step is known exactly, are in
`gan_course.dynamics`.

How exact the integrals are, for smooth densities that have faded at both ends of an even grid: to 1e-6 once a cell is
no wider than a third of the narrowest bump's standard deviation (a tenth for the Wasserstein distance), and soon to
rounding. Where a density jumps, a grid cannot tell where inside its cell, which leaves an error of about the jump times
the width of that cell; an uneven grid leaves one of about the square of its widths.
"""

from gan_course.theory.densities import Mixture, gaussian, mixture, normalize
from gan_course.theory.discriminator import (
    density_ratio,
    optimal_discriminator,
    smoothed_discriminator,
    value_function,
)
from gan_course.theory.divergences import js_divergence, kl_divergence, wasserstein_1d
from gan_course.theory.generator import generator_gradient, generator_loss

__all__ = [
    "Mixture",
    "density_ratio",
    "gaussian",
    "generator_gradient",
    "generator_loss",
    "js_divergence",
    "kl_divergence",
    "mixture",
    "normalize",
    "optimal_discriminator",
    "smoothed_discriminator",
    "value_function",
    "wasserstein_1d",
]
