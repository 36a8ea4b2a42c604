"""Beside the picture of a latent lab: every class at its z, the label walk, a sheet of samples, the nearest data."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from gan_course import runtime
from gan_course.frames import pack
from gan_course.latent import nearest_images, usual_distance
from gan_course.pixels import tile, to_pixels
from gan_course.widgets.latent_labels import LatentLabels
from gan_course.widgets.latent_source import Taken
from gan_course.widgets.latent_view import View

SHEET = 16  # samples
STOPS = 9  # pictures along the label walk
NEAREST = 3  # images of the data
COMPARED = 48  # images of the data whose own nearest neighbours are looked up


class Beside:
    """Draws on a `LatentLabels` what can wait. Only the painter's thread comes here, but for `latent` and `draw`.

    Args:
        widget: where.
        sample: z (N, Z), weights (K,) or (N, K) or None -> samples, letting a new picture at z come in between.
        between: lets a new picture at z come in between.
    """

    def __init__(self, widget: LatentLabels, sample: Callable[..., Tensor], between: Callable[[], object]):
        self._widget, self._sample, self._between = widget, sample, between
        self._drawn, self._keys = 0, {}
        self._taken: Taken | None = None
        self._usual: tuple[object, float] = (None, 0.0)

    def use(self, taken: Taken, version: int) -> None:
        """Look at another generator, or the same one with other weights."""
        self._taken, self._version = taken, version

    # ---- the sheet --------------------------------------------------------------------------------------------------

    def draw(self) -> None:
        """Other samples."""
        self._drawn += 1

    def latent(self, sample: int) -> np.ndarray:
        """(Z,): the z of a sample of the sheet.

        Raises:
            ValueError: there is none of that number.
        """
        if not isinstance(sample, int) or not 0 <= sample < SHEET:
            raise ValueError(f"there is no sample {sample!r}: the sheet has {SHEET}, counted from 0.")
        return self._latents()[sample].numpy()

    def _latents(self):
        rng = runtime.make_rng(self._drawn, "latent sheet")
        return torch.randn(SHEET, self._taken.copy.latent_dim, generator=rng)

    # ---- at once ----------------------------------------------------------------------------------------------------

    def show(self, view: View) -> None:
        """Have the controls follow; quick."""
        self._widget.state = {
            "kind": self._taken.copy.kind, "names": list(self._taken.class_names), "heard": view.labels_heard,
            "weights": [] if view.weights is None else view.weights.tolist(),
            "shares": [] if view.mixture is None else view.mixture.tolist(), "ends": list(view.ends), "s": view.s,
            "knows_data": self._taken.data is not None,
        }  # fmt: skip

    # ---- what can wait ----------------------------------------------------------------------------------------------

    def jobs(self, view: View) -> list[Callable[[View], None]]:
        """What is out of date."""
        if self._taken.copy.kind != "images":
            return []
        jobs = [self._draw_sheet]
        jobs += [self._draw_classes, self._draw_label_walk] * bool(view.classes)
        jobs += [self._find_nearest] * (self._taken.data is not None)
        due = [job for job in jobs if self._keys.get(job.__name__) != self._key(job, view)]
        return [lambda view, job=job: self._do(job, view) for job in due]

    def _key(self, job, view):
        z, mixture = view.z.tobytes(), None if view.mixture is None else view.mixture.tobytes()
        depends = {
            "_draw_sheet": (self._drawn, mixture), "_draw_classes": z, "_draw_label_walk": (z, view.ends),
            "_find_nearest": (z, mixture),
        }  # fmt: skip
        return self._version, depends[job.__name__]

    def _do(self, job, view):
        try:
            job(view)
        finally:  # after an error too: what fails is not tried again and again
            self._keys[job.__name__] = self._key(job, view)

    def _draw_sheet(self, view):
        pixels = to_pixels(self._sample(self._latents(), view.mixture))
        self._widget.sheet = pack({"stops": SHEET}, {"pictures": tile(pixels, SHEET)})

    def _draw_classes(self, view):
        pixels = to_pixels(self._sample(_repeated(view.z, view.classes), np.eye(view.classes, dtype=np.float32)))
        self._widget.classes = pack({"stops": view.classes}, {"pictures": tile(pixels, view.classes)})

    def _draw_label_walk(self, view):
        way = view.label_way(np.linspace(0, 1, STOPS))
        pixels = to_pixels(self._sample(_repeated(view.z, STOPS), way))
        self._widget.walk = pack({"stops": STOPS}, {"pictures": tile(pixels, STOPS)})

    def _find_nearest(self, view):
        data = self._taken.data
        picture = self._sample(view.z[None], view.mixture)[0]
        distances, indices = nearest_images(data.samples, picture, NEAREST, self._between)
        found = data.samples[indices].cpu()
        found = found.float() / 127.5 - 1 if found.dtype == torch.uint8 else found
        facts = {
            "stops": NEAREST, "of": len(data.samples), "usual": self._usual_distance(data),
            "distances": distances.tolist(), "named": _named(data, indices),
        }  # fmt: skip
        self._widget.nearest = pack(facts, {"pictures": tile(to_pixels(found), NEAREST)})

    def _usual_distance(self, data):
        """Median distance of an image of the data from the nearest other one; looked up once."""
        if self._usual[0] is not data:
            self._usual = data, usual_distance(data.samples, COMPARED, self._between)
        return self._usual[1]


def _repeated(z, n):
    return np.broadcast_to(z, (n, len(z))).copy()


def _named(data, indices):
    if data.labels is None:
        return [""] * len(indices)
    labels = data.labels[indices].tolist()
    return [data.class_names[label] if data.class_names else f"class {label}" for label in labels]
