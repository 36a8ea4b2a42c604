"""A piece of Python to read and to copy."""

import anywidget
import traitlets

from gan_course.widgets.esm import css, esm


class CodeBox(anywidget.AnyWidget):
    """Shows code as it is, with a button that copies it.

    Attributes:
        code: what is shown.
        note: shown in its place when there is no code.
    """

    _esm = esm("code_box.mjs")
    _css = css("code_box.css")

    code = traitlets.Unicode("").tag(sync=True)
    note = traitlets.Unicode("").tag(sync=True)

    def __repr__(self) -> str:
        return "CodeBox()"
