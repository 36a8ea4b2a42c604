"""The lesson of the D:G slider: how many modes of the ring a GAN covers when one player learns more often.

    python benchmarks/dg_ratio.py [--updates 8000] [--seeds 16]

Each ratio gets the same number of updates of players in all. Networks of two hidden layers of 64, batch 128,
Adam 1e-3 (0.5, 0.999), the non-saturating loss; a mode counts if it holds 1% of 2,500 samples. The last column is what
a learner waits for: the seconds of one such run by itself.
"""

import argparse
import time

from gan_course import Sweep, TrainConfig, Trainer
from gan_course.sweep import cells

RATIOS = ((1, 10), (1, 1), (2, 1))
SETTING = dict(dataset="ring", width=64, batch_size=128, device="cpu")


def trained(ratio, seeds, rounds):
    """The table of one ratio."""
    sweep = Sweep(TrainConfig(**SETTING), {"ratio": [ratio]}, seeds)
    sweep.run(rounds)
    return sweep.table()


def seconds_alone(ratio, rounds):
    """How long one run takes by itself."""
    d_steps, g_steps = ratio
    run = Trainer(TrainConfig(**SETTING, d_steps=d_steps, g_steps=g_steps))
    start = time.perf_counter()
    run.run(rounds)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--updates", type=int, default=8000, help="of both players together, in each run")
    parser.add_argument("--seeds", type=int, default=16)
    asked = parser.parse_args()
    print(f"| D:G | rounds | modes (of 8) | all 8 | high quality | seconds | one alone |\n|{'---|' * 7}", flush=True)
    for ratio in RATIOS:
        rounds, start = round(asked.updates / sum(ratio)), time.perf_counter()
        table = trained(ratio, asked.seeds, rounds)
        ((mean, error, n),) = cells(table, ["ratio"], "modes_1_percent").values()
        ((quality, _, _),) = cells(table, ["ratio"], "high_quality").values()
        full = sum(row["modes_1_percent"] == 8 for row in table)
        print(
            f"| {table[0]['ratio']} | {table[0]['steps']} | {mean:.2f} ± {error:.2f} | {full} of {n} "
            f"| {quality:.0%} | {time.perf_counter() - start:.0f} | {seconds_alone(ratio, rounds):.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
