r"""Recordings: the frames of a run in a file, to be played back without a kernel.

A recording is one gzip stream, so that Python, `zcat` and a browser's DecompressionStream can all read it. Inside:
the 8 bytes "GANREC1\n", then for each frame its time as float64 (seconds since the first frame), its length as
uint32, and its bytes (see `gan_course.frames`). All little-endian. The stream is flushed after each frame: a file
that was cut short still reads up to its last whole frame.
"""

import contextlib
import gzip
import math
import os
import struct
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from gan_course.frames import MAGIC as FRAME

MAGIC = b"GANREC1\n"
ENTRY = struct.Struct("<dI")  # time and length
GZIP = 31  # what zlib calls a gzip stream with the largest window
END = 16  # bytes at most that finish a flushed gzip stream


class RecordingError(ValueError):
    """A file that is no recording, is damaged, or holds no frame."""


class Recorder:
    """Writes frames to a file as they come; a file that is there already is replaced.

    Any thread may call it. Use it in a `with` statement, or call `close` at the end.

    Args:
        path: where to write; ".ganrec" is the usual ending.
        fps: frames a second at most; of more only the first in each 1 / fps seconds is kept, and the very last one.
        max_megabytes: size of the file at most, in millions of bytes; what would not fit any more is dropped.

    Attributes:
        path: where it writes.
        full: whether frames were dropped because the file has reached `max_megabytes`.

    Raises:
        OSError: the file can't be written.
        ValueError: `fps` or `max_megabytes` is not above 0.
    """

    def __init__(self, path: str | os.PathLike, fps: float = 10, max_megabytes: float = 50):
        for name, value in (("fps", fps), ("max_megabytes", max_megabytes)):
            if not value > 0:
                raise ValueError(f"{name} must be above 0, got {value!r}.")
        self.path, self.full = Path(path), False
        self._fps, self._room = fps, max_megabytes * 1e6 - END
        self._lock = threading.Lock()
        self._stream = zlib.compressobj(wbits=GZIP)
        self._start: float | None = None
        self._last_at, self._slot = 0.0, -1
        self._held: tuple[float, bytes] | None = None  # the newest frame, if it was thinned out
        if self.path.is_file():
            self.path.unlink()  # a recorder that still writes the old file shall not write into the new one
        self._file = open(self.path, "wb")
        self._write(MAGIC)

    def add(self, frame: bytes, at: float | None = None) -> bool:
        """Write a frame, unless it comes too soon after the last one, the file is full, or `close` was called.

        Args:
            frame: as `gan_course.frames.pack` makes it.
            at: seconds since the first frame, never less than for the frame before; None: by the clock.

        Returns:
            Whether the frame was written.

        Raises:
            OSError: the disk is full; what was written stays, and the recorder is closed.
            ValueError: not a frame, or `at` goes back in time.
        """
        if frame[:4] != FRAME:
            raise ValueError(f"not a frame: expected it to start with {FRAME!r}, got {bytes(frame[:4])!r}.")
        with self._lock:
            if self.closed or self.full:
                return False
            at = self._clock() if at is None else self._checked(at)
            return self._thin(at, bytes(frame))

    def close(self) -> None:
        """Write the last frame, if it was thinned out, and finish the file. A second call does nothing."""
        with self._lock:
            if self.closed:
                return
            if self._held and not self.full:
                self._write(_entry(*self._held))
            with self._giving_up():
                self._file.write(self._stream.flush())
                self._file.close()
            self._file = None

    @property
    def closed(self) -> bool:
        """Whether it writes no more: `close` was called, or writing failed."""
        return self._file is None

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, *error) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Recorder({str(self.path)!r})"

    def _clock(self):
        now = time.perf_counter()
        if self._start is None:
            self._start = now
        return self._checked(now - self._start)

    def _checked(self, at):
        if not self._last_at <= at < math.inf:
            raise ValueError(f"frames must come in the order of their times: got at={at!r} after {self._last_at!r}.")
        self._last_at = at
        return at

    def _thin(self, at, frame):
        slot = int(at * self._fps + 1e-6)  # a frame at k / fps belongs to slot k, whichever way that was rounded
        if slot == self._slot:
            self._held = (at, frame)
            return False
        self._slot, self._held = slot, None
        return self._write(_entry(at, frame))

    def _write(self, content):
        """Compress `content` and write it, if it fits; on a copy of the stream, which knows nothing of what didn't."""
        stream = self._stream.copy()
        chunk = stream.compress(content) + stream.flush(zlib.Z_SYNC_FLUSH)
        self.full = len(chunk) > self._room
        if not self.full:
            with self._giving_up():
                self._file.write(chunk)
                self._file.flush()
            self._stream = stream
            self._room -= len(chunk)
        return not self.full

    @contextlib.contextmanager
    def _giving_up(self):
        """After an error nothing more is written: what came behind a gap could not be read."""
        try:
            yield
        except OSError as error:
            file, self._file = self._file, None
            with contextlib.suppress(OSError):
                file.close()
            raise OSError(
                error.errno,
                f"could not write the recording {self.path}: {error.strerror}; it ends with the last frame that was "
                "written. Free some space or choose another folder.",
            ) from error


def read_recording(path: str | os.PathLike) -> list[tuple[float, bytes]]:
    """All frames of a recording, each with its time in seconds.

    Raises:
        FileNotFoundError: there is no such file.
        RecordingError: it is no recording, is damaged, or holds no frame.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"No recording at {path}. `Recorder(path)` writes one.")
    frames = list(_entries(_content(path)))
    if not frames:
        raise RecordingError(f"{path} is a recording without a single frame. Let the run send some before it ends.")
    return frames


def pack_recording(frames: Iterable[tuple[float, bytes]]) -> bytes:
    """Frames and their times as the bytes of a finished recording, smaller than `Recorder` writes them."""
    return gzip.compress(MAGIC + b"".join(_entry(at, frame) for at, frame in frames), mtime=0)


def _entry(at: float, frame: bytes) -> bytes:
    return ENTRY.pack(at, len(frame)) + frame


def _content(path: Path) -> bytes:
    packed = path.read_bytes()
    try:
        content = zlib.decompressobj(wbits=GZIP).decompress(packed)
    except zlib.error as error:
        if packed[:2] == b"\x1f\x8b":
            raise RecordingError(f"{path} is damaged ({error}). Copy it again, or make it anew.") from error
        content = packed
    if not content.startswith(MAGIC):
        raise RecordingError(f"{path} is no recording: expected one that `Recorder` wrote, got {packed[:8]!r} …")
    return content[len(MAGIC) :]


def _entries(content: bytes) -> Iterator[tuple[float, bytes]]:
    """The whole frames in `content`."""
    place = 0
    while place + ENTRY.size <= len(content):
        at, length = ENTRY.unpack_from(content, place)
        place += ENTRY.size + length
        if place <= len(content):
            yield at, content[place - length : place]
