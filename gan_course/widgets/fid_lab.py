"""FidLab: what a Fréchet distance measures, how many images it needs, and what it doesn't notice."""

import threading
import weakref
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields, replace

import ipywidgets
import numpy as np
from matplotlib.figure import Figure

from gan_course import plotting_fid
from gan_course.damage import DAMAGES
from gan_course.frames import pack
from gan_course.metrics.features import Network
from gan_course.names import check_name
from gan_course.widgets.fid_answers import SIZES, Answer, Answers
from gan_course.widgets.fid_canvas import FidCanvas
from gan_course.widgets.fid_features import known_features
from gan_course.widgets.fid_gaussians import PRESETS, check_gaussian
from gan_course.widgets.fid_pool import Images, Pool
from gan_course.widgets.fid_worker import Worker
from gan_course.widgets.still import Still

TABS = ("gaussians", "sample size", "damage")


@dataclass(frozen=True)
class Settings:
    """What a hand can set.

    Attributes:
        tab: a name in `TABS`.
        dimension: of the Gaussians, 1 or 2.
        real, fake: the Gaussians, as `fid_gaussians.check_gaussian` takes them.
        features: a name in `fid_features.known_features`.
        n: images on either side, one of `SIZES`.
        draw: which random draw of them.
        kind: a name in `DAMAGES`.
        level: of the damage, from 0 for none.
    """

    tab: str = "gaussians"
    dimension: int = 2
    real: dict = field(default_factory=lambda: PRESETS["moved"]["real"])
    fake: dict = field(default_factory=lambda: PRESETS["moved"]["fake"])
    features: str = "network"
    n: int = 500
    draw: int = 0
    kind: str = "blur"
    level: int = 4

    def __post_init__(self):
        check_name(self.tab, TABS, "tab")
        check_name(self.kind, DAMAGES, "damage")
        check_gaussian(self.real, "real")
        check_gaussian(self.fake, "fake")
        levels = range(len(DAMAGES[self.kind].amounts))
        for name, allowed in (("dimension", (1, 2)), ("n", SIZES), ("level", levels)):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} must be one of {', '.join(map(str, allowed))}, got {getattr(self, name)!r}.")
        if not isinstance(self.draw, int) or self.draw < 0:
            raise ValueError(f"draw must be a whole number from 0, got {self.draw!r}.")


class FidLab(Still, ipywidgets.VBox):
    """FID in three questions.

    What is measured: two Gaussians, on a line or in the plane, that you drag, and the two terms of the Fréchet
    distance between them. How many images: real against real ones, where the true distance is 0 and all that FID
    says is bias. What it notices: real images made worse, and six measures side by side. The last two can be asked by
    a network's features and by the brightness of patches.

    It works in a thread of its own; a newer wish overtakes an older one. All that the page does, `set` does too.

    Args:
        tab: "gaussians", "sample size" or "damage".
        features: what images are compared by at first: "network", "patches", or your own function, images
            (n, 1, 28, 28) in [-1, 1] -> features (n, d), which can then be chosen beside the course's own.

    Raises:
        ValueError: an unknown tab or name of features.
    """

    def __init__(self, tab: str = "gaussians", features: str | Network = "network"):
        self._lock, self._heard = threading.Lock(), 0.0
        known, images = known_features(features if callable(features) else None), Images()
        chosen = "yours" if callable(features) else check_name(features, known, "features")
        self._settings = Settings(tab, features=chosen)
        self._answers = {name: Answers(Pool(of.network, images)) for name, of in known.items()}
        self._canvas = FidCanvas(features={name: of.about for name, of in known.items()})
        super().__init__([self._canvas])
        self.add_class("fid-lab")
        answers, canvas = self._answers, self._canvas  # not self, which the thread would keep alive
        self._worker = Worker(
            lambda wish: _answers_to(answers, wish[0]),
            lambda wish, answer: _show(canvas, wish, answer),
            lambda wish, error: _show(canvas, wish, ({"busy": "", "words": "", "trouble": _said(error)}, {})),
        )
        weakref.finalize(self, self._worker.stop)
        self._canvas.on_msg(self._hear)
        self.set()

    # ---- from Python ------------------------------------------------------------------------------------------------

    def set(self, **settings) -> None:
        """Change settings, as the page does; what is asked last is answered first.

        Args:
            settings: any of tab, dimension (1 or 2), real and fake (each a dict of mean, stds and angle), preset (a
                name for both), features ("network" or "patches"; "yours" where the lab was given some), n, draw, kind
                and level.

        Raises:
            ValueError: an unknown setting, or a value out of its range; nothing changes then.
        """
        with self._lock:
            self._change(settings)

    def _change(self, settings):
        for name in settings:
            check_name(name, ["preset", *(known.name for known in fields(Settings))], "setting")
        if (preset := settings.pop("preset", None)) is not None:
            check_name(preset, PRESETS, "preset")
            settings = PRESETS[preset] | settings
        if "features" in settings:
            check_name(settings["features"], self._answers, "features")
        self._settings = replace(self._settings, **settings)
        self._worker.ask((self._settings, self._heard))

    @property
    def answer(self) -> dict:
        """All that the lab says now, worked out to the end in this thread."""
        return self._whole_answer()[0]

    def _whole_answer(self) -> Answer:
        *_, last = _answers_to(self._answers, self._settings)
        return last

    def figure(self) -> Figure:
        """The lab as it is now, as a figure that stands still."""
        facts, arrays = self._whole_answer()
        return plotting_fid.PLOTS[self._settings.tab](asdict(self._settings) | facts, arrays)

    # ---- from the page ----------------------------------------------------------------------------------------------

    def _hear(self, widget, message, buffers):
        """A hand sets something. What it may not set is said by the page's own bounds, so no error is expected."""
        with self._lock:
            if message["number"] > self._heard:  # else it was overtaken
                self._heard = message["number"]
                self._change(message["set"])

    # ---- where no widget can be shown -------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"FidLab({self._settings.tab!r})"


def _answers_to(known: dict[str, Answers], now: Settings) -> Iterator[Answer]:
    answers = known[now.features]
    if now.tab == "gaussians":
        return answers.gaussians(now.real, now.fake, now.dimension)
    if now.tab == "sample size":
        return answers.sample_size(now.n, now.draw)
    return answers.damage(now.kind, now.level)


def _show(canvas: FidCanvas, wish: tuple[Settings, float], answer: Answer) -> None:
    settings, heard = wish
    facts, arrays = answer
    small = {name: np.asarray(array) for name, array in arrays.items()}
    canvas.frame = pack(asdict(settings) | {"trouble": ""} | facts | {"heard": heard}, small)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
