"""When a latent lab does what can wait."""

import pytest

from gan_course.widgets import latent_leisure
from gan_course.widgets.latent_leisure import LONGEST_BREAK, MOST_PATIENCE, REST, SHARE, SHORTEST_BREAK, Leisure


@pytest.fixture
def wait(monkeypatch):
    """Let time pass; nothing else does."""
    now = [1000.0]
    monkeypatch.setattr(latent_leisure.time, "perf_counter", lambda: now[0])

    def pass_by(seconds):
        now[0] += seconds

    return pass_by


def work(leisure, wait, seconds):
    with leisure.used():
        wait(seconds)


def moving(leisure, wait, seconds, apart=REST / 4):
    """A hand moves on and on; whether there was leisure after each move."""
    there = []
    for _ in range(round(seconds / apart)):
        leisure.move()
        wait(apart)
        there.append(leisure.there)
    return there


def test_there_is_time_at_first_and_again_once_the_hand_rests(wait):
    leisure = Leisure()
    assert leisure.there
    leisure.move()
    assert not leisure.there
    wait(0.9 * REST)
    assert not leisure.there
    wait(0.2 * REST)
    assert leisure.there


def test_a_hand_that_never_rests_is_waited_for_so_long_and_no_longer(wait):
    leisure = Leisure()
    wait(100)  # however long nothing was done before, the patience begins with the move
    assert not any(moving(leisure, wait, 0.95 * MOST_PATIENCE))
    assert any(moving(leisure, wait, 0.1 * MOST_PATIENCE))
    work(leisure, wait, 0.01)
    assert not any(moving(leisure, wait, 0.95 * MOST_PATIENCE))
    assert any(moving(leisure, wait, 0.1 * MOST_PATIENCE))


@pytest.mark.parametrize("seconds", [0.001, 0.05, 5.0])
def test_the_break_grows_with_the_work_between_two_bounds(wait, seconds):
    leisure = Leisure()
    work(leisure, wait, seconds)
    due = min(max(seconds * (1 / SHARE - 1), SHORTEST_BREAK), LONGEST_BREAK)
    wait(0.99 * due)
    assert not leisure.rested and not leisure.there
    wait(0.02 * due)
    assert leisure.rested and leisure.there


def test_work_that_fails_is_followed_by_a_break_too(wait):
    leisure = Leisure()
    with pytest.raises(ValueError, match="broken"), leisure.used():
        raise ValueError("broken")
    assert not leisure.rested


def test_newer_weights_do_not_wait_for_a_hand(wait):
    leisure = Leisure()
    leisure.move()
    assert leisure.rested and not leisure.there
