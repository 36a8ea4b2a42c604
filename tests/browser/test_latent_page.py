"""LatentLab in JupyterLab: hands on the pad, the sliders and the walk, and what the page shows then."""

import nbformat
import pytest
from conftest import KERNEL
from jupyter import NotebookPage
from looks import fingerprint, soon, themes

SETUP = """from gan_course import Trainer, TrainConfig
from gan_course.live import LiveRun
from gan_course.widgets.latent_lab import LatentLab
run = Trainer(TrainConfig(dataset="fashion-mnist", width=8, batch_size=16, threads=1, precision="float32", lr_g=0.005))
run.run(60)"""
IMAGES = "lab = LatentLab(run)\nlab"
POINTS = "ring = Trainer(TrainConfig(dataset='ring'))\nring.run(200)\npoints = LatentLab(ring)\npoints"
THREADS = "sum(t.name == 'gan-course latent lab' for t in __import__('threading').enumerate())"


@pytest.fixture(scope="module")
def notebook(page, server):
    """A notebook with a lab for images and one for points."""
    cells = [nbformat.v4.new_code_cell(cell) for cell in (SETUP, IMAGES, POINTS)]
    nbformat.write(nbformat.v4.new_notebook(metadata=KERNEL, cells=cells), server.root / "latent.ipynb")
    notebook = NotebookPage(page, server, "latent.ipynb")
    notebook.run_all()
    page.wait_for_function("document.querySelectorAll('.latent-pad[data-heard]').length === 2", timeout=120_000)
    notebook.wait_value("lab._painter.view.basis == points._painter.view.basis == 'directions'", timeout=60)
    page.wait_for_function("document.querySelectorAll('.latent-sliders[data-basis=directions]').length === 2")
    page.wait_for_function("document.querySelectorAll('.ll-near canvas').length === 3", timeout=60_000)
    return notebook


@pytest.fixture(autouse=True)
def in_view(page, notebook):
    part(page).scroll_into_view_if_needed()


def part(page, name="pad", lab=0):
    """One of the parts of a lab."""
    return page.locator(f".latent-{name}").nth(lab)


def picture(page, selector=".lp-here canvas", lab=0):
    """A fingerprint of what a canvas shows."""
    return fingerprint(page.locator(".latent-lab").nth(lab).locator(selector))


def wait_new_picture(page, old, selector=".lp-here canvas", lab=0):
    assert soon(page, lambda: picture(page, selector, lab) != old), "the picture stayed as it was"


def coordinates(notebook, lab="lab"):
    return notebook.value(f"[{lab}._painter.view.coordinate(i) for i in {lab}._painter.view.shown]")


def test_dragging_the_pad_moves_z_along_its_two_axes(notebook, page):
    others, before = coordinates(notebook)[2:], picture(page)
    box = part(page).locator(".lp-pad canvas").bounding_box()
    x, y, side = box["x"], box["y"], box["width"]
    page.mouse.move(x + side / 2, y + side / 2)
    page.mouse.down()
    page.mouse.move(x + side * 0.75, y + side * 0.6, steps=5)
    page.mouse.move(x + side * 0.9, y + side * 0.25, steps=5)
    page.mouse.up()
    notebook.wait_value("abs(lab._painter.view.coordinate(0) - 2.4) + abs(lab._painter.view.coordinate(1) - 1.5) < 0.1")
    wait_new_picture(page, before)
    assert coordinates(notebook)[2:] == pytest.approx(others, abs=1e-4)
    page.mouse.move(x + side * 0.1, y + side * 0.9)  # with no button down
    assert "+2.4" in part(page).locator(".lp-across").inner_text()
    sliders = part(page, "sliders").locator("[type=range]")
    assert float(sliders.nth(0).input_value()) == pytest.approx(2.4, abs=0.1)


def test_the_pad_under_a_finger(notebook, page):
    before = picture(page)
    part(page).locator(".lp-pad canvas").evaluate(
        """canvas => {
          const {left, top, width, height} = canvas.getBoundingClientRect();
          const touch = (type, x, y) => canvas.dispatchEvent(new PointerEvent(type, {
            pointerId: 1, pointerType: 'touch', bubbles: true,
            clientX: left + x * width, clientY: top + y * height}));
          canvas.setPointerCapture = (id) => (canvas.captured = id);
          canvas.hasPointerCapture = (id) => canvas.captured === id;
          touch('pointerdown', 0.5, 0.5);
          touch('pointermove', 0.25, 0.25);
          delete canvas.setPointerCapture;
          delete canvas.hasPointerCapture;
        }"""
    )
    notebook.wait_value("abs(lab._painter.view.coordinate(0) + 1.5) + abs(lab._painter.view.coordinate(1) - 1.5) < 0.1")
    wait_new_picture(page, before)
    assert part(page).locator(".lp-pad canvas").evaluate("c => getComputedStyle(c).touchAction") == "none"


