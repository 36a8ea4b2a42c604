"""Submissions as Moodle exports them: `Full Name_participant_assignsubmission_file/quiz.ipynb`, or all in one folder.

Source: moodle/moodle, mod/assign/classes/downloader.php. Moodle takes underscores out of students' names, so the first
number is its own; it is the "Participant 123" of the grading worksheet. Older versions end the folder's name with an
underscore; "download submissions in folders" switched off gives one folder of files.
"""

import re

from gan_course.grading.submission import Owner, tidy

_FOLDER = re.compile(r"(?P<name>[^_]+)_(?P<id>\d+)_assignsubmission_[a-z]+_?", re.DOTALL)
_FILE = re.compile(r"(?P<name>[^_]+)_(?P<id>\d+)_assignsubmission_[a-z]+_.+", re.DOTALL)


def owner(parts: tuple[str, ...]) -> Owner | None:
    """Whose a file is; None if Moodle doesn't name files so."""
    found = (_FILE if len(parts) == 1 else _FOLDER).fullmatch(parts[0])
    if not found:
        return None
    student, name = found["id"], tidy(found["name"])
    return Owner("moodle", student, name, frozenset({student, name, f"Participant {student}"}))
