"""Events as rows for people: in JSON for a page, flat for a spreadsheet. 事件列表"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import msgspec

from suyuan.errors import Language, in_language
from suyuan.event import Event, Role, decode_body
from suyuan.journal import StoredEvent
from suyuan.trace import Cell, Title

__all__ = [
    "THINGS",
    "EventRow",
    "Party",
    "Titles",
    "columns",
    "event_row",
    "mentioned",
    "table_rows",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN = 6
_ROWS_AT_ONCE = 500
THINGS = (
    *(Role.PARENT, Role.EPC, Role.QUANTITY, Role.CHILD, Role.CHILD_QUANTITY),
    *(Role.OUTPUT, Role.OUTPUT_QUANTITY, Role.INPUT, Role.INPUT_QUANTITY),
)
Titles = Callable[[Iterable[str]], dict[str, Title]]
"""Gives the names that the master data has for some things."""


class Party(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where something came from or went to, and as what; a history tells it alike."""

    type: str
    source: str = ""
    destination: str = ""


class EventRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a list shows of an event; `through` are the first of the things it is about."""

    sequence: int
    event_id: str
    event_time: datetime
    event_time_zone_offset: str
    record_time: datetime
    type: str
    through: list[str]
    objects: int
    action: str | None = None
    business_step: str | None = None
    disposition: str | None = None
    read_point: str | None = None
    business_location: str | None = None
    sources: list[Party] = []
    destinations: list[Party] = []
    declares: str | None = None
    """The reason, where this is an error declaration."""
    is_corrected: bool = False


def event_row(stored: StoredEvent, *, is_corrected: bool = False) -> EventRow:
    """Read an event into what a list shows of it."""
    event = decode_body(stored.body.encode())
    things = mentioned(event, *THINGS)
    declared = event.body.get("errorDeclaration") or {}
    return EventRow(
        sequence=stored.sequence,
        event_id=stored.event_id,
        event_time=_EPOCH + timedelta(microseconds=event.event_time),
        event_time_zone_offset=event.event_time_zone_offset,
        record_time=stored.record_time,
        type=str(event.body["type"]),
        through=things[:_SHOWN],
        objects=len(things),
        action=event.action.name if event.action else None,
        business_step=event.business_step,
        disposition=event.disposition,
        read_point=next(iter(mentioned(event, Role.READ_POINT)), None),
        business_location=next(iter(mentioned(event, Role.BUSINESS_LOCATION)), None),
        sources=[Party(word or "", source=uri) for uri, word in _worded(event, Role.SOURCE)],
        destinations=[
            Party(word or "", destination=uri) for uri, word in _worded(event, Role.DESTINATION)
        ],
        declares=str(declared.get("reason") or "") if event.is_error_declaration else None,
        is_corrected=is_corrected and not event.is_error_declaration,
    )


def mentioned(event: Event, *roles: Role) -> list[str]:
    """Give what an event names in some roles, each once, in the order of the roles."""
    by_role: dict[Role, list[str]] = {}
    for role, uri, *_ in event.mentions:
        by_role.setdefault(Role(role), []).append(uri)
    return list(dict.fromkeys(uri for role in roles for uri in by_role.get(role, ())))


def _worded(event: Event, wanted: Role) -> list[tuple[str, str | None]]:
    return [(uri, word) for role, uri, _, _, word in event.mentions if role == wanted]


# Flat, for spreadsheets: one event a row, lists with a line each thing.

_HEADS: tuple[tuple[str, str], ...] = (
    ("number", "序号"),
    ("event time", "事件时间"),
    ("time zone", "时区"),
    ("recorded", "录入时间"),
    ("type", "类型"),
    ("action", "动作"),
    ("business step", "业务步骤"),
    ("disposition", "处置状态"),
    ("place", "位置"),
    ("place code", "位置编码"),
    ("read point", "读取点"),
    ("container", "容器"),
    ("objects", "追溯单元"),
    ("inputs", "投入"),
    ("outputs", "产出"),
    ("business transactions", "业务交易"),
    ("from", "来源"),
    ("to", "去向"),
    ("declared in error", "声明有误"),
    ("reason", "原因"),
    ("event ID", "事件标识"),
)
_CELL_MAX = 32_000  # A cell of the usual spreadsheet takes 32,767 characters.


def columns(language: Language) -> tuple[str, ...]:
    """Give the heads of the columns."""
    return tuple(zh if language == "zh" else en for en, zh in _HEADS)


def table_rows(
    events: Iterable[tuple[StoredEvent, bool]], titles: Titles, language: Language
) -> Iterator[tuple[Cell, ...]]:
    """Give a row for each event; whether it was corrected comes with it."""
    ahead = iter(events)
    while some := list(islice(ahead, _ROWS_AT_ONCE)):
        read = [(stored, is_bad, decode_body(stored.body.encode())) for stored, is_bad in some]
        places = {uri for _, _, event in read for uri in mentioned(event, Role.BUSINESS_LOCATION)}
        names = titles(places)
        for stored, is_bad, event in read:
            yield _table_row(stored, event, names, language, is_corrected=is_bad)


def _table_row(
    stored: StoredEvent,
    event: Event,
    names: dict[str, Title],
    language: Language,
    *,
    is_corrected: bool,
) -> tuple[Cell, ...]:
    place = next(iter(mentioned(event, Role.BUSINESS_LOCATION)), "")
    title = names.get(place, Title())
    name = in_language(title.name, title.name_zh, language)
    declared: Any = event.body.get("errorDeclaration") or {}
    return (
        stored.sequence,
        _EPOCH + timedelta(microseconds=event.event_time),
        event.event_time_zone_offset,
        stored.record_time,
        str(event.body["type"]),
        event.action.name if event.action else "",
        _word(event.business_step),
        _word(event.disposition),
        name or "",
        place,
        _lines(mentioned(event, Role.READ_POINT)),
        _lines(mentioned(event, Role.PARENT)),
        _lines(_amounts(event, Role.EPC, Role.QUANTITY, Role.CHILD, Role.CHILD_QUANTITY)),
        _lines(_amounts(event, Role.INPUT, Role.INPUT_QUANTITY)),
        _lines(_amounts(event, Role.OUTPUT, Role.OUTPUT_QUANTITY)),
        _lines(mentioned(event, Role.BUSINESS_TRANSACTION)),
        _lines(mentioned(event, Role.SOURCE)),
        _lines(mentioned(event, Role.DESTINATION)),
        "declaration" if event.is_error_declaration else "yes" if is_corrected else "",
        str(declared.get("reason") or ""),
        stored.event_id,
    )


def _amounts(event: Event, *roles: Role) -> list[str]:
    return [
        uri if quantity is None else f"{uri} {quantity} {uom or ''}".rstrip()
        for role, uri, quantity, uom, _ in event.mentions
        if role in roles
    ]


def _word(uri: str | None) -> str:
    if uri is None:
        return ""
    return uri.replace("#", "/").rpartition("/")[2].rpartition("-")[2]


def _lines(texts: list[str]) -> str:
    text = "\n".join(texts)
    return text if len(text) <= _CELL_MAX else text[: _CELL_MAX - 1] + "…"
