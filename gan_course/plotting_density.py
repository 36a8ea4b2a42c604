"""Pictures of two densities: the best discriminator between them, and how hard each generator loss pulls."""

import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_course.plotting import D_COLOR, FAKE, REAL
from gan_course.theory import optimal_discriminator

NON_SATURATING = "#00795c"
FAINT = 0.2
ENOUGH = 0.02  # of the highest density, from which on a line is drawn in full


def plot_densities(x: np.ndarray, p_data: np.ndarray, p_g: np.ndarray, ax: Axes) -> Axes:
    """Both densities, filled.

    Args:
        x: (K,) grid.
        p_data, p_g: (K,) densities.
        ax: where to draw.
    """
    for values, color, label in ((p_data, REAL, "real, p_data"), (p_g, FAKE, "fake, p_g")):
        ax.fill_between(x, values, color=color, alpha=0.2, linewidth=0)
        ax.plot(x, values, color=color, lw=2, label=label)
    ax.set(ylabel="density", xlim=(x[0], x[-1]), ylim=(0, None))
    ax.legend(loc="upper right", fontsize="small")
    return ax


def plot_best_discriminator(x: np.ndarray, p_data: np.ndarray, p_g: np.ndarray, ax: Axes) -> Axes:
    """D*(x), faint where neither density has mass, with ½ dashed.

    Args:
        x: (K,) grid.
        p_data, p_g: (K,) densities.
        ax: where to draw.
    """
    ax.axhline(0.5, color="gray", lw=1, ls="--")
    _plot_fading(x, optimal_discriminator(p_data, p_g), np.maximum(p_data, p_g), ax, color=D_COLOR)
    ax.set(ylabel="D*(x)", xlim=(x[0], x[-1]), ylim=(-0.05, 1.05), yticks=(0, 0.5, 1))
    return ax


def plot_pulls(x: np.ndarray, p_g: np.ndarray, pulls: dict[str, np.ndarray], ax: Axes) -> Axes:
    """How hard a loss pulls at a fake at x, faint where there are no fakes.

    Args:
        x: (K,) grid.
        p_g: (K,) density of the fakes, drawn behind.
        pulls: (K,) by the loss: "minimax" and "non-saturating".
        ax: where to draw.
    """
    ax.fill_between(x, p_g / p_g.max(), color=FAKE, alpha=0.13, linewidth=0)
    looks = {"minimax": dict(color="black", ls="--"), "non-saturating": dict(color=NON_SATURATING)}
    for loss, pull in pulls.items():
        _plot_fading(x, pull, p_g, ax, label=loss, **looks[loss])
    ax.set(xlabel="x", ylabel="pull", xlim=(x[0], x[-1]), ylim=(-0.05, 1.05), yticks=(0, 0.5, 1))
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, fontsize="small", frameon=False)
    return ax


def _plot_fading(x, values, mass, ax, label=None, **look):
    ax.plot(x, values, lw=2, alpha=FAINT, **look)
    ax.plot(x, np.where(mass > ENOUGH * mass.max(), values, np.nan), lw=2, label=label, **look)


def write_numbers(figure_part, numbers: dict[str, str]) -> None:
    """Numbers as large text, each under its name.

    Args:
        figure_part: a figure or a part of one.
        numbers: what to write, by its name.
    """
    for i, (name, number) in enumerate(numbers.items()):
        top = 1 - (i + 0.3) / len(numbers)
        figure_part.text(0.05, top, name, fontsize="small", va="top")
        figure_part.text(0.05, top - 0.03, number, fontsize="x-large", fontweight="bold", va="top")


def density_figure(
    x: np.ndarray,
    p_data: np.ndarray,
    p_g: np.ndarray,
    pulls: dict[str, np.ndarray],
    numbers: dict[str, str],
    words: str,
) -> Figure:
    """All of a density lab, one picture above the other.

    Args:
        x: (K,) grid.
        p_data, p_g: (K,) densities.
        pulls: as for `plot_pulls`.
        numbers: as for `write_numbers`.
        words: what stands above.
    """
    figure = Figure((9, 6), layout="constrained", dpi=100)
    left, right = figure.subfigures(1, 2, width_ratios=(3.4, 1))
    densities, best, pull = left.subplots(3, 1, sharex=True, height_ratios=(2, 1, 1.2))
    plot_densities(x, p_data, p_g, densities)
    plot_best_discriminator(x, p_data, p_g, best)
    plot_pulls(x, p_g, pulls, pull)
    write_numbers(right, numbers)
    figure.suptitle("\n".join(textwrap.wrap(words, 120)), fontsize="small")
    return figure
