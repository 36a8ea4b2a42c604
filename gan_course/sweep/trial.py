"""How a sweep runs fastest here, by a trial of a second."""

import statistics
import timeit
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from gan_course import runtime
from gan_course.config import TrainConfig
from gan_course.data import Dataset
from gan_course.sweep.members import smallest_stack, split
from gan_course.sweep.stack import Stack

MOST, FEWER = 64, 16  # members a stack, to choose from
TRIAL_ROUNDS = 3


@dataclass(frozen=True)
class Plan:
    """How a sweep is run. Only the precision changes what comes out."""

    at_once: int = MOST  # members in a stack at most, a power of two
    threads: int = 1  # CPU threads
    precision: str = "float32"


def choose(config: TrainConfig, members: Sequence[TrainConfig], data: Dataset, at_once: int | None) -> Plan:
    """Try what is left open, one thing after the other; a small sweep isn't worth a trial.

    Args:
        config: what was asked for.
        members: the largest group that can be stacked, filled in.
        data: on the device.
        at_once: members in a stack, if that was asked for.
    """
    precision = "float32" if config.precision == "auto" else config.precision
    plan = Plan(at_once or MOST, config.threads or 1, precision)
    if data.samples.device.type != "cpu" or len(members) <= FEWER:
        return plan
    alternatives = [
        {"at_once": FEWER} if at_once is None else {},
        {"threads": runtime.cpu_cores()} if config.threads is None else {},
        {"precision": "bfloat16"} if config.precision == "auto" and has_bf16_units() else {},
    ]
    for change in alternatives:
        other = replace(plan, **change)
        if other != plan and _seconds(other, members, data) * runtime.WORTH_IT < _seconds(plan, members, data):
            plan = other
    return plan


def has_bf16_units() -> bool:
    """Whether this CPU multiplies in bfloat16; without, it is slower than float32."""
    return any(getattr(torch.cpu, f"_is_{unit}_supported", bool)() for unit in ("avx512_bf16", "amx_tile"))


def _seconds(plan, members, data):
    """Median time of a round, for one member."""
    members = [replace(member, precision=plan.precision) for member in members]
    numbers = split(list(range(len(members))), plan.at_once, smallest_stack(members[0].batch_size))[0]
    stack = Stack([members[i] for i in numbers], data)
    with runtime.compute(plan.threads):
        return statistics.median(timeit.repeat(stack.step, number=1, repeat=TRIAL_ROUNDS + 1)[1:]) / len(numbers)
