"""A room for a stranger's code: bubblewrap's namespaces, limits of memory, time, processes and files, and a short pipe.

Inside there are the system's programs, Python with its packages and the course without its answers, all read-only,
and an empty folder of limited size that vanishes. There is no network, and nothing of whoever grades.
"""

import contextlib
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from gan_course.grading.crowd import watched
from gan_course.grading.inside import BEGAN
from gan_course.quiz.keys import KEYS, QUESTIONS

PACKAGE = QUESTIONS.parent
MOST_SAID, LONGEST_LINE = 4_000_000, 1_000_000  # bytes that are read from the pipe
DEEPEST = 30  # lists in lists of an answer
INSTALL = "sudo apt install bubblewrap  (Fedora: sudo dnf install bubblewrap)"
FIRST_USER = 61_000  # user ids that nobody has, for a grader that is root
READ_ONLY = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/tmp", "TMPDIR": "/tmp", "GAN_COURSE_HOME": "/tmp/course",
    "IPYTHONDIR": "/tmp/ipython", "MPLCONFIGDIR": "/tmp/matplotlib", "MPLBACKEND": "agg",
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1",
}  # fmt: skip
PROGRAM = f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r}); from gan_course.grading.inside import main; main()"


class SandboxError(RuntimeError):
    """There is no sandbox; the message says what to do."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes:
        seconds: of the processor for one cell; a cell may last twice, and a submission three times as long.
        memory: bytes, of all processes together.
        processes: threads among them.
        disk: bytes of its folder, and of shared memory.
    """

    seconds: float = 20
    memory: int = 2 << 30
    processes: int = 64
    disk: int = 64 << 20

    @property
    def lasts(self) -> float:
        """Seconds after which everything is ended."""
        return 3 * self.seconds

    def rlimits(self) -> dict[str, int]:
        """By the names of `resource`."""
        return {
            "DATA": self.memory, "FSIZE": self.disk, "CPU": int(self.lasts) + 1, "NPROC": self.processes,
            "NOFILE": 256, "CORE": 0,
        }  # fmt: skip


@dataclass(frozen=True)
class Said:
    """What came out of the sandbox.

    Attributes:
        answers: by key, the last one that each question got.
        ended: why it was ended before it was done; "" if it was not.
        began: whether the program inside came to begin.
    """

    answers: dict[str, dict]
    ended: str
    began: bool = True


