"""The features of the published FID: Inception-v3 with the weights of 2015, through torch-fidelity, an optional extra.

Values made with them stand beside those in papers only if the images went the same way too: 8 bits, 3 channels, resized
to 299x299 by the network's own bilinear filter, as TensorFlow 1 did it. So don't resize them before.
"""

import os
from pathlib import Path

import torch
from torch import Tensor, nn

INSTALL = 'pip install "gan-course[inception]"'
FILE = "weights-inception-2015-12-05-6726825d.pth"  # as torch-fidelity names it; 91 MB
PLACE = "GAN_COURSE_INCEPTION"
DIMENSIONS = 2_048


class Inception(nn.Module):
    """Images -> 2,048 features, bit for bit those that torch-fidelity computes from the same pixels.

    Args:
        weights: the file of the weights; None: the one that the variable GAN_COURSE_INCEPTION names, or else the one in
            PyTorch's cache, which is downloaded there if it is missing.

    Raises:
        ImportError: torch-fidelity is not installed.
        OSError: the weights are not there and can't be downloaded; the message says where to put the file.
        ValueError: the file is not one of these weights.
    """

    def __init__(self, weights: str | Path | None = None):
        super().__init__()
        extractor = _torch_fidelity()
        path = find_weights(extractor.URL_INCEPTION_V3) if weights is None else Path(weights).expanduser()
        _check_file(path)
        try:
            self.network = extractor.FeatureExtractorInceptionV3(
                "inception", [str(DIMENSIONS)], feature_extractor_weights_path=str(path)
            )
        except RuntimeError as error:
            raise ValueError(f"{path} does not hold the weights of {FILE}: {error}") from error

    def forward(self, images: Tensor) -> Tensor:
        """(n, 1 or 3, H, W), uint8 or floats in [-1, 1], -> (n, 2048) in float32.

        Floats become 8 bits first, as if they had been saved: round((x + 1)·127.5). Grey ones get three equal channels.

        Raises:
            ValueError: another shape or range.
        """
        (features,) = self.network(to_rgb_bytes(images))
        return features


def to_rgb_bytes(images: Tensor) -> Tensor:
    """(n, 1 or 3, H, W), uint8 or floats in [-1, 1], as uint8 (n, 3, H, W) in 0..255.

    Raises:
        ValueError: another shape or range.
    """
    if images.ndim != 4 or images.shape[1] not in (1, 3):
        raise ValueError(f"Inception-v3 takes images (n, 1 or 3, H, W), got shape {tuple(images.shape)}.")
    if images.dtype != torch.uint8:
        low, high = (float(end) for end in images.aminmax())
        if not (-1.001 <= low and high <= 1.001):  # a NaN is refused too
            raise ValueError(f"Expected images as uint8 or as floats in [-1, 1], got values from {low:g} to {high:g}.")
        images = ((images + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    return images.expand(-1, 3, -1, -1)


def find_weights(url: str) -> Path:
    """The file of the weights, downloaded from `url` if need be.

    Raises:
        OSError: it is not there and can't be downloaded.
    """
    if chosen := os.environ.get(PLACE):
        return Path(chosen).expanduser()
    path = Path(torch.hub.get_dir()) / "checkpoints" / FILE
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            torch.hub.download_url_to_file(url, str(path), progress=False)
        except OSError as error:
            raise OSError(
                f"The weights of Inception-v3 are not there, and can't be downloaded ({error}). Where there is a "
                f"network, get {url} and put it at {path}, or set {PLACE} to where it is."
            ) from error
    return path


def _torch_fidelity():
    try:
        from torch_fidelity import feature_extractor_inceptionv3
    except ImportError as error:
        raise ImportError(f"Inception-v3 needs torch-fidelity ({error}). Install it: {INSTALL}") from error
    return feature_extractor_inceptionv3


def _check_file(path: Path) -> None:
    """torch-fidelity unpickles what it is given, so look first whether there is nothing but tensors in it."""
    if not path.is_file():
        raise OSError(f"There is no file {path}: expected {FILE}.")
    try:
        torch.load(path, weights_only=True, map_location="meta")
    except Exception as error:
        raise ValueError(f"{path} is not a file of weights: it is damaged, or of another kind. ({error})") from error
