"""Notebooks as students hand them in: honest ones with oddities, and cheats; for the grader's tests and benchmark."""

import copy
import json
import re

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from gan_course.quiz.bank import load_bank
from gan_course.quiz.sheets import sheet, to_json

CHAPTER = 1
QUIZ = load_bank()[CHAPTER]
KEYS = [question["key"] for question in QUIZ["questions"]]
DO_IT = "ch1-do"
WITHOUT_RUN = [key for key in KEYS if key != DO_IT]  # the run takes seconds, so that most are without it


def form(student: str, solved: bool) -> nbformat.NotebookNode:
    """The quiz as a notebook of one student."""
    return sheet(CHAPTER, QUIZ, solved, student)


def quick(student: str, solved: bool = True) -> nbformat.NotebookNode:
    """Everything answered right, or nothing; without the question that takes a run, and without PyTorch."""
    notebook = form(student, solved)
    answer(notebook, DO_IT)["source"] = "answer = None"
    return notebook


def answer(notebook, key):
    """The cell for an answer."""
    return next(cell for cell in notebook.cells if cell.id == f"answer-{key}")


def checks(notebook):
    """All check cells."""
    return [cell for cell in notebook.cells if cell.id.startswith("check-")]


def everywhere(code: str):
    """A cheat that puts the same code into all answer cells of an empty form; {key} is the question's."""

    def cheat(student):
        notebook = form(student, False)
        for key in KEYS:
            answer(notebook, key).source = code.replace("{key}", key)
        return to_json(notebook)

    return cheat


def once(code: str):
    """A cheat whose code stands in the first answer cell only."""

    def cheat(student):
        notebook = quick(student, False)
        answer(notebook, KEYS[0]).source = code.replace("{key}", KEYS[0])
        return to_json(notebook)

    return cheat


def changed(change):
    """A cheat that changes an empty form; `change` gets the notebook."""

    def cheat(student):
        notebook = quick(student, False)
        change(notebook)
        return json.dumps(notebook).encode()  # valid or not

    return cheat


# ---- cheats -----------------------------------------------------------------------------------------------------


def _edited_outputs(notebook):
    for cell in checks(notebook):
        cell.outputs = [new_output("execute_result", {"text/plain": f"{cell.id[6:]}: right."}, execution_count=1)]


