"""The Timeline widget without a browser: what it accepts, and that its page module is whole."""

import subprocess

import pytest
import traitlets

from gan_course.config import Controls
from gan_course.widgets.runs import change_words
from gan_course.widgets.timeline import Timeline

RUN = {"name": "ring", "parent": None, "start": 0, "steps": 1200, "changes": [[300, "D:G 5:1"]]}
TWIN = {"name": "twin", "parent": 0, "start": 400, "steps": 900, "changes": []}
STATE = {"runs": [RUN, TWIN], "active": 1, "compare": 0, "looking": 500, "playing": False}


def test_a_state_goes_to_the_page_as_it_is():
    assert Timeline().get_state("state") == {"state": {}}
    assert Timeline(state=STATE).get_state("state") == {"state": STATE}


def test_changes_in_words():
    change = {"d_steps": 5, "lr_d": 0.0002, "loss": "hinge", "unroll": 3, "unroll_backprop": True}
    assert change_words(change, Controls(**change)) == "D:G 5:1, lr_d 0.0002, hinge, unroll 3, unroll_backprop on"
    assert change_words({"unroll_backprop": False}, Controls()) == "unroll_backprop off"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"active": 2}, r"active is 2, expected one of \[0, 1\]"),
        ({"active": None}, r"active is None, expected one of \[0, 1\]"),
        ({"active": -1}, r"active is -1, expected one of \[0, 1\]"),
        ({"compare": 1}, r"compare is 1, expected one of \[None, 0\]"),
        ({"runs": [RUN, TWIN | {"parent": 1}]}, r"the parent of run 1 is 1, expected one of \[None, 0\]"),
        ({"runs": [RUN | {"parent": 1}, TWIN]}, r"the parent of run 0 is 1, expected one of \[None\]"),
    ],
)
def test_an_index_without_a_run_is_refused_and_the_old_state_stays(change, message):
    timeline = Timeline(state=STATE)
    with pytest.raises(traitlets.TraitError, match=message):
        timeline.state = STATE | change
    assert timeline.state == STATE


def test_messages_from_the_page_arrive():
    timeline, heard = Timeline(), []
    timeline.on_msg(lambda widget, content, buffers: heard.append((widget, content)))
    timeline._handle_custom_msg({"do": "look", "step": 400}, [])
    assert heard == [(timeline, {"do": "look", "step": 400})]


def test_the_repr_is_the_same_every_time():
    assert repr(Timeline()) == repr(Timeline(state=STATE)) == "Timeline()"


def test_the_page_module_is_one_valid_module_without_imports(tmp_path, node):
    module = tmp_path / "timeline.mjs"
    module.write_text(Timeline._esm, encoding="utf-8")
    look = f"import({str(module)!r}).then((module) => console.log(typeof module.default.render))"
    done = subprocess.run([node, "-e", look], capture_output=True, text=True)
    assert done.stdout.strip() == "function", done.stderr
