"""The thread of a FID lab: it finds out what was asked last, and it alone writes to the page."""

import threading
from collections.abc import Callable, Iterator

from gan_course import runtime
from gan_course.widgets.fid_answers import Answer


class Worker:
    """Works on the newest wish, a piece at a time.

    Args:
        work: a wish -> its answer, again and again as more is known.
        show: called with a wish and each answer to it.
        failed: called with a wish and an error.
    """

    def __init__(
        self,
        work: Callable[[object], Iterator[Answer]],
        show: Callable[[object, Answer], object],
        failed: Callable[[object, Exception], object],
    ):
        self._work, self._show, self._failed = work, show, failed
        self._wish: object | None = None
        self._wake, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._loop, name="gan-course FID lab", daemon=True)
        self._thread.start()

    def ask(self, wish: object) -> None:
        """Take up another wish; the present one is dropped."""
        self._wish = wish
        self._wake.set()

    def stop(self) -> None:
        """End for good; returns when the thread is gone."""
        self._ended.set()
        self._wake.set()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _loop(self):
        with runtime.compute(threads=1):
            while not self._ended.is_set():
                self._wake.wait()
                self._wake.clear()
                if not self._ended.is_set():
                    self._answer(self._wish)

    def _answer(self, wish):
        """Errors of this thread would reach no cell: they are said in the lab."""
        try:
            for answer in self._work(wish):
                if self._wake.is_set():
                    return  # a newer wish, or the end
                self._show(wish, answer)
        except Exception as error:
            self._failed(wish, error)
