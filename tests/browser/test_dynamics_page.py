"""DynamicsLab in JupyterLab: hands on the portrait, the controls and the time, and what the page shows then."""

import nbformat
import pytest
from conftest import KERNEL
from jupyter import NotebookPage
from looks import fingerprint, soon, themes

CELLS = (
    "from gan_course.widgets.dynamics_lab import DynamicsLab\nlab = DynamicsLab('dirac-minimax', r1_gamma=0.1)\nlab",
    "xy = DynamicsLab()\nxy",
)


@pytest.fixture(scope="module")
def notebook(page, server):
    """A notebook with a lab for the Dirac-GAN and one for f = θψ."""
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    nbformat.write(nbformat.v4.new_notebook(metadata=KERNEL, cells=cells), server.root / "dynamics.ipynb")
    notebook = NotebookPage(page, server, "dynamics.ipynb")
    notebook.run_all()
    page.wait_for_function("document.querySelectorAll('.dynamics-canvas[data-step]').length === 2", timeout=60_000)
    return notebook


@pytest.fixture(autouse=True)
def fresh(page, notebook):
    """The first lab as it was made, in view, its time at the end."""
    notebook.value("lab.set(**vars(type(lab._settings)('dirac-minimax', r1_gamma=0.1)))")
    root(page).scroll_into_view_if_needed()
    wait_words(page, notebook)
    time_slider(page).fill("300")


def root(page, lab=0):
    return page.locator(".dynamics-canvas").nth(lab)


def portrait(page):
    return root(page).locator(".dl-phase canvas")


def time_slider(page):
    return root(page).get_by_role("slider", name="time")


def slider(page, name):
    return root(page).get_by_role("slider", name=name, exact=True)


def picture(page, panel, lab=0):
    """A fingerprint of what a canvas shows."""
    return fingerprint(root(page, lab).locator(f".dl-{panel} canvas"))


def wait_new_picture(page, panel, old):
    assert soon(page, lambda: picture(page, panel) != old), "the picture stayed as it was"


def wait_words(page, notebook):
    """Wait until the page says what the kernel does."""
    words = notebook.value("lab.words")
    page.wait_for_function("words => document.querySelector('.dl-words').textContent === words", arg=words)
    return words


def place_of(page, notebook, theta, psi):
    """Where (θ, ψ) is on the screen."""
    box, reach = portrait(page).bounding_box(), notebook.value("lab._reach")
    side = min(box["width"] - 48, box["height"] - 40)
    return box["x"] + 40 + (theta / reach + 1) / 2 * side, box["y"] + 6 + (1 - psi / reach) / 2 * side


def is_start(theta, psi):
    return f"max(abs(lab._settings.start[0] - {theta}), abs(lab._settings.start[1] - {psi})) < 0.03"


def test_dragging_the_start(notebook, page):
    before, reach = picture(page, "phase"), notebook.value("lab._reach")
    page.mouse.move(*place_of(page, notebook, 1.0, 1.0))
    page.mouse.down()
    page.mouse.move(*place_of(page, notebook, 0.2, 0.8), steps=8)
    page.mouse.move(*place_of(page, notebook, -1.7, -1.5), steps=8)
    notebook.wait_value(is_start(-1.7, -1.5))
    assert notebook.value("lab._reach") == reach == 2, "the bounds hold still under the hand"
    wait_new_picture(page, "phase", before)
    page.mouse.up()
    notebook.wait_value("lab._reach == 3")
    words = wait_words(page, notebook)
    assert "distance 2.27 at the start" in words
    page.mouse.move(*place_of(page, notebook, 0.5, 0.5))  # with no button down
    page.wait_for_timeout(100)
    assert notebook.value(is_start(-1.7, -1.5))
    assert slider(page, "start ψ").get_attribute("aria-valuetext") == "−1.50"


def test_a_long_run_is_whole_again_when_the_hand_lets_go(notebook, page):
    notebook.value("lab.set(steps=2000)")
    wait_words(page, notebook)
    page.mouse.move(*place_of(page, notebook, 0.5, 0.5))
    page.mouse.down()
    page.wait_for_function("document.querySelector('.dynamics-canvas').dataset.last === '500'")
    page.mouse.up()
    page.wait_for_function("document.querySelector('.dynamics-canvas').dataset.last === '2000'")


