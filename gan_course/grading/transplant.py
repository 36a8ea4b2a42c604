"""What of a student's notebook is run: the code cells in their order, cut into one section for each question.

Nothing else of the file counts: no outputs, no metadata but the question's key, and no check cells. Where they stood
the grader takes the answer, whatever they said.
"""

import json
import re
from dataclasses import dataclass

import nbformat

MOST_CELLS = 1_000
LONGEST_CELL = 200_000  # characters
_CHECK = re.compile(r"""\s*\w+\s*\[\s*["']([\w-]+)["']\s*\]\s*\.check\(.*\)\s*;?\s*""")
_STUDENT = re.compile(r"""^student\s*=\s*(["'])(.*?)\1""", re.MULTILINE)


class NotANotebook(ValueError):
    """A file that can't be graded; the message says why."""


@dataclass(frozen=True)
class Script:
    """What is run.

    Attributes:
        sections: in order, a question's key and the cells that lead to its answer; "" for cells of no question.
        student: the id that the student wrote into the notebook; "" if none.
    """

    sections: tuple[tuple[str, tuple[str, ...]], ...]
    student: str

    @property
    def keys(self) -> set[str]:
        """The questions that it has a place for."""
        return {key for key, _ in self.sections if key}


def transplant(content: bytes, keys: set[str]) -> Script:
    """Read a notebook.

    A cell belongs to a question if its metadata or its id says so, or if the check of that question comes next.

    Args:
        content: of the file.
        keys: of all questions there are.

    Raises:
        NotANotebook: the file is none, or far too long.
    """
    cells = [(cell, _source(cell)) for cell in _cells(content)]
    if len(cells) > MOST_CELLS or any(len(source) > LONGEST_CELL for _, source in cells):
        raise NotANotebook(f"expected up to {MOST_CELLS:,} code cells of up to {LONGEST_CELL:,} characters, got more.")
    typed = [found[2] for _, source in cells for found in _STUDENT.finditer(source)]
    return Script(tuple(_sections(cells, keys)), typed[-1].strip() if typed else "")


def _cells(content):
    try:
        notebook = nbformat.reads(content.decode("utf-8-sig"), as_version=4)
        return [cell for cell in notebook.cells if cell.cell_type == "code"]
    except UnicodeDecodeError:
        raise NotANotebook("expected text in UTF-8; this is something else.") from None
    except RecursionError:
        raise NotANotebook("its JSON is nested too deeply.") from None
    except (nbformat.reader.NotJSONError, json.JSONDecodeError):
        raise NotANotebook("expected a notebook, which is JSON; this is something else.") from None
    except Exception as error:  # nbformat fails in many ways on JSON that is no notebook
        raise NotANotebook(f"expected a notebook; reading it gave {type(error).__name__}: {error!s:.200}") from None


def _source(cell):
    source = cell.get("source", "")
    source = "".join(map(str, source)) if isinstance(source, list) else str(source)
    return source.replace("\r\n", "\n").replace("\r", "\n")


def _sections(cells, keys):
    """An answer cell opens a question's section; its check closes it, or the next answer cell."""
    key, sources = "", []
    for cell, source in cells:
        checked = _checked(source, keys)
        claimed = "" if checked else _claimed(cell, keys)
        if claimed and claimed != key:
            yield key, tuple(sources)
            key, sources = claimed, []
        if not checked:
            sources.append(source)
            continue
        if key in ("", checked):
            key = checked
            yield key, tuple(sources)
            key, sources = "", []
    yield key, tuple(sources)


def _checked(source, keys):
    """The question whose check a cell is, if it is nothing else."""
    found = _CHECK.fullmatch(source)
    return found[1] if found and found[1] in keys else ""


def _claimed(cell, keys):
    """The question whose answer a cell says it has."""
    metadata = cell.get("metadata", {})
    ours = metadata.get("gan_course", {}) if isinstance(metadata, dict) else {}
    named = ours.get("question", "") if isinstance(ours, dict) else ""
    names = [named, str(cell.get("id", "")).removeprefix("answer-")]
    return next((name for name in names if isinstance(name, str) and name in keys), "")
