"""Questions: what is right, what is wrong and why, what stays hidden, and notebooks that nbval can judge."""

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

from gan_course.quiz import Quiz, build, finished, progress, sheets
from gan_course.quiz.answers import nearby, parts
from gan_course.quiz.bank import BankError, cases, function, load_bank, variants
from gan_course.quiz.build import files
from gan_course.quiz.keys import KEYS, QUESTIONS, load_keys
from gan_course.quiz.numbers import Unreadable, read_number
from gan_course.quiz.question import NOT_ATTEMPTED, RIGHT, WRONG, Question, pick
from gan_course.quiz.reached import ProgressError, progress_file
from gan_course.quiz.validate import failing_cells

ROOT = Path(__file__).parents[1]
BANK = load_bank()
ALL = {question["key"]: question for chapter in BANK.values() for question in chapter["questions"]}
SEALED = load_keys()["questions"]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_COURSE_HOME", str(tmp_path / "home"))


def of_type(kind):
    return [key for key, question in ALL.items() if question["type"] == kind]


def asked(key, student=""):
    return Question(key, SEALED[key], student)


def numbers_of(key, student=""):
    every = variants(ALL[key])
    return every[pick(key, student, len(every))]


# ---- the bank ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(1, 7))
def test_a_chapter_has_six_questions_of_five_types_and_one_to_do(number):
    questions = BANK[number]["questions"]
    kinds = [question["type"] for question in questions]
    assert len(questions) >= 6 and len(set(kinds)) >= 5 and kinds.count("do it") == 1
    chapter = nbformat.read(ROOT / "notebooks" / f"{number:02}_{BANK[number]['file']}.ipynb", 4) if number < 4 else None
    assert chapter is None or BANK[number]["title"].strip("?") in chapter.cells[0].source


def test_everything_is_built_as_the_bank_says():
    for path, content in files(BANK).items():
        assert path.read_bytes() == content, f"{path} is old: run `python -m gan_course.quiz.build`"


def test_a_slip_in_the_bank_is_said_without_a_traceback(monkeypatch):
    def broken():
        raise BankError("01.toml is not TOML: a quotation mark (at line 4, column 9)")

    monkeypatch.setattr(build, "load_bank", broken)
    with pytest.raises(SystemExit, match="Nothing was built. 01.toml is not TOML.*line 4"):
        build.main([])


@pytest.mark.parametrize(
    "change, why",
    [
        ({"wrong": {"a": "because"}}, "does not say which misconception it is to answer c"),
        ({"type": "chose one"}, "Did you mean 'choose one'"),
        ({"key": "role"}, "should begin with 'ch1-'"),
        ({"hints": []}, "no hints"),
        ({"solution": None}, "lacks solution"),
    ],
)
def test_a_question_that_lacks_something_is_refused_by_name(tmp_path, change, why):
    question = {"key": "ch1-x", "type": "choose one", "text": "?", "answer": "b", "hints": ["h"], "solution": "s"}
    question |= {"options": {"a": "1", "b": "2", "c": "3"}, "wrong": {"a": "because", "c": "because"}} | change
    lines = [f"{name} = {json.dumps(value)}" for name, value in question.items() if isinstance(value, (str, list))]
    for name in ("options", "wrong"):
        lines += [f"[questions.{name}]", *(f'{letter} = "{words}"' for letter, words in question[name].items())]
    (tmp_path / "01.toml").write_text("\n".join(['title = "t"', "[[questions]]", *lines]))
    with pytest.raises(BankError, match=f"01.toml.*{re.escape(why)}"):
        load_bank(tmp_path)


# ---- right, wrong, not attempted --------------------------------------------------------------------------------


@pytest.mark.parametrize("key", of_type("choose one"))
def test_every_wrong_choice_names_its_misconception(key):
    for letter in ALL[key]["options"]:
        verdict = asked(key).check(letter.upper())
        if letter == ALL[key]["answer"]:
            assert verdict.state == RIGHT and repr(verdict) == f"{key}: right."
        else:
            assert (verdict.state, verdict.words) == (WRONG, ALL[key]["wrong"][letter])


