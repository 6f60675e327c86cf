"""Moments of the demo: whole milliseconds since 1970 UTC, and how they are written. 时间

The plant stands at +08:00 all year. Its own systems write local time with milliseconds; its
partners write UTC without. Both spell the same moment.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

__all__ = [
    "DAY",
    "HOUR",
    "MINUTE",
    "OFFSET_TEXT",
    "SECOND",
    "ZONE",
    "as_datetime",
    "day_code",
    "day_text",
    "local_text",
    "moment_of",
    "utc_text",
]

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
ZONE = timezone(timedelta(hours=8))
OFFSET_TEXT = "+08:00"
_OFFSET = 8 * HOUR
_EPOCH = date(1970, 1, 1)


def moment_of(time: datetime) -> int:
    """Turn an aware time into a moment; what is finer than a millisecond is cut off."""
    return (time - datetime.fromtimestamp(0, tz=ZONE)) // timedelta(milliseconds=1)


def as_datetime(moment: int) -> datetime:
    """Turn a moment into an aware local time."""
    return datetime.fromtimestamp(0, tz=ZONE) + timedelta(milliseconds=moment)


@lru_cache(maxsize=64)
def _date_text(days: int) -> str:
    return (_EPOCH + timedelta(days=days)).isoformat()


def day_text(moment: int, days_later: int = 0) -> str:
    """Give the local calendar day, such as 2026-10-24."""
    return _date_text((moment + _OFFSET) // DAY + days_later)


def day_code(moment: int) -> str:
    """Give the local calendar day as lot numbers carry it, such as 261024."""
    text = day_text(moment)
    return text[2:4] + text[5:7] + text[8:10]


def local_text(moment: int) -> str:
    """Write a moment as the plant's own systems do."""
    days, rest = divmod(moment + _OFFSET, DAY)
    seconds, milliseconds = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_date_text(days)}T{hour:02d}:{minute:02d}:{second:02d}.{milliseconds:03d}+08:00"


def utc_text(moment: int) -> str:
    """Write a moment as the partners' systems do, to the second."""
    days, rest = divmod(moment, DAY)
    minutes, second = divmod(rest // 1000, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_date_text(days)}T{hour:02d}:{minute:02d}:{second:02d}Z"
