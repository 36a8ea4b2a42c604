"""What came out for one submission, as data that can be kept between two runs of the grader."""

from dataclasses import asdict, dataclass, fields

from gan_course.quiz.question import NOT_ATTEMPTED, RIGHT, WRONG

UNREAD, STOPPED = "It can't be read", "It was stopped"  # how notes begin that a teacher should see at a glance
UNKNOWN = "The id in the notebook is not known"
STATES = (NOT_ATTEMPTED, WRONG, RIGHT)


class ResultError(ValueError):
    """What was kept is not a result; the message says where."""


@dataclass(frozen=True)
class Mark:
    """One question of one submission.

    Attributes:
        key, type: the question's.
        text: the question as it was put to this student, in Markdown.
        answer: what was handed in, as short text; "" if nothing.
        state: "not attempted", "wrong" or "right".
        words: why it is wrong.
    """

    key: str
    type: str
    text: str
    answer: str
    state: str
    words: str

    def __post_init__(self):
        _check_texts(self, "key", "type", "text", "answer", "state", "words")
        if self.state not in STATES:
            raise ResultError(f"The state of {self.key} is {self.state!r}, expected one of {', '.join(STATES)}.")


@dataclass(frozen=True)
class Result:
    """One graded submission.

    Attributes:
        id: the `Submission`'s.
        chapter: whose quiz it is.
        marks: one for each question, in the quiz's order.
        notes: for teacher and student, such as why the notebook can't be read.
        by_hand: the grader came to no verdict, so the teacher has to look.
    """

    id: str
    chapter: int
    marks: tuple[Mark, ...]
    notes: tuple[str, ...]
    by_hand: bool

    def __post_init__(self):
        _check_texts(self, "id")
        for name, kind in (("chapter", int), ("marks", tuple), ("notes", tuple), ("by_hand", bool)):
            _check(self, name, getattr(self, name), kind)
        for mark in self.marks:
            _check(self, "marks", mark, Mark)
        for note in self.notes:
            _check(self, "notes", note, str)

    @property
    def points(self) -> int:
        """How many questions are right."""
        return sum(mark.state == RIGHT for mark in self.marks)

    @property
    def of(self) -> int:
        """How many questions there are."""
        return len(self.marks)

    def to_json(self) -> dict:
        """The same as dictionaries, lists and texts."""
        return asdict(self) | {"marks": [asdict(mark) for mark in self.marks], "notes": list(self.notes)}

    @classmethod
    def from_json(cls, data: object) -> "Result":
        """The reverse of `to_json`.

        Raises:
            ResultError: something is missing, too much, or of another type.
        """
        values = _parts(cls, data)
        for name in ("marks", "notes"):
            _check(cls, name, values[name], list)
        marks = tuple(Mark(**_parts(Mark, mark)) for mark in values["marks"])
        return cls(**values | {"marks": marks, "notes": tuple(values["notes"])})


def _parts(cls, data):
    _check(cls, "JSON", data, dict)
    expected = {field.name for field in fields(cls)}
    if set(data) != expected:
        got = ", ".join(map(str, data)) or "nothing"
        raise ResultError(f"A {cls.__name__} has {', '.join(sorted(expected))}; got {got}.")
    return data


def _check_texts(owner, *names):
    for name in names:
        _check(owner, name, getattr(owner, name), str)


def _check(owner, name, value, kind):
    if type(value) is not kind:
        what = owner.__name__ if isinstance(owner, type) else type(owner).__name__
        raise ResultError(f"{what}.{name}: expected {kind.__name__}, got {type(value).__name__} {value!r:.60}.")