@pytest.mark.parametrize("key", of_type("true or false"))
def test_true_or_false(key):
    right = ALL[key]["answer"]
    assert asked(key).check(np.bool_(right)).state == asked(key).check(str(right)).state == RIGHT
    assert asked(key).check(not right).words == ALL[key]["wrong"]
    assert asked(key).check(int(right)).state == NOT_ATTEMPTED


@pytest.mark.parametrize("key", of_type("choose many"))
def test_of_many_each_wrong_letter_is_told(key):
    right, options = ALL[key]["answer"], ALL[key]["options"]
    assert asked(key).check(", ".join(right)).state == asked(key).check(set(right)).state == RIGHT
    for letter in options:
        other = set(right) ^ {letter}
        assert asked(key).check(other).words == ALL[key]["wrong"][letter]
    assert asked(key).check("xy").state == NOT_ATTEMPTED


@pytest.mark.parametrize("key", of_type("number"))
@pytest.mark.parametrize("student", ["", "anna", "17"])
def test_numbers_right_and_wrong_for_each_students_own(key, student):
    question, numbers = ALL[key], numbers_of(key, student)
    right = read_number(question["answer"], names=numbers)
    tolerance = question.get("tolerance", 0)
    answers = [right, np.float64(right), f"{right!r} {question.get('unit', '')}", right + 0.99 * tolerance]
    assert [asked(key, student).check(answer).state for answer in answers] == [RIGHT] * 4
    assert asked(key, student).check(right + 2.1 * tolerance + 1e-3 * (not tolerance)).state == WRONG
    for wrong, words in question["wrong"].items():
        value = read_number(wrong, names=numbers)
        if (
            abs(value - right) > 3 * tolerance
            and sum(_near(question, value, other, numbers) for other in question["wrong"]) == 1
        ):
            assert asked(key, student).check(value).words == (words.format(**numbers) if numbers else words)


def _near(question, value, other, numbers):
    return abs(value - read_number(other, names=numbers)) <= 3 * question.get("tolerance", 0)


def test_every_wrong_calculation_is_told_to_somebody():
    for key in of_type("number"):
        said = set()
        for student in map(str, range(15)):
            numbers = numbers_of(key, student)
            for wrong in ALL[key]["wrong"]:
                said.add(asked(key, student).check(read_number(wrong, names=numbers)).words)
        plain = {words.split("{")[0] for words in ALL[key]["wrong"].values()}
        assert all(any(words.startswith(each) for words in said) for each in plain), key


@pytest.mark.parametrize("key", of_type("match"))
def test_a_wrong_match_is_told_by_its_item(key):
    right = ALL[key]["answer"]
    assert asked(key).check(right).state == asked(key).check({int(n): x for n, x in right.items()}).state == RIGHT
    for item in right:
        letter = next(letter for letter in ALL[key]["options"] if letter != right[item])
        assert asked(key).check(right | {item: letter}).words == ALL[key]["wrong"][item]
    assert "Expected a letter for each number" in asked(key).check({"1": "a"}).words


@pytest.mark.parametrize("key", of_type("order"))
def test_a_wrong_order_names_what_stands_too_early(key):
    right = ALL[key]["answer"]
    assert asked(key).check(list(right)).state == asked(key).check(" ".join(right)).state == RIGHT
    for i in range(1, len(right)):
        swapped = right[: i - 1] + right[i] + right[i - 1] + right[i + 1 :]
        assert asked(key).check(swapped).words == ALL[key]["wrong"][right[i]]
    assert asked(key).check(right[1:]).state == NOT_ATTEMPTED


@pytest.mark.parametrize("key", of_type("code"))
def test_a_function_is_judged_on_inputs_that_tell_every_mistake(key):
    question = ALL[key]
    assert asked(key).check(function(question, question["answer"])).state == RIGHT
    assert asked(key).check(lambda *a: np.asarray(function(question, question["answer"])(*a))).state == RIGHT
    for expression, words in question["wrong"].items():
        assert asked(key).check(function(question, expression)).words == words
    assert asked(key).check(lambda *a: 0).state == WRONG
    assert asked(key).check(lambda *a: None).state == NOT_ATTEMPTED
    assert "ZeroDivisionError" in asked(key).check(lambda *a: 1 / 0).words
    assert "without parentheses" in asked(key).check(0.5).words


