"""Tables made for tests, as real files: workbooks, CSV, and what they are read into."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from suyuan.importing import Found, Mapping, Names, Reading, SpooledRows, bind, made_events
from suyuan.importing._reading import read_file

MILK, CREAM = "09521001000222", "09521001000239"
HEADERS = ["Date", "Product", "Lot", "Quantity", "Unit"]
LINK = "https://id.gs1.org/01"


def workbook(path: Path, rows: Sequence[Sequence[Any]], **options: Any) -> Path:
    with xlsxwriter.Workbook(path, options) as book:
        page = book.add_worksheet("Sheet")
        for at, row in enumerate(rows):
            page.write_row(at, 0, row)
    return path


def read(path: Path, folder: Path, **reading: Any) -> tuple[Found, list[list[Any]]]:
    """Read a file and give what it turned out to be, and all its rows."""
    *_, found = read_file(path, folder, Reading(**reading))
    assert isinstance(found, Found)
    with SpooledRows(folder) as spooled:
        return found, [cells for _, cells in spooled.rows()]


def received(**changed: Any) -> Mapping:
    columns = {"time": "Date", "product": "Product", "lot": "Lot", "quantity": "Quantity"}
    given: dict[str, Any] = {"template": "received", "columns": columns | {"uom": "Unit"}}
    return Mapping(**(given | changed))


def made(
    mapping: Mapping,
    *rows: Sequence[Any],
    headers: Sequence[str] = HEADERS,
    names: Names | None = None,
) -> tuple[list[dict[str, Any]], list[tuple[int, int, str]]]:
    """Give the events of rows, and of each fault its row, its column and its code."""
    numbered = [(number, list(cells)) for number, cells in enumerate(rows, 2)]
    events, faults, _ = made_events(bind(mapping, headers), names or Names(), numbered)
    return [event for _, event in events], [
        (fault.row, fault.column, fault.problem.code.partition(".")[2]) for fault in faults
    ]
