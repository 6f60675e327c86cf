"""Reading numbers, units and times as people write them; what has two readings is refused.

Nothing is guessed cell by cell: the order of day and month, the sign of the decimals and the
zone of the clock hold for the whole table, and stand in its mapping. 数字、单位与时间
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from suyuan.errors import Problem
from suyuan.importing._cells import CLOCK, DAY, MOMENT, Cell, cell_text
from suyuan.quantity import units

__all__ = [
    "Amount",
    "find_zone",
    "moment_text",
    "read_amount",
    "read_clock",
    "read_day",
    "read_number",
    "read_uom",
]

_SPACES = re.compile(r"[\s\u00a0\u202f']")
_AMOUNT = re.compile(r"([-+]?[\d.,'\s\u00a0\u202f]*\d)\s*([^\d\s].*)?", re.DOTALL)
_GROUPED = {
    ".": re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?"),
    ",": re.compile(r"[-+]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?"),
}
_DIGITS_MAX = 30
_YEAR_FIRST = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(.*)", re.DOTALL
)
_YEAR_LAST = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})(.*)", re.DOTALL)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?)?")
_NAMED = re.compile(r"(\d{1,2})[\s.-]+([A-Za-z]{3,9})\.?,?[\s-]+(\d{4})(.*)", re.DOTALL)
_NAMED_FIRST = re.compile(r"([A-Za-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})(.*)", re.DOTALL)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_HALF = r"(?P<half>[AaPp]\.?[Mm]\.?|上午|下午|凌晨|早上|中午|晚上)"
_CLOCK = re.compile(
    rf"(?:{_HALF.replace('half', 'before')}\s*)?(?P<hour>\d{{1,2}})\s*[:时点：h]\s*"
    r"(?:(?P<minute>\d{1,2})\s*分?)?(?:\s*[:：]?\s*(?P<second>\d{1,2})(?:[.,](?P<part>\d{1,9}))?\s*秒?)?"
    rf"\s*{_HALF}?\s*(?P<zone>Z|z|UTC|[+-]\d{{2}}:?\d{{2}})?"
)
_LATER = ("p", "下", "晚")


@dataclass(frozen=True, slots=True)
class Amount:
    """How much; no unit means so many pieces."""

    value: Decimal
    uom: str | None


def _wrong(code: str, expected: str, found: str) -> Problem:
    return Problem(code=f"importing.{code}", expected=expected, found=found[:100])


def read_number(cell: Cell, decimal: str) -> Decimal | Problem:
    """Read a number; `decimal` is the sign before its decimals."""
    if type(cell) is int:
        return Decimal(cell)
    if type(cell) is float:
        return Decimal(cell_text(cell))
    text = _SPACES.sub("", cell_text(cell)).replace("，", ",").replace("．", ".")
    if len(text) > _DIGITS_MAX or not _GROUPED[decimal].fullmatch(text):
        return _wrong("number_wrong", "1234.5" if decimal == "." else "1234,5", cell_text(cell))
    text = text.replace("," if decimal == "." else ".", "").replace(",", ".")
    try:
        return Decimal(text)
    except InvalidOperation:
        return _wrong("number_wrong", "1234.5", cell_text(cell))


def read_amount(cell: Cell, uom: str, decimal: str) -> Amount | Problem:
    """Read a quantity that may bring its unit along: `12.5 kg`; `uom` is that of its own cell."""
    if type(cell) is str:
        parts = _AMOUNT.fullmatch(cell)
        if parts is None:
            return _wrong("number_wrong", "12.5, 12.5 kg", cell)
        number, own = read_number(parts[1], decimal), (parts[2] or "").strip()
        if own and uom and own.casefold() != uom.casefold():
            return _wrong("units_disagree", uom, own)
        uom = own or uom
    else:
        number = read_number(cell, decimal)
    if isinstance(number, Problem):
        return number
    unit = read_uom(uom) if uom else (None, Decimal(1))
    if isinstance(unit, Problem):
        return unit
    code, factor = unit
    value = number * factor
    if value <= 0:
        return _wrong("quantity_not_positive", "", cell_text(cell))
    if code is None and value != value.to_integral_value():
        return _wrong("pieces_not_whole", "", cell_text(cell))
    return Amount(value, code)


@cache
def _unit_page() -> dict[str, Any]:
    return tomllib.loads((files("suyuan") / "importing" / "units.toml").read_text(encoding="utf-8"))


@cache
def _unit_words() -> dict[str, tuple[str | None, Decimal]]:
    page = _unit_page()
    found: dict[str, tuple[str | None, Decimal]] = {
        unit.symbol.casefold(): (code, Decimal(1)) for code, unit in reversed(list(units().items()))
    }
    for code, words in page["words"].items():
        found |= {word.casefold(): (code, Decimal(1)) for word in words}
    for word, said in page["others"].items():
        found[word] = (said["uom"], Decimal(said["factor"]))
    return found | {word.casefold(): (None, Decimal(1)) for word in page["pieces"]}


@lru_cache(maxsize=10_000)
def read_uom(text: str) -> tuple[str | None, Decimal] | Problem:
    """Give the code of a unit, None for pieces, and how many of it one of these is."""
    said = text.strip().rstrip(".")
    if said in units():
        return said, Decimal(1)
    word = said.casefold()
    if word in _unit_page()["packages"]:
        return _wrong("unit_is_package", "", text)
    known = _unit_words()
    if word in known:
        return known[word]
    if said.upper() in units():
        return said.upper(), Decimal(1)
    near = get_close_matches(word, known, n=3, cutoff=0.5)
    return _wrong("unit_unknown", ", ".join(near) or "kg, g, t, L, ml, m, 个", text)


def find_zone(name: str) -> tzinfo | None:
    """Give a zone by its name (`Asia/Shanghai`) or by its offset (`+08:00`), else None."""
    found = re.fullmatch(r"([+-])(\d{2}):(\d{2})", name)
    if found:
        minutes = int(found[2]) * 60 + int(found[3])
        if minutes > 14 * 60:
            return None
        return timezone(timedelta(minutes=minutes if found[1] == "+" else -minutes))
    if name in ("UTC", "Z"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def read_day(cell: Cell, order: str) -> date | Problem:
    """Read a day, without a time; `order` is that of day and month where the year is last."""
    found = _day_and_rest(cell, order)
    return found if isinstance(found, Problem) else found[0]


def read_clock(cell: Cell) -> time | Problem:
    """Read a time of day."""
    if type(cell) is list and cell[0] == CLOCK:
        return time.fromisoformat(cell[1])
    if type(cell) is list and cell[0] == MOMENT:
        return datetime.fromisoformat(cell[1]).time()
    found = _clock(cell_text(cell))
    if found is None or found.tzinfo is not None:
        return _wrong("clock_wrong", "08:30", cell_text(cell))
    return found


def moment_text(cell: Cell, clock: Cell, *, order: str, zone: tzinfo) -> tuple[str, str] | Problem:
    """Give a moment in ISO 8601 with its offset, and that offset apart, as EPCIS wants both.

    A day without any time of day is its beginning. Raises nothing; gives what is wrong.
    """
    found = _day_and_rest(cell, order)
    if isinstance(found, Problem):
        return found
    day, rest = found
    if clock != "":
        said = read_clock(clock)
        if isinstance(said, Problem):
            return said
        rest = said
    moment = datetime.combine(day, rest or time())
    if moment.tzinfo is None:
        aware = moment.replace(tzinfo=zone)
        if aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
            return _wrong("time_skipped", str(zone), moment.isoformat(" "))
        moment = aware
    text = moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
    offset = text[-6:]
    return text, offset


def _day_and_rest(cell: Cell, order: str) -> tuple[date, time | None] | Problem:
    if type(cell) is list and cell[0] == MOMENT:
        moment = datetime.fromisoformat(cell[1])
        return moment.date(), moment.time()
    if type(cell) is list and cell[0] == DAY:
        return date.fromisoformat(cell[1]), None
    text = cell_text(cell).strip()
    expected = {"ymd": "2026-11-26 08:30", "dmy": "26.11.2026 08:30", "mdy": "11/26/2026 08:30"}
    wrong = _wrong("time_wrong", expected[order], text)
    parts = _date_parts(text, order)
    if parts is None:
        return wrong
    year, month, day, rest = parts
    clock = _clock(rest) if rest else None
    if rest and clock is None:
        return wrong
    try:
        return date(year, month, day), clock
    except ValueError:
        return wrong


def _date_parts(text: str, order: str) -> tuple[int, int, int, str] | None:
    compact = _COMPACT.fullmatch(text)
    if compact:
        year, month, day, *clock = compact.groups()
        rest = ":".join(part for part in clock if part)
        return int(year), int(month), int(day), rest
    found = _YEAR_FIRST.fullmatch(text)
    if found:
        return int(found[1]), int(found[2]), int(found[3]), found[4].lstrip("Tt, ")
    found = _YEAR_LAST.fullmatch(text)
    if found and order != "ymd":
        day, month = (1, 2) if order == "dmy" else (2, 1)
        return int(found[3]), int(found[month]), int(found[day]), found[4].lstrip("Tt, ")
    found = _NAMED.fullmatch(text)
    if found and found[2][:3].lower() in _MONTHS:
        month = _MONTHS.index(found[2][:3].lower()) + 1
        return int(found[3]), month, int(found[1]), found[4].lstrip("Tt, ")
    found = _NAMED_FIRST.fullmatch(text)
    if found and found[1][:3].lower() in _MONTHS:
        month = _MONTHS.index(found[1][:3].lower()) + 1
        return int(found[3]), month, int(found[2]), found[4].lstrip("Tt, ")
    return None


def _clock(text: str) -> time | None:
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    hour, half = int(found["hour"]), (found["before"] or found["half"] or "").lower()
    if half and hour > 12:
        half = ""
    if half.startswith(_LATER) and hour < 12:
        hour += 12
    elif half.startswith("a") and hour == 12:
        hour = 0
    micros = int((found["part"] or "0").ljust(6, "0")[:6])
    try:
        return time(
            hour,
            int(found["minute"] or 0),
            int(found["second"] or 0),
            micros,
            tzinfo=_offset(found["zone"]),
        )
    except ValueError:
        return None


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text.upper() in ("Z", "UTC"):
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    span = timedelta(hours=hours, minutes=minutes)
    return timezone(span if text[0] == "+" else -span)
