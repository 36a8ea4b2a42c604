"""Published measurements of mode collapse, made again: the papers' numbers and ours side by side.

    python benchmarks/mode_collapse.py ring --epochs 400 [--trials 10] [--minutes 5] [--folder runs/mode_collapse]
    python benchmarks/mode_collapse.py grid --epochs 400
    python benchmarks/mode_collapse.py unrolled --rounds 25000
    python benchmarks/mode_collapse.py 25 [--first-seed 100 --trials 16 --folder runs/others]

`ring` and `grid` are table 1 of Lin et al. 2018 ("PacGAN") with its networks, data and Adam. `unrolled` is the ring of
Metz et al. 2017 ("Unrolled GANs") with the minimax loss, sizes and rates of its published code (poolio/unrolled_gan),
but ReLU in place of tanh and PyTorch's own first weights. `25` is a setting in which a GAN covers all 25 modes of the
grid within a minute, in most seeds: the relativistic loss with R1 and R2, and a D that divides its inputs by 4. Beside
it stands the same with rates twice as high and an averaged generator, which was chosen on seeds 100 to 115. The trials
are trained in stacks; a call goes on where the last one stopped, until all is done. The full lengths need a GPU: with
fewer epochs or rounds the numbers are those of an unfinished training, and the table says how long it was.
"""

import argparse
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from pieces import train_until

from gan_course import TrainConfig
from gan_course.data import Dataset, grid, ring
from gan_course.sweep import Table

POINTS, BATCH = 100_000, 100
ROUNDS_AN_EPOCH = POINTS // BATCH
LENGTHS = {"unrolled": 25_000, "25": 6_000}  # rounds of their sources
COLUMNS = ("modes", "high_quality", "reverse_kl")
WHOSE = ("paper", "ours")
PACGAN = dict(architecture="pacgan", lr_d=1e-4, lr_g=1e-4, beta1=0.8)
UNROLLED = dict(latent_dim=256, width=128, batch_size=512, lr_d=1e-4, lr_g=1e-3, beta1=0.5, loss="minimax")
RELATIVISTIC = dict(
    loss="relativistic", r1_gamma=0.1, r2_gamma=0.1, width=128, batch_size=128, lr_d=1e-3, lr_g=1e-3, beta1=0.5,
    input_scale=4.0,
)  # fmt: skip
FASTER = RELATIVISTIC | dict(lr_d=2e-3, lr_g=2e-3, ema_decay=0.995)


@dataclass(frozen=True)
class Row:
    """One line of a published table."""

    name: str
    settings: dict  # of `TrainConfig`
    paper: tuple[str, str, str]  # modes, high quality, reverse KL; "-" where it gives none


def packed(paper: tuple[tuple[str, str, str], ...]) -> tuple[Row, ...]:
    """GAN, PacGAN2, PacGAN3, PacGAN4: D judges 100 packs a step, so the batch grows with the pack."""
    names = ("GAN", "PacGAN2", "PacGAN3", "PacGAN4")
    return tuple(
        Row(name, PACGAN | dict(pack=m, batch_size=m * BATCH), numbers)
        for m, (name, numbers) in enumerate(zip(names, paper), start=1)
    )


EXPERIMENTS = {
    "ring": packed((
        ("6.3±0.5", "98.2±0.2", "0.45±0.09"),
        ("7.9±0.1", "95.6±2.0", "0.07±0.03"),
        ("7.8±0.1", "97.7±0.3", "0.10±0.02"),
        ("7.8±0.1", "95.9±1.4", "0.07±0.02"),
    )),
    "grid": packed((
        ("17.3±0.8", "94.8±0.7", "0.70±0.07"),
        ("23.8±0.7", "91.3±0.8", "0.13±0.04"),
        ("24.6±0.4", "94.2±0.4", "0.06±0.02"),
        ("24.8±0.2", "93.6±0.6", "0.04±0.01"),
    )),
    "unrolled": (
        Row("GAN", UNROLLED, ("1 (VEEGAN)", "99.3", "-")),
        Row("unrolled 5", UNROLLED | dict(unroll=5, unroll_backprop=True), ("7.6 (VEEGAN)", "35.6", "-")),
        Row("unrolled 5, without the gradient through it", UNROLLED | dict(unroll=5), ("-", "-", "-")),
    ),
    "25": (
        Row("relativistic, R1 + R2", RELATIVISTIC, ("25", "-", "-")),
        Row("the same, rates 2e-3, averaged generator", FASTER, ("-", "-", "-")),
    ),
}  # fmt: skip


def data_of(experiment: str) -> Dataset:
    """The points of an experiment, always the same ones."""
    rng = torch.Generator().manual_seed(0)
    if experiment == "ring":
        return ring(POINTS, radius=1.0, std=0.01, rng=rng)
    if experiment == "unrolled":
        return ring(POINTS, radius=2.0, std=0.02, rng=rng)
    return grid(POINTS, spacing=2.0, std=0.05, rng=rng)


def summary(table: Table) -> dict[str, str]:
    """Mean ± standard error over the trials, as the papers print it."""
    return {column: _told(column, [row[column] for row in table if row[column] == row[column]]) for column in COLUMNS}


def _told(column, values):
    if column == "high_quality":
        values = [100 * value for value in values]
    error = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    digits = 2 if column == "reverse_kl" else 1
    return f"{statistics.fmean(values):.{digits}f}±{error:.{digits}f}" if values else "-"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("experiment", choices=EXPERIMENTS)
    parser.add_argument("--epochs", type=float, default=400, help="of ring and grid; 400 in the paper")
    parser.add_argument("--rounds", type=int, help="of unrolled (25,000 in the published code) and 25 (6,000)")
    parser.add_argument("--trials", type=int, default=10, help="how many seeds")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--only", help="one row, by its name")
    parser.add_argument("--minutes", type=float, default=5.0, help="stop after these, to go on at the next call")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--folder", type=Path, default=Path("runs", "mode_collapse"))
    asked = parser.parse_args()
    if asked.experiment in LENGTHS:
        rounds = asked.rounds or LENGTHS[asked.experiment]
    else:
        rounds = round(asked.epochs * ROUNDS_AN_EPOCH)
    until, data = time.monotonic() + 60 * asked.minutes, data_of(asked.experiment)
    epochs = f" ({rounds / ROUNDS_AN_EPOCH:g} epochs; the paper: 400)" if asked.experiment in ("ring", "grid") else ""
    print(f"{asked.experiment}: {asked.trials} trials of {rounds:,} rounds{epochs}\n")
    titles = " | ".join(f"{title}, {whose}" for title in ("modes", "high quality %", "reverse KL") for whose in WHOSE)
    print(f"| | {titles} | all modes | rounds done |\n|{'---|' * 9}")
    for row in EXPERIMENTS[asked.experiment]:
        if asked.only in (None, row.name):
            _show(row, asked, rounds, until, data)


def _show(row, asked, rounds, until, data):
    config = TrainConfig(device=asked.device, **row.settings)
    seeds = range(asked.first_seed, asked.first_seed + asked.trials)
    table = train_until(asked.folder / asked.experiment / row.name, config, seeds, rounds, until, data)
    if table is None:
        raise SystemExit(f"Time is up in {row.name}: call it again to go on.")
    ours = summary(table)
    cells = (cell for column, paper in zip(COLUMNS, row.paper) for cell in (paper, ours[column]))
    full = sum(entry["modes"] == len(data.centers) for entry in table)
    print(f"| {row.name} | {' | '.join(cells)} | {full} of {len(table)} | {table[0]['steps']:,} |", flush=True)


if __name__ == "__main__":
    main()
