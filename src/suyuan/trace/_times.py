"""Moments as the genealogy has them: microseconds since 1970. 时刻"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from suyuan.errors import InvalidInput, Problem
from suyuan.trace._stays import FOREVER, LONG_AGO

__all__ = ["microseconds", "moment_of", "parse_moment"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_CHARACTERS = 10


@lru_cache(maxsize=16_384)  # What was made together was made at one time.
def moment_of(number: int) -> datetime | None:
    """Give the time; None where nothing bounds it."""
    if number in (FOREVER, LONG_AGO):
        return None
    return _EPOCH + timedelta(microseconds=int(number))


def microseconds(moment: datetime) -> int:
    """Give the number of a time."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def parse_moment(text: str, *, where: str, is_end: bool = False) -> datetime:
    """Read a time with its offset, or a day in UTC: its beginning, or with `is_end` its end.

    Raises InvalidInput `trace.time_malformed`.
    """
    try:
        moment = datetime.fromisoformat(text)
        if len(text) == _DAY_CHARACTERS:
            moment = moment.replace(tzinfo=UTC)
            return moment + timedelta(days=1, microseconds=-1) if is_end else moment
        if moment.tzinfo is None:
            raise ValueError(text)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        problem = Problem(code="trace.time_malformed", where=where, found=text[:100])
        raise InvalidInput(problem) from None
