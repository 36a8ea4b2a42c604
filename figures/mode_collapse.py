"""Figures of chapter 4: what a collapse looks like, and how early it is decided."""

import json

from drawing import HERE, dots, modes_of, save_png
from matplotlib.figure import Figure

from gan_course import TrainConfig, Trainer
from gan_course.plotting import FAKE, REAL

MOMENTS = (100, 120, 140, 160, 180, 200)  # rounds
RATIOS = {"1:10": (1, 10), "2:1": (2, 1)}

SEED = 1


def hopping() -> None:
    """The same ring at six moments, at two D:G ratios: a generator that hops, and one that spreads."""
    figure = Figure((9.6, 3.5), layout="constrained")
    axes = figure.subplots(len(RATIOS), len(MOMENTS), sharex=True, sharey=True)
    for row, (name, (d_steps, g_steps)) in zip(axes, RATIOS.items()):
        run = Trainer(TrainConfig(seed=SEED, device="cpu", threads=1, d_steps=d_steps, g_steps=g_steps))
        row[0].set_ylabel(f"D:G {name}", fontsize=12)
        for ax, moment in zip(row, MOMENTS):
            run.run(moment - run.steps)
            _ring(ax, run)
    for ax, moment in zip(axes[0], MOMENTS):
        ax.set_title(f"round {moment}", fontsize=10)
    save_png(figure, "mode_collapse.png")


def _ring(ax, run):
    ax.plot(*run.data.centers.T, "o", ms=13, mfc="none", mec=REAL, mew=1.2)
    ax.plot(*run.sample(300).T, "o", ms=2.5, color=FAKE, alpha=0.5, mew=0)
    ax.set(xlim=(-1.6, 1.6), ylim=(-1.6, 1.6), aspect="equal", xticks=(), yticks=())


HEAD_STARTS, SEEDS, ROUNDS = (0, 10, 20, 30, 45, 60, 100), 8, 300


def measure_head_start() -> None:
    """Train the runs that `head_start` draws, for some minutes: `python figures/mode_collapse.py`."""
    modes = {str(rounds): [_after(rounds, seed) for seed in range(SEEDS)] for rounds in HEAD_STARTS}
    (HERE / "head_start.json").write_text(json.dumps({"seeds": SEEDS, "rounds": ROUNDS, "modes": modes}) + "\n")


def _after(head_start, seed):
    """Modes with at least 1% of the samples, when 2:1 for some rounds was followed by 1:10."""
    run = Trainer(TrainConfig(seed=seed, device="cpu", threads=1, d_steps=2))
    run.run(head_start)
    run.set(d_steps=1, g_steps=10)
    run.run(ROUNDS)
    return modes_of(run)


def head_start() -> None:
    """Modes covered after 1:10, by how long D was ahead before: every run a dot, and their mean."""
    dots("head_start", "rounds at 2:1 before {rounds} rounds at 1:10")


if __name__ == "__main__":
    measure_head_start()
