"""Keys without answers, for the sandbox: `Quiz(1)["ch1-role"].check(answer)` works there, and betrays nothing."""

import json

from gan_course.quiz.keys import load_keys
from gan_course.quiz.question import CLOSED, salt
from gan_course.quiz.seal import key_of, seal

_CLOSED = json.dumps({"hints": ["There are no hints while it is graded."], "solution": "Not while it is graded."})


def blank_keys() -> dict:
    """As `load_keys()`, with the questions' texts, and no answer, hint or solution."""
    keys = load_keys()
    return keys | {"questions": {key: _blank(key, question) for key, question in keys["questions"].items()}}


def _blank(key, question):
    closed = [seal(_CLOSED, key_of(salt(key, number), CLOSED)[1]) for number in range(len(question["variants"]))]
    return question | {"entries": {}, "closed": closed, "goals": []} | ({"cases": []} if "cases" in question else {})
