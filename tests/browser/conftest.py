"""One private JupyterLab and one chromium for the browser tests."""

import hashlib
import os
import shutil
from pathlib import Path

import nbformat
import pytest
from jupyter import JupyterServer, NotebookPage
from playwright.sync_api import sync_playwright

COURSE = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium():
    if not Path(CHROMIUM).exists():
        missing = f"no browser at {CHROMIUM}: install Debian's chromium, or set CHROMIUM to its path"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    for folder in ("notebooks", "figures"):
        shutil.copytree(COURSE / folder, root / folder)
    server = JupyterServer(root, tmp_path_factory.mktemp("jupyter"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def page(chromium):
    """One page for all tests of a file."""
    page = chromium.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(30_000)
    yield page
    page.evaluate("() => window.jupyterapp?.serviceManager.sessions.shutdownAll()")
    page.close()


@pytest.fixture
def open_cells(page, server):
    """Open a new notebook with the given code cells, and run them."""

    def open_them(*cells: str) -> NotebookPage:
        name = f"{hashlib.sha256(repr(cells).encode()).hexdigest()[:8]}.ipynb"
        notebook = nbformat.v4.new_notebook(metadata=KERNEL, cells=[nbformat.v4.new_code_cell(c) for c in cells])
        nbformat.write(notebook, server.root / name)
        opened = NotebookPage(page, server, name)
        opened.run_all()
        return opened

    return open_them
