"""Open the course in JupyterLab. Ctrl-C in this terminal, twice, stops it."""

import argparse
import re
from pathlib import Path

from gan_course.commands import CommandError

PROMPT = "gan_course.commands.websocket.PromptWebsocketConnection"
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's arguments."""
    parser.add_argument("chapter", nargs="?", type=int, metavar="CHAPTER", help="its number (default: the first)")
    parser.add_argument("--no-browser", action="store_true", help="only print the address to open")
    parser.add_argument("--port", type=int, metavar="N", help="port to listen on (default: 8888, or the next free one)")


def run(arguments: argparse.Namespace) -> None:
    """Serve the notebooks until the learner stops it."""
    chapter = find_chapter(NOTEBOOKS, arguments.chapter)
    course = NOTEBOOKS.parent  # the notebooks show pictures from the folder figures/ beside theirs
    page = f"/lab/tree/{chapter.relative_to(course).as_posix()}"
    options = [f"--ServerApp.root_dir={course}", f"--LabApp.default_url={page}"]
    options += [f"--ServerApp.kernel_websocket_connection_class={PROMPT}"]
    options += ["--allow-root"]  # in a container everyone is root; the token and localhost still guard the server
    options += ["--no-browser"] if arguments.no_browser else []
    options += [] if arguments.port is None else [f"--port={arguments.port}"]
    _lab_app().launch_instance(options)


def find_chapter(folder: Path, number: int | None = None) -> Path:
    """The notebook of a chapter; of the first one, if `number` is None.

    Raises:
        CommandError: there are no notebooks, or no such chapter.
    """
    chapters = {int(path.name[:2]): path for path in sorted(folder.glob("[0-9][0-9]_*.ipynb"))}
    if not chapters:
        raise CommandError(
            f"there are no chapters in {folder}. The notebooks are in the course's repository, not in an installed "
            "package: clone it, and in the clone run `pip install -e . && gan-course`."
        )
    if number is None:
        return next(iter(chapters.values()))
    if number not in chapters:
        there = ", ".join(f"{n} ({_title(path)})" for n, path in chapters.items())
        raise CommandError(f"there is no chapter {number} here. Chapters: {there}.", code=2)
    return chapters[number]


def _title(path):
    return re.sub(r"^\d+_", "", path.stem).replace("_", " ")


def _lab_app():
    try:
        from jupyterlab.labapp import LabApp
    except ImportError as error:
        raise CommandError(f"JupyterLab can't be loaded ({error}): run `pip install jupyterlab`.") from error
    return LabApp
