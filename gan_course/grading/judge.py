"""From an answer as data to a verdict, by the teacher's bank; nothing of the student's runs here."""

import hashlib
import json
import math
from pathlib import Path

from gan_course import __version__
from gan_course.files import write_atomically
from gan_course.quiz.answers import Faulty, Unanswered, parts
from gan_course.quiz.bank import cases, entries, load_bank, variants
from gan_course.quiz.numbers import Unreadable
from gan_course.quiz.question import Verdict, asked, judged, pick, said_of

LONGEST_ANSWER, LONGEST_WORDS = 200, 2_000  # characters, as they are shown
CLOSE = {"rel_tol": 1e-4, "abs_tol": 1e-5}  # so that a function may count in float32


class Judge:
    """Judges the answers of one quiz.

    Args:
        chapter: its number.
        seed: draws the hidden inputs of functions.
        replays: a folder that keeps what came out of the runs that were handed in, so that nothing is trained twice.
    """

    def __init__(self, chapter: int, seed: int, replays: Path | None = None):
        self._questions = {question["key"]: question for question in load_bank()[chapter]["questions"]}
        self._seed, self._replays, self._known = seed, replays, {}

    def task(self) -> dict[str, dict]:
        """What the sandbox has to know of each question, by key: no more than its form, and hidden inputs."""
        task = {}
        for key, question in self._questions.items():
            task[key] = {name: question[name] for name in ("type", "function") if name in question}
            if question["type"] == "code":
                task[key]["cases"] = cases(question, self._seed)
        return task

    def verdict(self, key: str, student: str, data: dict | None) -> Verdict:
        """Judge one answer.

        Args:
            key: the question's.
            student: whose numbers are drawn.
            data: as of `gan_course.grading.inside.carried`; None if there was no answer.
        """
        question = self._questions[key]
        verdict = judged(key, lambda: self._faults(question, student, data))
        return Verdict(key, verdict.state, verdict.words[:LONGEST_WORDS])

    def asked(self, key: str, student: str) -> str:
        """A question as it was put to a student, in Markdown."""
        question = self._questions[key]
        return asked(question, _numbers_of(question, student))

    def _faults(self, question, student, data):
        if data is None:
            raise Unanswered
        if "faulty" in data:
            raise Faulty(str(data["faulty"]))
        if "strange" in data:
            raise Unreadable(f"Expected another kind of answer, got {str(data['strange'])[:LONGEST_ANSWER]}")
        try:
            if question["type"] == "do it":
                return self._replayed(question, data["recipe"])
            said = self._said(question, student)
            if question["type"] == "code":
                got = _numbers(data["results"])
                close = [words for part, words in said.items() if _close(json.loads(part), got)]
                return said_of(question, [""], lambda _: close[0] if close else None)
            return said_of(question, parts(question, data["value"]), said.get)
        except (Unreadable, Faulty, Unanswered):
            raise
        except Exception as error:  # data of a stranger: it may break anything that reads it
            raise Unreadable(f"It can't be read ({type(error).__name__}).") from error

    def _said(self, question, student):
        """All parts that are known, with what is said of them; the first one holds."""
        numbers = _numbers_of(question, student)
        name = question["key"], tuple(numbers.values())
        if name not in self._known:
            known = self._known[name] = {}
            for part, words in entries(question, numbers, self._seed):
                known.setdefault(part, words)
        return self._known[name]

    def _replayed(self, question, recipe):
        from gan_course.quiz.doing import faults  # loads PyTorch

        if not isinstance(recipe, str):
            raise Unreadable("Expected a recipe as text.")
        name = hashlib.sha256(json.dumps([__version__, question, recipe], sort_keys=True).encode()).hexdigest()
        kept = self._replays / f"{name}.json" if self._replays else None
        if kept and kept.exists():
            return json.loads(kept.read_bytes())
        found = faults(question, recipe)
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(kept, json.dumps(found).encode())
        return found


def _numbers_of(question, student):
    """The numbers that a student gets in a question."""
    every = variants(question)
    return every[pick(question["key"], student, len(every))]


def _numbers(results):
    """Lists of numbers, as `parts` writes them."""
    if isinstance(results, list):
        return [_numbers(each) for each in results]
    if isinstance(results, bool) or not isinstance(results, (int, float)):
        raise Unreadable("Expected numbers.")
    return float(results)


def _close(one, other):
    """Whether lists of numbers have one shape and close values."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_close, one, other))
    return not isinstance(one, list) and not isinstance(other, list) and math.isclose(one, other, **CLOSE)


def shown(data: dict | None) -> str:
    """An answer as short text for a report."""
    if data is None:
        return ""
    for name, value in data.items():
        match name:
            case "value":
                return _python(value)[:LONGEST_ANSWER]
            case "results":
                return f"a function; for the hidden inputs it returns {json.dumps(value)}"[:LONGEST_ANSWER]
            case "recipe":
                return f"a recipe of {len(str(value)):,} characters"
            case "faulty" | "strange":
                return str(value)[:LONGEST_ANSWER]
    return ""


def _python(value):
    """As Python writes it, numbers with six digits."""
    if isinstance(value, float):
        return f"{value:.6g}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
