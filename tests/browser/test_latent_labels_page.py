"""LatentLab with labels in JupyterLab: hands on the classes, the label walk and the sheet, and what the page shows."""

import nbformat
import pytest
from conftest import KERNEL
from jupyter import NotebookPage
from looks import fingerprint, soon

pytestmark = pytest.mark.timeout(200)
CELL = """from gan_course import LatentLab, TrainConfig, Trainer
run = Trainer(TrainConfig(dataset="fashion-mnist", condition="embedding", width=8, batch_size=16, threads=1,
                          precision="float32", lr_g=0.005))
run.run(40)
lab = LatentLab(run)
lab"""
SHARES = "[round(share, 2) for share in lab.labels.values()]"


@pytest.fixture(scope="module")
def notebook(page, server):
    cells = [nbformat.v4.new_code_cell(CELL)]
    nbformat.write(nbformat.v4.new_notebook(metadata=KERNEL, cells=cells), server.root / "labels.ipynb")
    notebook = NotebookPage(page, server, "labels.ipynb")
    notebook.run_all()
    page.wait_for_selector(".latent-labels[data-heard]", timeout=90_000)
    page.wait_for_function("document.querySelectorAll('.ll-near canvas').length === 3", timeout=60_000)
    return notebook


@pytest.fixture(autouse=True)
def fresh(page, notebook):
    """The first class alone, and the labels in view."""
    notebook.value("lab.label(0)")
    root(page).scroll_into_view_if_needed()
    assert soon(page, lambda: told(page) == "T-shirt/top")


def root(page):
    return page.locator(".latent-labels")


def told(page):
    return root(page).locator(".ll-told").inner_text()


def picture(page, selector=".latent-pad .lp-here canvas"):
    return fingerprint(page.locator(selector).first)


def test_a_click_on_a_class_makes_that_class(page, notebook):
    before, z = picture(page), notebook.value("lab.z.tolist()")
    root(page).get_by_role("button", name="Only Bag").click()
    assert soon(page, lambda: told(page) == "Bag" and picture(page) != before)
    assert notebook.value(SHARES) == [0] * 8 + [1, 0] and notebook.value("lab.z.tolist()") == z
    assert root(page).locator(".ll-class[data-in=true]").count() == 1


def test_the_last_class_keeps_a_little(page, notebook):
    slider = root(page).get_by_role("slider", name="weight of T-shirt/top")
    slider.press("Home")
    assert soon(page, lambda: slider.input_value() == "0.01" and told(page) == "T-shirt/top")
    notebook.wait_value("abs(float(lab._painter.view.weights[0]) - 0.01) < 1e-6")
    assert notebook.value("lab._painter.refusal") == "" and notebook.value(SHARES) == [1] + 9 * [0]


def test_sliders_mix_and_their_shares_sum_to_one(page, notebook):
    before = picture(page)
    slider = root(page).get_by_role("slider", name="weight of Sneaker")
    slider.focus()
    page.keyboard.press("End")
    assert soon(page, lambda: told(page) == "50% T-shirt/top + 50% Sneaker" and picture(page) != before)
    assert notebook.value(SHARES) == [0.5] + [0] * 6 + [0.5, 0, 0]
    for _ in range(50):
        page.keyboard.press("ArrowLeft")
    notebook.wait_value("abs(lab.labels['Sneaker'] - 1 / 3) < 1e-6")
    assert slider.get_attribute("aria-valuetext") in ("33%", "34%")


def test_a_walk_through_labels_at_one_z(page, notebook):
    before = picture(page, ".ll-walk >> nth=-1")
    root(page).locator(".ll-to").select_option(label="Ankle boot")
    notebook.wait_value("lab._painter.view.ends == (0, 9)")
    assert soon(page, lambda: picture(page, "canvas.ll-walk") != before)
    z = notebook.value("lab.z.tolist()")
    slider = root(page).locator(".ll-s")
    slider.focus()
    page.keyboard.press("End")
    assert soon(page, lambda: told(page) == "Ankle boot")
    assert notebook.value("lab.z.tolist()") == z and slider.get_attribute("aria-valuetext") == "100% Ankle boot"


def test_a_click_on_a_sample_puts_its_z_into_the_sliders(page, notebook):
    samples = root(page).locator(".ll-sheet button")
    assert samples.count() == 16
    state = ".latent-sliders .ls-value"
    before = page.locator(state).all_inner_texts()
    samples.nth(3).click()
    notebook.wait_value("lab.z.tolist() == lab._painter.beside.latent(3).tolist()")
    assert soon(page, lambda: page.locator(state).all_inner_texts() != before)
    sheet = picture(page, ".ll-sheet canvas")
    root(page).locator(".ll-others").click()
    assert soon(page, lambda: picture(page, ".ll-sheet canvas") != sheet)


def test_the_nearest_images_follow_the_picture(page, notebook):
    words = root(page).locator(".ll-near-words")
    before = picture(page, ".ll-near canvas")
    notebook.value("lab.label(8)")
    assert soon(page, lambda: picture(page, ".ll-near canvas") != before)
    assert "The nearest of 10,000 training images" in words.inner_text() and words.get_attribute("role") == "status"
    nearest = notebook.value("[round(d, 2) for d in lab.nearest(3)[0].tolist()]")
    captions = root(page).locator(".ll-near figcaption")
    assert soon(page, lambda: [float(c.split()[0]) for c in captions.all_inner_texts()] == nearest)
