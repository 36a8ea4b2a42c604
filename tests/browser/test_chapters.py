"""The chapters but the third in JupyterLab, as a learner has them: all cells run, and a hand on their labs."""

import pytest
from jupyter import NotebookPage
from looks import fingerprint, slider_handle, soon

pytestmark = pytest.mark.timeout(400)
MAIN = "__import__('__main__')"


def opened(page, server, name, last):
    """A chapter in quick mode, run from the top to the cell that defines `last`; no cell complained."""
    chapter = NotebookPage(page, server, f"notebooks/{name}.ipynb")
    chapter.run_as_in_ci(last)
    assert chapter.complaints() == []
    return chapter


def test_chapter_1_runs_and_a_round_goes_on_by_hand(page, server):
    chapter = opened(page, server, "01_objective", "generator_slope")
    chapter.cell("RoundLab(").get_by_role("button", name="update").click()
    chapter.wait_value(f"{MAIN}.hand.moved == {{'G': 0, 'D': 33}}")
    assert chapter.value(f"{MAIN}.hand.hand.turn") == "G"


def test_chapter_2_runs_and_its_lab_obeys(page, server):
    chapter = opened(page, server, "02_optimal_discriminator", "ratio")
    lab = chapter.cell("DensityLab(")
    before = fingerprint(lab.locator("canvas").first)
    lab.get_by_role("button", name="equal", exact=True).click()
    chapter.wait_value(f"{MAIN}.lab.numbers['jsd'] < 1e-9")
    assert soon(page, lambda: fingerprint(lab.locator("canvas").first) != before)


def test_chapter_4_runs_its_map_opens_a_run_and_a_collapse_is_left_behind(page, server):
    chapter = opened(page, server, "04_mode_collapse", "pack")
    chapter.cell("phase = PhaseLab(").locator("[role=gridcell][data-row='0'][data-column='1']").click()
    chapter.wait_value(f"{MAIN}.phase.lab is not None")
    config = f"{MAIN}.phase.lab.trainer.config"
    assert chapter.value(f"[{config}.d_steps, {config}.g_steps]") == [1, 2]

    lab = chapter.cell("lab = GanLab(")
    assert lab.locator(".gan-canvas").get_attribute("data-modes") in ("0", "1", "2")
    chapter.value(f"{MAIN}.lab.play()")
    slider_handle(lab, "D:G ratio").focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")  # from 1:10 to 5:1
    controls = f"{MAIN}.lab.trainer.controls"
    chapter.wait_value(f"[{controls}.d_steps, {controls}.g_steps] == [5, 1]")
    lab.locator(".gan-canvas[data-modes='7'], .gan-canvas[data-modes='8']").wait_for(timeout=90_000)


def test_chapter_5_runs_and_another_label_makes_another_picture(page, server):
    chapter = opened(page, server, "05_conditional", "projection_logit")
    picture = chapter.cell("walk = LatentLab(").locator("canvas").first
    before = fingerprint(picture)
    chapter.value(f"{MAIN}.walk.label('Bag')")
    assert soon(page, lambda: fingerprint(picture) != before)
    chapter.value(f"{MAIN}.lab.play()")
    slider_handle(chapter.cell("lab = GanLab("), "D:G ratio").focus()
    page.keyboard.press("ArrowRight")
    chapter.wait_value(f"{MAIN}.lab.trainer.controls.d_steps == 2")


def test_chapter_6_runs_and_its_labs_answer(page, server):
    chapter = opened(page, server, "06_fid", "unbiased_mmd")
    chapter.cell("lab = FidLab(").get_by_role("button", name="narrower", exact=True).click()
    chapter.wait_value(f"{MAIN}.lab.answer['terms']['mean_term'] == 0")
    damage = chapter.cell("damage_lab = FidLab(")
    damage.get_by_role("button", name="noise", exact=True).click()
    chapter.wait_value(f"{MAIN}.damage_lab.answer['of'] == 'noise'")
    assert soon(page, lambda: "Noise is a fault" in damage.locator(".fl-words").text_content())
