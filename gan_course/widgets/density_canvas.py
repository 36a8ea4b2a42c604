"""The pictures of two densities: an anywidget in which a hand drags or draws them, and all numbers follow."""

import anywidget
import traitlets

from gan_course.widgets.density_scene import MISSED, PRESETS, STORIES, check_state
from gan_course.widgets.esm import css, esm


class DensityCanvas(anywidget.AnyWidget):
    """Draws two densities and what follows from them, and writes back what a hand makes of them.

    Attributes:
        p_data, p_g: a density as `density_scene.state_of` gives it.
        presets: pairs of densities to start from, by name.
        stories: what the page says in words, as `density_scene.words_of` reads it.
    """

    _esm = esm("density_canvas.mjs")
    _css = css("instrument.css", "density_canvas.css")

    p_data = traitlets.Dict().tag(sync=True)
    p_g = traitlets.Dict().tag(sync=True)
    presets = traitlets.Dict(PRESETS).tag(sync=True)
    stories = traitlets.Dict({"stories": STORIES, "missed": MISSED}).tag(sync=True)

    @traitlets.validate("p_data", "p_g")
    def _check(self, proposal):
        return check_state(proposal.value, proposal.trait.name)

    def __repr__(self) -> str:
        return "DensityCanvas()"
