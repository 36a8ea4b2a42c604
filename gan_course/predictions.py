"""What a learner expected before an experiment, kept in one readable file until it is looked back on."""

import json
import os
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from gan_course.files import write_atomically

_WRITING = threading.Lock()  # a page's callbacks come on several threads


class PredictionsError(ValueError):
    """The file of predictions is there, but can't be read."""


@dataclass(frozen=True)
class Prediction:
    """What was asked, and what the learner chose.

    Attributes:
        question: as it was put.
        option: the name of the option chosen.
        words: that option, as it was put.
    """

    question: str
    option: str
    words: str


def predictions_file() -> Path:
    """Return where predictions are kept: $GAN_COURSE_HOME, else gan-course in $XDG_DATA_HOME or ~/.local/share."""
    chosen = os.environ.get("GAN_COURSE_HOME")
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return (Path(chosen).expanduser() if chosen else data / "gan-course") / "predictions.json"


def remember(key: str, prediction: Prediction) -> None:
    """Keep a prediction under `key`, in place of an older one.

    Raises:
        PredictionsError: the file is damaged; it is left as it is.
        OSError: it can't be written.
    """
    with _WRITING:
        path = predictions_file()
        kept = _read(path) | {key: asdict(prediction)}
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, (json.dumps(kept, indent=2, ensure_ascii=False) + "\n").encode())


def recalled(key: str) -> Prediction | None:
    """The prediction kept under `key`; None if there is none.

    Raises:
        PredictionsError: the file is damaged.
    """
    path = predictions_file()
    kept = _read(path).get(key)
    try:
        return None if kept is None else Prediction(**kept)
    except TypeError as error:
        raise _damaged(path, f"{key!r} has other parts than {', '.join(Prediction.__annotations__)}") from error


def _read(path):
    try:
        kept = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise _damaged(path, error) from error
    if not isinstance(kept, dict):
        raise _damaged(path, f"expected an object, got a {type(kept).__name__}")
    return kept


def _damaged(path, why):
    return PredictionsError(f"{path} can't be read as predictions: {why}. Repair it, or move it away to begin anew.")
