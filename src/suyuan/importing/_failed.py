"""Rows that could not be imported, in the shape they came in, with the reason beside. 失败行

They can be mended in any spreadsheet and uploaded again: headers, order and letters are those
of the table, and the column with the reasons maps to nothing. What a spreadsheet would take
for a formula is guarded with an apostrophe, which reading takes off again.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from pathlib import Path

import xlsxwriter

from suyuan.errors import Language
from suyuan.importing._cells import CLOCK, DAY, MOMENT, Cell, cell_text, guarded
from suyuan.importing._convert import edited
from suyuan.importing._faults import FaultFile
from suyuan.importing._rows import Fault
from suyuan.importing._spool import SpooledRows

__all__ = ["REASONS", "failed_as_csv", "failed_as_xlsx", "reason_of"]

REASONS: Mapping[Language, str] = {"en": "Why not imported", "zh": "未导入原因"}
_AT_ONCE = 1_000
_PIECE_BYTES = 1 << 16
_CELL_CHARACTERS_MAX = 32_000
_SHEET_ROWS_MAX = 1_048_575


def reason_of(fault: Fault, columns: list[str], language: Language) -> str:
    """Say a fault with its column, in one sentence."""
    text = fault.problem.text(language)
    if not 0 <= fault.column < len(columns):
        return text
    return f"{columns[fault.column]}{'：' if language == 'zh' else ': '}{text}"


def failed_as_csv(
    folder: Path,
    columns: list[str],
    edits: Mapping[int, Mapping[int, str]],
    *,
    language: Language,
    delimiter: str = ",",
    decimal: str = ".",
) -> Iterator[bytes]:
    """Write the failed rows as CSV in UTF-8 with its mark."""
    yield "\ufeff".encode()
    line = io.StringIO()
    writer = csv.writer(line, delimiter=delimiter or ",", lineterminator="\r\n")
    writer.writerow([guarded(text) for text in (*columns, REASONS[language])])
    for cells, reason in _failed(folder, columns, edits, language):
        texts = [_with_decimal(cell, decimal) for cell in cells]
        writer.writerow([guarded(text) for text in (*texts, reason)])
        if line.tell() > _PIECE_BYTES:
            yield line.getvalue().encode()
            line.seek(0)
            line.truncate()
    yield line.getvalue().encode()


def _with_decimal(cell: Cell, decimal: str) -> str:
    text = cell_text(cell)
    return text.replace(".", decimal) if type(cell) is float else text


def failed_as_xlsx(
    folder: Path,
    columns: list[str],
    edits: Mapping[int, Mapping[int, str]],
    *,
    language: Language,
    sheet: str = "",
) -> Iterator[bytes]:
    """Write the failed rows as a workbook; dates and numbers stay what they are."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with tempfile.TemporaryFile() as file:
        with xlsxwriter.Workbook(file, options) as book:
            page = book.add_worksheet(sheet[:31] or None)
            formats = {
                MOMENT: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
                DAY: book.add_format({"num_format": "yyyy-mm-dd"}),
                CLOCK: book.add_format({"num_format": "hh:mm:ss"}),
            }
            page.set_column(0, len(columns), 18)
            for at, name in enumerate((*columns, REASONS[language])):
                page.write_string(0, at, name)
            rows = _failed(folder, columns, edits, language)
            for number, (cells, reason) in enumerate(rows, 1):
                if number > _SHEET_ROWS_MAX:
                    break
                for at, cell in enumerate(cells):
                    _write(page, number, at, cell, formats)
                page.write_string(number, len(columns), reason[:_CELL_CHARACTERS_MAX])
        file.seek(0)
        while piece := file.read(_PIECE_BYTES):
            yield piece


def _write(
    page: xlsxwriter.worksheet.Worksheet,
    row: int,
    column: int,
    cell: Cell,
    formats: Mapping[str, xlsxwriter.format.Format],
) -> None:
    if type(cell) is list and cell[0] in formats:
        mark, text = cell
        value: datetime | date | time
        if mark == MOMENT:
            value = datetime.fromisoformat(text)
        else:
            value = date.fromisoformat(text) if mark == DAY else time.fromisoformat(text)
        page.write_datetime(row, column, value, formats[cell[0]])
    elif type(cell) is bool:
        page.write_boolean(row, column, cell)
    elif isinstance(cell, int | float):
        page.write_number(row, column, cell)
    elif text := cell_text(cell):
        page.write_string(row, column, text[:_CELL_CHARACTERS_MAX])


def _failed(
    folder: Path,
    columns: list[str],
    edits: Mapping[int, Mapping[int, str]],
    language: Language,
) -> Iterator[tuple[list[Cell], str]]:
    """Give the cells of each failed row, as many as there are columns, and why it failed."""
    faults = FaultFile(folder)
    row = 0
    with SpooledRows(folder) as spooled:
        while some := list(faults.after(row, _AT_ONCE)):
            for row, own in some:
                cells = edited(spooled.row(row), edits.get(row))
                cells += [""] * (len(columns) - len(cells))
                reasons = dict.fromkeys(reason_of(fault, columns, language) for fault in own)
                yield cells[: len(columns)], "; ".join(reasons)
