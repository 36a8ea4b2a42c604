"""A CSV file as cells with their places, so that some can be changed and every other byte stays."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

DELIMITERS = ",;\t"


class CsvError(ValueError):
    """The file can't be read as the CSV of an export."""


@dataclass(frozen=True)
class Cells:
    """A CSV file.

    Attributes:
        text: the whole file; a byte order mark is its first character.
        places: for each row and column, where in `text` the cell begins and ends, with its quotes.
        rows: the cells' values.
    """

    text: str
    places: list[list[tuple[int, int]]]
    rows: list[list[str]]

    def changed(self, new: Mapping[tuple[int, int], str]) -> bytes:
        """The file with new values, by row and column, quoted as the old ones were."""
        pieces, at = [], 0
        for (row, column), value in sorted(new.items()):
            begin, end = self.places[row][column]
            quote = '"' if self.text[begin : begin + 1] == '"' else ""
            pieces += [self.text[at:begin], quote + value + quote]
            at = end
        return "".join([*pieces, self.text[at:]]).encode()


def read_cells(content: bytes) -> Cells:
    """Read a CSV file in UTF-8, separated by whichever of `DELIMITERS` its first line has most of.

    Raises:
        CsvError: it is in another encoding, or its quotes don't match.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CsvError("The gradebook is not in UTF-8: export it anew, or save it as 'CSV UTF-8'.") from error
    start = text.startswith("\ufeff")
    delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
    places = _places(text, start, delimiter)
    rows = [[_value(text[begin:end]) for begin, end in row] for row in places]
    if rows != _read_otherwise(text[start:], delimiter):
        raise CsvError("The gradebook can be read in two ways: export it anew, without changing it in between.")
    return Cells(text, places, rows)


def _read_otherwise(text, delimiter):
    try:
        return [row or [""] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error as error:
        raise CsvError(f"The gradebook can't be read: {error}.") from error


def _places(text, at, delimiter):
    cell = re.compile(rf'(?:"[^"]*(?:""[^"]*)*"|[^"{delimiter}\r\n][^{delimiter}\r\n]*|)({delimiter}|\r\n|\r|\n|\Z)')
    rows, row = [], []
    while at < len(text) or row:
        found = cell.match(text, at)
        if not found:
            raise CsvError(f"The gradebook can't be read from {text[at : at + 20]!r} on: its quotes don't match.")
        row.append((found.start(), found.start(1)))
        at = found.end()
        if found[1] != delimiter:
            rows.append(row)
            row = []
    return rows


def _value(cell):
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell
