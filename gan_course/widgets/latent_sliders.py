"""The sliders of a latent lab: coordinates of z along axes, and which axes these are."""

import anywidget
import traitlets

from gan_course.widgets.esm import HERE, esm


class LatentSliders(anywidget.AnyWidget):
    """Shows the coordinates of z and says what a hand did, as messages; it computes nothing.

    Attributes:
        state: the axes, the coordinates of z along them, and the length of z.
    """

    _esm = esm("latent_sliders.mjs")
    _css = HERE / "latent_sliders.css"

    state = traitlets.Dict({}).tag(sync=True)

    def __repr__(self) -> str:
        return "LatentSliders()"
