"""How much memory a process and all its descendants have, looked at a few times a second."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

LOOK_EVERY = 0.1  # seconds


class Crowd:
    """A process that leads its group, with its descendants.

    Args:
        pid: its number.
        memory: bytes that they may have together, not counting what they share with files.

    Attributes:
        too_much: why they were ended; "" if they were not.
    """

    too_much = ""

    def __init__(self, pid: int, memory: int):
        self._pid, self._memory = pid, memory

    def look(self) -> None:
        """End them all if they have too much."""
        with contextlib.suppress(psutil.NoSuchProcess):
            first = psutil.Process(self._pid)
            if sum(map(_memory, [first, *first.children(recursive=True)])) > self._memory:
                self.too_much = f"it took more than {self._memory >> 20:,} MB of memory"
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._pid, signal.SIGKILL)


def _memory(process):
    with contextlib.suppress(psutil.Error):
        used = process.memory_info()
        return used.rss - used.shared
    return 0


@contextmanager
def watched(pid: int, memory: int) -> Iterator[Crowd]:
    """Look at a crowd until the block ends."""
    crowd, done = Crowd(pid, memory), threading.Event()

    def watch():
        while not done.wait(LOOK_EVERY):
            crowd.look()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield crowd
    finally:
        done.set()
        thread.join()
