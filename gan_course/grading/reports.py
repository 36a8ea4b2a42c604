"""The files that a teacher gets: a table, a page for each student, and an overview of the class."""

from collections.abc import Sequence
from pathlib import Path

from gan_course.files import write_atomically
from gan_course.grading.pages import page
from gan_course.grading.table import results_csv
from gan_course.grading.tally import Entry, keys, tally


def write_reports(
    out: Path,
    chapter_title: str,
    entries: Sequence[Entry],
    missing: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Path:
    """Write `results.csv`, `students/<id>.html` and `overview.html`, each whole or not at all.

    Args:
        out: the folder, made if it isn't there.
        chapter_title: of the quiz, such as "Quiz 1 · What is the game, and who plays?".
        entries: one for each student.
        missing: the names of those who handed in nothing.
        notes: what else the teacher should know, such as files that were left aside.

    Returns:
        the overview's place.

    Raises:
        OSError: the folder can't be written.
    """
    entries = sorted(entries, key=lambda entry: (entry.submission.name.casefold(), entry.submission.id))
    students = Path(out) / "students"
    students.mkdir(parents=True, exist_ok=True)
    of = len(keys(entries))
    for entry in entries:
        content = page("student.html", title=chapter_title, entry=entry, of=of)
        write_atomically(students / f"{entry.submission.id}.html", content)
    write_atomically(Path(out) / "results.csv", results_csv(entries))
    overview = Path(out) / "overview.html"
    numbers = tally(entries)
    content = page("overview.html", title=chapter_title, entries=entries, tally=numbers, missing=missing, notes=notes)
    write_atomically(overview, content)
    return overview
