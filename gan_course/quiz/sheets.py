"""Quiz notebooks: a student's form with blank answers, and a teacher's with the right ones.

Both hold the outputs that *right* answers have, so that nbval fails at exactly the questions that are not right.
Answer cells carry their question's key in their id and metadata, for a grader to find.
"""

import json
import re

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from gan_course.notebooks import METADATA
from gan_course.quiz.bank import EVERYWHERE, variants
from gan_course.quiz.question import RIGHT, Verdict, asked, pick, shown

_HOW = """Write your answers into the cells below the questions, in place of `None`, and run the cell after each.
Run all cells once before you begin: the outputs stored in this file are those of *right* answers, for nbval.

Stuck? `quiz["{key}"].hint()` helps, each time a little more, and after an attempt `quiz["{key}"].solution()` explains.
Rather click than type? `quiz["{key}"].card()` shows a card, and the line to write into the cell.
`from gan_course.quiz import progress` and `progress()` show how far you are."""
_FORMS = {
    "choose one": 'one letter, such as "{letter}"',
    "choose many": 'all letters that fit, such as "{letter}c"',
    "true or false": "True or False",
    "number": "a number, or a calculation such as 14**2",
    "match": 'a letter for each number, such as {{"1": "{letter}", ...}}',
    "order": 'the letters in order, such as "{letters}"',
}


def file_name(number: int, chapter: dict) -> str:
    """The name that a chapter's notebook and its quiz share."""
    return f"{number:02}_{chapter['file']}.ipynb"


def sheet(number: int, chapter: dict, solved: bool, student: str = "") -> nbformat.NotebookNode:
    """A chapter's quiz as a notebook.

    Args:
        number: the chapter's.
        chapter: from `load_bank`.
        solved: with the right answers, and solutions.
        student: whose numbers are drawn.
    """
    questions = chapter["questions"]
    title = f"# Quiz {number} · {chapter['title']}\n\n" + _HOW.format(key=questions[0]["key"])
    cells = [_markdown(title, "title"), _code(_setup(number, student), "student", ["setup"])]
    for place, question in enumerate(questions, 1):
        cells += _question_cells(place, question, solved, student)
    for place, cell in enumerate((cell for cell in cells if cell.cell_type == "code"), 1):
        cell.execution_count = place
        for output in cell.outputs:
            output.execution_count = place
    return new_notebook(cells=cells, metadata=METADATA)


def to_json(notebook: nbformat.NotebookNode) -> bytes:
    """A notebook as the bytes of its file."""
    return (nbformat.writes(notebook) + "\n").encode()


def _setup(number, student):
    return (
        "from gan_course.quiz import Quiz\n\n"
        f'student = "{student}"  # your id, as your teacher knows you\nquiz = Quiz({number}, student)'
    )


def _question_cells(place, question, solved, student):
    key = question["key"]
    numbers = variants(question)[pick(key, student, len(variants(question)))]
    if numbers:  # they differ from student to student, so the notebook has to ask
        yield _markdown(f"## {place}\n\nWith numbers of your own:", f"text-{key}")
        yield _code(
            f'quiz["{key}"]', f"asked-{key}", ["question", "nbval-ignore-output"], shown(asked(question, numbers))
        )
    else:
        yield _markdown(f"## {place}\n\n{asked(question, numbers)}", f"text-{key}")
    yield _code(_answer(question, solved, numbers), f"answer-{key}", ["answer"], question=key)
    right = repr(Verdict(key, RIGHT))
    yield _code(f'quiz["{key}"].check(answer)', f"check-{key}", ["check"], right, question=key)
    if solved:
        text = question["solution"].format(**numbers) if numbers else question["solution"]
        yield _markdown(f"*Solution.* {text.strip()}", f"solution-{key}")


def _answer(question, solved, numbers):
    match question["type"]:
        case "code":
            return _function(question, question["answer"] if solved else "None  # write it here")
        case "do it":
            return _run(question, solved)
    options = question.get("options", {})
    form = _FORMS[question["type"]].format(letter="b", letters="".join(options))
    return f"answer = {_literal(question, numbers)}" if solved else f"answer = None  # {form}"


def _literal(question, numbers):
    """The right answer as Python; of a number its calculation, as text where that has functions in it."""
    answer = question["answer"]
    if question["type"] == "true or false":
        return str(answer)
    if question["type"] != "number":
        return json.dumps(answer)
    for name, value in numbers.items():
        answer = re.sub(rf"\b{name}\b", str(value) if value >= 0 else f"({value})", answer)
    return json.dumps(answer) if re.search("[a-z]", answer) else answer


def _function(question, expression):
    uses = [f"import {name}" for name in ("math",) if f"{name}." in expression]
    uses += ["import numpy as np"] if "np." in expression else []
    head = "\n".join(uses) + "\n\n\n" if uses else ""
    name = question["function"].split("(", 1)[0]
    return f"{head}def {question['function']}:\n    return {expression}\n\n\nanswer = {name}"


def _run(question, solved):
    begin = (
        "from gan_course import TrainConfig, Trainer\n\n"
        f"everywhere = {_arguments(EVERYWHERE)}  # so that it is the same run when it is replayed\n"
        f"start = {_arguments(question['start'])} | everywhere\n"
    )
    if solved:
        return begin + question["answer"].strip() + "\nanswer = trainer.recipe()"
    free = ", ".join(question["may_change"])
    return begin + (
        f"trainer = Trainer(TrainConfig(**start))  # you may set or change: {free}\n"
        "answer = None  # trainer.recipe(), after trainer.run(...)"
    )


def _arguments(settings):
    return f"dict({', '.join(f'{name}={json.dumps(value)}' for name, value in settings.items())})"


def _markdown(text, name):
    return new_markdown_cell(text, id=name)


def _code(source, name, tags, shown=None, question=None):
    outputs = [] if shown is None else [new_output("execute_result", {"text/plain": shown}, execution_count=1)]
    metadata = {"tags": tags} | ({"gan_course": {"question": question}} if question else {})
    return new_code_cell(source, id=name, metadata=metadata, outputs=outputs)
