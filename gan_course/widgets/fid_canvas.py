"""The pictures of a FID lab: an anywidget with a page for each of its three questions."""

import anywidget
import traitlets

from gan_course.damage import DAMAGES
from gan_course.widgets.esm import css, esm
from gan_course.widgets.fid_answers import SIZES
from gan_course.widgets.fid_gaussians import MEANS, PRESETS, STDS


class FidCanvas(anywidget.AnyWidget):
    """Draws frames (see `gan_course.frames`) and says what a hand sets, as messages; it measures nothing.

    A message is {"set": settings by name, "number": grows from one to the next}.

    Attributes:
        frame: the newest frame; its fact `heard` is the number of the last message that it answers.
        presets: pairs of Gaussians to start from, by name.
        bounds: from where to where a hand may move what, by name.
        damages: the ways to make images worse: how much of it there can be, in words, by name.
        sizes: numbers of images to choose from.
        features: what each of the features to choose from is, by name.
    """

    _esm = esm("fid_canvas.mjs")
    _css = css("instrument.css", "fid_canvas.css")

    frame = traitlets.Bytes(b"").tag(sync=True)
    presets = traitlets.Dict(PRESETS).tag(sync=True)
    bounds = traitlets.Dict({"mean": MEANS, "std": STDS}).tag(sync=True)
    damages = traitlets.Dict({name: damage.labels() for name, damage in DAMAGES.items()}).tag(sync=True)
    sizes = traitlets.List(list(SIZES)).tag(sync=True)
    features = traitlets.Dict().tag(sync=True)

    def __repr__(self) -> str:
        return "FidCanvas()"
