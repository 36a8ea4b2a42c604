"""Writing a file so that a full disk or a crash leaves the old one whole."""

import os
import tempfile
from pathlib import Path


def write_atomically(path: str | os.PathLike, content: bytes) -> None:
    """Write aside, flush to the disk, then rename over `path`.

    Raises:
        OSError: the folder is missing or read-only, or the disk is full; the message names the file
            and says that what stood there before is unchanged.
    """
    path = Path(path)
    aside = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
            aside = Path(file.name)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except OSError as error:
        if aside is not None:
            aside.unlink(missing_ok=True)
        was = "what was there before is unchanged" if path.exists() else "nothing was written"
        raise OSError(
            error.errno, f"could not save {path}: {error.strerror}; {was}. Free some space or choose another folder."
        ) from error
