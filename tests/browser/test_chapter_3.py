"""Chapter 3 in JupyterLab: a hand on the sliders while a GAN trains."""

import hashlib

import pytest
from jupyter import NotebookPage

LAB = "__import__('__main__').lab"


@pytest.fixture(scope="module")
def chapter(page, server):
    """The chapter as a learner has it: opened, all cells run, its first lab in view and training."""
    chapter = NotebookPage(page, server, "notebooks/03_training_loop.ipynb")
    chapter.value("__import__('os').environ.pop('CI', '')")
    chapter.run_all()
    page.wait_for_selector(".gan-canvas[data-step]", timeout=60_000)
    chapter.wait_value("'points' in vars(__import__('__main__'))", timeout=120)
    chapter.value("points.live.stop()")
    page.locator(".gan-lab").first.scroll_into_view_if_needed()
    return chapter


@pytest.fixture(autouse=True)
def training(chapter):
    chapter.value(f"{LAB}.play()")


def slider(page, name):
    """The handle of the first lab's slider with this label."""
    row = page.locator(".gan-lab").first.locator(f".widget-inline-hbox:has(> label:text-is('{name}'))")
    return row.locator(".noUi-handle").first


def picture(page, panel):
    """A fingerprint of what the page shows in one panel of the first lab."""
    canvas = page.locator(f".gan-canvas .gc-{panel} canvas").first
    return hashlib.sha256(canvas.evaluate("c => c.toDataURL()").encode()).hexdigest()


def wait_new_picture(page, panel, old):
    page.wait_for_function(
        """async ([panel, old]) => {
          const url = document.querySelector(`.gan-canvas .gc-${panel} canvas`).toDataURL();
          const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(url));
          return [...new Uint8Array(hash)].map(b => b.toString(16).padStart(2, '0')).join('') !== old;
        }""",
        arg=[panel, old],
    )


def test_the_chapter_runs_and_its_first_lab_trains(chapter, page):
    first = chapter.value(f"{LAB}.trainer.steps")
    chapter.wait_value(f"{LAB}.trainer.steps > {first} + 3")
    errors = page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']")
    assert errors.all_inner_texts() == []
    assert "training" in page.locator(".gan-canvas .gc-text").first.inner_text()


def test_the_figure_is_there(chapter, page):
    assert page.locator(".jp-Notebook img[alt^='Sixty-four pictures']").evaluate("image => image.naturalWidth") == 896


def test_the_ratio_slider_is_obeyed_within_one_round(chapter, page):
    handle = slider(page, "D:G ratio")
    handle.focus()
    before = chapter.value(f"{LAB}.trainer.steps")
    page.keyboard.press("ArrowRight")
    chapter.wait_value(f"{LAB}.trainer.controls.d_steps == 2")
    asked_by = chapter.value(f"{LAB}.trainer.steps")
    step, change = chapter.wait_value(f"{LAB}.trainer.log and {LAB}.trainer.log[-1]")
    assert change == {"d_steps": 2}
    assert before <= step <= asked_by + 1
    page.wait_for_function("() => document.querySelector('.gan-canvas .gc-text').textContent.includes('2 D : 1 G')")


def test_moving_z_changes_the_picture(chapter, page):
    chapter.value(f"{LAB}.pause()")
    chapter.wait_value(f"not {LAB}.live._stale")  # the last round is on its way to the page
    page.wait_for_timeout(300)
    grid, latent = picture(page, "main"), picture(page, "latent")
    slider(page, "z[0]").focus()
    for _ in range(10):
        page.keyboard.press("PageUp")
    wait_new_picture(page, "latent", latent)
    assert picture(page, "main") == grid, "the grid has its own z"


def test_pause_and_play(chapter, page):
    page.locator(".gan-lab").first.get_by_role("button", name="Pause").click()
    chapter.wait_value(f"not {LAB}.live.playing")
    page.locator(".gan-lab").first.get_by_role("button", name="Play").click()
    chapter.wait_value(f"{LAB}.live.playing")


def test_one_round_and_start_again(chapter, page):
    chapter.value(f"{LAB}.pause()")
    steps = chapter.value(f"{LAB}.trainer.steps")
    page.locator(".gan-lab").first.get_by_role("button", name="One round").click()
    chapter.wait_value(f"{LAB}.trainer.steps == {steps} + 1")
    page.locator(".gan-lab").first.get_by_role("button", name="Start again").click()
    chapter.wait_value(f"{LAB}.trainer.steps == 0")
    assert chapter.value(f"[r.steps for r in {LAB}.earlier]") == [steps + 1], "the old run is kept as a recipe"


def test_the_loss_menu_and_the_learning_rate_are_obeyed(chapter, page):
    page.locator(".gan-lab").first.locator("select").select_option("hinge")
    chapter.wait_value(f"{LAB}.trainer.controls.loss == 'hinge'")
    before = chapter.value(f"{LAB}.trainer.controls.lr_d")
    slider(page, "lr_d, learning rate").focus()
    page.keyboard.press("ArrowLeft")
    chapter.wait_value(f"{LAB}.trainer.controls.lr_d < {before}")
    chapter.wait_value(
        f"any('loss' in c for _, c in {LAB}.trainer.log) and any('lr_d' in c for _, c in {LAB}.trainer.log)"
    )