class Sandbox:
    """Runs scripts of strangers.

    Args:
        keys: a file of keys without answers, to be seen in place of the course's own.
        unsafe: without bubblewrap: strangers' code can then do all that whoever grades can do.

    Raises:
        SandboxError: bubblewrap is missing, or can't work here.
    """

    def __init__(self, keys: Path, unsafe: bool = False):
        self._keys, self._program = keys, shutil.which("bwrap")
        self._unsafe, self._running = unsafe, set()
        if not unsafe:
            self._check()

    def run(self, sections: tuple, questions: dict, limits: Limits, place: int = 0) -> Said:
        """Run a script, and return what it answered; it may be in several threads at once.

        Args:
            sections: as of `gan_course.grading.transplant.Script`.
            questions: by key, "type" and for code "function" and "cases".
            limits: for the script.
            place: a small number that no other script running now has.
        """
        root = os.geteuid() == 0 and not self._unsafe
        task = {
            "sections": sections, "questions": questions, "limits": limits.rlimits(),
            "seconds": limits.seconds, "user": FIRST_USER + place if root else None,
        }  # fmt: skip
        if self._unsafe:
            del task["limits"]["NPROC"]  # it would count whatever else its user runs
        walls = [] if self._unsafe else self._walls(limits)
        process = subprocess.Popen(
            [*walls, sys.executable, "-I", "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=ENVIRONMENT, start_new_session=True,
        )  # fmt: skip
        self._running.add(process)
        try:
            with watched(process.pid, limits.memory, limits.lasts) as crowd:
                content, ended = _spoken(process, json.dumps(task).encode(), limits.lasts)
        finally:
            self._running.discard(process)
            _end(process)
        began = content.startswith(BEGAN.encode())
        return Said(_read(content, questions), crowd.too_much or ended, began)

    def stop(self) -> None:
        """End all that runs now."""
        for process in tuple(self._running):
            _kill(process)

    def _check(self):
        if not self._program:
            raise SandboxError(f"bubblewrap is not installed, and without it strangers' code won't be run: {INSTALL}")
        told = subprocess.run([self._program, "--help"], capture_output=True, text=True).stdout
        self._no_more_rooms = ["--disable-userns"] if "--disable-userns" in told else []  # bubblewrap 0.8 and newer
        walls = self._walls(Limits())
        tried = subprocess.run(
            [*walls, sys.executable, "-I", "-c", ""], capture_output=True, text=True, env=ENVIRONMENT
        )
        if tried.returncode:
            raise SandboxError(
                f"bubblewrap is installed, but can't build a sandbox here: {tried.stderr.strip()[-300:]}\n"
                "In a container it needs leave to make namespaces (such as --security-opt seccomp=unconfined); on "
                "Ubuntu 24.04 and later, sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0."
            )

    def _walls(self, limits):
        """bubblewrap, with all that is to be seen inside."""
        seen = [*READ_ONLY, sys.base_prefix, sys.prefix, str(PACKAGE)]
        outer = [
            self._program, "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try",
            "--die-with-parent", "--new-session", "--hostname", "course", "--clearenv",
        ]  # fmt: skip
        if os.geteuid() == 0:
            outer += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]  # used once: `inside` becomes nobody
        else:
            outer += ["--unshare-user", *self._no_more_rooms]
        for name, value in ENVIRONMENT.items():
            outer += ["--setenv", name, value]
        outer += ["--proc", "/proc", "--dev", "/dev"]
        for folder in ("/tmp", "/dev/shm"):
            outer += ["--size", str(limits.disk), "--perms", "1777", "--tmpfs", folder]
        for folder in _folders(seen):
            outer += ["--perms", "0755", "--dir", folder]
        for path in seen:
            outer += ["--symlink", os.readlink(path), path] if os.path.islink(path) else ["--ro-bind-try", path, path]
        outer += ["--tmpfs", str(QUESTIONS), "--ro-bind", str(self._keys), str(KEYS), "--remount-ro", str(QUESTIONS)]
        return [*outer, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]


def _folders(paths):
    """All folders above the paths, outermost first, that have to be made."""
    above = {str(parent) for path in paths for parent in Path(path).parents}
    return sorted(above - {"/", "/tmp", *READ_ONLY} - {path for path in above if path.startswith("/usr/")}, key=len)


def _spoken(process, task, seconds):
    """Hand the task over and read what comes back, until it ends, says too much or takes too long."""
    deadline = time.monotonic() + seconds
    os.set_blocking(process.stdin.fileno(), False)
    said, sent = b"", 0
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdin, selectors.EVENT_WRITE)
        selector.register(process.stdout, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                if key.fileobj is process.stdin:
                    with contextlib.suppress(BrokenPipeError, BlockingIOError):
                        sent += os.write(process.stdin.fileno(), task[sent : sent + 65536])
                        if sent < len(task):
                            continue
                    selector.unregister(process.stdin)
                    process.stdin.close()
                    continue
                piece = os.read(process.stdout.fileno(), 65536)
                said += piece
                if not piece:
                    return said, _ending(process, deadline - time.monotonic(), seconds)
                if len(said) > MOST_SAID:
                    return said, f"it said more than {MOST_SAID:,} bytes"
    return said, f"it took more than {seconds:g} s"


def _ending(process, left, seconds):
    """How a program ends that says no more."""
    try:
        return "" if process.wait(max(left, 0)) == 0 else "it ended before it was done"
    except subprocess.TimeoutExpired:
        return f"it took more than {seconds:g} s"


def _end(process):
    """Nothing of it stays: with bubblewrap's first process all others in there end too."""
    _kill(process)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            pipe.close()


def _kill(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _read(content, questions):
    """The answers among the lines; whatever else they are is left out."""
    answers = {}
    for line in content.decode("utf-8", errors="replace").split("\n"):
        with contextlib.suppress(ValueError, TypeError, RecursionError):
            key, data = json.loads(line) if len(line) <= LONGEST_LINE else ("", None)
            if key in questions and isinstance(data, dict) and _shallow(data, DEEPEST):
                answers[key] = data
    return answers


def _shallow(data, most):
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return most > 0 and all(_shallow(each, most - 1) for each in inner)
