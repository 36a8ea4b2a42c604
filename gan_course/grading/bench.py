"""nbval as the judge: a notebook with a cell for each answer, beside each the output that a right answer has."""

import gc
import json
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

from gan_course.grading.inside import SELDOM
from gan_course.grading.judge import Judge
from gan_course.notebooks import METADATA
from gan_course.quiz.question import RIGHT, Verdict
from gan_course.quiz.validate import failing_cells

CASE, SAID, NOTEBOOK = "case.json", "said.jsonl", "judge.ipynb"
SECONDS = 300  # that a cell may take: it may have to train a run again
_SETUP = f'from gan_course.grading.bench import Bench\n\nbench = Bench("{CASE}")'


class Bench:
    """What the cells of the notebook ask: judges an answer of the case, and writes down what it said."""

    def __init__(self, path: str):
        gc.set_threshold(*SELDOM)
        self._case = json.loads(Path(path).read_bytes())
        self._said = Path(path).parent / SAID
        self._judge = Judge(self._case["chapter"], self._case["seed"], Path(self._case["replays"]))

    def verdict(self, name: str, key: str) -> Verdict:
        """Judge the answer that a submission gives to a question."""
        handed_in = self._case["handed in"][name]
        verdict = self._judge.verdict(key, handed_in["student"], handed_in["answers"].get(key))
        with self._said.open("a", encoding="utf-8") as said:
            said.write(json.dumps([name, key, verdict.state, verdict.words]) + "\n")
        return verdict


def verdicts(folder: Path, case: dict, references: dict[str, str]) -> dict[str, dict[str, Verdict | None]]:
    """Judge some submissions with nbval.

    Args:
        folder: for the notebook and what belongs to it; made if it is missing.
        case: "chapter", "seed", "replays", and "handed in": by name, "student" and "answers" by key.
        references: by key, the output that a right answer has.

    Returns:
        By name and key, the verdict; None where nbval and what was said don't agree, so that somebody has to look.

    Raises:
        ValidationError: nbval did not come to an end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CASE).write_text(json.dumps(case), encoding="utf-8")
    (folder / SAID).unlink(missing_ok=True)
    cells = {f"c-{i}-{j}": (name, key) for i, name in enumerate(case["handed in"]) for j, key in enumerate(references)}
    nbformat.write(_notebook(cells, references), folder / NOTEBOOK)
    failing = set(failing_cells(folder / NOTEBOOK, SECONDS))
    said = _read(folder / SAID)
    found = {name: {} for name in case["handed in"]}
    for cell, (name, key) in cells.items():
        verdict = said.get((name, key))
        agrees = verdict is not None and (cell not in failing) == (verdict.state == RIGHT)
        found[name][key] = verdict if agrees else None
    return found


def _notebook(cells, references):
    setup = new_code_cell(_SETUP, id="setup", metadata={"tags": ["nbval-ignore-output"]}, execution_count=1)
    notebook = new_notebook(cells=[setup], metadata=METADATA)
    for cell, (name, key) in cells.items():
        shown = new_output("execute_result", {"text/plain": references[key]}, execution_count=1)
        source = f"bench.verdict({json.dumps(name)}, {json.dumps(key)})"
        notebook.cells.append(new_code_cell(source, id=cell, outputs=[shown], execution_count=1))
    return notebook


def _read(path):
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    said = {}
    for name, key, state, words in map(json.loads, lines):
        said[name, key] = Verdict(key, state, words)
    return said
