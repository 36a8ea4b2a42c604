"""The controls of one z, and the picture made from it: sliders, a pad to drag, lengths."""

import anywidget
import traitlets

from gan_course.widgets.esm import HERE, esm


class LatentPad(anywidget.AnyWidget):
    """Draws frames (see `gan_course.frames`) and says what a hand did, as messages; it computes nothing.

    Attributes:
        frame: where z stands and what the generator makes of it.
        scenery: what lies behind the pad.
        beat: counts up about once a second while no frame comes, so that the page can tell a quiet kernel
            from a dead one.
        drawn: the number of a frame that the page says it has drawn.
    """

    _esm = esm("latent_pad.mjs")
    _css = HERE / "latent_pad.css"

    frame = traitlets.Bytes(b"").tag(sync=True)
    scenery = traitlets.Bytes(b"").tag(sync=True)
    beat = traitlets.Int(0).tag(sync=True)
    drawn = traitlets.Int(0).tag(sync=True)

    def __repr__(self) -> str:
        return "LatentPad()"
