"""Quizzes: `Quiz(chapter)` has the questions, `progress()` says how far you are."""

from gan_course.quiz.question import Question, Quiz, Verdict
from gan_course.quiz.reached import finished, progress

__all__ = ["Question", "Quiz", "Verdict", "finished", "progress"]
