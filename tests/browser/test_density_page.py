"""DensityLab in JupyterLab: hands on the densities, the controls and the keys, and what page and kernel say then."""

import json

import nbformat
import pytest
from conftest import KERNEL
from jupyter import NotebookPage
from looks import fingerprint, soon, themes

CELLS = (
    "from gan_course.widgets.density_lab import DensityLab\nfrom gan_course.theory import Mixture\nlab = DensityLab()\n"
    "lab",
    "other = DensityLab('separate supports')\nother",
)
PANELS = ("densities", "best", "pulls")


@pytest.fixture(scope="module")
def notebook(page, server):
    """A notebook with two labs."""
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    nbformat.write(nbformat.v4.new_notebook(metadata=KERNEL, cells=cells), server.root / "density.ipynb")
    notebook = NotebookPage(page, server, "density.ipynb")
    notebook.run_all()
    page.wait_for_function("document.querySelectorAll('.density-canvas[data-drawn]').length === 2", timeout=60_000)
    return notebook


@pytest.fixture(autouse=True)
def fresh(page, notebook):
    """The first lab as it was made, in view, the fakes' only bump chosen."""
    notebook.value("lab.set('shifted')")
    root(page).scroll_into_view_if_needed()
    button(page, "fake").click()
    wait_agreed(page, notebook)
    page.mouse.move(0, 0)


def root(page, lab=0):
    return page.locator(".density-canvas").nth(lab)


def surface(page, lab=0):
    return root(page, lab).locator(".dn-densities")


def button(page, name):
    return root(page).get_by_role("button", name=name)


def slider(page, name):
    return root(page).locator(f"[data-of={name}]")


def picture(page, panel, lab=0):
    return fingerprint(root(page, lab).locator(f".dn-{panel}"))


def pictures(page, lab=0):
    return [picture(page, panel, lab) for panel in PANELS]


def wait_agreed(page, notebook, lab="lab", index=0):
    """Wait until the page shows the kernel's numbers, to 1e-6, and says its words; returns the numbers."""

    def agree():
        shown = shown_numbers(page, index)
        return all(abs(shown[name] - number) < 1e-6 for name, number in notebook.value(f"{lab}.numbers").items())

    assert soon(page, agree), "page and kernel disagree"
    words = notebook.value(f"{lab}.words")
    assert soon(page, lambda: root(page, index).locator(".dn-words").text_content() == words)
    return notebook.value(f"{lab}.numbers")


def shown_numbers(page, lab=0):
    return json.loads(root(page, lab).get_attribute("data-numbers"))


def place_of(page, x, height, high):
    """Where a value is on the screen, in a picture that goes up to `high`."""
    box = surface(page).bounding_box()
    across = 34 + (x + 8) / 16 * (box["width"] - 12 - 34)
    return box["x"] + across, box["y"] + box["height"] - 6 - height / high * (box["height"] - 14)


def drag(page, *places):
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=8)
    page.mouse.up()


PEAK = 0.4986779  # of a bump with std 0.8
SIDE = PEAK * 0.6065307


def test_dragging_a_bump_moves_it_and_everything_follows(notebook, page):
    before = pictures(page)
    drag(page, place_of(page, 1, PEAK, 0.75), place_of(page, 3.5, PEAK, 0.75))
    notebook.wait_value("abs(lab._canvas.p_g['means'][0] - 3.5) < 0.03")
    numbers = wait_agreed(page, notebook)
    assert numbers["w1"] == pytest.approx(4.5, abs=0.03) and numbers["jsd"] > 0.65
    assert not set(pictures(page)) & set(before)
    shown = root(page).locator("[data-number=w1]").text_content()
    assert shown == f"{numbers['w1']:.3f}"
    assert notebook.value("lab._canvas.p_data['means']") == [-1], "the other one stays"
    page.mouse.move(*place_of(page, 0, PEAK, 0.75))  # with no button down
    page.wait_for_timeout(150)
    assert notebook.value("lab.numbers['w1']") == numbers["w1"]


