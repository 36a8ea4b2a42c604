"""ObjectiveLab: the value function term by term, and what its two forms for G are worth to a GAN that trains."""

from dataclasses import asdict, fields, replace

import ipywidgets
from matplotlib.figure import Figure

from gan_course import plotting
from gan_course.config import TrainConfig
from gan_course.frames import pack
from gan_course.live import LiveRun
from gan_course.names import check_name
from gan_course.trainer import Trainer
from gan_course.widgets.cells import cell_name
from gan_course.widgets.objective_canvas import ObjectiveCanvas
from gan_course.widgets.objective_scene import LiveVerdicts, Objective
from gan_course.widgets.still import Still

RING = TrainConfig(dataset="ring")
LOSSES_WITH_VERDICTS = ("non-saturating", "minimax")  # for which σ(logit) is a probability


class ObjectiveLab(Still, ipywidgets.VBox):
    """Sliders for D(x) and D(G(z)), the terms of V, G's two losses by D's logit, and a real run's place on them.

    What the sliders change is on the page at once; a GAN trains in the background, and a mark shows its mean
    D(G(z)). Run the cell again and the older lab of that cell stops first. All that the page's controls do, the
    methods do too; `trainer.set(d_steps=…, g_steps=…)` sets the D:G ratio.

    Args:
        d_real: D(x), from 0.000001 to 0.999999.
        d_fake: D(G(z)), in the same range.
        config: the run that trains in the background, with the loss "non-saturating" or "minimax".
        play: whether it starts at once.

    Attributes:
        live: the `LiveRun` that plays it.

    Raises:
        TypeError, ValueError: a verdict or the config is not as above.
    """

    def __init__(self, d_real: float = 0.8, d_fake: float = 0.2, config: TrainConfig = RING, play: bool = False):
        self._objective, self._heard = Objective(d_real, d_fake), 0.0
        _check_config(config)
        trainer = Trainer(config)
        self._verdicts, self._arrays = LiveVerdicts(trainer), None
        self._canvas = ObjectiveCanvas()
        super().__init__([self._canvas])
        self.add_class("objective-lab")
        self.live = LiveRun(trainer, self._show, self._beat, cell_name())
        self._canvas.observe(lambda change: self.live.drawn(change.new), "drawn")
        self._canvas.on_msg(self._hear)
        self.live.run(0)
        self.live.start()
        if play:
            self.live.play()

    # ---- from Python ------------------------------------------------------------------------------------------------

    def set(self, **settings) -> None:
        """Change the verdicts, as the sliders do.

        Args:
            settings: any of d_real, d_fake, and form: "probability" or "logit".

        Raises:
            TypeError, ValueError: an unknown setting or form, or a verdict out of its range; nothing changes then.
        """
        for name in settings:
            check_name(name, [field.name for field in fields(Objective)], "setting")
        self.live.do(lambda: self._take(settings))

    @property
    def numbers(self) -> dict[str, float]:
        """As `Objective.numbers`: real_term, fake_term, value, minimax_slope, non_saturating_slope."""
        return self._objective.numbers

    @property
    def words(self) -> str:
        """What the verdicts are worth, and where the live run is."""
        return self.live.do(lambda: f"{self._objective.words} {self._verdicts.words}")

    def play(self) -> None:
        """Train in the background."""
        self.live.play()

    def pause(self) -> None:
        """Stop training after the present round."""
        self.live.pause()

    def run(self, steps: int) -> None:
        """Play `steps` rounds in this cell; errors as `Trainer.run`."""
        self.live.run(steps)

    @property
    def trainer(self) -> Trainer:
        """The run that trains."""
        return self.live.trainer

    def figure(self) -> Figure:
        """The lab as it is now, as a figure that stands still; training waits for it."""
        figure = plotting.new_figure("lab")
        self.live.do(lambda: self._objective.plot(figure, self._verdicts.logit))
        return figure

    # ---- between the page and the run -----------------------------------------------------------------------------

    def _take(self, settings):
        self._objective = replace(self._objective, **settings)

    def _hear(self, widget, message, buffers):
        """A hand does something. This may be any thread: it is only handed on to the one that shows."""
        if "play" in message:
            self.live.play() if message["play"] else self._ask_to_pause()
        elif "ratio" in message:
            d_steps, g_steps = message["ratio"]
            self.trainer.set(d_steps=d_steps, g_steps=g_steps)
            self.live.refresh()
        else:
            self.live.post(lambda: self._obey(message))

    def _ask_to_pause(self):
        self.live.playing = False
        self.live.refresh()

    def _obey(self, message):
        if message["number"] > self._heard:  # else it was overtaken
            self._heard = message["number"]
            self._take(message["set"])

    def _show(self, moved):
        """Draw it. Only whoever has the turn comes here."""
        if moved or self._arrays is None:
            self._arrays = self._verdicts.arrays()
        facts = asdict(self._objective) | self._verdicts.facts() | {
            "heard": self._heard, "number": self.live.sent + 1, "playing": self.live.playing,
            "message": self.live.message,
        }  # fmt: skip
        self._canvas.frame = pack(facts, self._arrays)

    def _beat(self):
        self._canvas.beat += 1

    def __repr__(self) -> str:
        now = self._objective
        return f"ObjectiveLab(d_real={now.d_real:g}, d_fake={now.d_fake:g}, form={now.form!r})"


def _check_config(config):
    if not isinstance(config, TrainConfig):
        raise TypeError(f'config must be a TrainConfig, for example TrainConfig(dataset="ring"), got {config!r}.')
    if config.loss not in LOSSES_WITH_VERDICTS:
        raise ValueError(
            f"this lab needs a D that says probabilities, so the loss {' or '.join(map(repr, LOSSES_WITH_VERDICTS))}, "
            f"got {config.loss!r}."
        )