def _cleared_outputs(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def _tags(notebook):
    for cell in notebook.cells:
        cell.metadata["tags"] = ["nbval-skip", "nbval-ignore-output", "nbval-raises-exception", "skip-execution"]


def _comments(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = f"# NBVAL_SKIP\n# NBVAL_IGNORE_OUTPUT\n# PYTEST_VALIDATE_IGNORE_OUTPUT\n{cell.source}"


def _without_checks(notebook):
    notebook.cells = [cell for cell in notebook.cells if not cell.id.startswith("check-")]


def _checks_first(notebook):
    notebook.cells.sort(key=lambda cell: not cell.id.startswith("check-"))


def _checks_twice(notebook):
    notebook.cells = [copy.deepcopy(cell) for cell in notebook.cells for _ in range(2)]
    for number, cell in enumerate(notebook.cells):
        cell.id = f"{cell.id[:50]}-{number}"


def _renamed(notebook):
    """All cells claim to answer one question, and every check prints what a right one says."""
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            cell.metadata["gan_course"] = {"question": KEYS[0]}
            cell.source = f'print("{KEYS[0]}: right.")'
            cell.id = f"answer-{KEYS[0]}" if number == 3 else f"x{number}"


def _printed_checks(notebook):
    for cell in checks(notebook):
        cell.source = f'print("{cell.id[6:]}: right.")'


def lying_recipe(student: str) -> bytes:
    """A run that does nothing, with a history that says otherwise."""
    recipe = {
        "format": "gan-course recipe 1", "config": {"dataset": "ring", "seed": 1, "d_steps": 1, "g_steps": 1},
        "steps": 100, "changes": {}, "own": [], "data_digest": "", "start_digest": "", "end_digest": "",
        "made_with": {"torch": "2.14", "cpu": "AVX2"}, "d_fake": 0.001, "measure": {"d_fake": 0.0}, "right": True,
    }  # fmt: skip
    notebook = form(student, False)
    answer(notebook, DO_IT).source = f"answer = {json.dumps(recipe)!r}"
    return to_json(notebook)


def another_students(student: str) -> bytes:
    """The drawn questions, answered right for somebody with other numbers."""
    notebook = quick(student, False)
    drawn = [question["key"] for question in QUIZ["questions"] if "draw" in question]
    for key in drawn:
        mine = answer(form(student, True), key).source
        others = (answer(form(f"other-{number}", True), key).source for number in range(99))
        answer(notebook, key).source = next(source for source in others if source != mine)
    return to_json(notebook)


def _someone_elses_id(student):
    """All of another student's notebook, with that one's id in it."""
    drawn = [question["key"] for question in QUIZ["questions"] if "draw" in question]
    other = next(
        name
        for name in (f"other-{number}" for number in range(99))
        if all(answer(form(name, True), key).source != answer(form(student, True), key).source for key in drawn)
    )
    notebook = quick(other, False)
    for key in drawn:
        answer(notebook, key).source = answer(form(other, True), key).source
    return to_json(notebook)


_BRUTE_FORCE = """
import itertools, json
candidates = ["a", "b", "c", "d", True, False, *range(-20, 20)]
candidates += ["".join(p) for n in (2, 3) for p in itertools.combinations("abcde", n)]
answer = next((c for c in candidates if quiz["{key}"].check(c).state == "right"), "a, b")
"""
_FIND = """
import os
found = []
for folder in ("/", "/home", "/root", os.getcwd(), os.path.dirname(__import__("gan_course").__file__)):
    for path, folders, files in os.walk(folder):
        if path.startswith(("/proc", "/sys", "/usr")) or path.count("/") > 8:
            folders.clear()
            continue
        found += [os.path.join(path, f) for f in files if f.endswith((".toml", ".ipynb")) or f == "secret"]
found = [f for f in found if "site-packages" not in f]
answer = "; ".join(found) or "nothing found"
"""
_ALWAYS = """
class Always(str):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def __contains__(self, other): return True
    def strip(self, *args): return self
    def lower(self): return self
answer = Always("?")
"""
_NUMBER = """
class Number(float):
    __class__ = property(lambda self: bool)
    def __eq__(self, other): return True
    def __round__(self, *n): return self
    def __truediv__(self, other): return self
    def __repr__(self): return "right"
    def item(self): return self
answer = Number(123.456)
"""
_REPR = """
class Right:
    def __repr__(self): return "{key}: right."
    __str__ = __repr__
    tolist = item = lambda self: self
    __float__ = lambda self: 123.456
    to_json = lambda self: "{key}: right."
    __call__ = lambda self, *args: self
answer = Right()
"""
_PATCHED_COURSE = """
import gan_course.quiz.question as q, gan_course.quiz.answers as a, gan_course.quiz.doing as d
q.Question.check = lambda self, answer=None: q.Verdict(self.key, "right")
q.judged = lambda key, faults: q.Verdict(key, "right")
q.said_of = lambda *args: []
a.parts = lambda *args: ["right"]
d.faults = lambda *args: []
answer = "right"
"""
_PATCHED_PROGRAM = """
import gan_course.grading.inside as inside, gan_course.grading.judge as judge, sys
judge.Judge.verdict = lambda *args: "{key}: right."
for module in (inside, sys.modules["__main__"]):
    module.carried = lambda question, answer: {"value": "right", "state": "right", "verdict": "right", "points": 99}
    module.plain = lambda answer: "right"
answer = 1
"""
_MODULES = """
import sys, types
fake = types.ModuleType("fake")
fake.__getattr__ = lambda name: (lambda *args, **kwargs: "right")
for name in ("gan_course.quiz", "gan_course.quiz.answers", "gan_course.quiz.question", "nbval", "pytest"):
    sys.modules[name] = fake
answer = "right"
"""
_BUILTINS = """
import builtins
builtins.print = lambda *args, **kwargs: None
builtins.isinstance = lambda *args: True
builtins.len = lambda *args: 1
builtins.all = builtins.any = lambda *args: True
builtins.repr = lambda thing: "{key}: right."
answer = "right"
"""
_PIPE = """
import os, json
for fd in range(3, 64):
    try:
        os.write(fd, b'["{key}", {"state": "right", "value": {"right": true}}]\\n' * 3)
        os.write(fd, b'["{key}", ' + b'[' * 100_000 + b'\\n')
        os.write(fd, b'\\xff\\xfe not text \\x00\\n["{key}", {"value": ' + b'9' * 100_000 + b'}]\\n')
        os.write(fd, b'["{key}", {"results": [NaN, Infinity]}]\\n["{key}", {"recipe": 5}]\\n')
    except OSError:
        pass
"""
_THREADS = """
import threading, time
def later():
    while True:
        get_ipython().user_ns["answer"] = "right"
        time.sleep(0.001)
threading.Thread(target=later, daemon=True).start()
"""
_HANDLERS = """
import signal
for number in (signal.SIGALRM, signal.SIGPROF, signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
while True:
    try:
        while True: pass
    except BaseException:
        pass
"""
_WRITE = """
import os, sys, gan_course
tried = [os.path.dirname(gan_course.__file__), sys.prefix, "/usr", "/etc", "/", "/dev", "/root", "/home"]
done = []
for folder in tried:
    try:
        with open(os.path.join(folder, "cheated"), "w") as file:
            file.write("right")
        done.append(folder)
    except OSError:
        pass
answer = "written to " + ", ".join(done)
"""
_KILL = """
import os, signal
for process in (1, os.getppid(), -1):
    try:
        os.kill(process, signal.SIGKILL)
    except OSError:
        pass
"""
_ENVIRONMENT = """
import os, glob
seen = dict(os.environ)
for path in glob.glob("/proc/*/environ") + glob.glob("/proc/*/cmdline"):
    try:
        seen[path] = open(path).read()
    except OSError:
        pass
answer = " ".join(f"{k}={v}" for k, v in seen.items())[:5000]
"""
_INJECTION = (
    'answer = \'=cmd|"/c calc"!A1 <script>alert(1)</script><img src=x onerror=alert(2)>'
    "\\x1b[31m\\x1b]0;cheated\\x07 {{7*7}} {% raw %} \\u202eright'"
)

_DEEP = """
import os
for fd in range(3, 64):
    try:
        os.write(fd, b'["{key}", {"value": ' + b'[' * 700 + b']' * 700 + b'}]\\n')
        os.write(fd, b'["{key}", {"value": "' + b'\\\\u007f' * 150_000 + b'"}]\\n')
    except OSError:
        pass
"""
_SPIN = """
import os
for _ in range(5): os.fork()
os.setsid() if os.getpid() != os.getpgrp() else None
while True: pass
"""


def _many_outputs(notebook):
    notebook.cells[1].outputs = [{"output_type": "bad"}] * 200_000


def _long_check(notebook):
    for cell in checks(notebook):
        cell.source = f'quiz["{cell.id[6:]}"].check()' + " " * 190_000 + "x"


CHEATS = {
    "deep lines": once(_DEEP),
    "spinning processes": once(_SPIN),
    "shared memory": once("import mmap\nheld = mmap.mmap(-1, 8 << 30)\nwhile True: held.write(bytes(1 << 26))"),
    "powers of powers": everywhere("answer = '((((9**64)**64)**64)**64)'"),
    "200,000 outputs": changed(_many_outputs),
    "long check": changed(_long_check),
    "edited outputs": changed(_edited_outputs),
    "cleared outputs": changed(_cleared_outputs),
    "tags that skip": changed(_tags),
    "comments that skip": changed(_comments),
    "deleted checks": changed(_without_checks),
    "moved checks": changed(_checks_first),
    "duplicated cells": changed(_checks_twice),
    "renamed ids": changed(_renamed),
    "checks that print": changed(_printed_checks),
    "patched builtins": everywhere(_BUILTINS),
    "patched course": everywhere(_PATCHED_COURSE),
    "patched program": everywhere(_PATCHED_PROGRAM),
    "replaced modules": everywhere(_MODULES),
    "equal to everything": everywhere(_ALWAYS),
    "lying repr": everywhere(_REPR),
    "lying number": everywhere(_NUMBER),
    "brute force": everywhere(_BRUTE_FORCE),
    "looks for files": everywhere(_FIND),
    "reads the environment": everywhere(_ENVIRONMENT),
    "writes outside": everywhere(_WRITE),
    "network": everywhere("import socket\nanswer = socket.create_connection(('127.0.0.1', PORT), 2).recv(99).decode()"),
    "forged lines": everywhere(_PIPE),
    "fork bomb": once("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"),
    "memory bomb": once("bomb = []\nwhile True: bomb.append(bytearray(1 << 26))"),
    "many hungry processes": once(
        "import os\nfor _ in range(6): os.fork()\nbomb = bytearray(1 << 28)\nimport time; time.sleep(99)"
    ),
    "endless loop": once("while True: pass"),
    "loop that catches everything": once(_HANDLERS),
    "uninterruptible sleep": once(
        "import ctypes, signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
        "ctypes.PyDLL(None).usleep(900_000_000)"
    ),
    "exit": once("import os\nos._exit(0)"),
    "kills others": once(_KILL),
    "1 GB of output": everywhere("import sys\nfor _ in range(128): sys.stdout.write('right' * (1 << 18))"),
    "flood": once(
        "import os\nwhile True:\n    for fd in range(1, 9):\n        try: os.write(fd, b'right' * 9999)\n"
        "        except OSError: pass"
    ),  # fmt: skip
    "full disk": once("f = open('f', 'wb')\nwhile True: f.write(bytes(1 << 20))"),
    "injection": everywhere(_INJECTION),
    "magics": everywhere("!cat /etc/passwd /etc/shadow\n%run /etc/passwd\nanswer = !ls -R /home /root"),
    "shell cell": everywhere("%%bash --out answer\ncat /proc/1/environ /etc/shadow; kill -9 -1"),
    "threads": everywhere(_THREADS),
    "deeply nested answer": everywhere("answer = []\nfor _ in range(9999): answer = [answer]"),
    "huge number": everywhere("answer = 10 ** 4200"),
    "huge text": everywhere("answer = 'right' * (1 << 20)"),
    "lying recipe": lying_recipe,
    "another student's answers": another_students,
    "another student's notebook": _someone_elses_id,
    "not a notebook": lambda student: b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "malformed": lambda student: to_json(form(student, False))[:-100],
    "nested JSON": lambda student: b"[" * 200_000,
    "strange JSON": lambda student: (
        b'{"cells": [{"cell_type": "code", "source": 5, "metadata": []}, 7], "nbformat": 4}'
    ),
    "100 MB": lambda student: b'{"cells": [' + b" " * 100_000_000 + b"]}",
    "empty": lambda student: b"",
}

# ---- honest notebooks -------------------------------------------------------------------------------------------


def _extra_cells(notebook):
    value = answer(notebook, "ch1-value").source.removeprefix("answer = ")
    notebook.cells.insert(2, new_code_cell(f"mine = {value}\nprint('trying', mine)\n1 / 0"))
    notebook.cells.insert(3, new_markdown_cell("My notes"))
    answer(notebook, "ch1-value").source = "answer = mine"


def _debug_prints(notebook):
    for key in WITHOUT_RUN:
        answer(notebook, key).source += "\nprint('debug', answer)\ndisplay(answer)\nanswer"


def _other_order(notebook):
    """The questions from last to first, each with its cells."""
    head, blocks = notebook.cells[:2], []
    for cell in notebook.cells[2:]:
        if cell.id.startswith("text-"):
            blocks.append([])
        blocks[-1].append(cell)
    notebook.cells = head + [cell for block in reversed(blocks) for cell in block]


def _other_names(notebook):
    """Names of the student's own; one is given only at the end of the notebook."""
    for key in WITHOUT_RUN:
        cell = answer(notebook, key)
        cell.source = re.sub(r"answer = (.*)$", r"my_result = \1\nanswer = my_result", cell.source)
    cell = answer(notebook, "ch1-role")
    cell.source = "answer = below"
    notebook.cells.append(new_code_cell('below = "c"'))


def _numpy_scalars(notebook):
    cell = answer(notebook, "ch1-bound")
    cell.source = "import numpy as np\nanswer = np.bool_(False)"
    for key in ("ch1-value", "ch1-pull"):
        cell = answer(notebook, key)
        value = cell.source.removeprefix("answer = ")
        cell.source = (
            f"import numpy as np, math\nfrom math import *\nvalue = {value}\n"
            "answer = np.float64(eval(value) if isinstance(value, str) else value)"
        )
    cell = answer(notebook, "ch1-slope")
    cell.source = "import numpy as np\ndef gain(d):\n    return np.log(np.float64(1 - d)) - np.log(0.5)\nanswer = gain"


def _vscode(notebook):
    notebook.metadata = {"language_info": {"name": "python", "version": "3.13.1"}, "vscode": {"interpreter": {}}}
    for cell in notebook.cells:
        cell.metadata["vscode"] = {"languageId": "python"}
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def _no_outputs(notebook):
    _cleared_outputs(notebook)


def _warnings(notebook):
    for key in WITHOUT_RUN:
        answer(notebook, key).source = "import warnings\nwarnings.warn('old')\n" + answer(notebook, key).source


def _other_widgets(notebook):
    state = {"version_major": 1, "version_minor": 0, "state": {"abc": {"model_name": "OldModel", "state": {}}}}
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": state}
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "abc", "version_major": 1}}
    for cell in checks(notebook):
        cell.outputs = [new_output("display_data", view)]
    answer(
        notebook, "ch1-role"
    ).source += "\nimport ipywidgets\ndisplay(ipywidgets.IntSlider())\nquiz['ch1-role'].card()"


