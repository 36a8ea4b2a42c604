"""The folder a sweep is kept in: sweep.json says what it is, a safetensors file a stack how far it is."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import Tensor

from gan_course.checkpoint import CheckpointError, read_checkpoint, write_checkpoint
from gan_course.files import write_atomically

FORMAT = "gan-course sweep 2"


def begin(folder: Path, about: dict) -> None:
    """Make the folder and write what the sweep is.

    Raises:
        ValueError: there is a sweep in it.
        OSError: the disk is full or read-only.
    """
    if (folder / "sweep.json").exists():
        raise ValueError(f"{folder} already holds a sweep: `Sweep.load` goes on with it, or name another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob("stack-*.safetensors"):
        leftover.unlink()
    write_atomically(folder / "sweep.json", (json.dumps({"format": FORMAT, **about}, indent=1) + "\n").encode())


def read_about(folder: Path) -> dict:
    """What the sweep in `folder` is.

    Raises:
        FileNotFoundError: there is none.
        CheckpointError: the file is damaged or foreign.
    """
    path = folder / "sweep.json"
    if not path.exists():
        raise FileNotFoundError(f"No sweep in {folder}. `sweep.save(folder)` keeps one there.")
    try:
        about = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} is damaged, it is not JSON: {error}.") from error
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise CheckpointError(f'{path} is no sweep of this course: expected "format": "{FORMAT}".')
    return about


def remade(folder: Path, make: Callable[[], Any]) -> Any:
    """What `make` makes of the folder's content.

    Raises:
        CheckpointError: it can't, because that content can't be right.
    """
    try:
        return make()
    except (KeyError, TypeError, ValueError, RuntimeError, AttributeError) as error:
        raise CheckpointError(f"The sweep in {folder} has a part that can't be right: {error}") from error


def write_stack(folder: Path, i: int, state: dict[str, Tensor]) -> None:
    """Keep the state of stack `i`; OSError as in `write_atomically`."""
    write_checkpoint(_path(folder, i), state, {"stack": i})


def read_stack(folder: Path, i: int) -> dict[str, Tensor] | None:
    """The state of stack `i`; None if it has not begun.

    Raises:
        CheckpointError: the file is damaged or foreign.
    """
    return read_checkpoint(_path(folder, i))[0] if _path(folder, i).exists() else None


def _path(folder, i):
    return folder / f"stack-{i:03}.safetensors"
