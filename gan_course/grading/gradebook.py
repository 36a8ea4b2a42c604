"""An exported gradebook, into which points are written: that of Canvas, or Moodle's grading worksheet.

Both are recognised by the names of their columns in English exports.

Sources: instructure/canvas-lms, lib/gradebook_exporter.rb; moodle/moodle, mod/assign/gradingtable.php and
mod/assign/feedback/offline/importgradeslib.php.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from gan_course.grading.csv_cells import Cells, CsvError, read_cells
from gan_course.grading.submission import Submission, tidy
from gan_course.names import check_name

_CANVAS_WHO = ("Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "LastName", "FirstName")
_MOODLE_WHO = ("Identifier", "Full name", "Email address", "ID number", "Username")
_ASSIGNMENT = re.compile(r"(?P<title>.*) \((?P<id>\d+)\)", re.DOTALL)
_TEST_STUDENT = "Student, Test"  # Canvas's own, for a teacher's student view
_EXCUSED = ("EX", "N/A")


class GradebookError(ValueError):
    """The gradebook can't be used; the message says why."""


@dataclass(frozen=True)
class Row:
    """One student's row.

    Attributes:
        place: which row of the file it is, counted from 0.
        number: Canvas's or Moodle's own for the student, as in the names of exported files.
        name: for display.
        identities: all by which it knows the student.
        when: when Moodle says something was handed in, taken for this computer's time zone.
    """

    place: int
    number: str
    name: str
    identities: frozenset[str]
    when: datetime | None = None


@dataclass(frozen=True)
class Match:
    """Which submission belongs to which row.

    Attributes:
        rows: by the submission's id.
        without_row: a line for each submission that fits no row, or not one only.
        without_submission: the rows left over.
    """

    rows: dict[str, Row]
    without_row: tuple[str, ...]
    without_submission: tuple[Row, ...]


@dataclass(frozen=True)
class Merged:
    """A gradebook with points in it.

    Attributes:
        content: the file.
        notes: a line for each cell that was left as it is.
    """

    content: bytes
    notes: tuple[str, ...]


