"""How long a new picture takes: from a hand on a z slider of LatentLab to the picture drawn on the page.

Opens JupyterLab in chromium, moves sliders while a Fashion-MNIST run trains and while it rests, and prints
JSON: milliseconds, the median and the 95th percentile. Needs what the browser tests need.

    python benchmarks/latent_latency.py --moves 100
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
from pathlib import Path

import nbformat
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))
from jupyter import JupyterServer, NotebookPage  # noqa: E402

CELLS = (
    "from gan_course import GanLab, LatentLab, TrainConfig",
    "lab = GanLab(TrainConfig(dataset='fashion-mnist', threads=1), play=True)\nlab",
    "latent = LatentLab(lab)\nlatent",
)
MOVE = """async ([axis, value]) => {
  const pad = document.querySelector('.latent-pad');
  const slider = document.querySelectorAll('.latent-sliders [type=range]')[axis];
  const drawn = new Promise((resolve) => {
    const watch = new MutationObserver(() => {
      if (Number(pad.dataset.heard) < begin + performance.timeOrigin) return;
      watch.disconnect();
      resolve(performance.now());
    });
    watch.observe(pad, { attributes: true, attributeFilter: ['data-heard'] });
  });
  slider.value = value;
  const begin = performance.now();
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  return (await drawn) - begin;
}"""
PICTURE = "document.querySelector('.latent-pad .lp-here canvas').toDataURL()"


def measure(page, moves):
    """Milliseconds of `moves` moves of the sliders, a little apart as a hand makes them."""
    times = []
    for i in range(moves):
        before = page.evaluate(PICTURE)
        times.append(page.evaluate(MOVE, [i % 8, random.uniform(-2.5, 2.5)]))
        assert page.evaluate(PICTURE) != before, "the picture stayed as it was"
        page.wait_for_timeout(37 + (i * 7) % 50)
    return {
        "moves": moves,
        "median": round(statistics.median(times), 1),
        "p95": round(statistics.quantiles(times, n=20, method="inclusive")[-1], 1),
        "longest": round(max(times), 1),
    }


def run(page, server, moves):
    notebook = NotebookPage(page, server, "latency.ipynb")
    notebook.run_all()
    page.wait_for_selector(".latent-pad[data-heard]", timeout=120_000)
    notebook.wait_value("latent.step > 100", timeout=300)  # before that, most moves change no pixel
    notebook.value("latent.find_directions()")
    notebook.wait_value("latent.directions_step > 100", timeout=120)
    page.locator(".latent-pad").scroll_into_view_if_needed()
    measure(page, 10)
    first = notebook.value("lab.trainer.steps")
    answer = {"training": measure(page, moves), "rounds": notebook.value("lab.trainer.steps") - first}
    notebook.value("lab.pause()")
    page.wait_for_timeout(2000)
    return answer | {"idle": measure(page, moves)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moves", type=int, default=100)
    parser.add_argument("--chromium", default=os.environ.get("CHROMIUM", "/usr/bin/chromium"))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        (home := Path(folder) / "home").mkdir()
        cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), Path(folder) / "latency.ipynb")
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
