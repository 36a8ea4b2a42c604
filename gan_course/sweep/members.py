"""Which runs a sweep consists of, and which of them can be trained in one stack."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

from gan_course.config import CONTROL_NAMES, TrainConfig
from gan_course.names import check_name

TOGETHER = {"ratio": ("d_steps", "g_steps"), "lr": ("lr_d", "lr_g")}  # grid keys that stand for two controls
CONFIG_KEYS = ("beta1", "beta2", "ema_decay", "pack", "minibatch_stddev", "spectral_norm")  # what else can differ
KEYS = (*TOGETHER, *CONTROL_NAMES, *CONFIG_KEYS)
LANES = 16  # numbers that a vector instruction takes at most


def ratio(config: TrainConfig) -> str:
    """D:G as text, such as "1:10"."""
    return f"{config.d_steps}:{config.g_steps}"


def checked_grid(grid: dict) -> dict[str, list]:
    """The grid with each key's values as a list.

    Raises:
        TypeError, ValueError: an unknown key, a value that is no list, empty, or there twice, or two keys
            for one control.
    """
    if not isinstance(grid, dict):
        raise TypeError(f'grid must be a dict of lists, got {grid!r}: for example {{"lr_g": [1e-4, 1e-3]}}.')
    for key in grid:
        check_name(key, KEYS, "grid key")
    checked = {key: _values(key, values) for key, values in grid.items()}
    for key, parts in TOGETHER.items():
        if key in grid and (twice := [part for part in parts if part in grid]):
            raise ValueError(
                f"grid has both {key!r} and {twice[0]!r}, and {key!r} sets {' and '.join(parts)}: keep one."
            )
    return checked


def _values(key, values):
    values = values.tolist() if hasattr(values, "tolist") else values  # NumPy's and PyTorch's
    if not isinstance(values, (list, tuple)):
        raise TypeError(f"grid[{key!r}] must be a list of values, got {values!r}: write [{values!r}].")
    if not values:
        raise ValueError(f"grid[{key!r}] is empty: give at least one value, or leave {key!r} out.")
    values = [_pair(value) for value in values] if key == "ratio" else list(values)
    if twice := [value for value in values if values.count(value) > 1]:
        raise ValueError(f"grid[{key!r}] has {twice[0]!r} twice: name each value once; `seeds` repeats a run.")
    return values


def _pair(value):
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise ValueError(f"grid['ratio'] must hold pairs (d_steps, g_steps), got {value!r}: write (1, 10) for 1:10.")
    return tuple(value)


def checked_seeds(seeds: Sequence[int] | int) -> list[int]:
    """The seeds one by one; a number n stands for 0 ... n - 1.

    Raises:
        TypeError, ValueError: not whole numbers from 0, none, or one twice.
    """
    if isinstance(seeds, int) and not isinstance(seeds, bool):
        if seeds < 1:
            raise ValueError(f"seeds must be at least 1, got {seeds}: it says how many runs each combination gets.")
        return list(range(seeds))
    seeds = seeds.tolist() if hasattr(seeds, "tolist") else seeds
    whole = isinstance(seeds, (list, tuple, range)) and all(type(seed) is int and seed >= 0 for seed in seeds)
    if not whole:
        raise TypeError(f"seeds must be a whole number, or a list of whole numbers from 0, got {seeds!r}.")
    if not len(seeds) or len(set(seeds)) < len(seeds):
        raise ValueError(f"seeds must be at least one, none of them twice, got {list(seeds)!r}.")
    return list(seeds)


def expand(config: TrainConfig, grid: dict[str, list], seeds: list[int]) -> list[TrainConfig]:
    """The config of every combination with every seed; seeds change fastest, then the last key.

    Raises:
        TypeError, ValueError: a combination is impossible, as for `TrainConfig`.
    """
    members = []
    for values in itertools.product(*grid.values()):
        changes = {}
        for key, value in zip(grid, values):
            parts = TOGETHER.get(key, (key,))
            changes |= zip(parts, value if key == "ratio" else [value] * len(parts))
        try:
            members += [replace(config, **changes, seed=seed) for seed in seeds]
        except (TypeError, ValueError) as error:
            told = ", ".join(f"{name}={value!r}" for name, value in changes.items())
            raise type(error)(f"The grid's combination {told} is impossible. {error}") from error
    return members


def stackable(members: Sequence[TrainConfig]) -> list[list[int]]:
    """The members' numbers, grouped by all but seed and learning rates."""
    groups: dict[TrainConfig, list[int]] = {}
    for i, member in enumerate(members):
        groups.setdefault(replace(member, seed=0, lr_d=0.0, lr_g=0.0), []).append(i)
    return list(groups.values())


def smallest_stack(batch_size: int) -> int:
    """The least power of two, from 2, that gives a stack whole vectors in a batch of all its members.

    A kernel may round the numbers of a last, unfilled vector otherwise, and a stack of one differently again.
    """
    return max(2, LANES // math.gcd(batch_size, LANES))


def split(group: list[int], most: int, least: int) -> list[list[int]]:
    """A group as stacks whose sizes are powers of two, from `least` to `most`.

    Where members are too few, the last one fills the stack up, again and again; it is looked at once.
    """
    stacks = []
    while group:
        size = min(most, max(least, 1 << (len(group).bit_length() - 1)))
        taken, group = group[:size], group[size:]
        stacks.append(taken + [taken[-1]] * (size - len(taken)))
    return stacks
