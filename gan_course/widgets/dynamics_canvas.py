"""The picture of a two-parameter game: an anywidget that draws a run and moves along its time."""

import anywidget
import traitlets

from gan_course.widgets.esm import css, esm


class DynamicsCanvas(anywidget.AnyWidget):
    """Draws frames (see `gan_course.frames`) and says what a hand sets, as messages; it plays no game.

    A message is {"set": settings by name, "held": whether a hand still drags the start, "number": grows from one to
    the next}. The sliders are its own because those of ipywidgets send what Python sets back to it, rounded to their
    steps: a run of 305 steps would become one of 310.

    Attributes:
        frame: the newest frame; its fact `heard` is the number of the last message that it answers.
    """

    _esm = esm("dynamics_canvas.mjs")
    _css = css("dynamics_canvas.css")

    frame = traitlets.Bytes(b"").tag(sync=True)

    def __repr__(self) -> str:
        return "DynamicsCanvas()"
