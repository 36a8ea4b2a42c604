"""What helps against mode collapse where it happens: the ring at D:G = 1:2, each remedy by itself, many seeds.

    python benchmarks/remedies.py [--minutes 5] [--seeds 16] [--rounds 2500] [--folder runs/remedies]

Two hidden layers of 64, z of 2, batch 128, Adam 1e-3 (0.5, 0.999), ring of radius 1 with std 0.05. Call it again until
it is done. What is trained so far stands in gan_course/results/remedies.csv, for the course's chapter on mode collapse:
`measure` is all of it, and `gan_course.results.remedies` says what the columns are. Nothing here was chosen by its
result.
"""

import argparse
import csv
import io
import statistics
import time
from pathlib import Path

import numpy as np
from pieces import train_until

import gan_course.results
from gan_course import TrainConfig, Trainer
from gan_course.files import write_atomically

CSV = Path(gan_course.results.__file__).with_name("remedies.csv")
SETTING = dict(
    dataset="ring", width=64, latent_dim=2, batch_size=128, lr_d=1e-3, lr_g=1e-3, beta1=0.5, beta2=0.999, d_steps=1,
    g_steps=2, device="cpu", precision="float32", threads=1,
)  # fmt: skip
REMEDIES = (
    ("plain", "Goodfellow 2014", {}),
    ("PacGAN2", "Lin 2018", dict(pack=2)),
    ("minibatch standard deviation", "Karras 2018", dict(minibatch_stddev=True)),
    ("unrolled 5, without the gradient through it", "Metz 2017", dict(unroll=5)),
    ("unrolled 5", "Metz 2017", dict(unroll=5, unroll_backprop=True)),
    ("faster D (lr_d = 4 lr_g)", "Heusel 2017", dict(lr_d=4e-3)),
    ("relativistic with R1 and R2", "Huang 2024", dict(loss="relativistic", r1_gamma=1.0, r2_gamma=1.0)),
    ("R1", "Mescheder 2018", dict(r1_gamma=1.0)),
    ("hinge loss", "Lim & Ye 2017", dict(loss="hinge")),
    ("spectral normalization", "Miyato 2018", dict(spectral_norm=True)),
    ("WGAN-GP, λ = 1", "Gulrajani 2017", dict(loss="wasserstein", gp_weight=1.0)),
    ("WGAN-GP, λ = 10", "Gulrajani 2017", dict(loss="wasserstein", gp_weight=10.0)),
    ("instance noise, constant 0.1", "Sønderby 2017", dict(instance_noise=0.1)),
    ("one-sided smoothing to 0.9", "Salimans 2016", dict(label_smoothing=0.1)),
    ("minimax loss", "Goodfellow 2014", dict(loss="minimax")),
    ("least-squares loss", "Mao 2017", dict(loss="lsgan")),
    ("averaged generator, 0.99", "Yazıcı 2019", dict(ema_decay=0.99)),
    ("wider latent, z of 16", "", dict(latent_dim=16)),
)
TURNS, ROUNDS_A_TURN = 7, 30  # by which the cost is measured
RESAMPLES = 10_000


def measure(folder: Path, seeds: int, rounds: int, until: float) -> list[dict]:
    """A row for each remedy that is trained, see `gan_course.results.remedies`; those that take longest come last."""
    rows = {}
    for name, source, settings in sorted(REMEDIES, key=lambda remedy: remedy[2].get("unroll", 0)):
        where = folder / (told(settings) or "plain")
        table = train_until(where, TrainConfig(**SETTING | settings), range(seeds), rounds, until)
        if table is None:
            continue  # what was trained before has a row, wherever it stands
        about = {"remedy": name, "source": source, "settings": told(settings)}
        rows[name] = about | outcome(table) | {"cost": kept_cost(where / "cost.txt", settings)}
        print(rows[name], flush=True)
    return [rows[name] for name, _, _ in REMEDIES if name in rows]


def told(settings) -> str:
    """Settings as text, such as "pack=2"."""
    return ", ".join(f"{name}={value}" for name, value in settings.items())


def outcome(table) -> dict:
    """What the runs of one remedy came to."""
    modes = [row["modes_1_percent"] for row in table]
    low, high = bootstrap_interval(modes)
    return {
        "modes": statistics.fmean(modes),
        "modes_low": low,
        "modes_high": high,
        "seeds_with_all": sum(count == 8 for count in modes),
        "seeds": len(modes),
        "high_quality": round(statistics.fmean(row["high_quality"] for row in table), 4),
        "diverged": sum(row["diverged"] for row in table),
    }


def bootstrap_interval(values) -> tuple[float, float]:
    """The 95% interval of the mean: percentiles over samples drawn from `values` with replacement."""
    rng = np.random.default_rng(0)
    means = rng.choice(values, (RESAMPLES, len(values))).mean(1)
    return tuple(round(float(end), 3) for end in np.percentile(means, (2.5, 97.5)))


def cost(settings) -> float:
    """Processor time of a round, relative to the plain GAN's: two `Trainer`s take turns, the median ratio counts."""
    plain, other = (Trainer(TrainConfig(**SETTING | more)) for more in ({}, settings))
    ratios = [_seconds(other) / _seconds(plain) for _ in range(TURNS + 1)]
    return statistics.median(ratios[1:])  # the first one warms up


def kept_cost(path: Path, settings) -> float:
    """`cost`, measured once."""
    if not path.exists():
        path.write_text(f"{cost(settings):.2f}")
    return float(path.read_text())


def _seconds(run):
    start = time.process_time()
    run.run(ROUNDS_A_TURN)
    return time.process_time() - start


def write(rows: list[dict]) -> None:
    """Keep the rows in `CSV`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_atomically(CSV, text.getvalue().encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5.0, help="stop after these, to go on at the next call")
    parser.add_argument("--seeds", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=2500)
    parser.add_argument("--folder", type=Path, default=Path("runs", "remedies"))
    asked = parser.parse_args()
    rows = measure(asked.folder, asked.seeds, asked.rounds, time.monotonic() + 60 * asked.minutes)
    write(rows)
    print("| remedy | modes (of 8) | 95% | all 8 | high quality | cost |\n|---|---|---|---|---|---|")
    for row in rows:
        interval = f"{row['modes_low']:.1f}–{row['modes_high']:.1f}"
        print(
            f"| {row['remedy']} | {row['modes']:.2f} | {interval} | {row['seeds_with_all']} of {row['seeds']} "
            f"| {row['high_quality']:.0%} | {row['cost']:.2f}× |"
        )
    if len(rows) < len(REMEDIES):
        raise SystemExit(f"Time is up, {len(REMEDIES) - len(rows)} remedies are left: call it again to go on.")


if __name__ == "__main__":
    main()
