"""`/api/events`, `/api/event`, `/api/codes`: what the record says, for people. 事件

The questions are those of the standard (`/epcis/events`); the answers are what a page shows:
rows in few words, one event with all that was said of it later, codes understood and named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from fastapi import Request
from starlette.responses import Response, StreamingResponse

from suyuan.api import _openapi_events as describe
from suyuan.api._answer import json_document, xml_document
from suyuan.api._event_answers import ask_page, parameters_of, read_query
from suyuan.api._event_rows import Titles, columns, event_row, table_rows
from suyuan.api._gs1 import EpcFormat, WordFormat, extensions
from suyuan.api._media import language_of
from suyuan.api._parameters import choice, refusing
from suyuan.api._problem import as_http_problem, refuse
from suyuan.api._request import Pairs, query_pairs, without_paging
from suyuan.api._router import Router
from suyuan.api._services import Services, caller_of, services_of
from suyuan.errors import InvalidInput, Problem, SuyuanError
from suyuan.event import Role, decode_body
from suyuan.identifier import Identifier, parse
from suyuan.journal import (
    EventQuery,
    FoundEvent,
    StoredDeclaration,
    StoredEvent,
    find_event,
    find_origin,
    iterate_events,
    parse_query,
    read_events,
    read_page,
)
from suyuan.trace import Title, csv_table, in_pieces, titles_of, xlsx_book

__all__ = ["router", "shown_event"]

router = Router(prefix="/api", tags=["Events"])
_CODES_MAX = 200
_CORRECTED_MAX = 100
_encode = msgspec.json.Encoder(decimal_format="number").encode
_MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "epcis": "application/ld+json",
    "xml": "application/xml",
}
_SUFFIXES = {"csv": "csv", "xlsx": "xlsx", "epcis": "jsonld", "xml": "xml"}


@router.get("/events", openapi_extra=describe.EVENTS)
def list_events(request: Request) -> Response:
    """Give a page of the events that fit a query in few words; or all of them as a file."""
    pairs = [pair for pair in query_pairs(request) if pair[0] != "format"]
    formats = [value for name, value in query_pairs(request) if name == "format"]
    with refusing():
        form = choice(("json", *_MEDIA_TYPES), "api.format_unknown")(
            formats[-1] if formats else "json", "format"
        )
    if form != "json":
        return _export(request, without_paging(pairs), str(form))
    page = ask_page(request, pairs)
    services, tenant_id = services_of(request), caller_of(request).tenant_id
    stored = list(
        read_events(
            services.database, tenant_id, page.found.sequences, bodies_bytes=page.found.bodies_bytes
        )
    )
    wrong = _declared(services, tenant_id, stored)
    return _json(
        {
            "events": [event_row(one, is_corrected=one.event_id in wrong) for one in stored],
            "position": page.found.position,
            "next": page.next_token,
        }
    )


def _declared(services: Services, tenant_id: int, events: Iterable[StoredEvent]) -> set[str]:
    """Give those of the events' IDs for which an error declaration stands."""
    ids = [one.event_id for one in events]
    with services.database.tenant(tenant_id, read_only=True) as connection:
        rows = connection.execute(
            "SELECT event_id FROM journal.event WHERE tenant_id = %s AND is_error_declaration "
            "AND event_id = ANY(%s::text[])",
            (tenant_id, ids),
        ).fetchall()
    return {row[0] for row in rows}


def _export(request: Request, pairs: Pairs, form: str) -> Response:
    """Give all events of a query as a file, as they are read."""
    services, caller = services_of(request), caller_of(request)
    query = read_query(parameters_of(pairs), extensions(request.headers))
    try:
        events = _begun(
            iterate_events(
                services.database,
                caller.tenant_id,
                query,
                time_limit_s=services.settings.query_time_limit_s,
            )
        )
    except SuyuanError as error:
        raise as_http_problem(error, kind="QueryParameterException") from error
    name = f"events.{_SUFFIXES[form]}"
    return StreamingResponse(
        in_pieces(_written(request, events, form, query)),
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
        media_type=_MEDIA_TYPES[form],
    )


def _begun(events: Iterator[StoredEvent]) -> Iterator[StoredEvent]:
    """Ask for the first event now, while a question that is refused can still be answered."""
    first = next(events, None)

    def all_of_them() -> Iterator[StoredEvent]:
        if first is not None:
            yield first
            yield from events

    return all_of_them()


def _written(
    request: Request, events: Iterator[StoredEvent], form: str, query: EventQuery
) -> Iterator[bytes]:
    services, tenant_id = services_of(request), caller_of(request).tenant_id
    arguments: dict[str, Any] = {
        "wanted": EpcFormat.DIGITAL_LINK,
        "query_name": "SimpleEventQuery",
        "created": services.now(),
    }
    if form == "epcis":
        return json_document(events, **arguments)
    if form == "xml":
        words = WordFormat.NO_PREFERENCE
        return xml_document(events, words=words, is_whole=False, **arguments)
    language = language_of(request)
    rows = table_rows(_with_declared(services, tenant_id, events), _titles(request), language)
    if form == "csv":
        return csv_table(columns(language), rows)
    title = "事件" if language == "zh" else "Events"
    asked = {name: value for name, value in query_pairs(request) if name != "format"}
    head = {"Suyuan": title, **asked, "": services.now()}
    return xlsx_book(title, head, columns(language), rows)


