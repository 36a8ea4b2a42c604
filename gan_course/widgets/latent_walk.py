"""The walk between two pinned z: what lies on the straight and on the spherical way."""

import anywidget
import traitlets

from gan_course.widgets.esm import HERE, esm


class LatentWalk(anywidget.AnyWidget):
    """Draws both walks and says what a hand did, as messages; it computes nothing.

    Attributes:
        strips: a frame (see `gan_course.frames`) with what lies along the walks.
        place: where z stands on them.
    """

    _esm = esm("latent_walk.mjs")
    _css = HERE / "latent_walk.css"

    strips = traitlets.Bytes(b"").tag(sync=True)
    place = traitlets.Dict({}).tag(sync=True)

    def __repr__(self) -> str:
        return "LatentWalk()"
