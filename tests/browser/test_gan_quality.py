"""GanLab on images: an FID at the press of a button, and the classes covered, while the training goes on."""

import pytest
from looks import fingerprint, soon

SMALL = "TrainConfig(dataset='fashion-mnist', width=8, latent_dim=8, threads=1, precision='float32')"
CELL = f"from gan_course import GanLab, TrainConfig\nlab = GanLab({SMALL}, play=True)\nlab"


@pytest.fixture
def lab(page, open_cells):
    notebook = open_cells(CELL)
    notebook.value("[setattr(__import__('gan_course.widgets.lab_quality').widgets.lab_quality, 'FAKES', 150)]")
    notebook.value("[setattr(__import__('gan_course.quality').quality, 'REALS', 200)]")
    page.wait_for_selector(".gan-canvas[data-step]", timeout=60_000)
    return notebook


def test_an_fid_comes_while_it_trains(lab, page):
    canvas = page.locator(".gan-canvas")
    figure = page.locator(".gc-fids")
    assert figure.is_hidden()
    asked = int(canvas.get_attribute("data-step"))
    page.get_by_role("button", name="FID now").click()
    page.wait_for_selector(".gan-canvas:not([data-fid=''])", timeout=60_000)
    said = figure.locator("figcaption").text_content()
    assert "150 fakes, 200 real images" in said and "features" in said
    assert soon(page, lambda: int(canvas.get_attribute("data-step")) > asked), "training went on"
    step, fid = lab.value("list(lab.fids[0])")
    assert f"FID {fid:.1f} at step {step:,}" in said
    assert page.locator(".gc-classes figcaption").text_content().startswith("Classes covered")
    before = fingerprint(figure.locator("canvas"))
    page.get_by_role("button", name="FID now").click()
    lab.wait_value("len(lab.fids) >= 2")
    assert soon(page, lambda: fingerprint(figure.locator("canvas")) != before)
    assert len(figure.locator("canvas").get_attribute("aria-label").split(" at ")) == 3
    lab.value("lab.pause()")