def test_the_start_under_a_finger(notebook, page):
    (x0, y0), (x1, y1) = place_of(page, notebook, 1.0, 1.0), place_of(page, notebook, -0.5, 0.5)
    portrait(page).evaluate(
        """(canvas, [x0, y0, x1, y1]) => {
          const touch = (type, clientX, clientY) => canvas.dispatchEvent(new PointerEvent(type, {
            pointerId: 1, pointerType: 'touch', bubbles: true, clientX, clientY}));
          canvas.setPointerCapture = (id) => (canvas.captured = id);
          canvas.hasPointerCapture = (id) => canvas.captured === id;
          touch('pointerdown', x0, y0);
          touch('pointermove', x1, y1);
          touch('lostpointercapture', x1, y1);
          delete canvas.setPointerCapture;
          delete canvas.hasPointerCapture;
        }""",
        [x0, y0, x1, y1],
    )
    notebook.wait_value(is_start(-0.5, 0.5))
    wait_words(page, notebook)
    assert portrait(page).evaluate("c => getComputedStyle(c).touchAction") == "none"


def test_arrow_keys_move_the_start_and_not_the_notebook(notebook, page):
    state = "[(n => [n.activeCellIndex, n.widgets.length])(window.jupyterapp.shell.currentWidget.content)]"
    before = page.evaluate(state)
    portrait(page).focus()
    for key in ("ArrowLeft", "ArrowLeft", "Shift+ArrowDown", "ArrowUp", "b"):  # b would insert a cell
        page.keyboard.press(key)
    notebook.wait_value("lab._settings.start == (0.8, 0.1)")
    wait_words(page, notebook)
    assert page.evaluate(state) == before


@pytest.mark.parametrize(
    "name, key, expected",
    [
        ("R1 γ", "ArrowRight", "r1_gamma == 0.15"),
        ("R1 γ", "Home", "r1_gamma == 0"),
        ("step size h", "ArrowLeft", "step_size == 0.195"),
        ("step size h", "End", "step_size == 1"),
        ("steps", "ArrowRight", "steps == 310"),
        ("start θ", "ArrowLeft", "start == (0.95, 1.0)"),
        ("start ψ", "Home", "start == (1.0, -5.0)"),
    ],
)
def test_a_slider_under_the_keyboard(notebook, page, name, key, expected):
    before = picture(page, "distance")
    slider(page, name).press(key)
    notebook.wait_value(f"lab._settings.{expected}")
    wait_new_picture(page, "distance", before)
    wait_words(page, notebook)


def test_a_setting_between_two_places_of_a_slider_stays(notebook, page):
    notebook.value("lab.set(steps=305, r1_gamma=0.123, step_size=0.3, start=(0.333, 1.0))")
    wait_words(page, notebook)
    page.wait_for_timeout(300)
    assert notebook.value("[lab._settings.steps, lab._settings.r1_gamma, lab._settings.step_size]") == [305, 0.123, 0.3]
    assert slider(page, "R1 γ").get_attribute("aria-valuetext") == "0.123"


def test_the_menus_are_obeyed(notebook, page):
    lab = page.locator(".dynamics-lab").first
    lab.get_by_label("method", exact=True).select_option("alternating")
    notebook.wait_value("lab._settings.method == 'alternating'")
    assert wait_words(page, notebook).startswith("alternating, h =")
    lab.get_by_label("both methods").check()
    page.wait_for_function("document.querySelector('.dl-phase figcaption').textContent.includes('faint: simultaneous')")
    lab.get_by_label("game", exact=True).select_option("bilinear")
    page.wait_for_function("document.querySelector('.dl-line').hidden")
    notebook.value("lab.set(game='dirac-minimax', method='simultaneous', both=False)")
    page.wait_for_function("!document.querySelector('.dl-line').hidden")
    assert not lab.get_by_label("both methods").is_checked()
    assert lab.get_by_label("game", exact=True).input_value() == "dirac-minimax"


def test_time_moves_the_run_and_the_fake_point(notebook, page):
    end = [picture(page, panel) for panel in ("phase", "distance", "line")]
    time_slider(page).focus()
    page.keyboard.press("Home")
    page.wait_for_function("document.querySelector('.dynamics-canvas').dataset.step === '0'")
    start = [picture(page, panel) for panel in ("phase", "distance", "line")]
    assert not set(start) & set(end)
    assert "at step 0 it is at θ = 1.00, ψ = 1.00" in portrait(page).get_attribute("aria-label")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.dynamics-canvas').dataset.step === '1'")
    assert time_slider(page).get_attribute("aria-valuetext") == "step 1 of 300"
    theta, psi = notebook.value("lab.trajectory[1].tolist()")
    line = root(page).locator(".dl-line canvas").get_attribute("aria-label")
    assert f"slope ψ: θ = {theta:.2f}, ψ = {psi:.2f}" in line
    time_slider(page).fill("300")
    page.wait_for_function("document.querySelector('.dynamics-canvas').dataset.step === '300'")
    assert [picture(page, panel) for panel in ("phase", "distance", "line")] == end


