"""FidLab in JupyterLab: hands on the Gaussians, the number of images, the damages, and what the page shows then."""

import nbformat
import pytest
from conftest import KERNEL
from jupyter import NotebookPage
from looks import fingerprint, soon, themes

CELL = "from gan_course.widgets.fid_lab import FidLab\nlab = FidLab()\nlab"


@pytest.fixture(scope="module")
def notebook(page, server):
    cells = [nbformat.v4.new_code_cell(CELL)]
    nbformat.write(nbformat.v4.new_notebook(metadata=KERNEL, cells=cells), server.root / "fid.ipynb")
    notebook = NotebookPage(page, server, "fid.ipynb")
    notebook.run_all()
    page.wait_for_selector(".fid-canvas[data-drawn]", timeout=60_000)
    return notebook


@pytest.fixture(autouse=True)
def fresh(page, notebook):
    """The first tab, as it was made."""
    notebook.value("lab.set(**vars(type(lab._settings)()))")
    root(page).scroll_into_view_if_needed()
    page.mouse.move(0, 0)
    page.wait_for_selector(".fid-canvas[data-tab=gaussians]")
    wait_term(page, "distance", "9.00")
    button(page, "fake").click()


def root(page):
    return page.locator(".fid-canvas")


def plane(page):
    return root(page).locator(".fl-plane")


def button(page, name):
    return root(page).get_by_role("button", name=name, exact=True)


def wait_term(page, name, text):
    assert soon(page, lambda: root(page).locator(f"[data-term={name}]").text_content() == text), text


def wait_measured(page):
    """Until every number of the third tab is there, for what is asked now."""
    page.wait_for_selector(".fid-canvas[data-tab=damage][data-current=true][data-busy=false]", timeout=60_000)


def place_of(page, x, y):
    """Where a point of the plane is on the screen."""
    box = plane(page).bounding_box()
    scale = (box["width"] - 2) / 11.2
    return box["x"] + box["width"] / 2 + x * scale, box["y"] + box["height"] / 2 - y * scale


def drag(page, start, end):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=6)
    page.mouse.up()


def test_dragging_a_mean_changes_one_term_and_python_says_it(notebook, page):
    before = fingerprint(plane(page))
    drag(page, place_of(page, 1.5, 0), place_of(page, -1.5, 2))
    notebook.wait_value("abs(lab._settings.fake['mean'][1] - 2) < 0.05")
    told = notebook.value("lab.answer['terms']")
    wait_term(page, "distance", f"{told['distance']:.2f}")
    assert told["mean_term"] == pytest.approx(4, abs=0.2) and told["cov_term"] == pytest.approx(0, abs=1e-9)
    assert fingerprint(plane(page)) != before
    assert soon(page, lambda: root(page).get_by_role("status").text_content() == notebook.value("lab.answer['words']"))


def test_an_end_of_an_ellipse_widens_and_turns_it(notebook, page):
    drag(page, place_of(page, 2.5, 0), place_of(page, 1.5, 2))
    notebook.wait_value(
        "abs(lab._settings.fake['stds'][0] - 2) < 0.05 and abs(abs(lab._settings.fake['angle']) - 90) < 2"
    )
    page.mouse.move(*place_of(page, -1.5, 0))
    page.mouse.wheel(0, -100)
    notebook.wait_value("lab._settings.real['stds'] == [1.05, 1.05]")
    assert button(page, "real").get_attribute("aria-pressed") == "true", "what a hand takes is chosen"


def test_on_a_line_and_from_a_preset(notebook, page):
    button(page, "on a line").click()
    button(page, "narrower").click()
    wait_term(page, "distance", "1.00")
    wait_term(page, "mean_term", "0.00")
    assert root(page).locator("[data-slider=angle]").is_hidden()
    button(page, "turned").click()
    wait_term(page, "cov_term", "3.38")
    assert button(page, "in the plane").get_attribute("aria-pressed") == "true"


