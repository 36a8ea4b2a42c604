"""GanLab in JupyterLab: every control moved by hand while a GAN trains, and what becomes of it."""

import random

import nbformat
import pytest
from conftest import KERNEL
from jupyter import NotebookPage
from looks import fingerprint, slider_handle, soon, themes

FIRST = "from gan_course import GanLab, replay\nlab = GanLab('ring', play=True)\nlab"
SECOND = "other = GanLab('grid', play=True)\nother"
THREADS = "sum(t.name == 'gan-course live run' for t in __import__('threading').enumerate())"
NEWEST = "lab.trainer.log[-1][1] if lab.trainer.log else {}"


@pytest.fixture(scope="module")
def notebook(page, server):
    """A notebook with two labs, both training."""
    cells = [nbformat.v4.new_code_cell(cell) for cell in (FIRST, SECOND)]
    nbformat.write(nbformat.v4.new_notebook(metadata=KERNEL, cells=cells), server.root / "labs.ipynb")
    page.set_viewport_size({"width": 1280, "height": 1400})
    notebook = NotebookPage(page, server, "labs.ipynb")
    notebook.run_all()
    page.wait_for_selector(".gan-canvas[data-step]", timeout=120_000)
    page.evaluate("window.jupyterapp.shell.currentWidget.content.scrollToItem(1)")  # else it may not be drawn yet
    page.wait_for_function("document.querySelectorAll('.gan-canvas[data-step]').length === 2", timeout=60_000)
    return notebook


@pytest.fixture(autouse=True)
def training(notebook, page, request):
    """The second lab rests, except where it is the subject; the first one trains."""
    if "dead" in request.node.name:
        return
    notebook.value("[other.pause(), lab.play()]")
    page.locator(".gan-lab").first.scroll_into_view_if_needed()


def lab(page):
    return page.locator(".gan-lab").first


def press(page, name):
    lab(page).get_by_role("button", name=name).click()


def tab(page, name):
    lab(page).locator(".lm-TabBar-tab", has_text=name).click()


def slider(page, name):
    """The handle of the first lab's slider with this label."""
    return slider_handle(lab(page), name)


def field(page, name, kind):
    """The first lab's input or select with this label."""
    return lab(page).locator(f".jupyter-widgets:has(> label:text-is('{name}')) {kind}").first


def shown(page, panel="main"):
    """A fingerprint of what a panel of the first lab shows."""
    return fingerprint(lab(page).locator(f".gc-{panel} canvas"))


def wait_new(page, old, panel="main"):
    assert soon(page, lambda: shown(page, panel) != old), f"the panel {panel} stayed as it was"


def settle(notebook, page):
    """Pause, and wait until the page shows the last round."""
    notebook.value("lab.pause()")
    steps = notebook.value("lab.trainer.steps")
    page.wait_for_function(f"document.querySelector('.gan-canvas').dataset.step === '{steps}'")
    page.wait_for_timeout(200)


def test_both_labs_train_at_once(notebook, page):
    notebook.value("other.play()")
    before = notebook.value("[lab.trainer.steps, other.trainer.steps]")
    notebook.wait_value(f"lab.trainer.steps > {before[0]} + 20 and other.trainer.steps > {before[1]} + 20")
    assert notebook.value(THREADS) == 2
    page.wait_for_function(
        """() => {
          const texts = [...document.querySelectorAll('.gan-canvas .gc-text')].map(e => e.textContent);
          return texts.length === 2 && texts.every(t => t.includes('frames a second'));
        }"""
    )
    assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").count() == 0


@pytest.mark.parametrize(
    "name, key, control",
    [
        ("D:G ratio", "ArrowRight", "d_steps"),
        ("lr_d, learning rate", "ArrowLeft", "lr_d"),
        ("lr_g, learning rate", "ArrowRight", "lr_g"),
        ("label smoothing", "ArrowRight", "label_smoothing"),
        ("instance noise", "ArrowRight", "instance_noise"),
        ("R1, γ", "ArrowRight", "r1_gamma"),
        ("gradient penalty, λ", "ArrowRight", "gp_weight"),
        ("unroll, D updates", "ArrowRight", "unroll"),
    ],
)
def test_every_slider_is_obeyed_within_a_round_and_marked(notebook, page, name, key, control):
    tab(page, "Controls")
    before, steps = notebook.value(f"lab.trainer.controls.{control}"), notebook.value("lab.trainer.steps")
    handle = slider(page, name)
    handle.focus()
    page.keyboard.press(key)
    notebook.wait_value(f"{control!r} in ({NEWEST})")
    asked_by = notebook.value("lab.trainer.steps")
    assert steps <= notebook.value("lab.trainer.log[-1][0]") <= asked_by
    now = notebook.value(f"lab.trainer.controls.{control}")
    assert now > before if key == "ArrowRight" else now < before
    changes = "lab._page.timeline.state['runs'][lab._runs.active]['changes']"
    notebook.wait_value(f"[at for at, *_ in {changes}][-1:] == [lab.trainer.log[-1][0]]")


