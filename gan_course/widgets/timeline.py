"""The timeline of a lab's runs: where they stand, what was changed when, and a hand that goes back."""

import anywidget
import traitlets

from gan_course.widgets.esm import css, esm


class Timeline(anywidget.AnyWidget):
    """Draws a lane for each run and says what a hand did, as messages; it knows no trainer.

    The messages (`on_msg`) are `{"do": "look", "step": n}`, `{"do": "now"}`, `{"do": "rewind", "step": n}`,
    `{"do": "branch", "step": n}`, `{"do": "choose", "run": i}` and `{"do": "compare", "run": i or None}`. A hand
    that is dragged to the end of the run says "now".

    Attributes:
        state: written by Python alone, as a new dictionary each time; {} while there is nothing to show.
            `runs`: a dictionary a run: its `name`; `parent`, the index of the earlier run that it left, or None, and
            `start`, the step at which it did (0 without one); `steps`, the rounds done so far, those of the parent
            before `start` among them; `changes`, its (step, text) in the order they were made.
            `active`: the index of the run that trains. `compare`: the index of another drawn beside it, or None.
            `looking`: the step of the active run's past that the lab shows, or None: the present; one before `start` is
            drawn at the beginning of the lane. `playing`: whether the run trains.

    Raises:
        traitlets.TraitError: an index in `state` names no run that it may name.
    """

    _esm = esm("timeline.mjs")
    _css = css("timeline.css")

    state = traitlets.Dict({}).tag(sync=True)

    @traitlets.validate("state")
    def _check_indices(self, proposal):
        state = proposal.value
        if state:
            others = [i for i in range(len(state["runs"])) if i != state["active"]]
            _check("active", state["active"], range(len(state["runs"])))
            _check("compare", state["compare"], [None, *others])
            for i, run in enumerate(state["runs"]):
                _check(f"the parent of run {i}", run["parent"], [None, *range(i)])
        return state

    def __repr__(self) -> str:
        return "Timeline()"


def _check(name, index, allowed):
    if index not in allowed:
        raise traitlets.TraitError(f"timeline: {name} is {index!r}, expected one of {list(allowed)}.")