def test_a_side_handle_widens_and_the_real_one_is_on_the_left(notebook, page):
    drag(page, place_of(page, 1.8, SIDE, 0.75), place_of(page, 2.3, SIDE, 0.75))
    notebook.wait_value("abs(lab._canvas.p_g['stds'][0] - 1.3) < 0.03")
    drag(page, place_of(page, -1.8, SIDE, 0.75), place_of(page, -1.4, SIDE, 0.75))
    notebook.wait_value("abs(lab._canvas.p_data['stds'][0] - 0.4) < 0.03")
    assert notebook.value("[lab._canvas.p_g['means'], lab._canvas.p_data['means']]") == [[1], [-1]]
    wait_agreed(page, notebook)
    assert button(page, "real").get_attribute("aria-pressed") == "true", "what a hand takes is chosen"


def test_up_and_down_changes_a_weight(notebook, page):
    notebook.value("lab.set(p_g=Mixture([-3, 3], [0.5, 0.5], [0.5, 0.5]), p_data=Mixture([-3, 3], [0.5, 0.5]))")
    wait_agreed(page, notebook)
    drag(page, place_of(page, 3, 0.3989, 0.5), place_of(page, 3, 0.2, 0.5))
    notebook.wait_value("abs(lab._canvas.p_g['weights'][1] - 0.25) < 0.02")
    numbers = wait_agreed(page, notebook)
    assert numbers["w1"] == pytest.approx(6 * 0.25, abs=0.1)


def test_a_drag_does_not_wait_for_the_kernel(notebook, page):
    page.evaluate(
        """() => void window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute(
          {code: 'import time; time.sleep(2.5)', silent: true}).done.then(() => window.woken = true)"""
    )
    drag(page, place_of(page, 1, PEAK, 0.75), place_of(page, 4, PEAK, 0.75))
    assert soon(page, lambda: shown_numbers(page)["w1"] > 4.9)
    assert page.evaluate("window.woken") is None, "the kernel still slept"
    page.wait_for_function("window.woken")
    wait_agreed(page, notebook)


def test_a_density_drawn_with_the_mouse(notebook, page):
    button(page, "draw by hand").click()
    notebook.wait_value("'values' in lab._canvas.p_g")
    assert root(page).locator(".dn-bumps").is_hidden()
    high = 0.75
    places = [(-8, 0.001), (-4.02, 0.001), (-4, 0.4), (-2, 0.4), (-1.98, 0.001), (8, 0.001)]
    drag(page, *(place_of(page, x, height, high) for x, height in places))
    notebook.wait_value("bool(lab.p_g[(lab.x > -3.8) & (lab.x < -2.2)].min() > 0.4)")
    assert notebook.value("lab.p_g[abs(lab.x + 3) > 1.2].max()") < 0.01
    wait_agreed(page, notebook)
    button(page, "bumps").click()
    notebook.wait_value("lab._canvas.p_g.get('weights') == [1]")
    assert notebook.value("lab._canvas.p_g['means'][0]") == pytest.approx(-3, abs=0.1), "one bump where the line was"


def test_a_density_drawn_under_a_finger(notebook, page):
    button(page, "real").click()
    button(page, "draw by hand").click()
    notebook.wait_value("'values' in lab._canvas.p_data")
    line = ((-8, 0), (0, 0), (0, 0.5), (4, 0.5), (4, 0), (8, 0))
    places = [place_of(page, x, height, 0.75) for x, height in line]
    surface(page).evaluate(
        """(canvas, places) => {
          const touch = (type, [clientX, clientY]) => canvas.dispatchEvent(new PointerEvent(type, {
            pointerId: 1, pointerType: 'touch', isPrimary: true, bubbles: true, clientX, clientY}));
          canvas.setPointerCapture = (id) => (canvas.captured = id);
          canvas.hasPointerCapture = (id) => canvas.captured === id;
          touch('pointerdown', places[0]);
          places.forEach((place) => touch('pointermove', place));
          touch('lostpointercapture', places.at(-1));
          delete canvas.setPointerCapture;
          delete canvas.hasPointerCapture;
        }""",
        places,
    )
    notebook.wait_value("bool(abs(lab.p_data[(lab.x > 0.1) & (lab.x < 3.9)] - 0.25).max() < 0.01)")
    wait_agreed(page, notebook)
    assert surface(page).evaluate("c => getComputedStyle(c).touchAction") == "none"


