"""How a run is going: a bar in a terminal, a line now and then elsewhere."""

import math
import time
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from gan_course.timeline import StepStats

BAR_EVERY, LINE_EVERY = 0.25, 5.0  # seconds between two updates


class Bar:
    """A bar, or lines, now and then; a context manager, so that it is closed in any case.

    Args:
        console: where to.
        total: the length of the work, in any unit.
    """

    def __init__(self, console: Console, total: float):
        self._console, self._total = console, total
        self._bar = Progress(BarColumn(15), TextColumn("{task.description}"), console=console, auto_refresh=False)
        self._task = self._bar.add_task("", total=total)
        self._every = BAR_EVERY if console.is_terminal else LINE_EVERY

    def __enter__(self) -> Self:
        self._began = self._shown_at = time.monotonic()
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(self, *error) -> None:
        if self._console.is_terminal:
            self._bar.stop()

    def is_due(self) -> bool:
        """Whether it is time to tell of something."""
        return time.monotonic() - self._shown_at >= self._every

    def seconds_left(self, done: float, before: float = 0) -> float:
        """At the pace so far, from 0, with `done` of the total behind; `before` was there when the work began."""
        return max(0, (time.monotonic() - self._began) * (self._total - done) / (done - before))

    def tell(self, line: str, done: float) -> None:
        """Show a line, with `done` of the total behind."""
        self._shown_at = time.monotonic()
        if self._console.is_terminal:
            self._bar.update(self._task, completed=done, total=self._total, description=line, refresh=True)
        else:
            self._console.print(line, soft_wrap=True)


class Report(Bar):
    """Shows step, rate, losses and time left of a run; `total` is in steps or seconds."""

    _shown_step = None

    def show(self, stats: StepStats, done: float) -> None:
        """Tell of a round, if it is time to.

        Args:
            stats: the round's.
            done: how much of `total` is behind.
        """
        if self._shown_step is None:
            self._shown_step = stats.step - 1
        if not self.is_due():
            return
        rate = (stats.step - self._shown_step) / (time.monotonic() - self._shown_at)
        self._shown_step = stats.step
        self.tell(describe(stats, rate, self.seconds_left(done)), done)


class SweepReport(Bar):
    """Shows how many updates of players a sweep has done, their rate, and the time left.

    Args:
        console: where to.
    """

    def __init__(self, console: Console):
        super().__init__(console, total=1)
        self._before = None

    def show(self, done: int, total: int) -> None:
        """Tell of a round, if it is time to; the arguments are those of `Sweep.run`'s `each`."""
        if self._before is None:
            self._before, self._total = done, total
        if not self.is_due() or done == self._before:
            return
        rate = (done - self._before) / (time.monotonic() - self._began)
        left = self.seconds_left(done, self._before)
        self.tell(f"{done:,} of {total:,} updates  {rate:,.0f} updates/s  {left:.0f} s left", done)


class GradingReport(Bar):
    """Shows how many submissions are graded, and the time left; `total` of them are to be graded now."""

    _done = 0

    def show(self) -> None:
        """One more is graded."""
        self._done += 1
        if not self.is_due() and self._done < self._total:
            return
        a_minute = 60 * self._done / max(time.monotonic() - self._began, 1e-9)
        left = self.seconds_left(self._done)
        self.tell(f"{self._done:,} of {self._total:,} graded  {a_minute:.0f} a minute  {left:.0f} s left", self._done)


def describe(stats: StepStats, rate: float, left: float) -> str:
    """One line about a round; a loss that the round did not have is a dash."""
    d_loss, g_loss = ("-" if math.isnan(loss) else f"{loss:.3f}" for loss in (stats.d_loss, stats.g_loss))
    return f"step {stats.step:,}  {rate:.3g} steps/s  D loss {d_loss}  G loss {g_loss}  {left:.0f} s left"
