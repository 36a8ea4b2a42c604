"""What a lab shows of its runs: a frame for the canvas, the state of the timeline, the diagnosis."""

import time
from dataclasses import asdict

import numpy as np
from matplotlib.axes import Axes

from gan_course.diagnosis import Diagnosis, diagnose, evidence_of
from gan_course.frames import pack
from gan_course.live import LiveRun
from gan_course.time_machine import TrainingDiverged
from gan_course.trainer import Trainer
from gan_course.widgets.lab_page import LabPage
from gan_course.widgets.lab_quality import LabQuality
from gan_course.widgets.runs import Runs
from gan_course.widgets.scenes import Arrays, curves, scene_of

TIMELINE_EVERY = 0.25  # seconds, while nothing but the step changes
PATIENCE = 0.3  # seconds that a look into the past may take
COVERAGE_EVERY = 0.25  # seconds between two looks at the modes
DIAGNOSIS_EVERY = 2.0  # seconds, if it costs little
DIAGNOSIS_SHARE = 0.01  # of the time may go into it


class LabView:
    """Draws runs on a page; only for whoever has the turn.

    Args:
        live: what plays the run.
        runs: all of them.
        page: where they are shown.

    Attributes:
        looking: the run's past, a branch of its own, while that is what the picture shows; else None.
        quality: what measures images.
    """

    def __init__(self, live: LiveRun, runs: Runs, page: LabPage):
        self._live, self._runs, self._page = live, runs, page
        self.looking: Trainer | None = None
        self.quality = LabQuality(live, runs)
        self._words = ""
        self._error: Exception | None = None
        self.watch()

    # ---- what is looked at ----------------------------------------------------------------------------------------

    def watch(self) -> None:
        """Another run, or another state of one, is to be shown."""
        self.looking = None
        self._point_at(self._runs.trainer)
        self._words, self._judge_at = "", 0.0
        self._modes: tuple[dict, Arrays] = ({}, {})
        self._timeline_at = self._modes_at = 0.0

    def _point_at(self, trainer):
        self._scene = scene_of(trainer)
        self._arrays: Arrays = {}
        self._other: tuple = (None, {})

    @property
    def _shown(self):
        """The run that the picture shows, in its present or its past."""
        return self.looking or self._runs.trainer

    def look(self, step: int | None) -> None:
        """Show the run's past; None: its present.

        The step is exact if playing again from the last state kept takes no longer than PATIENCE; else that
        state is shown.

        Raises:
            ValueError: there is no such step.
        """
        trainer = self._runs.trainer
        if step is None:
            self.watch()
            return
        if not isinstance(step, int) or not 0 <= step <= trainer.steps:
            raise ValueError(f"can't look at step {step!r}: this run has steps 0 to {trainer.steps}.")
        self._live.playing = False
        kept = trainer.kept(step)
        self.looking = trainer.branch(step if step - kept <= PATIENCE * self._live.rate else kept)
        self._point_at(self.looking)

    def redraw(self) -> None:
        """What is to be drawn has changed, though the run has not."""
        self._arrays = {}

    # ---- frames ---------------------------------------------------------------------------------------------------

    def show(self, moved: bool) -> bytes:
        """Show a frame; while only the view changed, the rest of the picture stays as it was.

        Returns:
            The frame.
        """
        still = not self._live.playing or bool(self._live.phase)
        if moved or not self._arrays or (still and not self._whole):
            self._draw(whole=still)
        z = self._page.latent.z()
        self.quality.look()
        measured, charts = self.quality.parts(self._shown, self.looking is not None)
        facts = self._facts() | measured | {"z": [round(value, 2) for value in z[0, :4].tolist()]}
        frame = pack(facts, self._arrays | charts | self._beside() | self._scene.latent(z))
        self._page.canvas.frame = frame
        self._page.show_playing(self._live.playing)
        if self._live.error is not self._error:  # the run went back, and its controls with it
            self._error = self._live.error
            self._page.controls.follow(self._runs.trainer.controls)
        self._show_timeline()
        return frame

    def _draw(self, whole):
        before = self._arrays.get("fake")
        self._arrays = self._scene.arrays(self._page.picture.shown, whole) | curves(self._shown)
        self._whole = whole
        if self._shown.data.centers is not None:
            self._look_at_modes(whole)
        if self._live.phase == "G" and before is not None and "fake" in self._arrays:
            self._arrays["fake_before"] = before

    def _look_at_modes(self, whole):
        """Now and then, or if every part is to be fresh; in between what was seen last is shown."""
        now = time.perf_counter()
        if whole or now >= self._modes_at:
            self._modes = self._seen_modes()
            self._modes_at = now + COVERAGE_EVERY
        self._arrays |= self._modes[1]

    def _seen_modes(self):
        """Facts and arrays of the modes up to the step shown."""
        coverage, shown = self._runs.all[self._runs.active].coverage, self._shown
        if self.looking is None:
            coverage.cut(shown.steps)
        seen = coverage.look(shown)
        facts = {
            "modes": seen.modes, "modes_1_percent": seen.modes_1_percent, "modes_of": len(seen.shares),
            "high_quality": round(seen.high_quality, 3), "alarm": coverage.alarm(shown.steps),
        }  # fmt: skip
        return facts, coverage.arrays(shown.steps) | {"mode_shares": seen.shares.astype(np.float32)}

    def _beside(self) -> Arrays:
        """The run that is compared, as it stands now."""
        if self._runs.compared is None:
            return {}
        other = self._runs.all[self._runs.compared].trainer
        key = (self._runs.compared, other.steps)
        if self._other[0] != key:
            arrays = scene_of(other).quick_parts({"fake"}) | curves(other)
            arrays |= self._runs.all[self._runs.compared].coverage.arrays(other.steps)
            self._other = (key, {f"other_{name}": array for name, array in arrays.items()})
        return self._other[1]

    def _facts(self):
        live, runs = self._live, self._runs
        shown = self._shown
        compared = None if runs.compared is None else runs.all[runs.compared].name
        return self._scene.facts() | asdict(shown.controls) | {
            "kind": self._scene.kind, "number": live.sent + 1, "step": shown.steps, "playing": live.playing,
            "rate": round(live.rate, 1), "slow": live.slow, "phase": live.phase, "message": live.message,
            "looking": self.looking is not None, "run": runs.all[runs.active].name, "compared": compared,
            "diagnosis": self._diagnosis(),
        } | self._modes[0]  # fmt: skip

    def _show_timeline(self):
        now = time.perf_counter()
        if now >= self._timeline_at or not self._live.playing:
            looking = None if self.looking is None else self.looking.steps
            self._page.timeline.state = self._runs.state(looking, self._live.playing)
            self._timeline_at = now + TIMELINE_EVERY

    # ---- the diagnosis --------------------------------------------------------------------------------------------

    def diagnose(self) -> Diagnosis:
        """What the run suffers from, as it is shown now."""
        if isinstance(self._live.error, TrainingDiverged):
            return Diagnosis("diverged", str(self._live.error))
        return diagnose(evidence_of(self._shown))

    def _diagnosis(self):
        """In words that are renewed now and then: to judge a run costs time, on images too much for scrubbing."""
        start = time.perf_counter()
        if self.looking:
            return "" if self._scene.kind == "images" else self.diagnose().words
        if start >= self._judge_at and not self._live.phase:
            self._words = self.diagnose().words
            now = time.perf_counter()
            self._judge_at = now + max(DIAGNOSIS_EVERY, (now - start) / DIAGNOSIS_SHARE)
        return self._words

    def plot(self, ax: Axes) -> Axes:
        """The picture, as one that stands still."""
        return self._scene.plot(ax)