def test_keys_move_widen_and_choose_bumps_and_leave_the_notebook_alone(notebook, page):
    state = "[(n => [n.activeCellIndex, n.widgets.length])(window.jupyterapp.shell.currentWidget.content)]"
    before = page.evaluate(state)
    surface(page).focus()
    for key in ("ArrowLeft", "Shift+ArrowLeft", "+", "+", "-", "b"):  # b would insert a cell
        page.keyboard.press(key)
    notebook.wait_value("lab._canvas.p_g == {'means': [0.4], 'stds': [0.85], 'weights': [1]}")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    notebook.wait_value("lab._canvas.p_data['means'] == [-0.9]")
    wait_agreed(page, notebook)
    assert page.evaluate(state) == before
    assert "Chosen: real bump 1" in surface(page).get_attribute("aria-label")


def test_keys_draw(notebook, page):
    button(page, "draw by hand").press("Enter")
    notebook.wait_value("'values' in lab._canvas.p_g")
    surface(page).focus()
    before = picture(page, "densities")
    for key in ["Shift+ArrowLeft"] * 8 + ["Shift+ArrowUp"] * 6:
        page.keyboard.press(key)
    notebook.wait_value("bool(lab.p_g[200] > max(0.1, lab.p_g[300]))")  # x = -4 and -2
    assert picture(page, "densities") != before
    wait_agreed(page, notebook)
    for key in ["Shift+ArrowDown"] * 12:
        page.keyboard.press(key)
    notebook.wait_value("bool(lab.p_g[200] == 0)")


@pytest.mark.parametrize(
    "name, key, expected",
    [
        ("mean", "ArrowRight", "means'] == [1.05]"),
        ("mean", "Home", "means'] == [-5]"),
        ("std", "End", "stds'] == [1.5]"),
    ],
)
def test_a_slider_under_the_keyboard(notebook, page, name, key, expected):
    before = picture(page, "densities")
    slider(page, name).press(key)
    notebook.wait_value(f"lab._canvas.p_g['{expected}")
    wait_agreed(page, notebook)
    assert picture(page, "densities") != before
    assert slider(page, name).get_attribute("aria-label") == f"{name} of fake bump 1"


def test_bumps_come_and_go(notebook, page):
    assert slider(page, "weight").is_disabled()
    button(page, "add").click()
    button(page, "add").click()
    notebook.wait_value("len(lab._canvas.p_g['means']) == 3")
    assert button(page, "add").get_attribute("aria-disabled") == "true"
    button(page, "add").click(force=True)
    slider(page, "weight").fill("0.8")
    notebook.wait_value("abs(lab._canvas.p_g['weights'][2] - 0.8) < 1e-9 and len(lab._canvas.p_g['means']) == 3")
    wait_agreed(page, notebook)
    button(page, "bump 1").click()
    button(page, "remove").click()
    button(page, "remove").click()
    notebook.wait_value("len(lab._canvas.p_g['means']) == 1 and lab._canvas.p_g['weights'] == [1]")
    assert button(page, "remove").get_attribute("aria-disabled") == "true"


@pytest.mark.parametrize("preset", ["equal", "shifted", "separate supports", "two modes against one"])
def test_presets(notebook, page, preset):
    notebook.value("lab.set(p_data=Mixture([3], [1]))")
    wait_agreed(page, notebook)
    assert root(page).locator("[data-preset][aria-pressed=true]").count() == 0
    button(page, preset).click()
    notebook.wait_value(f"repr(lab) == \"DensityLab('{preset}')\"")
    wait_agreed(page, notebook)
    assert button(page, preset).get_attribute("aria-pressed") == "true"


