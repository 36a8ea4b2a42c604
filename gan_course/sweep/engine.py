"""The sweep: many runs, their stacks, and the folder that keeps them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from gan_course import runtime
from gan_course.config import REMEDIES_OFF, TrainConfig
from gan_course.data import IMAGES, kind_of, load
from gan_course.metrics.modes import PAPER_SAMPLES, mode_coverage
from gan_course.recipe import Recipe
from gan_course.setup import fill_in
from gan_course.sweep import folder as folders
from gan_course.sweep.members import (
    CONFIG_KEYS,
    CONTROLS,
    checked_grid,
    checked_seeds,
    expand,
    ratio,
    smallest_stack,
    split,
    stackable,
)
from gan_course.sweep.stack import Stack
from gan_course.sweep.table import Table
from gan_course.sweep.trial import choose
from gan_course.trainer import Trainer

SAVE_EVERY = 30.0  # seconds
MODE_COLUMNS = ("modes", "modes_1_percent", "high_quality", "reverse_kl")


class Sweep:
    """Trains a GAN on points for every combination of a grid and every seed, many of them at once.

    Each is the run that `Trainer` would make of the same config, to rounding: the same first weights, batches
    and noise. (GAN training is chaotic, so the last bit may lead a long run elsewhere; of the critic losses, hinge
    and wasserstein, some of D's gradients are 0 but for rounding, and Adam makes whole steps of that at once.)
    Those that differ in seed and learning rates alone are trained in one stack, the others in turn.

    Args:
        config: what all have in common.
        grid: values to try by control: {"ratio": [(1, 10), (1, 1)], "lr_g": [1e-4, 1e-3]}. "ratio" stands for
            (d_steps, g_steps), "lr" for both learning rates; beta1, beta2 and ema_decay can be tried too.
        seeds: how many of each, with seeds 0, 1, ...; or the seeds themselves.
        at_once: members in a stack, at least 2; rounded down to a power of two. None: a short trial decides.

    Attributes:
        grid, seeds: as given, checked.
        members: the `TrainConfig` of each, filled in.
        plan: how it is run on this machine.

    Raises:
        TypeError, ValueError: the config, the grid or the seeds don't fit; the message says how.
    """

    def __init__(
        self, config: TrainConfig, grid: dict[str, list], seeds: Sequence[int] | int, *, at_once: int | None = None
    ):
        if not isinstance(config, TrainConfig):
            raise TypeError(f"config must be a TrainConfig, got {config!r}.")
        if at_once is not None and (type(at_once) is not int or at_once < 2):
            raise ValueError(f"at_once must be a whole number, at least 2, or None, got {at_once!r}.")
        if kind_of(config.dataset) == IMAGES:
            raise ValueError(
                f"A sweep trains small networks on points, got dataset {config.dataset!r}, which is images: "
                'use one such as "ring" or "grid", and a Trainer for images.'
            )
        if config.condition is not None:
            raise ValueError(
                f"A sweep can't stack networks with condition={config.condition!r}: use a Trainer for each run."
            )
        if on := [name for name, off in REMEDIES_OFF.items() if getattr(config, name) != off]:
            raise ValueError(f"A sweep can't stack networks with {', '.join(on)}: use a Trainer for each run.")
        self.grid, self.seeds = checked_grid(grid), checked_seeds(seeds)
        data = load(config.dataset, config.data_dir, image_size=config.image_size)
        self._data = data.to(runtime.resolve_device(config.device))
        filled = fill_in(config, self._data, self._data.samples.device)
        self.members = expand(filled, self.grid, self.seeds)
        largest = max(stackable(self.members), key=len)
        self._use(choose(config, [self.members[i] for i in largest], self._data, at_once))

    def _use(self, plan):
        """Make `plan` the plan; nothing is trained yet."""
        most = 1 << (plan.at_once.bit_length() - 1)
        self.plan = replace(plan, at_once=max(most, smallest_stack(self.members[0].batch_size)))
        decided = dict(threads=plan.threads, precision=plan.precision)
        self.members = [replace(member, **decided) for member in self.members]
        least = smallest_stack(self.members[0].batch_size)
        self._numbers = [
            numbers for group in stackable(self.members) for numbers in split(group, self.plan.at_once, least)
        ]
        self._stacks: dict[int, Stack] = {}
        self._saved: dict[tuple[Path, int], int] = {}

    def __len__(self) -> int:
        return len(self.members)

    def __repr__(self) -> str:
        return f"Sweep({len(self)} runs on {self._data.name!r}, {len(self._numbers)} stacks)"

    # ---- training -------------------------------------------------------------------------------------------------

    def run(
        self, steps: int, each: Callable[[int, int], object] | None = None, folder: str | Path | None = None
    ) -> None:
        """Train until each member has done `steps` rounds in all, or has diverged.

        Args:
            steps: rounds; members that have done so many stay as they are.
            each: called after each round of a stack with how many updates of players are done, and how many
                there will be.
            folder: where to save every 30 seconds and at the end, whatever ends it.

        Raises:
            ValueError: `steps` is no whole number from 0, or as for `save`.
            OSError: as for `save`.
            KeyboardInterrupt: asked for; raised after a whole round. Running again goes on from there.
        """
        if type(steps) is not int or steps < 0:
            raise ValueError(f"steps must be a whole number, at least 0, got {steps!r}.")
        if folder is not None:
            self.save(folder)
        with runtime.compute(self.plan.threads), runtime.InterruptLater() as interrupt:
            try:
                self._train(steps, each, folder, interrupt)
            finally:
                if folder is not None:
                    self.save(folder)

    def _train(self, steps, each, folder, interrupt):
        saved = time.monotonic()
        done, total = 0, sum(self._updates(i) for i in range(len(self._numbers))) * steps
        for i in range(len(self._numbers)):
            stack = self._stack(i)
            done += self._updates(i) * min(stack.steps, steps)
            while stack.steps < steps and not stack.is_over:
                if interrupt.asked:
                    return
                stack.step()
                done += self._updates(i)
                if each is not None:
                    each(done, total)
                if folder is not None and time.monotonic() - saved > SAVE_EVERY:
                    self.save(folder)
                    saved = time.monotonic()
            done += self._updates(i) * max(0, steps - stack.steps)  # what diverged won't be done

    def _updates(self, i):
        """How many updates of players a round of stack `i` is."""
        first = self.members[self._numbers[i][0]]
        return (first.d_steps + first.g_steps) * len(self._numbers[i])

    def _stack(self, i):
        if i not in self._stacks:
            self._stacks[i] = Stack([self.members[k] for k in self._numbers[i]], self._data)
        return self._stacks[i]

    # ---- what came out --------------------------------------------------------------------------------------------

    def table(self) -> Table:
        """A row a member: its number, seed and controls, and how it is now.

        Of 2,500 samples: modes covered (`modes`, `modes_1_percent`, `high_quality`, `reverse_kl`, see
        `metrics.mode_coverage`; NaN for data without modes) and mean D(G(z)), `d_fake`; mean D(x) of 2,500 points,
        `d_real`. A member that has diverged covers nothing; `steps` is then how many rounds it did before.
        """
        with runtime.compute(self.plan.threads):
            measured = {k: row for i in range(len(self._numbers)) for k, row in self._measured(i)}
        return Table(self._settings(k) | measured[k] for k in range(len(self)))

    def _settings(self, k):
        member = self.members[k]
        names = (*CONTROLS, *(key for key in CONFIG_KEYS if key in self.grid))
        return {
            "member": k, "seed": member.seed, "ratio": ratio(member), **{name: getattr(member, name) for name in names}
        }  # fmt: skip

    def _measured(self, i):
        stack = self._stack(i)
        columns = {"steps": torch.where(stack.good_steps < 0, stack.steps, stack.good_steps)}
        columns |= self._coverage(stack.sample(PAPER_SAMPLES))
        columns |= zip(("d_real", "d_fake"), stack.verdicts(PAPER_SAMPLES))
        columns["diverged"] = stack.good_steps >= 0
        rows = zip(*(column.tolist() for column in columns.values()))
        return [(k, dict(zip(columns, row))) for k, row in zip(self._numbers[i], rows)]

    def _coverage(self, samples):
        if self._data.centers is None:
            return dict.fromkeys(MODE_COLUMNS, torch.full((len(samples),), torch.nan))
        found = mode_coverage(samples, self._data.centers, self._data.std)
        return {name: getattr(found, name) for name in MODE_COLUMNS}

    def member(self, i: int) -> tuple[TrainConfig, Recipe]:
        """Member `i`'s config, and the recipe of that very run, for `replay`; in a sweep it rounds otherwise.

        Raises:
            IndexError: there is no such member.
        """
        if type(i) is not int or not 0 <= i < len(self):
            raise IndexError(f"member must be a whole number from 0 to {len(self) - 1}, got {i!r}.")
        recipe = Trainer(self.members[i]).recipe()
        return self.members[i], replace(recipe, steps=self._steps_of(i), end_digest="")

    def _steps_of(self, k):
        i = next(i for i, numbers in enumerate(self._numbers) if k in numbers)
        if i not in self._stacks:
            return 0
        good = int(self._stacks[i].good_steps[self._numbers[i].index(k)])
        return self._stacks[i].steps if good < 0 else good

    # ---- files ----------------------------------------------------------------------------------------------------

    def save(self, folder: str | Path) -> None:
        """Save all that was done: sweep.json and a safetensors file a stack. What did not change isn't written again.

        Raises:
            ValueError: another sweep is in that folder.
            OSError: the disk is full or read-only.
        """
        folder = Path(folder).resolve()
        if not any(where == folder for where, _ in self._saved):
            folders.begin(folder, self._about())
            self._saved[folder, -1] = 0
        for i, stack in self._stacks.items():
            if self._saved.get((folder, i)) != stack.steps:
                folders.write_stack(folder, i, stack.state())
                self._saved[folder, i] = stack.steps

    def _about(self):
        return {
            "config": self.members[0].as_dict(), "grid": self.grid, "seeds": self.seeds,
            "at_once": self.plan.at_once, "data_digest": self._data.digest[:16],
        }  # fmt: skip

    @classmethod
    def load(cls, folder: str | Path) -> "Sweep":
        """Go on with a sweep that was saved; `run(steps)` then does what is left.

        Raises:
            FileNotFoundError: there is none in that folder.
            CheckpointError: a file is damaged, foreign, or of other data.
        """
        folder = Path(folder).resolve()
        about = folders.read_about(folder)
        sweep = folders.remade(folder, lambda: cls._from(about))
        if sweep._data.digest[:16] != about["data_digest"]:
            raise folders.CheckpointError(
                f"{folder} was made with other data than {sweep._data.name!r} is here: begin a new sweep."
            )
        sweep._saved[folder, -1] = 0
        for i in range(len(sweep._numbers)):
            if (state := folders.read_stack(folder, i)) is not None:
                folders.remade(folder, lambda i=i, state=state: sweep._stack(i).load_state(state))
                sweep._saved[folder, i] = sweep._stacks[i].steps
        return sweep

    @classmethod
    def _from(cls, about):
        return cls(TrainConfig(**about["config"]), about["grid"], about["seeds"], at_once=about["at_once"])
