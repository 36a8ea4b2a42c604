"""PhaseLab in JupyterLab: the map takes colour while it trains, and a hand opens its runs."""

import nbformat
import pytest
from conftest import KERNEL
from jupyter import NotebookPage
from looks import soon, themes

pytestmark = pytest.mark.timeout(200)
CELL = """from gan_course import PhaseLab, TrainConfig
config = TrainConfig(width=16, batch_size=32, device='cpu')
lab = PhaseLab(config, {'ratio': [(1, 4), (1, 1), (2, 1)], 'lr': [1e-3, 1e-2]}, 2, steps=100_000, start=False)
lab"""


@pytest.fixture(scope="module")
def notebook(page, server):
    nbformat.write(
        nbformat.v4.new_notebook(metadata=KERNEL, cells=[nbformat.v4.new_code_cell(CELL)]), server.root / "phase.ipynb"
    )
    notebook = NotebookPage(page, server, "phase.ipynb")
    notebook.run_all()
    page.wait_for_selector(".phase-map[data-round]", timeout=60_000)
    return notebook


@pytest.fixture(autouse=True)
def stopped(page, notebook):
    """No thread trains when a test begins."""
    notebook.value("[lab.stop(), lab.lab and lab.lab.pause()] and 1")
    page.wait_for_selector(".phase-map[data-playing=false]")


def root(page):
    return page.locator(".phase-map")


def cell(page, row, column):
    return root(page).locator(f"[role=gridcell][data-row='{row}'][data-column='{column}']")


def colours(page):
    return root(page).locator("[role=gridcell]").evaluate_all("cells => cells.map((c) => c.style.background)")


def toggle(page):
    root(page).locator(".pm-toggle").click()


def wait_opened(page, notebook, member):
    page.wait_for_selector(f".phase-map[data-opened='{member}']")
    notebook.wait_value(f"lab.lab.trainer.config.seed == lab.sweep.members[{member}].seed")


def test_cells_take_colour_while_it_trains_it_stops_and_goes_on(page, notebook):
    assert colours(page) == [""] * 6 and root(page).locator(".pm-toggle").inner_text() == "Start"
    toggle(page)
    page.wait_for_selector(".phase-map[data-playing=true]")
    assert soon(page, lambda: "" not in colours(page)), "no colours"
    before, done = colours(page), notebook.value("lab._slices.steps")
    assert soon(page, lambda: colours(page) != before), "the colours stand still while it trains"
    assert "left" in root(page).locator(".pm-progress").inner_text()
    assert notebook.value("lab._slices.steps") > done
    toggle(page)
    page.wait_for_selector(".phase-map[data-playing=false]")
    assert "stopped, all is kept" in root(page).locator(".pm-progress").inner_text()
    kept = notebook.value("lab._slices.steps")
    page.wait_for_timeout(200)
    assert notebook.value("lab._slices.steps") == kept
    assert root(page).locator(".pm-toggle").inner_text() == "Go on"
    toggle(page)
    notebook.wait_value(f"lab._slices.steps > {kept}")


def test_a_click_opens_the_very_run(page, notebook):
    cell(page, 0, 1).click()
    wait_opened(page, notebook, 6)  # 1:1, the higher rate, the first seed
    page.wait_for_selector(".gan-canvas[data-step]")
    assert cell(page, 0, 1).get_attribute("data-opened") == "true"
    assert "D:G 1:1, lr_d 0.01, lr_g 0.01, seed 0" in root(page).locator(".pm-opened").inner_text()
    notebook.value("lab.lab.play()")
    notebook.wait_value("lab.lab.trainer.steps > 40")
    notebook.value("lab.lab.pause()")
    same = (
        "(lambda t, r: __import__('gan_course').replay(__import__('dataclasses').replace(r, steps=t.steps))"
        ".recipe().end_digest == t.recipe().end_digest)(lab.lab.trainer, lab.sweep.member(6)[1])"
    )
    assert notebook.value(same)


def test_the_seeds_of_a_cell(page, notebook):
    cell(page, 1, 0).click()
    wait_opened(page, notebook, 0)
    seeds = root(page).locator(".pm-member")
    assert [text.split(":")[0] for text in seeds.all_inner_texts()] == ["seed 0", "seed 1"]
    seeds.nth(1).click()
    wait_opened(page, notebook, 1)
    cell(page, 1, 2).click()
    wait_opened(page, notebook, 9)  # the same seed in the next cell
    seeds.nth(0).click()
    wait_opened(page, notebook, 8)


def test_keys_go_from_cell_to_cell_and_enter_opens(page, notebook):
    state = "[(n => [n.activeCellIndex, n.widgets.length])(window.jupyterapp.shell.currentWidget.content)]"
    before = page.evaluate(state)
    cell(page, 0, 0).focus()
    page.keyboard.press("Home")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    assert cell(page, 1, 1).evaluate("c => c === document.activeElement && c.ariaSelected === 'true'")
    assert cell(page, 1, 1).get_attribute("aria-label").startswith("D:G 1:1, learning rate of both 0.001")
    assert root(page).locator("[role=gridcell][tabindex='0']").count() == 1
    page.keyboard.press("Enter")
    wait_opened(page, notebook, 4)
    assert page.evaluate(state) == before, "the notebook took the keys for its own"


def test_the_cell_under_the_pointer_is_told_in_words(page, notebook):
    page.mouse.move(0, 0)
    about, runs = root(page).locator(".pm-about"), root(page).locator(".pm-member")
    shown = "buttons => buttons.map(b => Number(b.dataset.member))"
    chosen = about.text_content(), runs.evaluate_all(shown)
    said = root(page).get_by_role("status").first
    cell(page, 0, 2).hover()
    assert soon(page, lambda: about.inner_text().startswith("D:G 2:1, learning rate of both 0.01"))
    assert soon(page, lambda: said.text_content() == about.text_content())
    assert said.bounding_box()["width"] <= 1, "only to be heard"
    members = notebook.value("lab._scene().facts()['cells'][0][2]['members']")
    assert runs.evaluate_all(shown) == [member for member, *_ in members] != chosen[1]
    page.mouse.move(0, 0)
    assert soon(page, lambda: (about.text_content(), runs.evaluate_all(shown)) == chosen), "of the chosen cell again"


def test_another_value_has_other_colours_and_another_legend(page, notebook):
    notebook.value("lab.run(20)")
    before = colours(page)
    root(page).locator("select").select_option("reverse_kl")
    assert soon(page, lambda: root(page).locator(".pm-legend-words").inner_text() == "reverse KL (nats), mean")
    assert soon(page, lambda: colours(page) != before)
    assert root(page).locator(".pm-ticks span").all_inner_texts()[-1] == "2.08"  # log 8
    root(page).locator("select").select_option("modes_1_percent")
    assert soon(page, lambda: root(page).locator(".pm-ticks span").all_inner_texts()[-1] == "8")


def test_in_both_themes_and_on_a_narrow_page_nothing_is_cut_off(page, notebook):
    for _ in themes(page):
        ink, paper = root(page).evaluate(
            "e => [getComputedStyle(e).color, getComputedStyle(e.closest('.jp-Notebook')).backgroundColor]"
        )
        assert ink != paper
    page.set_viewport_size({"width": 800, "height": 1000})
    try:
        assert soon(page, lambda: root(page).evaluate("e => e.scrollWidth <= e.clientWidth"))
    finally:
        page.set_viewport_size({"width": 1280, "height": 1000})
