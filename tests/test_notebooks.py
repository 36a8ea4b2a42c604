"""Every chapter keeps to the template, and does what its stored outputs say."""

import os
import statistics
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from gan_course.notebooks import METADATA, chapters, normalize

CHAPTERS = chapters()
OFFLINE = Path(__file__).parent / "offline"
TAGS = {"setup", "predict", "experiment", "check", "lab", "quiz", "exercise", "solution", "hide-input"}
every_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def tags(cell):
    return set(cell.metadata.get("tags", []))


def test_there_are_chapters():
    assert "03_training_loop" in [path.stem for path in CHAPTERS]


@every_chapter
def test_every_code_cell_was_executed_and_every_check_says_something(path):
    for cell in code_cells(path):
        assert cell.execution_count is not None, cell.source
        assert not any(output.output_type == "error" for output in cell.outputs), cell.source
        if "check" in tags(cell):
            assert cell.outputs and "nbval-check-output" in tags(cell), cell.source


@every_chapter
def test_checks_print_no_error_and_no_picture(path):
    for cell in code_cells(path):
        if "check" in tags(cell):
            assert [output.get("name") for output in cell.outputs] == ["stdout"], cell.source


@every_chapter
def test_the_template_is_kept(path):
    notebook = nbformat.read(path, as_version=4)
    first, setup = notebook.cells[:2]
    assert first.source.startswith("# ") and "?" in first.source.splitlines()[0], "the title is a question"
    assert "figures/" in first.source and "![" in first.source and "minutes" in first.source
    assert "setup" in tags(setup) and len(setup.source.splitlines()) <= 6
    used = set().union(*(tags(cell) for cell in notebook.cells))
    assert {"setup", "predict", "experiment", "check", "lab"} <= used
    assert {tag for tag in used if not tag.startswith("nbval")} <= TAGS
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert "## Recap" in text and "## Sources" in text
    assert sum("check" in tags(cell) for cell in notebook.cells) >= 6


@every_chapter
def test_cells_are_short_and_the_file_is_small(path):
    notebook = nbformat.read(path, as_version=4)
    lengths = [len(cell.source.splitlines()) for cell in code_cells(path)]
    assert max(lengths) <= 15 and statistics.median(lengths) <= 6
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and "|" not in cell.source:
            assert len(cell.source.split()) <= 120, cell.source
    assert path.stat().st_size <= 500_000


@every_chapter
def test_it_is_stored_as_the_tool_stores_it(path):
    notebook = nbformat.read(path, as_version=4)
    normalize(again := nbformat.read(path, as_version=4))
    assert notebook == again and notebook.metadata == nbformat.from_dict(METADATA)


@every_chapter
def test_every_figure_exists(path):
    for cell in nbformat.read(path, as_version=4).cells:
        for part in cell.source.split("](")[1:] if cell.cell_type == "markdown" else []:
            target = part.split(")")[0]
            assert target.startswith("http") or (path.parent / target).exists(), target


@pytest.mark.timeout(400)
@every_chapter
def test_it_does_what_its_outputs_say_without_a_network(path):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-cell-timeout=120", "-pno:cacheprovider", path],
        env=os.environ | {"CI": "true", "PYTHONPATH": str(OFFLINE)}, capture_output=True, text=True, cwd=path.parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
