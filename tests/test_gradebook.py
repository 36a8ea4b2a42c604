"""Points written into exported gradebooks, and nothing else changed."""

import csv
import io
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_course.grading.csv_cells import read_cells
from gan_course.grading.gradebook import Gradebook, GradebookError, widened
from gan_course.grading.submission import Owner, Submission

CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Quiz 1 (12345),Quiz 2 (99),Quizzes Current Score\r\n"
    ",,,,,Manual Posting,,\r\n"
    "    Points Possible,,,,,10.00,20,(read only)\r\n"
    '"Lovelace, Ada",101,S-1,ada@uni.org,"Logic, early",,7,35.00\r\n'
    '"O""Hara, ""Bob""",102,S-2,bob,Logic,=1+1,EX,\r\n'
    '"Émile",103,101,emile,Logic,3.5,,\r\n'
    '"Student, Test",999,,test,Logic,,,\r\n'
).encode()
MOODLE = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    '"Participant 4242","Ada Lovelace",ada@uni.org,"Submitted for grading - Graded",,100.00,Yes,'
    '"Sunday, 5 November 2023, 3:14 PM",-,"<p>Fine,\nreally</p>"\n'
    '"Participant 7","Émilie, Marquise",e@uni.org,"No submission","55.00",50.00,Yes,-,-,\n'
    '"Participant 9",Bob,bob@uni.org,"No submission","1.00",50.00,No,-,-,\n'
).encode()


def submission(student: str, kind: str, attempt: int = 1) -> Submission:
    owner = Owner(kind, student, f"name of {student}", frozenset({student}), attempt)
    parts = (owner.id, kind, student, owner.name, owner.identities, attempt, False, None, f"'{student}.ipynb'", ())
    return Submission(*parts, reader=bytes)


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def place(book: Gradebook, number: str) -> int:
    return next(row.place for row in book.rows if row.number == number)


def test_a_gradebook_of_canvas():
    book = Gradebook(CANVAS)
    assert book.kind == "canvas" and book.columns == ("Quiz 1 (12345)", "Quiz 2 (99)")
    assert [row.name for row in book.rows] == ["Lovelace, Ada", 'O"Hara, "Bob"', "Émile"]
    assert book.rows[0].identities == {"Lovelace, Ada", "101", "S-1", "ada@uni.org"}


def test_a_grading_worksheet_of_moodle():
    book = Gradebook(MOODLE)
    assert book.kind == "moodle" and book.columns == ("Grade",)
    assert [row.number for row in book.rows] == ["4242", "7", "9"]
    assert book.rows[0].identities == {"Participant 4242", "4242", "Ada Lovelace", "ada@uni.org"}
    assert book.rows[0].when == datetime(2023, 11, 5, 15, 14).astimezone() and book.rows[1].when is None


def test_names_in_two_columns():
    header = "LastName,FirstName,ID,SIS Login ID,Section,Quiz (1)\nPoints Possible,,,,,5\nLovelace,Ada,101,ada,A,\n"
    book = Gradebook(header.encode())
    assert [row.name for row in book.rows] == ["Lovelace, Ada"]
    assert rows(book.merged({2: 0.5}).content)[2][-1] == "2.5"


def test_submissions_find_their_rows():
    book = Gradebook(CANVAS)
    ada, bob = submission("101", "canvas"), submission("BOB", "plain")
    stranger, testing = submission("5", "canvas"), submission("999", "canvas")
    match = book.match([ada, bob, stranger, testing])
    assert {key: row.number for key, row in match.rows.items()} == {ada.id: "101", bob.id: "102"}
    assert [row.number for row in match.without_submission] == ["103"]
    assert match.without_row == (
        "name of 5 ('5.ipynb'): has no row in the gradebook.",
        "name of 999 ('999.ipynb'): has no row in the gradebook.",
    )


def test_a_number_of_the_same_system_is_never_taken_for_another_identity():
    book = Gradebook(CANVAS)  # Émile's SIS User ID is the number of Ada
    assert book.match([submission("101", "canvas")]).rows.popitem()[1].name == "Lovelace, Ada"
    assert book.match([submission("102", "moodle")]).rows == {}
    assert "fits 2 rows of the gradebook" in book.match([submission("101", "plain")]).without_row[0]


def test_two_students_for_one_row_are_both_left_out():
    match = Gradebook(CANVAS).match([submission("ada@uni.org", "plain"), submission("S-1", "plain")])
    assert match.rows == {} and len(match.without_row) == 2
    assert all("fits a row that another student fits too" in line for line in match.without_row)


def test_all_attempts_of_a_student_have_its_row():
    once, again = submission("101", "canvas"), submission("101", "canvas", attempt=2)
    match = Gradebook(CANVAS).match([once, again])
    assert match.without_row == () and match.rows[once.id] == match.rows[again.id]


def test_a_row_widens_what_a_student_is_known_by():
    book = Gradebook(MOODLE)
    ada = submission("4242", "moodle")
    wide = widened(ada, book.match([ada]).rows[ada.id])
    assert wide.identities == {"4242", "Participant 4242", "Ada Lovelace", "ada@uni.org"}
    assert wide.when == book.rows[0].when and wide.id == ada.id


def test_only_the_chosen_cells_of_canvas_change():
    book = Gradebook(CANVAS)
    merged = book.merged({place(book, "101"): 0.7, place(book, "103"): 1 / 3}, "Quiz 1 (12345)")
    assert merged.notes == ()
    expected = CANVAS.replace(b'early",,7', b'early",7,7').replace(b"3.5,,\r", b"3.33,,\r")
    assert merged.content == expected  # =1+1 too: the teacher's own cells are not ours to change


