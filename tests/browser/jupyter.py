"""A private JupyterLab in a real browser, for tests."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Locator, Page

from gan_course.commands.lab import PROMPT

PRIVATE = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
READY = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget, session = panel?.sessionContext;
  return session?.isReady && session.session?.kernel?.connectionStatus === 'connected'
    && session.session.kernel.status === 'idle';
}"""
EVALUATE = """async (code) => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const future = kernel.requestExecute({code: '', silent: true, store_history: false, user_expressions: {x: code}});
  const reply = await future.done;
  return reply.content.user_expressions.x;
}"""


COMPLAINTS = """() => [...window.jupyterapp.shell.currentWidget.content.model.cells].flatMap(cell =>
  cell.type !== 'code' ? [] : cell.sharedModel.getOutputs()
    .filter(o => o.output_type === 'error' || o.name === 'stderr').map(o => JSON.stringify(o).slice(0, 300)))"""

SHOW_CELL = """async (text) => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  const index = notebook.widgets.findIndex(cell => cell.model.sharedModel.getSource().includes(text));
  await notebook.scrollToItem(index, 'start');
  return index;
}"""


class JupyterServer:
    """JupyterLab on a folder, with settings, data and history of its own."""

    def __init__(self, root: Path, home: Path):
        self.root = root
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        env = os.environ | {name: str(home / name.lower()) for name in PRIVATE}
        self.log = (home / "jupyter.log").open("w")
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={self.port}",
                "--ServerApp.port_retries=0", f"--ServerApp.root_dir={root}", "--ip=127.0.0.1",
                "--IdentityProvider.token=", "--ServerApp.password=", "--LabApp.expose_app_in_browser=True",
                f"--ServerApp.kernel_websocket_connection_class={PROMPT}", "--LabApp.news_url=None",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            ],
            env=env, cwd=root, stdout=self.log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._wait()

    def _wait(self):
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api", timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError(f"JupyterLab did not come up: see {self.log.name}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:  # a page that is still sending can hold it up
            self.process.kill()
            self.process.wait()
        self.log.close()


class NotebookPage:
    """One notebook, open in JupyterLab."""

    def __init__(self, page: Page, server: JupyterServer, path: str):
        self.page = page
        page.goto(f"http://127.0.0.1:{server.port}/lab/tree/{path}?reset")
        self.wait_ready()

    def wait_ready(self) -> None:
        self.page.wait_for_function(READY, timeout=60_000)

    def command(self, name: str) -> None:
        """Execute one of JupyterLab's commands."""
        self.page.evaluate("name => window.jupyterapp.commands.execute(name)", name)

    def run_all(self) -> None:
        self.command("notebook:run-all-cells")

    def value(self, expression: str):
        """What `json.loads(json.dumps(expression))` gives in the kernel, beside whatever runs there."""
        answer = self.page.evaluate(EVALUATE, f"__import__('json').dumps({expression})")
        if answer["status"] != "ok":
            raise RuntimeError(f"{answer['ename']}: {answer['evalue']}")
        return json.loads(eval(answer["data"]["text/plain"]))  # the repr of a JSON string

    def run_as_in_ci(self, last: str) -> None:
        """Run all cells of a chapter in quick mode, until the variable `last` is there, and what comes after it."""
        self.value("__import__('os').environ.setdefault('CI', 'true')")
        self.run_all()
        self.wait_value(f"{last!r} in vars(__import__('__main__'))", timeout=240)
        self.wait_ready()

    def cell(self, text: str) -> Locator:
        """The first cell whose source has this text, on the screen."""
        index = self.page.evaluate(SHOW_CELL, text)
        return self.page.locator(f".jp-Notebook .jp-Cell[data-windowed-list-index='{index}']")

    def complaints(self) -> list[str]:
        """All errors and all that was printed to stderr, of any cell."""
        return self.page.evaluate(COMPLAINTS)

    def wait_value(self, expression: str, timeout: float = 30):
        """Wait until the expression is true in the kernel; returns it."""
        end = time.monotonic() + timeout
        while not (value := self.value(expression)):
            if time.monotonic() > end:
                raise TimeoutError(f"still {value!r} after {timeout} s: {expression}")
            time.sleep(0.05)
        return value
