"""Make the bundled sample of Fashion-MNIST from the full set: `python -m gan_course.data.build_sample`.

A stated number of images of each class, drawn without replacement with a stated seed and shuffled:
training images from the official training set, held-out images from the official test set.
The files are IDX, gzipped without a time stamp, so the same versions of Python and torch write the
same bytes again. Prints the sha256 of each file's content, for `fashion_mnist.BUNDLED`.
"""

import gzip
import hashlib
from pathlib import Path

import torch
from torch import Tensor

from gan_course.data.fashion_mnist import BUNDLED_FOLDER, FILES, find_full, load_full, usual_places

SEED = 2017
PER_CLASS = {True: 1_000, False: 200}  # by `train`


def build(full: Path, target: Path) -> dict[str, str]:
    """Write the sample's four files.

    Args:
        full: folder that holds the full set.
        target: existing folder to write to.

    Returns:
        The sha256 of each file's unpacked content, by its name without .gz.
    """
    rng = torch.Generator().manual_seed(SEED)
    sha256 = {}
    for train, names in FILES.items():
        dataset = load_full(full, train)
        chosen = stratified(dataset.labels, PER_CLASS[train], rng)
        for name, values in zip(names, (dataset.samples[:, 0], dataset.labels), strict=True):
            content = encode_idx(values[chosen].to(torch.uint8))
            (target / f"{name}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
            sha256[name] = hashlib.sha256(content).hexdigest()
    return sha256


def stratified(labels: Tensor, per_class: int, rng: torch.Generator) -> Tensor:
    """Choose `per_class` samples of each class and shuffle them.

    Args:
        labels: int64 (N,).
        per_class: how many of each class, at most as many as there are.
        rng: source of randomness.

    Returns:
        Indices int64 (classes * per_class,), none twice.
    """
    shuffled = torch.randperm(len(labels), generator=rng)
    picks = [shuffled[labels[shuffled] == k][:per_class] for k in labels.unique()]
    chosen = torch.cat(picks)
    return chosen[torch.randperm(len(chosen), generator=rng)]


def encode_idx(values: Tensor) -> bytes:
    """Encode uint8 values of any shape as IDX: two zeros, type 8, dimensions, sizes, values."""
    sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
    return bytes([0, 0, 8, values.ndim]) + sizes + values.numpy().tobytes()


if __name__ == "__main__":
    for file, digest in build(find_full(usual_places()), BUNDLED_FOLDER).items():
        print(f'"{file}": "{digest}",')