def test_the_page_leaves_what_python_sets(notebook, page):
    notebook.value("lab.set(lr_g=0.00123, lr_d=0.0031, instance_noise=0.03, d_steps=3, g_steps=2)")
    page.wait_for_function("document.querySelector('.gan-canvas').dataset.ratio === '3:2'")
    page.wait_for_timeout(500)
    now = notebook.value("vars(lab.trainer.controls)")
    assert (now["lr_g"], now["lr_d"], now["instance_noise"]) == (0.00123, 0.0031, 0.03)
    assert (now["d_steps"], now["g_steps"]) == (3, 2)
    notebook.value("lab.set(lr_g=0.001, lr_d=0.001, instance_noise=0.0, d_steps=1, g_steps=1)")
    notebook.value("lab.set(r1_gamma=0.0, gp_weight=0.0, unroll=0)")


def test_the_loss_is_changed_and_a_refusal_is_said(notebook, page):
    tab(page, "Controls")
    notebook.value("lab.set(label_smoothing=0.1)")
    error = "document.querySelector('.gan-canvas .gc-error')"
    field(page, "loss", "select").select_option("hinge")
    page.wait_for_function(
        "document.querySelector('.gan-canvas .gc-error').textContent.includes('no labels to smooth')"
    )
    notebook.value("lab.set(label_smoothing=0.0)")
    field(page, "loss", "select").select_option("minimax")
    notebook.wait_value("lab.trainer.controls.loss == 'minimax'")
    page.wait_for_function(f"{error}.hidden")


def test_pause_single_steps_and_slow_motion(notebook, page):
    press(page, "Pause")
    notebook.wait_value("not lab.live.playing")
    settle(notebook, page)
    steps = notebook.value("lab.trainer.steps")
    main = shown(page)
    for name in ("One round", "One D step", "One G step"):
        press(page, name)
        steps += 1
        notebook.wait_value(f"lab.trainer.steps == {steps}")
        wait_new(page, main)
        settle(notebook, page)
        main = shown(page)
    kinds = notebook.value("[change for step, change in lab.trainer.log][-2:]")
    assert kinds[0].get("g_steps") == 0 or kinds[1].get("d_steps") == 0
    press(page, "Slow motion")
    press(page, "Play")
    for phase in "DG":
        page.wait_for_function(f"document.querySelector('.gan-canvas').dataset.phase === '{phase}'")
    assert "has just learned" in lab(page).locator(".gc-words").inner_text()
    press(page, "Slow motion")
    page.wait_for_function("document.querySelector('.gan-canvas').dataset.phase === ''")


def test_layers_come_and_go(notebook, page):
    settle(notebook, page)
    tab(page, "Picture and z")
    boxes = lab(page).locator(".widget-checkbox input")
    assert boxes.count() == 6
    for i in range(6):
        before = shown(page)
        boxes.nth(i).click()
        wait_new(page, before)
        boxes.nth(i).click()
        page.wait_for_timeout(150)
    assert "where G’s loss pushes" in lab(page).locator(".gc-main figcaption").inner_text()


def test_moving_z_moves_the_ring_mark_only(notebook, page):
    settle(notebook, page)
    tab(page, "Picture and z")
    main, charts = shown(page), shown(page, "losses")
    slider(page, "z[0]").focus()
    for _ in range(5):
        page.keyboard.press("PageUp")
    wait_new(page, main)
    assert shown(page, "losses") == charts


def test_rewind_and_branch_by_hand(notebook, page):
    notebook.wait_value("lab.trainer.steps > 300")
    settle(notebook, page)
    handle = lab(page).locator(".gan-timeline [role=slider]")
    handle.focus()
    page.keyboard.press("Home")
    page.wait_for_function("document.querySelector('.gan-canvas').dataset.looking === 'true'")
    page.wait_for_function("document.querySelector('.gan-canvas').dataset.step === '0'")
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    place = int(handle.get_attribute("aria-valuenow"))
    runs = notebook.value("len(lab.runs)")
    press(page, "Branch from here")
    notebook.wait_value(f"len(lab.runs) == {runs} + 1")
    start = notebook.value("lab._runs.all[-1].start")
    assert 0 < start <= place and notebook.value("lab._runs.compared is not None")
    page.wait_for_selector(".gan-canvas[data-beside=true]")
    press(page, "Play")
    notebook.wait_value(f"lab.trainer.steps > {start} + 150")
    settle(notebook, page)
    handle.focus()
    page.keyboard.press("PageUp")
    page.wait_for_function("document.querySelector('.gan-canvas').dataset.looking === 'true'")
    press(page, "Rewind to here")
    page.wait_for_function("document.querySelector('.gan-canvas').dataset.looking === 'false'")
    notebook.wait_value("len(lab.earlier) == 1")
    given_up = notebook.value("lab.earlier[0].steps")
    assert notebook.value("lab.trainer.steps") < given_up
    lab(page).locator(".gan-timeline select").first.select_option(index=0)
    notebook.wait_value("lab._runs.active == 0")


