"""DynamicsLab: games of two parameters, where it can be seen and known why training circles, runs away or rests."""

import threading
from dataclasses import fields, replace

import ipywidgets
import numpy as np
from matplotlib.figure import Figure

from gan_course import plotting
from gan_course.dynamics import GAMES, METHODS
from gan_course.frames import pack
from gan_course.names import check_name
from gan_course.widgets.dynamics_canvas import DynamicsCanvas
from gan_course.widgets.dynamics_scene import DRAG_STEPS, Scene, Settings
from gan_course.widgets.still import Still


class DynamicsLab(Still, ipywidgets.VBox):
    """A game of θ (generator) and ψ (discriminator), played from a start that you drag.

    A phase portrait with the flow of the continuous game and the run, the distance from the equilibrium over
    the steps beside what theory foretells, and a sentence that says it in words. All that the controls do, `set`
    does too.

    Args:
        game: a name in `dynamics.GAMES`.
        start: (θ, ψ).
        step_size: h, above 0; both players' learning rate.
        steps: how many, at least 0.
        method: "simultaneous" or "alternating", as for `dynamics.simulate`.
        r1_gamma: γ of R1, at least 0.

    Raises:
        ValueError: an unknown game or method, or a number out of its range.
    """

    def __init__(
        self,
        game: str = "bilinear",
        start: tuple[float, float] = (1.0, 1.0),
        step_size: float = 0.2,
        steps: int = 300,
        method: str = "simultaneous",
        r1_gamma: float = 0.0,
    ):
        self._settings = Settings(game, start, step_size, steps, method, r1_gamma)
        self._lock, self._heard = threading.RLock(), 0.0
        self._canvas = DynamicsCanvas()
        self._menus = _menus()
        above = ipywidgets.HBox(list(self._menus.values()))
        above.layout.flex_flow, above.layout.grid_gap = "row wrap", "0 24px"
        super().__init__([above, self._canvas])
        self.add_class("dynamics-lab")
        self.set()
        self._canvas.on_msg(self._hear)
        for name, menu in self._menus.items():
            menu.observe(lambda change, name=name: self._chosen(name, change.new), "value")

    # ---- from Python ------------------------------------------------------------------------------------------------

    def set(self, **settings) -> None:
        """Change settings, as the controls do.

        Args:
            settings: any of game, start, step_size, steps, method, r1_gamma, and both: whether the other method's run
                is drawn too.

        Raises:
            ValueError: an unknown setting, game or method, or a number out of its range; nothing changes then.
        """
        for name in settings:
            check_name(name, [field.name for field in fields(Settings)], "setting")
        with self._lock:
            wanted = replace(self._settings, **settings)
            self._show(Scene(wanted))

    @property
    def trajectory(self) -> np.ndarray:
        """The run in float64, (steps + 1, 2), its first row the start."""
        return self._settings.play()

    @property
    def words(self) -> str:
        """What theory says of a step near the equilibrium, and how the run went."""
        return Scene(self._settings).words

    def figure(self) -> Figure:
        """The lab as it is now, as a figure that stands still."""
        figure = plotting.new_figure("lab")
        Scene(self._settings).plot(figure)
        return figure

    # ---- from the page ----------------------------------------------------------------------------------------------

    def _chosen(self, name, value):
        """A menu says something new, be it by a hand or because it follows."""
        with self._lock:
            if value != getattr(self._settings, name):
                self.set(**{name: value})

    def _hear(self, widget, wish, buffers):
        """A hand sets something. While it drags the start, the picture keeps its bounds, and a long run is cut."""
        with self._lock:
            if wish["number"] <= self._heard:
                return  # it was overtaken
            self._heard = wish["number"]
            settings = replace(self._settings, **wish["set"])
            self._show(Scene(settings, self._reach, DRAG_STEPS) if wish["held"] else Scene(settings))

    # ---- to the page ------------------------------------------------------------------------------------------------

    def _show(self, scene):
        """Draw it, and have the menus follow. Only the holder of the lock comes here."""
        self._settings, self._reach = scene.settings, scene.reach
        self._canvas.frame = pack(scene.facts() | {"heard": self._heard}, scene.arrays())
        for name, menu in self._menus.items():
            menu.value = getattr(scene.settings, name)

    # ---- where no widget can be shown -------------------------------------------------------------------------------

    def __repr__(self) -> str:
        now = self._settings
        return (
            f"DynamicsLab({now.game!r}, start={now.start}, step_size={now.step_size:g}, steps={now.steps}, "
            f"method={now.method!r}, r1_gamma={now.r1_gamma:g})"
        )


def _menus():
    """What is chosen rather than slid, by the setting's name."""
    menus = {
        "game": ipywidgets.Dropdown(options=list(GAMES), description="game"),
        "method": ipywidgets.Dropdown(options=METHODS, description="method"),
        "both": ipywidgets.Checkbox(description="both methods", indent=False),
    }
    for menu in menus.values():
        menu.style.description_width, menu.layout.width = "initial", "auto"
    return menus
