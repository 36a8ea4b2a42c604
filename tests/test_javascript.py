"""The widgets' helpers under Node's own test runner."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from gan_course.frames import pack
from gan_course.widgets.esm import HERE, esm

JS = Path(__file__).parent / "js"


def test_javascript_helpers(tmp_path, node):
    field = np.arange(15, dtype=np.uint8).reshape(3, 5)
    fake = np.array([[-1, -0.5], [0, 0.5], [1, 2]])
    frame = tmp_path / "frame.bin"
    frame.write_bytes(pack({"kind": "points", "step": 12, "message": "α ≠ β"}, {"field": field, "fake": fake}))
    done = subprocess.run(
        [node, "--test", *map(str, sorted(JS.glob("*.test.mjs")))],
        env=os.environ | {"FRAME": str(frame)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


WIDGETS = [path for path in sorted(HERE.glob("*.mjs")) if "export default" in path.read_text()]


@pytest.mark.parametrize("path", WIDGETS, ids=lambda path: path.stem)
def test_a_bundle_is_one_module_without_imports(path, tmp_path, node):
    """Two files that use the same name at their top level would break every widget that bundles both."""
    bundle = tmp_path / path.name
    bundle.write_text(esm(path.name))
    assert 'from "./' not in bundle.read_text()
    done = subprocess.run([node, "--check", bundle], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
