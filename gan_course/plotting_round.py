"""Pictures of a round by hand: noise, the plane of real points and fakes, and how much every weight changed."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from gan_course.plotting import D_COLOR, FAKE, FIELD_MAP, G_COLOR, REAL

REACH = 1.8  # the plane goes from -REACH to REACH
NOISE_REACH = 3.2  # so does that of the noise: 99.7% of it lies inside
FAINTEST = 0.22  # how strongly a cell is coloured whose weight hardly moved
CONTRAST = 0.15  # the field has its full colour where D is so far from ½


def field_shades(field: np.ndarray) -> np.ndarray:
    """D in [0, 1] as shades: 0 where it is ½ - CONTRAST or less, 255 where it is ½ + CONTRAST or more; uint8."""
    return np.rint(255 * np.clip((field - 0.5 + CONTRAST) / (2 * CONTRAST), 0, 1)).astype(np.uint8)


def cells(changes: list[np.ndarray]) -> np.ndarray:
    """What every weight of a network with one hidden layer changed by, as a table with a column a hidden unit.

    Args:
        changes: of weight (H, I), bias (H,), weight (O, H) and bias (O,).

    Returns:
        (I + 1 + O, H + 1): a row an input and one of biases, then a row an output; NaN where there is no weight. The
        last column holds the biases of the outputs.
    """
    into, hidden_bias, out, out_bias = changes
    above = np.vstack([into.T, hidden_bias])
    above = np.hstack([above, np.full((len(above), 1), np.nan)])
    return np.vstack([above, np.column_stack([out, out_bias])])


def plot_noise(arrays: dict[str, np.ndarray], ax: Axes) -> Axes:
    """The noise z (N, 2) in its plane, if `arrays` has it."""
    if "z" in arrays:
        ax.scatter(*arrays["z"].T, s=12, color="black", linewidths=0)
    ax.set(aspect="equal", xlim=(-NOISE_REACH, NOISE_REACH), ylim=(-NOISE_REACH, NOISE_REACH))
    ax.set(xlabel="z₁", ylabel="z₂", title="noise z")
    return ax


def plot_table(arrays: dict[str, np.ndarray], ax: Axes) -> Axes:
    """Real points and fakes over D's verdict, as far as they are there; arrows to where an update took the fakes.

    Args:
        arrays: any of x, fakes, fakes_now (N, 2), and field (rows, columns) from `field_shades`.
        ax: where to draw.
    """
    if "field" in arrays:
        extent = (-REACH, REACH, -REACH, REACH)
        ax.imshow(arrays["field"], cmap=FIELD_MAP, vmin=0, vmax=255, extent=extent, origin="lower", aspect="equal")
    if "x" in arrays:
        ax.scatter(*arrays["x"].T, s=16, color=REAL, linewidths=0, label="real x")
    if "fakes" in arrays:
        now = arrays.get("fakes_now", arrays["fakes"])
        ax.scatter(*now.T, s=16, color=FAKE, marker="s", linewidths=0, label="fake G(z)")
        ax.plot(*np.stack([arrays["fakes"], now]).transpose(2, 0, 1), color=FAKE, lw=1)
    if "x" in arrays or "fakes" in arrays:
        ax.legend(loc="upper right", fontsize="small")
    ax.set(aspect="equal", xlim=(-REACH, REACH), ylim=(-REACH, REACH), xlabel="x₁", ylabel="x₂", title="points")
    return ax


def plot_changes(table: np.ndarray, name: str, moved: int, ax: Axes) -> Axes:
    """How much every weight changed: the darker a cell, the more; white if it did not.

    Args:
        table: from `cells`.
        name: "G" or "D".
        moved: how many weights changed.
        ax: where to draw.
    """
    colors = LinearSegmentedColormap.from_list("change", ["#ffffff", {"G": G_COLOR, "D": D_COLOR}[name]])
    strength = FAINTEST + (1 - FAINTEST) * np.abs(table) / (np.nanmax(np.abs(table)) or 1)
    shown = np.where(table == 0, 0, strength)[::-1]
    ax.pcolormesh(shown, cmap=colors, vmin=0, vmax=1, edgecolors="#aaaaaa", linewidth=0.5)
    ax.set_axis_off()
    ax.set_title(f"{name}: {moved} of {np.isfinite(table).sum()} weights moved", fontsize="small")
    return ax
