"""Timeline in JupyterLab: what hands, keys and lists ask for, and what a state shows."""

import nbformat
import pytest
from conftest import KERNEL
from jupyter import NotebookPage
from looks import themes
from playwright.sync_api import expect

from gan_course.widgets.timeline import Timeline

RUN = {"name": "ring, seed 0", "parent": None, "start": 0, "steps": 1200, "changes": []}
CHANGED = RUN | {"changes": [[300, "D:G 5:1"], [302, "D:G 4:1"], [700, "lr_d 2e-4"]]}
TWIN = {"name": "twin", "parent": 0, "start": 400, "steps": 900, "changes": [[600, "loss hinge"]]}
ONE = {"runs": [CHANGED], "active": 0, "compare": None, "looking": None, "playing": False}
TWO = ONE | {"runs": [CHANGED, TWIN]}
CODE = f"""from gan_course.widgets.timeline import Timeline
heard = []
timeline = Timeline(state={ONE | {"runs": [RUN]}!r})
timeline.on_msg(lambda widget, content, buffers: heard.append(content))
timeline"""


@pytest.fixture(scope="module")
def notebook(page, server):
    cells = [nbformat.v4.new_code_cell(CODE), nbformat.v4.new_code_cell("1 + 1")]
    nbformat.write(nbformat.v4.new_notebook(metadata=KERNEL, cells=cells), server.root / "timeline.ipynb")
    notebook = NotebookPage(page, server, "timeline.ipynb")
    notebook.run_all()
    page.wait_for_selector(".gan-timeline[data-runs]", timeout=60_000)
    return notebook


@pytest.fixture
def put(notebook, page):
    """Set a state from Python, wait until the page shows it, and forget the messages so far."""

    def put_state(state):
        page.mouse.move(5, 5)
        notebook.value(f"timeline.set_trait('state', {state!r})")
        run = state["runs"][state["active"]]
        looking = "" if state["looking"] is None else state["looking"]
        shown = f"[data-steps='{run['steps']}'][data-runs='{len(state['runs'])}'][data-looking='{looking}']"
        page.wait_for_selector(f".gan-timeline{shown}")
        expect(handle(page)).to_have_attribute("aria-valuenow", str(looking or run["steps"]))
        notebook.value("heard.clear()")

    return put_state


def root(page):
    return page.locator(".gan-timeline")


def handle(page):
    return root(page).get_by_role("slider")


def place(page, step, end=1200, lane=0):
    """Where a step is on the page."""
    box = page.locator(".tl-plot").bounding_box()
    return box["x"] + 14 + step / end * (box["width"] - 28), box["y"] + 42 * lane + 26


def messages(notebook, count):
    return notebook.wait_value(f"len(heard) >= {count} and heard")


def test_the_first_screen_explains_itself(notebook, page, put):
    put(ONE | {"runs": [RUN]})
    expect(root(page).get_by_text("Drag back to see the past")).to_be_visible()
    expect(root(page).locator(".tl-readout")).to_have_text("Step 1,200 · the present, paused")
    enabled = {name: root(page).get_by_role("button", name=name).is_enabled() for name in ("Back", "Rewind", "Branch")}
    assert enabled == {"Back": False, "Rewind": False, "Branch": True}
    limits = {name: handle(page).get_attribute(f"aria-value{name}") for name in ("min", "max", "now", "text")}
    assert limits == {"min": "0", "max": "1200", "now": "1200", "text": "step 1,200 of 1,200"}
    assert "Rewind" in root(page).get_by_title("kept only as a recipe").inner_text()
    put(ONE)
    expect(root(page).get_by_text("Drag back to see the past")).to_be_hidden()


def test_a_dragged_handle_stays_under_the_hand_whatever_python_says_meanwhile(notebook, page, put):
    put(ONE)
    page.mouse.move(*place(page, 1200))
    page.mouse.down()
    page.mouse.move(*place(page, 800), steps=20)
    page.mouse.move(*place(page, 400), steps=20)
    looks = notebook.wait_value("heard and abs(heard[-1]['step'] - 400) <= 2 and heard")
    assert {look["do"] for look in looks} == {"look"} and len(looks) < 40
    here = int(handle(page).get_attribute("aria-valuenow"))
    assert here == looks[-1]["step"]
    for steps, looking in ((1201, None), (1202, 800)):
        state = ONE | {"runs": [CHANGED | {"steps": steps}], "looking": looking}
        notebook.value(f"timeline.set_trait('state', {state!r})")
        page.wait_for_selector(f".gan-timeline[data-steps='{steps}']")
        assert int(handle(page).get_attribute("aria-valuenow")) == here
    page.mouse.up()
    page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    assert int(handle(page).get_attribute("aria-valuenow")) == here  # 800 is still the answer to an older look
    put(ONE | {"looking": here})
    put(ONE | {"looking": 100})
    expect(root(page).locator(".tl-readout")).to_have_text("Step 100 of 1,200 · the past")


