"""Chapters 1 and 2 in JupyterLab, as a learner has them: all cells run, and a hand on their labs."""

import pytest
from jupyter import NotebookPage
from looks import fingerprint, soon

pytestmark = pytest.mark.timeout(400)
MAIN = "__import__('__main__')"


def opened(page, server, name, last):
    """A chapter in quick mode, run from the top to the cell that defines `last`."""
    chapter = NotebookPage(page, server, f"notebooks/{name}.ipynb")
    chapter.value("__import__('os').environ.setdefault('CI', 'true')")
    chapter.run_all()
    chapter.wait_value(f"{last!r} in vars({MAIN})", timeout=240)
    chapter.wait_ready()
    return chapter


def test_chapter_1_runs_and_a_round_goes_on_by_hand(page, server):
    chapter = opened(page, server, "01_objective", "generator_slope")
    button = page.locator(".round-lab").first.get_by_role("button", name="update")
    button.scroll_into_view_if_needed()
    button.click()
    chapter.wait_value(f"{MAIN}.hand.moved == {{'G': 0, 'D': 33}}")
    assert chapter.value(f"{MAIN}.hand.hand.turn") == "G"


def test_chapter_2_runs_and_its_lab_obeys(page, server):
    chapter = opened(page, server, "02_optimal_discriminator", "ratio")
    lab = page.locator(".density-lab").first
    lab.scroll_into_view_if_needed()
    before = fingerprint(lab.locator("canvas").first)
    lab.get_by_role("button", name="equal", exact=True).click()
    chapter.wait_value(f"{MAIN}.lab.numbers['jsd'] < 1e-9")
    assert soon(page, lambda: fingerprint(lab.locator("canvas").first) != before)
