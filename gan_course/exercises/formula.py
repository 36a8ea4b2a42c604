"""Exercises whose answer is a formula: numbers in, a number or an array out."""

from collections.abc import Callable, Sequence

import numpy as np

from gan_course.exercises.verdict import Wrong, call, explain

LARGE = 8  # numbers: no message lists more


def examine_formula(
    solution: Callable, cases: Sequence[tuple], right: Callable, mistakes: dict[str, Callable], shown: str
) -> None:
    """Compare a solution with the right formula, and where it differs with the usual wrong ones.

    Args:
        solution: the learner's function.
        cases: what it is called with; the first one is shown if no mistake fits.
        right: the formula, called as the solution is.
        mistakes: wrong formulas, by what to say of them.
        shown: the first case as the learner would write it, such as "value([0.9], [0.2])".

    Raises:
        Wrong: the solution differs from the formula.
    """
    answers = [_as_array(call(solution, *map(_copied, case))) for case in cases]

    def agrees(formula):
        with np.errstate(all="ignore"):
            return all(_equal(answer, formula(*case)) for answer, case in zip(answers, cases))

    if not agrees(right):
        explain(agrees, mistakes, f"The value is not right: {shown} {_difference(right(*cases[0]), answers[0])}.")


def _difference(expected, got):
    """What should be, and what is; of large arrays the first number that differs."""
    expected = np.asarray(expected)
    if expected.size <= LARGE or expected.shape != got.shape:
        if max(expected.size, got.size) <= LARGE:
            return f"should be {np.round(expected, 4).tolist()}, this gives {np.round(got, 4).tolist()}"
        return f"should be of shape {expected.shape}, this gives {got.shape}"
    wrong = np.argwhere(~np.isclose(expected, got))
    if not len(wrong):
        return "comes out right, but another case doesn't"
    at = tuple(wrong[0].tolist())
    return f"should be {expected[at]:g} at {list(at)}, this gives {got[at]:g}"


def _copied(argument):
    return argument.copy() if isinstance(argument, np.ndarray) else argument


def _as_array(answer):
    try:
        return np.asarray(answer, dtype=float)
    except (TypeError, ValueError) as error:
        raise Wrong(f"Expected a number or an array of numbers, this gives {type(answer).__name__}.") from error


def _equal(answer, expected):
    expected = np.asarray(expected)
    return answer.shape == expected.shape and np.allclose(answer, expected, rtol=1e-6, atol=1e-9, equal_nan=True)
