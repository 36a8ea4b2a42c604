"""Functions given by their values on a grid: integrals, and errors that say what is wrong with them."""

import numpy as np

TOLERANCE = 1e-3  # how far from 1 a density's integral may be; the result is about as far off


def integral(values: np.ndarray, x: np.ndarray) -> float:
    """The trapezoid rule. (numpy calls it `trapz` before version 2 and `trapezoid` since.)"""
    return float(np.sum((values[1:] + values[:-1]) * np.diff(x)) / 2)


def x_log(weight: np.ndarray, log_of: np.ndarray) -> np.ndarray:
    """weight·log(log_of), which is 0 wherever the weight is 0, as its limit is."""
    with np.errstate(divide="ignore"):
        return weight * np.log(np.where(weight > 0, log_of, 1.0))


def checked_grid(x) -> np.ndarray:
    """`x` in float64, if it is a grid: (K,), K at least 2, finite and increasing.

    Raises:
        ValueError: it is not.
    """
    x = np.asarray(x, dtype=float)
    if x.ndim != 1 or len(x) < 2:
        raise ValueError(f"expected the grid x in shape (K,) with at least 2 points, got shape {x.shape}.")
    if not np.isfinite(x).all():
        raise ValueError("the grid x holds a value that is not finite: use np.linspace(low, high, points).")
    falls = np.flatnonzero(np.diff(x) <= 0)
    if len(falls):
        i = falls[0]
        raise ValueError(
            f"the grid x must increase, but x[{i}] = {x[i]:g} is followed by x[{i + 1}] = {x[i + 1]:g}: "
            "use np.linspace(low, high, points), or np.unique(x)."
        )
    return x


def checked_values(values, name: str, x: np.ndarray | None = None) -> np.ndarray:
    """`values` in float64, if they can be those of a density: finite, at least 0, and (K,) where a grid is given.

    A distribution, anything with `pdf(x)`, is asked for its values on the grid.

    Raises:
        ValueError: they cannot.
    """
    if callable(getattr(values, "pdf", None)):
        if x is None:
            raise ValueError(f"{name} is a distribution, so the places to look at it are needed: give x.")
        values = values.pdf(x)
    values = np.asarray(values, dtype=float)
    if x is not None and values.shape != x.shape:
        raise ValueError(f"{name} must have one value for each point of x, shape {x.shape}, got shape {values.shape}.")
    if not np.isfinite(values).all():
        raise ValueError(f"{name} holds a value that is not finite: a density must be a finite number everywhere.")
    if (values < 0).any():
        where = "" if x is None else f" at x = {x[values.argmin()]:g}"
        raise ValueError(
            f"{name} is a density and cannot be negative, got {values.min():.3g}{where}: "
            "cut it off with np.maximum(values, 0), then use normalize(values, x)."
        )
    return values


def checked_density(values, name: str, x: np.ndarray) -> np.ndarray:
    """`values` in float64, if they are those of a density on the grid, whose integral is 1.

    Raises:
        ValueError: they are not.
    """
    values = checked_values(values, name, x)
    mass = integral(values, x)
    if abs(mass - 1) > TOLERANCE:
        raise ValueError(
            f"{name} must integrate to 1 over x = {x[0]:g} … {x[-1]:g}, got {mass:.6g} ({mass - 1:+.3g}): widen the "
            f"grid if it cuts the density off, refine it if the density is narrower than its cells, "
            f"or use normalize({name}, x)."
        )
    return values
