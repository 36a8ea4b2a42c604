"""Executing the course's notebooks in place: `python -m gan_course.notebooks [PATH ...]`.

Outputs are stored, so that a notebook reads well where nothing runs and nbval has something to
compare with. Whatever differs from run to run without meaning anything is taken out, so that a
second execution on the same machine changes no byte.
"""

import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
VIEW = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def chapters(folder: Path = NOTEBOOKS) -> list[Path]:
    """The chapter notebooks, in order."""
    return sorted(folder.glob("[0-9][0-9]_*.ipynb"))


def execute(path: Path) -> None:
    """Run all cells of a notebook from the top, in quick mode, and store it with its outputs.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed; the file is left as it was.
    """
    notebook = nbformat.read(path, as_version=4)
    os.environ["CI"] = "true"
    NotebookClient(
        notebook,
        timeout=300,
        store_widget_state=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    normalize(notebook)
    nbformat.write(notebook, path)


def normalize(notebook: nbformat.NotebookNode) -> None:
    """Take out times, widget views (which only a running kernel could show) and the kernel's details."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell-{i:02d}"
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(VIEW, None)


def main(paths: list[str]) -> None:
    for path in map(Path, paths) if paths else chapters():
        start = time.monotonic()
        execute(path)
        print(f"{path.name}: {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
