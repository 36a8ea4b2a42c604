"""What a frame shows of a run: pictures for images, points and D's field for points."""

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from gan_course import plotting
from gan_course.pixels import tile, to_pixels
from gan_course.probes import discriminator_field
from gan_course.trainer import Trainer

TILES = 6  # the image grid has TILES × TILES pictures
POINTS = 512  # of each kind
FIELD = 48  # the field of D is sampled on FIELD × FIELD places
CURVE = 240  # rounds drawn in a curve


def curves(trainer: Trainer) -> dict[str, np.ndarray]:
    """The history's arrays, thinned to at most about CURVE rounds; the last round is always among them."""
    arrays = trainer.history.arrays()
    stride = -(-len(arrays["step"]) // CURVE) or 1
    return {name: array[::-1][::stride][::-1].astype(np.float32) for name, array in arrays.items()}


class ImageScene:
    """A grid from fixed z, and the picture of the z that is being moved."""

    kind = "images"

    def __init__(self, trainer: Trainer):
        self._trainer = trainer
        self._z = trainer.latents(TILES * TILES)

    def facts(self) -> dict:
        return {}

    def arrays(self) -> dict[str, np.ndarray]:
        """What changes as training goes on."""
        return {"grid": tile(to_pixels(self._trainer.sample(z=self._z)), TILES)}

    def latent(self, z: Tensor) -> dict[str, np.ndarray]:
        """What changes with z (1, Z)."""
        return {"picture": to_pixels(self._trainer.sample(z=z))[0]}

    def plot(self, ax: Axes) -> Axes:
        """The same as a static picture."""
        return plotting.plot_images(self._trainer.sample(z=self._z), ax, columns=TILES)


class PointScene:
    """Real and fake points, D as a field, and where the z that is being moved lands."""

    kind = "points"

    def __init__(self, trainer: Trainer):
        self._trainer = trainer
        self._z = trainer.latents(POINTS)
        everything = trainer.data.samples.cpu()
        self._real = everything[torch.linspace(0, len(everything) - 1, POINTS).long()].numpy()
        low, high = everything.amin(0), everything.amax(0)
        middle, half = (low + high) / 2, (high - low).max().item() * 0.65 + 1e-6
        self._bounds = [float(v) for m in middle for v in (m - half, m + half)]  # x0, x1, y0, y1

    def facts(self) -> dict:
        return {"bounds": self._bounds}

    def arrays(self) -> dict[str, np.ndarray]:
        """What changes as training goes on."""
        return {"real": self._real, "fake": self._trainer.sample(z=self._z).numpy(), "field": self._field()}

    def _field(self):
        return (discriminator_field(self._trainer, self._bounds, FIELD) * 255).astype(np.uint8)

    def latent(self, z: Tensor) -> dict[str, np.ndarray]:
        """What changes with z (1, Z)."""
        return {"picture": self._trainer.sample(z=z).numpy()}

    def plot(self, ax: Axes) -> Axes:
        """The same as a static picture."""
        now = self.arrays()
        return plotting.plot_points(now["real"], now["fake"], ax, now["field"] / 255, self._bounds)


def scene_of(trainer: Trainer) -> ImageScene | PointScene:
    """The scene that suits the trainer's data."""
    return (ImageScene if trainer.data.kind == "images" else PointScene)(trainer)
