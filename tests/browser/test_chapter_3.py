"""Chapter 3 in JupyterLab, as a learner has it: all cells run, and a hand on its first lab."""

import pytest
from jupyter import NotebookPage
from looks import fingerprint, slider_handle, soon

pytestmark = pytest.mark.timeout(400)
LAB = "__import__('__main__').lab"


@pytest.fixture(scope="module")
def chapter(page, server):
    """The chapter in quick mode, run from the top to the bottom."""
    chapter = NotebookPage(page, server, "notebooks/03_training_loop.ipynb")
    chapter.run_as_in_ci(last="conv_weights")
    page.wait_for_selector(".gan-canvas[data-step]", timeout=120_000)
    lab(page).scroll_into_view_if_needed()
    return chapter


@pytest.fixture(autouse=True)
def training(chapter):
    chapter.value(f"{LAB}.play()")


def lab(page):
    return page.locator(".gan-lab").first


def slider(page, name):
    """The handle of the first lab's slider with this label."""
    return slider_handle(lab(page), name)


def picture(page, panel):
    """A fingerprint of what the page shows in one panel of the first lab."""
    return fingerprint(lab(page).locator(f".gc-{panel} canvas"))


def wait_new_picture(page, panel, old):
    assert soon(page, lambda: picture(page, panel) != old), f"the panel {panel} stayed as it was"


def test_every_cell_ran_without_an_error_and_the_first_lab_trains(chapter, page):
    assert chapter.complaints() == []
    first = chapter.value(f"{LAB}.trainer.steps")
    chapter.wait_value(f"{LAB}.trainer.steps > {first} + 3")
    page.wait_for_function("document.querySelector('.gan-canvas .gc-text').textContent.includes('training')")


def test_the_figure_is_there(chapter, page):
    assert page.locator(".jp-Notebook img[alt^='Sixty-four pictures']").evaluate("image => image.naturalWidth") == 896


def test_the_ratio_slider_is_obeyed_within_one_round(chapter, page):
    slider(page, "D:G ratio").focus()
    before = chapter.value(f"{LAB}.trainer.steps")
    page.keyboard.press("ArrowRight")
    chapter.wait_value(f"{LAB}.trainer.controls.d_steps == 2")
    asked_by = chapter.value(f"{LAB}.trainer.steps")
    step, change = chapter.wait_value(f"{LAB}.trainer.log and {LAB}.trainer.log[-1]")
    assert change == {"d_steps": 2}
    assert before <= step <= asked_by + 1
    page.wait_for_function("() => document.querySelector('.gan-canvas .gc-text').textContent.includes('2 D : 1 G')")


def test_moving_z_changes_the_picture_and_not_the_grid(chapter, page):
    chapter.value(f"{LAB}.pause()")
    chapter.wait_value(f"not {LAB}.live._stale")  # the last round is on its way to the page
    page.wait_for_timeout(500)
    lab(page).locator(".lm-TabBar-tab", has_text="Picture").click()
    grid, latent = picture(page, "main"), picture(page, "latent")
    slider(page, "z[0]").focus()
    for _ in range(10):
        page.keyboard.press("PageUp")
    wait_new_picture(page, "latent", latent)
    assert picture(page, "main") == grid, "the grid has its own z"


def test_images_are_compared_with_a_branch(chapter, page):
    chapter.value(f"[{LAB}.pause(), {LAB}.branch(20), {LAB}.run(1)]")
    page.wait_for_selector(".gan-canvas[data-beside=true][data-step='21'] .gc-other canvas")
    assert picture(page, "other") != picture(page, "main")
    chapter.value(f"[{LAB}.choose(0), {LAB}.compare(None)]")