def test_python_is_followed(notebook, page):
    before = pictures(page)
    notebook.value("lab.set(p_data=(abs(lab.x) < 2) * 1.0, p_g=Mixture([0, 3], [0.5, 1.0], [0.3, 0.7]))")
    wait_agreed(page, notebook)
    assert not set(pictures(page)) & set(before)
    assert "Real: drawn by hand. Fake: 2 bumps" in surface(page).get_attribute("aria-label")


def test_a_screen_reader_is_told_when_things_have_come_to_rest(notebook, page):
    said = root(page).get_by_role("status")
    assert soon(page, lambda: said.text_content() == root(page).locator(".dn-words").text_content())
    root(page).evaluate(
        """root => { window.told = 0; const said = root.querySelector('[role=status]');
          new MutationObserver(() => window.told++).observe(said, {childList: true, subtree: true}); }"""
    )
    drag(page, *(place_of(page, x, PEAK, 0.75) for x in (1, 2, 3, 2, 4)))
    words = wait_agreed(page, notebook) and notebook.value("lab.words")
    assert soon(page, lambda: said.text_content() == words)
    assert page.evaluate("window.told") <= 2, "not at every move"


def test_two_labs_do_not_disturb_each_other(notebook, page):
    before = pictures(page, lab=1)
    drag(page, place_of(page, 1, PEAK, 0.75), place_of(page, -2, PEAK, 0.75))
    button(page, "add").click()
    wait_agreed(page, notebook)
    assert pictures(page, lab=1) == before
    assert notebook.value("repr(other)") == "DensityLab('separate supports')"


@pytest.mark.parametrize("width", [1280, 800])
def test_it_fits(notebook, page, width):
    page.set_viewport_size({"width": width, "height": 1000})
    page.wait_for_timeout(400)
    assert root(page).evaluate(
        """root => [...root.querySelectorAll('*')].filter(e => e.getBoundingClientRect().width > 1)
          .every(e => e.getBoundingClientRect().right <= root.getBoundingClientRect().right + 1)"""
    )
    tops = []
    for mean in (1.0, -1.0, 4.5):  # in long words and in short ones, the pictures stay where they are
        notebook.value(f"lab.set(p_g=Mixture([{mean}], [0.8]))")
        wait_agreed(page, notebook)
        tops.append(surface(page).evaluate("c => c.offsetTop"))
    assert len(set(tops)) == 1
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.wait_for_timeout(300)


def test_every_control_has_a_name_and_no_element_an_id(notebook, page):
    nameless = root(page).evaluate(
        """root => [...root.querySelectorAll('input, button, canvas')]
          .filter(e => !(e.ariaLabel || e.tagName === 'BUTTON' && e.textContent.trim())).map(e => e.outerHTML)"""
    )
    assert nameless == []
    assert root(page).locator("[id]").count() == 0


def test_focus_can_be_seen(notebook, page):
    button(page, "equal").focus()
    page.keyboard.press("Tab")
    outline = "() => getComputedStyle(document.activeElement).outlineStyle + document.activeElement.textContent"
    assert page.evaluate(outline) == "solidshifted"


def test_the_pictures_survive_a_change_of_theme(notebook, page):
    light = pictures(page)
    for is_light in themes(page):
        assert soon(page, lambda now=is_light: (pictures(page) == light) == now)


def test_a_page_reload_keeps_it_all(notebook, page):
    notebook.value("lab.set(p_data=(abs(lab.x) < 2) * 1.0, p_g=Mixture([0, 3], [0.5, 1.0], [0.3, 0.7]))")
    wait_agreed(page, notebook)
    before = pictures(page)
    notebook.command("docmanager:save")
    page.wait_for_timeout(500)
    page.reload()
    notebook.wait_ready()
    page.wait_for_selector(".density-canvas[data-drawn]", timeout=60_000)
    root(page).scroll_into_view_if_needed()
    wait_agreed(page, notebook)
    assert soon(page, lambda: pictures(page) == before)
    surface(page).focus()
    page.keyboard.press("ArrowRight")
    notebook.wait_value("lab._canvas.p_g['means'] == [0.1, 3]")
    wait_agreed(page, notebook)
