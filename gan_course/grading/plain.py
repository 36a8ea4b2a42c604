"""Submissions as a teacher collects them by hand: `student.ipynb`, or a folder for each student."""

from pathlib import PurePosixPath

from gan_course.grading.submission import Owner, tidy

_HANDED_IN = {".ipynb", ".zip"}


def owner(parts: tuple[str, ...]) -> Owner | None:
    """Whose a file is: the name of the outermost folder, or its own without the ending; None for other files."""
    name = PurePosixPath(parts[0])
    if len(parts) == 1 and name.suffix.lower() not in _HANDED_IN:
        return None
    student = tidy(name.stem if len(parts) == 1 else parts[0])
    return Owner("plain", student, student, frozenset({student}))
