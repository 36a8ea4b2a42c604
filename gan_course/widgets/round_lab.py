"""RoundLab: one round of GAN training by hand, in five buttons."""

import threading

import ipywidgets
from matplotlib.figure import Figure

from gan_course import plotting
from gan_course.by_hand import RoundByHand
from gan_course.frames import pack
from gan_course.widgets.round_canvas import RoundCanvas
from gan_course.widgets.round_scene import Scene
from gan_course.widgets.still import Still


class RoundLab(Still, ipywidgets.VBox):
    """Five buttons, "real x", "noise z", "fake G(z)", "judge" and "update", and two networks that do just that.

    First it is D's turn, with all five; then G's, which needs no real x. The page shows what lies on the table,
    D's verdict, and what every single weight changed by in the last update. All that its buttons do, the methods
    do too. A button out of order changes nothing and says what is missing.

    Args:
        seed: decides the first weights and every draw; a whole number, at least 0.

    Raises:
        TypeError, ValueError: the seed is none.
    """

    def __init__(self, seed: int = 0):
        self._seed, self._lock = seed, threading.RLock()
        self._scene = Scene(seed)
        self._canvas = RoundCanvas()
        super().__init__([self._canvas])
        self.add_class("round-lab")
        self._show()
        self._canvas.on_msg(self._hear)

    # ---- from Python ------------------------------------------------------------------------------------------------

    def press(self, step: str) -> None:
        """Press a button.

        Args:
            step: "real", "noise", "fake", "judge" or "update".

        Raises:
            ValueError: there is no such button.
        """
        with self._lock:
            self._scene.press(step)
            self._show()

    def whole_round(self) -> None:
        """Play what is left of the round, G's turn included."""
        with self._lock:
            before = self.hand.rounds
            while self.hand.rounds == before:
                self._scene.press(self.hand.next_step)
            self._show()

    def restart(self) -> None:
        """Go back to the first weights, and to the same draws."""
        with self._lock:
            self._scene = Scene(self._seed)
            self._show()

    @property
    def hand(self) -> RoundByHand:
        """What the buttons work on: the networks, and what lies on the table."""
        return self._scene.hand

    @property
    def moved(self) -> dict[str, int]:
        """How many weights of "G" and of "D" the last update changed; 0 before the first."""
        return self.hand.moved

    @property
    def words(self) -> str:
        """What happened last, with its numbers, and what comes next."""
        return self._scene.words

    def figure(self) -> Figure:
        """The lab as it is now, as a figure that stands still."""
        figure = plotting.new_figure("lab")
        with self._lock:
            self._scene.plot(figure)
        return figure

    # ---- between the page and the round -----------------------------------------------------------------------------

    def _hear(self, widget, message, buffers):
        press = message["press"]
        actions = {"whole": self.whole_round, "restart": self.restart}
        actions.get(press, lambda: self.press(press))()

    def _show(self):
        """Draw it. Only the holder of the lock comes here."""
        self._canvas.frame = pack(self._scene.facts(), self._scene.arrays())

    def __repr__(self) -> str:
        return f"RoundLab(seed={self._seed})"
