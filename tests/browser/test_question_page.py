"""Cards of questions in JupyterLab: by mouse, by keyboard alone, and after the page was reloaded."""

import nbformat
import pytest
from conftest import KERNEL
from jupyter import NotebookPage

QUIZ = """import os
os.environ["GAN_COURSE_HOME"] = {home!r}
from gan_course import Quiz
quiz = Quiz(1)
quiz["ch1-role"].card()"""


@pytest.fixture(scope="module")
def notebook(page, server, tmp_path_factory):
    home = str(tmp_path_factory.mktemp("home"))
    cells = [nbformat.v4.new_code_cell(QUIZ.format(home=home)), nbformat.v4.new_code_cell('quiz["ch1-round"].card()')]
    nbformat.write(nbformat.v4.new_notebook(metadata=KERNEL, cells=cells), server.root / "question.ipynb")
    notebook = NotebookPage(page, server, "question.ipynb")
    notebook.run_all()
    page.wait_for_selector(".gan-question >> nth=1", timeout=60_000)
    return notebook


def test_a_click_says_why_not(notebook, page):
    page.get_by_label("It says how likely a sample is to be real").check()
    page.locator(".gan-question button").first.click()
    page.wait_for_selector('.gan-question[data-state="wrong"]')
    assert "the detective judges, the forger makes" in page.locator(".pr-said").first.inner_text()


def test_by_keyboard_alone(notebook, page):
    page.get_by_label("It says how likely a sample is to be real").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    notebook.wait_value("quiz['ch1-role'].check().state == 'right'")
    page.get_by_label("letters in order").focus()
    page.keyboard.type("dbeca")
    page.keyboard.press("Enter")
    notebook.wait_value("quiz['ch1-round'].check().state == 'right'")
    assert page.locator(".qc-code").all_inner_texts() == ['answer = "c"', 'answer = "dbeca"']
    assert page.locator(".jp-Notebook .jp-Cell").count() == 2, "no key reached JupyterLab"


def test_answers_are_there_after_a_reload(notebook, page):
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.reload()
    notebook.wait_ready()
    page.wait_for_selector('.gan-question[data-state="right"] >> nth=1', timeout=60_000)
    assert page.get_by_label("It turns random numbers into samples").is_checked()
    assert page.get_by_label("letters in order").input_value() == "dbeca"
