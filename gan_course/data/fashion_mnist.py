"""Fashion-MNIST: the sample that comes with the course, and the full set when it is on the machine.

Both are stored as IDX files, plain or gzipped, and every file's content is checked against its
sha256 before it is used, so damage is an error here and never a strange picture later.

Source: Xiao, Rasul and Vollgraf 2017, "Fashion-MNIST", arXiv:1708.07747.
"""

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterable
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from gan_course.data.dataset import DataError, Dataset

# As in torchvision.datasets.FashionMNIST.classes (tested); importing that takes longer than loading the data.
CLASS_NAMES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip

# Images and labels, by `train`.
FILES = {
    True: ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    False: ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}

BUNDLED_FOLDER = Path(__file__).parent / "fashion_mnist_sample"
DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
TORCHVISION_LAYOUT = Path("FashionMNIST", "raw")


class Source(NamedTuple):
    """A set of four files: the sha256 of each one's unpacked content, and how to get it anew."""

    what: str
    sha256: dict[str, str]
    repair: str


BUNDLED = Source(
    "bundled sample",
    {
        "train-images-idx3-ubyte": "b480b6b40ddab9cfe4b53cb2979bd0508ef2e1c2a265c1bdb01948ae21f3c4b6",
        "train-labels-idx1-ubyte": "d4fa773a788afff240fcb544f06676e7a95dc17f4248ec4603f362237c70490c",
        "t10k-images-idx3-ubyte": "8fab4f6a119351d81c48f26c81219f5c316815fed1955c10a7f6cb3f0c9d04f4",
        "t10k-labels-idx1-ubyte": "15603e0a1123aa86bf72bf9eab7f0c06545c1f13d46485e65e031416031d8f85",
    },
    "Restore it: pip install --force-reinstall gan-course, or in a clone: git checkout -- gan_course/data.",
)
FULL = Source(
    "full set",
    {
        "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
    "Get it again: gan-course data fetch, or on Debian: apt install --reinstall dataset-fashion-mnist.",
)


class Place(NamedTuple):
    """A folder where data may be: `state` is "complete", "2 of 4 files" or "not there"."""

    where: Path
    what: str
    state: str


class Check(NamedTuple):
    """One file's outcome: `state` is "ok", or what is wrong and how to repair it."""

    file: Path
    state: str


def load_bundled(train: bool = True) -> Dataset:
    """Read the sample that comes with the course.

    Args:
        train: True for 10,000 images, 1,000 a class; False for 2,000 from the official test set, 200 a class.

    Returns:
        Images uint8 (N, 1, 28, 28) with their classes, the same on every machine.

    Raises:
        DataError: a file is missing or damaged.
    """
    return _read_set("fashion-mnist", BUNDLED, BUNDLED_FOLDER, train)


def load_full(folder: Path, train: bool = True) -> Dataset:
    """Read the full set from `folder`, as `find_full` returns it.

    Args:
        folder: holds the four files.
        train: True for the 60,000 training images, False for the 10,000 test images.

    Returns:
        Images uint8 (N, 1, 28, 28) with their classes, in the official order.

    Raises:
        DataError: a file is missing or damaged.
    """
    return _read_set("fashion-mnist-full", FULL, folder, train)


def find_full(places: Iterable[Path]) -> Path:
    """Return the first folder that holds the full set, or else the most of its files.

    Args:
        places: where to look; in each, torchvision's layout FashionMNIST/raw/ comes first.

    Raises:
        FileNotFoundError: none of the files is anywhere; the message says where it looked.
    """
    places = list(places)
    folder = max((_folder_in(place) for place in places), key=_files_in)
    if _files_in(folder):
        return folder
    looked = "".join(f"\n  {place}" for place in places)
    raise FileNotFoundError(
        f"The full Fashion-MNIST was not found. Looked in:{looked}\n"
        "Download it: gan-course data fetch. Without a network, on Debian: apt install dataset-fashion-mnist, "
        "or name a folder that holds its four files: data_dir=DIR, --data DIR or GAN_COURSE_DATA=DIR."
    )


def usual_places() -> list[Path]:
    """Return where the full set is looked for: $GAN_COURSE_DATA, the user's cache, Debian's folder."""
    chosen = os.environ.get("GAN_COURSE_DATA")
    return [*([Path(chosen).expanduser()] if chosen else []), cache_folder(), DEBIAN_FOLDER]


def cache_folder() -> Path:
    """Return the user's cache folder of the course: $XDG_CACHE_HOME/gan-course, or ~/.cache/gan-course."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gan-course"


def fetch(data_dir: str | Path | None = None) -> Path:
    """Download the full set (30 MB); files that are there and whole are kept.

    Args:
        data_dir: where to; None for the user's cache folder, where `load` finds it.

    Returns:
        The folder that holds the four files.

    Raises:
        DataError: the download failed; the message says what to do without a network.
    """
    from torchvision.datasets import FashionMNIST  # here, because it is slow to import

    folder = Path(data_dir).expanduser() if data_dir else cache_folder()
    try:
        _remove_damaged(folder / TORCHVISION_LAYOUT)
        FashionMNIST(folder, download=True)
    except (OSError, RuntimeError, HTTPException) as error:
        raise DataError(
            f"Fashion-MNIST could not be fetched into {folder}: {error}\n"
            "Without a network: on Debian apt install dataset-fashion-mnist, or copy its four files from elsewhere "
            'and name their folder with --data DIR. The bundled sample, "fashion-mnist", needs no download.'
        ) from error
    return folder / TORCHVISION_LAYOUT


def locate() -> list[Place]:
    """Say what is where, without reading the files: the bundled sample, and the usual places of the full set."""
    full = [Place(place, FULL.what, _state(_folder_in(place))) for place in usual_places()]
    return [Place(BUNDLED_FOLDER, BUNDLED.what, _state(BUNDLED_FOLDER)), *full]


def verify(data_dir: str | Path | None = None) -> list[Check]:
    """Check every file's sha256: the bundled sample's, and the full set's where it is.

    Args:
        data_dir: the full set's folder; None for the usual places, where it may be missing.

    Raises:
        FileNotFoundError: none of the full set's files is in `data_dir`.
    """
    places = [Path(data_dir).expanduser()] if data_dir else usual_places()
    checks = _check_files(BUNDLED, BUNDLED_FOLDER)
    if data_dir or any(_files_in(_folder_in(place)) for place in places):
        checks += _check_files(FULL, find_full(places))
    return checks


def _check_files(source: Source, folder: Path) -> list[Check]:
    return [Check(_stored(folder, name), _check_file(source, folder, name)) for name in source.sha256]


def _check_file(source: Source, folder: Path, name: str) -> str:
    try:
        _read_content(source, folder, name)
    except DataError as error:
        return str(error)
    return "ok"


def _stored(folder: Path, name: str) -> Path:
    return folder / name if (folder / name).is_file() else folder / f"{name}.gz"


def _files_in(folder: Path) -> int:
    return sum(_stored(folder, name).is_file() for name in FULL.sha256)


def _folder_in(place: Path) -> Path:
    return max(place / TORCHVISION_LAYOUT, place, key=_files_in)


def _state(folder: Path) -> str:
    count = _files_in(folder)
    return {0: "not there", 4: "complete"}.get(count, f"{count} of 4 files")


def _remove_damaged(folder: Path) -> None:
    # torchvision keeps whatever has the right name; unpacking cut short would stay for ever.
    for name, sha256 in FULL.sha256.items():
        file = folder / name
        if file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
            file.unlink()


def _read_set(name: str, source: Source, folder: Path, train: bool) -> Dataset:
    images, labels = (_parse(_read_content(source, folder, file), file) for file in FILES[train])
    return Dataset(name, images, labels, CLASS_NAMES)


def _parse(content: bytes, name: str) -> Tensor:
    # The sha256 vouches for the header. torchvision's reader takes only the path of an unpacked file.
    if "images" in name:
        return torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=16).view(-1, 1, 28, 28)
    return torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=8).long()


def _read_content(source: Source, folder: Path, name: str) -> bytes:
    """Return the unpacked content of one file, or raise DataError if it is not the one expected."""
    file = _stored(folder, name)
    try:
        content = _unpack(file.read_bytes())
    except FileNotFoundError as error:
        raise DataError(f"{file} is missing. {source.repair}") from error
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{file} can't be read, it is damaged or cut short ({error}). {source.repair}") from error
    if hashlib.sha256(content).hexdigest() != source.sha256[name]:
        raise DataError(f"{file} {_fault(content, name)} {source.repair}")
    return content


def _unpack(content: bytes) -> bytes:
    # By content, not by name: browsers unpack a download and keep the .gz.
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


def _fault(content: bytes, name: str) -> str:
    if not content:
        return "is empty."
    dims = 3 if "images" in name else 1
    magic = bytes([0, 0, 8, dims])
    if content[:4] != magic:
        what = f"{'images' if dims == 3 else 'labels'}, which starts with bytes {magic.hex()}"
        return f"starts with bytes {content[:4].hex()}: expected an IDX file of {what}, or one gzipped."
    sizes = [int.from_bytes(content[4 * i : 4 * i + 4], "big") for i in range(1, dims + 1)]
    expected = 4 + 4 * dims + torch.Size(sizes).numel()
    if len(content) != expected:
        return (
            f"has {len(content):,} bytes unpacked, expected {expected:,} by its header: it was cut short or added to."
        )
    return "is not the published file: its sha256 differs. It was altered, or is from another data set."
