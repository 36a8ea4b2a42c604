"""What a latent lab shows of a generator, as arrays for its frames and as a still figure."""

from collections.abc import Callable

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from gan_course import plotting, runtime
from gan_course.latent import WALKS, GeneratorCopy, typical_length
from gan_course.pixels import tile, to_pixels
from gan_course.widgets.latent_view import View

Sample = Callable[[np.ndarray], Tensor]  # (N, Z) -> (N, ...)
REACH = 3.0  # how far pad and sliders go: 99.7% of the draws of a standard normal coordinate lie within
MAP = 5  # the map of the pad has MAP × MAP pictures
LINES = 13  # or, for points, LINES lines each way
FINE = 49  # points along a curve
STOPS = 9  # pictures along a walk
CLOUD = 400  # fake points
PEN = {"straight": dict(color="#7a4fa3", ls="--"), "spherical": dict(color="#00785a", ls="-")}


def ways(view: View, stops: int) -> dict[str, np.ndarray]:
    """(T, Z) for each walk; the spherical one is missing where it is not defined."""
    found = {}
    for path in WALKS:
        try:
            found[path] = view.way(path, np.linspace(0, 1, stops))
        except ValueError:  # said when somebody wants to walk there
            continue
    return found


def lengths(view: View) -> dict[str, np.ndarray]:
    """‖z‖ at FINE places along each walk."""
    return {f"{path}_length": np.linalg.norm(way, axis=1) for path, way in ways(view, FINE).items()}


def together(sample: Sample, latents: dict[str, np.ndarray]) -> dict[str, Tensor]:
    """The samples of several sets of latents, made in one call."""
    samples = sample(np.concatenate(list(latents.values())))
    return dict(zip(latents, samples.split([len(z) for z in latents.values()]), strict=True))


class ImageScene:
    """Pictures: at z, over the plane of the pad, and along the walks."""

    kind = "images"

    def here(self, view: View, sample: Sample) -> dict[str, np.ndarray]:
        """What changes with z."""
        return {"picture": to_pixels(sample(view.z[None]))[0]}

    def plane(self, view: View, sample: Sample) -> dict[str, np.ndarray]:
        """What lies behind the pad."""
        middles = REACH * (2 * np.arange(MAP) + 1 - MAP) / MAP  # of MAP equal parts
        up, across = np.meshgrid(middles[::-1], middles, indexing="ij")  # the first row lies on top
        return {"map": tile(to_pixels(sample(view.plane(across.ravel(), up.ravel()))), MAP)}

    def walks(self, view: View, sample: Sample) -> dict[str, np.ndarray]:
        """What lies along the walks."""
        samples = together(sample, ways(view, STOPS))
        return {path: tile(to_pixels(pictures), STOPS) for path, pictures in samples.items()}

    def plot(self, figure: Figure, view: View, sample: Sample) -> None:
        """Pad and walks as a figure that stands still."""
        above, below = figure.subfigures(2, 1, height_ratios=(5, 4))
        here, plane, chart = above.subplots(1, 3, width_ratios=(1, 1, 1.4))
        plotting.plot_images(sample(view.z[None]), here, columns=1).set_title("G(z)")
        _plot_pixels(plane, self.plane(view, sample)["map"], (-REACH, REACH, -REACH, REACH))
        _mark_place(plane, view)
        _plot_lengths(chart, view)
        strips = self.walks(view, sample)
        axes = below.subplots(len(strips), 1, squeeze=False)[:, 0]
        for ax, (path, strip) in zip(axes, strips.items(), strict=True):
            _plot_pixels(ax, strip)
            ax.set(xticks=[], yticks=[], ylabel=path)


class PointScene:
    """Points: where z lands, the plane of the pad as a net of lines, and the walks as curves."""

    kind = "points"

    def __init__(self, latent_dim: int, real: np.ndarray | None):
        self._real = real
        self._cloud_z = torch.randn(CLOUD, latent_dim, generator=runtime.make_rng(0, "cloud")).numpy()

    def here(self, view: View, sample: Sample) -> dict[str, np.ndarray]:
        """What changes with z."""
        return {"picture": sample(view.z[None]).numpy()}

    def plane(self, view: View, sample: Sample) -> dict[str, np.ndarray]:
        """The points around, and the net that the pad's own net of lines lands on."""
        line, along = np.meshgrid(np.linspace(-REACH, REACH, LINES), np.linspace(-REACH, REACH, FINE), indexing="ij")
        line, along = line.ravel(), along.ravel()
        arrays = self._with_others(sample, {"upright": view.plane(line, along), "level": view.plane(along, line)})
        return arrays | {name: arrays[name].reshape(LINES, FINE, 2) for name in ("upright", "level")}

    def walks(self, view: View, sample: Sample) -> dict[str, np.ndarray]:
        """The curves along the walks."""
        return self._with_others(sample, ways(view, FINE))

    def _with_others(self, sample, latents):
        """What becomes of the latents, points to compare it with, and the square that holds these: x0, x1, y0, y1."""
        samples = together(sample, latents | {"cloud": self._cloud_z})
        arrays = {name: points.numpy() for name, points in samples.items()}
        others = {"cloud": arrays["cloud"]} | ({} if self._real is None else {"real": self._real})
        low = np.min([points.min(axis=0) for points in others.values()], axis=0)
        high = np.max([points.max(axis=0) for points in others.values()], axis=0)
        middle, half = (low + high) / 2, (high - low).max() * 0.55 + 1e-6
        return arrays | others | {"bounds": np.stack((middle - half, middle + half), axis=1).ravel()}

    def plot(self, figure: Figure, view: View, sample: Sample) -> None:
        """Pad and walks as a figure that stands still."""
        here, chart = figure.subplots(1, 2, width_ratios=(1, 1.2))
        plane = self.plane(view, sample)
        plotting.plot_points(plane.get("real", np.empty((0, 2))), plane["cloud"], here)
        for lines, color in (("upright", "#7a4fa3"), ("level", "#00785a")):
            here.plot(*plane[lines].transpose(2, 1, 0), color=color, lw=0.6)
        here.plot(*sample(view.z[None]).numpy().T, "ko", mfc="none", ms=9, mew=2)
        _plot_lengths(chart, view)


def scene_of(copy: GeneratorCopy, real: np.ndarray | None) -> ImageScene | PointScene:
    """The scene that suits what the generator makes; `real`: (N, 2) real points to show beside fake ones."""
    return ImageScene() if copy.kind == "images" else PointScene(copy.latent_dim, real)


def _plot_pixels(ax, pixels, extent=None):
    ax.imshow(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels, cmap="gray", vmin=0, vmax=255, extent=extent)


def _mark_place(ax, view):
    ax.set(xlabel=view.name(view.across), ylabel=view.name(view.up), title="around z")
    ax.plot(view.coordinate(view.across), view.coordinate(view.up), "o", mfc="none", mec="white", ms=11, mew=4)
    ax.plot(view.coordinate(view.across), view.coordinate(view.up), "o", mfc="none", mec="black", ms=11, mew=1.5)


def _plot_lengths(ax, view):
    mean, deviation = typical_length(len(view.z))
    ax.axhspan(
        max(0, mean - 2 * deviation), mean + 2 * deviation, color="gray", alpha=0.15, lw=0, label="typical, ±2 sd"
    )
    for path, values in lengths(view).items():
        name = path.removesuffix("_length")
        ax.plot(np.linspace(0, 1, FINE), values, **PEN[name], label=name)
    ax.set(xlabel="t, from A to B", ylabel="‖z‖", ylim=(0, None))
    ax.legend(fontsize="small")
