"""Grade the quizzes that a class handed in, each notebook alone in a sandbox.

SUBMISSIONS is a folder or a zip file: an export of Canvas or Moodle, notebooks named after the students, or a
folder for each student. DIR gets overview.html (the class), students/ (a page each), results.csv, with --gradebook
also gradebook.csv (the file you gave, with the points in it), and work/, from which the same command goes on after
Ctrl-C or a crash.
"""

import argparse
import os
from collections import Counter
from datetime import datetime
from pathlib import Path

from rich.console import Console

from gan_course.commands import CommandError
from gan_course.commands.train import explained, positive

SECONDS, MEGABYTES = 20.0, 2048
LOOK_AT = 30  # submissions, to see whose quiz it is


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's arguments."""
    parser.add_argument("submissions", type=Path, metavar="SUBMISSIONS", help="what the class handed in")
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="for the reports")
    parser.add_argument("--chapter", type=int, metavar="N", help="whose quiz it is (default: the notebooks tell)")
    rules = parser.add_argument_group("rules")
    rules.add_argument("--attempts", choices=("last", "first", "best"), default="last", help="which one counts")
    rules.add_argument("--late", default="accept", metavar="RULE", help="accept, refuse, or per cent off (accept)")
    rules.add_argument("--due", type=_time, metavar="TIME", help="when it was due: 2026-12-01T23:59")
    book = parser.add_argument_group("gradebook")
    book.add_argument("--gradebook", type=Path, metavar="FILE", help="CSV, as Canvas or Moodle exports it")
    book.add_argument("--column", metavar="NAME", help="the assignment's column, if the gradebook has several")
    limits = parser.add_argument_group("limits")
    limits.add_argument("--workers", type=positive(int), metavar="N", help="submissions at a time (default: cores + 1)")
    limits.add_argument(
        "--seconds", type=positive(float), default=SECONDS, metavar="S",
        help=f"of the processor for a cell; a submission may last three times as long (default: {SECONDS:g})",
    )  # fmt: skip
    limits.add_argument(
        "--memory", type=positive(int), default=MEGABYTES, metavar="MB", help=f"(default: {MEGABYTES:,})"
    )
    limits.add_argument(
        "--unsafe", action="store_true",
        help="run strangers' code without a sandbox: it can then read, change and send whatever you can",
    )  # fmt: skip


def _time(text):
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a time such as 2026-12-01T23:59, got {text!r}") from None


def run(arguments: argparse.Namespace) -> int:
    """Grade, write the reports, say what came out; 130 if it was interrupted."""
    console = Console(highlight=False, markup=False, emoji=False)
    with explained():
        return _graded(arguments, console)


def _graded(arguments, console):
    from gan_course.grading.attempts import Lateness, choose
    from gan_course.grading.gradebook import Gradebook, GradebookError, widened
    from gan_course.grading.intake import look_into
    from gan_course.grading.submission import IntakeError

    try:
        lateness = Lateness.parse(arguments.late, arguments.due)
        found = look_into(arguments.submissions)
        book = Gradebook.read(arguments.gradebook) if arguments.gradebook else None
        if book:
            book.merged({}, arguments.column)  # is there such a column?
    except (IntakeError, GradebookError, OSError, ValueError) as error:
        raise CommandError(str(error), code=2) from error
    _say(console, *found.notes)
    submissions, match = list(found.submissions), None
    if book:
        match = book.match(submissions)
        if not match.rows:
            raise CommandError(f"none of the submissions is in {arguments.gradebook}: is it this course's?", code=2)
        _say(console, *match.without_row)
        submissions = [widened(each, match.rows[each.id]) if each.id in match.rows else each for each in submissions]
    if arguments.late != "accept" and not arguments.due and any(each.kind != "canvas" for each in submissions):
        _say(console, "Only Canvas says who was late. For all others, --due TIME does; without it they are in time.")
    counting = choose(submissions, arguments.attempts, lateness) if arguments.attempts != "best" else []
    to_grade = [chosen.submission for chosen in counting] or submissions
    batch = _batch(arguments, to_grade, console)
    results = _run(batch, to_grade, arguments, console)
    if results is None:
        return 130
    entries = _entries(counting, to_grade, results, lateness)
    notes = [*found.notes, *(match.without_row if match else ())]
    _report(arguments, console, entries, notes, book, match, batch.title)
    return 0


