"""Labels, samples and neighbours of a latent lab: what is asked of the generator beside z, and what to compare with."""

import anywidget
import traitlets

from gan_course.widgets.esm import css, esm


class LatentLabels(anywidget.AnyWidget):
    """Shows frames (see `gan_course.frames`) and says what a hand did, as messages; it computes nothing.

    Each frame holds `pictures` side by side, as many as its fact `stops`.

    Attributes:
        state: the classes, their weights and shares, and where the label stands on its walk.
        classes: each class at this z.
        walk: mixtures of two classes at this z.
        sheet: samples of this label, each at a z of its own.
        nearest: the images of the data that come nearest, with how far they are.
    """

    _esm = esm("latent_labels.mjs")
    _css = css("plain.css", "latent_labels.css")

    state = traitlets.Dict({}).tag(sync=True)
    classes = traitlets.Bytes(b"").tag(sync=True)
    walk = traitlets.Bytes(b"").tag(sync=True)
    sheet = traitlets.Bytes(b"").tag(sync=True)
    nearest = traitlets.Bytes(b"").tag(sync=True)

    def __repr__(self) -> str:
        return "LatentLabels()"
