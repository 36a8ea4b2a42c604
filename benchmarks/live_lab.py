"""What the live lab costs, and how fast it obeys, in JupyterLab in a real browser.

Opens chromium on a notebook with GanLab on 2-D points, the hardest case: its rounds are the cheapest, so
showing them weighs most. Prints JSON. Needs what the browser tests need, and a quiet machine.

    python benchmarks/live_lab.py [--dataset ring] [--repeats 6] [--moves 60] [--minutes 0]

* rate_kept: rounds a second with the lab playing in the page, divided by those of the same kind of run in the
  same kernel while the lab is paused; the two take turns, the median of the ratios is given.
* frame_ms: processor time in the kernel for one frame (median, 95th percentile); frames_per_second: drawn by the page.
* slider_ms: from a key on the D:G slider to the status line of a frame with the new ratio, so the time until it
  is obeyed is shorter. z_ms: from a key on a z slider to the picture of that z, drawn.
* first_picture_s: from "run all" to the first picture, with the kernel ready.
* memory_mb (with --minutes): growth of the kernel and of the page's heap over that time, after one minute.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))
from jupyter import JupyterServer, NotebookPage  # noqa: E402

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
CELL = """import time
from gan_course import GanLab, TrainConfig, Trainer
lab = GanLab({dataset!r}, play=True)
lab"""
TOOLS = """
def timed(show):
    def wrapped(moved):
        start = time.thread_time()
        frame = show(moved)
        costs.append(1e3 * (time.thread_time() - start))
        return frame
    return wrapped
costs = []
lab._view.show = timed(lab._view.show)
alone = Trainer(TrainConfig(dataset={dataset!r}))
def headless(seconds):
    start, steps = time.perf_counter(), alone.steps
    while time.perf_counter() - start < seconds:
        alone.run(10)
    return (alone.steps - steps) / (time.perf_counter() - start)
def playing(seconds):
    lab.play()
    time.sleep(0.5)
    start, steps = time.perf_counter(), lab.trainer.steps
    time.sleep(seconds)
    rate = (lab.trainer.steps - steps) / (time.perf_counter() - start)
    lab.pause()
    return rate
"""
ANSWER = """([name, key]) => new Promise((resolve) => {
  const root = document.querySelector('.gan-canvas'), before = root.dataset[name], begin = performance.now();
  const watch = new MutationObserver(() => {
    if (root.dataset[name] === before) return;
    watch.disconnect();
    resolve(performance.now() - begin); // after the frame's task, so after it is drawn
  });
  watch.observe(root, { attributes: true });
  document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
})"""


def percentiles(times):
    return [round(statistics.median(times), 1), round(statistics.quantiles(times, n=20)[-1], 1)]


def answers(page, label, name, moves):
    """Milliseconds from each of some key presses on a slider to the frame that shows the new value."""
    row = page.locator(f".gan-lab .widget-inline-hbox:has(> label:text-is('{label}')) .noUi-handle").first
    row.focus()
    times = []
    for i in range(moves):
        times.append(page.evaluate(ANSWER, [name, "ArrowRight" if i % 2 else "ArrowLeft"]))
        page.wait_for_timeout(120)
    return percentiles(times)


def memory(notebook, page):
    """MB of the kernel, and of the page's JavaScript heap after a collection."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"]
    kernel = notebook.value("__import__('psutil').Process().memory_info().rss")
    return kernel / 1e6, heap / 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="ring")
    parser.add_argument("--repeats", type=int, default=6)
    parser.add_argument("--moves", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as root, tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        cell = nbformat.v4.new_code_cell(CELL.format(dataset=chosen.dataset))
        nbformat.write(nbformat.v4.new_notebook(metadata=KERNEL, cells=[cell]), Path(root) / "lab.ipynb")
        server = JupyterServer(Path(root), Path(home))
        try:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 1200})
            print(json.dumps(measure(page, NotebookPage(page, server, "lab.ipynb"), chosen), indent=1))
            browser.close()
        finally:
            server.stop()


def measure(page, notebook, chosen):
    start = time.perf_counter()
    notebook.run_all()
    page.wait_for_selector(".gan-canvas[data-step]", timeout=120_000)
    found = {"first_picture_s": round(time.perf_counter() - start, 1)}
    notebook.value(f"exec({TOOLS.format(dataset=chosen.dataset)!r}, globals())")
    ratios = []
    for _ in range(chosen.repeats):
        alone = notebook.value("[lab.pause(), headless(4)][1]")
        ratios.append(notebook.value("playing(4)") / alone)
    found |= {"headless_rate": round(alone, 1), "rate_kept": round(statistics.median(ratios), 3)}
    found["rate_kept_of_each_repeat"] = [round(ratio, 3) for ratio in ratios]
    notebook.value("[costs.clear(), lab.play()]")
    page.wait_for_timeout(5000)
    found["frames_per_second"] = int(page.locator(".gc-text").inner_text().split(" and ")[1].split()[0])
    found["frame_ms"] = percentiles(notebook.value("costs"))
    found["slider_ms"] = answers(page, "D:G ratio", "ratio", chosen.moves)
    page.locator(".gan-lab .lm-TabBar-tab", has_text="Picture").click()
    found["z_ms"] = answers(page, "z[0]", "z", chosen.moves)
    if chosen.minutes:
        page.wait_for_timeout(60_000)
        before = memory(notebook, page)
        page.wait_for_timeout(60_000 * chosen.minutes)
        found["memory_mb"] = [round(b - a, 1) for a, b in zip(before, memory(notebook, page))]
        found["steps"] = notebook.value("lab.trainer.steps")
    return found


if __name__ == "__main__":
    main()
