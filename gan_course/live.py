"""Training beside a user interface: a background thread that keeps a run going and shows it.

It knows no widget: whoever wants to see the run hands in a function that draws it.
"""

import atexit
import contextlib
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from gan_course.time_machine import TrainingDiverged, TrainingFailed
from gan_course.trainer import Trainer

if TYPE_CHECKING:
    from gan_course.sweep import Slices

FPS = 20  # frames a second at most
ANSWER_FPS = 50  # the same for frames that answer a hand
CHUNK_SECONDS = 0.01  # rounds are played in chunks of about this long; what is asked is looked at in between
SHOW_SHARE = 0.04  # of the time may go into showing,
OLDEST = 0.5  # unless the picture would get older than this many seconds
REST = 0.03  # seconds without training after a frame that answers a hand, so that it gets through to the page
SLOW = 0.6  # seconds for each player's turn in slow motion
WINDOW = 8  # frames that may be under way to the page without a sign that it drew them
PATIENCE = 0.5  # seconds after which a frame is sent without that sign
HEARTBEAT = 1.0  # seconds between two signs of life while nothing moves


class LiveRun:
    """One run that trains in the background until it is paused or stopped.

    A lock is held by whoever plays a round or shows a frame, so there is only ever one: the
    background thread, or the caller of `run`.

    Args:
        trainer: what to train; its `set` may be called from any thread. A `Slices` trains a sweep instead.
        show: called as `show(moved)` when a frame is due; `moved` is False if no round was played since the
            last one, only the view changed.
        beat: called about once a second while nothing moves, as a sign of life.
        name: a new run of the same name stops the old one first; None: no such rule.

    Attributes:
        playing: whether the background thread trains.
        slow: whether it trains in slow motion: each player's turn is shown, and waited for.
        phase: whose turn a frame of slow motion shows: "D", "G", or "" for a whole round.
        message: what went wrong last, in words; "" if nothing did.
        error: the same as an exception; None if nothing did.
        rate: rounds a second, over the last half second or more.
        sent: frames shown so far.
    """

    _named: dict[str, "LiveRun"] = {}

    def __init__(
        self,
        trainer: "Trainer | Slices",
        show: Callable[[bool], object],
        beat: Callable[[], object] = lambda: None,
        name: str | None = None,
    ):
        self.trainer, self._show, self._beat = trainer, show, beat
        self.playing, self.rate, self.sent = False, 0.0, 0
        self.slow, self.phase = False, ""
        self.error: Exception | None = None
        self.message = ""
        self._script: deque[tuple[int, dict]] = deque()
        self._until: int | None = None
        self._drawn, self._chunk = 0, 1
        self._moved, self._stale, self._asked_to_see = True, True, False
        self._shown_at = self._next_move = 0.0
        self._mark = (0.0, 0)
        self._asked: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._turn, self._wake, self._ended, self._foreground = (
            threading.RLock(), threading.Event(), threading.Event(), threading.Event(),
        )  # fmt: skip
        self._thread: threading.Thread | None = None
        if name is not None:
            LiveRun.stop_named(name)
            LiveRun._named[name] = self

    @classmethod
    def stop_named(cls, name: str) -> None:
        """Stop the run of this name, if there is one."""
        if older := cls._named.get(name):
            older.stop()

    # ---- asked from outside, by any thread ------------------------------------------------------------------------

    def start(self) -> None:
        """Start the background thread, which trains once `play` is called."""
        if self._thread is None and not self._ended.is_set():
            self._thread = threading.Thread(target=self._work, name="gan-course live run", daemon=True)
            self._thread.start()

    def play(self) -> None:
        """Train in the background."""
        self.playing, self.message, self.error, self._stale = True, "", None, True
        self.start()
        self._wake.set()

    def pause(self) -> None:
        """Stop training at the end of the round; `play` goes on."""
        self.playing = False
        with self._turn_taken():
            self._stale = True
        self._wake.set()

    def post(self, action: Callable[[], object]) -> None:
        """Have `action` executed between two rounds: at once if no thread runs, else by that thread."""
        self._asked.put(action)
        if self._thread is None:
            with self._turn_taken():
                self._do_asked()
        self._wake.set()

    def do(self, action: Callable[[], object]) -> object:
        """Have `action` executed between two rounds, in the caller's thread, and return what it returns."""
        with self._turn_taken():
            self._stale = True
            try:
                return action()
            finally:
                self._show_now()

    def follow(self, changes: Iterable[tuple[int, dict]], until: int) -> None:
        """Let the rounds to come repeat a recorded run: each (step, {control: value}) at its step, then pause.

        Only for whoever has the turn, as `play_rounds`.
        """
        self._script, self._until = deque(changes), until

    def let_go(self) -> None:
        """Follow no recorded run any longer; safe from any thread."""
        self._script, self._until = deque(), None

    def refresh(self) -> None:
        """A hand changed something: show it at once, without waiting for a round or the next frame's turn."""
        self._stale = self._asked_to_see = True
        self._wake.set()

    def drawn(self, count: int) -> None:
        """The page says how many frames it has drawn; a page that lags gets fewer."""
        self._drawn = count

    def stop(self) -> None:
        """End for good; returns when the thread is gone."""
        self.playing = False
        self._ended.set()
        self._wake.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
            self._thread = None

    @property
    def alive(self) -> bool:
        """Whether a background thread exists."""
        return self._thread is not None

    def run(self, steps: int) -> None:
        """Play `steps` rounds in the caller's own thread, showing frames on the way; the background waits.

        For headless execution, tests, and front ends that miss updates from other threads.

        Raises:
            TrainingDiverged, TrainingFailed, KeyboardInterrupt: as `Trainer.run`.
        """
        with self._turn_taken():
            until = self.trainer.steps + steps
            try:
                while self.trainer.steps < until:
                    self.play_rounds(min(self._chunk, until - self.trainer.steps))
                    self._show_if_due()
            finally:
                if self._stale:  # else the last frame shows the last round already
                    self._show_now()

    @contextlib.contextmanager
    def _turn_taken(self):
        """Hold the lock, with the background thread stepping aside for it."""
        self._foreground.set()
        try:
            with self._turn:
                yield
        finally:
            self._foreground.clear()

    # ---- the background thread ------------------------------------------------------------------------------------

    def _work(self):
        while not self._ended.is_set():
            if self._foreground.is_set():
                time.sleep(CHUNK_SECONDS)
                continue
            with self._turn:
                self._try(self._one_pass)
            if not self.playing:
                self._rest()

    def _one_pass(self):
        self._do_asked()
        if self.playing and self.slow:
            self._play_slowly()
        elif self.playing:
            self.play_rounds(self._chunk)
        self._show_if_due()

    def _play_slowly(self):
        self.play_rounds(1, halfway=lambda: self._show_turn("D"))
        self._show_turn("G")

    def _show_turn(self, player):
        self.phase, self._moved = player, True
        try:
            self._show_now()
        finally:
            self.phase = ""
        self._wake.clear()
        self._wake.wait(SLOW)  # a wish ends the wait

    def _rest(self):
        """Wait for a wish; give a sign of life now and then."""
        if not self._wake.wait(1 / FPS if self._stale else HEARTBEAT):
            with self._turn:
                self._try(self._beat)
        self._wake.clear()

    def _try(self, action):
        """Errors of this thread would reach no cell: say them and pause."""
        try:
            action()
        except (TrainingDiverged, TrainingFailed) as error:
            self._halt(error, str(error))
        except Exception as error:
            self._halt(error, f"{type(error).__name__}: {error}")

    def _halt(self, error, message):
        self.playing, self.error, self.message, self._stale = False, error, message, True

    def _do_asked(self):
        while not self._asked.empty():
            self._asked.get()()
            self._stale = True

    def play_rounds(self, steps: int, halfway: Callable[[], object] | None = None) -> None:
        """Play up to `steps` rounds now, in this thread: fewer where a recorded run that is followed asks for a change.

        Only for whoever has the turn: `show`, `beat` and what was posted. `halfway` as for `Trainer.run`.
        """
        steps = self._follow_script(steps)
        start = time.perf_counter()
        self._moved = self._stale = True
        self.trainer.run(steps, halfway=halfway)
        now = time.perf_counter()
        self._chunk = max(1, int(steps * CHUNK_SECONDS / max(now - start, 1e-6)))
        self._measure_rate(now)
        if self.trainer.steps == self._until:
            self.playing, self._until = False, None

    def _follow_script(self, steps):
        """Make the changes that are due; returns how many of `steps` rounds come before the next one."""
        script, until, here = self._script, self._until, self.trainer.steps
        while script and script[0][0] <= here:
            self.trainer.set(**script.popleft()[1])
        stop = script[0][0] if script else until
        return steps if stop is None else max(1, min(steps, stop - here))

    def _measure_rate(self, now):
        since, steps = self._mark
        if not 0 <= now - since < 2 or self.trainer.steps < steps:  # a pause or a rewind lies between
            self._mark = (now, self.trainer.steps)
        elif now - since > 0.5:
            self.rate = (self.trainer.steps - steps) / (now - since)
            self._mark = (now, self.trainer.steps)

    # ---- showing --------------------------------------------------------------------------------------------------

    def _show_if_due(self):
        now = time.perf_counter()
        waited = now - self._shown_at
        lagging = self.sent - self._drawn >= WINDOW and waited < PATIENCE
        answers = self._asked_to_see
        if self._stale and not lagging and waited >= 1 / (ANSWER_FPS if answers else FPS):
            self._show_now(now >= self._next_move)
            if answers:
                time.sleep(REST)

    def _show_now(self, moved=True):
        """Show a frame: all of it if rounds were played and there is time for it, else only what the view changed."""
        moved = moved and self._moved
        start = time.perf_counter()
        pending = self._moved and not moved
        self._stale, self._moved, self._asked_to_see = pending, pending, False
        self._show(moved)
        self.sent += 1
        self._shown_at = time.perf_counter()
        if moved:
            self._next_move = self._shown_at + min((self._shown_at - start) / SHOW_SHARE, OLDEST)


@atexit.register
def _stop_all():
    for live in LiveRun._named.values():
        live.stop()
