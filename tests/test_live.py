"""The background run: one voice at a time, obedient at the next round, and never lost."""

import threading
import time

import pytest
import torch

from gan_course import TrainConfig, Trainer, TrainingDiverged, replay
from gan_course.live import LiveRun

TINY = TrainConfig(dataset="ring", width=8, batch_size=8)


class Watcher:
    """Stands in for a widget: notes each frame, and whether two threads ever showed at once."""

    def __init__(self):
        self.frames, self.beats, self.inside, self.crossed = [], 0, 0, False

    def show(self, moved):
        self.inside += 1
        self.crossed |= self.inside > 1
        self.frames.append((threading.current_thread().name, moved))
        time.sleep(0.001)
        self.inside -= 1

    def beat(self):
        self.beats += 1


@pytest.fixture
def make():
    made = []

    def make_live(trainer=None, **kwargs):
        watcher = Watcher()
        live = LiveRun(trainer or Trainer(TINY), watcher.show, watcher.beat, **kwargs)
        made.append(live)
        return live, watcher

    yield make_live
    for live in made:
        live.stop()


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def live_threads():
    return [t for t in threading.enumerate() if t.name == "gan-course live run"]


def test_plays_in_the_background_and_pauses(make):
    live, watcher = make()
    live.play()
    until(lambda: live.trainer.steps > 20 and len(watcher.frames) > 2)
    live.pause()
    steps = live.trainer.steps
    time.sleep(0.1)
    assert live.trainer.steps == steps
    assert live.rate >= 0 and live.message == ""


@pytest.mark.parametrize("fps", [20, 1e9], ids=["seldom", "every chunk"])
def test_run_plays_exactly_as_many_rounds_here_and_shows_the_last(make, fps, monkeypatch):
    for name, value in {"FPS": fps, "ANSWER_FPS": fps, "OLDEST": 1 / fps, "WINDOW": fps}.items():
        monkeypatch.setattr(f"gan_course.live.{name}", value)
    live, watcher = make()
    live.run(37)
    assert live.trainer.steps == 37
    assert {name for name, _ in watcher.frames} == {threading.current_thread().name}
    assert watcher.frames[-1][1], "the last frame shows the last round"


def test_run_while_the_background_trains_never_shows_from_two_threads(make):
    live, watcher = make()
    live.play()
    for _ in range(20):
        live.run(5)
    live.pause()
    assert not watcher.crossed
    assert len({name for name, _ in watcher.frames}) == 2, "both threads had their turn"


def test_a_live_run_replays_bit_for_bit(make):
    live, _ = make()
    live.play()
    for d_steps in (2, 5, 1, 3):
        live.trainer.set(d_steps=d_steps)
        before = live.trainer.steps
        until(lambda b=before: live.trainer.steps > b + 3)
    live.stop()
    assert [change["d_steps"] for _, change in live.trainer.log] == [2, 5, 1, 3]
    again = replay(live.trainer.recipe())
    assert again.recipe().end_digest == live.trainer.recipe().end_digest


def test_a_control_is_obeyed_within_one_round(make):
    live, _ = make()
    live.play()
    until(lambda: live.trainer.steps > 5)
    for _ in range(10):
        before = live.trainer.steps
        live.trainer.set(d_steps=1 + live.trainer.controls.d_steps % 5)
        until(lambda asked=before: live.trainer.log and live.trainer.log[-1][0] >= asked)
        obeyed, _ = live.trainer.log[-1]
        # a round was under way when it was set, and one more may have ended before we looked
        assert obeyed - before <= 2


def test_the_same_name_stops_the_older_run(make):
    first, _ = make(name="cell-1")
    first.play()
    second, _ = make(name="cell-1")
    second.play()
    assert first._thread is None and not first.playing
    assert len(live_threads()) == 1
    other, _ = make(name="cell-2")
    other.play()
    assert len(live_threads()) == 2


def test_a_stopped_run_stays_stopped(make):
    live, _ = make()
    live.play()
    live.stop()
    live.play()
    assert live_threads() == []


def test_divergence_pauses_says_why_and_can_go_on(make):
    live, watcher = make()
    live.run(20)
    live.trainer.set(lr_d=1e30)
    live.play()
    until(lambda: live.message)
    assert not live.playing and "back at step" in live.message and "lr_d=1e+30" in live.message
    live.trainer.set(lr_d=1e-3)
    before = live.trainer.steps
    live.play()
    until(lambda: live.trainer.steps > before + 5)
    assert live.message == ""


def test_divergence_in_run_reaches_the_caller(make):
    live, _ = make()
    live.trainer.set(lr_d=1e30)
    with pytest.raises(TrainingDiverged):
        live.run(50)


def test_an_error_of_the_view_is_said_and_training_pauses():
    def broken(moved):
        raise ZeroDivisionError("no picture")

    live = LiveRun(Trainer(TINY), broken)
    live.play()
    until(lambda: live.message)
    live.stop()
    assert live.message == "ZeroDivisionError: no picture" and not live.playing


def test_posted_actions_happen_between_rounds(make):
    live, _ = make()
    live.play()
    until(lambda: live.trainer.steps > 3)
    seen = []
    live.post(lambda: seen.append((threading.current_thread().name, live.trainer.sample(8))))
    until(lambda: seen)
    assert seen[0][0] == "gan-course live run"
    assert torch.isfinite(seen[0][1]).all()


def test_posted_actions_happen_at_once_without_a_thread(make):
    live, _ = make()
    seen = []
    live.post(lambda: seen.append(1))
    assert seen == [1]


def test_a_moved_view_is_shown_while_paused_without_new_rounds(make):
    live, watcher = make()
    live.start()
    until(lambda: watcher.frames)
    shown = len(watcher.frames)
    live.refresh()
    until(lambda: len(watcher.frames) > shown)
    assert watcher.frames[-1][1] is False and live.trainer.steps == 0


def test_a_quiet_run_gives_signs_of_life_and_sends_no_frames(make):
    live, watcher = make()
    live.start()
    until(lambda: watcher.beats >= 2)
    assert len(watcher.frames) == 1


def test_a_page_that_draws_nothing_gets_few_frames(make):
    live, watcher = make()
    live.play()
    until(lambda: len(watcher.frames) >= 8)
    time.sleep(0.2)
    slow = len(watcher.frames)
    time.sleep(1.0)
    lagging = len(watcher.frames) - slow
    acknowledge_until = time.monotonic() + 1.0
    start = len(watcher.frames)
    while time.monotonic() < acknowledge_until:
        live.drawn(live.sent)
        time.sleep(0.01)
    assert lagging <= 4
    assert len(watcher.frames) - start > 2 * lagging
