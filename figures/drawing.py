"""What the figures' scripts share: boxes, arrows, and files that are the same at every run."""

import json
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from gan_course import Trainer
from gan_course.metrics.modes import PAPER_SAMPLES, mode_coverage
from gan_course.plotting import FAKE

HERE = Path(__file__).parent
GRAY = "#555555"
BACK = "#b00020"  # gradients


def save(figure: Figure, name: str) -> None:
    """As SVG without a date or random names, so that a second run writes the same bytes."""
    with matplotlib.rc_context({"svg.hashsalt": name}):
        figure.savefig(HERE / name, metadata={"Date": None}, facecolor="white")


def save_png(figure: Figure, name: str) -> None:
    """As PNG, for figures of many dots."""
    figure.savefig(HERE / name, dpi=100, facecolor="white")


def canvas(width: float, height: float, columns: int = 1) -> tuple[Figure, list[Axes]]:
    """Empty places without axes, side by side; sizes in inches."""
    figure = Figure((width, height), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False)[0]
    for ax in axes:
        ax.set_axis_off()
    return figure, axes


def box(ax: Axes, x: float, y: float, words: str, color: str, learns: bool = False, width: float = 1.5) -> None:
    """A network or a quantity, its middle at (x, y); a thick frame on what learns."""
    ax.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - 0.3), width, 0.6, boxstyle="round,pad=0.04", fc="white", ec=color,
            lw=3 if learns else 1, ls="-" if learns else "--",
        )
    )  # fmt: skip
    ax.text(x, y, words, ha="center", va="center", fontsize=10, color=color, weight="bold" if learns else "normal")


def arrow(ax: Axes, start: tuple, end: tuple, color: str = GRAY, bend: float = 0.0) -> None:
    """From start to end."""
    ax.add_patch(
        FancyArrowPatch(start, end, arrowstyle="-|>", color=color, mutation_scale=12, lw=1.4,
                        connectionstyle=f"arc3,rad={bend}")
    )  # fmt: skip


def dots(name: str, xlabel: str) -> None:
    """The modes that `name`.json holds: a dot for each run and a bar for the mean of each group, as `name`.svg.

    Args:
        name: of both files.
        xlabel: what the groups differ in; {} stand for what else the file holds.
    """
    found = json.loads((HERE / f"{name}.json").read_text())
    figure = Figure((7, 3), layout="constrained")
    ax = figure.subplots()
    counts = found["modes"]
    for i, group in enumerate(counts.values()):
        spread = [i + 0.045 * (k - (len(group) - 1) / 2) for k in range(len(group))]
        ax.plot(spread, group, "o", color=FAKE, ms=5, alpha=0.6, mew=0)
    ax.plot([sum(group) / len(group) for group in counts.values()], "_", color="black", ms=26, mew=2)
    ax.set_xticks(range(len(counts)), counts)
    ax.set(
        xlabel=xlabel.format(**found), ylabel="modes covered, of 8", ylim=(-0.4, 8.4),
        title=f"Ring of 8: a dot for each of {found['seeds']} seeds, a bar for their mean",
    )  # fmt: skip
    save(figure, f"{name}.svg")


def modes_of(run: Trainer) -> int:
    """Modes that hold at least 1% of 2,500 samples within 3σ."""
    return mode_coverage(run.sample(PAPER_SAMPLES), run.data.centers, run.data.std).modes_1_percent