def test_a_press_on_the_handle_that_moves_nothing_says_nothing(notebook, page, put):
    put(ONE)
    x, y = place(page, 1200)
    page.mouse.click(x - 5, y + 3)
    page.wait_for_timeout(150)
    assert notebook.value("heard") == []


def test_a_click_on_the_lane_looks_there_and_beyond_its_end_says_now(notebook, page, put):
    put(TWO | {"active": 1})
    page.mouse.click(*place(page, 800, lane=0))  # the lane of another run
    page.mouse.click(*place(page, 650, lane=1))
    page.mouse.click(*place(page, 1100, lane=1))
    looks = messages(notebook, 2)
    assert [look["do"] for look in looks] == ["look", "now"]
    assert abs(looks[0]["step"] - 650) <= 2


def test_after_a_click_the_keys_move_the_handle_and_not_the_notebook(notebook, page, put):
    put(ONE)
    active = "window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    before = page.evaluate(active)
    page.mouse.click(*place(page, 500))
    step = messages(notebook, 1)[0]["step"]
    put(ONE | {"looking": step})
    expected = [("ArrowLeft", step - 12), ("Shift+ArrowDown", step - 132), ("PageUp", 302), ("PageUp", 0)]
    for key, place_then in [*expected, ("PageDown", 302), ("Home", 0), ("ArrowUp", 12)]:
        page.keyboard.press(key)
        notebook.wait_value(f"heard and heard[-1] == {{'do': 'look', 'step': {place_then}}}")
    put(ONE | {"looking": 314})
    assert handle(page).get_attribute("aria-valuetext") == "step 314 of 1,200, D:G 4:1 since step 302"
    page.keyboard.press("Escape")
    notebook.wait_value("heard == [{'do': 'now'}]")
    assert page.evaluate(active) == before


def test_the_mark_under_the_handle_or_the_pointer_tells_its_changes(notebook, page, put):
    put(ONE | {"looking": 302})
    tip = root(page).get_by_role("tooltip")
    handle(page).blur()
    expect(tip).to_be_hidden()
    handle(page).focus()
    page.keyboard.press("Shift")  # a hand on the keyboard
    expect(tip).to_have_text("step 300: D:G 5:1\nstep 302: D:G 4:1", use_inner_text=True)
    handle(page).blur()
    expect(tip).to_be_hidden()
    page.mouse.move(*place(page, 700))
    expect(tip).to_have_text("step 700: lr_d 2e-4")
    page.mouse.move(*place(page, 720))
    expect(tip).to_be_hidden()


def test_a_thousand_marks(notebook, page, put):
    changes = [[12 * i, f"change {i}"] for i in range(1000)]
    put(ONE | {"runs": [RUN | {"steps": 12_000, "changes": changes}]})
    page.mouse.move(*place(page, 6000, end=12_000))
    tip = root(page).get_by_role("tooltip")
    expect(tip).to_be_visible()
    lines = tip.inner_text().splitlines()
    assert "changes, the last of them" in lines[0] and len(lines) == 5
    assert all(abs(int(line.split()[-1]) - 500) < 15 for line in lines[1:])


def test_buttons(notebook, page, put):
    put(ONE | {"looking": 400})
    expect(root(page).locator(".tl-readout")).to_have_text("Step 400 of 1,200 · the past · since step 302: D:G 4:1")
    for name in ("Rewind to here", "Branch from here"):
        root(page).get_by_role("button", name=name).click()
    assert messages(notebook, 2) == [{"do": "rewind", "step": 400}, {"do": "branch", "step": 400}]
    root(page).get_by_role("button", name="Back to now").focus()
    page.keyboard.press("Enter")
    assert messages(notebook, 3)[-1] == {"do": "now"}
    put(ONE)
    expect(handle(page)).to_be_focused()  # not lost with the button
    root(page).get_by_role("button", name="Branch from here").click()
    assert messages(notebook, 1) == [{"do": "branch", "step": 1200}]


