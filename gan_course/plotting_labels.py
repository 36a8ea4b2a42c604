"""The picture of obedience: what was asked for, against what a classifier saw."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from torch import Tensor


def plot_confusion(table: Tensor, names: Sequence, ax: Axes) -> Axes:
    """A confusion table as shades, with the percentages that matter.

    Args:
        table: (K, K) in rows that sum to 1, as from `obedience.confusion`.
        names: K of them, in the order of the rows.
        ax: where to draw.
    """
    ax.imshow(table, cmap="Blues", vmin=0, vmax=1)
    for row, column in (table >= 0.1).nonzero().tolist():
        share = float(table[row, column])
        color = "white" if share > 0.5 else "black"
        ax.text(column, row, f"{100 * share:.0f}", ha="center", va="center", fontsize="xx-small", color=color)
    ax.set_xticks(range(len(names)), names, rotation=90)
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel="seen", ylabel="asked for (numbers: %)")
    return ax
