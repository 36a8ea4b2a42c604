"""The teacher's bank: `gan_course/questions/NN.toml`, a file a chapter, with answers and what is said of wrong ones.

A question has `key`, `type`, `text`, `hints`, `solution`, `answer`, and, by its type:

    choose one     [options] by letter, [wrong] by letter: which misconception that is; answer = "b"
    choose many    the same; answer = "ac"; what [wrong] says of a letter is said if it is missing too
    true or false  wrong = "..."; answer = true
    number         tolerance, unit; [wrong] by the value, a calculation; answer = "side * side"
                   [draw] lists of numbers, from which each student gets some: {side} in texts, side in calculations
    match          [items] by number, [options], [wrong] by number; [answer] by number
    order          [options], [wrong] by the letter that stands too early; answer = "bca"
    code           function = "f(x, y)", cases = an expression in rng and np; answer and [wrong] are expressions in x, y
    do it          [start], may_change, steps, [[goals]]: see `gan_course.quiz.doing`; answer = the lines that do it
"""

import itertools
import math
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gan_course.names import check_name
from gan_course.quiz.answers import TYPES, nearby, parts
from gan_course.quiz.keys import QUESTIONS
from gan_course.quiz.numbers import read_number

SEED = 7  # of the hidden inputs that the keys are made of; a grader takes its own

EVERYWHERE = {"threads": 1, "device": "cpu", "precision": "float32"}  # where a handed-in run was made should not matter


class BankError(ValueError):
    """A question that can't be asked; the message says which and why."""


def load_bank(folder: Path = QUESTIONS) -> dict[int, dict]:
    """All chapters by number, each with "title" and "questions".

    Raises:
        BankError: a file or a question is not as it should be.
    """
    bank = {int(path.stem): _chapter(path) for path in sorted(folder.glob("[0-9][0-9].toml"))}
    if not bank:
        raise BankError(f"No questions in {folder}: expected files 01.toml, 02.toml, ...")
    return bank


def _chapter(path):
    try:
        chapter = tomllib.loads(path.read_text(encoding="utf-8"))
        seen = [_checked(question, int(path.stem))["key"] for question in chapter["questions"]]
    except tomllib.TOMLDecodeError as error:
        raise BankError(f"{path.name} is not TOML: {error}") from error
    except KeyError as error:
        raise BankError(f"{path.name}: something lacks {error}.") from error
    except ValueError as error:
        raise BankError(f"{path.name}: {error}") from error
    if twice := {key for key in seen if seen.count(key) > 1}:
        raise BankError(f"{path.name}: more than one question has the key {', '.join(sorted(twice))}.")
    return chapter


def _checked(question, number):
    key = question["key"]
    check_name(question["type"], TYPES, "type of question")
    if not key.startswith(f"ch{number}-"):
        raise BankError(f"{key!r} should begin with 'ch{number}-'.")
    if missing := [name for name in ("text", "answer", "solution") if name not in question]:
        raise BankError(f"{key} lacks {', '.join(missing)}.")
    if not question.get("hints"):
        raise BankError(f"{key} has no hints.")
    if silent := [wrong for wrong in _must_be_named(question) if not question.get("wrong", {}).get(wrong)]:
        raise BankError(f"{key}: [wrong] does not say which misconception it is to answer {', '.join(silent)}.")
    return question


def _must_be_named(question):
    """The wrong choices, each of which has to be explained."""
    match question["type"]:
        case "choose one":
            return [letter for letter in question["options"] if letter != question["answer"]]
        case "choose many":
            return list(question["options"])
        case "order":
            return list(question["answer"])[1:]
        case "match":
            return list(question["items"])
    return []


def variants(question: dict) -> list[dict]:
    """Every set of numbers that a student may get; one empty set if none are drawn."""
    drawn = question.get("draw", {})
    return [dict(zip(drawn, values)) for values in itertools.product(*drawn.values())]


def cases(question: dict, seed: int = SEED) -> list:
    """The inputs on which a function is tried: arguments, plain numbers and lists."""
    drawn = eval(question["cases"], {"rng": np.random.default_rng(seed), "np": np})  # the teacher's own expression
    return [[_plain(argument) for argument in case] for case in drawn]


def _plain(argument):
    return np.round(argument, 3).tolist()


def function(question: dict, expression: str):
    """A function of the question's arguments that computes an expression."""
    arguments = question["function"].split("(", 1)[1]
    return eval(f"lambda {arguments[:-1]}: {expression}", {"math": math, "np": np})


def entries(question: dict, numbers: dict, seed: int = SEED) -> Iterator[tuple[str, str]]:
    """Each part of an answer that is known, and what is said of it: "" if it is right; `seed` draws hidden inputs."""
    if question["type"] == "code":
        question = question | {"cases": cases(question, seed)}
    yield from _ENTRIES[question["type"]](question, numbers)


def _choose_one(question, numbers):
    for letter in question["options"]:
        yield letter, "" if letter == question["answer"] else question["wrong"][letter]


def _choose_many(question, numbers):
    for letter in question["options"]:
        for told, chosen in (("in", True), ("out", False)):
            yield f"{letter} {told}", "" if chosen == (letter in question["answer"]) else question["wrong"][letter]


def _true_or_false(question, numbers):
    for value in (True, False):
        yield str(value), "" if value == question["answer"] else question["wrong"]


def _number(question, numbers):
    """The right value first: a wrong one in the same cell is not told apart."""
    said = {question["answer"]: ""} | question.get("wrong", {})
    for calculation, words in said.items():
        value = read_number(calculation, names=numbers)
        for place in nearby(value, question.get("tolerance", 0)):
            yield str(place), words.format(**numbers) if numbers else words


def _match(question, numbers):
    for item, letter in itertools.product(question["items"], question["options"]):
        yield f"{item} {letter}", "" if question["answer"][item] == letter else question["wrong"][item]


def _order(question, numbers):
    right = question["answer"]
    for first, second in itertools.permutations(right, 2):
        yield first + second, "" if right.index(first) < right.index(second) else question["wrong"][first]


def _code(question, numbers):
    for expression, words in ({question["answer"]: ""} | question.get("wrong", {})).items():
        yield parts(question, function(question, expression))[0], words


def _do_it(question, numbers):
    """Nothing is known before the run is replayed."""
    return ()


_ENTRIES = dict(
    zip(TYPES, (_choose_one, _choose_many, _true_or_false, _number, _match, _order, _code, _do_it), strict=True)
)
