"""Pictures of coverage: where a generator's samples were over the rounds, and how many classes they have now."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from gan_course.coverage import Coverage
from gan_course.plotting import FAKE, REAL

MOSTLY_NOT = "#666666"


def plot_mode_history(seen: Coverage, ax: Axes) -> Axes:
    """The share of the samples in each mode, as a shade, over the rounds looked at: a hopping G draws a zigzag.

    Args:
        seen: at least one look.
        ax: where to draw.

    Raises:
        ValueError: nothing was looked at.
    """
    if not seen.looks:
        raise ValueError("nothing to draw: look at the run first, seen.look(trainer).")
    steps = np.array([look.step for look in seen.looks])
    shares = np.array([look.shares for look in seen.looks])
    mesh = ax.pcolormesh(_edges(steps), np.arange(shares.shape[1] + 1) - 0.5, shares.T, cmap="Oranges", vmin=0, vmax=1)
    ax.figure.colorbar(mesh, ax=ax, label="share of the samples")
    ax.set(xlabel="round", ylabel="mode", yticks=range(shares.shape[1]))
    return ax


def _edges(steps):
    """(T + 1,): halfway between the looks; the outer ones are as far out."""
    middles = (steps[1:] + steps[:-1]) / 2
    half = (steps[-1] - middles[-1]) if len(middles) else 0.5
    return np.concatenate([[steps[0] - half], middles, [steps[-1] + half]])


def plot_classes(counts: Sequence[int], names: Sequence[str], ax: Axes) -> Axes:
    """The share of the samples in each class, and a line at the share that data with equal classes has.

    Args:
        counts: (K,) samples by class, as from `class_coverage`.
        names: K of them.
        ax: where to draw.
    """
    counts = np.asarray(counts)
    share = counts / counts.sum()
    ax.barh(range(len(names)), share, color=FAKE)
    ax.axvline(1 / len(names), color=REAL, lw=1.5)
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.set(xlabel="share (blue: the data's)", xlim=(0, max(0.35, share.max() * 1.05)))
    return ax


def plot_remedies(rows: Sequence[dict], ax: Axes) -> Axes:
    """Modes covered with each remedy, the best on top: mean and 95% interval; dark where most seeds cover all.

    Args:
        rows: as from `gan_course.results.remedies`.
        ax: where to draw.
    """
    rows = sorted(rows, key=lambda row: row["modes"])
    for i, row in enumerate(rows):
        color = REAL if 2 * row["seeds_with_all"] > row["seeds"] else MOSTLY_NOT
        ax.plot((row["modes_low"], row["modes_high"]), (i, i), color=color, lw=4, alpha=0.4, solid_capstyle="butt")
        ax.plot(row["modes"], i, "o", color=color, ms=6)
        ax.text(8.35, i, f"{row['seeds_with_all']}/{row['seeds']}", va="center", fontsize="small", color=color)
    ax.text(8.35, len(rows) - 0.2, "all 8", fontsize="small", color=MOSTLY_NOT)
    ax.set_yticks(range(len(rows)), [row["remedy"] for row in rows])
    ax.set(xlim=(-0.15, 8.2))
    ax.set_xlabel("modes with at least 1% of the samples: mean and 95% interval", loc="right")
    ax.grid(axis="x", alpha=0.3)
    return ax
