"""A square to draw data in, with mouse, finger, pen or keys."""

import anywidget
import traitlets

from gan_course.widgets.esm import css, esm


class DataPad(anywidget.AnyWidget):
    """Shows the plane from -1.5 to 1.5 on both axes and takes down what a hand draws there.

    "Learn this" comes as a message whose "do" is "learn": listen with `pad.on_msg(callback)`, and make a data set
    with `gan_course.data.drawn.drawn_points(pad.strokes, thickness=pad.thickness)`.

    Attributes:
        strokes: each a list of the [x, y] it goes through, at most 200; one of them alone is a dot. Give a new list
            to change it: the page does not see an append.
        thickness: standard deviation of the points about the strokes, 0.01 to 0.2.
    """

    _esm = esm("data_pad.mjs")
    _css = css("data_pad.css")

    strokes = traitlets.List(traitlets.List(traitlets.List(traitlets.Float(), minlen=2, maxlen=2), minlen=1)).tag(
        sync=True
    )
    thickness = traitlets.Float(0.05, min=0.01, max=0.2).tag(sync=True)

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.on_msg(self._take)

    def _take(self, _, content, buffers):
        """The drawing comes along with the wish, because a busy kernel hears of changed traits later than of messages.

        `set_state` stores it as what the page sent, so that it isn't sent back over a newer drawing.
        """
        self.set_state({name: content[name] for name in ("strokes", "thickness")})

    def __repr__(self) -> str:
        return "DataPad()"
