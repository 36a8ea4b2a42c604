"""Small readable files in the learner's own folder: what was expected, what was reached."""

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

from gan_course.files import write_atomically

_WRITING = threading.Lock()  # a page's callbacks come on several threads


def home_file(name: str) -> Path:
    """Return where a file is kept: in $GAN_COURSE_HOME, else in gan-course in $XDG_DATA_HOME or ~/.local/share."""
    chosen = os.environ.get("GAN_COURSE_HOME")
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return (Path(chosen).expanduser() if chosen else data / "gan-course") / name


def read(path: Path, damaged: Callable[[Path, object], Exception]) -> dict:
    """What a file holds; {} if there is none.

    Args:
        path: from `home_file`.
        damaged: called with the path and the reason, returns the error to raise.

    Raises:
        the error that `damaged` made: the file is no JSON object.
    """
    try:
        kept = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise damaged(path, error) from error
    if not isinstance(kept, dict):
        raise damaged(path, f"expected an object, got a {type(kept).__name__}")
    return kept


def change(path: Path, damaged: Callable[[Path, object], Exception], new: Callable[[dict], dict]) -> None:
    """Write what `new` makes of what a file holds.

    Raises:
        the error that `damaged` made: the file is no JSON object; it is left as it is.
        OSError: it can't be written.
    """
    with _WRITING:
        kept = new(read(path, damaged))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, (json.dumps(kept, indent=2, ensure_ascii=False) + "\n").encode())
