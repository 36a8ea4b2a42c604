"""How far apart two densities on a grid are, in three ways."""

import math

import numpy as np

from gan_course.theory.grid import checked_density, checked_grid, integral, x_log

BEYOND = 1e-12  # this much of p may lie where q is 0: there q is more likely a tail that float64 rounded to 0


def kl_divergence(p, q, x) -> float:
    r"""KL(p ‖ q) = ∫ p·log(p / q) dx, at least 0, and inf if p has mass where q is 0.

    A mass below 1e-12 does not count. Mind that a Gaussian's tail is exactly 0 in float64 from about 38 standard
    deviations on: if p still has mass there the result is inf, although the formula's value is finite.

    Args:
        p, q: (K,) densities, or distributions.
        x: (K,) grid, increasing.

    Raises:
        ValueError: the grid does not increase, or a density is negative or does not integrate to 1.
    """
    x, p, q = _checked(p, q, x)
    if integral(np.where(q > 0, 0.0, p), x) > BEYOND:
        return math.inf
    p = np.where(q > 0, p, 0.0)
    return max(0.0, integral(x_log(p, p) - x_log(p, q), x))


def js_divergence(p, q, x) -> float:
    r"""JSD(p, q) = ½·KL(p ‖ m) + ½·KL(q ‖ m) with m = (p + q)/2: from 0 where p = q to log 2 where they never meet.

    Args:
        p, q: (K,) densities, or distributions.
        x: (K,) grid, increasing.

    Raises:
        ValueError: the grid does not increase, or a density is negative or does not integrate to 1.

    Source: Goodfellow et al. 2014, Theorem 1.
    """
    x, p, q = _checked(p, q, x)
    total = np.where(p + q > 0, p + q, 1.0)
    return max(0.0, 0.5 * integral(x_log(p, 2 * p / total) + x_log(q, 2 * q / total), x))


def wasserstein_1d(p, q, x) -> float:
    r"""W₁(p, q) = ∫ |P - Q| dx, where P and Q are the cumulative distributions: how far the mass of p must be moved.

    A shift by s makes it s, however far apart the densities are, where the JSD has long been stuck at log 2.

    Between the grid's points P - Q is taken as the cubic with the right values and slopes, whose area is known, and
    each cell where it changes sign is cut there: for smooth densities the error falls with the fourth power of the
    cells' width.

    Args:
        p, q: (K,) densities, or distributions.
        x: (K,) grid, increasing.

    Raises:
        ValueError: the grid does not increase, or a density is negative or does not integrate to 1.

    Source: Villani 2003, "Topics in Optimal Transportation", Remark 2.19.
    """
    x, p, q = _checked(p, q, x)
    above, below = _cumulative(p, x), _cumulative(q, x)
    gap = above / above[-1] - below / below[-1]
    return _area_between(gap, p / above[-1] - q / below[-1], x)


def _cumulative(p, x):
    """∫ p up to each point of the grid, (K,): the trapezoid rule, corrected by the slopes of p."""
    width = np.diff(x)
    cells = width * (p[1:] + p[:-1]) / 2 - width**2 * np.diff(_slopes(p, width)) / 12
    return np.concatenate([[0.0], np.cumsum(cells)])


def _slopes(p, width):
    """p' at each point, (K,): the harmonic mean of the rise on both sides, 0 at a peak and where p is flat on one side.

    A plain mean would let the integral of a density with a jump swing below 0 in front of it.
    """
    rise = np.diff(p) / width
    left, right = rise[:-1], rise[1:]
    product, total = left * right, left + right
    inner = np.divide(2 * product, total, out=np.zeros_like(total), where=product > 0)
    return np.concatenate([rise[:1], inner, rise[-1:]])


def _area_between(values, slopes, x):
    """∫ |f| dx for the f that is a cubic in every cell, with these values and slopes at the grid's points."""
    width, start, change = np.diff(x), values[:-1], np.diff(values)
    first, last = width * slopes[:-1], width * slopes[1:]

    def area_up_to(t):  # of f, from the left end of each cell; t in [0, 1]
        square, cube = 3 * change - 2 * first - last, first + last - 2 * change
        return width * (start * t + first * t**2 / 2 + square * t**3 / 3 + cube * t**4 / 4)

    crosses = values[1:] * start < 0
    # A straight line's root is near enough: around its root f is so small that the area hardly notices.
    root = np.divide(-start, change, out=np.ones_like(start), where=crosses)
    left, whole = area_up_to(root), area_up_to(1.0)
    return float(np.sum(np.abs(left) + np.abs(whole - left)))


def _checked(p, q, x):
    x = checked_grid(x)
    return x, checked_density(p, "p", x), checked_density(q, "q", x)
