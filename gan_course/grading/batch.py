"""Grading many submissions: in parallel, with all that was done kept on the disk, so that a crash costs minutes."""

import contextlib
import hashlib
import json
import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from gan_course import __version__
from gan_course.files import write_atomically
from gan_course.grading.bench import verdicts
from gan_course.grading.blank import blank_keys
from gan_course.grading.judge import Judge, shown
from gan_course.grading.result import STOPPED, UNKNOWN, UNREAD, Mark, Result, ResultError
from gan_course.grading.sandbox import Limits, Sandbox
from gan_course.grading.submission import IntakeError, Submission
from gan_course.grading.transplant import NotANotebook, Script, transplant
from gan_course.quiz.bank import load_bank
from gan_course.quiz.question import NOT_ATTEMPTED, RIGHT
from gan_course.quiz.sheets import sheet, to_json

TOGETHER = 20  # submissions that nbval judges in one go
USUAL = Limits()
TEACHER = "teacher"  # the name under which the right answers are judged
PATIENCE = 60  # seconds for a cell of the teacher's at least


class GradingError(RuntimeError):
    """Nothing can be graded; the message says why."""


@dataclass(frozen=True)
class HandedIn:
    """What the sandbox made of a submission.

    Attributes:
        student: whose numbers its questions have.
        answers: by key, as data.
        notes: for the reports.
        by_hand: it could not be run.
    """

    student: str
    answers: dict[str, dict]
    notes: tuple[str, ...] = ()
    by_hand: bool = False


