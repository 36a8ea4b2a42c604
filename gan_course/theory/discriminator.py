"""The best discriminator against two fixed densities, and what the game is worth with any."""

import numpy as np

from gan_course.theory.grid import checked_density, checked_grid, checked_values, integral, x_log


def optimal_discriminator(p_data, p_g, x=None) -> np.ndarray:
    r"""D*(x) = p_data(x) / (p_data(x) + p_g(x)), the discriminator that makes V(D, G) largest.

    At each x by itself a·log y + b·log(1 - y) is largest at y = a / (a + b). Where both densities are 0 no sample
    ever comes, and any value is as good: there it is ½ by convention.

    Args:
        p_data, p_g: values of the two densities, at least 0, in one shape; or, with `x`, distributions.
        x: (K,) grid, increasing, on which distributions are looked at.

    Returns:
        D*, in [0, 1], in their shape.

    Raises:
        ValueError: a density is negative or not finite, or the shapes differ.

    Source: Goodfellow et al. 2014, Proposition 1.
    """
    x = None if x is None else checked_grid(x)
    p_data, p_g = checked_values(p_data, "p_data", x), checked_values(p_g, "p_g", x)
    if p_data.shape != p_g.shape:
        raise ValueError(f"p_data and p_g must have one shape, got {p_data.shape} and {p_g.shape}.")
    total = p_data + p_g
    return np.divide(p_data, total, out=np.full_like(total, 0.5), where=total > 0)


def smoothed_discriminator(p_data, p_g, real_target: float = 0.9, x=None) -> np.ndarray:
    r"""t·p_data / (p_data + p_g), the best discriminator when real samples are labelled t and fakes 0.

    Where both densities are 0 it is t/2, as `optimal_discriminator` is ½ there.

    Args:
        p_data, p_g, x: as for `optimal_discriminator`.
        real_target: t, above 0 and at most 1: with a target above 1 the loss has no least value.

    Raises:
        ValueError: `real_target` is out of its range, or as in `optimal_discriminator`.

    Source: Salimans et al. 2016, Section 3.4.
    """
    if not 0 < real_target <= 1:
        raise ValueError(f"real_target must be above 0 and at most 1, got {real_target}: 0.9 is usual.")
    return real_target * optimal_discriminator(p_data, p_g, x)


def value_function(d, p_data, p_g, x) -> float:
    r"""V(D, G) = ∫ p_data·log D + p_g·log(1 - D) dx, with 0·log 0 = 0.

    It is -log 4 for D = ½, and 2·JSD(p_data, p_g) - log 4 for D*, the most there is. A D that is surely wrong about
    places where there is mass (0 where p_data is, 1 where p_g is) makes it -inf.

    Args:
        d: (K,) D(x), in [0, 1].
        p_data, p_g: (K,) densities, or distributions.
        x: (K,) grid, increasing.

    Raises:
        ValueError: the grid does not increase, D leaves [0, 1], or a density is negative or does not integrate to 1.

    Source: Goodfellow et al. 2014, Equation 1.
    """
    x = checked_grid(x)
    d = np.asarray(d, dtype=float)
    if d.shape != x.shape:
        raise ValueError(f"d must have one value for each point of x, shape {x.shape}, got shape {d.shape}.")
    if not ((d >= 0) & (d <= 1)).all():
        raise ValueError(
            f"d must be probabilities, in [0, 1], got {d.min():.3g} … {d.max():.3g}: take the sigmoid of logits."
        )
    p_data, p_g = checked_density(p_data, "p_data", x), checked_density(p_g, "p_g", x)
    return integral(x_log(_known(p_data, p_g), d) + x_log(_known(p_g, p_data), 1 - d), x)


def _known(p, other):
    """`p` without what is too little beside `other` to move D: there float64 rounds D* to exactly 0 or 1."""
    return np.where(p > np.finfo(float).eps * other, p, 0.0)


def density_ratio(logit) -> np.ndarray:
    r"""p_data / p_g as the discriminator sees it: e^logit, since D*'s logit is log(p_data / p_g).

    Args:
        logit: D before the sigmoid, of any shape.

    Returns:
        The ratio, in its shape; inf above 709.
    """
    with np.errstate(over="ignore"):
        return np.exp(np.asarray(logit, dtype=float))
