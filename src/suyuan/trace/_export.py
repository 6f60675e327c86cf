"""Answers in the formats that people and other programs take. 导出

Each format is a stream of bytes with flat memory, so that an answer with a million objects
goes out as it is read, and stops when nobody takes it any more.
"""

from __future__ import annotations

import csv
import io
import math
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Literal
from xml.sax.saxutils import quoteattr

import msgspec
import numpy as np
import xlsxwriter

from suyuan.journal import read_events, stored_json
from suyuan.trace._answer import Carrier, Link, ProductCount, Trace, TracedObject
from suyuan.trace._summary import PartyCount, PlaceCount

__all__ = ["FORMATS", "MEDIA_TYPES", "Format", "Head", "export_trace", "head_of"]

Format = Literal["json", "ndjson", "csv", "xlsx", "graphml", "epcis"]
MEDIA_TYPES: dict[Format, str] = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "graphml": "application/graphml+xml",
    "epcis": "application/ld+json",
}
FORMATS = tuple(MEDIA_TYPES)

_PIECE_BYTES = 1 << 16
_SHEET_ROWS_MAX = 1_000_000  # A sheet takes 1,048,576.
_EVENTS_AT_ONCE = 500
_COLUMNS = ("kind", "uri", "grade", "moment", "product", "lot", "portion", "uom", "carried")
_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"

_encode = msgspec.json.Encoder().encode


