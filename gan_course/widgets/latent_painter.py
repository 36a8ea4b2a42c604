"""The thread that draws a latent lab: it runs the generator's copy, and it alone writes to the lab's widgets."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from matplotlib.figure import Figure
from torch import Tensor

from gan_course import runtime
from gan_course.frames import pack
from gan_course.latent import leading_directions, typical_length
from gan_course.widgets.latent_beside import Beside
from gan_course.widgets.latent_labels import LatentLabels
from gan_course.widgets.latent_leisure import Leisure
from gan_course.widgets.latent_pad import LatentPad
from gan_course.widgets.latent_portions import Portions
from gan_course.widgets.latent_scenes import STOPS, lengths, scene_of
from gan_course.widgets.latent_sliders import LatentSliders
from gan_course.widgets.latent_source import Source, Taken
from gan_course.widgets.latent_view import View
from gan_course.widgets.latent_walk import LatentWalk

FPS = 30  # pictures a second at most
WINDOW = 8  # frames that may be under way to the page without a sign that it drew them
PATIENCE = 0.5  # seconds after which a frame is sent without that sign
HEARTBEAT = 1.0  # seconds between two signs of life while nothing moves
SLIDER_FACTS = (
    "heard", "basis", "first", "total", "across", "up", "coordinates", "shares", "known", "search", "found", "step",
    "length", "typical",
)  # fmt: skip
LOOK_SECONDS = {"training": 0.1}  # how often a run is asked whether it moved
LOOK_SELDOM = 0.5


class Painter:
    """Keeps a latent lab's picture up to date, the newest z first.

    Args:
        source: what it looks at.
        taken: the source's first copy.
        pad, sliders, walk, labels: the widgets it draws on.

    Attributes:
        view: where the controls stand now; `change` makes another.
        taken: the weights in use.
        refusal: what the lab would not do, in words; "" if the last wish was fulfilled.
        found: the step whose generator the directions belong to.
        wants_directions: whether the sliders turn to the directions as soon as they are known.
    """

    def __init__(
        self,
        source: Source,
        taken: Taken,
        pad: LatentPad,
        sliders: LatentSliders,
        walk: LatentWalk,
        labels: LatentLabels,
    ):
        self._source, self._pad, self._sliders, self._walk, self.taken = source, pad, sliders, walk, None
        self.view, self.refusal, self.wants_directions = (
            View.first_of(taken.copy.latent_dim, taken.copy.classes),
            "",
            True,
        )
        self._unhurried = Portions(self._sample, self._breathe, lambda: self.taken.copy.device.type)
        self.beside = Beside(labels, self._unhurried, self._breathe)
        self._lock, self._wake, self._ended = threading.Lock(), threading.Event(), threading.Event()
        self._answers: deque[Taken | Exception] = deque(maxlen=1)
        self._announced, self._asked, self._trouble = {}, False, ""
        self._versions = 0
        self._search, self.found = "wanted", None
        self._here: dict[str, np.ndarray] = {}
        self._here_key = self._sent_facts = self._plane_key = self._walk_key = None
        self._sent = self._drawn = 0
        self._shown_at = self._beat_at = 0.0
        self._leisure = Leisure()
        self._use(taken)
        self._thread = threading.Thread(target=self._work, name="gan-course latent lab", daemon=True)

    # ---- asked from outside, by any thread ------------------------------------------------------------------------

    def start(self) -> None:
        """Start drawing."""
        self._thread.start()

    def stop(self) -> None:
        """End for good; returns when the thread is gone."""
        self._ended.set()
        self._wake.set()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def change(self, how: Callable[[View], View]) -> None:
        """Put `how(view)` in place of the view; what it raises is raised here, and nothing changes then."""
        self._leisure.move()
        self._put(how)
        self.refusal = ""

    def _put(self, how):
        with self._lock:
            self.view = replace(how(self.view), **self._announced)
        self._wake.set()

    def announce(self, number: float, part: str) -> None:
        """A wish of the page comes: the views made from now on bear its number, and so does what is drawn.

        Args:
            number: the wish's.
            part: whose it is: "walk", "labels" or "".
        """
        self._announced["heard"] = number
        if part:
            self._announced[f"{part}_heard"] = number

    def refuse(self, reason: str) -> None:
        """Say why a wish is not fulfilled."""
        self.refusal = reason
        self._put(lambda view: view)

    def drawn(self, count: int) -> None:
        """The page says which frame it has drawn; a page that lags gets fewer."""
        self._drawn = count

    def seek(self) -> None:
        """Find the directions of the generator as it is now."""
        self._search = "wanted"
        self._put(lambda view: view)

    def offer(self, taken: Taken | Exception) -> None:
        """Have other weights shown soon; the newest wins."""
        waiting = bool(self._answers)
        self._answers.append(taken)
        self._asked = False
        if not waiting:
            self._wake.set()

    def plot(self, figure: Figure) -> None:
        """Draw the lab as it is now on a figure."""
        self._scene.plot(figure, self.view, partial(self.taken.copy.sample, weights=self.view.mixture))

    # ---- the thread -----------------------------------------------------------------------------------------------

    def _work(self):
        with runtime.compute(threads=1):
            while not self._ended.is_set():
                self._try(self._one_pass)

    def _rest(self):
        """How long there is surely nothing to do, in seconds."""
        if self._answers or self._sent_facts != self._facts(self.view) or self._slow_jobs():
            return 1 / FPS
        return LOOK_SECONDS.get(self._source.state, LOOK_SELDOM)

    def _try(self, action):
        """Errors of this thread would reach no cell: say them in the lab."""
        try:
            action()
        except _Ended:
            pass
        except Exception as error:
            self._trouble = f"{type(error).__name__}: {error}"
            self._ended.wait(1 / FPS)

    def _one_pass(self):
        self._wake.wait(self._rest())
        self._wake.clear()
        self._follow()
        self._show_here()
        if self._leisure.there:
            for job in self._slow_jobs():
                with self._leisure.used():
                    job(self.view)
        if time.perf_counter() - max(self._shown_at, self._beat_at) >= HEARTBEAT:
            self._beat_at = time.perf_counter()
            self._pad.beat += 1

    # ---- weights --------------------------------------------------------------------------------------------------

    def _follow(self):
        if not self._leisure.rested:
            return
        if self._answers:
            answer = self._answers.pop()
            if isinstance(answer, Exception):
                raise answer
            self._use(answer)
        if not self._asked and self._source.has_moved(self.taken):
            self._asked = True
            self._source.ask(self.offer)

    def _use(self, taken):
        """Show another generator, or the same one with other weights."""
        if self.taken is None or taken.copy is not self.taken.copy:
            self.wants_directions |= self.view.basis == "directions"
            self._put(lambda view: view.for_latent_dim(taken.copy.latent_dim, taken.copy.classes))
            self.seek()
        taken.copy.load(taken.weights)
        self.taken, self._scene = taken, scene_of(taken.copy, taken.real)
        self._versions += 1
        self.beside.use(taken, self._versions)

    def _sample(self, z, weights=None):
        samples = self.taken.copy.sample(z, weights)
        if not samples.isfinite().all():
            raise ValueError("the generator makes numbers here that are not finite.")
        return samples

    def _breathe(self):
        """In the middle of what can wait: a new z comes first, and the lab may end."""
        if self._ended.is_set():
            raise _Ended
        self._show_here()

    def _labelled(self, view: View) -> Callable[..., Tensor]:
        """Samples of the view's label for what can wait."""
        return partial(self._unhurried, weights=view.mixture)

    # ---- what is drawn --------------------------------------------------------------------------------------------

    def _show_here(self):
        """Send a frame if something changed, the page keeps up, and the last frame is not too new."""
        now, view = time.perf_counter(), self.view
        lagging = self._sent - self._drawn >= WINDOW and now - self._shown_at < PATIENCE
        if lagging or now - self._shown_at < 1 / FPS or self._facts(view) == self._sent_facts:
            return
        key = self._versions, view.z.tobytes(), _bytes(view.mixture)
        if key != self._here_key:
            self._here_key, self._trouble = key, ""
            self._here = self._scene.here(view, partial(self._sample, weights=view.mixture))
        facts = self._facts(view)
        self._sent += 1
        self._sent_facts, self._shown_at = facts, time.perf_counter()
        self._pad.frame = pack(facts | {"number": self._sent}, self._here)
        self._sliders.state = {name: facts[name] for name in SLIDER_FACTS}
        self.beside.show(view)
        self._walk.place = {"t": view.t, "path": view.path, "heard": view.walk_heard}

    def _facts(self, view):
        """All that a frame says, by which it differs from the one before."""
        mean, deviation = typical_length(len(view.z))
        facts = dict(kind=self._scene.kind, heard=view.heard, version=self._versions, step=self.taken.step)
        facts |= dict(state=self._source.state, message=self.refusal or self._trouble, search=self._search)
        facts |= dict(basis=view.basis, first=view.first, total=len(view.z), across=view.across, up=view.up)
        facts |= dict(coordinates=[view.coordinate(i) for i in view.shown], found=self.found)
        facts |= dict(known=view.directions is not None, shares=_shares(view), length=float(np.linalg.norm(view.z)))
        return facts | dict(typical=[mean, deviation], label=_told(view))

    def _slow_jobs(self):
        """What else is out of date."""
        jobs = {self._draw_plane: self._plane_key != self._key_of_plane(self.view)}
        jobs[self._draw_walks] = self._walk_key != self._key_of_walks(self.view)
        jobs[self._search_directions] = self._search == "wanted"
        return [job for job, due in jobs.items() if due] + self.beside.jobs(self.view)

    def _key_of_walks(self, view):
        return self._versions, view.pins.tobytes(), _bytes(view.mixture)

    def _key_of_plane(self, view):
        (origin,) = view.plane([0], [0]).round(4)  # z itself may move within the plane
        return (
            self._versions,
            view.basis,
            id(view.directions),
            view.across,
            view.up,
            (origin + 0.0).tobytes(),
            _bytes(view.mixture),
        )

    def _draw_plane(self, view):
        try:
            arrays = self._scene.plane(view, self._labelled(view))
            self._pad.scenery = pack({"kind": self._scene.kind, "version": self._versions}, arrays)
        finally:  # after an error too: what fails is not tried again and again
            self._plane_key = self._key_of_plane(view)

    def _draw_walks(self, view):
        facts = {"kind": self._scene.kind, "typical": typical_length(len(view.z)), "stops": STOPS}
        try:
            strips = self._scene.walks(view, self._labelled(view))
            self._walk.strips = pack(facts, strips | lengths(view))
        finally:
            self._walk_key = self._key_of_walks(view)

    def _search_directions(self, view):
        self._search, step = "running", self.taken.step
        try:
            directions = leading_directions(self._labelled(view), len(view.z))
        finally:
            self._search = "" if self._search == "running" else self._search
        self.found = step
        self._put(lambda view: replace(view, directions=directions))
        if self.wants_directions:
            self.wants_directions = False
            self._put(lambda view: view.showing("directions"))


def _told(view):
    """The label as numbers that a frame can say."""
    return None if view.mixture is None else [[round(float(w), 4) for w in view.weights], list(view.ends), view.s]


def _bytes(array):
    return b"" if array is None else array.tobytes()


def _shares(view):
    return [float(view.directions.shares[i]) for i in view.shown] if view.basis == "directions" else []


class _Ended(Exception):
    """The lab was stopped in the middle of something."""
