"""ObjectiveLab in JupyterLab: hands on the sliders and the charts, answers without the kernel, and the live run."""

import math

import nbformat
import pytest
from conftest import KERNEL
from jupyter import NotebookPage
from looks import fingerprint, soon, themes

CELLS = (
    "from gan_course.widgets.objective_lab import ObjectiveLab\nolds = globals().get('olds', [])\n"
    "lab = ObjectiveLab()\nolds.append(lab)\nlab",
    "other = ObjectiveLab(0.5, 0.5)\nother",
)


@pytest.fixture(scope="module")
def notebook(page, server):
    """A notebook with two labs."""
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    nbformat.write(nbformat.v4.new_notebook(metadata=KERNEL, cells=cells), server.root / "objective.ipynb")
    notebook = NotebookPage(page, server, "objective.ipynb")
    notebook.run_all()
    page.wait_for_function("document.querySelectorAll('.objective-canvas[data-step]').length === 2", timeout=60_000)
    return notebook


@pytest.fixture(autouse=True)
def fresh(page, notebook):
    """The first lab with the settings it was made with, paused, in view."""
    notebook.value(
        "[lab.pause(), lab.trainer.set(d_steps=1, g_steps=1), lab.set(d_real=0.8, d_fake=0.2, form='probability')]"
    )
    root(page).scroll_into_view_if_needed()
    wait_words(page, notebook)


def root(page, lab=0):
    return page.locator(".objective-canvas").nth(lab)


def words(page):
    return root(page).locator(".ol-words").text_content()


def wait_words(page, notebook):
    """Wait until the page says what the kernel does."""
    said = notebook.value("lab._objective.words")
    page.wait_for_function("words => document.querySelector('.ol-words').textContent === words", arg=said)
    return said


def slider(page, name, lab=0):
    return root(page, lab).get_by_role("slider", name=name, exact=True)


def chart(page, name="pulls"):
    return root(page).locator(f".ol-{name} canvas")


def picture(page, panel, lab=0):
    return fingerprint(root(page, lab).locator(f".ol-{panel} canvas"))


def wait_new_picture(page, panel, old):
    assert soon(page, lambda: picture(page, panel) != old), "the picture stayed as it was"


def place_of(page, logit, name="pulls"):
    """Where a logit is on the screen, half way up a chart."""
    box = chart(page, name).bounding_box()
    return box["x"] + 34 + (logit / 10 + 1) / 2 * (box["width"] - 44), box["y"] + box["height"] / 2


def is_logit(logit, within=0.06):
    return f"abs(lab._objective.logits[1] - {logit}) < {within}"


@pytest.mark.parametrize(
    "name, key, expected",
    [
        ("D(x)", "ArrowRight", "abs(lab._objective.d_real - 0.801) < 1e-9"),
        ("D(x)", "End", "abs(lab._objective.d_real - 0.999) < 1e-9"),
        ("D(G(z))", "ArrowLeft", "abs(lab._objective.d_fake - 0.199) < 1e-9"),
        ("D(G(z))", "Home", "abs(lab._objective.d_fake - 0.001) < 1e-9"),
    ],
)
def test_a_slider_under_the_keyboard(notebook, page, name, key, expected):
    before = picture(page, "bars"), picture(page, "pulls")
    slider(page, name).press(key)
    notebook.wait_value(expected)
    wait_words(page, notebook)
    if key in ("Home", "End"):
        wait_new_picture(page, "bars", before[0])
        assert (picture(page, "pulls") != before[1]) == (name == "D(G(z))")


def test_formulas_answer_without_the_kernel(notebook, page):
    """The kernel sleeps: what the slider sets is on the page all the same, and in the kernel when it wakes."""
    before = picture(page, "bars"), picture(page, "losses")
    page.evaluate(
        """() => { window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({
          code: 'import time, ctypes; ctypes.PyDLL(None).usleep(3_000_000)', store_history: false}); }"""
    )  # with the GIL held, so that no thread of the kernel runs
    page.wait_for_timeout(300)
    slider(page, "D(G(z))").press("PageUp")
    slider(page, "D(x)").press("Home")
    page.wait_for_function("document.querySelector('.ol-words').textContent.includes('(−6.908)')", timeout=1000)
    assert soon(page, lambda: before[0] != picture(page, "bars") and before[1] != picture(page, "losses"))
    notebook.wait_value("abs(lab._objective.d_real - 0.001) < 1e-9 and lab._objective.d_fake > 0.2")
    assert "(−6.908)" in wait_words(page, notebook)


