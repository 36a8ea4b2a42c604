"""GanLab: a GAN that trains in front of you, with its controls in your hand."""

from collections.abc import Callable
from pathlib import Path

import ipywidgets
from matplotlib.figure import Figure

from gan_course import plotting
from gan_course.config import TrainConfig
from gan_course.diagnosis import Diagnosis
from gan_course.live import LiveRun
from gan_course.recipe import Recipe
from gan_course.recording import Recorder
from gan_course.runtime import quick_mode
from gan_course.trainer import Trainer
from gan_course.widgets.cells import cell_name
from gan_course.widgets.lab_page import LabPage
from gan_course.widgets.lab_view import LabView
from gan_course.widgets.runs import Runs
from gan_course.widgets.still import Still
from gan_course.widgets.time_travel import TimeTravel


class GanLab(TimeTravel, Still, ipywidgets.VBox):
    """A live lab: pictures that follow the training, controls that it obeys at the next round, and a time machine.

    Training runs in a background thread, so the notebook stays free; `run` plays rounds in the cell
    itself. Run the cell again and the older lab of that cell stops first. All that the page's controls do,
    the methods do too; both wait for the end of the round.

    Args:
        trainer: a `Trainer`, a `TrainConfig`, the name of a data set, or a `Recipe`, which is played from its
            beginning to its end; one of no rounds trains on and on.
        play: whether to start training at once; None: yes, except where the variable CI is set.
        name: a new lab stops the older one of the same name; None: the notebook cell it is made in.

    Attributes:
        live: the `LiveRun` that plays it.
        earlier: the `Recipe` of each future that `rewind` gave up.
    """

    def __init__(
        self,
        trainer: Trainer | TrainConfig | Recipe | str = "ring",
        play: bool | None = None,
        name: str | None = None,
    ):
        if isinstance(trainer, str):
            trainer = TrainConfig(dataset=trainer)
        if isinstance(trainer, TrainConfig):
            trainer = Trainer(trainer)
        recipe = trainer if isinstance(trainer, Recipe) else None
        if recipe is not None:
            trainer = Trainer.from_recipe(recipe)
        self.earlier: list[Recipe] = []
        self._runs = Runs(trainer)
        self._recorder: Recorder | None = None
        self.live = LiveRun(trainer, self._show, self._beat, name or cell_name())
        self._page = LabPage(self, self._wish)
        self._view = LabView(self.live, self._runs, self._page)
        super().__init__(self._page.parts)
        self.add_class("gan-lab")
        self.live.run(0)
        if recipe is not None:
            self._follow(recipe)
        self.live.start()
        if play or (play is None and not quick_mode()):
            self.live.play()

    # ---- training -------------------------------------------------------------------------------------------------

    def play(self) -> None:
        """Train in the background."""
        self._back_to_now()
        self.live.play()

    def pause(self) -> None:
        """Stop training after the present round."""
        self.live.pause()

    def run(self, steps: int) -> None:
        """Play `steps` rounds in this cell; errors as `Trainer.run`."""
        self._back_to_now()
        self.live.run(steps)

    def _back_to_now(self):
        if self._view.looking:
            self.now()

    @property
    def slow(self) -> bool:
        """Whether it trains in slow motion, each player's turn shown by itself."""
        return self.live.slow

    @slow.setter
    def slow(self, slow: bool) -> None:
        self.live.slow = bool(slow)
        self.live.refresh()

    def d_step(self) -> None:
        """Pause, then make one update of the discriminator alone."""
        self._act(lambda: self._play_only(1, 0))

    def g_step(self) -> None:
        """Pause, then make one update of the generator alone."""
        self._act(lambda: self._play_only(0, 1))

    def _play_only(self, d_steps, g_steps):
        """A round of its own kind, logged as such, so that a replay makes it too."""
        self.live.playing = False
        self._back_to_now()
        before = self.trainer.controls
        self.trainer.set(d_steps=d_steps, g_steps=g_steps)
        try:
            self.live.play_rounds(1)
        finally:
            self.trainer.set(d_steps=before.d_steps, g_steps=before.g_steps)

    def set(self, **controls) -> None:
        """Change controls, as the sliders do; errors as `Trainer.set`."""
        self.trainer.set(**controls)
        self.live.let_go()
        self._page.controls.follow(self.trainer.controls)
        self.live.refresh()

    @property
    def diagnosis(self) -> Diagnosis:
        """What the run suffers from, judged anew."""
        return self._act(self._view.diagnose)

    def measure_fid(self) -> None:
        """Measure the FID of what G makes now, on a copy of it: training goes on. It is shown when it is known.

        Raises:
            ValueError: the run does not make images of clothes.
        """
        self._act(self._view.quality.want_fid)

    @property
    def fids(self) -> list[tuple[int, float]]:
        """(step, FID) of all that was measured of this run, from 2,000 fakes with the course's features."""
        measured = self._runs.all[self._runs.active].quality.fids
        return [(each.step, each.fid) for each in measured]

    @property
    def fid_again(self) -> bool:
        """Whether the FID is measured every 20 seconds."""
        return self._view.quality.again

    @fid_again.setter
    def fid_again(self, again: bool) -> None:
        self._view.quality.again = bool(again)
        self.live.refresh()

    # ---- keeping --------------------------------------------------------------------------------------------------

    def record(self, path: str | Path) -> Recorder:
        """Record the frames that the lab shows from now on, until the recorder is closed.

        `gan_course.widgets.player.write_page` makes a page of the file that plays it without a kernel.

        Raises:
            OSError: the file can't be written.
        """
        self._recorder = Recorder(path)
        return self._recorder

    def redraw(self) -> None:
        """Draw the picture anew, after you changed a network by hand."""
        self._act(self._view.redraw)

    def figure(self) -> Figure:
        """The lab as it is now, as a figure that stands still; training waits for it."""
        return self._act(self._figure)

    def _figure(self):
        figure = plotting.new_figure("lab")
        picture, side = figure.subfigures(1, 2, width_ratios=(5, 4))
        self._view.plot(picture.subplots())
        verdicts, losses = side.subplots(2, 1, sharex=True)
        plotting.plot_verdicts(self.trainer.history, verdicts).set_xlabel("")
        plotting.plot_losses(self.trainer.history, losses)
        return figure

    # ---- between the page and the run -----------------------------------------------------------------------------

    def _wish(self, action: Callable[[], object]) -> None:
        """Do what a hand asked for, in the run's thread. Its errors would reach no cell: they are said in the lab."""

        def try_it():
            self.live.message = ""
            try:
                action()
            except (ValueError, TypeError, OSError) as refusal:
                self.live.message = str(refusal)

        self.live.post(try_it)

    def _show(self, moved):
        frame = self._view.show(moved)
        if self._recorder is not None and not self._recorder.closed:
            self._recorder.add(frame)

    def _beat(self):
        self._page.canvas.beat += 1

    # ---- where no widget can be shown -----------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"GanLab({self.trainer.config.dataset!r})"
