"""Finding submissions in folders and zip files as they are exported, also in hostile ones."""

import io
import os
import pickle
import re
import struct
import tracemalloc
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gan_course.grading import items, zips
from gan_course.grading.attempts import Lateness, best, choose
from gan_course.grading.intake import find_submissions, look_into
from gan_course.grading.result import Mark, Result
from gan_course.grading.submission import IntakeError, Owner, Submission
from gan_course.grading.text import visible
from gan_course.quiz.question import RIGHT, WRONG

NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


def zipped(files: dict[str, bytes] | list[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture(params=["folder", "zip", "zip with a folder"])
def export(request, tmp_path):
    """Lay out files as a folder or as a zip file, and return its path."""

    def lay_out(files: dict[str, bytes]) -> Path:
        if request.param == "folder":
            for name, content in files.items():
                (tmp_path / "export" / name).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / "export" / name).write_bytes(content)
            return tmp_path / "export"
        inside = "submissions/" if request.param == "zip with a folder" else ""
        (tmp_path / "export.zip").write_bytes(zipped({inside + name: content for name, content in files.items()}))
        return tmp_path / "export.zip"

    return lay_out


def in_zip(tmp_path: Path, content: bytes) -> Path:
    (tmp_path / "export.zip").write_bytes(content)
    return tmp_path / "export.zip"


def unread(path: Path) -> str:
    """Why the only submission can't be read."""
    (only,) = find_submissions(path)
    with pytest.raises(IntakeError) as why:
        only.read()
    return str(why.value)


# ------------------------------------------------------------------------------------------------ the kinds


def test_notebooks_named_after_students(export):
    found = look_into(export({"ada.ipynb": NOTEBOOK, "Émile.ipynb": b"2", "notes.txt": b"", ".DS_Store": b""}))
    ada, emile = found.submissions
    assert (ada.student, ada.name, ada.kind, ada.attempt, ada.late) == ("ada", "ada", "plain", 1, False)
    assert ada.identities == {"ada"} and ada.read() == NOTEBOOK
    assert emile.student == "Émile" and emile.read() == b"2"
    assert "Read as a plain collection: 2." in found.notes
    assert "'notes.txt' is not a notebook, and was left aside." in found.notes
    assert not any("DS_Store" in note for note in found.notes)


def test_a_folder_for_each_student(export):
    files = {
        "ada/quiz.ipynb": NOTEBOOK,
        "ada/.ipynb_checkpoints/quiz-checkpoint.ipynb": b"old",
        "bob/work/week 1/quiz.ipynb": b"2",
        "bob/picture.png": b"",
        "__MACOSX/ada/._quiz.ipynb": b"",
        "eve/essay.pdf": b"",
    }
    ada, bob, eve = find_submissions(export(files))
    assert [each.student for each in (ada, bob, eve)] == ["ada", "bob", "eve"]
    assert (ada.read(), bob.read()) == (NOTEBOOK, b"2")
    assert [note.split("picture")[1] for note in bob.notes] == [".png' was handed in too, and left aside."]
    with pytest.raises(IntakeError, match=r"Expected a notebook, got 'eve/essay.pdf'\."):
        eve.read()


def test_one_student_with_a_folder_is_not_taken_for_a_wrapper(tmp_path):
    (only,) = find_submissions(in_zip(tmp_path, zipped({"ada/quiz.ipynb": NOTEBOOK, "ada/notes.txt": b""})))
    assert only.student == "ada" and only.read() == NOTEBOOK


def test_an_export_of_canvas(export):
    found = look_into(
        export(
            {
                "lovelaceada_101_5001_quiz.ipynb": b"1",
                "lovelaceada_101_5009_quiz-2.ipynb": b"3",
                "hopper_grace_LATE_102_5002_02_optimal_discriminator.ipynb": b"g",
                "brontëemily_103_5003_work.zip": zipped({"deep/quiz.ipynb": b"e"}),
                "anon_xY3zw_5004_quiz.ipynb": b"a",
                "LATE_anon_Ab3zw_5005_quiz.ipynb": b"b",
                "turingalan_104_5006_essay.pdf": b"",
            }
        )
    )
    got = {(s.student, s.name, s.attempt, s.late) for s in found.submissions}
    assert got == {
        ("101", "lovelaceada", 1, False),
        ("101", "lovelaceada", 3, False),
        ("102", "hopper_grace", 1, True),
        ("103", "brontëemily", 1, False),
        ("anon_xY3zw", "anon_xY3zw", 1, False),
        ("anon_Ab3zw", "anon_Ab3zw", 1, True),
        ("104", "turingalan", 1, False),
    }
    read = {s.student: s.read() for s in found.submissions if s.student != "104"}
    assert read == {"101": b"3", "102": b"g", "103": b"e", "anon_xY3zw": b"a", "anon_Ab3zw": b"b"}
    assert {s.kind for s in found.submissions} == {"canvas"} and "Read as Canvas: 7." in found.notes
    assert found.submissions[0].when is None  # a file's time says when it was exported, not when it was handed in
    assert {"101", "lovelaceada"} in [s.identities for s in found.submissions]


@pytest.mark.parametrize("form", ["{}file/quiz.ipynb", "{}file_/a/quiz.ipynb", "{}file_q.ipynb"])
def test_an_export_of_moodle(export, form):
    found = look_into(
        export(
            {
                form.format("Ada Lovelace_4242_assignsubmission_"): NOTEBOOK,
                form.format("Émilie du Châtelet_7_assignsubmission_"): b"2",
                "Bob_9_assignsubmission_onlinetext/onlinetext.html": b"I forgot",
            }
        )
    )
    ada, bob, emilie = found.submissions
    assert (ada.student, ada.name, ada.kind, ada.when) == ("4242", "Ada Lovelace", "moodle", None)
    assert ada.identities == {"4242", "Ada Lovelace", "Participant 4242"}
    assert (ada.read(), emilie.read(), emilie.name) == (NOTEBOOK, b"2", "Émilie du Châtelet")
    with pytest.raises(IntakeError, match="Expected a notebook, got 'Bob_9_assignsubmission_onlinetext/"):
        bob.read()


def test_a_students_own_file_name_can_not_make_it_anothers(tmp_path):
    names = [
        "doejane_1_2_smithjohn_3_4_quiz.ipynb",
        "doejim_5_6_Eve_9_assignsubmission_file_quiz.ipynb",
        "Jo_7_assignsubmission_file_smith_8_9_quiz.ipynb",
        "Jo Do_8_assignsubmission_file_Eve_9_assignsubmission_file_quiz.ipynb",
    ]
    found = find_submissions(in_zip(tmp_path, zipped(dict.fromkeys(names, NOTEBOOK))))
    assert {(s.kind, s.student) for s in found} == {("canvas", "1"), ("canvas", "5"), ("moodle", "7"), ("moodle", "8")}


def test_a_zip_from_canvas_may_have_been_unpacked_beside_itself(export):
    files = {"doe_1_2_work-1.zip": zipped({"q.ipynb": b"1"}), "doe_1_2_work-1/q.ipynb": b"1", "roe_3_4_q.ipynb": b"2"}
    doe, roe = find_submissions(export(files))
    assert (doe.student, doe.attempt, doe.read(), len(doe.notes)) == ("1", 2, b"1", 1)
    assert roe.read() == b"2"


def test_what_is_named_otherwise_in_an_export_is_graded_and_told(export):
    files = {"a_1_2_quiz.ipynb": b"1", "b_2_3_quiz.ipynb": b"2", "by mail.ipynb": b"3"}
    found = look_into(export(files))
    assert [(s.kind, s.student) for s in found.submissions] == [("canvas", "1"), ("canvas", "2"), ("plain", "by mail")]
    assert "Read as Canvas: 2, a plain collection: 1." in found.notes
    assert any("by mail.ipynb' is not named like most others: read as a plain" in note for note in found.notes)


def test_several_notebooks_in_one_submission_are_nobodys_guess(export):
    found = find_submissions(export({"ada/a.ipynb": b"1", "ada/b.ipynb": b"2", "bob/c.ipynb": b"3"}))
    with pytest.raises(IntakeError, match=r"Expected one notebook, got 2: .*a.ipynb', .*b.ipynb'. The student"):
        found[0].read()
    assert found[1].read() == b"3"


def test_a_plain_notebook_tells_when_it_was_changed_last(tmp_path):
    (tmp_path / "ada.ipynb").write_bytes(NOTEBOOK)
    os.utime(tmp_path / "ada.ipynb", (1_700_000_000, 1_700_000_000))
    assert find_submissions(tmp_path)[0].when == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_submissions_can_be_sent_to_another_process(export):
    for each in find_submissions(export({"ada.ipynb": b"1", "bob.zip": zipped({"q.ipynb": b"1"}), "eve.zip": b""})):
        again = pickle.loads(pickle.dumps(each))
        assert again == each
        if each.student != "eve":
            assert again.read() == b"1"


# ------------------------------------------------------------------------------------------------ ids


def test_ids_are_safe_unique_and_the_same_in_each_run(tmp_path):
    names = ["..", "c/../../b", "A", "a", "ä", "Ä", "a b", "a-b", "CON", "日本", "-rf", "<script>", "\n"]
    names += ["x" * 200, "x" * 201]
    content = zipped([(f"{name}.ipynb", NOTEBOOK) for name in names])
    first, second = (find_submissions(in_zip(tmp_path, content)) for _ in range(2))
    ids = [each.id for each in first]
    assert ids == [each.id for each in second]
    assert len({each.lower() for each in ids}) == len(ids) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,52}", each) for each in ids)


