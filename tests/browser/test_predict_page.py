"""The Predict card in JupyterLab: by mouse, by keyboard alone, and after the kernel was restarted."""

import json

import nbformat
import pytest
from conftest import KERNEL
from jupyter import NotebookPage

CARD = """import os
os.environ.pop("CI", None)
os.environ["GAN_COURSE_HOME"] = {home!r}
from gan_course.widgets.predict import Predict
options = {{"faster": "It gets better ten times as fast", "worse": "Its points crowd together", "same": "Nothing much"}}
card = Predict("G learns ten times a round, D once. What becomes of G?", options, key="ratio")
card"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def notebook(page, server, home):
    cells = [nbformat.v4.new_code_cell(CARD.format(home=str(home)))]
    nbformat.write(nbformat.v4.new_notebook(metadata=KERNEL, cells=cells), server.root / "predict.ipynb")
    notebook = NotebookPage(page, server, "predict.ipynb")
    notebook.run_all()
    page.wait_for_selector(".gan-predict", timeout=60_000)
    return notebook


def button(page):
    return page.locator(".gan-predict button")


def test_a_click_and_a_commitment(notebook, page, home):
    assert button(page).is_disabled()
    page.get_by_label("It gets better ten times as fast").check()
    button(page).click()
    notebook.wait_value("card.committed == 'faster'")
    page.wait_for_selector(".pr-settled")
    assert button(page).inner_text() == "Think again"
    assert page.get_by_label("Nothing much").is_disabled()
    assert json.loads((home / "predictions.json").read_text())["ratio"]["option"] == "faster"


def test_by_keyboard_alone(notebook, page):
    button(page).focus()
    page.keyboard.press("Space")
    page.wait_for_selector(".gan-predict:not(.pr-settled)")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowDown")
    assert page.get_by_label("Its points crowd together").is_checked()
    page.keyboard.press("Enter")  # on a choice: the form is handed in
    notebook.wait_value("card.committed == 'worse'")
    assert page.locator(".jp-Notebook .jp-Cell").count() == 1, "no key reached JupyterLab"
    assert page.locator(".jp-Notebook.jp-mode-edit").count() == 0


def test_it_is_still_there_after_a_restart(notebook, page):
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    notebook.wait_ready()
    notebook.run_all()
    notebook.wait_value("'card' in globals() and card.committed == 'worse'")
    page.wait_for_selector(".pr-settled")
    assert page.get_by_label("Its points crowd together").is_checked()


def test_a_problem_is_said_on_the_card(notebook, page, home):
    (home / "predictions.json").write_text("{")
    button(page).click()
    page.get_by_label("Nothing much").check()
    button(page).click()
    page.wait_for_function("() => document.querySelector('.pr-said').textContent.includes('could not be kept')")
