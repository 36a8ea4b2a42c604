"""The picture of a run: an anywidget that draws one packed frame at a time."""

import anywidget
import traitlets

from gan_course.widgets.esm import css, esm


class GanCanvas(anywidget.AnyWidget):
    """Draws frames (see `gan_course.frames`); it computes nothing about GANs.

    Attributes:
        frame: the newest frame.
        beat: counts up about once a second while no frame comes, so that the page can tell a quiet kernel
            from a dead one.
        drawn: the number of the last frame that the page says it has drawn.
    """

    _esm = esm("gan_canvas.mjs")
    _css = css("gan_canvas.css")

    frame = traitlets.Bytes(b"").tag(sync=True)
    beat = traitlets.Int(0).tag(sync=True)
    drawn = traitlets.Int(0).tag(sync=True)

    def __repr__(self) -> str:
        return "GanCanvas()"
