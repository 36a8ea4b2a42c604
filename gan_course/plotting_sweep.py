"""The picture of a sweep: what came out, over two of its controls."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from gan_course.names import check_name
from gan_course.plotting import new_figure
from gan_course.sweep.table import cells

COLORS = "cividis"  # looks the same to every kind of eye
WORDS = {
    "ratio": "D:G (updates of D : updates of G a round)",
    "lr_d": "learning rate of D",
    "lr_g": "learning rate of G",
    "modes": "modes covered",
    "modes_1_percent": "modes with ≥ 1% of samples",
    "high_quality": "share of high-quality samples",
    "reverse_kl": "reverse KL (nats)",
    "d_real": "mean D(x)",
    "d_fake": "mean D(G(z))",
    "diverged": "share that diverged",
}


@dataclass(frozen=True)
class PhaseMap:
    """One column of a sweep's table over two others, one cell for each pair of their values.

    Attributes:
        xs, ys: the values along the axes: X and Y of them.
        mean, error: (Y, X) mean and standard error of the runs in each cell; NaN for too few.
        n: (Y, X) how many runs they are of.
    """

    xs: list
    ys: list
    mean: np.ndarray
    error: np.ndarray
    n: np.ndarray


def phase_map(table: Sequence[dict], x: str, y: str, value: str) -> PhaseMap:
    """The cells of a phase diagram; arguments and errors as for `plot_phase_diagram`."""
    if not table:
        raise ValueError("The table has no rows: nothing to draw. `Sweep.table` gives one row a run.")
    for name in (x, y, value):
        check_name(name, table[0], "column")
    xs, ys = _places(table, x), _places(table, y)
    mean, error = np.full((2, len(ys), len(xs)), np.nan)
    n = np.zeros((len(ys), len(xs)), int)
    for (at_x, at_y), found in cells(table, (x, y), value).items():
        place = ys.index(at_y), xs.index(at_x)
        mean[place], error[place], n[place] = found
    return PhaseMap(xs, ys, mean, error, n)


def plot_phase_diagram(
    table: Sequence[dict],
    x: str = "ratio",
    y: str = "lr_g",
    value: str = "modes_1_percent",
    ax: Axes | None = None,
    limits: tuple[float, float] | None = None,
) -> Axes:
    """One column of a sweep's table over two others: the mean in each cell as a colour and a number, with its n.

    Runs that differ in anything but `x` and `y` share a cell, seeds above all.

    Args:
        table: from `Sweep.table`.
        x: the column along the horizontal axis; numbers rise, text keeps the order of the table.
        y: the same for the vertical axis.
        value: the column to show; where it is NaN, a run isn't counted in n.
        ax: where to draw; None: in a figure of its own, `.figure` of what is returned.
        limits: the values of the darkest and the lightest colour; None: the lowest and the highest mean.

    Raises:
        ValueError: the table has no rows, or no such column.
    """
    found = phase_map(table, x, y, value)
    ax = new_figure("square").subplots() if ax is None else ax
    lowest, highest = limits or (None, None)
    mesh = ax.pcolormesh(np.ma.masked_invalid(found.mean), cmap=COLORS, vmin=lowest, vmax=highest)
    ax.figure.colorbar(mesh, ax=ax, label=f"{WORDS.get(value, value)}, mean")
    _write_numbers(ax, mesh, found)
    ax.set_xticks(np.arange(len(found.xs)) + 0.5, [place_text(at) for at in found.xs])
    ax.set_yticks(np.arange(len(found.ys)) + 0.5, [place_text(at) for at in found.ys])
    ax.set(xlabel=WORDS.get(x, x), ylabel=WORDS.get(y, y))
    return ax


def _places(table, name):
    found = list(dict.fromkeys(row[name] for row in table))
    return found if isinstance(found[0], str) else sorted(found)


def place_text(value) -> str:
    """A value of an axis in few characters."""
    return value if isinstance(value, str) else f"{value:g}"


def _write_numbers(ax, mesh, found):
    """In black on light cells, in white on dark ones."""
    for row, column in np.argwhere(found.n > 0):
        light = mesh.norm(found.mean[row, column]) > 0.5
        text = f"{found.mean[row, column]:.3g}\nn={found.n[row, column]}"
        ax.text(column + 0.5, row + 0.5, text, ha="center", va="center", color="black" if light else "white")
