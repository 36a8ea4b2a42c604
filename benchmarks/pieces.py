"""Long sweeps in pieces of a few minutes, each in a folder of its own from which the next piece goes on."""

import time
from collections.abc import Sequence
from pathlib import Path

from gan_course import Sweep, TrainConfig
from gan_course.data import Dataset
from gan_course.sweep import Table

CHUNK = 50  # rounds between two looks at the clock


def train_until(
    folder: Path,
    config: TrainConfig,
    seeds: Sequence[int],
    rounds: int,
    until: float,
    data: Dataset | None = None,
) -> Table | None:
    """Begin, or go on with, the runs of one config.

    Args:
        folder: where they are kept.
        config, seeds, data: as for `Sweep`.
        rounds: how many each should do in all.
        until: when to stop, as `time.monotonic` tells it.

    Returns:
        The table once all is done; None if time ran out before.

    Raises:
        SystemExit: in the folder are runs of other settings or seeds, or longer ones.
    """
    begun = (folder / "sweep.json").exists()
    sweep = Sweep.load(folder, data) if begun else Sweep(config, {}, seeds, data=data)
    done = max(row["steps"] for row in sweep.table())
    if not begun:
        sweep.save(folder)
    elif there := _others(sweep, config, seeds, rounds, done):
        raise SystemExit(f"In {folder} are {there}. Give another --folder, or remove this one.")
    while done < rounds and time.monotonic() < until:
        done = min(done + CHUNK, rounds)
        sweep.run(done)
    sweep.save(folder)
    return sweep.table() if done >= rounds else None


def _others(sweep, config, seeds, rounds, done):
    """In which way the runs of a folder are others than those asked for, in words; "" if they are the same."""
    if sweep.seeds != list(seeds):
        return f"runs with the seeds {sweep.seeds}, not {list(seeds)}"
    there = sweep.members[0].as_dict()
    left_open = ("seed", "dataset")  # a member's own; compared by `Sweep.load`
    asked = {name: value for name, value in config.as_dict().items() if value not in (None, "auto")}
    if other := [f"{name}={there[name]!r}" for name in asked if name not in left_open and there[name] != asked[name]]:
        return f"runs with {', '.join(other)}"
    return f"runs of {done:,} rounds, more than {rounds:,}" if done > rounds else ""
