"""What a frame shows of a run: pictures for images; points, D's field and more for points."""

from collections.abc import Callable

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from gan_course import plotting, probes
from gan_course.pixels import tile, to_pixels
from gan_course.trainer import Trainer

TILES = 6  # the image grid has TILES × TILES pictures
POINTS = 512  # of each kind
FIELD = 40  # the field of D is sampled on FIELD × FIELD places
ARROWS = 80  # samples of G that show where the loss pushes them
ARROW = 0.12  # the longest arrow, as a share of the picture; a gradient of size 1 gets half of it
GRID_LINES, LINE_PLACES = 9, 41  # of the latent grid, in each direction
DENSITY = 40  # cells a side
BINS = 24  # of the histograms
CURVE = 240  # rounds drawn in a curve

Arrays = dict[str, np.ndarray]


def curves(trainer: Trainer) -> Arrays:
    """The history's arrays, thinned to at most about CURVE rounds; the last round is always among them."""
    arrays = trainer.history.arrays()
    stride = -(-len(arrays["step"]) // CURVE) or 1
    return {name: array[::-1][::stride][::-1].astype(np.float32) for name, array in arrays.items()}


class Scene:
    """A picture in parts. Some are renewed in every frame; the slow ones take turns, a part a frame.

    Attributes:
        kind: "points" or "images".
        layers: name: words, for the parts that may be left out.
        layers_at_first: those that are shown when nobody has chosen.
    """

    kind: str
    layers: dict[str, str] = {}
    layers_at_first: tuple[str, ...] = ()
    judged: int  # real samples and fakes in the histograms

    def __init__(self, trainer: Trainer):
        self._trainer = trainer
        self._kept: dict[str, Arrays] = {}
        self._turn = 0

    def facts(self) -> dict:
        """What stays while training goes on."""
        return {}

    def arrays(self, layers: set[str], whole: bool = False) -> Arrays:
        """What changes as training goes on.

        Args:
            layers: which layers are wanted.
            whole: whether every part is to show the run as it is now; else one of the slow parts does.
        """
        slow = {name: part for name, part in self._slow_parts().items() if name in layers | {"histograms"}}
        self._kept = {name: kept for name, kept in self._kept.items() if name in slow}
        due = [name for name in slow if whole or name not in self._kept]
        if not due:
            self._turn += 1
            due = [list(slow)[self._turn % len(slow)]] if self._turn % self._rest == 0 else []
        self._kept |= {name: slow[name]() for name in due}
        arrays = self.quick_parts(layers)
        for kept in self._kept.values():
            arrays |= kept
        return arrays

    _rest = 1  # a slow part is renewed in every so many frames

    def quick_parts(self, layers: set[str]) -> Arrays:
        """Those parts that are renewed in every frame."""
        raise NotImplementedError

    def _slow_parts(self) -> dict[str, Callable[[], Arrays]]:
        return {"histograms": self._histograms}

    def _histograms(self):
        shares = probes.logit_histograms(self._trainer, min(self.judged, len(self._trainer.data)), BINS)
        return dict(zip(("real_shares", "fake_shares"), shares))


class ImageScene(Scene):
    """A grid from fixed z, and the picture of the z that is being moved."""

    kind = "images"
    judged = 64
    _rest = 4

    def __init__(self, trainer: Trainer):
        super().__init__(trainer)
        self._z = trainer.latents(TILES * TILES)

    def quick_parts(self, layers):
        return {"grid": tile(to_pixels(self._trainer.sample(z=self._z)), TILES)}

    def latent(self, z: Tensor) -> Arrays:
        """What changes with z (1, Z)."""
        return {"picture": to_pixels(self._trainer.sample(z=z))[0]}

    def plot(self, ax: Axes) -> Axes:
        """The same as a static picture."""
        return plotting.plot_images(self._trainer.sample(z=self._z), ax, columns=TILES)


class PointScene(Scene):
    """Real and fake points, what D thinks of every place, what the loss does to G's points, and G's grid."""

    kind = "points"
    judged = 160
    layers = {
        "real": "real points",
        "fake": "fake points",
        "field": "D's verdict everywhere",
        "arrows": "where G's loss pushes its points",
        "warp": "the latent grid, as G bends it",
        "density": "how densely the points lie",
    }
    layers_at_first = ("real", "fake", "field", "arrows")

    def __init__(self, trainer: Trainer):
        super().__init__(trainer)
        self._z = trainer.latents(POINTS)
        everything = trainer.data.samples.cpu()
        self._real = everything[torch.linspace(0, len(everything) - 1, POINTS).long()].numpy()
        low, high = everything.amin(0), everything.amax(0)
        middle, half = (low + high) / 2, (high - low).max().item() * 0.65 + 1e-6
        self._bounds = tuple(float(v) for m in middle for v in (m - half, m + half))  # x0, x1, y0, y1
        self._side = 2 * half
        self._has_grid = trainer.config.latent_dim == 2

    def facts(self) -> dict:
        return {"bounds": self._bounds}

    def quick_parts(self, layers):
        fake = self._trainer.sample(z=self._z).numpy()
        shown = {"real": {"real": self._real}, "fake": {"fake": fake}, "arrows": {"arrows_at": fake[:ARROWS]}}
        return {name: points for layer in layers & set(shown) for name, points in shown[layer].items()}

    def _slow_parts(self):
        grid = {"warp": self._warp} if self._has_grid else {}
        looks = {"field": self._field, "arrows": self._pushes, "density": self._density}
        return super()._slow_parts() | looks | grid

    def _field(self):
        field = probes.discriminator_field(self._trainer, self._bounds, FIELD)
        return {"field": (field * 255).astype(np.uint8)}

    def _pushes(self):
        """(ARROWS, 2): an arrow for each push; small ones keep their proportions, large ones are squeezed."""
        _, push = probes.generator_gradient(self._trainer, self._z[:ARROWS])
        size = np.linalg.norm(push, axis=1, keepdims=True)
        return {"arrows": push * (ARROW * self._side / (1 + size))}

    def _warp(self):
        return {"warp": probes.latent_warp(self._trainer, GRID_LINES, LINE_PLACES)}

    def _density(self):
        both = {"real": self._real, "fake": self._trainer.sample(z=self._z).numpy()}
        clouds = {name: probes.sample_density(points, self._bounds, DENSITY) for name, points in both.items()}
        return {f"{name}_density": (cloud * 255).astype(np.uint8) for name, cloud in clouds.items()}

    def latent(self, z: Tensor) -> Arrays:
        """What changes with z (1, Z)."""
        return {"picture": self._trainer.sample(z=z).numpy()}

    def plot(self, ax: Axes) -> Axes:
        """The same as a static picture."""
        now = self.arrays({"real", "fake", "field"}, whole=True)
        return plotting.plot_points(now["real"], now["fake"], ax, now["field"] / 255, self._bounds)


SCENES = {scene.kind: scene for scene in (ImageScene, PointScene)}


def scene_of(trainer: Trainer) -> Scene:
    """The scene that suits the trainer's data."""
    return SCENES[trainer.data.kind](trainer)
