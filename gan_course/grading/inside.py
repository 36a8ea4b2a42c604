"""What runs in the sandbox: IPython, the student's cells, and a pipe on which answers leave it, as plain data.

The process reads its task as JSON on standard input, and writes a line of JSON for each answer. Nothing in here is
trusted: a student's code can replace all of it. It knows no right answer, so all that it can say is an answer.
"""

import ctypes
import gc
import json
import os
import resource
import signal
import sys
import tempfile
from pathlib import Path

LONGEST = 900_000  # characters of an answer
BEGAN = "began\n"  # the first line, before any code of a stranger's
SELDOM = 200_000, 20, 100  # of garbage collections: they take a quarter of PyTorch's import
_JOIN_KEYRING = {"x86_64": 250, "aarch64": 219}  # the number of the system call keyctl


class CellTimeout(BaseException):
    """A cell took too long."""


def main() -> None:
    """Do the task on standard input: {"sections", "questions", "limits", "seconds", "user"}."""
    gc.set_threshold(*SELDOM)
    task = json.load(sys.stdin)
    report = _only_way_out()
    _become_nobody(task["user"])
    _leave_keyring()
    for name, most in task["limits"].items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
    os.chdir(tempfile.mkdtemp())
    report.write(BEGAN)
    report.flush()
    for key, data in answers(task):
        report.write(json.dumps([key, data])[:LONGEST] + "\n")
        report.flush()
    report.close()
    os._exit(0)  # whatever threads were left behind


def _only_way_out():
    """The pipe; what cells print goes nowhere."""
    report = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    return report


def _become_nobody(user):
    if user is not None:  # started by root: limits of processes don't hold for root
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)


def _leave_keyring():
    """A new, empty keyring in place of that of whoever grades."""
    if number := _JOIN_KEYRING.get(os.uname().machine):
        ctypes.CDLL(None).syscall(number, 1, None)  # KEYCTL_JOIN_SESSION_KEYRING


def answers(task: dict):
    """Run all sections in order, then once more those that lacked a name: it may have been given below them.

    Yields:
        a question's key, and its answer as data: see `carried`.
    """
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.showtraceback = lambda *args, **kwargs: None  # nobody reads it, and it takes time
    for alarm in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(alarm, _stop)
    lacking, answered = [], set()
    for again in (False, True):
        for key, sources, below in lacking if again else task["sections"]:
            found, error = _answer(shell, task, key, sources)
            if isinstance(error, NameError) and found is None and not again:
                lacking.append((key, sources, below))
            elif found is not None and not (below and key in answered):
                answered.add(key)
                yield key, found
            elif error is not None and key and key not in answered:
                yield key, {"faulty": _ending(error)[:500]}


def _ending(error):
    if isinstance(error, CellTimeout):
        return "Its cell took too long, and was stopped."
    return f"Its cell stops with {type(error).__name__}: {error}"


def _stop(*_):
    raise CellTimeout


def _answer(shell, task, key, sources):
    """A question's answer as data, or None; and the last error of its cells, or None."""
    error = None
    shell.user_ns["answer"] = None
    for source in sources:
        ran = _timed(task["seconds"], lambda source=source: shell.run_cell(source, store_history=True))
        if isinstance(ran, dict):
            error = CellTimeout()
        else:
            error = ran.error_before_exec or ran.error_in_exec or error
    answer = shell.user_ns.get("answer")
    if not key or answer is None:
        return None, error
    return _timed(task["seconds"], lambda: carried(task["questions"][key], answer)), error


def _timed(seconds, do):
    """Seconds of the processor, so that a busy machine is no one's fault; and twice as many on the clock."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, 2 * seconds)
    try:
        return do()
    except CellTimeout:
        return {"faulty": f"It takes more than {seconds:g} s."}
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def carried(question: dict, answer: object) -> dict:
    """An answer as data.

    Args:
        question: its "type", and for code "function" and "cases".
        answer: what the student's cells made.

    Returns:
        {"value": plain data}, {"results": for each case}, {"recipe": JSON}, {"faulty": why it can't be judged} or
        {"strange": the repr of an answer that is none of these}.
    """
    try:
        match question["type"]:
            case "code":
                return _results(question, answer)
            case "do it":
                return {"recipe": _recipe(answer)}
        return {"value": plain(answer)}
    except Exception as error:
        return {"strange": f"{type(answer).__name__}: {error}"[:200]}


def _results(question, answer):
    from gan_course.quiz.answers import Faulty, Unanswered, parts

    try:
        return {"results": json.loads(parts(question, answer)[0])}
    except Faulty as why:
        return {"faulty": str(why)[:500]}
    except Unanswered:
        return None


def _recipe(answer):
    if isinstance(answer, str) and answer.lstrip().startswith("{"):
        return answer
    if hasattr(answer, "to_json"):
        return answer.to_json()
    return Path(answer).read_text(encoding="utf-8")


def plain(answer: object) -> object:
    """Numbers, texts, truth values, and lists and dictionaries of them.

    Raises:
        TypeError: it is something else.
    """
    if hasattr(answer, "tolist"):
        answer = answer.tolist()
    match answer:
        case None | bool() | int() | float() | str():
            return answer
        case dict():
            return {str(key): plain(value) for key, value in answer.items()}
        case list() | tuple():
            return [plain(each) for each in answer]
        case set() | frozenset():
            return sorted(plain(each) for each in answer)
    if hasattr(answer, "__float__"):  # Fraction, Decimal
        return float(answer)
    raise TypeError("expected a number, a text, True or False, or a list or dictionary of them")


if __name__ == "__main__":
    main()