STEP = "+document.querySelector('.dynamics-canvas').dataset.step"


def test_play_pause_and_on_to_the_end(notebook, page):
    notebook.value("lab.set(steps=60)")
    page.wait_for_function(f"{STEP} === 60")
    root(page).get_by_role("button", name="Play").press("Enter")
    page.wait_for_function(f"{STEP} > 3 && {STEP} < 50")
    root(page).get_by_role("button", name="Pause").click()
    page.wait_for_timeout(150)
    paused = page.evaluate(STEP)
    page.wait_for_timeout(300)
    assert page.evaluate(STEP) == paused < 60
    root(page).get_by_role("button", name="Play").click()
    page.wait_for_function(f"{STEP} > {paused}")
    page.wait_for_function(f"{STEP} === 60")
    assert root(page).get_by_role("button", name="Play").is_visible()


def test_less_motion_means_still_pictures(notebook, page):
    page.emulate_media(reduced_motion="reduce")
    root(page).get_by_role("button", name="Play").click()
    seen = {page.evaluate(STEP) for _ in range(30) if not page.wait_for_timeout(50)}
    page.emulate_media(reduced_motion="no-preference")
    assert len(seen) >= 2 and all(step % 24 == 0 for step in seen), "300 steps in 7.5 s, a picture every 0.6 s"


def test_two_labs_each_heed_their_own_hands(notebook, page):
    other = picture(page, "phase", lab=1)
    portrait(page).focus()
    page.keyboard.press("Shift+ArrowLeft")
    notebook.wait_value("lab._settings.start == (0.0, 1.0)")
    wait_words(page, notebook)
    assert picture(page, "phase", lab=1) == other
    assert root(page, lab=1).locator(".dl-line").is_hidden()


def test_it_fits_a_narrow_window(notebook, page):
    page.set_viewport_size({"width": 800, "height": 1000})
    page.wait_for_timeout(400)
    assert page.locator(".dynamics-lab").first.evaluate(
        """lab => [lab, ...lab.querySelectorAll('.dynamics-canvas *, select')]
          .every(e => e.getBoundingClientRect().right <= lab.getBoundingClientRect().right + 1)"""
    )
    page.mouse.click(*place_of(page, notebook, 0.5, -0.5))
    notebook.wait_value(is_start(0.5, -0.5))
    page.set_viewport_size({"width": 1280, "height": 1000})


def test_every_control_has_a_name_and_no_element_an_id(notebook, page):
    nameless = root(page).evaluate(
        """root => [...root.querySelectorAll('input, button, canvas')].filter(e => !(e.ariaLabel
          || e.tagName === 'BUTTON' && e.textContent.trim() || e.closest('label'))).map(e => e.outerHTML)"""
    )
    assert nameless == []
    assert root(page).locator("[id]").count() == 0


def test_the_pictures_survive_a_change_of_theme(notebook, page):
    light = picture(page, "phase")
    for is_light in themes(page):
        assert soon(page, lambda now=is_light: (picture(page, "phase") == light) == now)


def test_new_colours_are_drawn_without_a_change_of_size(notebook, page):
    light = picture(page, "phase")
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    wait_new_picture(page, "phase", light)
    page.evaluate("document.body.dataset.jpThemeLight = 'true'")
    page.wait_for_timeout(300)
    assert picture(page, "phase") == light


def test_a_page_reload_keeps_the_picture(notebook, page):
    before = picture(page, "phase"), picture(page, "distance"), picture(page, "line")
    notebook.command("docmanager:save")
    page.wait_for_timeout(500)
    page.reload()
    notebook.wait_ready()
    page.wait_for_selector(".dynamics-canvas[data-step]", timeout=60_000)
    root(page).scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    assert (picture(page, "phase"), picture(page, "distance"), picture(page, "line")) == before
    portrait(page).focus()
    page.keyboard.press("ArrowUp")
    notebook.wait_value("lab._settings.start == (1.0, 1.1)")
    wait_words(page, notebook)
