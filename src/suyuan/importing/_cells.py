"""Cells of a table as they were read, and what a person sees of them. 单元格

A cell is a text, a number, a truth value, or a marked pair for what msgpack has no form of:
a moment, a day, a time of day, or the reason why the cell has no value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

__all__ = [
    "CLOCK",
    "DAY",
    "FAULT",
    "MOMENT",
    "Cell",
    "cell_of",
    "cell_text",
    "column_letters",
    "fault_of",
    "guarded",
    "is_blank",
    "unguarded",
]

Cell = str | int | float | bool | list[str]
"""A marked pair is a list of mark and text."""

MOMENT, DAY, CLOCK, FAULT = "moment", "day", "clock", "fault"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "|", "%")
_NUMBER = re.compile(r"[-+]?\d[\d.,\s]*")
_DIGITS_SAFE_MAX = 1e15  # A spreadsheet keeps fifteen digits of a number.


def cell_of(value: Any) -> Cell:
    """Give the cell for a value as a library read it."""
    match value:
        case None:
            return ""
        case str():
            return value.strip()
        case bool() | int():
            return value
        case float():
            is_whole = value.is_integer() and abs(value) <= _DIGITS_SAFE_MAX
            return int(value) if is_whole else value
        case datetime():
            return [MOMENT, value.replace(tzinfo=None).isoformat()]
        case date():
            return [DAY, value.isoformat()]
        case time():
            return [CLOCK, value.isoformat()]
    return str(value)


def cell_text(cell: Cell) -> str:
    """Give a cell as a person would type it."""
    if type(cell) is str:
        return cell
    if type(cell) is list:
        mark, text = cell
        return "" if mark == FAULT else text.replace("T", " ") if mark == MOMENT else text
    if type(cell) is bool:
        return "TRUE" if cell else "FALSE"
    if type(cell) is float and not math.isfinite(cell):
        return str(cell)
    if type(cell) is float:
        return f"{cell:.15g}" if abs(cell) < _DIGITS_SAFE_MAX else f"{cell:.0f}"
    return str(cell)


def fault_of(cell: Cell) -> str:
    """Give the code of why a cell has no value; empty when it has one, or is empty."""
    return cell[1] if type(cell) is list and cell[0] == FAULT else ""


def is_blank(cells: Sequence[Cell]) -> bool:
    """Tell whether a row holds nothing at all."""
    return all(cell == "" for cell in cells)


def column_letters(number: int) -> str:
    """Name a column as spreadsheets do: 0 is A, 26 is AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def guarded(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula; numbers are none."""
    if text[:1] in _FORMULA_STARTS and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def unguarded(text: str) -> str:
    """Take off what `guarded` put before a text."""
    return text[1:] if text[:1] == "'" and text[1:2] in _FORMULA_STARTS else text
