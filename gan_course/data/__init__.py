"""Data sets: 2-D mixtures whose modes are known, Fashion-MNIST, and a learner's own data."""

import zlib
from pathlib import Path

import torch

from gan_course.data.dataset import IMAGES, POINTS, DataError, Dataset, as_dataset
from gan_course.data.fashion_mnist import (
    fetch,
    find_full,
    load_bundled,
    load_full,
    locate,
    usual_places,
    verify,
)
from gan_course.data.folder import DEFAULT_SIZE, load_folder
from gan_course.data.points import grid, line, moons, points, ring, spiral
from gan_course.names import check_name

__all__ = [
    "DATASETS", "DataError", "Dataset", "as_dataset", "fetch", "grid", "kind_of", "line", "load", "locate", "moons",
    "points", "ring", "spiral", "verify",
]  # fmt: skip

DATASETS = {
    "ring": "8 Gaussians on a circle of radius 1, std 0.05: 20,000 points",
    "grid": "25 Gaussians at -4, -2, 0, 2, 4 on both axes, std 0.05: 20,000 points",
    "spiral": "a spiral of two turns: 20,000 points",
    "moons": "two interleaved half circles: 20,000 points",
    "line": "a straight segment: 20,000 points",
    "fashion-mnist": "Fashion-MNIST, the bundled sample: 10,000 grey 28x28 images of clothes in 10 classes",
    "fashion-mnist-full": "Fashion-MNIST in full: 60,000 images (gan-course data fetch)",
    "folder": "your own images: a folder, with its sub-folders as classes",
}

_POINTS = {"ring": ring, "grid": grid, "spiral": spiral, "moons": moons, "line": line}
_POINT_COUNT = 20_000


def kind_of(name: str) -> str:
    """What a data set of `DATASETS` consists of: "points" or "images".

    Raises:
        ValueError: the name is unknown.
    """
    return POINTS if check_name(name, DATASETS, "dataset") in _POINTS else IMAGES


def load(
    name: str,
    data_dir: str | Path | None = None,
    train: bool = True,
    image_size: int | None = None,
    seed: int = 0,
) -> Dataset:
    """Load a data set by its name.

    Args:
        name: one of `DATASETS`.
        data_dir: for "fashion-mnist", read the full set from this folder in place of the bundled sample;
            for "fashion-mnist-full", look here first; for "folder", the folder of images.
        train: False for the held-out part: other draws of points, or images of the official test set.
        image_size: for "folder", height and width to resize to, a multiple of 4; None for 28.
        seed: for points, which draw of them; images don't depend on it.

    Returns:
        Points float32 (N, 2) or images uint8 (N, C, H, W), on the CPU.

    Raises:
        ValueError: the name is unknown, or an argument means nothing for that data set.
        FileNotFoundError: the full set, or the folder of images, is not there.
        DataError: a file is missing, damaged or unreadable.
    """
    check_name(name, DATASETS, "dataset")
    if image_size is not None and name != "folder":
        raise ValueError(f'image_size is for "folder"; {name!r} has a fixed shape: leave image_size out.')
    if name == "folder":
        return _load_folder(data_dir, train, DEFAULT_SIZE if image_size is None else image_size)
    if name in _POINTS:
        return _load_points(name, data_dir, train, seed)
    return _load_fashion_mnist(name, data_dir, train)


def _load_points(name: str, data_dir: str | Path | None, train: bool, seed: int) -> Dataset:
    if data_dir is not None:
        raise ValueError(f"{name!r} is drawn, not read: leave data_dir out, got {str(data_dir)!r}.")
    # Mixed with the name, so that noise drawn elsewhere from the bare seed is another stream.
    mixed = zlib.crc32(f"{name} {'train' if train else 'held out'} {seed}".encode())
    return _POINTS[name](_POINT_COUNT, rng=torch.Generator().manual_seed(mixed))


def _load_fashion_mnist(name: str, data_dir: str | Path | None, train: bool) -> Dataset:
    chosen = [] if data_dir is None else [Path(data_dir).expanduser()]
    if name == "fashion-mnist":
        return load_full(find_full(chosen), train) if chosen else load_bundled(train)
    return load_full(find_full(chosen + usual_places()), train)


def _load_folder(data_dir: str | Path | None, train: bool, image_size: int) -> Dataset:
    if data_dir is None:
        raise ValueError('"folder" needs data_dir, the folder that holds your images (--data DIR).')
    if not train:
        raise ValueError('"folder" has no held-out part: keep some images in another folder and load that.')
    return load_folder(data_dir, image_size)
