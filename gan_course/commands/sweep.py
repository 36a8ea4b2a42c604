"""Train many GANs on points at once: every combination of the controls' values, with every seed.

A control takes one value or several: --ratio 1:10,1:1,2:1 --lr 1e-3,1e-4. The folder gets the sweep
(sweep.json and a file a stack, saved every 30 seconds), table.csv (a row a run) and phase.png (modes
with at least 1% of the samples, over two controls). Ctrl-C stops, saves, and says how to go on.
"""

import argparse
import io
import shlex
from pathlib import Path

from rich.console import Console

from gan_course.commands import CommandError
from gan_course.commands.train import CONTROLS, SETTINGS, add_fields, explained, flag, positive

SWEPT = CONTROLS | {name: SETTINGS[name] for name in ("pack", "minibatch_stddev", "spectral_norm")}
SAME_FOR_ALL = ("architecture", "latent_dim", "width", "batch_size", "device", "precision", "threads")
FIXED = {name: SETTINGS[name] for name in SAME_FOR_ALL}
DATASET = {"dataset": (str, "ring, grid, spiral, moons or line (default: ring)")}
DEFAULT_STEPS, DEFAULT_SEEDS = 2000, 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's arguments."""
    add_fields(parser.add_argument_group("what all runs have in common"), DATASET | FIXED)
    group = parser.add_argument_group("controls, each with one value or several: A,B,C")
    several = {"metavar": "A,B", "default": argparse.SUPPRESS}
    group.add_argument("--ratio", type=_several(_ratio), help="D:G, updates of D and of G a round: 1:10,1:1", **several)
    group.add_argument("--lr", type=_several(float), help="both learning rates", **several)
    for name, (kind, text) in SWEPT.items():
        kind, text = (_switch, f"{text}: on or off, or both: off,on") if kind is bool else (kind, text)
        group.add_argument(flag(name), dest=name, type=_several(kind), help=text, **several)
    how = parser.add_argument_group("how many, how long, and where they are kept")
    how.add_argument("--seeds", type=positive(int), metavar="N", help=f"runs of each (default: {DEFAULT_SEEDS})")
    how.add_argument(
        "--steps", type=positive(int), metavar="N", default=DEFAULT_STEPS, help=f"rounds (default: {DEFAULT_STEPS:,})"
    )
    how.add_argument("--out", type=Path, metavar="DIR", help="the sweep's folder (default: runs/sweep-DATASET)")
    how.add_argument("--resume", action="store_true", help="go on with the sweep in that folder, up to --steps")


def _several(kind):
    def values(text):
        return [kind(part) for part in text.split(",")]

    values.__name__ = f"list of {kind.__name__}"  # argparse's message names it
    return values


def _ratio(text):
    d_steps, _, g_steps = text.partition(":")
    return int(d_steps), int(g_steps)


def _switch(text):
    return ("off", "on").index(text) == 1


_ratio.__name__, _switch.__name__ = "D:G", "on/off"


def run(arguments: argparse.Namespace) -> int:
    """Train, save, show the results; 130 if it was interrupted."""
    given = vars(arguments)
    settings = {name: given[name] for name in DATASET | FIXED if name in given}
    grid = {name: values for name, values in given.items() if name in ("ratio", "lr", *SWEPT)}
    folder = arguments.out or Path("runs", f"sweep-{settings.get('dataset', 'ring')}")
    console = Console(highlight=False, markup=False)
    sweep = (
        _resumed(folder, settings | grid, arguments) if arguments.resume else _new(folder, settings, grid, arguments)
    )
    console.print(
        f"Training {len(sweep)} GANs on {sweep.members[0].dataset} for {arguments.steps:,} rounds "
        f"({sweep.plan.precision}, threads: {sweep.plan.threads}). Ctrl-C stops it and saves it in {folder}.",
        soft_wrap=True,
    )
    return _train(sweep, arguments.steps, folder, console)


