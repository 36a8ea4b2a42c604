"""The files of an export, from a folder or a zip file, as one list; nothing is ever written by the names in it."""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from gan_course.grading.submission import LARGEST, IntakeError, quoted

MOST = 50_000  # files in an export
DEEPEST = 30  # folders within folders
_READING = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # Windows has neither
_CLUTTER = {".ipynb_checkpoints", "__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", "__pycache__", ".git"}


@dataclass(frozen=True)
class Item:
    """One file.

    Attributes:
        parts: the folders in which it lies, and its name.
        read: returns its bytes, or raises `IntakeError`; can be sent to another process.
        when: the last change, if the place where it lies tells it.
    """

    parts: tuple[str, ...]
    read: Callable[[], bytes]
    when: datetime | None = None

    @property
    def is_notebook(self) -> bool:
        """Whether it is named as a notebook."""
        return self.parts[-1].lower().endswith(".ipynb")

    @property
    def is_zip(self) -> bool:
        """Whether it is named as a zip file."""
        return self.parts[-1].lower().endswith(".zip")


def clutter(parts: tuple[str, ...]) -> bool:
    """Whether Jupyter or an operating system left this file behind."""
    return not _CLUTTER.isdisjoint(parts) or parts[-1].startswith("._")


def in_folder(folder: Path) -> list[Item]:
    """All files below a folder; a link is one that can't be read, wherever it leads.

    Raises:
        IntakeError: there are too many, or a folder can't be read.
    """
    found, waiting = [], [()]
    while waiting:
        inside = waiting.pop()
        for entry in _entries(folder, inside):
            parts = (*inside, entry.name)
            if clutter(parts):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(parts)
            else:
                found.append(_item(Path(entry.path), parts))
        if len(found) + len(waiting) > MOST:
            raise IntakeError(f"More than {MOST:,} files in {folder}: is this the folder of the submissions?")
    return sorted(found, key=lambda item: item.parts)


def _entries(folder, inside):
    if len(inside) > DEEPEST:
        raise IntakeError(f"{quoted(inside)} lies more than {DEEPEST} folders deep: is this the right folder?")
    try:
        with os.scandir(folder.joinpath(*inside)) as entries:
            return list(entries)
    except OSError as error:
        raise IntakeError(f"The folder {folder.joinpath(*inside)} can't be read: {error.strerror}.") from error


def _item(path, parts):
    try:
        when = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        when = None
    return Item(parts, partial(_read_file, path, parts), when)


def _read_file(path, parts):
    """A regular file's bytes: not through a link, and without waiting for a pipe."""
    if path.is_symlink():
        raise IntakeError(f"{quoted(parts)} is a link. Links are not followed: hand in the file itself.")
    try:
        with open(os.open(path, _READING), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise IntakeError(f"{quoted(parts)} is not a file.")
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise IntakeError(f"{quoted(parts)} can't be read: {error.strerror}.") from error
    return bounded(content, parts)


def bounded(content: bytes, parts: tuple[str, ...]) -> bytes:
    """Return the content, if it isn't longer than `LARGEST`.

    Raises:
        IntakeError: it is.
    """
    if len(content) > LARGEST:
        raise IntakeError(f"{quoted(parts)} is larger than {LARGEST // 2**20} MB, the most that is read.")
    return content
