"""Looking a name up in a list, with an error that helps."""

import difflib
from collections.abc import Iterable


def check_name(name: str, known: Iterable[str], what: str) -> str:
    """Return `name` if it is one of `known`.

    Args:
        name: what the caller wrote.
        known: the names there are.
        what: what the name stands for, such as "dataset"; used in the message.

    Raises:
        ValueError: `name` is not known; the message gives the nearest one and the whole list.
    """
    known = list(known)
    if name in known:
        return name
    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"Unknown {what} {name!r}.{hint} Known: {', '.join(known)}.")