@pytest.mark.parametrize("name", ["losses", "pulls"])
def test_dragging_the_mark(notebook, page, name):
    before = picture(page, name)
    page.mouse.move(*place_of(page, -1.39, name))
    page.mouse.down()
    page.mouse.move(*place_of(page, -5, name), steps=6)
    page.mouse.move(*place_of(page, -8, name), steps=6)
    notebook.wait_value(is_logit(-8))
    page.mouse.up()
    wait_new_picture(page, name, before)
    said = wait_words(page, notebook)
    ratio = notebook.value("lab.numbers['non_saturating_slope'] / lab.numbers['minimax_slope']")
    assert f"{ratio:,.0f} times as hard" in said and ratio == pytest.approx(2981, rel=0.07)
    assert f"{ratio:,.0f}" in root(page).locator(".ol-pulls figcaption").text_content()
    page.mouse.move(*place_of(page, 5, name))  # with no button down
    page.wait_for_timeout(150)
    assert notebook.value(is_logit(-8))
    assert float(slider(page, "D(G(z))").input_value()) == 0.001, "the slider rests at its end"


def test_keys_on_the_chart(notebook, page):
    state = "[(n => [n.activeCellIndex, n.widgets.length])(window.jupyterapp.shell.currentWidget.content)]"
    before = page.evaluate(state)
    chart(page).focus()
    for key in ("Home", "PageUp", "PageUp", "ArrowRight", "b"):  # b would insert a cell
        page.keyboard.press(key)
    notebook.wait_value(is_logit(-7.9, 1e-6))
    wait_words(page, notebook)
    assert chart(page).evaluate("c => [c.ariaValueNow, c.ariaValueMin, c.ariaValueMax]") == ["-7.90", "-10", "10"]
    assert page.evaluate(state) == before
    assert chart(page).evaluate("c => getComputedStyle(c).outlineStyle") == "solid"


def test_the_form_is_a_toggle(notebook, page):
    before = picture(page, "bars")
    root(page).get_by_label("logit", exact=True).check()
    notebook.wait_value("lab._objective.form == 'logit'")
    assert wait_words(page, notebook).startswith("−V = softplus(−1.39) + softplus(−1.39)")
    wait_new_picture(page, "bars", before)
    assert slider(page, "D(x)").get_attribute("min") == "-10"
    slider(page, "D(x)").press("End")
    notebook.wait_value("abs(lab._objective.logits[0] - 10) < 1e-6")
    root(page).get_by_label("probability").check()
    notebook.wait_value("lab._objective.form == 'probability'")
    assert wait_words(page, notebook).startswith("V = log D(x)")


def test_arrow_keys_choose_within_their_own_group_and_lab(notebook, page):
    root(page).get_by_label("probability").press("ArrowRight")
    notebook.wait_value("lab._objective.form == 'logit'")
    root(page).get_by_label("1:1").press("ArrowLeft")
    notebook.wait_value("(lab.trainer.controls.d_steps, lab.trainer.controls.g_steps) == (1, 5)")
    wait_words(page, notebook)
    assert root(page).get_by_label("logit", exact=True).is_checked() and root(page).get_by_label("1:5").is_checked()
    assert (
        root(page, lab=1).get_by_label("probability").is_checked()
        and root(page, lab=1).get_by_label("1:1").is_checked()
    )


def test_python_moves_the_sliders(notebook, page):
    notebook.value("lab.set(d_real=0.123, d_fake=0.456)")
    wait_words(page, notebook)
    assert slider(page, "D(x)").input_value() == "0.123"
    page.wait_for_timeout(300)
    assert notebook.value("[lab._objective.d_real, lab._objective.d_fake]") == [0.123, 0.456]


STEP = "+document.querySelector('.objective-canvas').dataset.step"


def test_play_moves_the_live_mark_and_pause_holds_it(notebook, page):
    before = {panel: picture(page, panel) for panel in ("losses", "pulls", "history")}
    root(page).get_by_role("button", name="Play").click()
    notebook.wait_value("lab.live.playing")
    page.wait_for_function(f"{STEP} > 30")
    for panel, old in before.items():
        wait_new_picture(page, panel, old)
    root(page).get_by_role("button", name="Pause").press("Enter")
    root(page).get_by_role("button", name="Play").wait_for()
    notebook.wait_value("not lab.live.playing")
    steps = notebook.value("lab.trainer.steps")
    page.wait_for_function(f"{STEP} === {steps}")
    page.wait_for_timeout(300)
    assert notebook.value("lab.trainer.steps") == steps
    live = float(root(page).get_attribute("data-live"))
    assert 1 / (1 + math.exp(-live)) == pytest.approx(notebook.value("float(lab._verdicts.d_fake)"), abs=1e-4)
    assert f"step {steps:,}: mean D(G(z)) = " in root(page).locator(".ol-status").text_content()


