"""`gan-course grade`, from an export to the gradebook."""

import csv
import os
import shutil
import zipfile

import pytest
from handed_in import KEYS, answer, form, quick

from gan_course.cli import main
from gan_course.grading.batch import Batch
from gan_course.quiz.bank import load_bank
from gan_course.quiz.sheets import sheet, to_json

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Quiz 1 (77),Quiz 2 (78)
Points Possible,,,,,18,10
"Lovelace, Ada",101,s101,ada,A,,3
"Noether, Emmy",102,s102,emmy,A,,
"Gauss, Carl",103,s103,carl,B,5,=1+1
"""


@pytest.fixture
def course(tmp_path, monkeypatch):
    """An empty folder to be in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def bubblewrap():
    """Where it is missing the test is skipped, and fails where CI is set."""
    if not shutil.which("bwrap"):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("bubblewrap is not installed")


def export(path, **notebooks):
    """A zip file as Canvas makes it."""
    with zipfile.ZipFile(path, "w") as file:
        for name, notebook in notebooks.items():
            file.writestr(f"{name}_9_quiz.ipynb", notebook if isinstance(notebook, bytes) else to_json(notebook))


def table(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_from_an_export_to_the_gradebook(course, bubblewrap, capsys):
    wrong = quick("emmy")
    answer(wrong, "ch1-role").source = 'answer = "a"'
    export(course / "handed in.zip", lovelaceada_101=quick("ada"), noetheremmy_LATE_102=wrong)
    (course / "grades.csv").write_text(CANVAS)
    command = ["grade", "handed in.zip", "--out", "graded", "--gradebook", "grades.csv", "--column", "Quiz 1"]
    assert main([*command, "--late", "50"]) == 0
    said = capsys.readouterr().out
    right = len(KEYS) - 1
    assert "The quiz of chapter 1, 2 submissions" in said and f"2 students, {(right + (right - 1) / 2) / 2:.1f}" in said
    rows = {row["name"]: row for row in table(course / "graded" / "results.csv")}
    assert sorted(float(row["points"]) for row in rows.values()) == [(right - 1) / 2, right]
    book = {row["Student"]: row for row in table(course / "graded" / "gradebook.csv")}
    assert book["Lovelace, Ada"]["Quiz 1 (77)"] == f"{18 * right / len(KEYS):g}"
    assert book["Noether, Emmy"]["Quiz 1 (77)"] == f"{18 * (right - 1) / 2 / len(KEYS):g}"
    assert (book["Gauss, Carl"]["Quiz 1 (77)"], book["Gauss, Carl"]["Quiz 2 (78)"]) == ("5", "=1+1")
    overview = (course / "graded" / "overview.html").read_text()
    assert "Gauss, Carl" in overview and "the detective judges" in overview
    assert len(list((course / "graded" / "students").glob("*.html"))) == 2
    assert main(command) == 0 and "2 of 2 were graded before" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments, why",
    [
        (["nothing.zip"], "There is nothing at nothing.zip"),
        (["empty"], "No submissions in empty"),
        (["plain", "--late", "maybe"], "accept, refuse, or per cent"),
        (["plain", "--gradebook", "grades.csv"], "Several columns can take points: say which with --column"),
        (["plain", "--gradebook", "grades.csv", "--column", "Quiz 3"], "Quiz 3"),
        (["plain", "--gradebook", "grades.csv", "--column", "Quiz 2"], "none of the submissions is in grades.csv"),
        (["plain", "--gradebook", "none.csv"], "none.csv"),
        (["plain", "--gradebook", "other.csv"], "Neither a gradebook of Canvas"),
        (["plain"], "no notebook here has a question of the course's quizzes"),
        (["plain", "--chapter", "9"], "no quiz for chapter 9"),
    ],
)
def test_what_is_wrong_is_said(course, capsys, arguments, why):
    (course / "empty").mkdir()
    (course / "plain").mkdir()
    (course / "plain" / "nobody.ipynb").write_text("{}")
    (course / "grades.csv").write_text(CANVAS)
    (course / "other.csv").write_text("a,b\n1,2\n")
    assert main(["grade", *arguments, "--out", "graded"]) != 0
    error = capsys.readouterr().err
    assert why in error and "Traceback" not in error


def test_without_bubblewrap_it_refuses_and_unsafe_runs(course, monkeypatch, capsys):
    (course / "in").mkdir()
    (course / "in" / "ada.ipynb").write_bytes(to_json(quick("ada")))
    monkeypatch.setenv("PATH", str(course))
    assert main(["grade", "in", "--out", "graded"]) == 1
    assert "apt install bubblewrap" in capsys.readouterr().err
    assert main(["grade", "in", "--out", "graded", "--unsafe"]) == 0
    said = capsys.readouterr().out
    assert "WITHOUT A SANDBOX" in said and f"1 students, {len(KEYS) - 1}.0 of {len(KEYS)}" in said


def test_ctrl_c_says_how_to_go_on(course, monkeypatch, capsys):
    (course / "in").mkdir()
    (course / "in" / "ada.ipynb").write_bytes(to_json(form("ada", False)))
    monkeypatch.setattr(Batch, "__init__", lambda self, *args: None)
    monkeypatch.setattr(Batch, "result", lambda self, submission: None)

    def interrupted(self, submissions, each):
        raise KeyboardInterrupt

    monkeypatch.setattr(Batch, "run", interrupted)
    assert main(["grade", "in", "--out", "graded"]) == 130
    assert "0 of 1 are graded" in capsys.readouterr().out


def test_the_chapter_is_told_by_the_notebooks(course, monkeypatch, capsys):
    (course / "in").mkdir()
    bank = load_bank()
    for number, student in ((3, "a"), (3, "b"), (5, "c")):
        (course / "in" / f"{student}.ipynb").write_bytes(to_json(sheet(number, bank[number], False, student)))
    seen = []
    monkeypatch.setattr(Batch, "__init__", lambda self, folder, chapter, *args: seen.append(chapter))
    monkeypatch.setattr(Batch, "result", lambda self, submission: None)
    monkeypatch.setattr(Batch, "run", lambda *args: (_ for _ in ()).throw(KeyboardInterrupt))
    main(["grade", "in", "--out", "graded"])
    assert seen == [3]
