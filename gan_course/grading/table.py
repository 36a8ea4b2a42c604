"""The results as a table that a spreadsheet opens, without any cell that it would take for a formula."""

import csv
import io
import re
from collections.abc import Sequence

from gan_course.grading.tally import Entry, keys
from gan_course.grading.text import visible
from gan_course.quiz.question import RIGHT

_COLUMNS = ("student", "name", "chapter", "points", "of", "per cent", "late", "attempt", "notes")
_FORMULA = re.compile(r"""(^|;)([\s"']*)(?=[=+\-@＝＋－＠])""")  # some spreadsheets separate at semicolons


def results_csv(entries: Sequence[Entry]) -> bytes:
    """A line for each student, in UTF-8 with the mark by which Excel knows it; numbers are numbers."""
    asked = keys(entries)
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([safe(name) for name in (*_COLUMNS, *asked)])
    writer.writerows(_line(entry, asked) for entry in entries)
    return text.getvalue().encode("utf-8-sig")


def safe(text: str) -> str:
    """Text for a cell: on one line, and with an apostrophe before what a spreadsheet would take for a formula."""
    return _FORMULA.sub(r"\1'\2", visible(text, 1000))


def _line(entry, asked):
    who, states = entry.submission, {mark.key: mark.state for mark in entry.result.marks}
    per_cent = round(100 * entry.points / len(asked), 1) if asked else 0
    numbers = (entry.result.chapter, entry.points, len(asked), per_cent)
    late = "late" if entry.late else ""
    notes = safe(" ".join(entry.all_notes))
    right = (int(states.get(key) == RIGHT) for key in asked)
    return [safe(who.student), safe(who.name), *map(_short, numbers), late, who.attempt, notes, *right]


def _short(number):
    return int(number) if number == int(number) else number