def _batch(arguments, submissions, console):
    from gan_course.grading.batch import Batch, GradingError
    from gan_course.grading.sandbox import Limits, SandboxError
    from gan_course.quiz.bank import BankError

    workers = arguments.workers or (os.cpu_count() or 1) + 1  # some only wait for their end
    try:
        chapter = arguments.chapter or _chapter(submissions)
        _say(console, f"The quiz of chapter {chapter}, {len(submissions)} submissions, {workers} at a time.")
        if arguments.unsafe:
            _say(console, "WITHOUT A SANDBOX: what was handed in can do all that you can.")
        _say(console, "The teacher's answers go first ...")
        limits = Limits(seconds=arguments.seconds, memory=arguments.memory << 20)
        return Batch(arguments.out / "work", chapter, limits, workers, arguments.unsafe)
    except (SandboxError, GradingError) as error:
        raise CommandError(str(error)) from error
    except BankError as error:
        raise CommandError(
            f"{error} The answers are in the course's repository, not in an installed package."
        ) from error


def _chapter(submissions):
    """Whose quiz most of the first notebooks are."""
    from gan_course.grading.submission import IntakeError
    from gan_course.grading.transplant import NotANotebook, transplant
    from gan_course.quiz.bank import load_bank

    chapter_of = {each["key"]: number for number, chapter in load_bank().items() for each in chapter["questions"]}
    votes = Counter()
    for submission in submissions[:LOOK_AT]:
        try:
            votes.update(chapter_of[key] for key in transplant(submission.read(), set(chapter_of)).keys)
        except (IntakeError, NotANotebook):
            continue
    if not votes:
        raise CommandError(
            "no notebook here has a question of the course's quizzes: say whose quiz it is, --chapter N."
        )
    return votes.most_common(1)[0][0]


def _run(batch, submissions, arguments, console):
    """The results by id; None if it was interrupted."""
    from gan_course.commands.progress import GradingReport

    results = {each.id: result for each in submissions if (result := batch.result(each))}
    left = [each for each in submissions if each.id not in results]
    if results:
        _say(console, f"{len(results)} of {len(submissions)} were graded before.")
    try:
        with GradingReport(console, len(left)) as report:
            batch.run(left, lambda result: (results.update({result.id: result}), report.show()))
    except KeyboardInterrupt:
        _say(console, f"Interrupted; {len(results)} of {len(submissions)} are graded and kept in {arguments.out}, and")
        _say(console, "what was run is kept too. The same command goes on from there.")
        return None
    return results


def _entries(counting, submissions, results, lateness):
    from gan_course.grading.attempts import best
    from gan_course.grading.tally import Entry

    counting = counting or best({each: results[each.id] for each in submissions}, lateness)
    return [Entry.of(chosen, results[chosen.submission.id], lateness) for chosen in counting]


def _report(arguments, console, entries, notes, book, match, title):
    from gan_course.grading.reports import write_reports

    missing = [row.name for row in match.without_submission] if match else []
    if book:
        notes = [*notes, *_filled(arguments, entries, book, match, console)]
    overview = write_reports(arguments.out, title, entries, missing, notes)
    points = [entry.points for entry in entries]
    of = max(entry.result.of for entry in entries)
    _say(console, f"{len(entries)} students, {sum(points) / len(points):.1f} of {of} points on average.")
    for entry in entries:
        remarks = [*(["to look at by hand"] if entry.result.by_hand else []), *entry.remarks]
        if remarks:
            _say(console, f"{entry.submission.name} ({entry.submission.origin}): {', '.join(remarks)}.")
    late = sum(entry.late for entry in entries)
    _say(console, f"{late} late, {len(missing)} missing." if book else f"{late} late.")
    _say(console, f"Reports: {overview}, {overview.parent / 'results.csv'}, {overview.parent / 'students'}.")


def _filled(arguments, entries, book, match, console):
    """Write the gradebook with the points in it; gives notes on cells left as they were."""
    from gan_course.files import write_atomically
    from gan_course.grading.gradebook import GradebookError

    sure = [entry for entry in entries if entry.submission.id in match.rows and not entry.result.by_hand]
    shares = {match.rows[entry.submission.id].place: entry.points / entry.result.of for entry in sure}
    try:
        merged = book.merged(shares, arguments.column)
    except (GradebookError, ValueError) as error:
        raise CommandError(f"{error} (everything is graded; the same command goes on from there)") from error
    write_atomically(arguments.out / "gradebook.csv", merged.content)
    _say(
        console,
        f"{arguments.out / 'gradebook.csv'}: the points of {len(shares)} students, as a share of those possible.",
    )
    return merged.notes


def _say(console, *lines):
    for line in lines:
        console.print(line, soft_wrap=True)