def test_attempts_and_kinds_have_ids_of_their_own(tmp_path):
    names = [
        "doe_1_2_q.ipynb",
        "doe_LATE_1_4_q.ipynb",
        "doe_1_3_q-1.ipynb",
        "1.ipynb",
        "doe_1_assignsubmission_file_q.ipynb",
    ]
    found = find_submissions(in_zip(tmp_path, zipped(dict.fromkeys(names, NOTEBOOK))))
    assert len({each.id for each in found}) == 5


# ------------------------------------------------------------------------------------------------ attempts


def handed_in(student="101", attempt=1, late=False, when=None, kind="canvas") -> Submission:
    owner = Owner(kind, student, student, frozenset({student}), attempt, late)
    return Submission(owner.id, kind, student, student, owner.identities, attempt, late, when, "", (), bytes)


def graded(right: int, of: int = 10) -> Result:
    marks = (Mark(str(i), "number", "", "1", RIGHT if i < right else WRONG, "") for i in range(of))
    return Result("", 1, tuple(marks), (), False)


FIRST, SECOND, THIRD, OTHER = handed_in(), handed_in(attempt=2), handed_in(attempt=3, late=True), handed_in("7")


@pytest.mark.parametrize(
    ("rule", "late", "chosen", "why"),
    [
        ("last", "accept", THIRD, "Attempt 3 counts: the last of 3."),
        ("first", "accept", FIRST, "Attempt 1 counts: the first of 3."),
        ("last", "refuse", SECOND, "Attempt 2 counts: the last of 2 in time; refused for being late: 1."),
        ("last", "50", THIRD, "Attempt 3 counts: the last of 3."),
    ],
)
def test_one_attempt_of_each_student_counts(rule, late, chosen, why):
    got = choose([THIRD, OTHER, FIRST, SECOND], rule, Lateness.parse(late))
    assert {each.submission: each.notes for each in got} == {chosen: (why,), OTHER: ()}


