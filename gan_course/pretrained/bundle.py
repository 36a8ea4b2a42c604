"""The files of a network that comes with the course: its weights, and what is known about them.

NAME.safetensors holds the weights; NAME.json beside it says how they were made, how good they are, and their sha256.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor, nn

from gan_course.files import write_atomically

FOLDER = Path(__file__).parent
REPAIR = "Restore it: pip install --force-reinstall gan-course, or in a clone: git checkout -- gan_course/pretrained."


class BundleError(ValueError):
    """A file of a network that comes with the course is missing or damaged; the message says how to get it back."""


def write_bundle(name: str, state: dict[str, Tensor], about: dict, folder: Path = FOLDER) -> dict:
    """Write a network's two files.

    Args:
        name: of the files, without suffix.
        state: its weights.
        about: how they were made and how good they are.
        folder: existing folder to write to.

    Returns:
        `about` with the sha256 of the weights' file and the version of PyTorch.
    """
    content = safetensors.torch.save({key: value.contiguous() for key, value in state.items()})
    about |= {"torch": torch.__version__, "sha256": hashlib.sha256(content).hexdigest()}
    write_atomically(folder / f"{name}.safetensors", content)
    write_atomically(folder / f"{name}.json", f"{json.dumps(about, indent=1)}\n".encode())
    return about


def read_about(name: str, folder: Path = FOLDER) -> dict:
    """What is known about a network: the content of NAME.json.

    Raises:
        BundleError: the file is missing or damaged.
    """
    content = _content(folder / f"{name}.json")
    try:
        return json.loads(content)
    except ValueError as error:
        raise BundleError(f"{folder / name}.json is damaged, it is no JSON ({error}). {REPAIR}") from error


def read_weights(name: str, folder: Path = FOLDER) -> dict[str, Tensor]:
    """A network's weights, checked against their sha256.

    Raises:
        BundleError: a file is missing or damaged.
    """
    file = folder / f"{name}.safetensors"
    content = _content(file)
    found, expected = hashlib.sha256(content).hexdigest(), read_about(name, folder).get("sha256")
    if found != expected:
        raise BundleError(f"{file} is damaged: its sha256 is {found}, expected {expected}. {REPAIR}")
    return safetensors.torch.load(content)


def frozen(module_of: Callable[[], nn.Module], name: str, folder: Path = FOLDER) -> nn.Module:
    """What `module_of` makes, with the bundled weights, on the CPU, for use and not for training.

    Raises:
        BundleError: as for `read_weights`.
    """
    with torch.device("meta"):  # no first weights are drawn
        module = module_of()
    module.to_empty(device="cpu").load_state_dict(read_weights(name, folder))
    return module.eval().requires_grad_(False)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BundleError(f"{file} can't be read ({error.strerror}). {REPAIR}") from error
