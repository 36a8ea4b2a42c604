"""Static figures. One palette and one size table for figures and widgets alike."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from gan_course.pixels import tile, to_pixels
from gan_course.timeline import History

REAL, FAKE = "#0072b2", "#d55e00"  # blue and vermilion, told apart by every kind of eye
D_COLOR, G_COLOR = "#7a4fa3", "#d55e00"
FIELD_MAP = LinearSegmentedColormap.from_list("verdict", ["#f8cfae", "#fafafa", "#a9d0ea"])  # D: fake, ½, real
SIZES = {"square": (4, 4), "wide": (7, 2.6), "tall": (7, 4.6), "lab": (9, 4), "map": (6, 4)}  # inches


def new_figure(size: str = "wide") -> Figure:
    """An empty figure that no pyplot state knows of, so that any thread may make one.

    Args:
        size: a name in SIZES.
    """
    return Figure(SIZES[size], layout="constrained", dpi=100)


def plot_images(images, ax: Axes, columns: int = 8) -> Axes:
    """A grid of images.

    Args:
        images: (N, C, H, W) in [-1, 1]; as many as fill whole rows are shown.
        ax: where to draw.
        columns: pictures in a row.
    """
    pixels = tile(to_pixels(images)[: len(images) // columns * columns], columns)
    ax.imshow(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels, cmap="gray", vmin=0, vmax=255)
    ax.set_axis_off()
    return ax


def plot_points(real, fake, ax: Axes, field=None, bounds=None) -> Axes:
    """Real and fake points, over D's verdict if it is given.

    Args:
        real, fake: (N, 2).
        ax: where to draw.
        field: (rows, columns) of D in [0, 1], its first row at the lowest y.
        bounds: x0, x1, y0, y1 of the field.
    """
    if field is not None:
        ax.imshow(field, cmap=FIELD_MAP, vmin=0, vmax=1, extent=bounds, origin="lower", aspect="equal")
    ax.scatter(*np.asarray(real).T[:2], s=6, color=REAL, alpha=0.5, linewidths=0, label="real")
    ax.scatter(*np.asarray(fake).T[:2], s=6, color=FAKE, alpha=0.7, linewidths=0, label="fake")
    ax.set(aspect="equal", xlabel="x₁", ylabel="x₂")
    ax.legend(loc="upper right", markerscale=2, framealpha=0.9)
    return ax


def plot_verdicts(history: History, ax: Axes) -> Axes:
    """Mean D(x) and D(G(z)) over the rounds, with ½ marked."""
    arrays = history.arrays()
    ax.plot(arrays["step"], arrays["d_real"], color=REAL, lw=1, label="D(x), real")
    ax.plot(arrays["step"], arrays["d_fake"], color=FAKE, lw=1, label="D(G(z)), fake")
    ax.axhline(0.5, color="gray", lw=1, ls=":")
    ax.set(ylim=(0, 1), xlabel="step (rounds)", ylabel="mean verdict of D")
    ax.legend(loc="upper right", fontsize="small")
    return ax


def plot_losses(history: History, ax: Axes) -> Axes:
    """Both losses over the rounds. Their levels can't be compared between objectives."""
    arrays = history.arrays()
    ax.plot(arrays["step"], arrays["d_loss"], color=D_COLOR, lw=1, label="d_loss")
    ax.plot(arrays["step"], arrays["g_loss"], color=G_COLOR, lw=1, label="g_loss")
    ax.set(xlabel="step (rounds)", ylabel="loss (nats)")
    ax.legend(loc="upper right", fontsize="small")
    return ax
