"""The questions as a learner's computer has them: `gan_course/questions/keys.json`, with sealed answers."""

import functools
import json
from pathlib import Path

from gan_course.names import check_name

QUESTIONS = Path(__file__).parents[1] / "questions"
KEYS = QUESTIONS / "keys.json"


@functools.cache
def load_keys(path: Path = KEYS) -> dict:
    """What `gan_course.quiz.build` wrote: "chapters", number: short title, and "questions", key: question.

    Raises:
        FileNotFoundError: it was not built; the message says how to.
    """
    if not path.exists():
        raise FileNotFoundError(f"No questions at {path}: `python -m gan_course.quiz.build` makes them from the bank.")
    return json.loads(path.read_bytes())


def keys_of(chapter: int) -> list[str]:
    """The keys of a chapter's questions, in order.

    Raises:
        ValueError: there is no such chapter.
    """
    keys = load_keys()
    check_name(str(chapter), keys["chapters"], "chapter with a quiz")
    return [key for key, question in keys["questions"].items() if question["chapter"] == int(chapter)]
