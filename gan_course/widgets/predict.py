"""Predict: a question that the learner answers before the experiment, and that the chapter comes back to."""

import anywidget
import traitlets

from gan_course.names import check_name
from gan_course.predictions import Prediction, PredictionsError, recalled, remember
from gan_course.runtime import quick_mode
from gan_course.widgets.esm import css, esm


class Predict(anywidget.AnyWidget):
    """A card with a question, its options and a button that commits to one of them.

    The answer goes to the file of `gan_course.predictions`, so it is still there after the kernel was
    restarted. In quick mode older answers are not looked at: outputs must not depend on who runs a notebook.

    Args:
        question: one line.
        options: name: words, or the words alone; two at least. The answer is kept by its name.
        key: under which the answer is kept, such as "ch3-ratio".

    Attributes:
        committed: the name of the option that the learner committed to; "" before that.
        note: what the card says below its button.

    Raises:
        ValueError: fewer than two options, or no key.
    """

    _esm = esm("predict.mjs")
    _css = css("predict.css")

    question = traitlets.Unicode().tag(sync=True)
    options = traitlets.List().tag(sync=True)  # [name, words] of each
    committed = traitlets.Unicode().tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)

    def __init__(self, question: str, options: dict[str, str] | list[str], key: str):
        named = dict(options if isinstance(options, dict) else zip(options, options))
        if len(named) < 2:
            raise ValueError(f"a prediction needs two options at least, got {len(named)}: {list(named)}.")
        if not key:
            raise ValueError('a prediction is kept under a key, got "": give it one such as "ch3-ratio".')
        self.key, self._words = key, named
        super().__init__(question=question, options=[[name, words] for name, words in named.items()])
        self.committed, self.note = self._kept()
        self.observe(lambda change: self._keep(change.new), "committed")

    def _kept(self):
        """The option kept earlier, if it is still among those offered, and a note."""
        try:
            earlier = _earlier(self.key)
        except PredictionsError as error:
            return "", str(error)
        return (earlier.option, "") if earlier is not None and earlier.option in self._words else ("", "")

    def _keep(self, option):
        """Runs as a callback of the page, where an error would reach no cell: say it on the card."""
        try:
            remember(self.key, Prediction(self.question, option, self._words[option]))
            self.note = ""
        except (OSError, PredictionsError) as error:
            self.note = f"This answer could not be kept. {error}"

    def commit(self, option: str) -> None:
        """Commit to an option, as the button does.

        Raises:
            ValueError: there is no such option.
        """
        check_name(option, self._words, "option")
        self.committed = option

    def recall(self, happened: str) -> None:
        """Print what was predicted, and what happened."""
        recall(self.key, happened)

    def __repr__(self) -> str:
        """The card's words: what a page without a kernel shows."""
        return "\n".join([f"Predict: {self.question}", *(f"  ○ {words}" for words in self._words.values())])


def recall(key: str, happened: str) -> None:
    """Print what was predicted under `key`, and what happened.

    Raises:
        PredictionsError: the file of predictions is damaged.
    """
    earlier = _earlier(key)
    print("You predicted:", "no prediction yet." if earlier is None else earlier.words)
    print("What happened:", happened)


def _earlier(key):
    return None if quick_mode() else recalled(key)
