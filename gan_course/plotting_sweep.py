"""The picture of a sweep: what came out, over two of its controls."""

from collections.abc import Sequence

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


def plot_phase_diagram(
    table: Sequence[dict], x: str = "ratio", y: str = "lr_g", value: str = "modes_1_percent", ax: Axes | None = None
) -> Axes:
    """One column of a sweep's table over two others: the mean in each cell as a colour and a number, with its n.

    Runs that differ in anything but `x` and `y` share a cell, seeds above all.

    Args:
        table: from `Sweep.table`.
        x: the column along the horizontal axis; numbers rise, text keeps the order of the table.
        y: the same for the vertical axis.
        value: the column to show; where it is NaN, a run isn't counted in n.
        ax: where to draw; None: in a figure of its own, `.figure` of what is returned.

    Raises:
        ValueError: the table has no rows, or no such column.
    """
    if not table:
        raise ValueError("The table has no rows: nothing to draw. `Sweep.table` gives one row a run.")
    for name in (x, y, value):
        check_name(name, table[0], "column")
    ax = new_figure("square").subplots() if ax is None else ax
    xs, ys = _places(table, x), _places(table, y)
    means, counts = np.full((len(ys), len(xs)), np.nan), np.zeros((len(ys), len(xs)), int)
    for (at_x, at_y), (mean, _, n) in cells(table, (x, y), value).items():
        means[ys.index(at_y), xs.index(at_x)], counts[ys.index(at_y), xs.index(at_x)] = mean, n
    mesh = ax.pcolormesh(np.ma.masked_invalid(means), cmap=COLORS)
    ax.figure.colorbar(mesh, ax=ax, label=f"{WORDS.get(value, value)}, mean")
    _write_numbers(ax, mesh, means, counts)
    ax.set_xticks(np.arange(len(xs)) + 0.5, [_text(at) for at in xs])
    ax.set_yticks(np.arange(len(ys)) + 0.5, [_text(at) for at in ys])
    ax.set(xlabel=WORDS.get(x, x), ylabel=WORDS.get(y, y))
    return ax


def _places(table, name):
    found = list(dict.fromkeys(row[name] for row in table))
    return found if isinstance(found[0], str) else sorted(found)


def _text(value):
    return value if isinstance(value, str) else f"{value:g}"


def _write_numbers(ax, mesh, means, counts):
    """In black on light cells, in white on dark ones."""
    for row, column in np.argwhere(counts > 0):
        light = mesh.norm(means[row, column]) > 0.5
        text = f"{means[row, column]:.3g}\nn={counts[row, column]}"
        ax.text(column + 0.5, row + 0.5, text, ha="center", va="center", color="black" if light else "white")
