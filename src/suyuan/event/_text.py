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


def time_microseconds(text: str) -> int:
    """Turn an `xsd:dateTimeStamp` into microseconds since 1970, or raise ValueError.

    The offset must be there (`Z` or `±hh:mm`, up to 14:00). Digits finer than a microsecond
    are cut off, as PostgreSQL and Python hold none.
    """
    # fromisoformat takes many more spellings than the standard, so the fixed places are
    # looked at first; this is twice as fast as a regular expression.
    if text[-1:] == "Z":
        end = len(text) - 1
    else:
        end = len(text) - 6
        if text[end:] not in TIME_ZONE_OFFSETS:
            raise ValueError(text)
    if (
        end < 19
        or text[10] != "T"
        or text[4] != "-"
        or text[7] != "-"
        or text[13] != ":"
        or text[16] != ":"
        or (end > 19 and (text[19] != "." or end == 20))
        or text[11:13] == "24"
    ):
        raise ValueError(text)
    if end > 26:
        # Python's own rule for more than six digits differs between versions.
        if not (text[20:end].isascii() and text[20:end].isdigit()):
            raise ValueError(text)
        text = text[:26] + text[end:]
    elapsed: timedelta = datetime.fromisoformat(text) - _EPOCH
    moment = elapsed.days * _DAY_US + elapsed.seconds * 1_000_000 + elapsed.microseconds
    if not _EARLIEST_US <= moment <= _LATEST_US:
        raise ValueError(text)
    return moment


# RFC 3986, with the further letters of RFC 3987: people name their own things in Chinese.
_PART = r"(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=\u00a0-\ud7ff\ue000-\U0010fffd]|%[0-9A-Fa-f]{2})"
_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.\-]*:"
    r"(?://(?:[A-Za-z0-9\-._~!$&'()*+,;=:%]*@)?\[[0-9A-Fa-f:.]+\])?"
    rf"(?=.){_PART}*(?:#{_PART}*)?"
)


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
    """Tell whether every part of the system can hold a number as it is: within ±1e308."""
    if isinstance(value, int):
        return -_INTEGER_MAX <= value <= _INTEGER_MAX
    _, digits, exponent = value.as_tuple()
    return (
        isinstance(exponent, int)
        and exponent >= -1_000
        and len(digits) <= 1_000
        and len(digits) + exponent <= 309
        and abs(value) <= _INTEGER_MAX
    )


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
