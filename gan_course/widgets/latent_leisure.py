"""When there is time for what can wait, so that it doesn't get into the way of a hand, nor of training."""

import contextlib
import time
from collections.abc import Iterator

SHARE = 0.1  # of the time may go into what can wait
SHORTEST_BREAK, LONGEST_BREAK = 0.15, 1.0  # seconds without any of it
REST = 0.2  # seconds without a move after which a hand rests
MOST_PATIENCE = 2.0  # seconds that a hand which never rests is waited for


class Leisure:
    """Keeps the time of what can wait: the map behind the pad, strips of pictures, neighbours, newer weights.

    A move comes from any thread, the rest from the one that does the work.
    """

    def __init__(self):
        self._moved_at = self._began_at = self._worked_at = self._break_ends = 0.0

    def move(self) -> None:
        """A hand moves something."""
        now = time.perf_counter()
        if now - self._moved_at >= REST:
            self._began_at = now
        self._moved_at = now

    @property
    def rested(self) -> bool:
        """Whether the break after the last work is over."""
        return time.perf_counter() >= self._break_ends

    @property
    def there(self) -> bool:
        """Whether work may begin: the break is over, and the hand rests or has been waited for long enough."""
        now = time.perf_counter()
        waited = now - max(self._began_at, self._worked_at)
        return self.rested and (now - self._moved_at >= REST or waited >= MOST_PATIENCE)

    @contextlib.contextmanager
    def used(self) -> Iterator[None]:
        """Around a piece of work: the longer it takes, the longer is the break after it."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self._worked_at = time.perf_counter()
            earned = (self._worked_at - start) * (1 / SHARE - 1)
            self._break_ends = self._worked_at + min(max(earned, SHORTEST_BREAK), LONGEST_BREAK)
