"""A run's state as named tensors, and the file that holds them. Nothing is ever unpickled."""

import json
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from gan_course.files import write_atomically
from gan_course.recipe import digest

FORMAT = "gan-course checkpoint 1"


class CheckpointError(ValueError):
    """A checkpoint file that is damaged, foreign, or does not fit the networks."""


def module_state(name: str, module: nn.Module) -> dict[str, Tensor]:
    """Copies of a module's weights and buffers, as "name.key"."""
    return {f"{name}.{key}": value.detach().clone() for key, value in module.state_dict().items()}


def restore_module(name: str, module: nn.Module, state: dict[str, Tensor]) -> None:
    """The reverse of `module_state`.

    Raises:
        CheckpointError: the tensors do not fit the module.
    """
    own = {key.removeprefix(f"{name}."): value for key, value in state.items() if key.startswith(f"{name}.")}
    try:
        module.load_state_dict(own)
    except RuntimeError as error:
        raise CheckpointError(f"The saved {name} does not fit this one. {error}") from error


def optimizer_state(name: str, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Copies of an optimizer's moments, as "name.i.key" for its i-th weight."""
    (group,) = optimizer.param_groups
    return {
        f"{name}.{i}.{key}": value.detach().clone()
        for i, weight in enumerate(group["params"])
        for key, value in optimizer.state.get(weight, {}).items()
    }


def restore_optimizer(name: str, optimizer: torch.optim.Optimizer, state: dict[str, Tensor]) -> None:
    """The reverse of `optimizer_state`.

    Raises:
        CheckpointError: the moments do not fit the weights.
    """
    (group,) = optimizer.param_groups
    optimizer.state.clear()
    for key, value in state.items():
        if key.startswith(f"{name}."):
            _, i, moment = key.rsplit(".", 2)
            weight = dict(enumerate(group["params"])).get(int(i))
            if weight is None or value.shape not in (weight.shape, ()):
                raise CheckpointError(f"The saved {name} does not fit: it was trained with other weights than these.")
            like = weight if value.shape == weight.shape else value  # moments lie in memory as their weight does
            optimizer.state[weight][moment] = torch.empty_like(like, device=weight.device, dtype=value.dtype).copy_(
                value
            )


def write_checkpoint(path: str | Path, state: dict[str, Tensor], about: dict) -> None:
    """Save tensors and a JSON description in one safetensors file.

    Raises:
        OSError: see `write_atomically`.
    """
    tensors = {name: value.cpu().contiguous() for name, value in state.items()}
    note = json.dumps(about)
    header = {"format": FORMAT, "about": note, "digest": digest(tensors, note)}
    write_atomically(path, safetensors.torch.save(tensors, header))


def read_checkpoint(path: str | Path) -> tuple[dict[str, Tensor], dict]:
    """The reverse of `write_checkpoint`.

    Raises:
        FileNotFoundError: there is no such file.
        CheckpointError: it is damaged, or no checkpoint of this course.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"No checkpoint at {path}. `Trainer.save(path)` writes one.")
    try:
        with safetensors.safe_open(path, "pt") as file:
            header = file.metadata() or {}
            state = {name: file.get_tensor(name) for name in file.keys()}
    except Exception as error:
        raise CheckpointError(
            f"{path} is not a readable safetensors file: it is damaged, cut short, or of another kind. ({error})"
        ) from error
    if header.get("format") != FORMAT:
        raise CheckpointError(
            f"{path} is a safetensors file, but no checkpoint of this course: "
            f"its format is {header.get('format')!r}, expected {FORMAT!r}."
        )
    note = header.get("about", "")
    if header.get("digest") != digest(state, note):
        raise CheckpointError(f"{path} is damaged: its content is not what was saved. Use an older one.")
    return state, json.loads(note)
