"""The file of predictions: readable, whole after a failure, and never guessed at when damaged."""

import json
import threading

import pytest

from gan_course import kept
from gan_course.predictions import Prediction, PredictionsError, predictions_file, recalled, remember

YES = Prediction("Does detach change G’s step?", "yes", "Yes")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_COURSE_HOME", str(tmp_path / "new" / "home"))
    return tmp_path / "new" / "home"


def test_a_prediction_is_kept_until_it_is_replaced():
    assert recalled("a") is None
    remember("a", YES)
    remember("b", Prediction("?", "1:10", "one to ten"))
    assert recalled("a") == YES
    remember("a", Prediction(YES.question, "no", "No"))
    assert recalled("a").option == "no"
    assert recalled("b").words == "one to ten"


def test_the_file_is_one_that_people_can_read(home):
    remember("a", YES)
    text = (home / "predictions.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"a": {"question": YES.question, "option": "yes", "words": "Yes"}}
    assert "G’s" in text and text.count("\n") == 7


@pytest.mark.parametrize(
    "variables, expected",
    [
        ({"GAN_COURSE_HOME": "~/mine", "HOME": "/h"}, "/h/mine/predictions.json"),
        ({"GAN_COURSE_HOME": "", "XDG_DATA_HOME": "/data"}, "/data/gan-course/predictions.json"),
        ({"GAN_COURSE_HOME": "", "XDG_DATA_HOME": "", "HOME": "/h"}, "/h/.local/share/gan-course/predictions.json"),
    ],
)
def test_where_the_file_is(monkeypatch, variables, expected):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert predictions_file().as_posix() == expected


@pytest.mark.parametrize(
    "content, why",
    [
        ("{", "Expecting property name"),
        ("[]", "expected an object, got a list"),
        ('{"a": {"answer": "yes"}}', "'a' has other parts than question, option, words"),
        ('{"a": "yes"}', "'a' has other parts"),
    ],
)
def test_a_damaged_file_is_named(home, content, why):
    home.mkdir(parents=True)
    (home / "predictions.json").write_text(content)
    with pytest.raises(PredictionsError, match="(?s)predictions.json can't be read as predictions: .*" + why) as error:
        recalled("a")
    assert "move it away" in str(error.value)


def test_a_damaged_file_is_not_written_over(home):
    home.mkdir(parents=True)
    (home / "predictions.json").write_text("{")
    with pytest.raises(PredictionsError):
        remember("a", YES)
    assert (home / "predictions.json").read_text() == "{"


def test_a_failed_write_leaves_the_older_predictions(monkeypatch):
    remember("a", YES)
    monkeypatch.setattr("os.replace", lambda *paths: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="is unchanged"):
        remember("b", YES)
    assert recalled("a") == YES and recalled("b") is None


def test_answers_from_several_threads_are_all_kept(monkeypatch):
    read, entered = kept.read, threading.Barrier(4)

    def slow_read(path, damaged):
        found = read(path, damaged)
        if not path.exists():
            threading.Event().wait(0.05)  # the others come by, were they let in
        return found

    monkeypatch.setattr(kept, "read", slow_read)
    threads = [threading.Thread(target=lambda i=i: (entered.wait(), remember(f"{i}", YES))) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(recalled(f"{i}") == YES for i in range(4))
