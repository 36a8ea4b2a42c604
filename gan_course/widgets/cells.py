"""Which notebook cell is running."""

from IPython import get_ipython

_executions: dict[str, tuple[str, int]] = {}


def cell_name() -> str | None:
    """A name for what is being made in this cell: the same when the cell is run again.

    Several things made in one execution get different names. None outside a notebook, and in front
    ends that don't tell which cell it is.
    """
    kernel = getattr(get_ipython(), "kernel", None)
    parent = kernel.get_parent("shell") if kernel is not None else {}
    cell = parent.get("metadata", {}).get("cellId")
    if cell is None:
        return None
    execution = parent["header"]["msg_id"]
    before, count = _executions.get(cell, ("", 0))
    count = count + 1 if before == execution else 0
    _executions[cell] = (execution, count)
    return f"{cell}/{count}"
