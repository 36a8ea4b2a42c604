"""Which of a student's attempts counts, and what it counts when it came late."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from gan_course.grading.result import Result
from gan_course.grading.submission import Submission
from gan_course.names import check_name

RULES = ("last", "first", "best")


@dataclass(frozen=True)
class Lateness:
    """What becomes of late submissions.

    Attributes:
        percent: how much of the points they lose.
        due: when they were due, for exports that don't say which were late; in local time, if it names no zone.
    """

    percent: float = 0
    due: datetime | None = None

    @classmethod
    def parse(cls, late: str, due: datetime | None = None) -> "Lateness":
        """Read `accept`, `refuse` or a number of per cent.

        Raises:
            ValueError: it is something else.
        """
        named = {"accept": 0.0, "refuse": 100.0}
        try:
            percent = named[late] if late in named else float(late.removesuffix("%"))
        except ValueError:
            percent = -1
        if not 0 <= percent <= 100:
            raise ValueError(f"Late submissions: expected accept, refuse, or per cent from 0 to 100, got {late!r}.")
        return cls(percent, due)

    def late(self, submission: Submission) -> bool:
        """Whether the export says that a submission is late, or else its time does."""
        when = submission.when
        return submission.late or (self.due is not None and when is not None and when > self.due.astimezone())

    def points(self, submission: Submission, result: Result) -> tuple[float, tuple[str, ...]]:
        """The points that count, and the words that explain them."""
        if self.due and submission.when is None and not submission.late and submission.kind != "canvas":
            return result.points, ("The export does not say when it was handed in: taken as in time.",)
        if not self.late(submission):
            return result.points, ()
        if self.percent == 100:
            return 0, (f"Late, and so refused; in time it would have earned {result.points}.",)
        if not self.percent:
            return result.points, ("Late, and accepted.",)
        kept = round(result.points * (1 - self.percent / 100), 2)
        return kept, (f"Late: {result.points} less {self.percent:g} % leaves {kept:g}.",)


@dataclass(frozen=True)
class Chosen:
    """The submission that counts for its student, and why it is this one."""

    submission: Submission
    notes: tuple[str, ...]


ACCEPTED = Lateness()


def choose(submissions: Iterable[Submission], rule: str = "last", lateness: Lateness = ACCEPTED) -> list[Chosen]:
    """One submission for each student: the last, or the first.

    If late ones are refused, they count only for students without any other. Of two attempts of one number, the late
    one is taken for the later one.

    Raises:
        ValueError: the rule is neither; `best` needs results.
    """
    check_name(rule, RULES[:2], "rule for attempts that are not graded yet")
    return [_chosen(group, rule, lateness) for group in _by_student(submissions)]


def best(results: Mapping[Submission, Result], lateness: Lateness = ACCEPTED) -> list[Chosen]:
    """The submission of each student that earns most, after what lateness costs; of equals, the latest."""
    return [_best(group, results, lateness) for group in _by_student(results)]


def _by_student(submissions):
    """A list for each student, in the order of handing in."""
    groups = defaultdict(list)
    for each in submissions:
        groups[each.kind, each.student].append(each)
    return [sorted(group, key=lambda each: (each.attempt, each.late, each.id)) for group in groups.values()]


def _chosen(group, rule, lateness):
    in_time = [each for each in group if not lateness.late(each)]
    counting = in_time if in_time and lateness.percent == 100 else group
    left = len(group) - len(counting)
    why = f"the {rule} of {len(counting)}" + (f" in time; refused for being late: {left}" if left else "")
    return _because(group, counting[-1 if rule == "last" else 0], why)


def _best(group, results, lateness):
    points = {each: lateness.points(each, results[each])[0] for each in group}
    equal = [each for each in group if points[each] == max(points.values())]
    why = f"the best of {len(group)}" + (f"; of {len(equal)} as good, the latest" if len(equal) > 1 else "")
    return _because(group, equal[-1], why)


def _because(group, only, why):
    return Chosen(only, (f"Attempt {only.attempt} counts: {why}.",) if len(group) > 1 else ())
