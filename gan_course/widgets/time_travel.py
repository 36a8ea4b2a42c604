"""A lab's runs in time: looking back, rewinding, branching, beginning others, and keeping them as recipes."""

from collections.abc import Callable
from pathlib import Path

from gan_course.data import Dataset
from gan_course.live import LiveRun
from gan_course.recipe import Recipe
from gan_course.runtime import quick_mode
from gan_course.trainer import Trainer
from gan_course.widgets import run_files
from gan_course.widgets.lab_page import LabPage
from gan_course.widgets.lab_view import LabView
from gan_course.widgets.runs import Runs, carried_over, new_config


class TimeTravel:
    """The part of a `GanLab` that deals with more than the present of one run."""

    earlier: list[Recipe]
    live: LiveRun
    _runs: Runs
    _page: LabPage
    _view: LabView

    @property
    def trainer(self) -> Trainer:
        """The run that trains. Pause before you touch its networks; `set` may be called at any time."""
        return self.live.trainer

    def _act(self, action: Callable[[], object]):
        """Do it between two rounds."""
        return self.live.do(action)

    @property
    def runs(self) -> list[Trainer]:
        """Every run of this lab, the oldest first."""
        return [run.trainer for run in self._runs.all]

    def look(self, step: int) -> None:
        """Pause, and show the run as it was; nothing is changed.

        Where playing again up to exactly `step` would take long (images), the last state kept before it is shown.

        Raises:
            ValueError: the run has no such step.
        """
        self._act(lambda: self._view.look(step))

    def now(self) -> None:
        """Show the present again."""
        self._act(lambda: self._view.look(None))

    def rewind(self, step: int) -> None:
        """Pause, and go back to the state after exactly `step` rounds; what came after goes to `earlier` as a recipe.

        Raises:
            ValueError: as for `Trainer.rewind`.
        """
        self._act(lambda: self._rewind(step))

    def _rewind(self, step):
        self.live.playing = False
        given_up = self.trainer.recipe()
        self.trainer.rewind(step)
        self.earlier.append(given_up)
        self._turn_to()

    def branch(self, step: int | None = None) -> None:
        """Train another future from `step` on (None: from now), with the old one beside it.

        Raises:
            ValueError: as for `Trainer.rewind`.
        """
        self._act(lambda: self._branch(step))

    def _branch(self, step):
        self._runs.branch(self.trainer.branch(step))
        self._turn_to()

    def restart(self) -> None:
        """The same run again from step 0, with the controls as they are, beside the old one."""
        self._act(self._restart)

    def _restart(self):
        fresh = self.trainer.branch(0)
        fresh.set(**carried_over(self.trainer, fresh))
        self._begin(fresh)

    def new_run(self, data: Dataset | None = None, **config) -> None:
        """Begin a new run beside the present one, with the course's own networks.

        Args:
            data: samples of your own.
            config: what is different, as for `TrainConfig`; the rest is as in the present run, as far as it
                suits the data.

        Raises:
            TypeError, ValueError: as for `TrainConfig` and `Trainer`.
        """
        self._act(lambda: self._new_run(data, config))

    def _new_run(self, data, config):
        data, config = new_config(self.trainer, data, config)
        fresh = Trainer(config, data=data)
        fresh.set(**carried_over(self.trainer, fresh))
        self._begin(fresh)

    def _begin(self, trainer):
        self._runs.begin(trainer)
        self._turn_to()

    def choose(self, run: int) -> None:
        """Go on with another of the `runs`.

        Raises:
            ValueError: there is no such run.
        """
        self._act(lambda: (self._runs.choose(run), self._turn_to()))

    def compare(self, run: int | None) -> None:
        """Draw another of the `runs` beside the one that trains; None: none.

        Raises:
            ValueError: there is no such run, or it can't be drawn in the same picture.
        """
        self._act(lambda: self._runs.compare(run))

    def _turn_to(self):
        """The run that trains, or its past, is another one now."""
        self.live.trainer = self._runs.trainer
        self.live.let_go()
        self._view.watch()
        self._page.follow(self.trainer)

    # ---- keeping --------------------------------------------------------------------------------------------------

    def save_recipe(self, path: str | Path) -> None:
        """Save the run as a recipe; data of your own go beside it, as .npy.

        Raises:
            OSError: the file can't be written.
            ValueError: the run has a planted bug, which no recipe tells.
        """
        self._act(lambda: run_files.save(self.trainer, path))

    def load_recipe(self, path: str | Path) -> None:
        """Play a saved run beside the present one: it begins at step 0, makes its changes, and pauses at its end.

        Raises:
            FileNotFoundError: there is no such file.
            RecipeError: it is damaged, or the run needs something that is not here.
        """
        self._act(lambda: self._open(*run_files.load(path)))

    def open_recipe(self, recipe: Recipe) -> None:
        """The same for a recipe at hand; one of no rounds trains on and on.

        Raises:
            RecipeError: the run needs something that is not here.
        """
        self._act(lambda: self._open(recipe, Trainer.from_recipe(recipe)))

    def _open(self, recipe, trainer):
        self._begin(trainer)
        self._follow(recipe)
        if not quick_mode():
            self.live.play()

    def _follow(self, recipe):
        if recipe.steps:
            self.live.follow(recipe.changes, recipe.steps)

    def code(self) -> str:
        """The Python that makes this very run.

        Raises:
            ValueError: the run has a planted bug.
        """
        return self._act(lambda: run_files.code(self.trainer))
