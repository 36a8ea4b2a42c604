"""How long DensityLab takes to answer a hand: from a move of the pointer to the end of the redraw that shows it.

Opens JupyterLab in chromium, drags a bump and then draws a density by hand, and prints JSON: milliseconds of each move,
the median and the 95th percentile. "wait" is what of that goes by before the page begins to draw (the browser draws 60
times a second), "draw" the redraw itself, maths included. Needs what the browser tests need.

    python benchmarks/density_drag.py [--moves 150]
"""

import argparse
import json
import math
import os
import statistics
import sys
import tempfile
from pathlib import Path

import nbformat
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))
from jupyter import JupyterServer, NotebookPage  # noqa: E402

CELL = """from gan_course.theory import Mixture
from gan_course.widgets.density_lab import DensityLab
lab = DensityLab()
lab.set(p_data=Mixture([-3, 0, 3], [0.4, 0.5, 0.6]), p_g=Mixture([-2, 1, 4], [0.5, 0.4, 0.6]))
lab"""
WATCH = """() => {
  const root = document.querySelector('.density-canvas');
  window.moves = [];
  let waiting = [], begun = 0;
  const request = window.requestAnimationFrame;
  window.requestAnimationFrame = (act) => request((now) => { begun = performance.now(); act(now); });
  window.addEventListener('pointermove', (event) => waiting.push(event.timeStamp), true);
  new MutationObserver(() => {
    const end = performance.now();
    for (const at of waiting) window.moves.push([end - at, end - begun]);
    waiting = [];
  }).observe(root, { attributes: true, attributeFilter: ['data-drawn'] });
}"""


def drag(page, begin, places):
    """[milliseconds to the end of the redraw, milliseconds of it] of each move, about as a hand makes them."""
    page.mouse.move(*begin)
    page.mouse.down()
    page.wait_for_timeout(200)
    page.evaluate("window.moves = []")
    for place in places:
        page.mouse.move(*place)
        page.wait_for_timeout(5)
    page.wait_for_timeout(200)
    page.mouse.up()
    return page.evaluate("window.moves")


def summary(moves):
    def ends(times):
        longest = max(times)
        p95 = statistics.quantiles(times, n=20, method="inclusive")[-1]
        return {"p50": round(statistics.median(times), 1), "p95": round(p95, 1), "longest": round(longest, 1)}

    whole, draw = zip(*moves)
    wait = [all_of_it - of_it for all_of_it, of_it in moves]
    return {"moves": len(moves), "move to redraw": ends(whole), "wait": ends(wait), "draw": ends(draw)}


def run(page, server, count):
    notebook = NotebookPage(page, server, "drag.ipynb")
    notebook.run_all()
    page.wait_for_selector(".density-canvas[data-drawn]", timeout=120_000)
    page.wait_for_timeout(2000)
    surface = page.locator(".dn-densities")
    surface.scroll_into_view_if_needed()
    page.evaluate(WATCH)
    box = surface.bounding_box()
    x = lambda value: box["x"] + 34 + (value + 8) / 16 * (box["width"] - 46)  # noqa: E731
    middle = box["y"] + box["height"] / 2
    high = 1 / (0.4 * math.sqrt(2 * math.pi) * 3)  # of the bump at 1
    top = box["y"] + box["height"] - 6 - high / 0.5 * (box["height"] - 14)
    places = [(x(1 + 3 * math.sin(i / 20)), top + 20 * math.sin(i / 7)) for i in range(count)]
    answer = {"dragging one of six bumps": summary(drag(page, (x(1), top), places))}
    mean = notebook.value("lab._canvas.p_g['means'][1]")
    assert abs(mean - 1 - 3 * math.sin((count - 1) / 20)) < 0.05, f"the bump is not where the hand left it: {mean}"
    page.get_by_role("button", name="draw by hand").click()
    page.wait_for_timeout(500)
    places = [(x(7 * math.sin(i / 20)), middle + 60 * math.sin(i / 7)) for i in range(count)]
    return answer | {"drawing by hand": summary(drag(page, (x(0), middle), places))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moves", type=int, default=150)
    parser.add_argument("--chromium", default=os.environ.get("CHROMIUM", "/usr/bin/chromium"))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        (home := Path(folder) / "home").mkdir()
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)], metadata=kernel)
        nbformat.write(notebook, Path(folder) / "drag.ipynb")
        browser = playwright.chromium.launch(executable_path=args.chromium, args=["--no-sandbox"])
        server = JupyterServer(Path(folder), home)
        try:
            answer = run(browser.new_page(viewport={"width": 1280, "height": 1000}), server, args.moves)
        finally:
            server.stop()
            browser.close()
    print(json.dumps(answer | {"unit": "ms", "cores": len(os.sched_getaffinity(0))}, indent=2))


if __name__ == "__main__":
    main()
