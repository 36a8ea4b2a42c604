"""DataPad and CodeBox in JupyterLab: what mouse, finger and keys draw, and what Python hears of it."""

import nbformat
import pytest
from conftest import KERNEL
from jupyter import NotebookPage
from looks import fingerprint

PAD = """from gan_course.widgets.data_pad import DataPad
pad, heard = DataPad(), []
pad.on_msg(lambda pad, content, buffers: heard.append((content["do"], pad.strokes, pad.thickness)))
pad"""
BOX = """from gan_course.widgets.code_box import CodeBox
box = CodeBox(code="<b>print</b>('α')  # " + 40 * "long " + "\\nx = 1\\n", note="Press <i>Learn</i> first.")
box"""


@pytest.fixture(scope="module")
def notebook(page, server):
    """A notebook with a pad and a box."""
    cells = [nbformat.v4.new_code_cell(cell) for cell in (PAD, BOX)]
    nbformat.write(nbformat.v4.new_notebook(metadata=KERNEL, cells=cells), server.root / "pad.ipynb")
    notebook = NotebookPage(page, server, "pad.ipynb")
    notebook.run_all()
    page.wait_for_selector(".data-pad", timeout=60_000)
    page.wait_for_selector(".code-box")
    return notebook


@pytest.fixture
def pad(page, notebook):
    """The pad, in view and empty."""
    notebook.value("(pad.set_trait('strokes', []), pad.set_trait('thickness', 0.05), heard.clear())")
    pad = page.locator(".data-pad")
    pad.scroll_into_view_if_needed()
    wait_status(page, "Nothing drawn yet")
    return pad


def wait_status(page, text):
    page.wait_for_function(f"document.querySelector('.dp-status').textContent.includes({text!r})")


def at(pad, x, y):
    """A place in the plane, in the page's pixels."""
    box = pad.locator("canvas").bounding_box()
    return box["x"] + (x / 3 + 0.5) * box["width"], box["y"] + (0.5 - y / 3) * box["height"]


def drag(page, pad, *places):
    page.mouse.move(*at(pad, *places[0]))
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*at(pad, *place), steps=4)
    page.mouse.up()


def strokes(notebook, count):
    """The strokes in Python, once there are so many."""
    notebook.wait_value(f"len(pad.strokes) == {count}")
    return notebook.value("pad.strokes")


def picture(pad):
    return fingerprint(pad.locator("canvas"))


def test_a_mouse_draws_a_line_and_a_tap_a_dot(notebook, page, pad):
    empty = picture(pad)
    page.mouse.move(*at(pad, -1, -1))
    page.mouse.move(*at(pad, 0, 0))  # with no button down
    drag(page, pad, (-1, 0.5), (1, 0.5), (1, 1.7))  # beyond the edge
    assert strokes(notebook, 1) == [[pytest.approx(place, abs=0.012) for place in [(-1, 0.5), (1, 0.5), (1, 1.5)]]]
    page.mouse.click(*at(pad, 0.25, -1))
    assert strokes(notebook, 2)[1] == [pytest.approx([0.25, -1], abs=0.012)]
    wait_status(page, "1 line (3.0 units) and 1 dot")
    assert picture(pad) != empty
    page.mouse.click(*at(pad, 0, 0), button="right")
    page.keyboard.press("Escape")
    assert len(notebook.value("pad.strokes")) == 2


def test_a_scribble_comes_thinned_and_rounded(notebook, page, pad):
    drag(page, pad, (-1.2, -1), *[((-1) ** i * (1.3 - i / 30), i / 10 - 1) for i in range(20)])
    (stroke,) = strokes(notebook, 1)
    assert 20 <= len(stroke) <= 200
    assert all(v == round(v, 3) and abs(v) <= 1.5 for place in stroke for v in place)