def _with_declared(
    services: Services, tenant_id: int, events: Iterator[StoredEvent]
) -> Iterator[tuple[StoredEvent, bool]]:
    piece: list[StoredEvent] = []
    for event in events:
        piece.append(event)
        if len(piece) == _CORRECTED_MAX * 5:
            wrong = _declared(services, tenant_id, piece)
            yield from ((one, one.event_id in wrong) for one in piece)
            piece = []
    wrong = _declared(services, tenant_id, piece) if piece else set()
    yield from ((one, one.event_id in wrong) for one in piece)


def _titles(request: Request) -> Titles:
    database, tenant_id = services_of(request).database, caller_of(request).tenant_id

    def titles(uris: Iterable[str]) -> dict[str, Title]:
        with database.tenant(tenant_id, read_only=True) as connection:
            return titles_of(connection, tenant_id, uris)

    return titles


@router.get("/event", openapi_extra=describe.EVENT)
def show_event(request: Request) -> Response:
    """Give an event as it was sent, who captured it, and what was said of it later."""
    services, tenant_id = services_of(request), caller_of(request).tenant_id
    event_id = request.query_params.get("id", "").replace("\x00", "\ufffd")
    found = find_event(services.database, tenant_id, event_id)
    if found is None:
        raise refuse("NoSuchNameException", "journal.event_unknown", found=event_id[:200])
    return _json(shown_event(services, tenant_id, found))


def shown_event(services: Services, tenant_id: int, found: FoundEvent) -> dict[str, Any]:
    """Give an event with all that a page about it shows."""
    text = _encode(found.body)
    stored = StoredEvent(found.sequence, found.record_time, found.event_id, text.decode())
    row = event_row(stored, is_corrected=found.declaration is not None)
    roles: dict[str, list[dict[str, Any]]] = {}
    for role, uri, quantity, uom, word in decode_body(text).mentions:
        said = {"uri": uri, "quantity": quantity, "uom": uom, "word": word}
        one = {key: value for key, value in said.items() if value is not None}
        roles.setdefault(Role(role).name.lower(), []).append(one)
    origin = find_origin(services.database, tenant_id, found.sequence)
    return {
        "row": row,
        "body": found.body,
        "mentions": roles,
        "event_hash": f"ni:///sha-256;{found.event_hash.hex()}?ver=CBV2.0",
        "origin": None if origin is None else {"actor": origin.actor, "name": origin.actor_name},
        "declaration": _declaration(services, tenant_id, found.declaration),
        "corrects": _corrected_by(services, tenant_id, found.event_id),
    }


def _declaration(
    services: Services, tenant_id: int, said: StoredDeclaration | None
) -> dict[str, Any] | None:
    if said is None:
        return None
    origin = find_origin(services.database, tenant_id, said.sequence)
    return {
        "sequence": said.sequence,
        "record_time": said.record_time,
        "reason": said.reason,
        "why": said.why,
        "corrective_event_ids": said.corrective_event_ids,
        "origin": None if origin is None else {"actor": origin.actor, "name": origin.actor_name},
        "body": said.body,
    }


def _corrected_by(services: Services, tenant_id: int, event_id: str) -> list[str]:
    """Give the IDs of the events that an event is right instead of."""
    query = parse_query({"EQ_correctiveEventID": (event_id,)})
    page = read_page(services.database, tenant_id, query, events_max=_CORRECTED_MAX)
    found = read_events(services.database, tenant_id, page.sequences)
    return [one.event_id for one in found]


@router.get("/codes", openapi_extra=describe.CODE)
def understand_codes(request: Request) -> Response:
    """Say of codes in any spelling what they name, how it is called, and whether it is known."""
    with refusing():
        codes = [value for name, value in query_pairs(request) if name == "code"]
        if not 0 < len(codes) <= _CODES_MAX:
            expected = f"1 … {_CODES_MAX}"
            raise InvalidInput(
                Problem(code="api.codes_wrong_number", expected=expected, found=str(len(codes)))
            )
    read = [_understood(code) for code in codes]
    uris = {str(one.canonical) for one in read if isinstance(one, Identifier)}
    uris |= {str(one.product_key) for one in read if isinstance(one, Identifier)}
    services, tenant_id = services_of(request), caller_of(request).tenant_id
    with services.database.tenant(tenant_id, read_only=True) as connection:
        rows = connection.execute(
            "SELECT uri FROM journal.object WHERE tenant_id = %s AND uri = ANY(%s::text[])",
            (tenant_id, list(uris)),
        ).fetchall()
        titles = titles_of(connection, tenant_id, uris)
    known = {row[0] for row in rows}
    language = language_of(request)
    shown = []
    for code, one in zip(codes, read, strict=True):
        if isinstance(one, Identifier):
            shown.append({"code": code} | _explained(one, known, titles))
        else:
            errors = [problem.as_dict(language) for problem in one.problems]
            shown.append({"code": code, "errors": errors})
    return _json({"codes": shown})


def _understood(code: str) -> Identifier | InvalidInput:
    try:
        return parse(code)
    except InvalidInput as error:
        return error


def _explained(one: Identifier, known: set[str], titles: dict[str, Title]) -> dict[str, Any]:
    product = one.product_key
    title = titles.get(str(one.canonical)) or titles.get(str(product)) or Title()
    names = {"en": title.name, "zh": title.name_zh}
    return {
        "uri": str(one.canonical),
        "kind": one.kind,
        "level": one.level,
        "product": None if product is None else str(product),
        "lot": None if one.lot_key is None else str(one.lot_key),
        "is_known": str(one.canonical) in known,
        "names": {language: name for language, name in names.items() if name},
    }


def _json(value: Any) -> Response:
    return Response(_encode(value), media_type="application/json")
