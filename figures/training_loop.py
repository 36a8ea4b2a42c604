"""Figures of chapter 3: the two turns of a round, the textbook networks, and what the D:G ratio did."""

import json

from drawing import BACK, GRAY, HERE, arrow, box, canvas, dots, modes_of, save

from gan_course import TrainConfig, Trainer
from gan_course.plotting import D_COLOR, FAKE, REAL


def turns() -> None:
    """Whose weights move in which turn, and where the gradient runs."""
    figure, axes = canvas(9.6, 3.2, columns=2)
    for ax, title, turn in zip(axes, ("D's turn", "G's turn"), (_d_turn, _g_turn)):
        ax.set(xlim=(0, 8.2), ylim=(0, 4), title=title)
        turn(ax)
    save(figure, "two_turns.svg")


def _d_turn(ax):
    box(ax, 0.6, 1.2, "z", GRAY, width=0.6)
    box(ax, 2.5, 1.2, "G, as it is", FAKE)
    box(ax, 2.5, 3.0, "real x", REAL)
    box(ax, 5.2, 2.1, "D learns", D_COLOR, learns=True)
    box(ax, 7.4, 2.1, "d_loss", GRAY, width=1.1)
    arrow(ax, (0.95, 1.2), (1.7, 1.2))
    arrow(ax, (3.3, 1.2), (4.4, 1.9), FAKE)
    arrow(ax, (3.3, 3.0), (4.4, 2.3), REAL)
    arrow(ax, (6.0, 2.2), (6.8, 2.2))
    arrow(ax, (7.4, 1.75), (5.2, 1.75), BACK, bend=-0.35)
    ax.text(6.3, 0.8, "gradient", color=BACK, ha="center", fontsize=9)
    ax.plot((3.65, 3.95), (1.75, 1.3), color=BACK, lw=2.5)  # across the way from G to D
    ax.text(3.75, 1.1, "detach():\nno gradient\npasses here", color=BACK, ha="left", va="top", fontsize=9)
    ax.text(5.2, 3.0, "labels: real 1, fake 0", ha="left", fontsize=9, color=GRAY)


def _g_turn(ax):
    box(ax, 0.6, 2.1, "z", GRAY, width=0.6)
    box(ax, 2.5, 2.1, "G learns", FAKE, learns=True)
    box(ax, 5.2, 2.1, "D, as it is", D_COLOR)
    box(ax, 7.4, 2.1, "g_loss", GRAY, width=1.1)
    arrow(ax, (0.95, 2.1), (1.7, 2.1))
    arrow(ax, (3.3, 2.2), (4.4, 2.2), FAKE)
    arrow(ax, (6.0, 2.2), (6.8, 2.2))
    arrow(ax, (7.4, 1.75), (5.2, 1.75), BACK, bend=-0.35)
    arrow(ax, (5.2, 1.75), (2.5, 1.75), BACK, bend=-0.3)
    ax.text(5.0, 0.75, "gradient, through D to G", color=BACK, ha="center", fontsize=9)
    ax.text(5.2, 3.0, "label: fake 1", ha="left", fontsize=9, color=GRAY)


LAYERS = {
    "G: dense": [("z", "100"), ("dense", "512"), ("dense", "1,024"), ("dense, tanh", "784 =\n1×28×28")],
    "D: convolutions": [("conv", "32×14×14"), ("conv", "64×7×7"), ("dense", "128"), ("dense", "1 logit")],
}


def textbook() -> None:
    """The textbook pair: what flows from layer to layer, and how many weights lie between."""
    figure, (ax,) = canvas(9.6, 2.3)
    layers = [layer for part in LAYERS.values() for layer in part]
    weights = ["51,712", "525,312", "803,600", "544", "32,832", "401,536", "129"]
    ax.set(xlim=(-0.6, 7.6), ylim=(-1.5, 1.2))
    for i, (kind, size) in enumerate(layers):
        color = FAKE if i < 4 else D_COLOR
        box(ax, i, 0, size, color, learns=True, width=0.72)
        ax.text(i, 0.5, kind, ha="center", fontsize=9, color=color)
    for i, count in enumerate(weights):
        arrow(ax, (i + 0.4, 0), (i + 0.6, 0))
        ax.text(i + 0.5, -0.55, count, ha="center", fontsize=8, color=GRAY)
    for middle, name, total in ((1.5, "generator", "1,380,624"), (5.5, "discriminator", "435,041")):
        ax.text(middle, 0.95, name, ha="center", fontsize=11, color=FAKE if middle < 4 else D_COLOR, weight="bold")
        ax.text(middle, -1.2, f"{total} weights and biases", ha="center", fontsize=9, color=GRAY)
    save(figure, "textbook_networks.svg")


RATIOS = {"1:10": (1, 10), "1:5": (1, 5), "1:2": (1, 2), "1:1": (1, 1), "2:1": (2, 1), "5:1": (5, 1), "10:1": (10, 1)}
UPDATES, SEEDS = 6000, 8  # of both players together, in each run; runs at each ratio


def measure_dg_ratio() -> None:
    """Train the runs that `dg_ratio` draws, for some minutes: `python figures/training_loop.py`."""
    modes = {name: [_modes(seed, *steps) for seed in range(SEEDS)] for name, steps in RATIOS.items()}
    found = {"updates": UPDATES, "seeds": SEEDS, "modes": modes}
    (HERE / "dg_ratio.json").write_text(json.dumps(found) + "\n")


def _modes(seed, d_steps, g_steps):
    """Modes of the ring that hold at least 1% of 2,500 samples within 3σ."""
    run = Trainer(TrainConfig(seed=seed, device="cpu", d_steps=d_steps, g_steps=g_steps))
    run.run(UPDATES // (d_steps + g_steps))
    return modes_of(run)


def dg_ratio() -> None:
    """Modes of the ring covered at each D:G ratio: every run a dot, and their mean."""
    dots("dg_ratio", "D:G ratio (updates of D : updates of G in a round; {updates:,} updates in all)")


if __name__ == "__main__":
    measure_dg_ratio()
