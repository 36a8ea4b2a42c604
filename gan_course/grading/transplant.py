"""What of a student's notebook is run: the code cells in their order, cut into one section for each question.

Nothing else of the file counts: no outputs, no metadata but the question's key, and no check cells. Where they stood
the grader takes the answer, whatever they said.
"""

import json
import re
from dataclasses import dataclass
from typing import NamedTuple

import nbformat

MOST_CELLS = 1_000
LONGEST_CELL = 200_000  # characters
_ASKED = r"""\w+\s*\[\s*["']([\w-]+)["']\s*\]\s*\.check\("""
_CHECK = re.compile(_ASKED + r"(.*)\);?(?:\s*#.*)?")  # a cell that does nothing else
_CHECKS = re.compile(_ASKED)
_STUDENT = re.compile(r"""^student\s*=\s*\(?\s*(?:["'](.*?)["']|(\d+))""", re.MULTILINE)


class NotANotebook(ValueError):
    """A file that can't be graded; the message says why."""


class Section(NamedTuple):
    """Cells that are run one after the other, and may lead to an answer.

    Attributes:
        key: the question's; "" for cells of no question.
        sources: of the cells.
        below: whether they stand below the question's check: an answer in them counts if there was none above it.
    """

    key: str
    sources: tuple[str, ...]
    below: bool = False


@dataclass(frozen=True)
class Script:
    """What is run.

    Attributes:
        sections: in order.
        student: the id that the student wrote into the notebook; "" if none.
    """

    sections: tuple[Section, ...]
    student: str

    @property
    def keys(self) -> set[str]:
        """The questions that it has a place for."""
        return {section.key for section in self.sections if section.key}


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
    typed = [found[1] or found[2] or "" for _, source in cells for found in _STUDENT.finditer(source)]
    return Script(tuple(_sections(cells, keys)), typed[-1].strip() if typed else "")


def _cells(content):
    """The code cells. Of a file of today's form nothing else is looked at; older forms are nbformat's to read."""
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
        if notebook["nbformat"] < 4:
            notebook = nbformat.reads(json.dumps(_without_outputs(notebook)), as_version=4)
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    except UnicodeDecodeError:
        raise NotANotebook("expected text in UTF-8; this is something else.") from None
    except RecursionError:
        raise NotANotebook("its JSON is nested too deeply.") from None
    except ValueError:
        raise NotANotebook("the file is cut off or damaged: expected a notebook, which is JSON.") from None
    except Exception as error:  # JSON that is no notebook fails in many ways
        raise NotANotebook(f"expected a notebook; reading it gave {type(error).__name__}: {error!s:.200}") from None
    return cells


def _without_outputs(old):
    """A notebook of version 3 or before, with nothing in it that takes long to check."""
    cells = [cell | {"outputs": []} for sheet in old["worksheets"] for cell in sheet["cells"][: MOST_CELLS + 1]]
    return old | {"worksheets": [{"cells": cells, "metadata": {}}], "metadata": {}}


def _source(cell):
    source = cell.get("source", "")
    source = "".join(map(str, source)) if isinstance(source, list) else str(source)
    return source.replace("\r\n", "\n").replace("\r", "\n")


def _sections(cells, keys):
    """An answer cell opens a question's section; its check closes it, or the next answer cell."""
    key, sources, above = "", [], ""  # above: whose check was the last one
    for cell, source in cells:
        checked, given, alone = _checked(source, keys)
        claimed = "" if alone else _claimed(cell, keys)
        if claimed and claimed != key:
            yield _section(key, sources, above)
            key, sources, above = claimed, [], ""
        sources += [] if alone else [source]
        if not checked or (claimed and not alone):
            continue
        if key in ("", checked):
            yield Section(checked, (*sources, *given))
            key, sources, above = "", [], checked
    yield _section(key, sources, above)


def _section(key, sources, above):
    return Section(key or above, tuple(sources), not key and bool(above))


def _checked(source, keys):
    """The question that a cell checks; the answer, if it stands in the check itself; whether the cell does no more."""
    source = source.strip()
    asked = {found for found in _CHECKS.findall(source) if found in keys}
    if len(asked) != 1:
        return "", [], False
    alone = _CHECK.fullmatch(source)
    given = alone[2].strip() if alone else ""
    return asked.pop(), [f"answer = ({given})"] if given not in ("", "answer") else [], bool(alone)


def _claimed(cell, keys):
    """The question whose answer a cell says it has."""
    metadata = cell.get("metadata", {})
    ours = metadata.get("gan_course", {}) if isinstance(metadata, dict) else {}
    named = ours.get("question", "") if isinstance(ours, dict) else ""
    names = [named, str(cell.get("id", "")).removeprefix("answer-")]
    return next((name for name in names if isinstance(name, str) and name in keys), "")
