"""How far a learner is, in one file that people can read: chapters done, questions right, missions done."""

from pathlib import Path

from gan_course import kept
from gan_course.quiz.keys import keys_of, load_keys

MISSIONS = 3  # in each chapter


class ProgressError(ValueError):
    """The file of progress is there, but can't be read."""


class Page(str):
    """Text that a notebook shows as it is."""

    __repr__ = str.__str__


def note(key: str, right: bool) -> None:
    """Keep how a question was answered. What was right once stays so.

    Raises:
        ProgressError: the file is damaged; it is left as it is.
        OSError: it can't be written.
    """

    def noted(old):
        questions = old.get("questions", {})
        return old | {"questions": questions | {key: "right" if right else questions.get(key, "tried")}}

    kept.change(progress_file(), _damaged, noted)


def finished(chapter: int, mission: int | None = None) -> None:
    """Tick off a chapter, or one of its missions.

    Raises:
        ValueError: there is no such chapter or mission.
        ProgressError, OSError: as for `note`.
    """
    keys_of(chapter)
    if mission not in (None, *range(1, MISSIONS + 1)):
        raise ValueError(f"A chapter has the missions 1 to {MISSIONS}, got {mission!r}.")
    name, entry = ("chapters", str(chapter)) if mission is None else ("missions", f"{chapter}.{mission}")
    kept.change(progress_file(), _damaged, lambda old: old | {name: sorted({*old.get(name, []), entry})})


def progress() -> Page:
    """A table of all chapters that have a quiz.

    Raises:
        ProgressError: the file is damaged.
    """
    reached = kept.read(progress_file(), _damaged)
    titles = load_keys()["chapters"]
    width = max(map(len, titles.values())) + 5
    lines = [f"{'chapter':{width}}done  right    missions"]
    for chapter, title in titles.items():
        keys = keys_of(int(chapter))
        right = sum(reached.get("questions", {}).get(key) == "right" for key in keys)
        missions = sum(each.split(".")[0] == chapter for each in reached.get("missions", []))
        done = "yes" if chapter in reached.get("chapters", []) else "-"
        lines.append(f"{chapter + ' ' + title:{width}}{done:6}{f'{right} of {len(keys)}':9}{missions} of {MISSIONS}")
    return Page("\n".join([*lines, f"kept in {progress_file()}"]))


def progress_file() -> Path:
    """Return where progress is kept: see `kept.home_file`."""
    return kept.home_file("progress.json")


def _damaged(path, why):
    return ProgressError(f"{path} can't be read as progress: {why}. Repair it, or move it away to begin anew.")