def test_a_finger_draws_and_does_not_scroll(notebook, page, pad):
    finger = page.context.new_cdp_session(page)

    def touch(kind, *place):
        points = [dict(zip("xy", at(pad, *place)))] if place else []
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    before = at(pad, 0, 0)
    touch("touchStart", 0, 1)
    for i in range(1, 11):
        touch("touchMove", 0, 1 - i / 5)
    touch("touchEnd")
    (stroke,) = strokes(notebook, 1)
    assert stroke[0] == pytest.approx([0, 1], abs=0.02)
    assert stroke[-1] == pytest.approx([0, -1], abs=0.02)
    assert at(pad, 0, 0) == before


def test_keys_draw_dots_and_lines_and_leave_the_notebook_alone(notebook, page, pad):
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    pad.locator("canvas").focus()
    active = page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex")
    for key in ("ArrowRight", "Shift+ArrowUp", "Space", "p", "Shift+ArrowLeft", "ArrowDown", "p", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    page.keyboard.press("b")  # in JupyterLab, a new cell
    wait_status(page, "pen up at (−0.20, 0.25)")
    assert strokes(notebook, 3) == [[[0.05, 0.25]], [[0.05, 0.25], [-0.2, 0.25], [-0.2, 0.2]], [[-0.2, 0.25]]]
    page.keyboard.press("Backspace")
    assert len(strokes(notebook, 2)) == 2
    page.keyboard.press("P")
    page.keyboard.press("Shift+ArrowDown")
    wait_status(page, "pen down at (−0.20, 0.00)")
    page.keyboard.press("Tab")  # leaving the pad ends the line
    assert strokes(notebook, 3)[2] == [[-0.2, 0.25], [-0.2, 0]]
    assert "pen" not in pad.get_by_role("status").inner_text()
    assert page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex") == active
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells


def test_shapes_undo_and_clear(notebook, page, pad):
    for name in ("Circle", "Spiral", "Letter S", "Two blobs"):
        pad.get_by_role("button", name=name).click()
    two = strokes(notebook, 2)
    pad.get_by_role("button", name="Clear").focus()
    page.keyboard.press("Enter")
    strokes(notebook, 0)
    assert page.evaluate("document.activeElement.textContent") == "Clear", "the focus stays"
    pad.get_by_role("button", name="Undo").click()
    assert strokes(notebook, 2) == two
    pad.get_by_role("button", name="Undo").click()
    (letter,) = strokes(notebook, 1)
    assert letter[0][1] > letter[-1][1], "an S is written from the top"


def test_nothing_drawn_is_nothing_to_learn(notebook, page, pad):
    learn, why = pad.get_by_role("button", name="Learn this"), pad.locator(".dp-why")
    assert learn.is_disabled() and "draw a line or a dot first" in why.inner_text()
    page.mouse.click(*at(pad, 0, 0))
    strokes(notebook, 1)
    assert learn.is_enabled() and why.is_hidden()


def test_learn_this_is_heard_with_all_that_was_drawn_before(notebook, page, pad):
    page.mouse.click(*at(pad, 1, 0))
    strokes(notebook, 1)
    pad.evaluate(
        """pad => {
          const slider = pad.querySelector('input');
          for (slider.value of [0.06, 0.07, 0.08, 0.12]) slider.dispatchEvent(new Event('input', {bubbles: true}));
          [...pad.querySelectorAll('button')].find(b => b.textContent === 'Circle').click();
          pad.querySelector('.dp-learn').click();
        }"""
    )
    notebook.wait_value("heard")
    ((do, drawn, thickness),) = notebook.value("heard")
    assert (do, thickness) == ("learn", 0.12)
    assert len(drawn) == 1 and len(drawn[0]) == 61, "the circle, not the dot"
    page.wait_for_timeout(200)
    assert notebook.value("(pad.strokes, pad.thickness)") == [drawn, 0.12]
    wait_status(page, "1 line (6.3 units)")
    assert pad.locator(".dp-value").inner_text() == "0.12"


def test_the_slider_blurs_the_preview(notebook, page, pad):
    pad.get_by_role("button", name="Circle").click()
    wait_status(page, "1 line")
    before = picture(pad)
    pad.get_by_role("slider", name="Thickness").focus()
    page.keyboard.press("End")
    notebook.wait_value("pad.thickness == 0.2")
    assert picture(pad) != before


def test_a_drawing_from_python_is_shown(notebook, page, pad):
    notebook.value("pad.set_trait('strokes', [[[0, 0], [1, 0]], [[0, 1]]])")
    wait_status(page, "1 line (1.0 units) and 1 dot")
    pad.get_by_role("button", name="Undo").click()
    assert strokes(notebook, 1) == [[[0, 0], [1, 0]]]


def test_what_is_drawn_on_the_page_can_be_learned(notebook, page, pad):
    drag(page, pad, (-1, 0), (1, 0))
    strokes(notebook, 1)
    notebook.value("exec('from gan_course import *; from gan_course.data.drawn import drawn_points', globals())")
    learned = "Trainer(TrainConfig(), data=drawn_points(pad.strokes, thickness=pad.thickness))"
    assert notebook.value(f"[t.run(5) and t.steps for t in [{learned}]]") == [5]


def test_the_pad_fits_a_narrow_page_and_every_control_has_a_name(notebook, page, pad):
    page.set_viewport_size({"width": 800, "height": 1000})
    page.wait_for_timeout(300)
    inside = """r => [...r.querySelectorAll('*')].every(
      e => e.getBoundingClientRect().right <= r.getBoundingClientRect().right)"""
    assert pad.evaluate(inside)
    page.set_viewport_size({"width": 1280, "height": 1000})
    nameless = """r => [...r.querySelectorAll('input, button, canvas, pre')].filter(e => !(e.ariaLabel
      || e.textContent.trim() || e.closest('label'))).length"""
    for widget in (pad, page.locator(".code-box")):
        assert widget.evaluate(nameless) == 0
        assert widget.locator("[id]").count() == 0


def test_the_pad_survives_a_change_of_theme(notebook, page, pad):
    pad.get_by_role("button", name="Letter S").click()
    wait_status(page, "1 line")
    light = picture(pad)
    by_colours = "theme => (document.body.dataset.jpThemeLight = theme === 'JupyterLab Light')"
    by_lab = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
    for change in (by_colours, by_lab):
        for theme, same in (("JupyterLab Dark", False), ("JupyterLab Light", True)):
            page.evaluate(change, theme)
            page.wait_for_function(f"document.body.dataset.jpThemeLight === '{str(same).lower()}'")
            for _ in range(100):
                if pad.locator("canvas").evaluate("c => c.width") and (picture(pad) == light) == same:
                    break
                page.wait_for_timeout(50)
            assert (picture(pad) == light) == same


def test_code_is_shown_as_it_is_and_copied(notebook, page):
    box = page.locator(".code-box")
    box.scroll_into_view_if_needed()
    code = notebook.value("box.code")
    assert box.locator("code").evaluate("e => [e.textContent, e.children.length]") == [code, 0]
    assert box.locator("pre").evaluate("e => e.scrollWidth > e.clientWidth && getComputedStyle(e).overflowX === 'auto'")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    box.get_by_role("button", name="Copy").click()
    page.wait_for_function("document.querySelector('.code-box [role=status]').textContent === 'Copied'")
    assert page.evaluate("navigator.clipboard.readText()") == code
    page.wait_for_function("document.querySelector('.code-box [role=status]').textContent === ''", timeout=3000)


def test_without_a_clipboard_the_code_is_selected(notebook, page):
    box = page.locator(".code-box")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true})")
    box.get_by_role("button", name="Copy").click()
    page.wait_for_function("document.querySelector('.code-box [role=status]').textContent.startsWith('Selected')")
    assert page.evaluate("getSelection().toString().trim()") == notebook.value("box.code.strip()")
    page.evaluate("delete navigator.clipboard")


def test_a_note_stands_where_there_is_no_code(notebook, page):
    box = page.locator(".code-box")
    notebook.value("box.set_trait('code', '')")
    box.get_by_text("Press <i>Learn</i> first.").wait_for()
    assert box.locator("pre").is_hidden() and box.locator("button").is_hidden()
    notebook.value("box.set_trait('code', 'y = 2')")
    box.get_by_text("y = 2").wait_for()
    assert box.locator("p").is_hidden()
