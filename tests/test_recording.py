"""Recordings: every frame that was written comes back, whatever happened to the file's end."""

import gzip
import os
import struct
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_course.frames import MAGIC, pack
from gan_course.recording import Recorder, RecordingError, pack_recording, read_recording

FRAMES = [MAGIC + bytes([i]) * 5 for i in range(8)]
NOISE = np.random.default_rng(0).integers(0, 256, (100, 1000), dtype=np.uint8)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.ganrec"


def record(path, times, **options):
    """A frame at each time, numbered in its facts."""
    with Recorder(path, **options) as recorder:
        return [recorder.add(pack({"number": i}, {}), at) for i, at in enumerate(times)]


def kept(path):
    return [at for at, _ in read_recording(path)]


# ---- what is written comes back -----------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.floats(0.1, 100), st.binary(max_size=300)), min_size=1, max_size=12))
def test_round_trip(tmp_path_factory, parts):
    path = tmp_path_factory.mktemp("recordings") / "run.ganrec"
    times = np.cumsum([gap for gap, _ in parts]).tolist()
    frames = [(at, MAGIC + content) for at, (_, content) in zip(times, parts)]
    with Recorder(path, fps=1000) as recorder:
        assert all(recorder.add(frame, at) for at, frame in frames)
    assert read_recording(path) == frames
    path.write_bytes(pack_recording(frames))
    assert read_recording(path) == frames


def test_the_file_is_what_the_docstring_says(path):
    with Recorder(path) as recorder:
        for i, frame in enumerate(FRAMES[:2]):
            recorder.add(frame, i / 4)
    expected = b"".join(struct.pack("<dI", i / 4, 9) + FRAMES[i] for i in range(2))
    assert gzip.decompress(path.read_bytes()) == b"GANREC1\n" + expected
    assert gzip.decompress(pack_recording([(0.0, FRAMES[0]), (0.25, FRAMES[1])])) == b"GANREC1\n" + expected


def test_a_frame_may_be_a_view(path):
    with Recorder(path) as recorder:
        recorder.add(memoryview(FRAMES[0]), 0)
    assert read_recording(path) == [(0.0, FRAMES[0])]


def test_like_frames_take_little_room(path):
    with Recorder(path) as recorder:
        for i in range(50):
            recorder.add(pack({"step": i}, {"real": NOISE[:4]}), i)
    assert path.stat().st_size < 4000 + 50 * 100


def test_the_clock_counts_from_the_first_frame(path, monkeypatch):
    now = iter([1000.0, 1000.5, 1002.25])
    monkeypatch.setattr(time, "perf_counter", lambda: next(now))
    record(path, [None] * 3)
    assert kept(path) == [0, 0.5, 2.25]


def test_a_new_recording_replaces_the_old_one_even_if_that_is_still_open(path):
    with Recorder(path) as old:
        old.add(FRAMES[0], 0)
        with Recorder(path) as new:
            new.add(FRAMES[1], 0)
            old.add(FRAMES[2], 1)
    assert read_recording(path) == [(0.0, FRAMES[1])]
    assert repr(new) == f"Recorder({str(path)!r})"


# ---- a file cut short ---------------------------------------------------------------------------------------------


def test_all_frames_added_are_in_the_file_before_it_is_closed(path):
    recorder = Recorder(path)
    for i, frame in enumerate(FRAMES):
        recorder.add(frame, i)
        assert read_recording(path) == list(enumerate(FRAMES[: i + 1]))
    recorder.close()


def test_a_file_cut_anywhere_reads_up_to_its_last_whole_frame(path):
    ends, frames = [], [(float(i), MAGIC + NOISE[i].tobytes()) for i in range(4)]
    with Recorder(path) as recorder:
        for at, frame in frames:
            recorder.add(frame, at)
            ends.append(path.stat().st_size)
    whole = path.read_bytes()
    for cut in [*range(ends[0], len(whole), 97), *ends, *(end - 7 for end in ends[1:])]:
        path.write_bytes(whole[:cut])
        assert read_recording(path) == frames[: sum(end <= cut for end in ends)], cut


# ---- thinning -----------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 5), min_size=1, max_size=80).map(sorted), st.sampled_from([1, 3, 10, 60]))
def test_no_second_holds_more_than_fps_frames_and_both_ends_are_kept(tmp_path_factory, times, fps):
    path = tmp_path_factory.mktemp("recordings") / "run.ganrec"
    written = record(path, times, fps=fps)
    left = kept(path)
    assert left[0] == times[0] and left[-1] == times[-1]
    assert [at for at, was in zip(times, written) if was] == left[: sum(written)] and len(left) <= sum(written) + 1
    for second in range(6):
        assert sum(second <= at < second + 1 - 1e-6 for at in left[: sum(written)]) <= fps


@pytest.mark.parametrize("fps", [10, 25, 30, 49])
def test_frames_as_fast_as_allowed_are_all_kept(path, fps):
    assert all(record(path, [i / fps for i in range(500)], fps=fps))


def test_twice_as_fast_as_allowed_keeps_every_other_one_however_uneven(path):
    jitter = np.random.default_rng(1).uniform(0.001, 0.02, 400)
    record(path, (np.arange(400) / 20 + jitter).tolist(), fps=10)
    assert len(kept(path)) == 200 + 1  # and the last


