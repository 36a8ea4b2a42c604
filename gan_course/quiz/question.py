"""A question in a notebook: check an answer, ask for a hint, and, after an attempt, for the solution."""

import contextlib
import hashlib
import json
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from gan_course.names import check_name
from gan_course.quiz.answers import Faulty, Unanswered, parts
from gan_course.quiz.keys import keys_of, load_keys
from gan_course.quiz.numbers import Unreadable
from gan_course.quiz.reached import Page, ProgressError, note
from gan_course.quiz.seal import key_of, unseal

NOT_ATTEMPTED, WRONG, RIGHT = "not attempted", "wrong", "right"
CLOSED = "hints and solution"
_STRANGE = {
    "number": "That is not the number. `hint()` says how to begin.",
    "code": "For some inputs it returns something else than it should. `hint()` says how to begin.",
}


@dataclass(frozen=True)
class Verdict:
    """What is said of an answer.

    Attributes:
        key: the question's.
        state: "not attempted", "wrong" or "right".
        words: why it is wrong, or what was expected instead.
    """

    key: str
    state: str
    words: str = ""

    def __repr__(self):
        return textwrap.fill(f"{self.key}: {self.state}. {self.words}".strip(), 100, break_on_hyphens=False)


def judged(key: str, faults: Callable[[], list[str]]) -> Verdict:
    """The verdict on an answer.

    Args:
        key: the question's.
        faults: finds what is wrong with the answer; may raise `Unanswered`, `Unreadable` or `Faulty`.
    """
    try:
        found = faults()
    except Faulty as why:
        found = [str(why)]
    except Unanswered:
        return Verdict(key, NOT_ATTEMPTED, "Put your answer in the cell above.")
    except Unreadable as why:
        return Verdict(key, NOT_ATTEMPTED, str(why))
    return Verdict(key, WRONG, " ".join(found)) if found else Verdict(key, RIGHT)


def said_of(question: dict, answered: list[str], said: Callable[[str], str | None]) -> list[str]:
    """What is said of each part of an answer that is not right, without repetition.

    Args:
        question: its "type".
        answered: the parts, as of `gan_course.quiz.answers.parts`.
        said: what is known of a part: "" if it is right, None if nothing.
    """
    known = (said(part) for part in answered)
    words = [_STRANGE[question["type"]] if each is None else each for each in known]
    return [each for each in dict.fromkeys(words) if each]


class Question:
    """One question.

    Args:
        key: its name, such as "ch1-role".
        question: its entry in `load_keys()["questions"]`.
        student: who answers; some questions draw their numbers from this.

    Attributes:
        key: its name.
        type: one of `gan_course.quiz.answers.TYPES`.
        options, items: what there is to choose from and to match with it, by letter and number.
    """

    def __init__(self, key: str, question: dict, student: str = ""):
        self.key = key
        self._question = question
        self._variant = pick(key, student, len(question["variants"]))
        self._attempted = False
        self._hints = 0
        self._card = None
        self.type = question["type"]
        self.options = question.get("options", {})
        self.items = question.get("items", {})

    @property
    def text(self) -> str:
        """What is asked, with this student's numbers, in Markdown."""
        return asked(self._question, self._question["variants"][self._variant])

    def __repr__(self):
        return shown(self.text)

    def check(self, answer: object = None) -> Verdict:
        """Say whether an answer is right, and if not, why; the same words for the same answer.

        What was reached is kept for `progress()`, if its file can be written. Without an answer the card's counts,
        if there is a card.
        """
        answer = self._card.answer if answer is None and self._card is not None else answer
        verdict = judged(self.key, lambda: self._faults(answer))
        if verdict.state != NOT_ATTEMPTED:
            self._attempted = True
            with contextlib.suppress(OSError, ProgressError):
                note(self.key, right=verdict.state == RIGHT)
        return verdict

    def _faults(self, answer):
        if answer is None:
            raise Unanswered
        if self._question["type"] == "do it":
            from gan_course.quiz.doing import faults  # loads PyTorch

            return faults(self._question, answer)
        return said_of(self._question, parts(self._question, answer), self._said)

    def _said(self, part):
        """What the keys say of a part of an answer; "" if it is right, None if they don't know it."""
        name, key = key_of(salt(self.key, self._variant), part)
        sealed = self._question["entries"].get(name)
        return None if sealed is None else unseal(sealed, key)

    def card(self):
        """The question as a `gan_course.widgets.question_card.QuestionCard`, to be answered by mouse or keyboard.

        Raises:
            ValueError: its answer is made in code.
        """
        from gan_course.widgets.question_card import QuestionCard  # needs Jupyter

        self._card = self._card or QuestionCard(self)
        return self._card

    def hint(self) -> Page:
        """The next hint; after the last one, that one again."""
        hints = self._closed()["hints"]
        self._hints = min(self._hints + 1, len(hints))
        return Page(f"Hint {self._hints} of {len(hints)}: {hints[self._hints - 1]}")

    def solution(self) -> Page:
        """How to come to the answer, once one was tried."""
        if not self._attempted:
            return Page(f"{self.key}: the solution opens after an attempt. `hint()` helps to make one.")
        return Page(self._closed().get("solution", "Your teacher has kept the solution for later."))

    def _closed(self):
        _, key = key_of(salt(self.key, self._variant), CLOSED)
        return json.loads(unseal(self._question["closed"][self._variant], key))


class Quiz:
    """The questions of one chapter.

    Args:
        chapter: its number.
        student: your id, from which some questions draw their numbers.

    Raises:
        ValueError: the chapter has no quiz.
    """

    def __init__(self, chapter: int, student: str = ""):
        questions = load_keys()["questions"]
        self._questions = {key: Question(key, questions[key], student) for key in keys_of(chapter)}

    def __getitem__(self, key: str) -> Question:
        return self._questions[check_name(key, self._questions, "question")]

    def __iter__(self):
        return iter(self._questions.values())

    def __len__(self):
        return len(self._questions)


def salt(key: str, variant: int) -> str:
    """The salt of a question in one of its variants."""
    return f"gan-course {key} {variant}"


def pick(key: str, student: object, variants: int) -> int:
    """Which variant of a question a student gets: the same one each time, for neighbours mostly different ones."""
    return int(hashlib.sha256(f"{key} {str(student).strip().casefold()}".encode()).hexdigest(), 16) % variants


def asked(question: dict, numbers: dict) -> str:
    """A question in Markdown, with its numbers filled in and its options below it."""
    text = question["text"].format(**numbers) if numbers else question["text"]
    lists = [question.get(name, {}) for name in ("items", "options")]
    lines = ["\n".join(f"- **{letter}** {words}" for letter, words in choices.items()) for choices in lists if choices]
    return "\n\n".join([text.strip(), *lines])


def shown(text: str) -> str:
    """A text as a notebook's plain output has it, in lines of up to 100 characters."""
    return "\n".join(textwrap.fill(line, 100) for line in text.splitlines())