def test_a_grader_can_take_other_hidden_inputs():
    for key in of_type("code"):
        assert cases(ALL[key], seed=1) == cases(ALL[key], seed=1) != cases(ALL[key], seed=2)
        right = function(ALL[key], ALL[key]["answer"])
        for wrong in ALL[key]["wrong"]:
            tried = ALL[key] | {"cases": cases(ALL[key], seed=1)}
            assert parts(tried, right) != parts(tried, function(ALL[key], wrong))


@pytest.mark.parametrize(
    "text, value",
    [
        ("14**2", 196),
        ("14^2", 196),
        ("1,024", 1024),
        (" 196 patches", 196),
        ("(224/16)**2", 196),
        ("log(4)", np.log(4)),
    ],
)
def test_forms_of_a_number(text, value):
    assert read_number(text, "patches") == pytest.approx(value)


@pytest.mark.parametrize(
    "bad", ["", "x", "__import__('os')", "2**9**9", "1/0", "inf", float("nan"), True, [1, 2], np.ones(3), "(-1)**0.5"]
)
def test_what_is_no_number_is_said_to_be_none(bad):
    with pytest.raises(Unreadable, match="Expected"):
        read_number(bad)


def test_a_tolerance_takes_all_within_and_nothing_beyond_twice():
    rng = np.random.default_rng(0)
    for right, offset in zip(rng.uniform(-9, 9, 300), rng.uniform(-3, 3, 300)):
        taken = nearby(right + offset * 0.01, 0.01)[1] in nearby(right, 0.01)
        assert taken if abs(offset) <= 0.999 else not taken or abs(offset) < 2


def test_three_states_in_plain_words_the_same_every_time():
    first, second = asked("ch1-role"), asked("ch1-role")
    assert repr(first.check(None)) == "ch1-role: not attempted. Put your answer in the cell above."
    assert "Expected a letter of a, b, c, d, got 'x'" in repr(first.check("x"))
    wrong = repr(first.check("a"))
    assert wrong.startswith("ch1-role: wrong. That is the discriminator's part") and wrong == repr(second.check("a"))
    assert repr(first.check("c")) == "ch1-role: right."


def test_hints_are_graded_and_the_solution_waits_for_an_attempt():
    question = asked("ch1-role")
    hints = [repr(question.hint()) for _ in range(3)]
    assert hints[0].startswith("Hint 1 of 2: In the story") and hints[1] == hints[2] != hints[0]
    question.check("x")
    assert "opens after an attempt" in repr(question.solution())
    question.check("a")
    assert repr(question.solution()) == ALL["ch1-role"]["solution"]


def test_neighbours_get_other_numbers_and_each_always_the_same():
    for key in [key for key, question in ALL.items() if "draw" in question]:
        got = [asked(key, f"student{i}").text for i in range(40)]
        assert len(set(got)) >= 4 and got == [asked(key, f" student{i} ").text for i in range(40)]
    texts = [[question.text for question in Quiz(3, student)] for student in ("anna", "ben", "carl")]
    assert texts[0] != texts[1] != texts[2]


def test_a_name_that_is_not_there_is_told():
    with pytest.raises(ValueError, match="Did you mean 'ch1-role'"):
        Quiz(1)["ch1-rolle"]
    with pytest.raises(ValueError, match="Unknown chapter with a quiz '9'"):
        Quiz(9)


# ---- what stays hidden ------------------------------------------------------------------------------------------


