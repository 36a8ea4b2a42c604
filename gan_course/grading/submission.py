"""One submission, wherever it came from."""

import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from gan_course.grading.text import visible

LARGEST = 20 * 2**20  # bytes of one notebook


class IntakeError(ValueError):
    """What was handed in can't be taken; the message says why."""


@dataclass(frozen=True)
class Owner:
    """Who handed something in, as the name of its file or folder says.

    Attributes:
        kind: which export names files so: "plain", "canvas" or "moodle".
        student: the main identifier.
        name: for display.
        identities: all by which the teacher's records may know the student.
        attempt: 1 for the first.
        late: the export says so.
    """

    kind: str
    student: str
    name: str
    identities: frozenset[str]
    attempt: int = 1
    late: bool = False

    @property
    def id(self) -> str:
        """A file name for the reports, the same in each run and different for each owner and attempt."""
        key = "\n".join((self.kind, self.student, self.name, str(self.attempt), str(self.late)))
        digest = hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
        folded = unicodedata.normalize("NFKD", self.student)
        readable = re.sub(r"[^A-Za-z0-9]+", "-", folded.encode("ascii", "ignore").decode()).strip("-")[:40]
        return "-".join(filter(None, (readable, digest[:12])))


@dataclass(frozen=True)
class Submission:
    """What one student handed in at one time.

    Attributes:
        id: a safe and unique file name of at most 53 characters.
        kind, student, name, identities, attempt, late: see `Owner`.
        when: the time of handing in, if the export tells it.
        origin: where in the export it lies.
        notes: what else the teacher should know of it.
        reader: returns the notebook's bytes, or raises `IntakeError`; can be sent to another process.
    """

    id: str
    kind: str
    student: str
    name: str
    identities: frozenset[str]
    attempt: int
    late: bool
    when: datetime | None
    origin: str
    notes: tuple[str, ...]
    reader: Callable[[], bytes] = field(repr=False, compare=False)

    def read(self) -> bytes:
        """The notebook's bytes, at most `LARGEST`.

        Raises:
            IntakeError: it is too large, broken, missing, or one of several.
        """
        return self.reader()


def tidy(text: str) -> str:
    """A name as it is kept: in Unicode's composed form, without outer spaces, everything in it visible."""
    return visible(unicodedata.normalize("NFC", text).strip())


def quoted(parts: tuple[str, ...]) -> str:
    """A place in an export, for a message."""
    return "'" + visible("/".join(parts)) + "'"