def _float32(notebook):
    answer(notebook, "ch1-slope").source = (
        "import numpy as np\ndef gain(d):\n"
        "    return np.log(np.float32(1) - np.float32(d)) - np.log(np.float32(0.5))\nanswer = gain"
    )


def _in_the_check(notebook):
    answer(notebook, "ch1-role").source = "answer = None"
    next(cell for cell in checks(notebook) if "ch1-role" in cell.id).source = 'quiz["ch1-role"].check("c")  # c!'


def _below_the_check(notebook):
    """The form's own cell left as it was, and the answer in a new cell under the check."""
    cell = answer(notebook, "ch1-role")
    place = next(i for i, other in enumerate(notebook.cells) if other.id == "check-ch1-role")
    notebook.cells.insert(place + 1, new_code_cell(cell.source))
    cell.source = "answer = None"


def _printed(notebook):
    for cell in checks(notebook):
        cell.source = f"print({cell.source})"


def _merged_in_colab(student):
    notebook = quick(student)
    _merged(notebook)
    return colab(notebook)


def _merged(notebook):
    """Answer and check in one cell."""
    for check in checks(notebook):
        cell = answer(notebook, check.id[6:])
        cell.source += "\n" + check.source
        notebook.cells.remove(check)


def colab(notebook) -> bytes:
    """As Colab saves it: no ids, its own metadata, none of ours."""
    plain = json.loads(to_json(notebook))
    plain |= {"nbformat": 4, "nbformat_minor": 0, "metadata": {"colab": {"provenance": []}}}
    for cell in plain["cells"]:
        cell["metadata"] = {"id": cell.pop("id")[::-1]}
    return json.dumps(plain).encode()


def _odd(change):
    def made(student):
        notebook = quick(student)
        change(notebook)
        return to_json(notebook)

    return made


ODDITIES = {
    "extra cells": _odd(_extra_cells),
    "debug prints": _odd(_debug_prints),
    "other order": _odd(_other_order),
    "other names": _odd(_other_names),
    "numpy scalars": _odd(_numpy_scalars),
    "VS Code": _odd(_vscode),
    "Colab": lambda student: colab(quick(student)),
    "CRLF": lambda student: to_json(quick(student)).replace(b"\\n", b"\\r\\n").replace(b"\n", b"\r\n"),
    "byte order mark": lambda student: b"\xef\xbb\xbf" + to_json(quick(student)),
    "no outputs": _odd(_no_outputs),
    "warnings": _odd(_warnings),
    "other widgets": _odd(_other_widgets),
    "merged cells": _odd(_merged),
    "float32": _odd(_float32),
    "answer in the check": _odd(_in_the_check),
    "answer below the check": _odd(_below_the_check),
    "checks printed": _odd(_printed),
    "merged in Colab": _merged_in_colab,
    "checks deleted": _odd(_without_checks),
}
