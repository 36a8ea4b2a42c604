"""What a process and all its descendants use, looked at a few times a second."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

LOOK_EVERY = 0.25  # seconds


class Crowd:
    """A process that leads its group, with its descendants.

    Args:
        pid: its number.
        memory: bytes that they may have together, not counting the pages of files.
        seconds: of the processor that they may use together.

    Attributes:
        too_much: why they were ended; "" if they were not.
    """

    too_much = ""

    def __init__(self, pid: int, memory: int, seconds: float):
        self._pid, self._memory, self._seconds = pid, memory, seconds

    def look(self) -> None:
        """End them all if they have too much."""
        with contextlib.suppress(psutil.NoSuchProcess):
            first = psutil.Process(self._pid)
            family = [first, *first.children(recursive=True)]
            if sum(map(_memory, family)) > self._memory:
                self.too_much = f"it took more than {self._memory >> 20:,} MB of memory"
            elif sum(map(_seconds, family)) > self._seconds:
                self.too_much = f"it took more than {self._seconds:g} s of the processor"
        if self.too_much:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._pid, signal.SIGKILL)


def _memory(process):
    """Bytes of its own, and those that it shares with other processes."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon", "RssShmem")))
    return 0


def _seconds(process):
    with contextlib.suppress(psutil.Error):
        times = process.cpu_times()
        return times.user + times.system + times.children_user + times.children_system
    return 0


@contextmanager
def watched(pid: int, memory: int, seconds: float) -> Iterator[Crowd]:
    """Look at a crowd until the block ends."""
    crowd, done = Crowd(pid, memory, seconds), threading.Event()

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