def test_a_late_attempt_is_all_there_is():
    (only,) = choose([THIRD], "last", Lateness.parse("refuse"))
    assert only.submission is THIRD
    assert Lateness.parse("refuse").points(THIRD, graded(7))[0] == 0


def test_the_best_attempt_is_the_best_after_what_lateness_costs():
    results = {FIRST: graded(5), SECOND: graded(5), THIRD: graded(9), OTHER: graded(0)}
    for late, chosen, why in (
        ("accept", THIRD, "Attempt 3 counts: the best of 3."),
        ("50%", SECOND, "Attempt 2 counts: the best of 3; of 2 as good, the latest."),
    ):
        got = best(results, Lateness.parse(late))
        assert {each.submission: each.notes for each in got} == {chosen: (why,), OTHER: ()}


@pytest.mark.parametrize(
    ("late", "points", "words"),
    [
        ("accept", 7, "Late, and accepted."),
        ("refuse", 0, "Late, and so refused; in time it would have earned 7."),
        ("100", 0, "Late, and so refused; in time it would have earned 7."),
        ("15", 5.95, "Late: 7 less 15 % leaves 5.95."),
    ],
)
def test_what_lateness_costs(late, points, words):
    assert Lateness.parse(late).points(THIRD, graded(7)) == (points, (words,))
    assert Lateness.parse(late).points(FIRST, graded(7)) == (7, ())