def test_keys_on_the_picture_leave_the_notebook_alone(notebook, page):
    state = "[(n => [n.activeCellIndex, n.widgets.length])(window.jupyterapp.shell.currentWidget.content)]"
    before = page.evaluate(state)
    plane(page).focus()
    for key in ("ArrowLeft", "Shift+ArrowUp", "]", "b"):  # b would insert a cell
        page.keyboard.press(key)
    notebook.wait_value("[lab._settings.fake['mean'], lab._settings.fake['angle']] == [[1.4, 0.5], -5]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    notebook.wait_value("lab._settings.real['mean'][0] == -1.4")
    assert page.evaluate(state) == before


def test_sliders_under_the_keyboard(notebook, page):
    slider = root(page).locator("[data-slider='spread 2']")
    slider.press("ArrowRight")
    notebook.wait_value("lab._settings.fake['stds'] == [1, 1.05]")
    assert slider.get_attribute("aria-label") == "spread 2 of fake"


def test_more_images_less_bias(notebook, page):
    tab = root(page).get_by_role("tab", name="How many images")
    root(page).get_by_role("tab", name="What does it measure").press("ArrowRight")
    assert soon(page, lambda: tab.get_attribute("aria-selected") == "true")
    own = root(page).locator("[data-own=one]")
    page.wait_for_function("/\\d/.test(document.querySelector('[data-own=infinity]').textContent)", timeout=90_000)
    first, picture = float(own.text_content()), fingerprint(root(page).locator(".fl-bias"))
    assert float(own.text_content()) == pytest.approx(notebook.value("lab.answer['own']['one']"), rel=0.01)
    number = root(page).get_by_role("slider", name="images on either side")
    number.press("ArrowRight")
    notebook.wait_value("lab._settings.n == 700")
    assert soon(page, lambda: float(own.text_content()) < first)
    before = own.text_content()
    button(page, "Draw others").click()
    assert soon(page, lambda: own.text_content() != before)
    assert fingerprint(root(page).locator(".fl-bias")) != picture
    assert "true distance is 0" in root(page).locator(".fl-words").text_content()


def test_a_damage_is_seen_and_measured_and_the_newest_wish_wins(notebook, page):
    root(page).get_by_role("tab", name="What does it notice").click()
    fid = root(page).locator("[data-measure=fid] .fl-num")
    page.wait_for_selector(".fid-canvas[data-tab=damage] .fl-picture[aria-label*=blur]", timeout=60_000)
    blurred = fingerprint(root(page).locator(".fl-picture"))
    for kind in ("noise", "duplicate", "memorise"):
        button(page, kind).click()
    root(page).get_by_role("slider", name="how much").press("End")
    page.wait_for_function(
        "document.querySelector('[data-measure=fid] .fl-num').textContent === '0.00'", timeout=60_000
    )
    assert fingerprint(root(page).locator(".fl-picture")) != blurred
    assert root(page).locator("[data-measure=recall] .fl-num").text_content() == "1.00"
    assert soon(page, lambda: "nothing here tells" in root(page).locator(".fl-words").text_content())
    button(page, "noise").click()
    assert soon(page, lambda: fid.text_content() not in ("0.00", "…"))
    assert notebook.value("lab._settings.kind") == "noise"


def test_the_same_images_by_other_features(notebook, page):
    root(page).get_by_role("tab", name="What does it notice").click()
    fid = root(page).locator("[data-measure=fid] .fl-num")
    wait_measured(page)
    by_network, picture = float(fid.text_content()), fingerprint(root(page).locator(".fl-picture"))
    assert button(page, "network").get_attribute("aria-pressed") == "true"
    button(page, "patches").click()
    page.wait_for_selector(".fl-features [data-features=patches][aria-pressed=true]")
    wait_measured(page)
    assert 0 < float(fid.text_content()) < by_network / 50
    assert float(fid.text_content()) == pytest.approx(notebook.value("lab.answer['measures']['fid']"), abs=0.01)
    assert "4×4 pixels" in root(page).locator(".fl-features").text_content()
    assert fingerprint(root(page).locator(".fl-picture")) == picture, "the images are the same"
    root(page).get_by_role("tab", name="How many images").click()
    own = root(page).locator("[data-own=one]")
    page.wait_for_selector(".fid-canvas[data-tab='sample size'][data-current=true]")
    assert soon(page, lambda: own.text_content() not in ("", "…"))
    assert float(own.text_content()) == pytest.approx(notebook.value("lab.answer['own']['one']"), abs=0.01)
    root(page).get_by_role("tab", name="What does it measure").click()
    page.wait_for_selector(".fl-features", state="hidden")


HOLD = """
import threading
gate, measure = threading.Event(), lab._answers["patches"].damage
def held(*wish):
    gate.wait()
    yield from measure(*wish)
lab._answers["patches"].damage = held
"""


def test_no_number_of_other_features_stands_there_meanwhile(notebook, page):
    root(page).get_by_role("tab", name="What does it notice").click()
    wait_measured(page)
    notebook.value(f"exec({HOLD!r})")
    button(page, "patches").click()
    page.wait_for_selector(".fid-canvas[data-current=false]")
    assert set(root(page).locator("[data-measure] .fl-num").all_text_contents()) == {"…"}
    faded = "e => getComputedStyle(e).opacity < 0.5"
    assert soon(page, lambda: root(page).locator(".fl-picture").evaluate(faded))
    notebook.value("gate.set()")
    wait_measured(page)
    assert "…" not in root(page).locator("[data-measure] .fl-num").all_text_contents()
    assert soon(page, lambda: not root(page).locator(".fl-picture").evaluate(faded))


FAIL = """
def fails(*wish):
    raise RuntimeError("no such network")
    yield
lab._answers["patches"].sample_size = fails
"""


def test_what_fails_leaves_no_number_of_other_features(notebook, page):
    """Its error, and nothing else to read; the slider and the other features still work."""
    own, trouble = root(page).locator("[data-own=one]"), root(page).get_by_role("alert")
    root(page).get_by_role("tab", name="How many images").click()
    page.wait_for_selector(".fid-canvas[data-tab='sample size'][data-current=true][data-busy=false]")
    notebook.value(f"exec({FAIL!r})")
    button(page, "patches").click()
    assert soon(page, lambda: "no such network" in (trouble.text_content() or ""))
    assert own.text_content() == "…" and root(page).locator(".fl-bias").is_hidden()
    root(page).get_by_role("slider", name="images on either side").press("ArrowRight")
    notebook.wait_value("lab._settings.n == 700")
    button(page, "network").click()
    assert soon(page, lambda: own.text_content() not in ("", "…"))
    assert trouble.is_hidden() and root(page).locator(".fl-bias").is_visible()


@pytest.mark.parametrize("width", [1280, 800])
def test_it_fits_and_all_has_a_name(notebook, page, width):
    page.set_viewport_size({"width": width, "height": 1000})
    for tab in ("What does it measure", "How many images", "What does it notice"):
        root(page).get_by_role("tab", name=tab).click()
        page.wait_for_timeout(300)
        assert root(page).evaluate(
            """root => [...root.querySelectorAll('*')].filter(e => e.getBoundingClientRect().width > 1)
              .every(e => e.getBoundingClientRect().right <= root.getBoundingClientRect().right + 1)"""
        )
    nameless = root(page).evaluate(
        """root => [...root.querySelectorAll('input, button, canvas')].filter(e => e.checkVisibility())
          .filter(e => !(e.ariaLabel || e.tagName === 'BUTTON' && e.textContent.trim())).map(e => e.outerHTML)"""
    )
    assert nameless == []
    assert root(page).locator(".fl-said").bounding_box()["width"] <= 1, "only to be heard"
    assert root(page).locator("[id]").count() == 0
    page.set_viewport_size({"width": 1280, "height": 1000})


def test_the_pictures_survive_a_change_of_theme(notebook, page):
    light = fingerprint(plane(page))
    for is_light in themes(page):
        assert soon(page, lambda now=is_light: (fingerprint(plane(page)) == light) == now)
