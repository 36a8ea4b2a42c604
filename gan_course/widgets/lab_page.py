"""The parts of a lab on the page: they hand on what a hand does, and follow what Python says."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import ipywidgets

from gan_course.data.drawn import drawn_points
from gan_course.quality import can_measure
from gan_course.trainer import Trainer
from gan_course.widgets.controls import ControlPanel, LatentPanel
from gan_course.widgets.data_pad import DataPad
from gan_course.widgets.gan_canvas import GanCanvas
from gan_course.widgets.lab_panels import KeepPanel, NewRunPanel, PicturePanel, button
from gan_course.widgets.player import write_page
from gan_course.widgets.scenes import SCENES
from gan_course.widgets.timeline import Timeline

if TYPE_CHECKING:
    from gan_course.widgets.gan_lab import GanLab


class LabPage:
    """The widgets of a lab.

    Args:
        lab: what they steer.
        wish: has an action executed in the run's thread, and says it if it is refused. Callbacks of the page
            run in any thread, so they do nothing else.

    Attributes:
        parts: what the lab consists of, from top to bottom.
        canvas, timeline: what shows the run.
        controls, latent, picture: what was chosen by hand.
    """

    def __init__(self, lab: "GanLab", wish: Callable[[Callable[[], object]], None]):
        self._lab, self._wish = lab, wish
        trainer = lab.trainer
        self.canvas, self.timeline, self._pad = GanCanvas(), Timeline(), DataPad()
        self.canvas.observe(lambda change: lab.live.drawn(change.new), "drawn")
        self.timeline.on_msg(lambda _, message, __: self._hear(message))
        self._pad.on_msg(lambda _, message, __: self._hear(message))
        self.controls = ControlPanel(trainer.controls, self._steer)
        self.latent = LatentPanel(trainer, lab.live.refresh)
        self.picture = self._picture(trainer)
        self._new = NewRunPanel(trainer, self._new_run)
        self._keep = KeepPanel(
            f"{trainer.config.dataset}-{trainer.config.seed}", self._save, self._load, self._show_code, self._record
        )
        self._tabs = ipywidgets.Tab(
            [self.controls, self.picture, self._new, self._pad, self._keep],
            titles=["Controls", "Picture and z", "New run", "Draw data", "Keep"],
        )
        self.parts = [self._buttons(), self.controls.ratio, self.canvas, self.timeline, self._tabs]
        self._wanted_step: int | None = None

    def _picture(self, trainer):
        scene = SCENES[trainer.data.kind]
        return PicturePanel(scene.layers, set(scene.layers_at_first), self.latent, lambda: self._wish(self._lab.redraw))

    def _buttons(self):
        lab = self._lab
        self._play = button("Play", "play", "Train, or pause after the present round", self._toggle)
        slow = ipywidgets.ToggleButton(description="Slow motion", icon="hourglass-half")
        slow.tooltip = "Show each player's turn by itself"
        slow.observe(lambda change: self._wish(lambda: setattr(lab, "slow", change.new)), "value")
        once = {
            "One round": ("step-forward", "Pause, then play one round", self._one_round),
            "One D step": ("gavel", "Pause, then make one update of the discriminator alone", lab.d_step),
            "One G step": ("paint-brush", "Pause, then make one update of the generator alone", lab.g_step),
        }
        steps = [
            button(words, icon, tooltip, lambda action=action: self._wish(action))
            for words, (icon, tooltip, action) in once.items()
        ]
        for narrow in (self._play, *steps):
            narrow.layout.width = "auto"
        row = ipywidgets.HBox([self._play, *steps, slow, self._quality_buttons()])
        row.layout.flex_flow = "row wrap"
        return row

    def _quality_buttons(self):
        lab = self._lab
        once = button("FID now", "bar-chart", "Measure the FID of what G makes; training goes on", self._measure)
        again = ipywidgets.ToggleButton(description="every 20 s", tooltip="Measure the FID every 20 seconds")
        again.observe(lambda change: self._wish(lambda: setattr(lab, "fid_again", change.new)), "value")
        for narrow in (once, again):
            narrow.layout.width = "auto"
        self._quality = ipywidgets.HBox([once, again])
        self._show_quality(lab.trainer)
        return self._quality

    def _measure(self):
        self._wish(self._lab.measure_fid)

    def _show_quality(self, trainer):
        self._quality.layout.display = None if can_measure(trainer) else "none"

    # ---- to the page ----------------------------------------------------------------------------------------------

    def follow(self, trainer: Trainer) -> None:
        """Show another run, or another state of one."""
        self.controls.follow(trainer.controls)
        self.latent.follow(trainer)
        self._new.follow(trainer)
        self._show_quality(trainer)
        if self.picture.layers != SCENES[trainer.data.kind].layers:
            self.picture = self._picture(trainer)
            self._tabs.children = [self.controls, self.picture, *self._tabs.children[2:]]

    def show_playing(self, playing: bool) -> None:
        """Name the button by what it will do."""
        self._play.description, self._play.icon = ("Pause", "pause") if playing else ("Play", "play")

    # ---- from the page --------------------------------------------------------------------------------------------

    def _toggle(self):
        lab = self._lab
        self._wish(lambda: lab.pause() if lab.live.playing else lab.play())

    def _one_round(self):
        self._lab.live.playing = False
        self._lab.run(1)

    def _steer(self, **controls):
        live = self._lab.live
        try:
            live.trainer.set(**controls)
            live.let_go()
            live.message = ""
        except ValueError as refusal:
            live.message = str(refusal)
        live.refresh()

    def _hear(self, message):
        """What the timeline or the drawing pad says."""
        lab = self._lab
        verb, where = message["do"], {name: value for name, value in message.items() if name != "do"}
        if verb == "look":
            self._wanted_step = where["step"]
        verbs = {
            "look": self._look, "now": lab.now, "rewind": lab.rewind, "branch": lab.branch, "choose": lab.choose,
            "compare": lab.compare, "learn": self._learn,
        }  # fmt: skip
        self._wish(lambda: verbs[verb](**where))

    def _look(self, step):
        """Of several wishes that have piled up only the last counts."""
        if self._wanted_step is not None:
            wanted, self._wanted_step = self._wanted_step, None
            self._lab.look(wanted)

    def _learn(self, strokes, thickness):
        self._lab.new_run(drawn_points(strokes, thickness=thickness))
        self._lab.play()

    def _new_run(self, **parts):
        self._wish(lambda: self._lab.new_run(**parts) if parts else self._lab.restart())

    def _save(self, path):
        self._wish(lambda: (self._lab.save_recipe(path), self._say(f"Saved as {path}.")))

    def _load(self, path):
        self._wish(lambda: (self._lab.load_recipe(path), self._lab.play()))

    def _show_code(self):
        self._wish(lambda: setattr(self._keep.code, "code", self._lab.code()))

    def _record(self, path):
        self._wish(lambda: self._begin_recording(path) if path else self._end_recording())

    def _begin_recording(self, path):
        self._recording = self._lab.record(path)
        self._say(f"Recording to {path}.")

    def _end_recording(self):
        self._recording.close()
        page = self._recording.path.with_suffix(".html")
        write_page(self._recording.path, page)
        self._say(f"{page} plays the recording, without a kernel.")

    def _say(self, words):
        self._keep.said.value = words