def test_a_rewound_run_goes_on_from_where_the_hand_was(notebook, page, put):
    put(ONE)
    page.mouse.click(*place(page, 400))
    root(page).get_by_role("button", name="Rewind to here").click()
    look, rewind = messages(notebook, 2)
    assert (look["do"], rewind) == ("look", {"do": "rewind", "step": look["step"]})
    steps = look["step"] + 7
    notebook.value(f"timeline.set_trait('state', {ONE | {'runs': [RUN | {'steps': steps}], 'playing': True}!r})")
    page.wait_for_selector(f".gan-timeline[data-steps='{steps}']")
    assert root(page).locator(".tl-readout").inner_text() == f"Step {steps} · the present, training"  # at once


def test_lists_choose_and_compare(notebook, page, put):
    put(TWO)
    roles = "[...document.querySelectorAll('.tl-names li')].map(item => item.dataset.role)"
    assert page.evaluate(roles) == ["active", "other"]
    train, compare = (root(page).get_by_role("combobox", name=name) for name in ("Train", "Compare with"))
    assert compare.locator("option").all_inner_texts() == ["none", "twin"]
    train.select_option(label="twin")
    compare.select_option(label="twin")
    assert messages(notebook, 2) == [{"do": "choose", "run": 1}, {"do": "compare", "run": 1}]
    put(TWO | {"active": 1, "compare": 0})
    assert page.evaluate(roles) == ["compared", "active"]
    assert (train.input_value(), compare.input_value()) == ("1", "0")
    compare.select_option(label="none")
    assert messages(notebook, 1) == [{"do": "compare", "run": None}]
    assert handle(page).get_attribute("aria-valuemin") == "400"


def test_many_lanes_scroll_and_the_active_one_is_in_view(notebook, page, put):
    runs = [RUN | {"name": f"seed {i}"} for i in range(12)]
    put(ONE | {"runs": runs, "active": 10})
    area = page.locator(".tl-scroll").bounding_box()
    assert area["height"] < 7 * 42
    box = handle(page).bounding_box()
    assert area["y"] <= box["y"] and box["y"] + box["height"] <= area["y"] + area["height"]
    axis, plot = (page.locator(selector).bounding_box() for selector in (".tl-axis", ".tl-plot"))
    assert (axis["x"], axis["width"]) == pytest.approx((plot["x"], plot["width"]), abs=1)


def test_it_fits_a_narrow_window_in_both_themes(notebook, page, put):
    put(TWO | {"active": 1, "compare": 0, "looking": 650})
    picture = "document.querySelector('.tl-plot canvas').toDataURL()"
    light = page.evaluate(picture)
    page.set_viewport_size({"width": 800, "height": 1000})
    page.wait_for_function(f"{picture} !== {light!r}")
    assert root(page).evaluate(
        """root => [...root.querySelectorAll(':scope *:not(option)')]
          .every(e => e.getBoundingClientRect().right <= root.getBoundingClientRect().right + 1)"""
    )
    light = page.evaluate(picture)
    for is_light in themes(page):
        page.wait_for_function(f"{picture} {'===' if is_light else '!=='} {light!r}")
    page.set_viewport_size({"width": 1280, "height": 1000})


def test_every_control_has_a_name_and_no_element_an_id(notebook, page, put):
    controls = root(page).locator("select, button, [tabindex]")
    names = controls.evaluate_all(
        "all => all.map(e => e.ariaLabel || e.closest('label')?.firstChild.textContent || e.textContent)"
    )
    assert len(names) == 6 and all(name.strip() for name in names)
    assert root(page).locator("[id]").count() == 0
    expect(page.get_by_role("group", name="Timeline of the runs")).to_have_class("gan-timeline gan-palette")


def test_nothing_is_left_of_a_view_that_is_taken_away(notebook, page):
    left = page.evaluate(
        """async (source) => {
          const {default: widget} = await import(URL.createObjectURL(new Blob([source], {type: 'text/javascript'})));
          const [el, listeners] = [document.body.appendChild(document.createElement('div')), new Map()];
          const off = (event, then) => listeners.get(event) === then && listeners.delete(event);
          const model = {get: () => ({}), on: (event, then) => listeners.set(event, then), off};
          const end = widget.render({model, el});
          const parts = el.children.length + listeners.size;
          end();
          return [parts, el.children.length + listeners.size];
        }""",
        Timeline._esm,
    )
    assert left == [2, 0]


def test_a_page_reload_shows_the_same(notebook, page, put):
    put(TWO | {"active": 1, "looking": 650})
    notebook.command("docmanager:save")
    page.reload()
    notebook.wait_ready()
    page.wait_for_selector(".gan-timeline[data-looking='650']", timeout=60_000)
