"""A question as a card: choose, tick or type, and press Check. It gives the answer that the cell below would."""

import json

import anywidget
import traitlets

from gan_course.quiz.question import Question
from gan_course.widgets.esm import css, esm

_ENTRY = ""  # the only field of a question that has one


class QuestionCard(anywidget.AnyWidget):
    """Another view of a question, for mouse and keyboard.

    What is chosen lives in the kernel, so it is there again after the page was reloaded.

    Args:
        question: of any type but "code" and "do it", whose answers are made in code.

    Attributes:
        fields: what the card shows: name, label, kind ("radio", "check", "select" or "text") and options of each.
        given: what was chosen when Check was pressed, by field.
        state: of the last verdict.
        said: its words.
        code: the line that says the same in a cell.

    Raises:
        ValueError: the question's answer is made in code.
    """

    _esm = esm("question_card.mjs")
    _css = css("predict.css", "question_card.css")

    question = traitlets.Unicode().tag(sync=True)
    fields = traitlets.List().tag(sync=True)
    given = traitlets.Dict().tag(sync=True)
    state = traitlets.Unicode().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)
    code = traitlets.Unicode().tag(sync=True)

    def __init__(self, question: Question):
        if question.type not in _FIELDS:
            raise ValueError(f"{question.key} has no card: its answer is made in code. Write it into the cell.")
        self._asked = question
        fields = list(_FIELDS[question.type](question))
        super().__init__(question=question.text.split("\n\n- **")[0].replace("`", ""), fields=fields)
        self.observe(lambda change: self._judge(), "given")

    @property
    def answer(self) -> object:
        """The answer as `Question.check` takes it; None before there is one."""
        if not any(self.given.values()):
            return None
        return _ANSWERS.get(self._asked.type, _only)(self.given)

    def _judge(self):
        verdict = self._asked.check(self.answer)
        self.state, self.said = verdict.state, verdict.words
        self.code = "" if self.answer is None else f"answer = {_python(self.answer)}"

    def __repr__(self) -> str:
        """The question: what a page without a kernel shows."""
        return repr(self._asked)


def _only(given):
    return given[_ENTRY]


def _python(answer):
    return str(answer) if isinstance(answer, bool) else json.dumps(answer, ensure_ascii=False)


def _field(kind, label, options=None, name=_ENTRY):
    return {"name": name, "kind": kind, "label": label, "options": [list(pair) for pair in (options or {}).items()]}


_FIELDS = {
    "choose one": lambda question: [_field("radio", "", question.options)],
    "choose many": lambda question: [_field("check", "all that fit", question.options)],
    "true or false": lambda question: [_field("radio", "", {"True": "True", "False": "False"})],
    "number": lambda question: [_field("text", "a number, or a calculation such as 14**2")],
    "match": lambda question: [
        _field("select", words, question.options, name) for name, words in question.items.items()
    ],
    "order": lambda question: [
        _field("text", "letters in order: " + "; ".join(f"{a}: {words}" for a, words in question.options.items()))
    ],
}
_ANSWERS = {
    "choose many": lambda given: "".join(given[_ENTRY]),
    "true or false": lambda given: given[_ENTRY] == "True",
    "match": dict,
}
