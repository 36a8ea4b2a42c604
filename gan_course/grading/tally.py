"""What a whole class's results say: how the points spread, which questions are hard, what is commonly misunderstood."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from gan_course.grading.attempts import Chosen, Lateness
from gan_course.grading.result import STOPPED, UNKNOWN, UNREAD, Mark, Result
from gan_course.grading.submission import Submission
from gan_course.quiz.question import NOT_ATTEMPTED, RIGHT, WRONG

REMARKS = {UNREAD: "can't be read", UNKNOWN: "id not known", STOPPED: "stopped"}
COMMONEST = 3  # misconceptions shown of a question


@dataclass(frozen=True)
class Entry:
    """What counts for one student.

    Attributes:
        submission, result: the submission that counts, and how it was graded.
        points: after what lateness costs.
        late: whether it is late.
        notes: why this attempt counts, and why these points.

    Raises:
        ValueError: the result is another submission's.
    """

    submission: Submission
    result: Result
    points: float
    late: bool = False
    notes: tuple[str, ...] = ()

    def __post_init__(self):
        if self.result.id != self.submission.id:
            raise ValueError(f"The result of {self.result.id} was put beside the submission {self.submission.id}.")

    @classmethod
    def of(cls, chosen: Chosen, result: Result, lateness: Lateness) -> "Entry":
        """The entry of a submission that was chosen by `attempts.choose` or `attempts.best`."""
        points, why = lateness.points(chosen.submission, result)
        return cls(chosen.submission, result, points, lateness.late(chosen.submission), (*chosen.notes, *why))

    @property
    def remarks(self) -> list[str]:
        """What a teacher should see at a glance."""
        return [said for start, said in REMARKS.items() if any(note.startswith(start) for note in self.result.notes)]

    @property
    def all_notes(self) -> tuple[str, ...]:
        """Those of the submission, of the grading, and of the rules."""
        return (*self.submission.notes, *self.result.notes, *self.notes)


@dataclass(frozen=True)
class Asked:
    """How a class did at one question.

    Attributes:
        key, text: the question's, as put to the first student.
        differs: others were asked for other numbers.
        right, wrong, open: how many students were right, wrong, or didn't attempt it.
        misconceptions: the commonest words said of wrong answers, and how often.
    """

    key: str
    text: str
    differs: bool
    right: int
    wrong: int
    open: int
    misconceptions: tuple[tuple[str, int], ...]

    @property
    def share(self) -> float:
        """The part of the class that was right, from 0 to 1."""
        return self.right / (self.right + self.wrong + self.open)


@dataclass(frozen=True)
class Tally:
    """The class in numbers.

    Attributes:
        of: how many points there are.
        middle: the median of the points; None without submissions.
        spread: from the most points to 0: the points without their fraction, and how many students have them.
        questions: the hardest first.
    """

    of: int
    middle: float | None
    spread: tuple[tuple[int, int], ...]
    questions: tuple[Asked, ...]


def keys(entries: Sequence[Entry]) -> list[str]:
    """The questions' keys in their order; a result that could not be read may have none."""
    return list(dict.fromkeys(mark.key for entry in entries for mark in entry.result.marks))


def tally(entries: Sequence[Entry]) -> Tally:
    """Count what came out for a class."""
    asked = [_asked(key, entries) for key in keys(entries)]
    points = [entry.points for entry in entries]
    have = Counter(map(int, points))
    spread = tuple((value, have[value]) for value in range(len(asked), -1, -1))
    middle = median(points) if points else None
    return Tally(len(asked), middle, spread, tuple(sorted(asked, key=lambda each: each.share)))


def _asked(key, entries):
    marks: list[Mark] = [mark for entry in entries for mark in entry.result.marks if mark.key == key]
    states = Counter(mark.state for mark in marks)
    said = Counter(mark.words for mark in marks if mark.state == WRONG)
    return Asked(
        key,
        marks[0].text,
        len({mark.text for mark in marks}) > 1,
        states[RIGHT],
        states[WRONG],
        states[NOT_ATTEMPTED] + len(entries) - len(marks),
        tuple(said.most_common(COMMONEST)),
    )
