"""The picture of a round by hand: an anywidget with a button for every step."""

import anywidget
import traitlets

from gan_course.widgets.esm import css, esm


class RoundCanvas(anywidget.AnyWidget):
    """Draws frames (see `gan_course.frames`) and says what a hand presses, as messages; it trains nothing.

    A message is {"press": a step of `gan_course.by_hand`, "whole" or "restart"}.

    Attributes:
        frame: the newest frame.
    """

    _esm = esm("round_canvas.mjs")
    _css = css("round_canvas.css")

    frame = traitlets.Bytes(b"").tag(sync=True)

    def __repr__(self) -> str:
        return "RoundCanvas()"
