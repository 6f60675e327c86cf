"""Parameters of questions under `/api`: each read by its own rule, all faults at once. 查询参数"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request

from suyuan.api._problem import HttpProblem
from suyuan.api._request import query_pairs
from suyuan.errors import InvalidInput, Problem
from suyuan.trace import parse_moment

__all__ = [
    "choice",
    "day",
    "moment",
    "plain_text",
    "position",
    "read_parameters",
    "refusing",
    "text",
    "time_zone",
    "truth",
    "whole_number",
]

Read = Callable[[str, str], object]
"""Reads a value; the second is the name of the parameter."""

_DIGITS_MAX = 18
_TEXT_MAX = 2_000


@contextlib.contextmanager
def refusing() -> Iterator[None]:
    """Say with 422 everything that is wrong with a question."""
    try:
        yield
    except InvalidInput as error:
        raise HttpProblem("ValidationException", error.problems, status=422) from error


def read_parameters(
    request: Request,
    single: Mapping[str, Read],
    *,
    codes: Sequence[str] = (),
    required: Mapping[str, str] | None = None,
) -> tuple[dict[str, object], dict[str, list[str]]]:
    """Give the single values by name, and the lists of codes by name.

    `required` are the names of lists with how many codes each wants: `"1"`, or `"1 …"`.
    Raises InvalidInput with all that is wrong.
    """
    values: dict[str, object] = {}
    lists: dict[str, list[str]] = {name: [] for name in codes}
    problems, seen = list[Problem](), set[str]()
    for name, value in query_pairs(request):
        if name in lists:
            lists[name].append(value)
            continue
        if name not in single:
            expected = ", ".join((*codes, *single))
            problems.append(
                Problem(code="api.parameter_unknown", expected=expected, found=name[:100])
            )
            continue
        if name in seen:
            problems.append(Problem(code="api.parameter_repeated", where=name))
        seen.add(name)
        try:
            values[name] = single[name](value, name)
        except InvalidInput as error:
            problems += error.problems
    for name, expected in (required or {}).items():
        count = len(lists[name])
        if not count or (expected == "1" and count > 1):
            problems.append(
                Problem(code="api.codes_wrong_number", expected=expected, found=str(count))
            )
    if problems:
        raise InvalidInput(problems)
    return values, lists


def moment(value: str, where: str) -> datetime:
    """Read a time, or a day in UTC: its beginning for `since`, its end for all others."""
    return parse_moment(value, where=where, is_end=where != "since")


def plain_text(value: str, _: str) -> str:
    """Read any text; what databases have no place for is replaced."""
    return value.replace("\x00", "\ufffd")


def position(value: str, where: str) -> int:
    """Read a position of the journal."""
    if not (value.isascii() and value.isdigit() and len(value) <= _DIGITS_MAX):
        raise InvalidInput(Problem(code="query.integer_wrong", where=where, found=value[:100]))
    return int(value)


def whole_number(value: str, where: str) -> int:
    """Read a whole number above zero."""
    number = position(value, where)
    if not number:
        raise InvalidInput(Problem(code="query.integer_wrong", where=where, found=value))
    return number


def text(value: str, where: str) -> str:
    """Read a text that is not empty."""
    if not value or len(value) > _TEXT_MAX:
        expected = f"1 … {_TEXT_MAX}"
        raise InvalidInput(
            Problem(code="api.parameter_wrong", where=where, expected=expected, found=value[:100])
        )
    return value


def day(value: str, where: str) -> date:
    """Read a day of the calendar, without saying where."""
    with contextlib.suppress(ValueError):
        return date.fromisoformat(value)
    raise InvalidInput(
        Problem(code="api.parameter_wrong", where=where, expected="2026-03-31", found=value[:100])
    )


def time_zone(value: str, where: str) -> ZoneInfo:
    """Read the name of a time zone in the database of zones."""
    # An absolute or an odd path is refused with ValueError, a folder with OSError.
    with contextlib.suppress(ValueError, OSError, LookupError):
        return ZoneInfo(value)
    raise InvalidInput(
        Problem(
            code="api.parameter_wrong", where=where, expected="Asia/Shanghai", found=value[:100]
        )
    )


def truth(value: str, where: str) -> bool:
    """Read `true` or `false`."""
    if value not in ("true", "false"):
        raise InvalidInput(
            Problem(
                code="api.parameter_wrong",
                where=where,
                expected="true or false",
                found=value[:100],
            )
        )
    return value == "true"


def choice(words: Sequence[str], code: str) -> Read:
    """Give the reader for one of some words; `code` is what is said of any other."""

    def read(value: str, where: str) -> str:
        if value not in words:
            expected = ", ".join(words)
            raise InvalidInput(
                Problem(code=code, where=where, expected=expected, found=value[:100])
            )
        return value

    return read
