"""Writing a file so that a full disk or a crash leaves the old one whole."""

import contextlib
import os
import uuid
from pathlib import Path


def write_atomically(path: str | os.PathLike, content: bytes) -> None:
    """Write aside, flush to the disk, then rename over `path`.

    Raises:
        OSError: the folder is missing or read-only, or the disk is full; the message names the file
            and says that what stood there before is unchanged.
    """
    path = Path(path)
    aside = path.parent / f"{path.name}.{uuid.uuid4().hex[:8]}"
    try:
        with open(aside, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except OSError as error:
        was = "what was there before is unchanged" if os.path.exists(path) else "nothing was written"
        raise OSError(
            error.errno, f"could not save {path}: {error.strerror}; {was}. Free some space or choose another folder."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink()
