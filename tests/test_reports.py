"""What the grader came to, and the reports it writes."""

import json

import pytest

from gan_course.grading.result import Mark, Result, ResultError
from gan_course.quiz.question import NOT_ATTEMPTED, RIGHT, WRONG


def mark(key="ch1-role", state=RIGHT, **changes) -> Mark:
    parts = {"type": "choose one", "text": "What is *G*?", "answer": '"c"', "words": ""} | changes
    return Mark(key=key, state=state, **parts)


def result(*marks: Mark, **changes) -> Result:
    return Result(**{"id": "ada", "chapter": 1, "marks": marks, "notes": (), "by_hand": False} | changes)


def test_a_result_counts_its_points_and_survives_json():
    graded = result(mark(), mark("b", WRONG, words="No: ½."), mark("c", NOT_ATTEMPTED), notes=("late",), by_hand=True)
    assert (graded.points, graded.of) == (1, 3)
    assert Result.from_json(json.loads(json.dumps(graded.to_json()))) == graded


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"chapter": "1"}, "Result.chapter: expected int, got str '1'"),
        ({"by_hand": 1}, "Result.by_hand: expected bool, got int 1"),
        ({"notes": [7]}, "Result.notes: expected str, got int 7"),
        ({"marks": {}}, "Result.marks: expected list, got dict"),
        ({"marks": [7]}, "Mark.JSON: expected dict, got int 7"),
        ({"marks": [{"key": "a"}]}, "A Mark has answer, key, state, text, type, words; got key"),
        ({"marks": [mark().__dict__ | {"state": "RIGHT"}]}, "The state of ch1-role is 'RIGHT', expected one of not"),
        ({"marks": [mark().__dict__ | {"answer": None}]}, "Mark.answer: expected str, got NoneType None"),
        ({"points": 9}, "A Result has by_hand, chapter, id, marks, notes; got"),
    ],
)
def test_kept_data_that_is_no_result_is_refused(change, message):
    with pytest.raises(ResultError, match=message):
        Result.from_json(result().to_json() | change)
