"""A learner's own folder of images."""

import os
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from gan_course.data.dataset import DataError, Dataset

DEFAULT_SIZE = 28
_GREY_MODES = {"1", "L", "LA"}


def load_folder(folder: str | Path, image_size: int | None = DEFAULT_SIZE) -> Dataset:
    """Read all images in a folder, at any depth, as squares of one size.

    Each image is turned upright by its EXIF tag, cropped to its central square and resized with
    antialiasing. Images are the files that torchvision takes for one by their ending (.png, .jpg,
    .webp, .bmp, ...); other files are left alone. If every image is in a sub-folder, the
    sub-folders directly beneath `folder` are the classes, in alphabetical order.

    Args:
        folder: where the images are.
        image_size: height and width to resize to, a multiple of 4; None: as they are, if all are of one size.

    Returns:
        Images uint8 (N, C, H, W), in the order of their paths; C is 1 if every
        image is greyscale and 3 otherwise.

    Raises:
        ValueError: `image_size` is not a multiple of 4.
        FileNotFoundError: there is no such folder.
        DataError: the folder holds fewer than two images, some can't be read, or some are of another size than the
            first where that matters; these are named.
    """
    if image_size is not None and (image_size < 4 or image_size % 4):
        raise ValueError(f"Expected image_size to be a multiple of 4, such as {DEFAULT_SIZE}, got {image_size}.")
    root = Path(folder).expanduser()
    files = _image_files(root)
    images = _read_images(files, image_size)
    labels, class_names = _classes([file.relative_to(root) for file in files])
    return Dataset("folder", _stack(images), labels, class_names)


def _image_files(root: Path) -> list[Path]:
    from torchvision.datasets.folder import is_image_file  # here, because it is slow to import

    if not root.is_dir():
        raise FileNotFoundError(f"{root} is not a folder. Expected a folder of images: check data_dir (--data DIR).")
    paths = (Path(place, name) for place, _, names in os.walk(root, followlinks=True) for name in names)
    files = sorted(path for path in paths if is_image_file(path.name))
    if len(files) < 2:
        raise DataError(
            f"{root} holds {len(files)} images, expected at least 2 (.png, .jpg, .webp, ...): "
            "put images there, or name another folder with data_dir (--data DIR)."
        )
    return files


def _read_images(files: list[Path], size: int | None) -> list[Image.Image]:
    images, unreadable = [], []
    for file in files:
        try:
            images.append(_read_image(file, size))
        except Exception as error:  # Pillow's decoders raise many kinds; each means the same here
            unreadable.append(f"\n  {file}: {error}")
    if unreadable:
        named = "".join(unreadable[:10]) + ("\n  ..." if len(unreadable) > 10 else "")
        raise DataError(f"{len(unreadable)} of {len(files)} images can't be read: remove or repair them.{named}")
    _check_sizes(files, images)
    return images


def _check_sizes(files: list[Path], images: list[Image.Image]) -> None:
    for file, image in zip(files, images):
        if image.size != images[0].size:
            (w, h), (first_w, first_h) = image.size, images[0].size
            raise DataError(
                f"Expected images of one size, got {w}x{h} in {file} and {first_w}x{first_h} in {files[0]}: resize "
                "them, all in the same way."
            )


def _read_image(file: Path, size: int | None) -> Image.Image:
    with Image.open(file) as image:
        if image.mode.startswith(("I", "F")):
            raise ValueError(f"expected 8 bits a channel, got Pillow's mode {image.mode}; save it with 8 bits")
        upright = ImageOps.exif_transpose(image)
        plain = upright.convert("L" if upright.mode in _GREY_MODES else "RGB")
        return plain if size is None else ImageOps.fit(plain, (size, size), Image.Resampling.BICUBIC)


def _stack(images: list[Image.Image]) -> Tensor:
    """Return uint8 (N, C, H, W); C is 1 only if every image is grey."""
    if all(image.mode == "L" for image in images):
        return torch.from_numpy(np.stack(images)).unsqueeze(1)
    return torch.from_numpy(np.stack([image.convert("RGB") for image in images])).permute(0, 3, 1, 2).contiguous()


def _classes(paths: list[Path]) -> tuple[Tensor | None, tuple[str, ...]]:
    if any(len(path.parts) == 1 for path in paths):
        return None, ()
    names = sorted({path.parts[0] for path in paths})
    return torch.tensor([names.index(path.parts[0]) for path in paths]), tuple(names)
