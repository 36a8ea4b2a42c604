"""What an answer says, in a form that is the same for everybody who means the same: a list of short texts.

An answer is right if each of its parts is. Those of a choice are one for each option, so that each wrong choice can
be told by its name; a number is one part, the cell of a grid in which it lies.
"""

import itertools
import json

from gan_course.quiz.numbers import Unreadable, read_number

TYPES = ("choose one", "choose many", "true or false", "number", "match", "order", "code", "do it")


class Unanswered(Exception):
    """Nothing was answered yet."""


class Faulty(Exception):
    """An attempt that is wrong before its result can be judged; the message says why."""


def parts(question: dict, answer: object) -> list[str]:
    """Read an answer.

    Args:
        question: its "type", and what belongs to that: "options", "tolerance", "unit", "items", "cases".
        answer: the learner's.

    Raises:
        Unreadable: it has another form than the question asks for; the message says which.
        Faulty: it is a function that stops, or returns no numbers.
        Unanswered: it is a function that returns nothing yet.
    """
    return _READERS[question["type"]](question, answer)


def cell(value: float, tolerance: float) -> int | float:
    """Where a number lies on a grid as wide as the tolerance; itself, if it has to be exact."""
    return round(value / tolerance) if tolerance else _short(value)


def nearby(value: float, tolerance: float) -> list[int | float]:
    """The cells that count as `value`: all numbers within the tolerance are in them, none beyond twice as much."""
    middle = cell(value, tolerance)
    return [middle - 1, middle, middle + 1] if tolerance else [middle]


def _short(value):
    return int(value) if value == int(value) else float(value)


def _choose_one(question, answer):
    return [_letter(question["options"], answer)]


def _choose_many(question, answer):
    if not isinstance(answer, (str, list, tuple, set, frozenset)):
        raise Unreadable(f'Expected the letters of all that fit, such as "{_first_two(question)}", got {answer!r}.')
    chosen = {_letter(question["options"], letter) for letter in _letters(answer)}
    return [f"{letter} {'in' if letter in chosen else 'out'}" for letter in question["options"]]


def _true_or_false(question, answer):
    if getattr(answer, "dtype", None) is not None and getattr(answer, "ndim", 1) == 0:
        answer = answer.item()
    known = {"true": True, "false": False}
    answer = known.get(answer.strip().lower(), answer) if isinstance(answer, str) else answer
    if not isinstance(answer, bool):
        raise Unreadable(f"Expected True or False, got {answer!r}.")
    return [str(answer)]


def _number(question, answer):
    return [str(cell(read_number(answer, question.get("unit", "")), question.get("tolerance", 0)))]


def _match(question, answer):
    items = question["items"]
    shape = ", ".join(f'"{number}": ...' for number in items)
    if not isinstance(answer, dict) or {str(number) for number in answer} != set(items):
        raise Unreadable(f"Expected a letter for each number, {{{shape}}}, got {answer!r}.")
    return [f"{number} {_letter(question['options'], letter)}" for number, letter in sorted(answer.items(), key=str)]


def _order(question, answer):
    options = question["options"]
    letters = _letters(answer) if isinstance(answer, (str, list, tuple)) else []
    if sorted(letters) != sorted(options):
        raise Unreadable(f'Expected each of the letters {", ".join(options)} once, such as "{"".join(options)}".')
    place = {letter: letters.index(letter) for letter in options}
    return [min((a + b, b + a), key=lambda pair: place[pair[0]]) for a, b in itertools.combinations(options, 2)]


def _code(question, answer):
    if not callable(answer):
        raise Unreadable(f"Hand in the function itself, answer = {question['function']} without parentheses.")
    try:
        results = [answer(*case) for case in json.loads(json.dumps(question["cases"]))]  # copies, which it may change
    except Exception as error:
        raise Faulty(f"It stops with {type(error).__name__}: {error}") from error
    if all(result is None for result in results):
        raise Unanswered
    return [json.dumps([_rounded(result) for result in results])]


def _rounded(result):
    """Numbers to six digits behind the point, in lists that may be arrays or tensors."""
    if hasattr(result, "tolist"):
        result = result.tolist()
    if isinstance(result, (list, tuple)):
        return [_rounded(each) for each in result]
    if isinstance(result, (int, float)):
        return round(float(result), 6) + 0.0  # no negative zero
    raise Faulty(f"Expected numbers, or lists of them; this returns {type(result).__name__}.")


def _letter(options, answer):
    letter = answer.strip().lower() if isinstance(answer, str) else None
    if letter not in options:
        raise Unreadable(f"Expected a letter of {', '.join(options)}, got {answer!r}.")
    return letter


def _letters(answer):
    """The letters of "acd", "a, c, d" or ["a", "c", "d"]."""
    if isinstance(answer, str):
        return [letter for letter in answer.lower() if letter not in " ,;"]
    return [letter.strip().lower() if isinstance(letter, str) else "?" for letter in answer]


def _first_two(question):
    return "".join(list(question["options"])[:2])


_READERS = dict(zip(TYPES, (_choose_one, _choose_many, _true_or_false, _number, _match, _order, _code)))
