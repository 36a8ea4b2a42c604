"""The widgets' helpers under Node's own test runner."""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from gan_course.frames import pack

JS = Path(__file__).parent / "js"


def test_javascript_helpers(tmp_path):
    node = shutil.which("node")
    if node is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("node is not installed")
    field = np.arange(15, dtype=np.uint8).reshape(3, 5)
    fake = np.array([[-1, -0.5], [0, 0.5], [1, 2]])
    frame = tmp_path / "frame.bin"
    frame.write_bytes(pack({"kind": "points", "step": 12, "message": "α ≠ β"}, {"field": field, "fake": fake}))
    done = subprocess.run(
        [node, "--test", *map(str, sorted(JS.glob("*.test.mjs")))],
        env=os.environ | {"FRAME": str(frame)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
