"""Tables for spreadsheets: CSV and XLSX, row by row in flat memory. 表格"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Literal

import msgspec
import xlsxwriter

__all__ = [
    "LIST_FORMATS",
    "PIECE_BYTES",
    "Cell",
    "ListFormat",
    "csv_table",
    "export_list",
    "in_pieces",
    "xlsx_book",
]

Cell = str | int | float | datetime | None

ListFormat = Literal["json", "csv", "xlsx"]
LIST_FORMATS: tuple[ListFormat, ...] = ("json", "csv", "xlsx")

PIECE_BYTES = 1 << 16
_SHEET_ROWS_MAX = 1_000_000  # A sheet takes 1,048,576.
_CELL_CHARACTERS_MAX = 32_000  # A cell takes 32,767.
_YEAR_MIN = 1900  # Excel knows no earlier dates.


def in_pieces(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Gather small parts, so that each piece is worth sending."""
    piece = bytearray()
    for part in parts:
        piece += part
        if len(piece) >= PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


def export_list(
    found: msgspec.Struct,
    form: ListFormat,
    title: str,
    columns: Sequence[str],
    cells: Iterable[Sequence[Cell]],
    *,
    listed: Sequence[str] = ("rows",),
) -> Iterator[bytes]:
    """Give a list and its head in a format, piece by piece; tables hold the rows.

    `listed` are the fields that the head of a workbook leaves out.
    """
    if form == "json":
        return iter((msgspec.json.encode(found),))
    if form == "csv":
        return in_pieces(csv_table(columns, cells))
    head = {
        name: value for name, value in msgspec.structs.asdict(found).items() if name not in listed
    }
    return in_pieces(xlsx_book(title, head, columns, cells))


def csv_table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Write a table as CSV, times in ISO 8601."""
    yield "\ufeff".encode()  # Or the usual spreadsheet takes UTF-8 for something else.
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\r\n")
    for cells in chain([columns], rows):
        writer.writerow(cell.isoformat() if isinstance(cell, datetime) else cell for cell in cells)
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()


def xlsx_book(
    title: str,
    head: Mapping[str, object],
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    others: Mapping[str, tuple[Sequence[str], Iterable[Sequence[Cell]]]] | None = None,
) -> Iterator[bytes]:
    """Write a workbook with a sheet on top that says what it is about; times are dates in UTC.

    `others` are tables with sheets of their own, by the names of these.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "remove_timezone": True,
        "default_date_format": "yyyy-mm-dd hh:mm:ss",
    }
    with tempfile.TemporaryFile() as file:
        with xlsxwriter.Workbook(file, options) as book:
            top = book.add_worksheet(title)
            top.set_column(0, 1, 24)
            for at, (name, value) in enumerate(head.items()):
                top.write_row(at, 0, (name, _plain(value)))
            _fill(book, None, columns, rows)
            for name, (names, cells) in (others or {}).items():
                _fill(book, name, names, cells)
        file.seek(0)
        while piece := file.read(PIECE_BYTES):
            yield piece


def _fill(
    book: xlsxwriter.Workbook,
    name: str | None,
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
) -> None:
    """Write a table into as many sheets as it takes; a name is that of the first."""
    sheet, at = None, 0
    for cells in rows:
        if sheet is None or at > _SHEET_ROWS_MAX:
            sheet, at = book.add_worksheet(name if sheet is None else None), 1
            sheet.set_column(0, len(columns) - 1, 20)
            sheet.write_row(0, 0, columns)
        sheet.write_row(at, 0, [_in_sheet(cell) for cell in cells])
        at += 1


def _in_sheet(cell: Cell) -> Cell:
    if isinstance(cell, datetime) and cell.year < _YEAR_MIN:
        return cell.isoformat()
    return "" if cell is None else cell


def _plain(value: object) -> Cell:
    if value is None or isinstance(value, str | int | float | datetime):
        return _in_sheet(value)
    return msgspec.json.encode(value).decode()[:_CELL_CHARACTERS_MAX]
