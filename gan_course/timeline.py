"""Things kept along a run without growing for ever: snapshots and the history of losses."""

import bisect
import math
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor


class Thinned:
    """Items by step, at most `capacity` of them, evenly spread over the whole run.

    Keeps every `every`-th step; when full, `every` doubles and the steps between are dropped.
    The first item always stays.

    Args:
        capacity: how many items at most, at least 2.
        every: spacing in steps to begin with.
    """

    def __init__(self, capacity: int, every: int = 1):
        self.capacity, self.every = capacity, every
        self.items: dict[int, object] = {}

    def __len__(self) -> int:
        return len(self.items)

    def wants(self, step: int) -> bool:
        """Whether an item at `step` would be kept."""
        return not self.items or (step % self.every == 0 and step not in self.items)

    def add(self, step: int, item: object) -> None:
        """Keep `item`, and thin if there are too many."""
        self.items[step] = item
        first = next(iter(self.items))
        while len(self.items) > self.capacity:
            self.every *= 2
            self.items = {s: kept for s, kept in self.items.items() if s == first or s % self.every == 0}

    def latest(self, step: float = math.inf) -> int | None:
        """The last step kept that is not after `step`; None if there is none."""
        return max((s for s in self.items if s <= step), default=None)

    def __copy__(self) -> "Thinned":
        twin = Thinned(self.capacity, self.every)
        twin.items = dict(self.items)
        return twin

    def cut(self, step: int) -> None:
        """Forget everything after `step`."""
        self.items = {s: kept for s, kept in self.items.items() if s <= step}


STAT_NAMES = ("d_loss", "g_loss", "d_real", "d_fake")


@dataclass(frozen=True, eq=False)
class StepStats:
    """What one round was like. On a GPU the numbers stay there until one of them is read.

    Attributes:
        step: how many rounds the run had done after this one.
        d_loss: discriminator loss, without penalties, before its last update; NaN if it had none.
        g_loss: generator loss before its last update; NaN if it had none.
        d_real: mean D(x) = σ(logit) over the last real batch, in [0, 1].
        d_fake: mean D(G(z)) over the last fake batch, in [0, 1].
    """

    step: int
    values: Tensor = field(repr=False)  # (4,), in the order of STAT_NAMES
    d_loss = property(lambda self: float(self.values[0]))
    g_loss = property(lambda self: float(self.values[1]))
    d_real = property(lambda self: float(self.values[2]))
    d_fake = property(lambda self: float(self.values[3]))

    def __str__(self) -> str:
        numbers = ", ".join(f"{name} {value:.3f}" for name, value in zip(STAT_NAMES, self.values.tolist()))
        return f"step {self.step}: {numbers}"


class History:
    """The stats of a run's rounds, at most `capacity` of them, evenly spread; on the device until read.

    Keeps every round at first; when full, every second one goes and only every second is added.
    """

    def __init__(self, capacity: int = 4096, device: torch.device | str = "cpu"):
        self._values = torch.empty(capacity, len(STAT_NAMES), device=device)
        self._steps: list[int] = []
        self._every = 1

    def __len__(self) -> int:
        return len(self._steps)

    def add(self, stats: StepStats) -> None:
        """Keep one round's stats, if it falls on the present spacing."""
        if len(self) == len(self._values) and stats.step % self._every == 0:
            self._thin()
        if stats.step % self._every:
            return
        self._values[len(self)] = stats.values
        self._steps.append(stats.step)

    def _thin(self):
        self._every *= 2
        keep = [i for i, step in enumerate(self._steps) if step % self._every == 0]
        self._values[: len(keep)] = self._values[keep]
        self._steps = [self._steps[i] for i in keep]

    def cut(self, step: int) -> None:
        """Forget every round after `step`."""
        self._steps = self._steps[: bisect.bisect_right(self._steps, step)]

    def arrays(self) -> dict[str, np.ndarray]:
        """`step` and each name in STAT_NAMES as an array (T,)."""
        values = self._values[: len(self)].cpu().numpy()
        return {"step": np.array(self._steps, dtype=np.int64), **dict(zip(STAT_NAMES, values.T))}

    def tensors(self) -> dict[str, Tensor]:
        """The history as tensors, for a checkpoint."""
        return {
            "history.step": torch.tensor(self._steps, dtype=torch.int64),
            "history.values": self._values[: len(self)],
        }

    def load_tensors(self, steps: Tensor, values: Tensor) -> None:
        """The reverse of `tensors`, into a history of the same capacity."""
        self._steps = steps.tolist()
        self._values[: len(self)] = values
        self._every = int(min(np.diff(self._steps), default=1))