class Head(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an answer is about, and how much there is of it.

    Places and parties are told where they were asked for: they take a look at every event.
    """

    direction: str
    starts: list[str]
    bound: datetime | None
    """`since` forward, `until` back."""
    as_of: datetime | None
    position: int
    complete: bool
    objects: int
    certain: int
    carriers: int
    seconds: float
    products: list[ProductCount]
    balance: dict[str, float | str] | None = None
    """Where all of the start is, in its unit `uom`, where portions were asked for."""
    places: list[PlaceCount] | None = None
    parties: list[PartyCount] | None = None


def head_of(trace: Trace, *, by_place: bool = False) -> Head:
    """Give the head of an answer, with places and parties where they are asked for."""
    return Head(
        direction=trace.direction,
        starts=list(trace.starts),
        bound=trace.bound,
        as_of=trace.as_of,
        position=trace.position,
        complete=trace.is_complete,
        objects=trace.count,
        certain=trace.certain,
        carriers=len(trace.carriers.objects),
        seconds=round(trace.seconds, 6),
        products=trace.products(),
        balance=_balance(trace),
        places=trace.places() if by_place else None,
        parties=trace.parties() if by_place else None,
    )


def _balance(trace: Trace) -> dict[str, float | str] | None:
    if trace.portions is None:
        return None
    told: dict[str, float | str] = {
        name: "unknown" if math.isnan(amount) else amount
        for name, amount in trace.portions.balance._asdict().items()
    }
    return told | {"uom": trace.portions.uom}


def export_trace(trace: Trace, form: Format, *, by_place: bool = False) -> Iterator[bytes]:
    """Give an answer in a format, piece by piece; where it has a head, as `head_of` gives it."""
    writers: dict[Format, Callable[[Trace, Head], Iterator[bytes]]] = {
        "json": _json,
        "ndjson": _ndjson,
        "csv": _csv,
        "xlsx": _xlsx,
        "graphml": _graphml,
        "epcis": _epcis,
    }
    return _in_pieces(writers[form](trace, head_of(trace, by_place=by_place)))


def _in_pieces(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Gather small parts, so that each piece is worth sending."""
    piece = bytearray()
    for part in parts:
        piece += part
        if len(piece) >= _PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


def _json(trace: Trace, head: Head) -> Iterator[bytes]:
    yield _encode(head)[:-1]
    lists: tuple[tuple[str, Iterable[msgspec.Struct]], ...] = (
        ("object_list", trace.objects()),
        ("carrier_list", trace.carrier_list()),
        ("links", trace.links()),
    )
    for name, rows in lists:
        yield b',"%s":[' % name.encode()
        for number, row in enumerate(rows):
            yield (b"," if number else b"") + _encode(row)
        yield b"]"
    yield b"}\n"


def _ndjson(trace: Trace, head: Head) -> Iterator[bytes]:
    yield b'{"kind":"head",' + _encode(head)[1:] + b"\n"
    for kind, row in chain(_rows(trace), (("link", link) for link in trace.links())):
        yield b'{"kind":"%s",' % kind.encode() + _encode(row)[1:] + b"\n"


def _rows(trace: Trace) -> Iterator[tuple[str, TracedObject | Carrier]]:
    yield from (("object", one) for one in trace.objects())
    yield from (("carrier", one) for one in trace.carrier_list())


def _cells(kind: str, row: TracedObject | Carrier) -> tuple[str | int | float, ...]:
    moment = "" if row.moment is None else row.moment.isoformat()
    if isinstance(row, Carrier):
        return kind, row.uri, row.grade, moment, "", "", "", "", row.carried
    portion = "" if row.portion is None else row.portion
    belongs = (row.product or "", row.lot or "")
    return kind, row.uri, row.grade, moment, *belongs, portion, row.uom or "", ""


def _csv(trace: Trace, head: Head) -> Iterator[bytes]:
    yield "\ufeff".encode()  # Or the usual spreadsheet takes UTF-8 for something else.
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\r\n")
    for cells in chain([_COLUMNS], (_cells(*row) for row in _rows(trace))):
        writer.writerow(cells)
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()


def _xlsx(trace: Trace, head: Head) -> Iterator[bytes]:
    """Write a workbook with a sheet on top that says what it is about."""
    with tempfile.TemporaryFile() as file:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(file, options) as book:
            top = book.add_worksheet("trace")
            for at, (name, value) in enumerate(msgspec.to_builtins(head).items()):
                plain = value if isinstance(value, int | float) else _plain(value)
                top.write_row(at, 0, (name, plain))
            sheet, at = None, 0
            for cells in (_cells(*row) for row in _rows(trace)):
                if sheet is None or at > _SHEET_ROWS_MAX:
                    sheet, at = book.add_worksheet(), 1
                    sheet.write_row(0, 0, _COLUMNS)
                sheet.write_row(at, 0, cells)
                at += 1
        file.seek(0)
        while piece := file.read(_PIECE_BYTES):
            yield piece


def _plain(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return msgspec.json.encode(value).decode()[:32_000]  # A cell takes 32,767 characters.


_GRAPHML = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="kind" for="node" attr.name="kind" attr.type="string"/>
<key id="grade" for="node" attr.name="grade" attr.type="string"/>
<key id="moment" for="node" attr.name="moment" attr.type="string"/>
<key id="sequence" for="edge" attr.name="sequence" attr.type="long"/>
<key id="event_time" for="edge" attr.name="event_time" attr.type="string"/>
<graph id="trace" edgedefault="directed">
"""


def _graphml(trace: Trace, head: Head) -> Iterator[bytes]:
    """Write objects and transformations as nodes, what went in and came out as edges."""
    yield _GRAPHML.encode()
    for uri in trace.starts:
        yield _node(uri, "start", "certain", None)
    starts = set(trace.starts)
    for kind, row in _rows(trace):
        if row.uri not in starts:
            yield _node(row.uri, kind, row.grade, row.moment)
    seen: set[int] = set()
    for link in trace.links():
        name = f"transformation:{link.transformation}"
        if link.transformation not in seen:
            seen.add(link.transformation)
            yield _node(name, "transformation", "", None)
        yield _edge(link, name)
    yield b"</graph>\n</graphml>\n"


def _node(name: str, kind: str, grade: str, moment: datetime | None) -> bytes:
    when = "" if moment is None else f'<data key="moment">{moment.isoformat()}</data>'
    told = f'<data key="grade">{grade}</data>' if grade else ""
    return (
        f'<node id={quoteattr(name)}><data key="kind">{kind}</data>{told}{when}</node>\n'.encode()
    )


def _edge(link: Link, transformation: str) -> bytes:
    ends = (link.object, transformation) if link.into else (transformation, link.object)
    return (
        f"<edge source={quoteattr(ends[0])} target={quoteattr(ends[1])}>"
        f'<data key="sequence">{link.sequence}</data>'
        f'<data key="event_time">{link.event_time.isoformat()}</data></edge>\n'
    ).encode()


def _epcis(trace: Trace, head: Head) -> Iterator[bytes]:
    """Write an EPCIS document of all events that the answer rests on."""
    sequences = trace.sequences()
    moment = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    yield (
        f'{{"@context":["{_CONTEXT}"],"type":"EPCISDocument","schemaVersion":"2.0",'
        f'"creationDate":"{moment}","epcisBody":{{"eventList":['
    ).encode()
    first = True
    genealogy = trace.genealogy
    for start in range(0, len(sequences), _EVENTS_AT_ONCE):
        some = np.asarray(sequences[start : start + _EVENTS_AT_ONCE]).tolist()
        for event in read_events(genealogy.database, genealogy.tenant_id, some):
            yield (b"" if first else b",") + stored_json(event)
            first = False
    yield b"]}}\n"