class Batch:
    """Grades submissions of one quiz.

    Args:
        folder: keeps everything; the same folder goes on where an earlier run stopped.
        chapter: whose quiz it is.
        limits: for each submission.
        workers: submissions at a time.
        unsafe: without a sandbox.

    Raises:
        SandboxError: there is no sandbox.
        GradingError: the chapter has no quiz, or the teacher's own answers are not judged right.
    """

    def __init__(self, folder: Path, chapter: int, limits: Limits = USUAL, workers: int = 2, unsafe: bool = False):
        bank = load_bank()
        if chapter not in bank:
            raise GradingError(f"There is no quiz for chapter {chapter}: expected one of {', '.join(map(str, bank))}.")
        self.folder, self.chapter, self.workers, self._bank = folder, chapter, workers, bank[chapter]
        self._kept, self._handed = folder / "results", folder / "handed-in"
        for path in (self._kept, self._handed):
            path.mkdir(parents=True, exist_ok=True)
        keys = folder / "keys.json"
        write_atomically(keys, json.dumps(blank_keys()).encode())
        self._seed, self._limits = _secret(folder / "secret"), limits
        self._judge = Judge(chapter, self._seed, folder / "replays")
        self._sandbox = Sandbox(keys.resolve(), unsafe)
        self._task = self._judge.task()
        self._places, self._states = list(range(workers)), {}
        self._lock, self._stopped = threading.Lock(), threading.Event()
        self._references = self._teacher()

    @property
    def title(self) -> str:
        """Of the quiz."""
        return f"Quiz {self.chapter} · {self._bank['title']}"

    # ---- the whole ----------------------------------------------------------------------------------------------

    def run(self, submissions: Iterable[Submission], each: Callable[[Result], None] = lambda result: None) -> None:
        """Grade all that were not graded yet; `result` has what came out.

        Ctrl-C stops, and loses nothing that was done.

        Args:
            submissions: their ids tell them apart.
            each: is told of every result.
        """
        missing = []
        for submission in submissions:
            result = self.result(submission)
            each(result) if result else missing.append(submission)
        pool = ThreadPoolExecutor(self.workers)
        try:
            self._work(pool, missing, each)
        except BaseException:
            self._stopped.set()
            self._sandbox.stop()
            pool.shutdown(wait=False, cancel_futures=True)  # what is being judged still comes to its end
            raise
        pool.shutdown()

    def _work(self, pool, missing, each):
        waiting, collected, running = deque(missing), [], set()
        while waiting or collected or running:
            while len(running) < self.workers and (task := self._next(waiting, collected)):
                running.add(pool.submit(*task))
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for found in (future.result() for future in done):
                if isinstance(found, list):
                    for result in found:
                        each(result)
                else:
                    collected.append(found)

    def _next(self, waiting, collected):
        """What a free worker does: judging goes first, so that what is done is safe early."""
        if len(collected) >= TOGETHER or (collected and not waiting):
            together = collected[:TOGETHER]
            del collected[:TOGETHER]
            return self._judged, together
        return (self._hand_in, waiting.popleft()) if waiting else None

    def result(self, submission: Submission) -> Result | None:
        """What came out for a submission, if it was graded as it is now and there was a verdict."""
        kept = _read(self._kept / f"{submission.id}.json")
        if kept is None or kept.get("of") != self._state(submission):
            return None
        with contextlib.suppress(ResultError, KeyError):
            result = Result.from_json(kept["result"])
            return None if result.by_hand else result
        return None

    def _state(self, submission):
        """Changes with all that can change a result; a batch reads each file once for it."""
        if submission.id not in self._states:
            self._states[submission.id] = self._state_now(submission)
        return self._states[submission.id]

    def _state_now(self, submission):
        try:
            content = hashlib.sha256(submission.read()).hexdigest()
        except IntakeError as why:
            content = str(why)
        about = [content, sorted(submission.identities), submission.student, asdict(self._limits), __version__]
        return hashlib.sha256(json.dumps([*about, self.chapter, self._bank], sort_keys=True).encode()).hexdigest()

    # ---- in the sandbox -----------------------------------------------------------------------------------------

    def _hand_in(self, submission):
        """What the sandbox makes of a submission; from the disk, if an earlier run had it done."""
        path, state = self._handed / f"{submission.id}.json", self._state(submission)
        kept = _read(path)
        if kept is not None and kept.get("of") == state:
            parts = kept["handed in"]
            return submission, HandedIn(**parts | {"notes": tuple(parts["notes"])})
        try:
            handed_in = self._run(submission)
            content = json.dumps({"of": state, "handed in": asdict(handed_in)}).encode()
        except Exception as error:  # whatever one file does, the others are graded
            why = f"It could not be run ({type(error).__name__}: {error})."
            return submission, HandedIn(submission.student, {}, (why[:500],), by_hand=True)
        if self._stopped.is_set():
            raise GradingError("It was stopped.")  # and what came out of the sandbox is not all
        if not handed_in.by_hand:
            write_atomically(path, content)
        return submission, handed_in

    def _run(self, submission):
        try:
            script = transplant(submission.read(), set(self._task))
        except (IntakeError, NotANotebook) as why:
            return HandedIn(submission.student, {}, (f"{UNREAD}: {why}",), by_hand=True)
        student, notes = _whose(submission, script)
        if not script.keys:
            return HandedIn(student, {}, (*notes, f"It has no answer to a question of chapter {self.chapter}."))
        said = self._in_sandbox(script, self._limits)
        if not said.began:
            return HandedIn(student, {}, (*notes, f"The sandbox did not begin: {said.ended}."), by_hand=True)
        ended = [f"{STOPPED}: {said.ended}. What it answered before counts."] if said.ended else []
        return HandedIn(student, said.answers, (*notes, *ended))

    def _in_sandbox(self, script, limits):
        with self._lock:
            place = self._places.pop()
        try:
            return self._sandbox.run(script.sections, self._task, limits, place)
        finally:
            with self._lock:
                self._places.append(place)

    # ---- before the judge ---------------------------------------------------------------------------------------

    def _teacher(self):
        """The outputs that right answers have: those of the teacher's, which go the same way as all others."""
        notebook = sheet(self.chapter, self._bank, solved=True, student=TEACHER)
        script = transplant(to_json(notebook), set(self._task))
        said = self._in_sandbox(script, replace(self._limits, seconds=max(self._limits.seconds, PATIENCE)))
        references = {}
        for key in self._task:
            verdict = self._judge.verdict(key, TEACHER, said.answers.get(key))
            if verdict.state != RIGHT:
                ended = f" ({said.ended})" if said.ended else ""
                raise GradingError(f"The teacher's own answer is not right, so nobody is graded{ended}: {verdict}")
            references[key] = repr(verdict)
        return references

    def _judged(self, together):
        """The results of some submissions; kept before they are told of."""
        found = self._asked({submission.id: handed_in for submission, handed_in in together})
        results = []
        for submission, handed_in in together:
            result = self._result(submission, handed_in, found[submission.id])
            kept = {"of": self._state(submission), "result": result.to_json()}
            write_atomically(self._kept / f"{submission.id}.json", json.dumps(kept).encode())
            results.append(result)
        return results

    def _asked(self, handed_in):
        """Verdicts by id and key; if they can't be had together, each submission's alone, and None for what can't."""
        folder = self.folder / "judged" / min(handed_in)
        case = {"chapter": self.chapter, "seed": self._seed, "replays": str((self.folder / "replays").resolve())}
        case["handed in"] = {name: {"student": h.student, "answers": h.answers} for name, h in handed_in.items()}
        try:
            return verdicts(folder, case, self._references)
        except Exception:  # of nbval, or of data that nobody foresaw: who is it?
            if len(handed_in) == 1:
                return {name: dict.fromkeys(self._references) for name in handed_in}
            alone = [self._asked({name: one}) for name, one in handed_in.items()]
            return {name: found for each in alone for name, found in each.items()}

    def _result(self, submission, handed_in, found):
        marks = tuple(self._mark(key, handed_in, verdict) for key, verdict in found.items())
        unclear = any(verdict is None for verdict in found.values())
        notes = (*submission.notes, *handed_in.notes)
        notes += ("The judge came to no verdict on some of it: look at it by hand.",) if unclear else ()
        return Result(submission.id, self.chapter, marks, notes, handed_in.by_hand or unclear)

    def _mark(self, key, handed_in, verdict):
        kind, text = self._task[key]["type"], self._judge.asked(key, handed_in.student)
        answer = shown(handed_in.answers.get(key))
        if verdict is None:
            return Mark(key, kind, text, answer, NOT_ATTEMPTED, "Not judged.")
        words = verdict.words if answer else ""  # the report says that nothing was handed in
        return Mark(key, kind, text, answer, verdict.state, words)


def _whose(submission: Submission, script: Script):
    """Whose numbers count: those of the id in the notebook, if the teacher's records know the student by it."""
    known = {identity.casefold() for identity in submission.identities | {submission.student}}
    if script.student.casefold() in known:
        return script.student, ()
    typed = f"'{script.student[:100]}'" if script.student else "nothing"
    return submission.student, (
        f"{UNKNOWN}: the notebook says {typed}, the records {submission.student}. "
        "So questions that draw their numbers from the id had other numbers here.",
    )


def _secret(path):
    """The seed of the hidden inputs, new for each folder."""
    if not path.exists():
        write_atomically(path, str(secrets.randbits(63)).encode())
        path.chmod(0o600)
    return int(path.read_text())


def _read(path):
    """What was kept; None if nothing was, or not all of it."""
    try:
        kept = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return kept if isinstance(kept, dict) else None