def test_arrow_keys_move_the_pad_and_not_the_notebook(notebook, page):
    notebook.value("lab.zero()")
    active = page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex")
    before = picture(page)
    part(page).locator(".lp-pad canvas").focus()
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    notebook.wait_value(
        "abs(lab._painter.view.coordinate(0) - 0.2) + abs(lab._painter.view.coordinate(1) - 0.9) < 1e-4"
    )
    wait_new_picture(page, before)
    page.keyboard.press("Home")
    notebook.wait_value("not lab.z.abs().max() > 1e-5")
    assert page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex") == active


def test_a_slider_under_the_keyboard(notebook, page):
    notebook.value("lab.another()")
    before, others = picture(page), coordinates(notebook)
    slider = part(page, "sliders").get_by_role("slider", name="direction 3")
    slider.focus()
    page.keyboard.press("Home")
    notebook.wait_value("abs(lab._painter.view.coordinate(2) + 3) < 1e-4")
    wait_new_picture(page, before)
    page.keyboard.press("ArrowRight")
    notebook.wait_value("abs(lab._painter.view.coordinate(2) + 2.95) < 1e-4")
    now = coordinates(notebook)
    assert now[:2] + now[3:] == pytest.approx(others[:2] + others[3:], abs=1e-4)
    assert slider.get_attribute("aria-valuetext") == "−2.95"


def test_raw_coordinates_their_pages_and_the_axes_of_the_pad(notebook, page):
    sliders = part(page, "sliders")
    sliders.get_by_label("raw coordinates").check()
    page.wait_for_function("document.querySelector('.latent-sliders').dataset.basis === 'raw'")
    sliders.get_by_label("Which axes have sliders").select_option(label="z[8] to z[15]")
    slider = sliders.get_by_role("slider", name="z[11]")
    slider.fill("1.5")
    notebook.wait_value("lab.z[11].item() == 1.5")
    background = picture(page, ".lp-pad canvas")
    sliders.get_by_label("across").select_option(label="z[11]")
    notebook.wait_value("lab._painter.view.across == 11")
    wait_new_picture(page, background, ".lp-pad canvas")
    assert "z[11]: +1.50" in part(page).locator(".lp-across").inner_text()
    sliders.get_by_label("leading directions").check()
    notebook.wait_value("lab._painter.view.basis == 'directions'")


def test_an_impossible_wish_is_said_on_the_page(notebook, page):
    sliders = part(page, "sliders")
    sliders.get_by_label("across").select_option(label="direction 2")
    error = part(page).get_by_role("alert")
    error.wait_for(state="visible")
    assert "two different axes" in error.inner_text()
    sliders.get_by_label("up").select_option(label="direction 1")
    notebook.wait_value("(lab._painter.view.across, lab._painter.view.up) in [(1, 0), (0, 1)] or None")


def test_buttons(notebook, page):
    z, before = notebook.value("lab.z.tolist()"), picture(page)
    sliders = part(page, "sliders")
    sliders.get_by_role("button", name="Another z").focus()
    page.keyboard.press("Enter")
    notebook.wait_value(f"lab.z.tolist() != {z}")
    wait_new_picture(page, before)
    sliders.get_by_role("button", name="z = 0").click()
    notebook.wait_value("not lab.z.any().item()")
    page.wait_for_function("document.querySelector('.ls-length').textContent.startsWith('‖z‖ = 0.00')")
    notebook.value("run.run(1, each=lab.update).step")
    notebook.wait_value("lab.step == run.steps")
    sliders.get_by_role("button", name="Find directions anew").click()
    notebook.wait_value("lab.directions_step == run.steps")