def test_keys_show_neither_answers_nor_what_is_said_of_them():
    sheets_of_students = sorted((ROOT / "notebooks" / "quizzes").glob("*.ipynb"))
    text = "".join(path.read_text(encoding="utf-8") for path in (KEYS, *sheets_of_students))
    for key, question in ALL.items():
        said = question.get("wrong", {})
        for words in [question["solution"], *question["hints"], *(said.values() if isinstance(said, dict) else [said])]:
            longest = max(re.split(r"\{.*?\}", words), key=len)[:40]
            assert len(longest) < 12 or longest not in text, key
        assert "answer" not in SEALED[key] and "wrong" not in SEALED[key]


def test_the_right_entry_looks_like_the_others():
    for key, question in SEALED.items():
        assert len({len(sealed) for sealed in question["entries"].values()}) <= 1, key
        assert list(question["entries"]) == sorted(question["entries"])


def test_a_teacher_can_leave_the_solutions_out():
    content = files({1: BANK[1]}, solutions=False)[KEYS]
    question = Question("ch1-role", json.loads(content)["questions"]["ch1-role"])
    question.check("a")
    assert "Your teacher has kept" in question.solution() and "Hint 1" in question.hint()


def test_the_quiz_needs_no_pytorch_and_no_bank(tmp_path):
    code = "import sys, gan_course.quiz as q; q.Quiz(1)['ch1-role'].check('a'); "
    code += "print('torch' in sys.modules, 'gan_course.quiz.bank' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "False False\n", done.stderr


# ---- a run to hand in -------------------------------------------------------------------------------------------


def collapsed(**changes):
    from gan_course import TrainConfig, Trainer

    settings = SEALED["ch4-do"]["start"] | dict(lr_d=1e-4, lr_g=5e-3) | changes
    return Trainer(TrainConfig(**settings))


def test_a_run_is_replayed_and_measured_whatever_its_recipe_claims(tmp_path):
    run = collapsed()
    run.run(300)
    path = tmp_path / "run.json"
    path.write_text(run.recipe().to_json().replace(run.recipe().end_digest, "0" * 16))
    assert asked("ch4-do").check(str(path)).state == RIGHT
    honest = json.loads(run.recipe().to_json())
    honest["config"] |= {"lr_d": 1e-3, "lr_g": 1e-3}  # the fingerprints of a collapsed run on one that did not
    verdict = asked("ch4-do").check(json.dumps(honest))
    assert verdict.state == WRONG and re.search(
        r"modes with 1% of the samples is [4-8]; it should be at most 3", verdict.words
    )


@pytest.mark.parametrize("key", of_type("do it"))
def test_the_given_settings_alone_are_not_what_was_asked_for(key):
    from gan_course import TrainConfig, Trainer

    recipe = json.loads(Trainer(TrainConfig(**SEALED[key]["start"])).recipe().to_json())
    recipe["steps"] = SEALED[key]["steps"][0]
    verdict = asked(key).check(json.dumps(recipe))
    assert verdict.state == WRONG and "it should be at" in verdict.words


@pytest.mark.parametrize(
    "changes, rounds, why",
    [
        ({"seed": 2}, 300, "starts from other settings of seed"),
        ({}, 30, "Expected a run of 300 to 600 rounds, this has 30"),
    ],
)
def test_a_run_by_other_rules_is_refused(changes, rounds, why):
    run = collapsed(width=2, **changes) if changes else collapsed()
    recipe = json.loads(run.recipe().to_json()) | {"steps": rounds}
    verdict = asked("ch4-do").check(json.dumps(recipe))
    assert verdict.state == WRONG and why in verdict.words.replace("width, seed", "seed")


def test_a_run_may_change_only_what_is_free_and_not_endlessly():
    recipe = json.loads(collapsed().recipe().to_json()) | {"steps": 300}
    assert "It changes g_steps" in asked("ch4-do").check(json.dumps(recipe | {"changes": {"g_steps": [5, 3]}})).words
    assert "It starts from" in asked("ch1-do").check(json.dumps(recipe)).words
    start = json.loads(collapsed(**{"d_steps": 1, "lr_d": None, "lr_g": None}).recipe().to_json()) | {"steps": 300}
    assert (
        "More than 10 updates" in asked("ch1-do").check(json.dumps(start | {"changes": {"d_steps": [0, 10**9]}})).words
    )
    assert "your own data" in asked("ch4-do").check(json.dumps(recipe | {"own": ["data"]})).words
    assert "Expected a recipe" in asked("ch4-do").check("{}").words
    assert "Expected a recipe" in asked("ch4-do").check(7).words