def test_a_time_is_held_against_when_it_was_due():
    due = datetime(2026, 5, 1, 12, tzinfo=UTC)
    lateness = Lateness.parse("50", due)
    for minutes, points in ((0, 7), (1, 3.5)):
        plain = handed_in(kind="plain", when=due + timedelta(minutes=minutes))
        assert lateness.points(plain, graded(7))[0] == points
    points, words = lateness.points(handed_in(kind="moodle"), graded(7))
    assert points == 7 and words == ("The export does not say when it was handed in: taken as in time.",)
    assert lateness.points(FIRST, graded(7)) == (7, ())  # Canvas would have said so


@pytest.mark.parametrize("late", ["never", "-1", "101", "nan", ""])
def test_lateness_that_is_not_understood(late):
    with pytest.raises(ValueError, match=f"expected accept, refuse, or per cent from 0 to 100, got '{late}'"):
        Lateness.parse(late)


def test_the_best_can_not_be_chosen_before_grading():
    with pytest.raises(ValueError, match="Unknown rule for attempts that are not graded yet 'best'"):
        choose([FIRST], "best")


# ------------------------------------------------------------------------------------------------ hostile


def test_names_are_made_visible_and_short(tmp_path):
    name = "a\n\x1b[31m\u202eb" + "x" * 60_000
    (only,) = find_submissions(in_zip(tmp_path, zipped({f"{name}/q.ipynb": NOTEBOOK})))
    assert only.student.startswith(r"a\n\x1b[31m\u202ebxxx") and "59809 more characters" in only.student
    assert len(only.student) < 260 and len(only.id) < 54 and only.read() == NOTEBOOK
    for text in (only.student, only.origin, only.name):
        assert text == visible(text, 10_000)


def test_a_name_that_leads_out_of_a_zip_leads_nowhere(tmp_path):
    files = {
        "../../etc/ada.ipynb": b"1",
        "/root/bob.ipynb": b"2",
        "C:\\up\\eve.ipynb": b"3",
        "..\\..\\jo/x.ipynb": b"4",
    }
    before = set(tmp_path.parent.rglob("*"))
    found = find_submissions(in_zip(tmp_path, zipped(files)))
    assert {each.student: each.read() for each in found} == {"etc": b"1", "root": b"2", "C:": b"3", "jo": b"4"}
    assert set(tmp_path.parent.rglob("*")) - before == {tmp_path / "export.zip"}


def test_a_file_name_that_is_no_text(tmp_path):
    (tmp_path / os.fsdecode(b"\xff.ipynb")).write_bytes(NOTEBOOK)
    (only,) = find_submissions(tmp_path)
    assert only.student == r"\udcff" and only.read() == NOTEBOOK and only.origin.isprintable()


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "secret.ipynb").write_bytes(b"solutions")
    inside = tmp_path / "in"
    (inside / "bob").mkdir(parents=True)
    (inside / "ada.ipynb").symlink_to(tmp_path / "secret.ipynb")
    (inside / "bob" / "quiz.ipynb").symlink_to("/etc/passwd")
    (inside / "loop").symlink_to(inside)
    found = look_into(inside)
    assert [each.student for each in found.submissions] == ["ada", "bob"]
    for each in found.submissions:
        with pytest.raises(IntakeError, match="is a link. Links are not followed: hand in the file itself"):
            each.read()
    assert "'loop' is not a notebook, and was left aside." in found.notes


def test_a_link_in_a_zip_is_not_a_notebook(tmp_path):
    link = zipfile.ZipInfo("ada.ipynb")
    link.external_attr = 0o120777 << 16
    assert "'ada.ipynb' is a link." in unread(in_zip(tmp_path, zipped([(link, b"/etc/passwd")])))


def test_a_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "ada.ipynb")
    assert "'ada.ipynb' is not a file." in unread(tmp_path)


@pytest.mark.parametrize("place", ["a zip", "a zip in a zip", "a folder"])
def test_the_largest_notebook_and_one_byte_more(tmp_path, monkeypatch, place):
    for module in (items, zips):
        monkeypatch.setattr(module, "LARGEST", 2**20)

    def handed_in(size):
        if place == "a folder":
            (tmp_path / "ada.ipynb").write_bytes(bytes(size))
            return tmp_path
        content = zipped({"q.ipynb": bytes(size)})
        return in_zip(tmp_path, content if place == "a zip" else zipped({"ada.zip": content}))

    assert len(find_submissions(handed_in(2**20))[0].read()) == 2**20
    assert "is larger than 1 MB, the most that is read" in unread(handed_in(2**20 + 1))


