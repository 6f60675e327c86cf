"""What a file is and how it is read: found out where nobody says, then spooled row by row. 读取

`read_file` turns a file into spooled rows and tells what it found. Whoever knows better says
so in a `Reading`, and the file is read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from suyuan.errors import InvalidInput, Problem
from suyuan.importing._cells import Cell, cell_text, column_letters, is_blank
from suyuan.importing._csv import DELIMITERS, ENCODINGS, find_delimiter, find_encoding, read_csv
from suyuan.importing._spool import SpooledRows, write_rows
from suyuan.importing._synonyms import field_of_name
from suyuan.importing._workbook import Workbook, is_workbook

__all__ = ["COLUMNS_MAX", "ROWS_MAX", "Found", "Reading", "read_file"]

ROWS_MAX = 5_000_000
COLUMNS_MAX = 500
SHEETS_MAX = 500
_HEADER_ROWS = 30
_NAME_CHARACTERS_MAX = 200


class Reading(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """What somebody said about how a file is to be read; what is left out is found out."""

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    sheet: str | None = None
    header_row: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """The row with the names of the columns; 0 when there is none."""


class Found(msgspec.Struct):
    """What a file turned out to be."""

    kind: Literal["csv", "workbook"]
    encoding: str = ""
    delimiter: str = ""
    quote: str = ""
    sheets: list[str] = []
    hidden_sheets: list[str] = []
    sheet: str = ""
    header_row: int = 0
    columns: list[str] = []
    rows: int = 0
    """How many rows there are in all, the header and blank ones among them."""
    filled: int = 0
    """How many cells got their value from the merged cell that they are part of."""


def read_file(path: Path, folder: Path, reading: Reading) -> Iterator[int | Found]:
    """Spool a file into a folder; give numbers of rows on the way and at last what was found.

    Raises InvalidInput for what can't be read as a table.
    """
    check_reading(reading)
    folder.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise InvalidInput(Problem(code="importing.file_empty"))
    if is_workbook(start):
        found, rows, book = _of_workbook(path, reading)
    else:
        found, rows, book = _of_csv(path, reading), None, None
    if rows is None:
        rows = read_csv(path, encoding=found.encoding, delimiter=found.delimiter, quote=found.quote)
    yield from write_rows(folder, _bounded(rows))
    with SpooledRows(folder) as spooled:
        found.rows = len(spooled)
        _find_columns(found, spooled, reading)
    found.filled = 0 if book is None else book.filled
    yield found


def check_reading(reading: Reading) -> None:
    """See that a file can be read so. Raises InvalidInput `importing.reading_wrong`."""
    wrong = []
    if reading.encoding is not None and reading.encoding not in ENCODINGS:
        wrong.append(("encoding", ", ".join(ENCODINGS), reading.encoding))
    if reading.delimiter is not None and reading.delimiter not in DELIMITERS:
        wrong.append(("delimiter", ", ".join(map(repr, DELIMITERS)), reading.delimiter))
    if reading.quote is not None and reading.quote not in ("", '"', "'"):
        wrong.append(("quote", "\", '", reading.quote))
    if reading.header_row is not None and not 0 <= reading.header_row <= ROWS_MAX:
        wrong.append(("header_row", f"0–{ROWS_MAX}", str(reading.header_row)))
    if wrong:
        raise InvalidInput(
            [
                Problem(
                    code="importing.reading_wrong", where=name, expected=known, found=said[:100]
                )
                for name, known, said in wrong
            ]
        )


def _of_csv(path: Path, reading: Reading) -> Found:
    encoding = reading.encoding or find_encoding(path)
    delimiter = reading.delimiter or find_delimiter(path, encoding)
    quote = '"' if reading.quote is None else reading.quote
    return Found("csv", encoding=encoding, delimiter=delimiter, quote=quote)


def _of_workbook(path: Path, reading: Reading) -> tuple[Found, Iterator[list[Cell]], Workbook]:
    book = Workbook(path)
    shown = [name for name in book.sheets if name not in book.hidden]
    sheet = reading.sheet or next(iter(shown or book.sheets), "")
    if sheet not in book.sheets:
        known = ", ".join(book.sheets[:20])
        raise InvalidInput(
            Problem(code="importing.sheet_unknown", expected=known, found=sheet[:100])
        )
    found = Found(
        "workbook",
        sheets=book.sheets[:SHEETS_MAX],
        hidden_sheets=sorted(book.hidden)[:SHEETS_MAX],
        sheet=sheet,
    )
    return found, book.rows(sheet), book


def _bounded(rows: Iterator[list[Cell]]) -> Iterator[list[Cell]]:
    for number, cells in enumerate(rows, 1):
        if number > ROWS_MAX:
            raise InvalidInput(Problem(code="importing.rows_too_many", expected=str(ROWS_MAX)))
        if len(cells) > COLUMNS_MAX:
            raise InvalidInput(
                Problem(
                    code="importing.columns_too_many",
                    where=f"row {number}",
                    expected=str(COLUMNS_MAX),
                    found=str(len(cells)),
                )
            )
        yield cells


def _find_columns(found: Found, spooled: SpooledRows, reading: Reading) -> None:
    sample = [cells for _, cells in spooled.rows(1, _HEADER_ROWS)]
    if all(is_blank(cells) for cells in sample):
        raise InvalidInput(Problem(code="importing.file_empty"))
    header = reading.header_row
    found.header_row = _header_row(sample) if header is None else min(header, found.rows)
    names = spooled.row(found.header_row) if found.header_row else []
    ahead = spooled.rows(found.header_row + 1, _HEADER_ROWS)
    width = max(len(names), *(len(cells) for _, cells in ahead), 1)
    found.columns = column_names(names, width)


def _header_row(sample: Sequence[Sequence[Cell]]) -> int:
    """Find the row that names the columns: texts, told apart, known words, data below."""
    best, most = 0, 0.0
    for at, cells in enumerate(sample):
        texts = [cell for cell in cells if type(cell) is str and cell]
        named = [text for text in texts if not any(letter.isdigit() for letter in text)]
        known = sum(field_of_name(text) != "" for text in texts)
        below = max((_filled(row) for row in sample[at + 1 : at + 4]), default=0)
        if not texts or len(named) < 0.6 * _filled(cells) or not (below or known):
            continue
        score = len(set(texts)) + 3 * known - 0.1 * at - abs(below - len(texts))
        if score > most:
            best, most = at + 1, score
    return best


def _filled(cells: Sequence[Cell]) -> int:
    return sum(cell != "" for cell in cells)


def column_names(names: Sequence[Cell], width: int) -> list[str]:
    """Name each column: as its header says, told apart where two say the same, else by letter."""
    given: list[str] = []
    for at in range(width):
        said = " ".join(cell_text(names[at]).split()) if at < len(names) else ""
        name = said[:_NAME_CHARACTERS_MAX] or column_letters(at)
        number = 2
        while name in given:
            name = f"{said or column_letters(at)} ({number})"
            number += 1
        given.append(name)
    return given
