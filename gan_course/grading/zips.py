"""Reading zip files that may be hostile: by place and not by name, and never more bytes than expected.

Only the entries that are asked for are unpacked, each up to `LARGEST` bytes, counted as they come, whatever the
headers claim.
"""

import io
import stat
import struct
import zipfile
import zlib
from functools import partial
from pathlib import Path

from gan_course.grading.items import MOST, Item, bounded, clutter
from gan_course.grading.submission import LARGEST, IntakeError, quoted
from gan_course.grading.text import visible

OF_A_STUDENT = 1_000  # entries in a zip file that a student handed in
_ENTRY = b"PK\x01\x02"  # with which each entry of the directory begins
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the other ones can't be unpacked piece by piece
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, LookupError, RuntimeError)


def in_zip(path: Path) -> list[Item]:
    """All files of a zip file.

    Raises:
        IntakeError: it is none, is broken, or has too many.
    """
    with _opened(path, (path.name,)) as archive:
        entries = archive.infolist()
    if len(entries) > MOST:
        raise IntakeError(f"{path.name} has more than {MOST:,} entries: is this the export?")
    items = [Item(parts_of(entry), partial(_read_entry, path, place)) for place, entry in _files(entries)]
    return sorted(items, key=lambda item: item.parts)


def only_notebook(content: bytes, parts: tuple[str, ...]) -> bytes:
    """The one notebook in a zip file that a student handed in.

    Args:
        content: the zip file's.
        parts: where it lies, for messages.

    Raises:
        IntakeError: it is broken, has too many entries, or not exactly one notebook.
    """
    if content.count(_ENTRY) > OF_A_STUDENT:
        raise IntakeError(f"{quoted(parts)} has more than {OF_A_STUDENT:,} entries, the most that is read.")
    with _opened(io.BytesIO(content), parts) as archive:
        inside = {i: parts_of(entry) for i, entry in _files(archive.infolist())}
        notebooks = [i for i, names in inside.items() if names[-1].lower().endswith(".ipynb")]
        if len(notebooks) != 1:
            raise IntakeError(f"Expected one notebook in {quoted(parts)}, found {_listed(inside, notebooks)}.")
        return _unpacked(archive, notebooks[0])


def _listed(inside, places):
    names = ", ".join(quoted(inside[i]) for i in places[:5])
    return f"{len(places)}: {names}" if places else "none"


def parts_of(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    """The folders and the name of an entry, without any that lead out of the archive."""
    names = entry.filename.replace("\\", "/").split("/")
    return tuple(name for name in names if name not in ("", ".", "..")) or ("nameless",)


def _files(entries):
    return [(i, entry) for i, entry in enumerate(entries) if not entry.is_dir() and not clutter(parts_of(entry))]


def _read_entry(path, place):
    with _opened(path, (path.name,)) as archive:
        return _unpacked(archive, place)


def _opened(source, parts):
    try:
        return zipfile.ZipFile(source)
    except _BROKEN as error:
        raise IntakeError(f"{quoted(parts)} is broken, or not a zip file: {error}.") from error


def _unpacked(archive, place):
    entry = archive.infolist()[place]
    parts = parts_of(entry)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise IntakeError(f"{quoted(parts)} is a link. Links are not followed: hand in the file itself.")
    if entry.flag_bits & 1:
        raise IntakeError(f"{quoted(parts)} is encrypted: hand it in without a password.")
    if entry.compress_type not in _METHODS:
        raise IntakeError(f"{quoted(parts)} is packed in an unusual way: use an ordinary zip file.")
    try:
        with archive.open(entry) as file:
            return bounded(file.read(LARGEST + 1), parts)
    except IntakeError:
        raise
    except _BROKEN as error:
        raise IntakeError(f"{quoted(parts)} is broken inside its zip file: {visible(str(error))}.") from error
