"""Finding the submissions in what a teacher downloaded or collected."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gan_course.grading import canvas, moodle, plain
from gan_course.grading.items import Item, in_folder
from gan_course.grading.submission import IntakeError, Owner, Submission, quoted
from gan_course.grading.zips import in_zip, only_notebook

_KINDS = {"moodle": "Moodle", "canvas": "Canvas", "plain": "a plain collection"}


@dataclass(frozen=True)
class Found:
    """What an export holds.

    Attributes:
        submissions: by name and attempt.
        notes: how it was read, and a line for each file that belongs to no submission.
    """

    submissions: tuple[Submission, ...]
    notes: tuple[str, ...]


def find_submissions(path: Path) -> list[Submission]:
    """The submissions in a folder or a zip file: see `look_into`, which also tells how it was read."""
    return list(look_into(path).submissions)


def look_into(path: Path) -> Found:
    """Read an export of Canvas or Moodle, or a folder of notebooks, each also as a zip file.

    Nobody is left out: what can't be read is a submission too, whose `read()` says why.

    Raises:
        IntakeError: there is nothing to grade.
    """
    path = Path(path)
    items, notes = _without_wrapper(_items(path))
    groups, strays = _grouped(items)
    if not groups:
        raise IntakeError(
            f"No submissions in {path}: expected an export of Canvas or Moodle, notebooks named after the students, "
            "or a folder for each student."
        )
    submissions = [_submission(owner, group) for owner, group in groups.items()]
    submissions.sort(key=lambda each: (each.name.casefold(), each.student, each.attempt))
    return Found(tuple(submissions), (*notes, *_how_read(submissions), *strays))


def _items(path):
    if path.is_dir():
        return in_folder(path)
    if not path.exists():
        raise IntakeError(f"There is nothing at {path}: expected a folder or a zip file of submissions.")
    return in_zip(path)


def _without_wrapper(items):
    """The items without the one folder around all of them, if it can't be a student's."""
    outer = {item.parts[0] for item in items}
    if len(outer) != 1 or len(items[0].parts) == 1 or _exported(items[0]):
        return items, []
    inner = [Item(item.parts[1:], item.read, item.when) for item in items]
    if sum(item.is_notebook or item.is_zip for item in items) < 2 and not any(map(_exported, inner)):
        return items, []
    return inner, [f"Everything lies in the folder {quoted((outer.pop(),))}, which is not taken for a student's."]


def _exported(item):
    return moodle.owner(item.parts) or canvas.owner(item.parts)


def _grouped(items):
    """The items by their owner, and a line for each that nobody owns."""
    groups, strays = defaultdict(list), []
    for item in items:
        if owner := _exported(item) or plain.owner(item.parts):
            groups[owner].append(item)
        else:
            strays.append(f"{quoted(item.parts)} is not a notebook, and was left aside.")
    return groups, strays


def _how_read(submissions):
    """Which kinds of names were found, and, if there are several, each that is not of the commonest kind."""
    counts = Counter(each.kind for each in submissions).most_common()
    yield "Read as " + ", ".join(f"{_KINDS[kind]}: {count}" for kind, count in counts) + "."
    for each in submissions:
        if each.kind != counts[0][0]:
            yield f"{each.origin} is not named like most others: read as {_KINDS[each.kind]}, student '{each.student}'."


def _submission(owner: Owner, items: list[Item]) -> Submission:
    chosen = [item for item in items if item.is_notebook] or [item for item in items if item.is_zip]
    others = [item for item in items if item not in chosen]
    only = chosen[0] if len(chosen) == 1 else None
    return Submission(
        owner.id,
        owner.kind,
        owner.student,
        owner.name,
        owner.identities,
        owner.attempt,
        owner.late,
        when=only.when if only and owner.kind == "plain" else None,
        origin=quoted((chosen or others)[0].parts),
        notes=tuple(f"{quoted(item.parts)} was handed in too, and left aside." for item in others if chosen),
        reader=_reader(only) if only else partial(_not_one, [item.parts for item in chosen or others], bool(chosen)),
    )


def _reader(item):
    return partial(_unzipped, item) if item.is_zip else item.read


def _unzipped(item):
    return only_notebook(item.read(), item.parts)


def _not_one(places, several):
    names = ", ".join(quoted(parts) for parts in places[:5]) + (", …" if len(places) > 5 else "")
    if several:
        raise IntakeError(f"Expected one notebook, got {len(places)}: {names}. The student has to say which counts.")
    raise IntakeError(f"Expected a notebook, got {names}.")
