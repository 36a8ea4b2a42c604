"""The map of a sweep: an anywidget whose cells take colour while the sweep trains."""

import anywidget
import traitlets

from gan_course.widgets.esm import css, esm


class PhaseMap(anywidget.AnyWidget):
    """Shows frames (see `gan_course.frames`) and says what a hand did, as messages; it computes nothing.

    A message is {"do": "toggle"}, {"do": "open", "member": its number}, or {"do": "show", "value": a column}.

    Attributes:
        frame: the newest map.
        status: how far the sweep is, and which run is open.
        beat: counts up about once a second while nothing moves, so that the page can tell a quiet kernel from a
            dead one.
        drawn: the number of a status that the page says it has shown.
    """

    _esm = esm("phase_map.mjs")
    _css = css("plain.css", "phase_map.css")

    frame = traitlets.Bytes(b"").tag(sync=True)
    status = traitlets.Dict({}).tag(sync=True)
    beat = traitlets.Int(0).tag(sync=True)
    drawn = traitlets.Int(0).tag(sync=True)

    def __repr__(self) -> str:
        return "PhaseMap()"