def test_another_seed_begins_a_run_beside_the_old_one(notebook, page):
    runs = notebook.value("len(lab.runs)")
    tab(page, "New run")
    field(page, "seed", "input").fill("7")
    page.keyboard.press("Enter")
    notebook.wait_value(f"len(lab.runs) == {runs} + 1 and lab.trainer.config.seed == 7")
    field(page, "data set", "select").select_option("spiral")
    notebook.wait_value(f"len(lab.runs) == {runs} + 2 and lab.trainer.config.dataset == 'spiral'")
    press(page, "Start again")
    notebook.wait_value(f"len(lab.runs) == {runs} + 3")
    assert notebook.value("lab.runs[0].steps") > 0


def test_drawn_data_are_learned(notebook, page):
    tab(page, "Draw data")
    lab(page).get_by_role("button", name="Circle").click()
    lab(page).get_by_role("button", name="Learn this").click()
    notebook.wait_value("lab.trainer.data.name == 'drawn' and lab.trainer.steps > 5")
    notebook.value("lab.choose(0)")


def test_a_recipe_is_saved_loaded_and_shown_as_code(notebook, page):
    notebook.value("[lab.restart(), lab.pause(), lab.run(150)]")  # a short run, which is soon played again
    settle(notebook, page)
    tab(page, "Keep")
    press(page, "Save")
    notebook.wait_value("__import__('os').path.exists('runs/ring-0.json')")
    steps, runs = notebook.value("lab.trainer.steps"), notebook.value("len(lab.runs)")
    digest = notebook.value("lab.trainer.recipe().end_digest")
    press(page, "Copy as code")
    page.wait_for_function("document.querySelector('.gan-lab pre')?.textContent.includes('trainer.run(')")
    press(page, "Load")
    notebook.wait_value(f"len(lab.runs) == {runs} + 1 and lab.trainer.steps == {steps} and not lab.live.playing", 60)
    assert notebook.value("lab.trainer.recipe().end_digest") == digest
    notebook.value("lab.choose(0)")


def test_a_recording_is_made_by_hand(notebook, page):
    tab(page, "Keep")
    press(page, "Record")
    notebook.wait_value("__import__('os').path.exists('runs/ring-0.ganrec')")
    page.wait_for_timeout(500)
    press(page, "Record")
    notebook.wait_value("__import__('os').path.exists('runs/ring-0.html')")
    assert notebook.value("lab.live.message") == ""


def test_a_thousand_random_changes_end_in_the_run_that_its_recipe_makes(notebook, page):
    notebook.value("[lab.new_run(seed=11, dataset='ring'), lab.compare(None), lab.play()]")
    tab(page, "Controls")
    chance = random.Random(0)
    names = ["D:G ratio", "lr_d, learning rate", "lr_g, learning rate", "label smoothing", "instance noise"]
    handles = [slider(page, name) for name in names]
    for _ in range(100):
        chance.choice(handles).focus()
        for key in chance.choices(("ArrowLeft", "ArrowRight"), k=10):
            page.keyboard.press(key)
    settle(notebook, page)
    assert notebook.value("lab.live.error is None and lab.live.message == ''")
    assert notebook.value("len(lab.trainer.log)") > 100
    assert notebook.value("replay(lab.trainer.recipe()).recipe().end_digest == lab.trainer.recipe().end_digest")
    notebook.value("[lab.choose(0), lab.compare(None)]")