class Gradebook:
    """An exported gradebook.

    Args:
        content: the file's.

    Attributes:
        kind: "canvas" or "moodle".
        columns: those that can take points.
        rows: the students'.

    Raises:
        GradebookError: it is neither Canvas's nor Moodle's.
    """

    def __init__(self, content: bytes):
        try:
            self._cells: Cells = read_cells(content)
        except CsvError as error:
            raise GradebookError(str(error)) from error
        header = [cell.strip() for cell in self._cells.rows[0]] if self._cells.rows else []
        self._column = {name.casefold(): i for i, name in reversed(list(enumerate(header)))}
        self.kind = self._kind(header)
        titles = {"canvas": [name for name in header if _ASSIGNMENT.fullmatch(name)], "moodle": ["Grade"]}
        self.columns = tuple(titles[self.kind])
        self.rows = tuple(row for row in map(self._row, range(1, len(self._cells.rows))) if row)

    @classmethod
    def read(cls, path: Path) -> "Gradebook":
        """Read it from a file.

        Raises:
            GradebookError: see above.
            OSError: there is no such file.
        """
        return cls(Path(path).read_bytes())

    def _kind(self, header):
        if {"id", "section"} <= set(self._column) and {"student", "lastname"} & set(self._column):
            return "canvas"
        if {"identifier", "grade", "maximum grade"} <= set(self._column):
            return "moodle"
        raise GradebookError(
            "Neither a gradebook of Canvas (with columns Student, ID, Section) nor a grading worksheet of Moodle "
            f"(Identifier, Grade, Maximum grade), as exported in English. Its columns: {tidy(', '.join(header))}."
        )

    def _cell(self, place, name):
        """A cell by its column's name; "" if there is none."""
        column, cells = self._column.get(name.casefold(), -1), self._cells.rows[place]
        return cells[column].strip() if 0 <= column < len(cells) else ""

    def _row(self, place):
        """A student's row; None for those that hold something else."""
        who = [tidy(self._cell(place, name)) for name in (_CANVAS_WHO if self.kind == "canvas" else _MOODLE_WHO)]
        number = self._cell(place, "ID" if self.kind == "canvas" else "Identifier").removeprefix("Participant ").strip()
        name = self._cell(place, "Student" if self.kind == "canvas" else "Full name")
        name = name or ", ".join(filter(None, (self._cell(place, "LastName"), self._cell(place, "FirstName"))))
        if not number or name == _TEST_STUDENT:
            return None
        when = _time(self._cell(place, "Last modified (submission)"))
        return Row(place, number, tidy(name or number), frozenset(filter(None, [*who, number])), when)

    def match(self, submissions: Iterable[Submission]) -> Match:
        """Find the rows of submissions.

        Those from an export of the same system are found by their number alone; others by any identity, if it is
        that of one row only. A row that fits several students is nobody's.
        """
        submissions = list(submissions)
        fitting = {each.id: self._fitting(each) for each in submissions}
        students = {(each.kind, each.student): fitting[each.id] for each in submissions}  # each with all attempts
        claims = Counter(rows[0].place for rows in students.values() if len(rows) == 1)
        found, lines = {}, []
        for each in submissions:
            rows = fitting[each.id]
            if len(rows) == 1 and claims[rows[0].place] == 1:
                found[each.id] = rows[0]
            else:
                lines.append(f"{each.name} ({each.origin}): {_why_not(rows)}.")
        taken = {row.place for row in found.values()}
        return Match(found, tuple(lines), tuple(row for row in self.rows if row.place not in taken))

    def _fitting(self, submission):
        if submission.kind == self.kind:
            return [row for row in self.rows if row.number == submission.student]
        own = {submission.student} if submission.kind != "plain" else set()  # another system's number means nothing
        known = {each.casefold() for each in submission.identities - own}
        return [row for row in self.rows if known & {each.casefold() for each in row.identities}]

    def merged(self, shares: Mapping[int, float], column: str | None = None) -> Merged:
        """The same file with points in one column, and nothing else changed.

        Args:
            shares: by the `place` of rows, which share of the points was earned, from 0 to 1.
            column: one of `columns`, also without its number in parentheses; None if there is only one.

        Raises:
            ValueError: there is no such column.
            GradebookError: the column doesn't say how many points are possible.
        """
        title = self._title(column)
        place = self._column[title.casefold()]
        new, notes = {}, []
        for row in self.rows:
            if row.place not in shares:
                continue
            if why := self._kept(row, place):
                notes.append(f"{row.name}: {why}, so the cell was left as it is.")
            else:
                new[row.place, place] = _points(shares[row.place], self._possible(row, title))
        return Merged(self._cells.changed(new), tuple(notes))

    def _title(self, column):
        if column is None and len(self.columns) == 1:
            return self.columns[0]
        if column is None:
            raise GradebookError(
                f"Several columns can take points: say which with --column. {', '.join(self.columns)}."
            )
        short = {name: (_ASSIGNMENT.fullmatch(name) or {"title": name})["title"] for name in self.columns}
        fitting = [name for name in self.columns if column in (name, short[name])]
        if len(fitting) > 1:
            raise GradebookError(f"Several columns are called {column!r}: name one of {', '.join(fitting)}.")
        return fitting[0] if fitting else check_name(column, self.columns, "column of the gradebook")

    def _kept(self, row, column):
        cells = self._cells.rows[row.place]
        if column >= len(cells):
            return "the row is shorter than the others"
        if cells[column].strip().upper() in _EXCUSED:
            return f"it says {cells[column].strip()}"
        return "the grade can't be changed" if self._cell(row.place, "Grade can be changed").casefold() == "no" else ""

    def _possible(self, row, title):
        """What the cell says that holds the points possible."""
        if self.kind == "moodle":
            said = self._cell(row.place, "Maximum grade")
        else:
            first = [i for i, row in enumerate(self._cells.rows) if row[0].strip() == "Points Possible"][:1]
            said = "".join(self._cell(i, title) for i in first)
        if not re.fullmatch(r"\d+([.,]\d+)?", said):
            raise GradebookError(f"The gradebook doesn't say how many points are possible for {title}, but {said!r}.")
        return said


def widened(submission: Submission, row: Row) -> Submission:
    """A submission with all that its row knows: the student's identities, and when it was handed in."""
    known = submission.identities | row.identities
    return replace(submission, name=row.name, identities=known, when=row.when or submission.when)


def _time(said):
    """A time as Moodle writes it in English: "Sunday, 5 November 2023, 3:14 PM"."""
    try:
        return datetime.strptime(said, "%A, %d %B %Y, %I:%M %p").astimezone()
    except ValueError:
        return None


def _why_not(rows):
    if len(rows) > 1:
        return f"fits {len(rows)} rows of the gradebook"
    return "fits a row that another student fits too" if rows else "has no row in the gradebook"


def _points(share, possible):
    """Points as digits, with a comma if those possible are written with one."""
    points = f"{share * float(possible.replace(',', '.')):.2f}".rstrip("0").rstrip(".")
    return points.replace(".", ",") if "," in possible else points
