"""The card of a question without a browser: it answers as the cell would."""

import pytest

from gan_course.quiz.keys import load_keys
from gan_course.quiz.question import Question

QUESTIONS = load_keys()["questions"]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_COURSE_HOME", str(tmp_path))


def question(key):
    return Question(key, QUESTIONS[key])


@pytest.mark.parametrize(
    "key, given, answer, code",
    [
        ("ch1-role", {"": "c"}, "c", 'answer = "c"'),
        ("ch1-bound", {"": "False"}, False, "answer = False"),
        ("ch3-strong", {"": ["a", "c", "d"]}, "acd", 'answer = "acd"'),
        ("ch2-equilibrium", {"": "1/2"}, "1/2", 'answer = "1/2"'),
        ("ch1-round", {"": "d b e c a"}, "d b e c a", 'answer = "d b e c a"'),
        ("ch4-remedies", {"1": "b", "2": "c", "3": "a"}, {"1": "b", "2": "c", "3": "a"}, None),
    ],
)
def test_what_is_chosen_is_the_answer_of_the_cell(key, given, answer, code):
    asked = question(key)
    card = asked.card()
    assert card.answer is None and asked.check().state == "not attempted"
    card.set_state({"given": given})  # as a message from the page does
    assert (card.answer, card.state, card.said) == (answer, "right", "")
    assert code is None or card.code == code
    assert asked.check().state == "right" and asked.card() is card


def test_a_wrong_choice_says_why_and_a_written_answer_goes_before_the_card():
    asked = question("ch1-role")
    asked.card().set_state({"given": {"": "a"}})
    assert asked.card().state == "wrong" and "discriminator's part" in asked.card().said
    assert asked.check("c").state == "right"


def test_an_incomplete_match_is_not_attempted():
    card = question("ch4-remedies").card()
    card.set_state({"given": {"1": "b", "2": "", "3": ""}})
    assert card.state == "not attempted" and "Expected a letter" in card.said


def test_what_is_answered_in_code_has_no_card():
    with pytest.raises(ValueError, match="ch1-slope has no card: its answer is made in code"):
        question("ch1-slope").card()