def test_a_zip_bomb_is_unpacked_no_further_than_the_limit(tmp_path, monkeypatch):
    for module in (items, zips):
        monkeypatch.setattr(module, "LARGEST", 2**20)
    honest = zipped({"q.ipynb": bytes(50 * 2**20)})
    lying = bytearray(honest)
    (directory,) = struct.unpack_from("<I", honest, honest.rindex(b"PK\x05\x06") + 16)
    struct.pack_into("<I", lying, directory + 24, 1000)  # claims that 1,000 bytes come out
    for content, message in ((honest, "is larger than 1 MB"), (bytes(lying), "is broken inside its zip file")):
        path = in_zip(tmp_path, zipped({"ada.zip": content}))
        tracemalloc.start()
        assert message in unread(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 5 * 2**20


def test_a_zip_in_a_zip_in_a_zip_is_not_opened(tmp_path):
    inner = zipped({"b.zip": zipped({"q.ipynb": NOTEBOOK})})
    assert "Expected one notebook in 'ada.zip', found none." == unread(in_zip(tmp_path, zipped({"ada.zip": inner})))


def test_a_zip_with_two_notebooks_or_very_many_files(tmp_path):
    two = zipped([("a.ipynb", b""), ("b.ipynb", b"")])
    assert "found 2: 'a.ipynb', 'b.ipynb'." in unread(in_zip(tmp_path, zipped({"ada.zip": two})))
    many = zipped([(f"{i}.txt", b"") for i in range(1001)] + [("q.ipynb", b"")])
    assert "has more than 1,000 entries" in unread(in_zip(tmp_path, zipped({"ada.zip": many})))


def test_an_export_with_too_many_files_is_refused(tmp_path, monkeypatch):
    for module in (items, zips):
        monkeypatch.setattr(module, "MOST", 3)
    for i in range(4):
        (tmp_path / f"{i}.ipynb").write_bytes(NOTEBOOK)
    with pytest.raises(IntakeError, match="More than 3 files in .*: is this the folder of the submissions"):
        look_into(tmp_path)
    with pytest.raises(IntakeError, match="export.zip has more than 3 entries: is this the export"):
        look_into(in_zip(tmp_path, zipped({f"{i}.ipynb": b"" for i in range(4)})))


def test_two_entries_of_one_name(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = zipped([("ada.ipynb", b"1"), ("ada.ipynb", b"2")])
    assert "Expected one notebook, got 2: 'ada.ipynb', 'ada.ipynb'." in unread(in_zip(tmp_path, content))


def test_an_encrypted_entry(tmp_path):
    content = bytearray(zipped({"ada.ipynb": NOTEBOOK}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "'ada.ipynb' is encrypted: hand it in without a password." in unread(in_zip(tmp_path, bytes(content)))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packing_that_can_not_be_undone_piece_by_piece(tmp_path, method):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("ada.ipynb", NOTEBOOK)
    assert "is packed in an unusual way: use an ordinary zip file" in unread(in_zip(tmp_path, buffer.getvalue()))


@pytest.mark.parametrize("broken", [b"", b"PK\x03\x04", b"hello", zipped({"q.ipynb": NOTEBOOK})[:60]])
def test_a_broken_zip_of_one_student_does_not_stop_the_others(export, broken):
    bob, eve = find_submissions(export({"bob.zip": broken, "eve.ipynb": NOTEBOOK}))
    assert eve.read() == NOTEBOOK
    with pytest.raises(IntakeError, match="bob.zip' is broken, or not a zip file: "):
        bob.read()


def test_damage_inside_a_zip(tmp_path):
    content = bytearray(zipped({"ada.ipynb": os.urandom(5000)}))
    content[2000:2010] = bytes(10)
    assert "'ada.ipynb' is broken inside its zip file: " in unread(in_zip(tmp_path, bytes(content)))


def test_nothing_to_grade(tmp_path):
    with pytest.raises(IntakeError, match="There is nothing at .*nowhere: expected a folder or a zip file"):
        look_into(tmp_path / "nowhere")
    (tmp_path / "readme.txt").write_text("hello")
    with pytest.raises(IntakeError, match="No submissions in .*: expected an export of Canvas or Moodle"):
        look_into(tmp_path)
    with pytest.raises(IntakeError, match="'readme.txt' is broken, or not a zip file"):
        look_into(tmp_path / "readme.txt")
