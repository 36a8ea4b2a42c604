"""The grader: cheats earn nothing, oddities cost nothing, and nobody's notebook stops the others'."""

import json
import math
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest
from handed_in import CHEATS, DO_IT, KEYS, ODDITIES, QUIZ, answer, form, lying_recipe, quick
from nbformat.v4 import new_code_cell

from gan_course.grading import batch as batches
from gan_course.grading import sandbox as sandboxes
from gan_course.grading.batch import Batch, GradingError
from gan_course.grading.bench import verdicts
from gan_course.grading.blank import blank_keys
from gan_course.grading.inside import carried, plain
from gan_course.grading.intake import find_submissions
from gan_course.grading.judge import Judge, shown
from gan_course.grading.sandbox import Limits, Sandbox, SandboxError
from gan_course.grading.transplant import NotANotebook, Section, transplant
from gan_course.quiz.keys import QUESTIONS
from gan_course.quiz.question import NOT_ATTEMPTED, RIGHT, WRONG
from gan_course.quiz.sheets import to_json

SECRET = "only-the-teacher-knows"
SHORT = Limits(seconds=4)  # so a submission may last 12
ALL_BUT_THE_RUN = len(KEYS) - 1


def file_of(name):
    return name.replace(" ", "-").replace("'", "")


@pytest.fixture(scope="module", autouse=True)
def bubblewrap():
    """Where it is missing these tests are skipped, and fail where CI is set."""
    if not shutil.which("bwrap"):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("bubblewrap is not installed")


@pytest.fixture(scope="module")
def listener():
    """A server of the teacher's machine; whoever reaches it is remembered."""
    callers = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen():
            while True:
                try:
                    connection, address = server.accept()
                except OSError:
                    return
                callers.append(address)
                connection.close()

        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname()[1], callers


@pytest.fixture(scope="module")
def graded(tmp_path_factory, listener):
    """All cheats and oddities, graded in one batch: results by name."""
    root = tmp_path_factory.mktemp("class")
    (root / "handed in").mkdir()
    for name, make in (CHEATS | ODDITIES).items():
        student = file_of(name) + ("-odd" if name in ODDITIES else "")
        content = make(student).replace(b"PORT", str(listener[0]).encode())
        (root / "handed in" / f"{student}.ipynb").write_bytes(content)
    os.environ["OF_THE_TEACHER"] = SECRET
    before = tree(QUESTIONS.parent)
    batch = Batch(root / "out", 1, SHORT, workers=3)
    found = {}
    submissions = find_submissions(root / "handed in")
    batch.run(submissions, lambda result: found.update({result.id: result}))
    del os.environ["OF_THE_TEACHER"]
    assert tree(QUESTIONS.parent) == before
    return {each.student: found[each.id] for each in submissions}


def tree(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if "__pycache__" not in path.parts}


def words(result):
    return " ".join([*result.notes, *(mark.words for mark in result.marks), *(mark.answer for mark in result.marks)])


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_earns_nothing(graded, name):
    result = graded[file_of(name)]
    unreadable = any(note.startswith("It can't be read") for note in result.notes)
    assert (result.points, result.of, result.by_hand) == (0, len(KEYS), unreadable), words(result)


@pytest.mark.parametrize("name", ODDITIES)
def test_an_oddity_costs_nothing(graded, name):
    result = graded[file_of(name) + "-odd"]
    assert result.points == ALL_BUT_THE_RUN, [mark for mark in result.marks if mark.state != RIGHT]
    assert [mark.state for mark in result.marks if mark.key == DO_IT] == [NOT_ATTEMPTED]


def test_there_are_as_many_of_both_as_promised():
    assert len(CHEATS) >= 25 and len(ODDITIES) >= 10


@pytest.mark.parametrize(
    "name, why",
    [
        ("fork bomb", "more than 12 s"),
        ("loop that catches everything", "more than 12 s"),
        ("uninterruptible sleep", "more than 12 s"),
        ("endless loop", "took too long"),
        ("exit", ""),
        ("flood", "said more than"),
        ("not a notebook", "expected text in UTF-8"),
        ("malformed", "cut off or damaged"),
        ("spinning processes", "of the processor"),
        ("nested JSON", "nested too deeply"),
        ("empty", "can't be read"),
        ("100 MB", "can't be read"),
        ("another student's notebook", "the notebook says 'other-"),
    ],
)
def test_the_report_says_what_happened(graded, name, why):
    assert why in words(graded[file_of(name)])


