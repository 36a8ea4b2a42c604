"""A run as data: a few hundred bytes that make the same run again."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

import torch
from torch import Tensor

from gan_course.config import LEFT_OUT, Controls, TrainConfig
from gan_course.files import write_atomically
from gan_course.names import check_name

FORMAT = "gan-course recipe 1"
DRIFTS = (
    "This run was made by another build of PyTorch or on another kind of processor: the replay follows "
    "the same recipe, but its numbers will drift away from the original's."
)


class RecipeError(ValueError):
    """A recipe that is damaged, foreign, or can't be replayed here."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a run: what it started from and what was changed when.

    Attributes:
        config: the run's settings, all filled in.
        steps: how many rounds it did.
        changes: (step, {control: value}): in force from the round after `step` rounds on.
        own: which of "generator", "discriminator", "data" were the caller's own, and so must be
            handed to `replay` again.
        data_digest, start_digest, end_digest: fingerprints of the data, the first weights and the
            last, by which a replay knows that it is the same run.
        made_with: versions and device, for the reader.
    """

    config: TrainConfig
    steps: int
    changes: tuple[tuple[int, dict], ...] = ()
    own: tuple[str, ...] = ()
    data_digest: str = ""
    start_digest: str = ""
    end_digest: str = ""
    made_with: dict = field(default_factory=dict)

    def to_json(self) -> str:
        """Readable JSON, a line a part; the changes grouped by control: step, value, step, value."""
        by_control: dict[str, list] = {}
        for step, change in self.changes:
            for name, value in change.items():
                by_control.setdefault(name, []).extend((step, value))
        parts = {"format": FORMAT, **{f.name: getattr(self, f.name) for f in fields(self)}}
        parts |= {"config": _in_use(self.config), "changes": by_control}
        lines = (f" {json.dumps(name)}: {json.dumps(part, separators=(',', ':'))}" for name, part in parts.items())
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> "Recipe":
        """The reverse of `to_json`.

        Raises:
            RecipeError: not JSON, not a recipe, or a value in it is impossible.
        """
        try:
            parts = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise RecipeError(f"This is not JSON, so no recipe: {error}.") from error
        if not isinstance(parts, dict) or parts.pop("format", None) != FORMAT:
            raise RecipeError(f'This is JSON, but no recipe of this course: expected "format": "{FORMAT}".')
        try:
            parts["config"] = TrainConfig(**parts["config"])
            parts["changes"] = tuple(_by_step(parts["changes"]))
            parts["own"] = tuple(parts["own"])
            return cls(**parts)._checked()
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RecipeError(f"This recipe has a part that can't be right: {error}") from error

    def _checked(self):
        """Play the changes through `Controls`, which refuses impossible ones."""
        if not isinstance(self.steps, int) or self.steps < 0:
            raise ValueError(f"steps must be a whole number from 0, got {self.steps!r}.")
        for step, _ in self.changes:
            if not isinstance(step, int) or not 0 <= step <= self.steps:
                raise ValueError(f"a change at step {step!r} is not at one of the run's {self.steps} steps.")
        for name in self.own:
            check_name(name, ("generator", "discriminator", "data"), "part of its author's own")
        self.last_controls()
        return self

    def last_controls(self) -> Controls:
        """The controls in force at the end."""
        controls = self.config.controls
        for _, change in self.changes:
            controls = replace(controls, **change)
        return controls

    def save(self, path: str | Path) -> None:
        """Write the recipe as JSON; OSError as in `write_atomically`."""
        write_atomically(path, self.to_json().encode())

    @classmethod
    def load(cls, path: str | Path) -> "Recipe":
        """Read a recipe.

        Raises:
            FileNotFoundError: there is no such file.
            RecipeError: it is damaged or no recipe.
        """
        path = Path(path)
        if not path.exists():
            raise FileNotFoundError(f"No recipe at {path}. `trainer.recipe().save(path)` writes one.")
        try:
            return cls.from_json(path.read_bytes())
        except RecipeError as error:
            raise RecipeError(f"{path}: {error}") from error

    def to_code(self) -> str:
        """The Python that makes this very run."""
        told = {f.name: v for f in fields(TrainConfig) if (v := getattr(self.config, f.name)) != f.default}
        arguments = _arguments(told)
        handed = "".join(f", {name}={name}" for name in self.own)
        lines = [
            "from gan_course import TrainConfig, Trainer",
            "",
            f"trainer = Trainer(TrainConfig({arguments}){handed})",
        ]
        done = 0
        for step, change in self.changes:
            lines += [f"trainer.run({step - done})"] * (step > done)
            lines.append(f"trainer.set({_arguments(change)})")
            done = step
        return "\n".join([*lines, *[f"trainer.run({self.steps - done})"] * (self.steps > done)]) + "\n"


def _arguments(values: dict) -> str:
    """Text and numbers as in a call; written by JSON, since NumPy's numbers name their type in their `repr`."""
    return ", ".join(
        f"{name}={value if isinstance(value, bool) else json.dumps(value)}" for name, value in values.items()
    )


def _in_use(config):
    """What is set in a config. Remedies that are off are left out: it is shorter, and older versions can read it."""
    return {n: v for n, v in asdict(config).items() if v is not None and (n, v) not in LEFT_OUT.items()}


def _by_step(by_control: dict) -> Iterable[tuple[int, dict]]:
    steps: dict[int, dict] = {}
    for name, changes in by_control.items():
        for step, value in zip(changes[::2], changes[1::2], strict=True):
            steps.setdefault(step, {})[name] = value
    return sorted(steps.items())


def digest(tensors: dict[str, Tensor], note: str = "") -> str:
    """A fingerprint of named tensors, in any order, and a text: 16 hexadecimal digits that change with any bit."""
    whole = hashlib.sha256(note.encode())
    for name, tensor in sorted(tensors.items()):
        whole.update(f"{name} {tensor.dtype} {tuple(tensor.shape)} ".encode())
        whole.update(tensor.detach().cpu().reshape(-1).view(torch.uint8).numpy())
    return whole.hexdigest()[:16]
