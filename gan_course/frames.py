"""A frame: one picture of a run as bytes, with all that drawing it needs.

Layout: "GANF", the header's length as uint32, the header as JSON (the facts, and for each array its name,
type, shape and place), then the arrays, each starting at a multiple of 8 bytes. All little-endian.
"""

import json
import struct

import numpy as np

MAGIC = b"GANF"


def pack(facts: dict, arrays: dict[str, np.ndarray]) -> bytes:
    """Put facts (JSON values) and arrays (uint8 or float32) into one frame."""
    arrays = {name: np.ascontiguousarray(a, dtype=None if a.dtype == np.uint8 else "<f4") for name, a in arrays.items()}
    index, place = {}, 0
    for name, array in arrays.items():
        index[name] = [str(array.dtype), array.shape, place]
        place += _padded(array.nbytes)
    header = json.dumps({"facts": facts, "arrays": index}, allow_nan=False).encode()
    header += b" " * (_padded(len(header)) - len(header))
    body = (a.tobytes() + bytes(_padded(a.nbytes) - a.nbytes) for a in arrays.values())
    return b"".join((MAGIC, struct.pack("<I", len(header)), header, *body))


def unpack(frame: bytes) -> tuple[dict, dict[str, np.ndarray]]:
    """The reverse of `pack`.

    Raises:
        ValueError: not a frame, or cut short.
    """
    if frame[:4] != MAGIC:
        raise ValueError(f"not a frame: expected it to start with {MAGIC!r}, got {bytes(frame[:4])!r}.")
    (length,) = struct.unpack_from("<I", frame, 4)
    header = json.loads(frame[8 : 8 + length])
    arrays = {
        name: np.frombuffer(frame, dtype, int(np.prod(shape)), 8 + length + place).reshape(shape)
        for name, (dtype, shape, place) in header["arrays"].items()
    }
    return header["facts"], arrays


def _padded(size):
    return -(-size // 8) * 8
