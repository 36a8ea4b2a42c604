"""What all exercises share: calling a solution, and saying what is wrong with it."""

from collections.abc import Callable


class Wrong(Exception):
    """What is wrong with a solution, in words for the learner."""


def call(solution: Callable, *args):
    """What `solution` returns; its errors become `Wrong`."""
    try:
        return solution(*args)
    except Exception as error:
        raise Wrong(f"It stops with {type(error).__name__}: {error}") from error


def explain(agrees: Callable[[Callable], bool], mistakes: dict[str, Callable], otherwise: str):
    """Raise `Wrong` with the words of the first mistake that the solution agrees with."""
    raise Wrong(next((words for words, mistaken in mistakes.items() if agrees(mistaken)), otherwise))
