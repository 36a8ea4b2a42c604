"""Frames: what Python packs is what the page unpacks."""

import json
import struct

import numpy as np
import pytest

from gan_course.frames import pack, unpack

FACTS = {"kind": "points", "step": 12, "message": "α ≠ β"}
ARRAYS = {
    "field": np.arange(15, dtype=np.uint8).reshape(3, 5),
    "fake": np.linspace(-1, 1, 14, dtype=np.float32).reshape(7, 2),
    "empty": np.empty((0, 2), np.float32),
}


def test_round_trip_keeps_everything():
    facts, arrays = unpack(pack(FACTS, ARRAYS))
    assert facts == FACTS
    assert set(arrays) == set(ARRAYS)
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype and np.array_equal(arrays[name], array), name


def test_float64_is_sent_as_float32_and_nan_survives():
    _, arrays = unpack(pack({}, {"loss": np.array([1.0, np.nan])}))
    assert arrays["loss"].dtype == np.float32 and np.isnan(arrays["loss"][1])


def test_every_array_starts_at_a_multiple_of_8_bytes():
    frame = pack(FACTS, ARRAYS)
    (length,) = struct.unpack_from("<I", frame, 4)
    places = [place for _, _, place in json.loads(frame[8 : 8 + length])["arrays"].values()]
    assert all((8 + length + place) % 8 == 0 for place in places) and len(frame) % 8 == 0


def test_facts_that_json_does_not_know_are_refused():
    with pytest.raises(ValueError):
        pack({"rate": float("nan")}, {})


def test_foreign_bytes_are_refused():
    with pytest.raises(ValueError, match="not a frame"):
        unpack(b"PNG....")
