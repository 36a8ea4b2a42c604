"""Submissions as Canvas exports them: all files in one folder, `name_[LATE_]userid_attachmentid_file.ipynb`.

Source: instructure/canvas-lms, lib/content_zipper.rb: `get_filename` and `add_upload_submission`. Canvas takes what
looks like an id out of students' names, so the first two numbers are its own. Anonymous assignments have
`anon_xxxxx` in place of name and number.
"""

import re

from gan_course.grading.submission import Owner, tidy

_NAMED = re.compile(r"(?P<name>\w+?)_(?P<late>LATE_|late_)?(?P<id>\d+)_\d+_(?P<file>.+)", re.DOTALL)
_ANONYMOUS = re.compile(r"(?P<late>LATE_)?(?P<id>anon_[A-Za-z0-9]{5})_\d+_(?P<file>.+)", re.DOTALL)
_AGAIN = re.compile(r"-(\d{1,4})(\.\w+)?$")


def owner(parts: tuple[str, ...]) -> Owner | None:
    """Whose a file is, or a folder that was unpacked from one; None if Canvas doesn't name files so."""
    found = _ANONYMOUS.fullmatch(parts[0]) or _NAMED.fullmatch(parts[0])
    if not found:
        return None
    student = found["id"]
    name = tidy(found.groupdict().get("name") or student)
    again = _AGAIN.search(found["file"])
    attempt = int(again[1]) + 1 if again else 1
    return Owner("canvas", student, name, frozenset({student, name}), attempt, late=bool(found["late"]))
