"""What a learner expected before an experiment, kept in one readable file until it is looked back on."""

from dataclasses import asdict, dataclass
from pathlib import Path

from gan_course import kept


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
    """Return where predictions are kept: see `kept.home_file`."""
    return kept.home_file("predictions.json")


def remember(key: str, prediction: Prediction) -> None:
    """Keep a prediction under `key`, in place of an older one.

    Raises:
        PredictionsError: the file is damaged; it is left as it is.
        OSError: it can't be written.
    """
    kept.change(predictions_file(), _damaged, lambda all_of_them: all_of_them | {key: asdict(prediction)})


def recalled(key: str) -> Prediction | None:
    """The prediction kept under `key`; None if there is none.

    Raises:
        PredictionsError: the file is damaged.
    """
    path = predictions_file()
    found = kept.read(path, _damaged).get(key)
    try:
        return None if found is None else Prediction(**found)
    except TypeError as error:
        raise _damaged(path, f"{key!r} has other parts than {', '.join(Prediction.__annotations__)}") from error


def _damaged(path, why):
    return PredictionsError(f"{path} can't be read as predictions: {why}. Repair it, or move it away to begin anew.")
