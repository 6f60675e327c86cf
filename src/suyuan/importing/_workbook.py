"""Reading workbooks: bounded before they are opened, every cell that lacks a value told. 工作簿

A workbook is a zip of XML. How large it would unfold is in its directory, and is looked at
first; a reader that believed the directory would still stop at the bound, because what is
unfolded is counted. Values come from calamine, which holds one sheet in memory; it passes over
formulas that were never calculated and over error values in silence, so those are looked for
in the sheet's XML.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import python_calamine as calamine
from lxml import etree

from suyuan.errors import InvalidInput, Problem
from suyuan.importing._cells import FAULT, Cell, cell_of

__all__ = ["Workbook", "is_workbook"]

_ENTRIES_MAX = 10_000
_EXPANDED_BYTES_MAX = 2 * 2**30
_RATIO_MAX = 200  # XML of a sheet shrinks to a tenth; bombs to a thousandth.
_RATIO_FROM_BYTES = 16 * 2**20
_PIECE_BYTES = 1 << 20
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_SUSPICIOUS = (b"<f", b't="e"', b":f>", b"t='e'")
_FAULTS_MAX = 100_000


def is_workbook(start: bytes) -> bool:
    """Tell a workbook by its first bytes."""
    return start.startswith((_ZIP, _OLE))


class Workbook:
    """One workbook, opened within bounds."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises InvalidInput `importing.workbook_too_large`, `importing.workbook_broken`,
        `importing.workbook_locked`.
        """
        self._path = path
        with path.open("rb") as file:
            start = file.read(8)
        if start.startswith(_ZIP):
            check_zip(path)
        self.is_zip = start.startswith(_ZIP)
        try:
            self._book = calamine.load_workbook(str(path))
        except calamine.PasswordError as error:
            raise InvalidInput(Problem(code="importing.workbook_locked")) from error
        except (calamine.CalamineError, OSError, ValueError) as error:
            raise _broken(error) from error
        self.sheets = [
            one.name
            for one in self._book.sheets_metadata
            if one.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        self.hidden = {
            one.name
            for one in self._book.sheets_metadata
            if one.visible != calamine.SheetVisibleEnum.Visible
        }
        self.filled = 0
        """How many cells got the value of the merged cell that they are part of."""

    def rows(self, sheet: str) -> Iterator[list[Cell]]:
        """Give the rows of a sheet from its first row on, values of formulas as calculated."""
        try:
            found = self._book.get_sheet_by_name(sheet)
            merged = found.merged_cell_ranges or []
        except (calamine.CalamineError, ValueError) as error:
            raise _broken(error) from error
        faults = self._faults(sheet) if self.is_zip else {}
        fill = _Fill(merged)
        # Columns begin with the first that is used, rows with the first there is.
        lead: list[Cell] = [""] * (found.start[1] if found.start else 0)
        for number, values in enumerate(found.iter_rows()):
            cells: list[Cell] = [*lead, *(cell_of(value) for value in values)]
            for column, code in faults.get(number, {}).items():
                if column < len(cells):
                    cells[column] = [FAULT, code]
            self.filled += fill.fill(number, cells)
            while cells and cells[-1] == "":
                cells.pop()
            yield cells

    def _faults(self, sheet: str) -> dict[int, dict[int, str]]:
        """Find the cells without a value: formulas never calculated, and error values."""
        with zipfile.ZipFile(self._path) as archive:
            name = _sheet_file(archive, sheet)
            if name is None or not _is_suspicious(archive, name):
                return {}
            found: dict[int, dict[int, str]] = {}
            with archive.open(name) as file:
                for row, column, code in _cell_faults(file):
                    found.setdefault(row, {})[column] = code
                    if len(found) > _FAULTS_MAX:
                        break
            return found


def check_zip(path: Path) -> None:
    """See that a zip unfolds to something that can be held.

    Raises InvalidInput `importing.workbook_too_large`, `importing.workbook_broken`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _bound("files", len(entries), _ENTRIES_MAX)
            expanded = sum(entry.file_size for entry in entries)
            _bound("bytes", expanded, _EXPANDED_BYTES_MAX)
            for entry in entries:
                ratio = entry.file_size // max(entry.compress_size, 1)
                if entry.file_size > _RATIO_FROM_BYTES:
                    _bound("ratio", ratio, _RATIO_MAX)
                if entry.flag_bits & 1:
                    raise InvalidInput(Problem(code="importing.workbook_locked"))
            names = {entry.filename for entry in entries}
            if "xl/vbaProject.bin" not in names and not any(
                name.startswith(("xl/", "content.xml")) for name in names
            ):
                raise InvalidInput(Problem(code="importing.not_a_table"))
            for entry in entries:
                _unfold(archive, entry)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError) as error:
        raise _broken(error) from error