def test_the_walk_between_two_pins(notebook, page):
    walk, strip = part(page, "walk"), "canvas[data-path=spherical]"
    notebook.value("lab.another()")
    before = picture(page, strip)
    walk.get_by_role("button", name="Pin A").click()
    wait_new_picture(page, before, strip)
    assert notebook.value("(lab._painter.view.pins[0] == lab.z.numpy()).all().item()")
    here = picture(page)
    slider = walk.get_by_role("slider", name="Place on the walk")
    slider.focus()
    page.keyboard.press("End")
    notebook.wait_value("lab._painter.view.t == 1")
    wait_new_picture(page, here)
    for _ in range(40):
        page.keyboard.press("ArrowLeft")
    notebook.wait_value("abs((lab._painter.view.t or 0) - 0.6) < 1e-6")
    spherical = notebook.value("float(lab.z.norm())")
    here = picture(page)
    walk.get_by_role("radio", name="straight").check()
    notebook.wait_value("lab._painter.view.path == 'straight'")
    wait_new_picture(page, here)
    assert notebook.value("float(lab.z.norm())") < 0.9 * spherical
    page.wait_for_function("document.querySelector('.lw-place').textContent.includes('straight walk, t = 0.60')")


def test_two_labs_at_once_each_heeds_its_own_hands(notebook, page):
    images, dots = picture(page), picture(page, lab=1)
    part(page, lab=1).scroll_into_view_if_needed()
    part(page, lab=1).locator(".lp-pad canvas").focus()
    page.keyboard.press("Shift+ArrowRight")
    wait_new_picture(page, dots, lab=1)
    assert picture(page) == images
    assert notebook.value(THREADS) == 2


def test_a_live_run_is_followed_in_a_kernel_too(notebook, page):
    notebook.value("globals().update(live=LiveRun(run, show=lambda moved: None))")
    notebook.value("live.play()")
    notebook.value("globals().update(watched=LatentLab(live, name='watched'))")
    first = notebook.wait_value("watched.step")
    notebook.wait_value(f"watched.step > {first} + 2")
    notebook.value("live.stop()")
    notebook.wait_value("__import__('gan_course.frames').frames.unpack(watched._pad.frame)[0]['state'] == 'ended'")
    notebook.value("watched.stop()")


def test_it_fits_a_narrow_window(notebook, page):
    page.set_viewport_size({"width": 800, "height": 1000})
    page.wait_for_timeout(500)
    assert page.locator(".latent-lab").first.evaluate(
        """lab => [lab, ...lab.querySelectorAll('.latent-pad *, .latent-sliders *, .latent-walk *')]
          .every(e => e.getBoundingClientRect().right <= lab.getBoundingClientRect().right + 1)"""
    )
    page.set_viewport_size({"width": 1280, "height": 1000})


def test_every_control_has_a_name_and_no_element_an_id(notebook, page):
    lab = page.locator(".latent-lab").first
    nameless = lab.evaluate(
        """lab => [...lab.querySelectorAll('input, select, button, canvas:not([aria-hidden])')]
          .filter(e => !(e.ariaLabel || e.getAttribute('aria-label')
            || e.textContent.trim() && e.tagName === 'BUTTON' || e.closest('label')))
          .map(e => e.outerHTML)"""
    )
    assert nameless == []
    assert lab.locator(".latent-pad [id], .latent-sliders [id], .latent-walk [id], .latent-labels [id]").count() == 0


def test_the_pictures_survive_a_change_of_theme(notebook, page):
    light = picture(page, ".lw-lengths")
    for is_light in themes(page):
        page.wait_for_function("document.querySelector('.lp-here canvas').width > 0", timeout=10_000)
        assert soon(page, lambda now=is_light: (picture(page, ".lw-lengths") == light) == now)


def test_a_cell_run_again_leaves_one_thread_each(notebook, page):
    old = notebook.value("id(lab)")
    page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex = 1")
    notebook.command("notebook:run-cell")
    notebook.wait_value(f"id(lab) != {old} and lab._painter._sent > 0", timeout=60)
    notebook.wait_value(f"{THREADS} == 2")
    page.wait_for_selector(".latent-pad[data-heard]")


def test_a_page_reload_keeps_the_picture(notebook, page):
    notebook.value("lab.walk(0.25)")
    page.wait_for_function("document.querySelector('.lw-place')?.textContent.includes('t = 0.25')")
    page.wait_for_timeout(300)
    notebook.command("docmanager:save")
    page.wait_for_timeout(500)
    before = picture(page), picture(page, ".lp-pad canvas"), picture(page, "canvas[data-path=spherical]")
    page.reload()
    notebook.wait_ready()
    page.wait_for_selector(".latent-pad[data-heard]", timeout=60_000)
    page.wait_for_function("document.querySelector('.lw-place').textContent.includes('t = 0.25')")
    page.wait_for_timeout(500)
    part(page).scroll_into_view_if_needed()
    assert (picture(page), picture(page, ".lp-pad canvas"), picture(page, "canvas[data-path=spherical]")) == before
    old = picture(page)
    notebook.value("lab.another()")
    wait_new_picture(page, old)
