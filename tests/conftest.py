"""What every test may count on."""

import os
import shutil
import signal

import pytest

# A shell starts background jobs with Ctrl-C ignored, and Python passes that on to what a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def node() -> str:
    """Where Node is; without it a test is skipped, and fails where CI is set."""
    found = shutil.which("node")
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("node is not installed")
    return found