def _unfold(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Count what an entry really unfolds to: its directory may have lied."""
    size = 0
    with archive.open(entry) as file:
        while piece := file.read(_PIECE_BYTES):
            size += len(piece)
            if size > entry.file_size:
                raise zipfile.BadZipFile(entry.filename)


def _bound(what: str, found: int, most: int) -> None:
    if found > most:
        raise InvalidInput(
            Problem(
                code="importing.workbook_too_large",
                rule=what,
                expected=str(most),
                found=str(found),
            )
        )


def _broken(error: Exception) -> InvalidInput:
    return InvalidInput(Problem(code="importing.workbook_broken", found=str(error)[:200]))


class _Fill:
    """Carries the value of a merged cell down to the rows that it spans."""

    def __init__(self, ranges: list[Any]) -> None:
        self._starting: dict[int, list[tuple[int, int]]] = {}
        for (top, left), (bottom, _) in ranges:
            if bottom > top:
                self._starting.setdefault(top, []).append((left, bottom))
        self._open: list[tuple[int, int, Cell]] = []

    def fill(self, number: int, cells: list[Cell]) -> int:
        """Fill a row; give how many of its cells were."""
        count = 0
        if self._open:
            self._open = [one for one in self._open if one[1] >= number]
            for column, _, value in self._open:
                while len(cells) <= column:
                    cells.append("")
                if cells[column] == "" and value != "":
                    cells[column] = value
                    count += 1
        for column, bottom in self._starting.get(number, ()):
            self._open.append((column, bottom, cells[column] if column < len(cells) else ""))
        return count


def _sheet_file(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Find the file of a sheet by its name, by way of the workbook's relations."""
    try:
        book = etree.fromstring(archive.read("xl/workbook.xml"), _parser())
        relations = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), _parser())
    except (KeyError, etree.XMLSyntaxError):
        return None
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    for one in book.iter(f"{_MAIN}sheet"):
        if one.get("name") == sheet:
            target = targets.get(one.get(_RELATION), "")
            name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            return name if name in archive.namelist() else None
    return None


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def _is_suspicious(archive: zipfile.ZipFile, name: str) -> bool:
    """Look quickly for anything like a formula or an error."""
    before = b""
    with archive.open(name) as file:
        while piece := file.read(_PIECE_BYTES):
            if any(sign in before + piece for sign in _SUSPICIOUS):
                return True
            before = piece[-8:]
    return False


def _cell_faults(file: IO[bytes]) -> Iterator[tuple[int, int, str]]:
    found = etree.iterparse(
        file, tag=(f"{_MAIN}c", f"{_MAIN}row"), resolve_entities=False, no_network=True
    )
    try:
        for _, element in found:
            if element.tag.endswith("row"):
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
                continue
            code = _fault_of(element)
            place = _CELL.fullmatch(element.get("r", ""))
            if code and place:
                yield int(place[2]) - 1, _column_number(place[1]), code
    except etree.XMLSyntaxError as error:
        raise _broken(error) from error


def _fault_of(element: etree._Element) -> str:
    kind = element.get("t", "n")
    if kind == "e":
        return "importing.cell_error"
    if element.find(f"{_MAIN}f") is None or kind == "str":
        return ""
    return "" if element.findtext(f"{_MAIN}v") else "importing.formula_without_value"


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