def test_strangers_see_nothing_of_the_teacher(graded, listener):
    assert listener[1] == [], "somebody reached the network"
    seen = words(graded["looks-for-files"]) + words(graded["reads-the-environment"]) + words(graded["magics"])
    assert "nothing found" in words(graded["looks-for-files"])
    for secret in (SECRET, ".toml", "solutions", "root:", "handed in", "PYTEST"):
        assert secret not in seen


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Four honest notebooks, with time enough for a run."""
    root = tmp_path_factory.mktemp("told")
    right, wrong, loop = form("right", True), form("wrong", False), quick("loop")
    answer(wrong, "ch1-role").source = 'answer = "a"'
    answer(wrong, "ch1-slope").source = "def gain(x):\n    return x / 0\n\nanswer = gain"
    answer(wrong, DO_IT).source += "\ntrainer.run(100)\nanswer = trainer.recipe()"
    answer(loop, "ch1-value").source = "while True: pass"
    (root / "in").mkdir()
    for student, notebook in {"right": right, "wrong": wrong, "loop": loop}.items():
        (root / "in" / f"{student}.ipynb").write_bytes(to_json(notebook))
    (root / "in" / "lie.ipynb").write_bytes(lying_recipe("lie"))
    found = run_batch(root, Limits(seconds=20))
    return {student: {mark.key: mark for mark in result.marks} for student, result in found.items()}


def run_batch(root, limits=SHORT):
    """Grade the folder "in" into "out"; results by student."""
    batch, found = Batch(root / "out", 1, limits), {}
    submissions = find_submissions(root / "in")
    batch.run(submissions, lambda result: found.update({result.id: result}))
    return {each.student: found[each.id] for each in submissions}


def test_all_right_with_a_run_that_is_replayed(told):
    assert {mark.state for mark in told["right"].values()} == {RIGHT}


def test_wrong_answers_are_told_why(told):
    wrong = told["wrong"]
    assert wrong["ch1-role"].words == QUIZ["questions"][0]["wrong"]["a"] and wrong["ch1-role"].answer == '"a"'
    assert "ZeroDivisionError" in wrong["ch1-slope"].words
    assert wrong[DO_IT].state == WRONG and "Replayed, the mean D(G(z))" in wrong[DO_IT].words
    assert wrong["ch1-bound"].state == NOT_ATTEMPTED


def test_a_lying_recipe_is_replayed_and_its_claims_ignored(told):
    assert RIGHT not in {mark.state for mark in told["lie"].values()}
    assert "recipe" in told["lie"][DO_IT].words


def test_an_endless_loop_costs_its_own_question_only(told):
    assert [key for key, mark in told["loop"].items() if mark.state != RIGHT] == ["ch1-value", DO_IT]


# ---- stopped and gone on with -----------------------------------------------------------------------------------

_PROGRAM = """
import sys
from pathlib import Path
from gan_course.grading.batch import Batch
from gan_course.grading.intake import find_submissions
from gan_course.grading.sandbox import Limits
root = Path(sys.argv[1])
batch = Batch(root / "out", 1, Limits(seconds=4))
batch.run(find_submissions(root / "in"), lambda result: print(result.id, flush=True))
"""


def test_killed_half_way_it_goes_on_and_comes_to_the_same(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    for number in range(24):
        notebook = quick(f"s{number}", solved=number % 3 > 0)
        (tmp_path / "in" / f"s{number}.ipynb").write_bytes(to_json(notebook))
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(tmp_path)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    told = [process.stdout.readline().strip() for _ in range(3)]
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "results").glob("*.json")}
    assert set(told) <= {path.stem for path in kept} and len(kept) < 24
    ran = []
    monkeypatch.setattr(batches, "transplant", lambda *args: ran.append(1) or transplant(*args))
    found = run_batch(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept, "something was graded twice"
    assert len(ran) <= 1 + 24 - len(kept)
    points = {student: result.points for student, result in found.items()}
    assert points == {f"s{number}": ALL_BUT_THE_RUN * (number % 3 > 0) for number in range(24)}
    assert not left_over(), "a sandbox outlived its grader"

    (tmp_path / "in" / "s0.ipynb").write_bytes(to_json(quick("s0")))  # handed in again
    (tmp_path / "out" / "results" / f"{told[0]}.json").write_text("{")
    ran.clear()
    assert run_batch(tmp_path)["s0"].points == ALL_BUT_THE_RUN
    assert len(ran) == 2, "the teacher's and the changed one; the damaged result is made again of what was handed in"


def left_over():
    """Programs of sandboxes that still run."""
    time.sleep(0.5)
    return subprocess.run(["pgrep", "-f", "gan_course.grading.inside"], capture_output=True, text=True).stdout.split()


# ---- the parts --------------------------------------------------------------------------------------------------


def test_without_bubblewrap_nothing_is_run(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match="apt install bubblewrap"):
        Batch(tmp_path / "out", 1, SHORT)


def test_a_bubblewrap_that_fails_says_how(tmp_path, monkeypatch):
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho 'No permissions to create new namespace' >&2\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match="(?s)No permissions to create.*apparmor_restrict"):
        Batch(tmp_path / "out", 1, SHORT)


def test_nobody_is_graded_if_the_teacher_is_not_right(tmp_path, monkeypatch):
    monkeypatch.setattr(sandboxes, "PROGRAM", "pass")
    with pytest.raises(GradingError, match="ch1-role: not attempted"):
        Batch(tmp_path / "out", 1, SHORT)
    with pytest.raises(GradingError, match="no quiz for chapter 9"):
        Batch(tmp_path / "out", 9, SHORT)


def test_shared_memory_counts(tmp_path):
    (tmp_path / "keys.json").write_text("{}")
    code = "import mmap\nheld = mmap.mmap(-1, 8 << 30)\nwhile True: held.write(bytes(1 << 24))"
    section = Section("ch1-role", (code,))
    said = Sandbox(tmp_path / "keys.json").run((section,), Judge(1, 5).task(), Limits(memory=200 << 20))
    assert said.ended == "it took more than 200 MB of memory" and said.began


def test_a_sandbox_that_fails_is_not_the_students_fault(tmp_path, monkeypatch):
    batch = Batch(tmp_path / "out", 1, SHORT)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "s.ipynb").write_bytes(to_json(quick("s")))
    [submission] = find_submissions(tmp_path / "in")
    found = []
    with monkeypatch.context() as broken:
        broken.setattr(batch._sandbox, "_walls", lambda limits: ["/bin/false"])
        batch.run([submission], found.append)
    assert found[0].by_hand and "The sandbox did not begin" in words(found[0]) and batch.result(submission) is None
    batch.run([submission], found.append)
    assert (found[1].points, found[1].by_hand) == (ALL_BUT_THE_RUN, False)
    monkeypatch.setattr(batches, "transplant", lambda *args: 1 / 0)
    batch.run([replace(submission, id="other")], found.append)
    assert found[2].by_hand and "ZeroDivisionError" in words(found[2])


def test_keys_for_the_sandbox_hold_no_answer():
    for question in blank_keys()["questions"].values():
        assert question["entries"] == {} and not question.get("cases") and not question["goals"]
    assert Judge(1, 5).task()["ch1-slope"]["cases"] != Judge(1, 6).task()["ch1-slope"]["cases"]
    assert set(Judge(1, 5).task()["ch1-role"]) == {"type"}


def sections(*cells):
    notebook = form("s", False)
    notebook.cells = [new_code_cell(source, **options) for source, options in cells]
    return transplant(to_json(notebook), set(KEYS)).sections


def test_cells_are_cut_into_sections():
    role, early = {"id": "answer-ch1-role"}, {"metadata": {"gan_course": {"question": "ch1-early"}}}
    check = ('quiz["ch1-role"].check(answer)', {})
    assert sections(("first", {}), ("A", role), check, ("more", {}), ("B", early)) == (
        Section("", ("first",)), Section("ch1-role", ("A",)), Section("ch1-role", ("more",), below=True),
        Section("ch1-early", ("B",)),
    )  # fmt: skip
    claimed = sections(("A", role), ("A2", {}), ("B", early), check)
    assert claimed[:2] == (Section("", ()), Section("ch1-role", ("A", "A2")))
    assert Section("ch1-role", ("C", "D")) in sections(("C", {}), ("D", {}), check)


def test_an_answer_below_the_check_counts_if_there_was_none_above(tmp_path):
    (tmp_path / "keys.json").write_text("{}")
    script = [
        Section(key, (answer,), below)
        for key, above, under in (("ch1-role", "'c'", "'a'"), ("ch1-early", "None", "'b'"))
        for answer, below in ((f"answer = {above}", False), (f"answer = {under}", True))
    ]
    said = Sandbox(tmp_path / "keys.json").run(tuple(script), Judge(1, 5).task(), SHORT)
    assert said.answers == {"ch1-role": {"value": "c"}, "ch1-early": {"value": "b"}}


def test_a_cell_that_fails_takes_no_answer_away(tmp_path):
    (tmp_path / "keys.json").write_text("{}")
    cells = (("ch1-role", "answer = 'c'"), ("ch1-role", "1 / 0"), ("ch1-early", "oops("))
    script = tuple(Section(key, (source,)) for key, source in cells)
    said = Sandbox(tmp_path / "keys.json").run(script, Judge(1, 5).task(), SHORT)
    assert said.answers["ch1-role"] == {"value": "c"} and "SyntaxError" in said.answers["ch1-early"]["faulty"]


def test_a_moved_check_takes_no_other_answer():
    moved = ('quiz["ch1-early"].check(answer)', {})
    cut = sections(("A", {"id": "answer-ch1-role"}), moved, ("B", {"id": "answer-ch1-early"}))
    assert [section.key for section in cut if "A" in section.sources] == ["ch1-role"]
    assert [section.key for section in cut if "B" in section.sources] == ["ch1-early"]


def test_the_last_id_that_was_typed_counts():
    notebook = form("s", False)
    notebook.cells.append(new_code_cell("student = 'me'  # really"))
    assert transplant(to_json(notebook), set(KEYS)).student == "me"
    notebook.cells.append(new_code_cell("student = 20231234"))
    assert transplant(to_json(notebook), set(KEYS)).student == "20231234"
    with pytest.raises(NotANotebook, match="expected up to"):
        transplant(to_json(form("s", False)).replace(b"answer = None", b"answer = " + b"1" * 300_000), set(KEYS))


@pytest.mark.parametrize(
    "answered, data",
    [
        (3, {"value": 3}),
        (True, {"value": True}),
        ({"b", "a"}, {"value": ["a", "b"]}),
        ({1: "a"}, {"value": {"1": "a"}}),
        (("a", "b"), {"value": ["a", "b"]}),
        (object(), "strange"),
    ],
)
def test_answers_travel_as_data(answered, data):
    got = carried({"type": "choose one"}, answered)
    assert got == data or list(got) == [data]


def test_numbers_of_all_kinds_are_plain():
    import fractions

    import numpy as np
    import torch

    for one in (np.float64(1.5), np.float32(1.5), torch.tensor(1.5), fractions.Fraction(3, 2)):
        assert type(plain(one)) is float and plain(one) == 1.5
    assert plain(np.bool_(True)) is True


def test_nbval_decides_and_disagreement_is_told(tmp_path):
    judge = Judge(1, 5)
    keys = ("ch1-role", "ch1-bound")
    case = {"chapter": 1, "seed": 5, "replays": str(tmp_path / "replays")}
    case["handed in"] = {
        "right": {"student": "r", "answers": {"ch1-role": {"value": "c"}, "ch1-bound": {"value": False}}},
        "wrong": {"student": "w", "answers": {"ch1-role": {"value": "a"}}},
    }
    references = {key: f"{key}: right." for key in keys}
    found = verdicts(tmp_path / "a", case, references)
    assert [found["right"][key].state for key in keys] == [RIGHT, RIGHT]
    assert found["wrong"]["ch1-role"] == judge.verdict("ch1-role", "w", {"value": "a"})
    assert found["wrong"]["ch1-bound"].state == NOT_ATTEMPTED
    found = verdicts(tmp_path / "b", case, references | {"ch1-role": "ch1-role: something else."})
    assert found["right"]["ch1-role"] is None and found["right"]["ch1-bound"].state == RIGHT


@pytest.mark.parametrize(
    "data",
    [
        {}, {"value": None}, {"value": [[[]]]}, {"value": {"a": {}}}, {"results": "x"}, {"results": [True]},
        {"results": [[[float("nan")]]]}, {"recipe": 5}, {"recipe": "{"}, {"recipe": "[" * 100_000}, {"faulty": 5},
        {"value": 10**4200}, {"value": float("inf")}, {"value": "9**9**9"}, {"state": "right"},
    ],
    ids=lambda data: next(iter(data), "nothing"),
)  # fmt: skip
def test_no_data_breaks_the_judge(data):
    judge = Judge(1, 5)
    for key in KEYS:
        assert judge.verdict(key, "s", data).state != RIGHT
    assert len(shown(data)) <= 200


def test_a_right_function_is_right_though_a_wrong_one_comes_close():
    judge = Judge(1, 5)
    near = {"math.log(1 - d_fake) - math.log(0.5) + 2e-6": "That is a little more."}
    judge._questions["ch1-slope"] = judge._questions["ch1-slope"] | {"wrong": near}
    data = carried(judge.task()["ch1-slope"], lambda x: math.log(1 - x) - math.log(0.5))
    assert judge.verdict("ch1-slope", "s", data).state == RIGHT


def test_hidden_inputs_are_told_apart_from_the_ones_learners_know():
    known = json.loads((QUESTIONS / "keys.json").read_text())["questions"]["ch1-slope"]["cases"]
    task = Judge(1, 12345).task()["ch1-slope"]
    table = carried(task, lambda x: dict((case[0], 0.5) for case in known).get(x, 0.0))
    assert Judge(1, 12345).verdict("ch1-slope", "s", table).state == WRONG
