"""RoundLab in JupyterLab: hands on the five buttons, and what the page and the kernel make of it."""

import nbformat
import pytest
from conftest import KERNEL
from jupyter import NotebookPage
from looks import fingerprint, soon, themes

CELLS = ("from gan_course.widgets.round_lab import RoundLab\nlab = RoundLab()\nlab", "other = RoundLab(1)\nother")
PRESS = "[lab.press(step) for step in {}] and 1"


@pytest.fixture(scope="module")
def notebook(page, server):
    """A notebook with two labs."""
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    nbformat.write(nbformat.v4.new_notebook(metadata=KERNEL, cells=cells), server.root / "round.ipynb")
    notebook = NotebookPage(page, server, "round.ipynb")
    notebook.run_all()
    page.wait_for_function("document.querySelectorAll('.round-canvas[data-next]').length === 2", timeout=60_000)
    return notebook


@pytest.fixture(autouse=True)
def fresh(page, notebook):
    """The first lab as it was made, in view."""
    notebook.value("lab.restart()")
    root(page).scroll_into_view_if_needed()
    wait_words(page, notebook)


def root(page, lab=0):
    return page.locator(".round-canvas").nth(lab)


def button(page, press):
    return root(page).locator(f"button[data-press={press}]")


def picture(page, panel, lab=0):
    return fingerprint(root(page, lab).locator(f".rl-{panel} canvas"))


def pictures(page, lab=0):
    return {panel: picture(page, panel, lab) for panel in ("noise", "table", "verdicts", "G", "D")}


def wait_words(page, notebook):
    words = notebook.value("lab.words")
    page.wait_for_function("words => document.querySelector('.rl-words').textContent === words", arg=words)
    return words


def changed(page, before):
    """Which pictures differ now from those before."""
    return {panel for panel, now in pictures(page).items() if now != before[panel]}


def click(page, notebook, press):
    """Click, wait for the kernel, and say which pictures changed."""
    before = pictures(page)
    words = notebook.value("lab.words")
    button(page, press).click()
    page.wait_for_function("words => document.querySelector('.rl-words').textContent !== words", arg=words)
    wait_words(page, notebook)
    return changed(page, before)


def test_a_round_by_hand(notebook, page):
    """Each button changes its own pictures, and an update only the cells of whose turn it is."""
    assert click(page, notebook, "real") == {"table"}
    assert click(page, notebook, "noise") == {"noise"}
    assert click(page, notebook, "fake") == {"table"}
    assert click(page, notebook, "judge") == {"table", "verdicts"}
    assert click(page, notebook, "update") == {"table", "verdicts", "D"}
    assert notebook.value("[lab.moved, lab.hand.turn]") == [{"G": 0, "D": 33}, "G"]
    assert "33 of 33 weights moved" in root(page).locator(".rl-D figcaption").text_content()
    assert root(page).locator("[data-part=D]").get_attribute("data-learned") == "true"
    click(page, notebook, "noise")
    click(page, notebook, "fake")
    click(page, notebook, "judge")
    assert {"G", "D", "table"} <= click(page, notebook, "update"), "G's cells light up, D's go out"
    assert notebook.value("[lab.moved, lab.hand.rounds]") == [{"G": 42, "D": 0}, 1]
    assert root(page).locator(".rl-turn").text_content().startswith("Round 2")


COLORED = """([canvas, color]) => {
  const { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 0; i < data.length; i += 4)
    if (data[i + 3] > 200 && color.every((c, k) => Math.abs(data[i + k] - c) < 12)) count++;
  return count;
}"""


def colored(page, panel, rgb):
    """How many pixels of a panel have this colour."""
    handle = root(page).locator(f".rl-{panel} canvas").element_handle()
    return page.evaluate(COLORED, [handle, rgb])


def test_real_points_are_blue_and_fakes_orange(notebook, page):
    blue, orange = [0, 114, 178], [213, 94, 0]
    assert colored(page, "table", blue) == colored(page, "table", orange) == 0
    click(page, notebook, "real")
    assert colored(page, "table", blue) > 200 and colored(page, "table", orange) == 0
    click(page, notebook, "noise")
    click(page, notebook, "fake")
    assert colored(page, "table", orange) > 200


def test_the_next_button_is_highlighted(notebook, page):
    for press, following in (("real", "noise"), ("noise", "fake"), ("fake", "judge"), ("judge", "update")):
        click(page, notebook, press)
        marked = root(page).locator("[aria-current=step]")
        assert marked.count() == 1 and marked.get_attribute("data-press") == following
        assert button(page, press).get_attribute("data-standing") == "done"
    click(page, notebook, "update")
    assert button(page, "real").get_attribute("data-standing") == "needless"
    assert "not needed in G's turn" in button(page, "real").get_attribute("aria-label")
    background = "b => getComputedStyle(b).backgroundColor"
    assert button(page, "noise").evaluate(background) == "rgb(213, 94, 0)" != button(page, "fake").evaluate(background)


def test_out_of_order_is_answered_kindly(notebook, page):
    assert click(page, notebook, "update") == set()
    words = root(page).locator(".rl-words").text_content()
    assert "needs the judgement (4) first. Next is 1, real x." in words
    assert notebook.value("lab.hand.done") == []


