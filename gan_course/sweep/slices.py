"""A sweep in slices: all stacks in turn, so that what comes out shows everywhere early, and then sharpens."""

import time
from collections.abc import Callable

from gan_course import runtime
from gan_course.sweep.engine import Sweep
from gan_course.sweep.table import Table

FIRST = 2  # rounds of each stack before the first look
PASS_SECONDS = 1.0  # about so long all stacks train in turn, each followed by a look,
LOOK_SHARE = 0.15  # or longer, so that no more than this of the time goes into looking
GROWTH = 4  # a slice is at most so many times as long as the one before


class Slices:
    """Plays a sweep a slice of each stack at a time, and looks at each stack after its slice.

    So all members are at about the same round. To a `LiveRun` it is a trainer: it has `steps` and `run`.

    Args:
        sweep: may have been trained before.
        target: rounds that each member is to do in all.

    Attributes:
        target: may be raised at any time.
        looks: how often a stack was looked at.
    """

    def __init__(self, sweep: Sweep, target: int):
        self.sweep, self.target, self.looks = sweep, target, 0
        self._stacks = range(len(sweep.stacks))
        self._rows: dict[int, dict] = {}
        for i in self._stacks:
            self._look(i)
        self._turn, self._in_slice, self._slice = 0, 0, FIRST
        self._played = self._looked = 0.0  # seconds of this pass
        self._spent, self._done = 0.0, 0.0  # seconds, and updates of players in them

    # ---- how far it is ----------------------------------------------------------------------------------------------

    @property
    def left(self) -> int:
        """Rounds of stacks that are still to be played; what has diverged plays none."""
        return sum(self.sweep.left(i, self.target) for i in self._stacks)

    @property
    def steps(self) -> int:
        """Rounds of stacks that are behind, of `total`."""
        return self.total - self.left

    @property
    def total(self) -> int:
        """Rounds of all stacks together."""
        return self.target * len(self._stacks)

    @property
    def share(self) -> float:
        """How much of the work is done, from 0 to 1."""
        updates = sum(self.sweep.updates(i) for i in self._stacks) * self.target
        return 1 - self._updates_left() / updates if updates else 1.0

    @property
    def seconds_left(self) -> float | None:
        """At the pace of late; None before the first round."""
        return self._updates_left() * self._spent / self._done if self._done else None

    def _updates_left(self):
        return sum(self.sweep.left(i, self.target) * self.sweep.updates(i) for i in self._stacks)

    def table(self) -> Table:
        """`Sweep.table`, as each stack was when it was looked at last."""
        return Table(self._rows[k] for k in sorted(self._rows))

    # ---- playing ----------------------------------------------------------------------------------------------------

    def run(self, steps: int, halfway: Callable[[], object] | None = None) -> None:
        """Play so many rounds of stacks, or as many as are left.

        Args:
            steps: rounds, of one stack each.
            halfway: not used; a `Trainer` has it.

        Raises:
            KeyboardInterrupt: asked for; raised after a whole round.
        """
        with runtime.InterruptLater() as interrupt:
            for _ in range(min(steps, self.left)):
                self._play_a_round()
                if interrupt.asked:
                    break

    def _play_a_round(self):
        while not self.sweep.left(self._turn, self.target):
            self._next()
        i, start = self._turn, time.perf_counter()
        self.sweep.play(i)
        self._in_slice += 1
        self._played += self._passed(start)
        self._done += self.sweep.updates(i)
        if self._in_slice >= self._slice or not self.sweep.left(i, self.target):
            start = time.perf_counter()
            self._look(i)
            self._looked += self._passed(start)
            self._next()

    def _passed(self, start):
        seconds = time.perf_counter() - start
        self._spent += seconds
        return seconds

    def _look(self, i):
        self._rows |= self.sweep.rows(i)
        self.looks += 1

    def _next(self):
        """The next stack's turn; after the last one begins a pass of a length that suits this machine."""
        self._turn, self._in_slice = (self._turn + 1) % len(self._stacks), 0
        if self._turn == 0 and self._played:
            wanted = max(PASS_SECONDS, self._looked / LOOK_SHARE) / self._played
            self._slice = max(1, round(self._slice * min(wanted, GROWTH)))
            self._played = self._looked = 0.0
            self._spent, self._done = self._spent / 2, self._done / 2  # so that the pace is that of late
