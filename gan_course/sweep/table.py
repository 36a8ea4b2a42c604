"""What came out of a sweep: a row a member."""

import csv
import io
import math
import statistics
from collections.abc import Sequence
from pathlib import Path

from gan_course.files import write_atomically


class Table(list):
    """Rows as plain dicts, all with the same keys in the same order. `pandas.DataFrame(table)` takes it as it is."""

    def to_csv(self, path: str | Path) -> None:
        """Write a header and the rows; OSError as in `write_atomically`."""
        text = io.StringIO()
        writer = csv.DictWriter(text, self[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self)
        write_atomically(path, text.getvalue().encode())


def cells(table: Sequence[dict], keys: Sequence[str], value: str) -> dict[tuple, tuple[float, float, int]]:
    """Mean and standard error of one column for each combination of others.

    Args:
        table: rows, as `Sweep.table` gives them.
        keys: columns that tell the cells apart.
        value: a column of numbers; those that are NaN or infinite are left out.

    Returns:
        By the values of `keys`, in the order of the table: mean, standard error, and n, of how many. The mean is
        NaN for n = 0, the standard error for n < 2.
    """
    numbers: dict[tuple, list[float]] = {}
    for row in table:
        cell = numbers.setdefault(tuple(row[key] for key in keys), [])
        if math.isfinite(row[value]):
            cell.append(float(row[value]))
    return {cell: (*_mean_and_error(found), len(found)) for cell, found in numbers.items()}


def _mean_and_error(numbers):
    mean = statistics.fmean(numbers) if numbers else math.nan
    return mean, statistics.stdev(numbers) / len(numbers) ** 0.5 if len(numbers) > 1 else math.nan
