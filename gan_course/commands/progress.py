"""How a run is going: a bar in a terminal, a line now and then elsewhere."""

import math
import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from gan_course.timeline import StepStats

BAR_EVERY, LINE_EVERY = 0.25, 5.0  # seconds between two updates


class Report:
    """Shows step, rate, losses and time left; a context manager, so that the bar is closed in any case.

    Args:
        console: where to.
        total: the length of the run, in steps or seconds.
    """

    def __init__(self, console: Console, total: float):
        self._console, self._total = console, total
        self._bar = Progress(BarColumn(15), TextColumn("{task.description}"), console=console, auto_refresh=False)
        self._task = self._bar.add_task("", total=total)
        self._every = BAR_EVERY if console.is_terminal else LINE_EVERY

    def __enter__(self) -> "Report":
        self._began = self._shown_at = time.monotonic()
        self._shown_step = None
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(self, *error) -> None:
        if self._console.is_terminal:
            self._bar.stop()

    def show(self, stats: StepStats, done: float) -> None:
        """Tell of a round, if it is time to.

        Args:
            stats: the round's.
            done: how much of `total` is behind.
        """
        now = time.monotonic()
        if self._shown_step is None:
            self._shown_step = stats.step - 1
        if now - self._shown_at < self._every:
            return
        rate = (stats.step - self._shown_step) / (now - self._shown_at)
        left = (now - self._began) * (self._total - done) / done
        self._shown_at, self._shown_step = now, stats.step
        self._tell(describe(stats, rate, left), done)

    def _tell(self, line, done):
        if self._console.is_terminal:
            self._bar.update(self._task, completed=done, description=line, refresh=True)
        else:
            self._console.print(line, soft_wrap=True)


def describe(stats: StepStats, rate: float, left: float) -> str:
    """One line about a round; a loss that the round did not have is a dash."""
    d_loss, g_loss = ("-" if math.isnan(loss) else f"{loss:.3f}" for loss in (stats.d_loss, stats.g_loss))
    return f"step {stats.step:,}  {rate:.3g} steps/s  D loss {d_loss}  G loss {g_loss}  {max(0, left):.0f} s left"
