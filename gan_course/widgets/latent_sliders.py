"""The sliders of a latent lab: coordinates of z along axes, and which axes these are."""

from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__).parent


class LatentSliders(anywidget.AnyWidget):
    """Shows the coordinates of z and says what a hand did, as messages; it computes nothing.

    Attributes:
        state: the axes, the coordinates of z along them, and the length of z.
    """

    _esm = HERE / "latent_sliders.mjs"
    _css = HERE / "latent_sliders.css"

    state = traitlets.Dict({}).tag(sync=True)

    def __repr__(self) -> str:
        return "LatentSliders()"
