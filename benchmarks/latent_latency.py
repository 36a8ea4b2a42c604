"""How long a new picture takes: from a hand on a z slider of LatentLab to the picture drawn on the page.

Opens JupyterLab in chromium, as `gan-course lab` starts it, moves sliders while a Fashion-MNIST run
trains and while it rests, or with the bundled conditional generator, and prints JSON: milliseconds, the
median and the 95th percentile. Needs what the browser tests need.

    python benchmarks/latent_latency.py [--moves 100] [--plain] [--bundled]
"""

import argparse
import itertools
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
BUNDLED = ("from gan_course import LatentLab", "latent = LatentLab()\nlatent")
PROMPT = {"kernel_websocket_connection_class": "gan_course.commands.websocket.PromptWebsocketConnection"}
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


def hand():
    """(slider, value) for ever; each slider goes far to one side, then far to the other."""
    for i in itertools.count():
        yield i % 8, random.uniform(1, 2.5) * (-1) ** (i // 8)


def measure(page, moves):
    """Milliseconds that each of some moves takes, a little apart as a hand makes them."""
    times = []
    for slider, value in moves:
        before = page.evaluate(PICTURE)
        times.append(page.evaluate(MOVE, [slider, value]))
        assert page.evaluate(PICTURE) != before, "the picture stayed as it was"
        page.wait_for_timeout(random.uniform(30, 90))
    return {
        "moves": len(times),
        "median": round(statistics.median(times), 1),
        "p95": round(statistics.quantiles(times, n=20, method="inclusive")[-1], 1),
        "longest": round(max(times), 1),
    }


def run(page, server, count):
    notebook = NotebookPage(page, server, "latency.ipynb")
    notebook.run_all()
    page.wait_for_selector(".latent-pad[data-heard]", timeout=120_000)
    notebook.wait_value("latent.step > 100", timeout=300)  # before that, most moves change no pixel
    notebook.value("latent.find_directions()")
    notebook.wait_value("latent.directions_step > 100", timeout=120)
    page.locator(".latent-pad").scroll_into_view_if_needed()
    moves = hand()
    measure(page, itertools.islice(moves, 8))
    first = notebook.value("lab.trainer.steps")
    answer = {"training": measure(page, itertools.islice(moves, count))}
    answer["rounds meanwhile"] = notebook.value("lab.trainer.steps") - first
    notebook.value("lab.pause()")
    page.wait_for_timeout(2000)
    return answer | {"idle": measure(page, itertools.islice(moves, count))}


def run_bundled(page, server, count):
    notebook = NotebookPage(page, server, "latency.ipynb")
    notebook.run_all()
    page.wait_for_selector(".latent-sliders[data-basis=directions]", timeout=120_000)
    page.locator(".latent-pad").scroll_into_view_if_needed()
    page.wait_for_timeout(3000)  # the sheet and the nearest images are drawn for the first time
    moves = hand()
    measure(page, itertools.islice(moves, 8))
    return {"bundled": measure(page, itertools.islice(moves, count))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moves", type=int, default=100)
    parser.add_argument("--chromium", default=os.environ.get("CHROMIUM", "/usr/bin/chromium"))
    parser.add_argument("--plain", action="store_true", help="leave JupyterLab's websocket as it is")
    parser.add_argument("--bundled", action="store_true", help="the generator that comes with the course")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        (config := (home := Path(folder) / "home") / "jupyter_config_dir").mkdir(parents=True)
        if not args.plain:
            (config / "jupyter_server_config.json").write_text(json.dumps({"ServerApp": PROMPT}))
        cells = [nbformat.v4.new_code_cell(cell) for cell in (BUNDLED if args.bundled else CELLS)]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), Path(folder) / "latency.ipynb")
        browser = playwright.chromium.launch(executable_path=args.chromium, args=["--no-sandbox"])
        server = JupyterServer(Path(folder), home)
        try:
            measured = run_bundled if args.bundled else run
            answer = measured(browser.new_page(viewport={"width": 1280, "height": 1000}), server, args.moves)
        finally:
            server.stop()
            browser.close()
    print(json.dumps(answer | {"unit": "ms", "cores": len(os.sched_getaffinity(0))}, indent=2))


if __name__ == "__main__":
    main()
