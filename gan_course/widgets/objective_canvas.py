"""The picture of the objective: an anywidget with sliders for two verdicts, and a mark tied to a live run."""

import anywidget
import traitlets

from gan_course.widgets.esm import css, esm


class ObjectiveCanvas(anywidget.AnyWidget):
    """Draws frames (see `gan_course.frames`) and says what a hand does, as messages.

    A message is {"set": settings by name, "number": grows from one to the next}, {"play": True or False}, or
    {"ratio": [d_steps, g_steps]}. What the sliders set is drawn at once, by the formulas in objective_maths.mjs.

    Attributes:
        frame: the newest frame; its fact `heard` is the number of the last message with settings that it answers.
        beat: counts up about once a second while no frame comes, so that the page can tell a quiet kernel from a
            dead one.
        drawn: the number of the last frame that the page says it has drawn.
    """

    _esm = esm("objective_canvas.mjs")
    _css = css("objective_canvas.css")

    frame = traitlets.Bytes(b"").tag(sync=True)
    beat = traitlets.Int(0).tag(sync=True)
    drawn = traitlets.Int(0).tag(sync=True)

    def __repr__(self) -> str:
        return "ObjectiveCanvas()"