def _new(folder, settings, grid, arguments):
    from gan_course import Sweep, TrainConfig

    if (folder / "sweep.json").exists():
        raise CommandError(
            f"{folder} already holds a sweep. Go on with it: {_resume(folder, arguments.steps)}. "
            "Or keep the new one elsewhere: --out DIR.",
            code=2,
        )
    with explained():
        return Sweep(TrainConfig(**settings), grid, arguments.seeds or DEFAULT_SEEDS)


def _resumed(folder, fixed, arguments):
    from gan_course import Sweep

    names = [flag(name) for name in fixed] + ["--seeds"] * (arguments.seeds is not None)
    if names and not (names == ["--dataset"] and arguments.out is None):
        raise CommandError(
            f"what a sweep has begun with can't change: leave out {' and '.join(names)}, "
            "or begin a new one, without --resume and with another --out.",
            code=2,
        )
    with explained():
        return Sweep.load(folder)


def _train(sweep, steps, folder, console):
    from gan_course.commands.progress import SweepReport

    try:
        with explained(), SweepReport(console) as report:
            sweep.run(steps, report.show, folder)
    except KeyboardInterrupt:
        sweep.table().to_csv(folder / "table.csv")
        console.print(
            f"Interrupted. What was done is saved in {folder}, table.csv says how far each run is. "
            f"Go on with it: {_resume(folder, steps)}",
            soft_wrap=True,
        )
        return 130
    with explained():
        _show(sweep.table(), sweep.grid, folder, console)
    return 0


def _show(table, grid, folder, console):
    from gan_course.files import write_atomically

    table.to_csv(folder / "table.csv")
    write_atomically(folder / "phase.png", _picture(table, grid))
    console.print(_summary(table, grid))
    console.print(f"Saved in {folder}: table.csv (a row a run), phase.png, and the sweep itself.", soft_wrap=True)


def _varied(grid):
    """The keys with several values, each with the column of the table that tells them apart."""
    return {key: "lr_g" if key == "lr" else key for key, values in grid.items() if len(values) > 1}


def _picture(table, grid):
    """PNG of the phase diagram over the first two keys that have several values."""
    from gan_course.plotting import new_figure
    from gan_course.plotting_sweep import plot_phase_diagram

    varied = list(_varied(grid).values())
    x, y = [*varied, *(name for name in ("ratio", "lr_g") if name not in varied)][:2]
    has_modes = table[0]["modes"] == table[0]["modes"]  # NaN equals nothing
    figure = new_figure("square")
    plot_phase_diagram(table, x, y, "modes_1_percent" if has_modes else "d_fake", figure.subplots())
    png = io.BytesIO()
    figure.savefig(png, format="png")
    return png.getvalue()


SHOWN = {  # column: (title, format of a number)
    "modes": ("modes", "{:.2f}"),
    "modes_1_percent": ("modes ≥ 1%", "{:.2f}"),
    "high_quality": ("quality", "{:.0%}"),
    "reverse_kl": ("reverse KL", "{:.2f}"),
}


def _summary(table, grid):
    """Mean ± standard error of each cell of the grid."""
    from rich.table import Table

    from gan_course.sweep import cells

    keys = _varied(grid)
    found = {value: cells(table, list(keys.values()), value) for value in (*SHOWN, "diverged")}
    summary = Table(
        *keys, "runs", *(title for title, _ in SHOWN.values()), "diverged", box=None, pad_edge=False, padding=(0, 1)
    )
    for cell, (share, _, n) in found["diverged"].items():
        numbers = (_number(*found[value][cell][:2], form) for value, (_, form) in SHOWN.items())
        at = (str(part) if isinstance(part, (str, bool)) else f"{part:g}" for part in cell)
        summary.add_row(*at, str(n), *numbers, str(round(share * n)))
    return summary


def _number(mean, error, form):
    """Both, as far as they are there: NaN equals nothing."""
    return " ± ".join(form.format(number) for number in (mean, error) if number == number) or "-"


def _resume(folder, steps):
    return f"gan-course sweep --resume --out {shlex.quote(str(folder))} --steps {steps}"
