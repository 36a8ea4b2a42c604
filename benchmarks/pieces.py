"""Long sweeps in pieces of a few minutes, each in a folder of its own from which the next piece goes on."""

import time
from pathlib import Path

from gan_course import Sweep, TrainConfig
from gan_course.data import Dataset
from gan_course.sweep import Table

CHUNK = 50  # rounds between two looks at the clock


def train_until(
    folder: Path, config: TrainConfig, seeds: int, rounds: int, until: float, data: Dataset | None = None
) -> Table | None:
    """Begin, or go on with, the runs of one config.

    Args:
        folder: where they are kept.
        config, seeds, data: as for `Sweep`.
        rounds: how many each should do in all.
        until: when to stop, as `time.monotonic` tells it.

    Returns:
        The table once all is done; None if time ran out before.
    """
    begun = (folder / "sweep.json").exists()
    sweep = Sweep.load(folder, data) if begun else Sweep(config, {}, seeds, data=data)
    done = max(row["steps"] for row in sweep.table())
    if not begun:
        sweep.save(folder)
    while done < rounds and time.monotonic() < until:
        done = min(done + CHUNK, rounds)
        sweep.run(done)
    sweep.save(folder)
    return sweep.table() if done >= rounds else None