def test_a_strong_d_slides_the_mark_to_the_left(notebook, page):
    root(page).get_by_label("1:0").check()
    notebook.wait_value("lab.trainer.controls.g_steps == 0")
    page.wait_for_function("document.querySelector('.objective-canvas').dataset.ratio === '1:0'")
    start = notebook.value("lab.trainer.steps")
    root(page).get_by_role("button", name="Play").click()
    notebook.wait_value(f"lab.trainer.steps > {start} + 300", timeout=60)
    seen = [float(root(page).get_attribute("data-live")) for _ in range(10) if not page.wait_for_timeout(60)]
    assert max(seen) < -0.2, seen
    root(page).get_by_role("button", name="Pause").click()
    notebook.wait_value("not lab.live.playing")


def test_the_page_keeps_up_and_says_what_it_drew(notebook, page):
    sent = notebook.value("lab.live.sent")
    notebook.value("lab.play()")
    notebook.wait_value(f"lab.live.sent > {sent} + 30")
    notebook.value("lab.pause()")
    assert notebook.value("lab._canvas.drawn") > sent


def test_two_labs_each_heed_their_own_hands(notebook, page):
    before = picture(page, "bars", lab=1), notebook.value("other.trainer.steps")
    slider(page, "D(x)").press("Home")
    notebook.wait_value("lab._objective.d_real < 0.01")
    root(page).get_by_label("logit", exact=True).check()
    notebook.wait_value("lab._objective.form == 'logit'")
    assert (picture(page, "bars", lab=1), notebook.value("other.trainer.steps")) == before
    assert root(page, lab=1).get_by_label("probability").is_checked()
    assert notebook.value("other._objective.d_real") == 0.5


@pytest.mark.parametrize("width", [1280, 800])
def test_it_fits(notebook, page, width):
    page.set_viewport_size({"width": width, "height": 1000})
    page.wait_for_timeout(400)
    cut_off = page.locator(".objective-lab").first.evaluate(
        """lab => [...lab.querySelectorAll('.objective-canvas *')].filter(e =>
          e.getBoundingClientRect().right > lab.getBoundingClientRect().right + 1
          || getComputedStyle(e).display !== 'inline' && e.scrollWidth > e.clientWidth + 1).map(e => e.outerHTML)"""
    )
    assert cut_off == []
    chart(page).scroll_into_view_if_needed()
    page.mouse.click(*place_of(page, 3))
    notebook.wait_value(is_logit(3, 0.15))
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.wait_for_timeout(300)


def test_every_control_has_a_name_and_no_element_an_id(notebook, page):
    nameless = root(page).evaluate(
        """root => [...root.querySelectorAll('input, button, canvas')].filter(e => !(e.ariaLabel
          || e.tagName === 'BUTTON' && e.textContent.trim() || e.closest('label'))).map(e => e.outerHTML)"""
    )
    assert nameless == []
    assert root(page).locator("[id]").count() == 0
    assert root(page).locator(".ol-words").get_attribute("role") == "status"


def test_the_pictures_survive_a_change_of_theme(notebook, page):
    light = {panel: picture(page, panel) for panel in ("bars", "losses", "pulls", "history")}

    def all_now(compare):
        return all(compare(picture(page, panel), old) for panel, old in light.items())

    for is_light in themes(page):
        same = str.__eq__ if is_light else str.__ne__
        assert soon(page, lambda same=same: all_now(same))


def test_a_page_reload_keeps_the_lab(notebook, page):
    notebook.value("[lab.set(d_fake=0.0123), lab.run(3)]")
    said = wait_words(page, notebook)
    notebook.command("docmanager:save")
    page.wait_for_timeout(500)
    page.reload()
    notebook.wait_ready()
    page.wait_for_selector(".objective-canvas[data-step]", timeout=60_000)
    root(page).scroll_into_view_if_needed()
    assert words(page) == said
    chart(page).press("End")
    notebook.wait_value(is_logit(10, 1e-6))
    wait_words(page, notebook)


def test_running_the_cell_again_stops_the_older_run(notebook, page):
    notebook.value("lab.play()")
    notebook.wait_value("lab.live.alive and lab.live.playing")
    notebook.run_all()
    notebook.wait_value("len(olds) == 2 and lab is olds[1]", timeout=60)
    notebook.wait_value("not olds[0].live.alive and olds[1].live.alive")
    steps = notebook.value("olds[0].trainer.steps")
    page.wait_for_timeout(300)
    assert notebook.value("olds[0].trainer.steps") == steps