def test_it_fits_a_narrow_window_and_every_control_has_a_name(notebook, page):
    for width in (800, 1280):
        page.set_viewport_size({"width": width, "height": 1400})
        page.wait_for_timeout(500)
        for name in ("Controls", "Picture and z", "New run", "Draw data", "Keep"):
            tab(page, name)
            assert lab(page).evaluate(
                """lab => [...lab.querySelectorAll('button, canvas, input, select, figure, .gc-text')]
                  .filter(e => e.offsetParent).every(e => e.getBoundingClientRect().right
                    <= lab.getBoundingClientRect().right + 1)"""
            ), (width, name)
    nameless = lab(page).evaluate(
        """lab => {
          const named = e => e.ariaLabel || e.ariaHidden === 'true' || e.getAttribute('aria-label') || e.title
            || e.textContent.trim() || e.closest('label') || e.parentElement.querySelector('label');
          const all = [...lab.querySelectorAll('canvas, button, select, input')];
          return all.filter(e => e.offsetParent && !named(e)).map(e => e.outerHTML.slice(0, 120));
        }"""
    )
    assert nameless == []


def test_a_screen_reader_hears_what_each_slider_is_and_where_it_stands(notebook, page):
    tab(page, "Controls")
    ratio = lab(page).get_by_role("slider", name="D:G ratio")
    ratio.press("Home")
    assert soon(page, lambda: ratio.get_attribute("aria-valuetext") == "1:10")
    nameless = lab(page).evaluate("lab => lab.querySelectorAll('.noUi-handle:not([aria-label])').length")
    assert nameless == 0
    notebook.value("lab.set(d_steps=1, g_steps=1)")
    assert soon(page, lambda: ratio.get_attribute("aria-valuetext") == "1:1")


def test_a_collapse_is_seen_said_and_undone(notebook, page):
    """At 1:10 the ring's modes are lost and the alarm says so; a branch from before with 2:1 covers them again."""
    settle(notebook, page)  # else the background would play beyond the rounds that are asked for
    plain = "lr_d=1e-3, lr_g=1e-3, label_smoothing=0.0, instance_noise=0.0, r1_gamma=0.0, gp_weight=0.0, unroll=0"
    notebook.value("lab.new_run(dataset='ring', width=64, batch_size=128, seed=0)")
    notebook.value(f"[lab.set(d_steps=1, g_steps=10, loss='non-saturating', {plain}), lab.run(400)]")
    page.wait_for_function("document.querySelector('.gan-canvas').dataset.step === '400'")
    modes = lab(page).locator(".gc-modes")
    assert modes.is_visible() and lab(page).locator(".gc-alarm").inner_text().startswith("Mode collapse")
    covered = int(lab(page).locator(".gan-canvas").get_attribute("data-modes"))
    assert f"Modes covered: {covered} of 8" in modes.inner_text().replace("\n", " ")
    bars = fingerprint(modes.locator("canvas").last)
    notebook.value("[lab.branch(0), lab.set(d_steps=2, g_steps=1), lab.run(700)]")
    page.wait_for_function("document.querySelector('.gan-canvas').dataset.step === '700'")
    assert int(lab(page).locator(".gan-canvas").get_attribute("data-modes")) > covered
    assert lab(page).locator(".gc-alarm").is_hidden() and fingerprint(modes.locator("canvas").last) != bars
    notebook.value("[lab.choose(0), lab.compare(None)]")


def test_tabs_are_reached_by_keyboard(notebook, page):
    lab(page).locator(".lm-TabBar-tab", has_text="Controls").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.gan-lab .lm-mod-current').textContent.includes('Picture')")


def test_the_picture_survives_a_change_of_theme_while_paused(notebook, page):
    settle(notebook, page)
    light = shown(page)
    for is_light in themes(page):
        assert soon(page, lambda now=is_light: (shown(page) == light) == now)


def test_an_interrupt_of_the_kernel_does_not_stop_the_run(notebook, page):
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()")
    steps = notebook.value("lab.trainer.steps")
    notebook.wait_value(f"lab.trainer.steps > {steps} + 20")


def test_a_cell_run_again_leaves_one_thread(notebook, page):
    old = notebook.value("id(lab)")
    page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0")
    notebook.command("notebook:run-cell")
    notebook.wait_value(f"id(lab) != {old} and lab.trainer.steps > 20", timeout=60)
    notebook.wait_value(f"{THREADS} == 2")


def test_a_page_reload_shows_the_run_again(notebook, page):
    notebook.command("docmanager:save")
    page.wait_for_timeout(500)
    page.reload()
    notebook.wait_ready()
    page.wait_for_selector(".gan-canvas[data-step]", timeout=60_000)
    steps = notebook.value("lab.trainer.steps")
    notebook.value("lab.play()")
    page.wait_for_function(f"Number(document.querySelector('.gan-canvas').dataset.step) > {steps} + 20")


def test_a_dead_lab_says_so_after_a_restart(notebook, page):
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    page.wait_for_function("document.querySelector('.gan-canvas .gc-text').textContent.includes('No news')")
    assert lab(page).locator(".gc-light").get_attribute("data-state") == "silent"