def test_the_last_frame_is_not_written_twice(path):
    record(path, [0, 0.01, 0.5])
    assert kept(path) == [0, 0.5]


# ---- limits and errors --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0.002, 0.0105, 0.05])
def test_a_full_file_stays_within_its_size_and_whole(path, limit):
    with Recorder(path, max_megabytes=limit) as recorder:
        written = [recorder.add(MAGIC + row.tobytes(), i) for i, row in enumerate(NOISE)]
    assert recorder.full and path.stat().st_size <= limit * 1e6
    assert path.stat().st_size > limit * 1e6 - 1200, "there was room for one more"
    gzip.decompress(path.read_bytes())
    assert len(read_recording(path)) == sum(written) and written == sorted(written, reverse=True)


def test_room_is_left_for_what_finishes_the_file(path):
    with Recorder(path) as recorder:
        recorder.add(MAGIC + NOISE[0].tobytes(), 0)
        size = path.stat().st_size
    for limit in range(size - 1, path.stat().st_size + 8):
        with Recorder(path, max_megabytes=limit / 1e6) as recorder:
            recorder.add(MAGIC + NOISE[0].tobytes(), 0)
        assert path.stat().st_size <= limit


def test_a_full_recorder_takes_no_later_frame_even_if_it_is_small(path):
    with Recorder(path, max_megabytes=0.002) as recorder:
        recorder.add(FRAMES[0], 0)
        assert not recorder.full
        assert not recorder.add(MAGIC + NOISE.tobytes(), 1) and recorder.full
        assert not recorder.add(FRAMES[1], 2)
    assert kept(path) == [0]


def test_closing_while_a_thread_adds(path):
    for _ in range(20):
        recorder, errors = Recorder(path, fps=1e6), []
        thread = threading.Thread(target=_add_until_closed, args=(recorder, errors))
        thread.start()
        while len(path.read_bytes()) < 2000:
            time.sleep(0.001)
        recorder.close()
        thread.join()
        assert errors == [] and recorder.closed
        gzip.decompress(path.read_bytes())
        assert len(read_recording(path)) > 1


def _add_until_closed(recorder, errors):
    try:
        while not recorder.closed:
            recorder.add(MAGIC + NOISE[0].tobytes())
    except Exception as error:
        errors.append(error)


def test_after_the_end_nothing_is_written_and_closing_again_is_harmless(path):
    with Recorder(path) as recorder:
        assert recorder.add(FRAMES[0], 0) and not recorder.closed
    recorder.close()
    assert recorder.closed and not recorder.add(FRAMES[1], 1)
    assert kept(path) == [0]


def test_a_full_disk_is_said_and_ends_the_recording(path):
    recorder = Recorder(path)
    recorder.add(FRAMES[0], 0)
    recorder._file.close()
    recorder._file = open("/dev/full", "wb")
    with pytest.raises(OSError, match="could not write the recording .*run.ganrec: No space left on device"):
        recorder.add(FRAMES[1], 1)
    assert recorder.closed and not recorder.add(FRAMES[2], 2)
    recorder.close()
    assert kept(path) == [0]


@pytest.mark.parametrize("at", [0.5, -1, float("nan"), float("inf")])
def test_time_that_goes_back_is_refused(path, at):
    with Recorder(path) as recorder:
        recorder.add(FRAMES[0], 1.5)
        with pytest.raises(ValueError, match=f"order of their times: got at={at!r} after 1.5"):
            recorder.add(FRAMES[1], at)
        recorder.add(FRAMES[2], 2)
    assert kept(path) == [1.5, 2]


@pytest.mark.parametrize("wrong", [dict(fps=0), dict(fps=float("nan")), dict(max_megabytes=-1)])
def test_impossible_settings_are_refused_and_leave_no_file(path, wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"{name} must be above 0, got"):
        Recorder(path, **wrong)
    assert not path.exists()


def test_what_is_no_frame_is_refused(path):
    with Recorder(path) as recorder, pytest.raises(ValueError, match=r"not a frame: .*b'GANF', got b'\\x89PNG'"):
        recorder.add(b"\x89PNG....")


def test_a_missing_recording(path):
    with pytest.raises(FileNotFoundError, match=r"No recording at .*run.ganrec\. `Recorder\(path\)`"):
        read_recording(path)


@pytest.mark.parametrize("content", [b"", b"\x89PNG....", b"GANF", gzip.compress(b"GANREC2\n...")])
def test_what_is_no_recording_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="is no recording: expected one that `Recorder` wrote, got b'"):
        read_recording(path)


def test_an_empty_recording_is_refused(path):
    Recorder(path).close()
    with pytest.raises(RecordingError, match="without a single frame"):
        read_recording(path)


def test_a_damaged_recording_is_refused(path):
    record(path, range(5))
    content = bytearray(path.read_bytes())
    content[-6] ^= 255  # in the checksum
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="is damaged"):
        read_recording(path)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        Recorder(tmp_path / "missing" / "run.ganrec")
    assert os.listdir(tmp_path) == []
