"""What the sides of a comparison may be: data sets, folders of images, files of arrays, and runs to draw from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors
import torch
from torch import Tensor

from gan_course.checkpoint import FORMAT
from gan_course.commands import CommandError
from gan_course.data import DATASETS, as_dataset, load
from gan_course.data.folder import load_folder
from gan_course.names import check_name
from gan_course.runtime import make_rng
from gan_course.trainer import Trainer

DRAWN = 5_000  # samples of a run, if nothing else is said
PORTION = 250  # of them at a time
PARTS = {"train": True, "test": False}


@dataclass(frozen=True)
class SampleSet:
    """One side.

    Attributes:
        name: as it was written.
        samples: images (N, C, H, W), uint8 or float32 in [-1, 1], or rows (N, d) of points or features.
        about: what they are, in words.
    """

    name: str
    samples: Tensor
    about: str


def read_set(name: str, samples: int | None, seed: int, side: int | None) -> SampleSet:
    """Read one side.

    Args:
        name: a path, or the name of a data set, with ":train" or ":test" behind it or not.
        samples: how many to draw from a run, or to choose at random from what is there; None: `DRAWN`, or all.
        seed: for both.
        side: height and width that the images of a folder are resized to; None: they stay as they are.

    Raises:
        CommandError: there is no such thing.
        ValueError, OSError: it can't be read, or does not hold samples; the message says why.
    """
    path = Path(name).expanduser()
    if path.exists():
        return _read_path(name, path, samples, seed, side)
    return _chosen(_read_dataset(name), samples, seed)


def _read_path(name, path, samples, seed, side):
    checkpoint = path / "checkpoint.safetensors" if path.is_dir() else path
    if checkpoint.is_file() and _is_checkpoint(checkpoint):
        return _drawn(name, checkpoint, DRAWN if samples is None else samples, seed)
    if path.is_dir():
        images = load_folder(path, side).samples
        resized = f", cropped to squares of {side}x{side}" if side else ""
        return _chosen(SampleSet(name, images, f"images from a folder{resized}"), samples, seed)
    if path.suffix not in ARRAYS:
        raise CommandError(f"{path} is none of the files that can be read: {', '.join(ARRAYS)}.", code=2)
    found = as_dataset(ARRAYS[path.suffix](path)).samples
    return _chosen(SampleSet(name, found, "images" if found.ndim == 4 else "rows"), samples, seed)


def _read_dataset(name):
    base, _, part = name.partition(":")
    if base not in DATASETS:
        try:
            check_name(base, [known for known in DATASETS if known != "folder"], "data set")
        except ValueError as error:
            raise CommandError(f"there is no file or folder {name}, nor a data set. {error}", code=2) from error
    train = PARTS[check_name(part or "train", PARTS, f"part of {base}")]
    return SampleSet(name, load(base, train=train).samples, f"{part or 'train'} set")


def _chosen(found, samples, seed):
    n = len(found.samples)
    if samples is None or samples == n:
        return found
    if samples > n:
        raise CommandError(f"{found.name} has {n:,} samples, fewer than --samples {samples:,}: ask for fewer.", code=2)
    index = torch.randperm(n, generator=make_rng(seed, "samples to compare"))[:samples]
    return SampleSet(found.name, found.samples[index], f"{found.about}, {samples:,} of {n:,} (seed {seed})")


def _drawn(name, checkpoint, samples, seed):
    trainer = Trainer.load(checkpoint)
    latents = trainer.latents(samples, seed)
    made = torch.cat([trainer.sample(z=z) for z in latents.split(PORTION)])
    if made.ndim == 4:
        made = made.clamp(-1, 1)  # a rounding of half precision may lie beyond
    return SampleSet(name, made, f"drawn from the run at step {trainer.steps:,} (seed {seed})")


def _is_checkpoint(path):
    if path.suffix != ".safetensors":
        return False
    try:
        with safetensors.safe_open(path, "pt") as file:
            return (file.metadata() or {}).get("format") == FORMAT
    except safetensors.SafetensorError as error:
        raise ValueError(
            f"{path} is not a readable safetensors file: it is damaged, or of another kind. ({error})"
        ) from error


def _one_of(arrays: dict, path: Path):
    if len(arrays) == 1:
        return next(iter(arrays.values()))
    for usual in ("images", "features", "samples"):
        if usual in arrays:
            return arrays[usual]
    raise ValueError(f"{path} holds {', '.join(arrays) or 'nothing'}: expected one array, or one that is named images.")


def _load_npz(path):
    with np.load(path, allow_pickle=False) as file:
        return _one_of({name: file[name] for name in file.files}, path)


def _load_safetensors(path):
    with safetensors.safe_open(path, "pt") as file:
        return _one_of({name: file.get_tensor(name) for name in file.keys()}, path)


ARRAYS = {".npy": lambda path: np.load(path, allow_pickle=False), ".npz": _load_npz, ".safetensors": _load_safetensors}
