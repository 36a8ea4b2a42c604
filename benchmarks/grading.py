"""A class of 200 graded: how many a minute, whether all are judged right, and the same after a SIGKILL half-way.

    python benchmarks/grading.py [--students 200] [--workers 3] [--kill]

One in ten is hostile (all cheats of tests/handed_in.py in turn), one in ten honest and odd; of the others two thirds
have everything right, with a run of their own to replay, and a third has half of the answers. With --kill the grader is
killed once a third is graded, and started again.
"""

import argparse
import csv
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from handed_in import CHEATS, DO_IT, KEYS, ODDITIES, answer, form, to_json  # noqa: E402


def half(student: str) -> tuple[bytes, int]:
    """Every other answer, without a run."""
    notebook, blank = form(student, True), form(student, False)
    for key in KEYS[1::2]:
        answer(notebook, key).source = answer(blank, key).source
    return to_json(notebook), len(KEYS[::2])


def whole(student: str, number: int) -> tuple[bytes, int]:
    """Everything right; the run has a length of its own, so that no two are alike."""
    notebook = form(student, True)
    cell = answer(notebook, DO_IT)
    cell.source = cell.source.replace("trainer.run(300)", f"trainer.run({300 - number % 100})")
    return to_json(notebook), len(KEYS)


def handed_in(number: int) -> tuple[bytes, int]:
    """A student's notebook, and the points that are right for it."""
    student = f"student-{number:03}"
    turn = number // 10
    if number % 10 == 0:
        return list(CHEATS.values())[turn * 3 % len(CHEATS)](student), 0
    if number % 10 == 1:
        return list(ODDITIES.values())[turn % len(ODDITIES)](student), len(KEYS) - 1
    return half(student) if number % 3 == 0 else whole(student, number)


def main() -> None:
    """Make a class, grade it, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--kill", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wanted = {}
        (Path(folder) / "in").mkdir()
        for number in range(arguments.students):
            content, wanted[f"student-{number:03}"] = handed_in(number)
            (Path(folder) / "in" / f"student-{number:03}.ipynb").write_bytes(content)
        command = [sys.executable, "-m", "gan_course.cli", "grade", f"{folder}/in", f"--out={folder}/out"]
        command += [f"--workers={arguments.workers}"]
        seconds = killed(command, Path(folder), arguments.students // 3) if arguments.kill else 0
        began = time.monotonic()
        subprocess.run(command, check=True)
        seconds += time.monotonic() - began
        with open(f"{folder}/out/results.csv", encoding="utf-8-sig", newline="") as file:
            got = {row["student"]: int(float(row["points"])) for row in csv.DictReader(file)}
    wrong = {student: (got.get(student), points) for student, points in wanted.items() if got.get(student) != points}
    print(f"{arguments.students} in {seconds:.0f} s: {60 * arguments.students / seconds:.1f} a minute")
    print(f"judged wrong: {len(wrong)} {wrong or ''}")


def killed(command: list[str], folder: Path, at: int) -> float:
    """Start, and kill everything once so many are graded; how long that took."""
    began = time.monotonic()
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)
    while len(list((folder / "out" / "work" / "results").glob("*.json"))) < at and process.poll() is None:
        time.sleep(0.2)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    print(f"killed with {len(list((folder / 'out' / 'work' / 'results').glob('*.json')))} graded")
    return time.monotonic() - began


if __name__ == "__main__":
    main()