def test_the_numbers_are_the_kernels(notebook, page):
    notebook.value(PRESS.format(["real", "noise", "fake", "judge", "update"]))
    wait_words(page, notebook)
    shown = root(page).locator("[data-name=d_loss] dd").text_content()
    before, after = notebook.value("[lab._scene._updated.verdict.loss, lab._scene._updated.verdict_now.loss]")
    assert shown == f"{before:.3f} → {after:.3f}"


def test_the_keyboard_takes_a_step_and_leaves_the_notebook_alone(notebook, page):
    state = "[(n => [n.activeCellIndex, n.widgets.length])(window.jupyterapp.shell.currentWidget.content)]"
    before = page.evaluate(state)
    button(page, "real").focus()
    for key in ("Enter", "Tab", "Space", "b"):  # b would insert a cell
        page.keyboard.press(key)
    notebook.wait_value("lab.hand.done == ('real', 'noise')")
    wait_words(page, notebook)
    assert page.evaluate(state) == before
    assert button(page, "noise").evaluate("b => b === document.activeElement"), "the focus stays"
    assert button(page, "noise").evaluate("b => getComputedStyle(b).outlineStyle") == "solid"


def test_the_whole_round_plays_step_by_step(notebook, page):
    button(page, "whole").click()
    notebook.wait_value("len(lab.hand.done) >= 2")
    assert notebook.value("lab.hand.rounds") == 0 and button(page, "whole").text_content() == "Stop"
    notebook.wait_value("lab.hand.rounds == 1")
    page.wait_for_timeout(1200)
    assert notebook.value("[lab.hand.rounds, lab.hand.done]") == [1, []]
    assert button(page, "whole").text_content() == "Whole round"


def test_a_playing_round_stops_under_the_hand(notebook, page):
    button(page, "whole").click()
    notebook.wait_value("len(lab.hand.done) >= 2")
    button(page, "whole").click()
    page.wait_for_timeout(200)
    done = notebook.value("lab.hand.done")
    page.wait_for_timeout(1200)
    assert notebook.value("lab.hand.done") == done and notebook.value("lab.hand.rounds") == 0
    click(page, notebook, "restart")
    assert notebook.value("lab.hand.done") == []


def test_less_motion_means_the_round_is_there_at_once(notebook, page):
    page.emulate_media(reduced_motion="reduce")
    button(page, "whole").click()
    notebook.wait_value("lab.hand.rounds == 1", timeout=3)
    page.emulate_media(reduced_motion="no-preference")


def test_two_labs_each_heed_their_own_hands(notebook, page):
    before = pictures(page, lab=1)
    click(page, notebook, "real")
    assert pictures(page, lab=1) == before and notebook.value("other.hand.done") == []


@pytest.mark.parametrize("width", [1280, 800])
def test_it_fits(notebook, page, width):
    page.set_viewport_size({"width": width, "height": 1000})
    page.wait_for_timeout(400)
    notebook.value(PRESS.format(["real", "noise", "fake", "judge", "update"]))
    wait_words(page, notebook)
    cut_off = page.locator(".round-lab").first.evaluate(
        """lab => [...lab.querySelectorAll('.round-canvas *')].filter(e =>
          e.getBoundingClientRect().right > lab.getBoundingClientRect().right + 1
          || getComputedStyle(e).display !== 'inline' && e.scrollWidth > e.clientWidth + 1).map(e => e.outerHTML)"""
    )
    assert cut_off == []
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.wait_for_timeout(300)


def test_every_control_has_a_name_and_no_element_an_id(notebook, page):
    assert root(page).evaluate("r => [...r.querySelectorAll('canvas')].every(c => c.ariaLabel)")
    assert root(page).evaluate("r => [...r.querySelectorAll('button')].every(b => b.textContent.trim())")
    assert root(page).locator("[id]").count() == 0
    assert root(page).locator(".rl-words").get_attribute("role") == "status"


def test_the_pictures_survive_a_change_of_theme(notebook, page):
    notebook.value(PRESS.format(["real", "noise", "fake", "judge"]))
    wait_words(page, notebook)
    light = pictures(page)
    for is_light in themes(page):
        assert soon(page, lambda now=is_light: (pictures(page) == light) == now)
        assert is_light or soon(page, lambda: not set(pictures(page).values()) & set(light.values()))


def test_a_page_reload_keeps_the_round(notebook, page):
    notebook.value(PRESS.format(["real", "noise", "fake", "judge", "update"]))
    words = wait_words(page, notebook)
    before = pictures(page)
    notebook.command("docmanager:save")
    page.wait_for_timeout(500)
    page.reload()
    notebook.wait_ready()
    page.wait_for_selector(".round-canvas[data-next]", timeout=60_000)
    root(page).scroll_into_view_if_needed()
    assert root(page).locator(".rl-words").text_content() == words
    assert soon(page, lambda: pictures(page) == before)
    click(page, notebook, "noise")
    assert notebook.value("lab.hand.done") == ["noise"]
