"""The Predict card without a browser: what is committed to is there after a restart, and says so when it isn't."""

import json

import pytest

from gan_course.widgets.predict import Predict, recall

OPTIONS = {"faster": "G gets better faster", "worse": "The points crowd together"}
FILE = "predictions.json"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_COURSE_HOME", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    return tmp_path


def card(options=OPTIONS):
    return Predict("What happens at 1:10?", options, key="ratio")


def test_a_commitment_survives_a_restart_of_the_kernel(home):
    first = card()
    assert (first.committed, first.note) == ("", "")
    first.commit("worse")
    kept = json.loads((home / FILE).read_text())["ratio"]
    assert kept == {"question": "What happens at 1:10?", "option": "worse", "words": "The points crowd together"}
    assert card().committed == "worse"


def test_what_the_page_says_is_kept_as_well():
    one = card()
    one.set_state({"committed": "faster"})  # as a message from the page does
    assert card().committed == "faster"


def test_recalling_prints_both_sides(capsys):
    one = card()
    one.commit("faster")
    one.recall("They crowd together.")
    assert capsys.readouterr().out == "You predicted: G gets better faster\nWhat happened: They crowd together.\n"


def test_recalling_what_was_not_predicted(capsys):
    recall("other", "Nothing.")
    assert capsys.readouterr().out == "You predicted: no prediction yet.\nWhat happened: Nothing.\n"


def test_in_quick_mode_the_file_makes_no_difference(home, monkeypatch, capsys):
    card().commit("worse")
    monkeypatch.setenv("CI", "true")
    for content in ((home / FILE).read_text(), "{"):
        (home / FILE).write_text(content)
        assert (card().committed, card().note) == ("", "")
        recall("ratio", "So.")
        assert capsys.readouterr().out == "You predicted: no prediction yet.\nWhat happened: So.\n"


def test_a_list_of_options_is_named_by_its_words(capsys):
    one = card(["yes", "no"])
    assert one.options == [["yes", "yes"], ["no", "no"]]
    one.commit("no")
    recall("ratio", "no")
    assert "You predicted: no\n" in capsys.readouterr().out


def test_an_option_that_is_no_longer_offered_is_forgotten():
    card().commit("worse")
    assert card(["faster", "slower"]).committed == ""


@pytest.mark.parametrize("content", ["{", '{"ratio": 3}'])
def test_a_damaged_file_is_said_on_the_card_and_left_alone(home, content):
    (home / FILE).write_text(content)
    assert "can't be read as predictions" in card().note and card().committed == ""


def test_an_answer_that_could_not_be_kept_is_said_on_the_card(home, monkeypatch):
    (home / FILE).write_text("{")
    one = card()
    one.commit("worse")
    assert one.note.startswith("This answer could not be kept. ") and "move it away" in one.note
    (home / FILE).unlink()
    one.commit("faster")
    assert one.note == "" and card().committed == "faster"


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("?", ["one"], "key"), "two options at least, got 1: .'one'."),
        (("?", ["same", "same"], "key"), "two options at least, got 1"),
        (("?", ["one", "two"], ""), "kept under a key"),
    ],
)
def test_what_is_no_question_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Predict(*arguments)


def test_committing_to_what_is_not_offered():
    with pytest.raises(ValueError, match="worse"):
        card().commit("worst")


def test_how_a_card_looks_without_a_page():
    words = "Predict: What happens at 1:10?\n  ○ G gets better faster\n  ○ The points crowd together"
    assert repr(card()) == words
    data, _ = card()._repr_mimebundle_()
    assert data["text/plain"] == words
