"""The FID and the classes of a lab's image runs, measured while they train."""

import time

import numpy as np

from gan_course.live import LiveRun
from gan_course.quality import FAKES, GLANCE, Measured, Snapshot, Watch, can_measure
from gan_course.trainer import Trainer
from gan_course.widgets.runs import Run, Runs
from gan_course.widgets.scenes import Arrays

GLANCE_EVERY = 3.0  # seconds between two looks at the classes
FID_EVERY = 20.0  # seconds between two FIDs, where they are wanted again and again


class LabQuality:
    """Measures the run that trains, beside it; only for whoever has the turn, except `_found` and `_failed`.

    Args:
        live: what plays the run.
        runs: all of them.

    Attributes:
        again: whether an FID is measured every FID_EVERY seconds.
    """

    def __init__(self, live: LiveRun, runs: Runs):
        self._live, self._runs = live, runs
        self._watch = Watch(self._found, self._failed)
        self._wanted = self.again = False
        self._fid_at = self._glance_at = 0.0

    def want_fid(self) -> None:
        """Measure the FID of the run as it is at the next frame.

        Raises:
            ValueError: the run does not make what the course's network knows.
        """
        if not can_measure(self._runs.trainer):
            raise ValueError(
                "an FID needs images of clothes (data set fashion-mnist): the course's network knows these."
            )
        self._wanted = True
        self._live.refresh()

    def look(self) -> None:
        """Begin what is due, if nothing is being measured."""
        run = self._runs.all[self._runs.active]
        if self._watch.busy or not can_measure(run.trainer):
            return
        now, newest = time.perf_counter(), run.quality.newest
        if self._wanted or (self.again and now >= self._fid_at and _moved(run.trainer, run.quality.fids)):
            self._wanted, self._fid_at = False, now + FID_EVERY
            self._watch.begin(Snapshot(run.trainer, FAKES), True, run)
        elif now >= self._glance_at and _moved(run.trainer, [newest] if newest else []):
            self._glance_at = now + GLANCE_EVERY
            self._watch.begin(Snapshot(run.trainer, GLANCE), False, run)

    def _found(self, measured: Measured, run: Run) -> None:
        self._live.post(lambda: run.quality.add(measured))

    def _failed(self, error: Exception) -> None:
        def say():
            self._live.message = f"{type(error).__name__}: {error}"

        self._live.post(say)

    def parts(self, shown: Trainer, looking: bool) -> tuple[dict, Arrays]:
        """Facts and arrays of what was measured up to the step that is shown."""
        if not can_measure(shown):
            return {}, {}
        run = self._runs.all[self._runs.active]
        log = run.quality.until(shown.steps)
        if not looking:
            run.quality = log  # what came after it is undone
        facts = {"measuring": None if self._watch.done is None else round(self._watch.done, 2)}
        if log.newest is None:
            return facts, {}
        return _parts(log, facts | {"class_names": shown.data.class_names})


def _moved(trainer, measured):
    return not measured or measured[-1].step != trainer.steps


def _parts(log, facts):
    newest, fids = log.newest, log.fids
    facts |= {"classes": newest.classes, "classes_1_percent": newest.classes_1_percent, "classes_seen": newest.fakes}
    facts |= {"classes_of": len(newest.shares), "classes_step": newest.step}
    arrays = {"class_shares": newest.shares.astype(np.float32)}
    if fids:
        last = fids[-1]
        facts |= {"fid": round(last.fid, 2), "fid_step": last.step, "fid_n": [last.fakes, last.reals]}
        arrays |= {"fid_steps": np.array([m.step for m in fids], np.float32)}
        arrays |= {"fids": np.array([m.fid for m in fids], np.float32)}
    return facts, arrays
