"""Running nbval: the one place that knows how it is called and what it reports."""

import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

import nbformat


class ValidationError(RuntimeError):
    """nbval did not come to a verdict; the message has the end of what it printed."""


def failing_cells(path: Path, seconds: int = 120) -> list[str]:
    """The ids of the cells that don't do what the outputs stored beside them say, in order.

    Strict: a cell that was not run counts as failing, and so does one without a verdict.

    Args:
        path: a notebook whose outputs are stored.
        seconds: that a cell may take.

    Raises:
        ValidationError: the notebook can't be run at all.
    """
    path = path.resolve()
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        done = subprocess.run(
            _command(path, report, seconds), capture_output=True, text=True, env=_ALONE, cwd=path.parent,
            start_new_session=True,  # so that Ctrl-C doesn't look like a verdict
        )  # fmt: skip
        if done.returncode not in (0, 1) or not report.exists():
            raise ValidationError(f"nbval could not run {path}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        passed = _passed(report)
    return [cell.id for number, cell in enumerate(cells) if number not in passed]


_ALONE = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # of pytest's plugins, nbval alone


def _command(path, report, seconds):
    """What runs nbval, heeding no settings that lie about."""
    options = ["-pnbval.plugin", "-pno:cacheprovider", "--noconftest", f"-c{os.devnull}", f"--rootdir={path.parent}"]
    judged = ["--nbval", f"--nbval-cell-timeout={seconds}", f"--junitxml={report}", "-q", path.name]
    return [sys.executable, "-m", "pytest", *options, *judged]


def _passed(report):
    """The numbers of the cells that passed: named in the report once, and with nothing said against them."""
    cases = list(ElementTree.parse(report).iter("testcase"))
    named = Counter(case.get("name") for case in cases)
    fine = (case.get("name") for case in cases if not len(case) and named[case.get("name")] == 1)
    return {int(found[1]) for name in fine if (found := re.fullmatch(r"Cell (\d+)", name))}
