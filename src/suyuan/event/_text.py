"""The small texts of an event: times, offsets, URIs, names of fields, numbers. 时间与文本

Each function here looks at one text or number and is on the hot path of capture.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

__all__ = [
    "TIME_ZONE_OFFSETS",
    "is_number_storable",
    "is_uri",
    "key_prefix",
    "pointer_part",
    "shown",
    "time_microseconds",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_US = 86_400_000_000
# A day of room at both ends, so that the time can be shown in every time zone.
_EARLIEST_US = -719_162 * _DAY_US + _DAY_US
_LATEST_US = 2_932_897 * _DAY_US - _DAY_US

TIME_ZONE_OFFSETS = frozenset(
    f"{sign}{hours:02}:{minutes:02}"
    for sign in "+-"
    for hours in range(15)
    for minutes in range(60)
    if hours < 14 or minutes == 0
)
"""Every value that eventTimeZoneOffset can have (EPCIS 2.0, 7.4.1)."""


_TIMES_MAX = 50_000
_minutes: dict[str, int] = {}
_seconds = {f":{second:02}": second * 1_000_000 for second in range(60)}
_tails: dict[str, int] = {}


def time_microseconds(text: str) -> int:
    """Turn an `xsd:dateTimeStamp` into microseconds since 1970, or raise ValueError.

    The offset must be there (`Z` or `±hh:mm`, up to 14:00). Digits finer than a microsecond
    are cut off, as PostgreSQL and Python hold none. Events come in the order of time, so the
    minute and what follows the seconds are nearly always known already.
    """
    try:
        return _minutes[text[:16]] + _seconds[text[16:19]] + _tails[text[19:]]
    except KeyError:
        return _time_microseconds_in_full(text)


def _time_microseconds_in_full(text: str) -> int:
    end = len(text) - (1 if text[-1:] == "Z" else 6)
    # fromisoformat takes many more spellings than the standard: the fixed places come first.
    if (
        (text[-1:] != "Z" and text[end:] not in TIME_ZONE_OFFSETS)
        or end < 19
        or text[10] != "T"
        or text[4] != "-"
        or text[7] != "-"
        or text[13] != ":"
        or text[16] != ":"
        or (end > 19 and (text[19] != "." or end == 20))
        or text[11:13] == "24"
    ):
        raise ValueError(text)
    exact = text
    if end > 26:
        # What fromisoformat makes of more than six digits differs between versions of Python.
        if not (text[20:end].isascii() and text[20:end].isdigit()):
            raise ValueError(text)
        exact = text[:26] + text[end:]
    moment = _microseconds(exact)
    if not _EARLIEST_US <= moment <= _LATEST_US:
        raise ValueError(text)
    if len(text) <= 29 and _EARLIEST_US + _DAY_US < moment < _LATEST_US - _DAY_US:
        if len(_minutes) >= _TIMES_MAX:
            _minutes.clear()
        if len(_tails) >= _TIMES_MAX:
            _tails.clear()
        _minutes[text[:16]] = _microseconds(f"{text[:16]}:00Z")
        _tails[text[19:]] = _microseconds(f"1970-01-01T00:00:00{text[19:]}")
    return moment


def _microseconds(text: str) -> int:
    elapsed: timedelta = datetime.fromisoformat(text) - _EPOCH
    return elapsed.days * _DAY_US + elapsed.seconds * 1_000_000 + elapsed.microseconds


# RFC 3986, with the further letters of RFC 3987: people name their own things in Chinese.
# What may not stand in a URI is listed, because a set of nearly all letters compiles slowly:
# space of any kind, what nobody can see, private letters, and some of ASCII.
_NEVER = (
    r"\x00-\x20\"<>\\^`{|}\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000"
    r"\ud800-\uf8ff\ufdd0-\ufdef\ufeff-\uff00\ufff0-\uffff\U000f0000-\U0010ffff"
)
_CHARACTERS = rf"[^{_NEVER}%#\[\]]*"
_PART = rf"{_CHARACTERS}(?:%[0-9A-Fa-f]{{2}}{_CHARACTERS})*"
_LETTERS = rf"[^{_NEVER}%#\[\]:/?@]*"
_NAME = rf"{_LETTERS}(?:%[0-9A-Fa-f]{{2}}{_LETTERS})*"
_AUTHORITY = rf"(?:{_NAME}(?::{_NAME})*@)?(?:\[[0-9A-Fa-f:.]+\]|{_NAME})(?::[0-9]*)?(?=[/?#]|\Z)"
_URI = re.compile(rf"[A-Za-z][A-Za-z0-9+.\-]*:(?=.)(?:(?!//)|//{_AUTHORITY}){_PART}(?:#{_PART})?")


def is_uri(text: str) -> bool:
    """Tell whether a text is an absolute URI (or IRI) by its syntax (RFC 3986, RFC 3987)."""
    return _URI.fullmatch(text) is not None


_prefixes: dict[str, str | None] = {}


def key_prefix(key: str) -> str | None:
    """Give the part before the colon of an extension's name, or None when it is no name.

    The name of an extension is `prefix:name`, or an absolute URI, which looks the same.
    """
    try:
        return _prefixes[key]
    except KeyError:
        prefix = key.partition(":")[0] if is_uri(key) else None
        if len(_prefixes) >= 10_000:
            _prefixes.clear()
        _prefixes[key] = prefix
        return prefix


_INTEGER_MAX = 10**308


def is_number_storable(value: int | Decimal) -> bool:
    """Tell whether every part of the system can hold a number: within ±1e308, not too fine.

    How many digits it has is looked at with the texts, only where an event is large.
    """
    if isinstance(value, int):
        return -_INTEGER_MAX < value < _INTEGER_MAX
    return -1_000 <= value.adjusted() < 308


def pointer_part(key: str) -> str:
    """Escape one step of a JSON Pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def shown(value: Any) -> str:
    """Show what was found, short enough for one line."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            text = value if value.isprintable() else ascii(value)[1:-1]
            return text if len(text) <= 80 else f"{text[:79]}…"
        case int() | Decimal():
            try:
                text = str(value)
            except ValueError:  # Python refuses to write integers of more than 4300 digits
                return "a number of more than 4300 digits"
            return text if len(text) <= 80 else f"{text[:79]}…"
        case list():
            return "[]" if not value else f"a list of {len(value)}"
        case dict():
            return "{}" if not value else f"an object with {', '.join(list(value)[:5])}"[:80]
        case _:
            return type(value).__name__