# ---- progress ---------------------------------------------------------------------------------------------------


def test_progress_is_kept_in_one_readable_file():
    quiz = Quiz(1)
    quiz["ch1-role"].check("a")
    quiz["ch1-role"].check("c")
    quiz["ch1-role"].check("a")  # what was right stays right
    quiz["ch1-bound"].check(True)
    quiz["ch1-early"].check(None)
    finished(1)
    finished(1, mission=2)
    finished(1, mission=2)
    assert json.loads(progress_file().read_text()) == {
        "questions": {"ch1-role": "right", "ch1-bound": "tried"},
        "chapters": ["1"],
        "missions": ["1.2"],
    }
    row = next(line for line in repr(progress()).splitlines() if line.startswith("1 "))
    assert row.split()[-7:] == ["yes", "1", "of", str(len(quiz)), "1", "of", "3"]


def test_a_damaged_file_of_progress_is_said_and_left_alone_and_stops_no_quiz():
    progress_file().parent.mkdir(parents=True)
    progress_file().write_text("{")
    with pytest.raises(ProgressError, match="can't be read as progress"):
        progress()
    assert Quiz(1)["ch1-role"].check("c").state == RIGHT
    assert progress_file().read_text() == "{"
    with pytest.raises(ValueError, match="missions 1 to 3, got 4"):
        finished(1, mission=4)


# ---- notebooks --------------------------------------------------------------------------------------------------


@pytest.mark.timeout(400)
def test_nbval_passes_the_teachers_forms():
    command = [sys.executable, "-m", "pytest", "--nbval", "-pno:cacheprovider", "-q", "notebooks/solutions"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    answers = sum(2 * len(chapter["questions"]) for chapter in BANK.values())
    passed = re.search(r"(\d+) passed in", done.stdout)
    assert done.returncode == 0 and int(passed.group(1)) >= answers + len(BANK), done.stdout[-3000:]


def answered(tmp_path, number, answers):
    """A student's form of chapter `number` with some answers in it, as the student would write them."""
    notebook = sheets.sheet(number, BANK[number], solved=False)
    for cell in notebook.cells:
        if cell.id in answers:
            cell.source = f"answer = {answers[cell.id]}"
    path = tmp_path / "quiz.ipynb"
    path.write_bytes(sheets.to_json(notebook))
    return path


def test_nbval_fails_at_exactly_the_unanswered_questions():
    expected = [f"check-{question['key']}" for question in BANK[2]["questions"]]
    assert failing_cells(QUESTIONS.parents[1] / "notebooks" / "quizzes" / "02_optimal_discriminator.ipynb") == expected


def test_nbval_fails_at_exactly_the_wrong_answers(tmp_path):
    answers = {
        "answer-ch5-can": "'d'",
        "answer-ch5-blind": "True",
        "answer-ch5-plane": "'a'",
        "answer-ch5-control": "1 +",
    }
    answers["answer-ch5-walks"] = "{1: 'b', 2: 'c', 3: 'a'}"
    left = ["blind", "sizes", "control", "axes", "obedience", "do"]
    expected = [f"check-ch5-{name}" for name in left]
    expected.insert(2, "answer-ch5-control")  # its syntax is wrong
    assert failing_cells(answered(tmp_path, 5, answers)) == expected


def test_answer_cells_carry_their_key_for_a_grader():
    for folder in ("quizzes", "solutions"):
        for number, chapter in BANK.items():
            notebook = nbformat.read(ROOT / "notebooks" / folder / sheets.file_name(number, chapter), as_version=4)
            found = {
                cell.metadata.gan_course.question: cell.id
                for cell in notebook.cells
                if "answer" in cell.metadata.get("tags", [])
            }
            assert found == {question["key"]: f"answer-{question['key']}" for question in chapter["questions"]}
