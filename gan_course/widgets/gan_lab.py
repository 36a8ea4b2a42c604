"""GanLab: a GAN that trains in front of you, with its controls in your hand."""

import base64
import io
from dataclasses import asdict

import ipywidgets
from matplotlib.figure import Figure

from gan_course import plotting
from gan_course.config import TrainConfig
from gan_course.frames import pack
from gan_course.live import LiveRun
from gan_course.recipe import Recipe
from gan_course.runtime import quick_mode
from gan_course.trainer import Trainer
from gan_course.widgets.cells import cell_name
from gan_course.widgets.controls import ControlPanel, LatentPanel
from gan_course.widgets.gan_canvas import GanCanvas
from gan_course.widgets.scenes import curves, scene_of


class GanLab(ipywidgets.VBox):
    """A live lab: pictures that follow the training, and controls that it obeys at the next round.

    Training runs in a background thread, so the notebook stays free; `run` plays rounds in the cell
    itself. Run the cell again and the older lab of that cell stops first.

    Args:
        trainer: a `Trainer`, a `TrainConfig`, or the name of a data set.
        play: whether to start training at once; None: yes, except where the variable CI is set.
        name: a new lab stops the older one of the same name; None: the notebook cell it is made in.

    Attributes:
        live: the `LiveRun` that plays it.
        earlier: the `Recipe` of each run that "Start again" left behind.
    """

    def __init__(
        self,
        trainer: Trainer | TrainConfig | str = "ring",
        play: bool | None = None,
        name: str | None = None,
    ):
        if isinstance(trainer, str):
            trainer = TrainConfig(dataset=trainer)
        if isinstance(trainer, TrainConfig):
            trainer = Trainer(trainer)
        self.earlier: list[Recipe] = []
        self.live = LiveRun(trainer, self._show, self._beat, name or cell_name())
        self._canvas = GanCanvas()
        self._canvas.observe(lambda change: self.live.drawn(change.new), "drawn")
        self._buttons = self._make_buttons()
        self._controls = ControlPanel(trainer.controls, self._steer)
        self._latent = LatentPanel(trainer, self.live.refresh)
        self._watch(trainer)
        below = ipywidgets.HBox([self._controls, self._latent])
        below.layout.flex_flow = "row wrap"
        super().__init__([self._buttons, self._controls.ratio, self._canvas, below])
        self.add_class("gan-lab")
        self.live.run(0)
        self.live.start()
        if play or (play is None and not quick_mode()):
            self.live.play()

    # ---- from Python ----------------------------------------------------------------------------------------------

    @property
    def trainer(self) -> Trainer:
        """The run. Pause before you touch its networks; `set` may be called at any time."""
        return self.live.trainer

    def play(self) -> None:
        """Train in the background."""
        self.live.play()

    def pause(self) -> None:
        """Stop training after the present round."""
        self.live.pause()

    def run(self, steps: int) -> None:
        """Play `steps` rounds in this cell; errors as `Trainer.run`."""
        self.live.run(steps)

    def set(self, **controls) -> None:
        """Change controls, as the sliders do; errors as `Trainer.set`."""
        self.trainer.set(**controls)
        self._controls.follow(self.trainer.controls)

    def restart(self) -> None:
        """Begin a new run from step 0 with the controls as they are; the old one's recipe goes to `earlier`."""
        self.live.post(self._restart)

    def _restart(self):
        self.earlier.append(self.trainer.recipe())
        fresh = self.trainer.branch(0)
        fresh.set(**asdict(self.trainer.controls))
        self.live.trainer = fresh
        self._watch(fresh)

    def figure(self) -> Figure:
        """The lab as it is now, as a figure that stands still."""
        figure = plotting.new_figure("lab")
        picture, side = figure.subfigures(1, 2, width_ratios=(5, 4))
        self._scene.plot(picture.subplots())
        verdicts, losses = side.subplots(2, 1, sharex=True)
        plotting.plot_verdicts(self.trainer.history, verdicts).set_xlabel("")
        plotting.plot_losses(self.trainer.history, losses)
        return figure

    # ---- from the page --------------------------------------------------------------------------------------------

    def _make_buttons(self):
        self._play = ipywidgets.Button(icon="play", tooltip="Train, or pause after the present round")
        once = ipywidgets.Button(description="One round", icon="step-forward", tooltip="Pause, then play one round")
        again = ipywidgets.Button(description="Start again", icon="undo", tooltip="A new run from step 0")
        self._play.on_click(lambda _: self.live.post(self._toggle))
        once.on_click(lambda _: self.live.post(self._one_round))
        again.on_click(lambda _: self.restart())
        return ipywidgets.HBox([self._play, once, again])

    def _toggle(self):
        if self.live.playing:
            self.live.playing = False
        else:
            self.live.play()

    def _one_round(self):
        self.live.playing = False
        self.live.play_rounds(1)

    def _steer(self, **controls):
        """A control was moved on the page: callbacks reach no cell, so a refusal is said in the lab."""
        try:
            self.trainer.set(**controls)
            self.live.message = ""
        except ValueError as refusal:
            self.live.message = str(refusal)
        self.live.refresh()

    # ---- to the page ----------------------------------------------------------------------------------------------

    def _watch(self, trainer):
        self._scene = scene_of(trainer)
        self._arrays: dict = {}

    def _show(self, moved):
        """Send a frame; while only the view changed, the rest of the picture stays as it was."""
        if moved or not self._arrays:
            self._arrays = self._scene.arrays() | curves(self.trainer)
        picture = self._scene.latent(self._latent.z())
        self._canvas.frame = pack(self._facts(), self._arrays | picture)
        self._play.description = "Pause" if self.live.playing else "Play"
        self._play.icon = "pause" if self.live.playing else "play"

    def _facts(self):
        live, controls = self.live, self.trainer.controls
        facts = dict(kind=self._scene.kind, number=live.sent + 1, step=self.trainer.steps, playing=live.playing)
        facts |= dict(rate=round(live.rate, 1), message=live.message, loss=controls.loss)
        return facts | dict(d_steps=controls.d_steps, g_steps=controls.g_steps) | self._scene.facts()

    def _beat(self):
        self._canvas.beat += 1

    # ---- where no widget can be shown -----------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"GanLab({self.trainer.config.dataset!r})"

    def _repr_mimebundle_(self, **kwargs):
        """The widget, and a still picture for a page without a kernel."""
        png = io.BytesIO()
        self.figure().savefig(png, format="png")
        return super()._repr_mimebundle_(**kwargs) | {"image/png": base64.b64encode(png.getvalue()).decode()}