def test_only_the_chosen_cells_of_moodle_change():
    book = Gradebook(MOODLE)
    merged = book.merged({row.place: 0.5 for row in book.rows})
    expected = MOODLE.replace(b'Graded",,100', b'Graded",50,100').replace(b'"55.00"', b'"25"')
    assert merged.content == expected
    assert merged.notes == ("Bob: the grade can't be changed, so the cell was left as it is.",)


def test_a_merged_gradebook_can_be_read_and_merged_again():
    book = Gradebook(CANVAS)
    shares = {row.place: 0.5 for row in book.rows}
    once = book.merged(shares, "Quiz 1").content
    assert Gradebook(once).merged(shares, "Quiz 1").content == once
    assert [row[5] for row in rows(once)] == ["Quiz 1 (12345)", "Manual Posting", "10.00", "5", "5", "5", ""]
    assert Gradebook(CANVAS).merged({}, "Quiz 1").content == CANVAS


def test_who_is_excused_stays_excused():
    book = Gradebook(CANVAS)
    merged = book.merged({place(book, "102"): 1}, "Quiz 2")
    assert merged.content == CANVAS
    assert merged.notes == ('O"Hara, "Bob": it says EX, so the cell was left as it is.',)


def test_semicolons_and_decimal_commas_stay():
    text = 'Student;ID;SIS Login ID;Section;Quiz (1)\n    Points Possible;;;;7,50\n"Doe, Jo";1;jo;A;\n'
    assert Gradebook(text.encode()).merged({2: 0.5}).content == text.replace("A;", "A;3,75").encode()


TABLES = st.lists(st.lists(st.text('ab;,"\n\t =', max_size=4), min_size=3, max_size=3), min_size=1, max_size=4)


@settings(max_examples=50, deadline=None)
@given(TABLES, st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]), st.sampled_from(["\r\n", "\n"]), st.booleans())
def test_any_table_is_read_and_changed_in_one_cell_only(table, quoting, ending, bom):
    text = io.StringIO(newline="")
    csv.writer(text, quoting=quoting, lineterminator=ending).writerows([["x", "y", "z"], *table])
    cells = read_cells(("\ufeff" * bom + text.getvalue()).encode())
    assert cells.rows == [["x", "y", "z"], *table]
    assert cells.changed({}) == cells.text.encode()
    changed = read_cells(cells.changed({(1, 1): "7"})).rows
    assert changed == [["x", "y", "z"], [table[0][0], "7", table[0][2]], *table[1:]]


@pytest.mark.parametrize(("share", "points"), [(0, "0"), (1, "10"), (0.1, "1"), (2 / 3, "6.67"), (0.999, "9.99")])
def test_points_are_written_in_two_digits_at_most(share, points):
    book = Gradebook(CANVAS)
    assert rows(book.merged({place(book, "101"): share}, "Quiz 1").content)[3][5] == points


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n1,2\n", "Neither a gradebook of Canvas .* nor a grading worksheet of Moodle .*: a, b."),
        (b"", "Neither a gradebook"),
        ("Student,ID,Section\nÉ,1,A\n".encode("latin-1"), "not in UTF-8: export it anew, or save it as 'CSV UTF-8'"),
        ("Student,ID,Section\n".encode("utf-16"), "not in UTF-8"),
        (b'Student,ID,Section\n"Ada,1,A\n', "can't be read from '\"Ada,1,A.n' on: its quotes don't match"),
        (b'Student,ID,Section\n"Ada"x,1,A\n', "can't be read from .* its quotes don't match"),
        (b"Student,ID,Section\n" + b"x" * 200_000 + b",1,A\n", "can't be read: field larger than field limit"),
    ],
)
def test_what_is_no_gradebook(content, message):
    with pytest.raises(GradebookError, match=message):
        Gradebook(content)


@pytest.mark.parametrize(
    ("column", "error", "message"),
    [
        ("Quiz 3", ValueError, r"Unknown column of the gradebook 'Quiz 3'. Did you mean"),
        ("Section", ValueError, "Unknown column of the gradebook 'Section'"),
        (None, GradebookError, "Several columns can take points: say which with --column"),
    ],
)
def test_a_column_that_is_not_there(column, error, message):
    with pytest.raises(error, match=message):
        Gradebook(CANVAS).merged({}, column)


def test_two_columns_of_one_title_and_a_column_without_points():
    text = CANVAS.decode().replace("Quiz 2 (99)", "Quiz 1 (99)").encode()
    with pytest.raises(GradebookError, match=r"Several columns are called 'Quiz 1': name one of Quiz 1 \(12345\)"):
        Gradebook(text).merged({}, "Quiz 1")
    assert Gradebook(text).merged({3: 1}, "Quiz 1 (99)").content != text
    with pytest.raises(GradebookError, match=r"how many points are possible for Quiz 2 \(99\), but ''"):
        Gradebook(CANVAS.replace(b"10.00,20", b"10.00,")).merged({3: 1}, "Quiz 2")


def test_a_row_that_is_cut_short_is_left_alone():
    text = b"Student,ID,Section,Quiz (1)\n    Points Possible,,,5\nAda,1\n"
    merged = Gradebook(text).merged({2: 1})
    assert merged.content == text and "the row is shorter than the others" in merged.notes[0]
